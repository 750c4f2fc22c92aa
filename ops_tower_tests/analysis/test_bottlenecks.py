"""Which group is the bottleneck, by what, and when none is."""

import pandas as pd
import pytest

from ops_tower.analysis.bottlenecks import group_bottlenecks
from ops_tower_tests.analysis.marts import AS_OF, CAPACITY, FIRST_AT, PERFORMANCE, mart

GROUPS = ("Tier 1", "Tier 2", "Engineering")
# 261 weekdays, 10 agents, 8 hours, 30 % lost: minutes that the staff can work in 2025.
CAN_WORK = 261 * 10 * 8 * 0.7 * 60


def judge(rows: dict[str, dict], busy: dict[str, float] | None = None) -> pd.DataFrame:
    """Score groups; `busy` gives each its utilisation, without it no staff are known."""
    performance = mart(PERFORMANCE, [{"group_name": name, **row} for name, row in rows.items()])
    capacity = mart(
        CAPACITY,
        [
            {"group_name": name, "handle_minutes": share * CAN_WORK}
            for name, share in (busy or {}).items()
        ],
    )
    return group_bottlenecks(performance, capacity, FIRST_AT, AS_OF)


@pytest.mark.parametrize("planted", GROUPS)
def test_a_planted_bottleneck_is_found_in_whichever_group(planted: str) -> None:
    rows = {name: {} for name in GROUPS}
    rows[planted] = {"median_cycle_hours": 20.0, "breached_targets": 40}
    result = judge(rows, {name: 0.95 if name == planted else 0.6 for name in GROUPS})
    assert result["group_name"].iloc[0] == planted
    assert result["bottleneck_score"].iloc[0] == 100
    assert result["is_bottleneck"].tolist() == [True, False, False]
    assert result["driver"].iloc[0] == "capacity"
    assert result["utilisation"].iloc[0] == pytest.approx(0.95)


def test_the_score_is_the_product_of_parts_over_their_largest_values() -> None:
    result = judge(
        {
            "Tier 1": {"median_cycle_hours": 4.0, "tickets": 100, "breached_targets": 10},
            "Tier 2": {"median_cycle_hours": 8.0, "tickets": 50, "breached_targets": 40},
        }
    ).set_index("group_name")
    assert result.loc["Tier 1", ["cycle_part", "volume_part", "breach_part"]].tolist() == [
        0.5,
        1.0,
        0.25,
    ]
    assert result.loc["Tier 2", "bottleneck_score"] == 100
    assert result.loc["Tier 1", "bottleneck_score"] == pytest.approx(100 * 0.125 / 0.5)


@pytest.mark.parametrize(
    ("change", "driver"),
    [
        ({"median_cycle_hours": 50.0}, "cycle time"),
        ({"tickets": 1000}, "volume"),
        ({"breached_targets": 100}, "breach rate"),
    ],
)
def test_the_driver_is_the_part_that_stands_out(change: dict, driver: str) -> None:
    result = judge({"Tier 1": change, "Tier 2": {}, "Engineering": {}})
    assert result["driver"].iloc[0] == driver


def test_a_desk_of_equal_groups_has_no_bottleneck() -> None:
    result = judge({name: {} for name in GROUPS}, dict.fromkeys(GROUPS, 0.95))
    assert not result["is_bottleneck"].any()
    assert "too close" in result["reason"].iloc[0]


def test_a_group_that_leads_without_strain_is_not_named() -> None:
    result = judge({"Tier 1": {"tickets": 5000}, "Tier 2": {}}, {"Tier 1": 0.6, "Tier 2": 0.5})
    assert result["bottleneck_score"].iloc[0] == 100
    assert not result["is_bottleneck"].any()
    assert "neither its staff nor its targets show strain" in result["reason"].iloc[0]


def test_breaches_beyond_the_desk_are_strain_enough() -> None:
    result = judge({"Tier 1": {"breached_targets": 30}, "Tier 2": {}}, {"Tier 1": 0.6})
    assert result["is_bottleneck"].tolist() == [True, False]
    assert result["reason"].iloc[0] == "Tier 1 breaches 30.0% of its targets, the desk 20.0%."


def test_without_targets_the_score_leaves_breaches_out_and_says_so() -> None:
    unknown = {"judged_targets": 0, "breached_targets": 0}
    result = judge({"A": {"median_cycle_hours": 20.0, **unknown}, "B": unknown, "C": unknown})
    assert result["parts_used"].unique().tolist() == ["cycle time x volume"]
    assert result["breach_rate"].isna().all()
    assert result["breach_part"].isna().all()
    assert result["is_bottleneck"].tolist() == [True, False, False]
    assert result["reason"].iloc[0] == (
        "No target was judged, so breaches are left out. A had 100 tickets and held each 20.0 h; "
        "the median of the other groups is 100 tickets and 5.0 h."
    )


def test_a_single_group_is_never_named() -> None:
    result = judge({"Tier 1": {}}, {"Tier 1": 1.2})
    assert not result["is_bottleneck"].any()
    assert "one group" in result["reason"].iloc[0]


def test_no_breach_in_any_group_leaves_nobody_the_worst() -> None:
    result = judge({"Tier 1": {"breached_targets": 0}, "Tier 2": {"breached_targets": 0}})
    assert result["bottleneck_score"].tolist() == [0.0, 0.0]
    assert not result["is_bottleneck"].any()


def test_months_take_no_part_in_the_score() -> None:
    performance = mart(
        PERFORMANCE, [{}, {"group_name": "Tier 2"}, {"period": "2025-01", "tickets": 10**6}]
    )
    result = group_bottlenecks(performance, mart(CAPACITY), FIRST_AT, AS_OF)
    assert result["tickets"].tolist() == [100, 100]
