"""Transitions, timers and variants."""

from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_tower.analysis.process_mining import coverage, transition_matrix, variants
from ops_tower_tests.analysis.marts import TRANSITIONS, VARIANTS, mart


def pair(start: str, end: str, hours: float = 1.0, count: int = 100, **more: object) -> dict:
    return {
        "from_activity": start,
        "to_activity": end,
        "transitions": count,
        "cases": count,
        "total_hours": hours * count,
        "mean_hours": hours,
        "modal_hours": 0.35,
        "modal_share": 0.02,
        "second_modal_share": 0.02,
        **more,
    }


def matrix(*rows: dict) -> pd.DataFrame:
    result = transition_matrix(mart(TRANSITIONS, rows))
    return result.set_index(["from_activity", "to_activity"])


def timer(**more: object) -> dict:
    return pair("Solved", "Closed", 100.0, modal_hours=96.0, modal_share=0.6, **more)


def test_probabilities_are_out_of_what_leaves_an_activity() -> None:
    result = matrix(pair("A", "B", count=30), pair("A", "C", count=10), pair("B", "C", count=5))
    assert result["probability"].to_dict() == {
        ("A", "B"): 0.75,
        ("A", "C"): 0.25,
        ("B", "C"): 1.0,
    }


def test_a_dwell_that_piles_up_on_a_constant_is_a_timer_and_loses_its_rank() -> None:
    result = matrix(timer(), pair("A", "B", 10.0), pair("B", "C", 30.0))
    assert result["is_timer"].to_dict() == {
        ("Solved", "Closed"): True,
        ("B", "C"): False,
        ("A", "B"): False,
    }
    assert pd.isna(result.loc[("Solved", "Closed"), "bottleneck_rank"])
    assert result.loc[("B", "C"), "bottleneck_rank"] == 1
    assert result.loc[("A", "B"), "bottleneck_rank"] == 2
    assert result.loc[("Solved", "Closed"), "timer_evidence"] == "60.0% on 96.00 h"


def test_a_timer_keeps_its_share_of_all_hours_and_leaves_the_shares_of_the_rest() -> None:
    result = matrix(timer(), pair("A", "B", 10.0), pair("B", "C", 30.0))
    assert result.loc[("Solved", "Closed"), "share_of_hours"] == pytest.approx(100 / 140)
    assert pd.isna(result.loc[("Solved", "Closed"), "share_of_hours_without_timers"])
    assert result.loc[("B", "C"), "share_of_hours_without_timers"] == pytest.approx(0.75)


def test_two_constants_make_a_timer_together() -> None:
    both = timer(second_modal_hours=720.0, second_modal_share=0.12) | {"modal_share": 0.10}
    result = matrix(both)
    assert bool(result["is_timer"].iloc[0])
    assert result["timer_evidence"].iloc[0] == "10.0% on 96.00 h, 12.0% on 720.00 h"
    assert not matrix(both | {"second_modal_hours": 0.1})["is_timer"].iloc[0]


@pytest.mark.parametrize(
    "change",
    [
        {"modal_share": 0.1},  # too small a pile
        {"modal_hours": 0.5},  # a quick hand does that
        {"transitions": 19},  # too few to tell
    ],
)
def test_without_a_clear_pile_on_a_long_constant_there_is_no_timer(change: dict) -> None:
    assert not matrix(timer() | change)["is_timer"].iloc[0]


def test_a_log_that_only_knows_days_does_not_turn_days_into_timers() -> None:
    coarse = [
        pair("A", f"B{day}", 24.0 * day, modal_hours=24.0 * day, modal_share=0.5)
        for day in range(1, 7)
    ]
    long = pair("Solved", "Closed", 700.0, modal_hours=720.0, modal_share=0.5)
    daily = [row | {"second_modal_hours": 48.0} for row in [*coarse, long]]
    result = matrix(*daily)
    assert result.index[result["is_timer"].astype(bool)].tolist() == [("Solved", "Closed")]
    minutes = pair("C", "D", modal_hours=1.5)
    assert matrix(*daily, minutes)["is_timer"].sum() == 7


