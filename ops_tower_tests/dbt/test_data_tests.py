"""The data tests themselves: they hold on every sound log, and each planted fault fails its own."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ops_tower_tests.dbt.random_desk import run_dbt, write_raw

TIED = 2_000
AS_OF = datetime(2026, 3, 6)  # noqa: DTZ001, naive UTC as everywhere
MONDAY = datetime(2026, 3, 2, 9)  # noqa: DTZ001


def source_info() -> list[dict[str, Any]]:
    return [
        {
            "source": "event-log",
            "description": "by hand",
            "as_of": AS_OF,
            "rows_read": 9,
            "rows_rejected": 0,
        }
    ]


def event(number: int, ticket_id: int, hours: float, **columns: Any) -> dict[str, Any]:  # noqa: ANN401, any raw column
    """One raw event, so many hours after Monday morning."""
    return {
        "event_id": number,
        "ticket_id": ticket_id,
        "event_at": MONDAY + timedelta(hours=hours),
        "activity": "Something",
        "source_position": number,
    } | columns


@pytest.fixture(scope="module")
def imported_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse built and tested from a log without policies, agents, ratings or statuses.

    Its third ticket has all of its many events, in many groups, at one instant.
    """
    home = tmp_path_factory.mktemp("log")
    write_raw(
        home / "raw",
        {
            "source_info": source_info(),
            "tickets": [
                {"ticket_id": 1, "created_at": MONDAY, "status": "open"},
                {
                    "ticket_id": 2,
                    "created_at": MONDAY,
                    "status": "closed",
                    "closed_at": MONDAY + timedelta(hours=3),
                },
                {"ticket_id": 3, "created_at": MONDAY, "status": "open"},
            ],
            "ticket_events": [
                event(1, 1, 0, activity="Ask"),
                event(2, 2, 0, activity="Ask"),
                event(3, 2, 3, activity="Close"),
                *(
                    event(4 + n, 3, 0, activity=f"Step {n % 30}", group_name=f"Team {n % 20}")
                    for n in range(TIED)
                ),
            ],
        },
    )
    statuses = run_dbt(home, "build", "--exclude-resource-type", "unit_test")
    assert set(statuses.values()) <= {"success", "pass"}, statuses
    with duckdb.connect(str(home / "ops.duckdb"), read_only=True) as warehouse:
        yield warehouse


def test_a_log_without_policies_agents_or_ratings_has_those_marts_empty(
    imported_log: duckdb.DuckDBPyConnection,
) -> None:
    for mart in ("sla_ledger", "sla_targets", "sla", "open_targets", "agent_productivity"):
        assert imported_log.execute(f"select count(*) from marts.mart_{mart}").fetchone() == (0,)


def test_a_log_without_statuses_ends_as_its_tickets_say(
    imported_log: duckdb.DuckDBPyConnection,
) -> None:
    outcomes = imported_log.execute(
        """select ticket_id, status, is_finished, cycle_hours, group_name, csat_score, is_sla_met
           from marts.mart_ticket_outcomes where ticket_id < 3 order by ticket_id"""
    ).fetchall()
    assert outcomes == [
        (1, "open", False, None, "Unassigned", None, None),
        (2, "closed", True, 3.0, "Unassigned", None, None),
    ]


def test_events_of_one_instant_keep_the_order_of_the_source_and_multiply_nowhere(
    imported_log: duckdb.DuckDBPyConnection,
) -> None:
    order = imported_log.execute(
        """select count(*) filter (where event_id = event_number + 3)
           from intermediate.int_event_transitions where ticket_id = 3"""
    ).fetchone()
    assert order == (TIED,)
    sizes = dict(
        imported_log.execute(
            """select table_name, estimated_size from duckdb_tables()
               where schema_name in ('intermediate', 'marts')"""
        ).fetchall()
    )
    assert len(sizes) > 20
    assert {table for table, rows in sizes.items() if rows > 3 + TIED} == {
        "int_business_clock"  # whose rows are days
    }


def test_each_planted_fault_fails_the_test_that_is_named_for_it_and_no_other(
    tmp_path: Path,
) -> None:
    write_raw(
        tmp_path / "raw",
        {
            "source_info": source_info(),
            "sla_policies": [
                {
                    "sla_policy_id": 1,
                    "priority": "low",
                    "metric": "first_reply_time",
                    "target_seconds": 60,
                    "is_business_hours": False,
                }
            ],
            "tickets": [
                {
                    "ticket_id": 1,
                    "created_at": MONDAY,
                    "status": "solved",
                    "priority": "urgent",
                    "sla_policy_id": 1,
                    "solved_at": MONDAY - timedelta(hours=1),
                }
            ],
            "ticket_events": [
                event(1, 1, 0),
                event(2, 999, 0),
                event(3, 1, 1, status="waiting"),
                event(4, 1, 1000),
            ],
        },
    )
    selection = ["--select", "staging", "source:raw", "--indirect-selection", "cautious"]
    statuses = run_dbt(tmp_path, "build", *selection)
    raised = {name: status for name, status in statuses.items() if status in {"fail", "warn"}}
    assert raised == {
        "assert_every_policy_in_use_has_targets": "warn",
        "assert_no_event_lies_in_the_future": "warn",
        "assert_no_solve_precedes_creation": "fail",
        "stg_ticket_events_has_only_known_status": "fail",
        "stg_ticket_events_ticket_id_is_in_stg_tickets": "fail",
    }
