"""The SQL against the naive reader, over thousands of random tickets and one worked by hand."""

import dataclasses
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ops_tower_tests.dbt import naive_reader, random_desk
from ops_tower_tests.dbt.naive_reader import Desk, Event, Ticket

RANDOM_TICKETS = 4_000
WORKED_MINUTES = {"all_held": 960.1333, "last_held": 690.1333}


class Reading(NamedTuple):
    """The same tickets as the warehouse has them and as the naive reader is to read them."""

    scope: str
    home: Path
    tickets: list[Ticket]
    desk: Desk

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with duckdb.connect(str(self.home / "ops.duckdb"), read_only=True) as warehouse:
            return warehouse.execute(query).fetchall()

    def by_key(self, query: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Ask the warehouse for rows as dictionaries, by their first three columns."""
        with duckdb.connect(str(self.home / "ops.duckdb"), read_only=True) as warehouse:
            result = warehouse.execute(query)
            names = [column[0] for column in result.description]
            return {row[:3]: dict(zip(names, row, strict=True)) for row in result.fetchall()}


@pytest.fixture(scope="module")
def random_tickets() -> list[Ticket]:
    return draw_tickets(RANDOM_TICKETS)


@pytest.fixture(scope="module", params=WORKED_MINUTES)
def reading(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    random_tickets: list[Ticket],
) -> Reading:
    scope: str = request.param
    tickets = [worked_ticket(0), *random_tickets]
    home = tmp_path_factory.mktemp(scope)
    desk = random_desk.desk(is_last_schedule_alone=scope == "last_held")
    read_here = ("+mart_sla_targets", "+int_ticket_lifetime") if scope == "last_held" else ()
    random_desk.build(home, tickets, *read_here, schedule_scope=scope)
    return Reading(scope, home, tickets, desk)


def draw_tickets(number: int) -> list[Ticket]:
    """Draw random tickets, the same on each run, for dbt to read all at once."""
    drawn: list[Ticket] = []

    @settings(
        max_examples=number,
        phases=(Phase.generate,),
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(random_desk.tickets())
    def draw(ticket: Ticket) -> None:
        drawn.append(dataclasses.replace(ticket, ticket_id=len(drawn) + 1))

    draw()
    return drawn


def worked_ticket(ticket_id: int) -> Ticket:
    """A public example: a ticket that changes schedules 21 seconds before its first reply."""
    chicago, san_francisco = "Level 1 Chicago", "Level 2 San Francisco"
    steps = [
        ("2020-09-29 17:01:38", "new", "end_user", True, chicago),
        ("2020-09-30 19:01:25", "open", "agent", False, san_francisco),
        ("2020-09-30 19:01:46", "open", "agent", True, san_francisco),
        ("2020-10-01 15:03:44", "solved", "agent", True, san_francisco),
    ]
    events = tuple(
        Event(datetime.fromisoformat(at), position, status, actor, is_public, group, "low")
        for position, (at, status, actor, is_public, group) in enumerate(steps)
    )
    return Ticket(ticket_id, events)


def assert_same(
    actual: dict[tuple[Any, ...], dict[str, Any]],
    expected: Iterable[dict[str, Any]],
    tickets: list[Ticket],
) -> None:
    """Compare row by row, and show the shortest of the tickets that differ."""
    wanted = {tuple(row.values())[:3]: row for row in expected}
    keys = [key for key in actual.keys() | wanted.keys() if actual.get(key) != wanted.get(key)]
    if not keys:
        return
    lives = {ticket.ticket_id: ticket for ticket in tickets}
    key = min(keys, key=lambda key: (len(lives[key[0]].events), str(key)))
    life = "\n".join(map(str, sorted(lives[key[0]].events, key=lambda event: event.at)))
    have, want = actual.get(key, {}), wanted.get(key, {})
    lines = [
        f"{name}: warehouse {have.get(name)}, reader {want.get(name)}"
        for name in have.keys() | want.keys()
        if have.get(name) != want.get(name)
    ]
    pytest.fail(f"{len(keys)} rows differ; {key}:\n" + "\n".join(lines) + f"\n{life}")


def test_every_instance_of_every_metric_is_the_naive_readers_to_the_second(
    reading: Reading,
) -> None:
    actual = reading.by_key(
        """select ticket_id, metric, instance, priority, group_name, target_seconds,
                  is_business_hours, started_at, ended_at, due_at, breached_at, state, is_met,
                  calendar_seconds, business_seconds, counted_seconds
           from marts.mart_sla_targets""",
    )
    expected = [
        row for ticket in reading.tickets for row in naive_reader.sla_targets(ticket, reading.desk)
    ]
    assert_same(actual, expected, reading.tickets)


def test_first_replies_and_finishes_are_the_naive_readers_to_the_second(reading: Reading) -> None:
    actual = reading.by_key(
        """select ticket_id, first_reply_at, finished_at,
                  round(60 * first_reply_business_minutes)::bigint as seconds_to_reply,
                  round(3600 * cycle_business_hours)::bigint as seconds_to_finish
           from intermediate.int_ticket_lifetime""",
    )
    expected = []
    for ticket in reading.tickets:
        replied_at, to_reply = naive_reader.first_reply(ticket, reading.desk) or (None, None)
        finished_at, to_finish = naive_reader.finish(ticket, reading.desk) or (None, None)
        expected.append(
            {
                "ticket_id": ticket.ticket_id,
                "first_reply_at": replied_at,
                "finished_at": finished_at,
                "seconds_to_reply": to_reply,
                "seconds_to_finish": to_finish,
            }
        )
    assert_same(actual, expected, reading.tickets)


@pytest.mark.parametrize("reading", ["all_held"], indirect=True)
def test_the_backlog_at_every_days_end_is_the_naive_readers(reading: Reading) -> None:
    expected = Counter(
        (day, group, sum(age >= days for days in (1, 3, 7)))
        for ticket in reading.tickets
        for day, group, age in naive_reader.backlog(ticket, reading.desk)
    )
    actual = {
        (day, group, age_class): tickets
        for day, group, *backlog in reading.fetch(
            """select date, group_name, backlog_0_1_days, backlog_1_3_days, backlog_3_7_days,
                      backlog_7_plus_days
               from marts.mart_daily_ops where backlog_tickets > 0"""
        )
        for age_class, tickets in enumerate(backlog)
        if tickets
    }
    assert len({age_class for *_, age_class in actual}) == 4
    assert actual == expected


def test_a_ticket_that_changes_schedules_counts_what_the_worked_example_counts(
    reading: Reading,
) -> None:
    ((business, calendar, counted),) = reading.fetch(
        """select business_seconds, calendar_seconds, counted_seconds
           from marts.mart_sla_targets where ticket_id = 0 and metric = 'first_reply_time'"""
    )
    assert business / 60 == pytest.approx(WORKED_MINUTES[reading.scope], abs=1e-4)
    assert calendar / 60 == pytest.approx(1560.1333, abs=1e-4)
    assert counted == business, "the target for low priority runs on the business clock"


def test_the_random_tickets_bring_every_metric_into_every_state_that_it_can_have(
    reading: Reading,
) -> None:
    states = dict(
        reading.fetch(
            """select metric, list(distinct state order by state) from marts.mart_sla_targets
               where state is not null group by metric"""
        )
    )
    running = ["active", "breached", "met"]
    assert states == {
        "first_reply_time": ["active", "breached", "cancelled", "met"],
        "next_reply_time": running,
        "periodic_update_time": running,
        "pausable_update_time": [*running, "paused"],
        "requester_wait_time": [*running, "paused"],
        "agent_work_time": [*running, "paused"],
        "total_resolution_time": running,
    }


def test_the_random_tickets_reach_every_corner_of_the_rules(reading: Reading) -> None:
    corners = {
        "finished in the very second in which it fell due": """
            select count(*) > 10 from marts.mart_sla_targets where is_met and ended_at = due_at""",
        "resumed after a solve": """
            select count(*) > 10 from marts.mart_sla_ledger
            where metric = 'total_resolution_time' and rule = 'pauses while solved'""",
        "a target that a change of priority used up": """
            select count(*) > 10 from marts.mart_sla_targets
            where is_met = false and counted_seconds > target_seconds
              and breached_at in (select event_at from intermediate.int_event_transitions)""",
        "several instances": """
            select count(*) > 10 from marts.mart_sla_targets where instance >= 3""",
        "ties in time": """
            select count(*) > 10 from intermediate.int_event_transitions
            where next_event_at = event_at""",
        "wholly out of hours": """
            select count(*) > 10 from marts.mart_sla_targets
            where calendar_seconds > 0 and business_seconds = 0 and is_business_hours""",
    }
    for corner, query in corners.items():
        assert reading.fetch(query) == [(True,)], corner


@pytest.mark.parametrize("reading", ["all_held"], indirect=True)
def test_every_data_test_holds_on_the_random_tickets(reading: Reading) -> None:
    project = reading.home / "dbt_project"
    statuses = random_desk.run_dbt(
        reading.home, "test", "--select", "test_type:data", project=project
    )
    assert len(statuses) >= 80
    assert {name: status for name, status in statuses.items() if status != "pass"} == {
        # A random ticket's own status and dates need not be those that its events lead to,
        "assert_events_and_tickets_agree_on_the_end": "warn",
        # and the second policy has gaps on purpose.
        "assert_every_policy_in_use_has_targets": "warn",
    }
