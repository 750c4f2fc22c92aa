"""Random tickets on one awkward desk, and the raw tables and seeds that describe them to dbt.

Belongs here: what a test needs to put a desk of its own in front of the dbt project. The desk has
what makes clocks hard: several intervals a day, a night shift across midnight, half-hour daylight
saving, a zone that gave daylight saving up, a holiday across a week's end, a schedule that never
opens, and a group that no seed names.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from ops_tower.sources.contract import SOURCE_INFO, TABLES
from ops_tower_tests.dbt.naive_clock import Schedule
from ops_tower_tests.dbt.naive_reader import Desk, Event, Target, Ticket

PROJECT = Path(__file__).parents[2] / "dbt_project"

FIRST_DAY = datetime(2020, 2, 24)  # noqa: DTZ001, naive UTC as everywhere
AS_OF = datetime(2020, 11, 9, 13, 30, 10)  # noqa: DTZ001

WEEKDAYS = range(1, 6)
SCHEDULES = {
    "always": Schedule("UTC", [(day, "00:00", "24:00") for day in range(1, 8)]),
    "office": Schedule(
        "America/New_York",
        [(day, *hours) for day in WEEKDAYS for hours in (("08:00", "12:00"), ("13:00", "17:30"))],
        [
            (date(2020, 5, 22), date(2020, 6, 2)),
            (date(2020, 7, 3), date(2020, 7, 3)),
            (date(2020, 11, 1), date(2020, 11, 2)),
        ],
    ),
    "night": Schedule(
        "America/Sao_Paulo",
        [
            (day, *hours)
            for day in range(1, 7)
            for hours in (("00:00", "03:30"), ("22:00", "24:00"))
        ],
        [(date(2020, 10, 12), date(2020, 10, 12))],
    ),
    # Its clocks move by half an hour, at two in the morning, inside the open hours.
    "island": Schedule("Australia/Lord_Howe", [(6, "09:00", "12:00"), (7, "01:30", "02:45")]),
    "never": Schedule("Europe/Paris", []),
    "chicago": Schedule("America/Chicago", [(day, "07:00", "21:00") for day in range(1, 8)]),
    "san_francisco": Schedule("America/Los_Angeles", [(day, "08:00", "17:30") for day in WEEKDAYS]),
}
GROUP_SCHEDULES = {
    "Front": "office",
    "Night": "night",
    "Island": "island",
    "Shut": "never",
    "Level 1 Chicago": "chicago",
    "Level 2 San Francisco": "san_francisco",
}
GROUPS = ("Front", "Night", "Island", "Shut", "Elsewhere")
TARGETS = {
    (policy, metric, priority): Target(seconds, is_business_hours=is_business)
    for policy in (1, 2)
    for metric_number, metric in enumerate(
        (
            "first_reply_time",
            "next_reply_time",
            "periodic_update_time",
            "pausable_update_time",
            "requester_wait_time",
            "agent_work_time",
            "total_resolution_time",
        )
    )
    for priority, seconds, is_business in (
        ("low", 86_400 if policy == 1 else 10_800, True),
        ("normal", 7_200, True),
        ("high", 3_600, policy == 1),
        ("urgent", 1_800, False),
    )
    # The second policy has gaps: metrics and priorities without a target.
    if policy == 1 or (metric_number % 2 == 0 and priority != "high")
}


def desk(*, is_last_schedule_alone: bool = False) -> Desk:
    """The desk's rules, for the naive reader."""
    return Desk(
        schedules=SCHEDULES,
        group_schedules=GROUP_SCHEDULES,
        targets=TARGETS,
        as_of=AS_OF,
        is_last_schedule_alone=is_last_schedule_alone,
    )


# Round gaps make totals that hit a target exactly; the rest are as odd as they come.
_GAPS = st.one_of(
    st.sampled_from((0, 0, 1, 60, 900, 1_800, 3_600, 5_400, 7_200, 86_400)),
    st.integers(0, 40_000),
    st.integers(0, 30 * 86_400),
)
# The days on which some zone of the desk changes its clocks, and ordinary ones.
_STARTS = st.one_of(
    st.sampled_from(
        [
            datetime(2020, *month_and_day)  # noqa: DTZ001
            for month_and_day in ((3, 7), (3, 8), (4, 4), (10, 3), (10, 31), (11, 1), (5, 21))
        ]
    ),
    st.integers(0, 250).map(lambda days: FIRST_DAY + timedelta(days=days)),
)
_STATUSES = st.sampled_from(
    ("open", "open", "open", "pending", "pending", "hold", "solved", "solved", "closed", None)
)


@st.composite
def tickets(draw: st.DrawFn, ticket_id: int = 0) -> Ticket:
    """A ticket with any history that the raw contract admits, likely or not."""
    at = draw(_STARTS) + timedelta(seconds=draw(st.integers(0, 86_399)))
    events = []
    for number in range(draw(st.integers(1, 9))):
        status = draw(_STATUSES)
        if number == 0:
            status = draw(st.sampled_from(("new", "new", "new", "new", status)))
        elif draw(st.booleans()) and draw(st.booleans()):
            status = None
        events.append(
            Event(
                at=min(at, AS_OF),
                # Rows of equal time need not stand together, nor in this order, in the source.
                position=draw(st.integers(0, 9)) * 10 + number,
                status=status,
                actor=draw(st.sampled_from(("agent", "agent", "end_user", "system", None))),
                is_public=draw(st.sampled_from((True, True, False, None))),
                group=draw(st.sampled_from((None, None, *GROUPS))),
                priority=draw(
                    st.sampled_from((None, None, None, "low", "normal", "high", "urgent"))
                ),
            )
        )
        at += timedelta(seconds=draw(_GAPS), microseconds=draw(st.sampled_from((0, 0, 999_999))))
    return Ticket(
        ticket_id=ticket_id,
        events=tuple(events),
        status=draw(st.sampled_from(("open", "pending", "solved", "closed"))),
        priority=draw(st.sampled_from((None, "low", "normal", "high", "urgent"))),
        policy=draw(st.sampled_from((1, 1, 1, 2, 2, None))),
    )


