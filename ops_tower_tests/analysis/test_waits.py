"""Each hour between two events has one cause."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_tower.analysis.waits import CAUSES, waiting_split
from ops_tower_tests.analysis.marts import WAITS, mart


def causes(*rows: dict) -> dict[str, float]:
    return waiting_split(mart(WAITS, rows)).set_index("cause")["hours"].to_dict()


def test_an_open_ticket_is_worked_on_queues_or_waits_for_the_shift() -> None:
    assert causes({}) == {"off_shift": 60.0, "queue": 30.0, "work": 10.0}
    assert causes({"status": "new"}) == causes({})


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("pending", "customer"),
        ("hold", "third_party"),
        ("solved", "after_solve"),
        ("closed", "after_solve"),
        ("unknown", "unexplained"),
        (None, "unexplained"),
    ],
)
def test_other_statuses_have_one_cause_and_an_unknown_one_none(
    status: str | None, cause: str
) -> None:
    assert causes({"status": status}) == {cause: 100.0}


def test_what_is_sent_back_was_waited_for_in_vain() -> None:
    assert causes({"is_returned": True}) == {"bounced_back": 100.0}
    assert causes({"is_returned": True, "status": "pending"}) == {"customer": 100.0}


def test_shares_are_of_the_transition_and_of_all_hours() -> None:
    result = waiting_split(
        mart(
            WAITS,
            [
                {"status": "pending"},
                {"status": "hold", "total_hours": 300.0},
                {"to_activity": "C", "status": "pending", "total_hours": 400.0},
            ],
        )
    ).set_index(["to_activity", "cause"])
    assert result["share_of_transition"].to_dict() == {
        ("C", "customer"): 1.0,
        ("B", "third_party"): 0.75,
        ("B", "customer"): 0.25,
    }
    assert result.loc[("C", "customer"), "share_of_hours"] == 0.5


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["new", "open", "pending", "hold", "solved", "closed", "unknown", "odd"]),
        st.booleans(),
        st.floats(0, 1000),
        st.floats(0, 1.1),
        st.floats(0, 1.1),
    ),
    min_size=1,
)


@given(ROWS)
def test_the_causes_sum_to_the_whole_and_none_is_negative(rows: list[tuple]) -> None:
    frame = mart(
        WAITS,
        [
            {
                "status": status,
                "is_returned": returned,
                "total_hours": hours,
                "business_hours": hours * open_share,
                "handle_hours": hours * work_share,
            }
            for status, returned, hours, open_share, work_share in rows
        ],
    )
    result = waiting_split(frame)
    assert result["hours"].sum() == pytest.approx(frame["total_hours"].sum())
    assert (result["hours"] > 0).all()
    assert set(result["cause"]) <= set(CAUSES)


def test_without_transitions_there_is_nothing_to_split() -> None:
    result = waiting_split(mart(WAITS))
    assert isinstance(result, pd.DataFrame)
    assert len(result) == 0