def test_a_log_without_hours_has_no_shares_rather_than_zeros() -> None:
    result = matrix(pair("A", "B", 0.0))
    assert result["share_of_hours"].isna().all()
    assert result["share_of_hours_without_timers"].isna().all()


ROWS = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.sampled_from("ABC"),
        st.integers(1, 50),
        st.floats(0, 100),
        st.sampled_from([0.0, 0.3, 1.0]),
    ),
    min_size=1,
    unique_by=lambda row: row[:2],
)


@given(ROWS, st.randoms(use_true_random=False))
def test_probabilities_and_shares_sum_to_one_and_order_of_rows_does_not_matter(
    rows: list[tuple], random: Random
) -> None:
    frame = mart(
        TRANSITIONS,
        [pair(a, b, h, n, modal_hours=8.0, modal_share=s) for a, b, n, h, s in rows],
    )
    result = transition_matrix(frame)
    leaving = result.groupby("from_activity")["probability"].sum()
    assert leaving.tolist() == pytest.approx([1.0] * len(leaving))
    if frame["total_hours"].sum() > 0:
        assert result["share_of_hours"].sum() == pytest.approx(1.0)
    ranks = result["bottleneck_rank"].dropna().tolist()
    assert ranks == list(range(1, len(ranks) + 1))
    order = list(range(len(frame)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(transition_matrix(frame.iloc[order]), result)


def test_variants_rank_by_cases_then_name_and_shares_add_up() -> None:
    result = variants(
        mart(
            VARIANTS,
            [
                {"variant": "B", "cases": 25},
                {"variant": "C", "cases": 50},
                {"variant": "A", "cases": 25},
            ],
        )
    )
    assert result["variant"].tolist() == ["C", "A", "B"]
    assert result["variant_rank"].tolist() == [1, 2, 3]
    assert result["share"].tolist() == [0.5, 0.25, 0.25]
    assert result["cumulative_share"].tolist() == [0.5, 0.75, 1.0]


def test_the_fastest_variant_ends_like_the_most_frequent_one_and_is_no_rarity() -> None:
    result = variants(
        mart(
            VARIANTS,
            [
                {"variant": "A > B", "cases": 900, "median_cycle_hours": 9.0},
                {"variant": "A > C > B", "cases": 94, "median_cycle_hours": 7.0},
                {"variant": "A > D > B", "cases": 6, "median_cycle_hours": 1.0},
                {
                    "variant": "A > M",
                    "cases": 100,
                    "median_cycle_hours": 0.5,
                    "last_activity": "M",
                },
            ],
        )
    )
    over = result.set_index("variant")["hours_over_fastest"]
    assert over.to_dict() == {"A > B": 2.0, "A > C > B": 0.0, "A > D > B": -6.0, "A > M": -6.5}


def test_the_head_covers_four_fifths_and_the_tail_is_summed_up_not_dropped() -> None:
    rows = [
        {"variant": name, "cases": cases, "finished_cases": cases - still, "total_hours": hours}
        for name, cases, still, hours in (
            ("A", 50, 5, 100.0),
            ("B", 30, 0, 60.0),
            ("C", 19, 4, 30.0),
            ("D", 1, 1, 10.0),
        )
    ]
    found = coverage(variants(mart(VARIANTS, rows))).set_index("part")
    counted = ["variants", "cases", "finished_cases", "open_cases", "single_case_variants"]
    assert found.loc["head", counted].tolist() == [2, 80, 75, 5, 0]
    assert found.loc["tail", counted].tolist() == [2, 20, 15, 5, 1]
    assert found.loc["all", counted].tolist() == [4, 100, 90, 10, 1]
    assert found["share"].tolist() == [0.8, 0.2, 1.0]
    assert found["share_of_hours"].tolist() == [0.8, 0.2, 1.0]


def test_a_single_variant_has_an_empty_tail_and_no_variants_have_no_parts() -> None:
    found = coverage(variants(mart(VARIANTS, [{"variant": "A"}]))).set_index("part")
    assert found["variants"].tolist() == [1, 0, 1]
    assert found.loc["tail", "cases"] == 0
    assert len(coverage(variants(mart(VARIANTS)))) == 0