def build(
    home: Path,
    tickets: Sequence[Ticket],
    *select: str,
    schedule_scope: str = "all_held",
    project: Path | None = None,
) -> None:
    """Put the desk's seeds and tickets before a dbt project and build the models in `home`.

    Args:
        home: where the raw tables, the warehouse and, by default, the copied project go.
        tickets: what happened on the desk.
        select: the models to build; all of them if none is named.
        schedule_scope: which schedules a ticket's business time runs on.
        project: a dbt project whose seeds may be overwritten; by default a copy of ours.
    """
    if project is None:
        project = shutil.copytree(PROJECT, home / "dbt_project")
    _write_seeds(project / "seeds")
    write_raw(home / "raw", raw_tables(tickets))
    arguments = ["--exclude-resource-type", "test", "unit_test"]
    arguments += ["--vars", json.dumps({"schedule_scope": schedule_scope})]
    arguments += ["--select", *select] if select else []
    statuses = run_dbt(home, "build", *arguments, project=project)
    assert set(statuses.values()) == {"success"}, statuses


def run_dbt(home: Path, *arguments: str, project: Path = PROJECT) -> dict[str, str]:
    """Run dbt on `home`, as a person would; the status of each model, seed and test by its name."""
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments, "--profiles-dir", project],
        cwd=project,
        env=os.environ
        | {
            "OPS_TOWER_HOME": str(home),
            "DBT_TARGET_PATH": str(home / "dbt" / "target"),
            "DBT_LOG_PATH": str(home / "dbt" / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    results = home / "dbt" / "target" / "run_results.json"
    assert results.exists(), done.stdout + done.stderr
    return {
        _name(result["unique_id"]): result["status"]
        for result in json.loads(results.read_text())["results"]
        if result["status"] != "no-op"  # what dbt reports of exposures
    }


def _name(unique_id: str) -> str:
    """The name in dbt's identifier, which for a test ends in a hash or in the unit test's name."""
    kind, _, *names = unique_id.split(".")
    return names[-1] if kind == "unit_test" else names[0]


def write_raw(folder: Path, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Write every raw table of the contract; one that is not named is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in (*TABLES.values(), SOURCE_INFO):
        complete = [
            {column.name: row.get(column.name) for column in table.columns}
            for row in rows.get(table.name, ())
        ]
        content = pa.Table.from_pylist(complete, schema=table.schema)
        pq.write_table(content, folder / f"{table.name}.parquet")


def raw_tables(tickets: Sequence[Ticket]) -> dict[str, list[dict[str, Any]]]:
    """The tickets as rows of the raw tables, with the desk's policies and its now."""
    events = [(ticket, event) for ticket in tickets for event in ticket.events]
    return {
        "source_info": [
            {
                "source": "simulator",
                "description": "random tickets on an awkward desk",
                "as_of": AS_OF,
                "rows_read": len(events),
                "rows_rejected": 0,
            }
        ],
        "sla_policies": [
            {
                "sla_policy_id": policy,
                "policy_name": f"Policy {policy}",
                "priority": priority,
                "metric": metric,
                "target_seconds": target.seconds,
                "is_business_hours": target.is_business_hours,
            }
            for (policy, metric, priority), target in TARGETS.items()
        ],
        # Half of the agents have left; what they did stays an agent's.
        "agents": [
            {"agent_id": 0, "is_active": True},
            {"agent_id": 1, "is_active": False, "deactivated_at": AS_OF},
        ],
        "tickets": [
            {
                "ticket_id": ticket.ticket_id,
                "external_id": f"T-{ticket.ticket_id}",
                "status": ticket.status,
                "priority": ticket.priority,
                "sla_policy_id": ticket.policy,
                "created_at": min(event.at for event in ticket.events),
                "closed_at": (
                    max(event.at for event in ticket.events) if ticket.status == "closed" else None
                ),
            }
            for ticket in tickets
        ],
        "ticket_events": [
            {
                "event_id": number,
                "ticket_id": ticket.ticket_id,
                "event_at": event.at,
                "activity": f"{event.actor} {event.status}",
                "status": event.status,
                "priority": event.priority,
                "group_name": event.group,
                "agent_id": event.position % 2 if event.actor == "agent" else None,
                "actor_role": event.actor,
                "is_public": event.is_public,
                "source_position": event.position,
            }
            for number, (ticket, event) in enumerate(events)
        ],
    }


def _write_seeds(folder: Path) -> None:
    tables: dict[str, tuple[str, Iterable[tuple[object, ...]]]] = {
        "schedules": (
            "schedule,time_zone,description",
            ((name, schedule.zone, name) for name, schedule in SCHEDULES.items()),
        ),
        "schedule_intervals": (
            "schedule,weekday,opens_at,closes_at",
            ((name, *interval) for name, s in SCHEDULES.items() for interval in s.intervals),
        ),
        "schedule_holidays": (
            "schedule,first_date,last_date,holiday",
            ((name, *days, "closed") for name, s in SCHEDULES.items() for days in s.holidays),
        ),
        "group_schedules": (
            "group_name,schedule,tier",
            ((*item, tier) for tier, item in enumerate(GROUP_SCHEDULES.items())),
        ),
    }
    for name, (header, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(rows)
