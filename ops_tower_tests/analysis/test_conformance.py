"""Fitness, typed deviations and the hours of detours."""

import math

import pandas as pd
import pytest

from ops_tower.analysis.alignment import DocumentedPath, Step, documented_paths
from ops_tower.analysis.conformance import Conformance, choose_path, conformance, split_variants
from ops_tower.analysis.process_mining import transition_matrix
from ops_tower_tests.analysis.marts import TRANSITIONS, VARIANTS, mart

ABC = DocumentedPath("abc", tuple(Step(((name,),)) for name in "ABC"))


def histories(*rows: tuple[str, int], finished: int | None = None) -> pd.DataFrame:
    """Variants of one-letter activities, with their cases."""
    return mart(
        VARIANTS,
        [
            {
                "variant": " > ".join(text),
                "activities": len(text),
                "cases": cases,
                "finished_cases": cases if finished is None else finished,
            }
            for text, cases in rows
        ],
    )


def hours(**pairs: float) -> pd.DataFrame:
    """`process_transitions` with these mean hours, AB=2.0 being A to B."""
    return transition_matrix(
        mart(
            TRANSITIONS,
            [
                {"from_activity": a, "to_activity": b, "mean_hours": mean, "total_hours": mean}
                for (a, b), mean in pairs.items()
            ],
        )
    )


def measure(result: Conformance, name: str) -> float:
    return float(result.measures.set_index("measure").loc[name, "value"])


def test_shares_and_fitness_weigh_variants_by_their_tickets() -> None:
    result = conformance(histories(("ABC", 6), ("AC", 3), ("ABCD", 1)), hours(AB=1, BC=1), ABC)
    assert measure(result, "conforming_share") == pytest.approx(0.6)
    assert measure(result, "mean_fitness") == pytest.approx(
        0.6 + 0.3 * (1 - 1 / 5) + 0.1 * (1 - 1 / 7)
    )
    assert measure(result, "judged_tickets") == 10
    assert result.variants["cost"].tolist() == [0, 1, 1]


def test_deviations_are_skipped_inserted_or_repeated() -> None:
    result = conformance(
        histories(("ABC", 5), ("AC", 4), ("ADBC", 3), ("ABBBC", 2)), hours(AB=1), ABC
    )
    found = result.deviations.set_index(["kind", "activity"])
    assert found["tickets"].to_dict() == {
        ("skipped", "B"): 4,
        ("inserted", "D"): 3,
        ("repeated", "B"): 2,
    }
    assert found["occurrences"].to_dict()["repeated", "B"] == 4
    skipped = found.loc[("skipped", "B")]
    assert skipped["share"] == pytest.approx(4 / 14)
    assert skipped["lower_95"] < 4 / 14 < skipped["upper_95"]


def test_a_detour_costs_the_way_taken_less_the_documented_way() -> None:
    result = conformance(
        histories(("ABC", 5), ("ABDC", 2), ("AC", 1)), hours(AB=1, BC=2, BD=4, DC=5, AC=1.5), ABC
    )
    cost = result.deviations.set_index("kind")["hours"]
    assert cost["inserted"] == pytest.approx(2 * (4 + 5 - 2))
    assert cost["skipped"] == pytest.approx(1.5 - (1 + 2))


def test_a_detour_over_a_timer_costs_nothing() -> None:
    frame = hours(AB=1, BC=2, BD=96, DC=5)
    frame["is_timer"] = frame["to_activity"] == "D"
    result = conformance(histories(("ABC", 5), ("ABDC", 2)), frame, ABC)
    assert result.deviations["hours"].tolist() == pytest.approx([2 * (0 + 5 - 2)])


def test_a_documented_way_that_nobody_took_leaves_the_hours_unknown() -> None:
    result = conformance(histories(("ABDC", 2)), hours(AB=1, BD=4, DC=5), ABC)
    assert result.deviations["hours"].isna().all()


def test_open_tickets_are_not_judged_and_are_counted() -> None:
    frame = histories(("ABC", 6), ("A", 4))
    frame["finished_cases"] = [6, 0]
    result = conformance(frame, hours(AB=1, BC=1), ABC)
    assert measure(result, "conforming_share") == 1.0
    assert measure(result, "left_out_tickets") == 4
    assert len(result.deviations) == 0


def test_a_log_without_any_known_end_is_judged_whole_and_says_so() -> None:
    result = conformance(histories(("ABC", 6), ("A", 4), finished=0), hours(AB=1), ABC)
    assert measure(result, "judged_tickets") == 10
    detail = result.measures.set_index("measure").loc["conforming_share", "detail"]
    assert "No ticket is known to be finished" in detail


def test_the_desks_path_is_chosen_where_its_activities_occur() -> None:
    frame = mart(
        VARIANTS,
        [{"variant": "Created > First reply > Solved", "activities": 3}, {"cases": 1000}],
    )
    chosen = choose_path(frame, mart(TRANSITIONS), documented_paths())
    assert chosen is not None
    assert chosen.name == "support desk"


def test_otherwise_the_most_frequent_finished_variant_is_the_path() -> None:
    frame = histories(("AXC", 50), ("ABC", 40), ("AAC", 40))
    frame["finished_cases"] = [1, 40, 40]
    chosen = choose_path(frame, mart(TRANSITIONS), documented_paths())
    assert chosen is not None
    assert chosen.describe() == "A > A > C"
    assert choose_path(frame.iloc[:0], mart(TRANSITIONS), documented_paths()) is None


def test_activities_that_contain_the_separator_are_kept_whole() -> None:
    transitions = mart(TRANSITIONS, [{"from_activity": "A > B", "to_activity": "C"}])
    frame = mart(
        VARIANTS,
        [
            {"variant": "A > B > C", "activities": 2},
            {"variant": "X > Y", "activities": 1},
            {"variant": "A > B > C > C", "activities": 3},
        ],
    )
    assert split_variants(frame, transitions) == [("A > B", "C"), ("X > Y",), ("A > B", "C", "C")]


def test_a_variant_that_no_known_activities_make_up_is_an_error() -> None:
    frame = mart(VARIANTS, [{"variant": "A > B > C", "activities": 2}])
    with pytest.raises(ValueError, match="not made of 2 known activities"):
        split_variants(frame, mart(TRANSITIONS))


def test_without_histories_the_measures_are_unknown_with_a_reason() -> None:
    result = conformance(mart(VARIANTS), mart(TRANSITIONS), None)
    assert math.isnan(measure(result, "conforming_share"))
    assert result.measures["detail"].iloc[0] == "There are no ticket histories."
