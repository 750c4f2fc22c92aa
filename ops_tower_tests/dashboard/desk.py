"""A tiny published desk whose figures can be worked out by hand.

Every ticket follows one rule, so that a test can state its expectation as arithmetic. Belongs here:
the tickets, and the tables of the published file that the dashboard reads, derived from them in the
plainest SQL (`desk.sql`). Does not belong here: the analyses (`findings`); what a page should show.

The rule. Each of the last `DAYS` days before `as_of`:
* Tier 1 Support receives 4 tickets (6 in the last 30 days), finished after 20 hours, for 10 USD.
* Tier 2 Specialists receive 2, finished after 60 hours, for 30 USD.
* Engineering receives 1, finished after 100 hours, for 50 USD.
* All are created at 10:00 and judged when they are finished. The first ticket of Tier 2 on each day
  misses its targets; so does every ticket of Engineering that was created in the last 30 days.
* The first ticket of each group on each day is rated when it is finished: Tier 1 gets a 4,
  Tier 2 a 3, Engineering a 5.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from ops_tower import published
from ops_tower_tests.dashboard import chance, findings

_SQL = Path(__file__).with_name("desk.sql")
DAYS = 120
GROUPS = ("Tier 1 Support", "Tier 2 Specialists", "Engineering")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("question", "incident", "problem", "task")
MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001  (the project's clocks are naive UTC)

_HOURS = {"Tier 1 Support": 20, "Tier 2 Specialists": 60, "Engineering": 100}
_COST = {"Tier 1 Support": 10.0, "Tier 2 Specialists": 30.0, "Engineering": 50.0}
_SCORE = {"Tier 1 Support": 4, "Tier 2 Specialists": 3, "Engineering": 5}


def tickets(as_of: datetime = MONDAY) -> pd.DataFrame:
    """Every ticket of the desk, by the rule above; one row each, in order of creation."""
    rows = []
    for day in range(DAYS, 0, -1):
        created = as_of.replace(hour=0, minute=0) - timedelta(days=day) + timedelta(hours=10)
        is_recent = day <= 30
        for group, count in zip(GROUPS, (6 if is_recent else 4, 2, 1), strict=True):
            for place in range(count):
                number = len(rows) + 1
                finished = created + timedelta(hours=_HOURS[group])
                is_finished = finished <= as_of
                is_first = place == 0
                is_missed = (group == GROUPS[1] and is_first) or (group == GROUPS[2] and is_recent)
                rows.append(
                    {
                        "ticket_id": number,
                        "external_id": f"T-{number}",
                        "subject": f"Question number {number}",
                        "ticket_type": TYPES[number // 4 % 4],
                        "priority": PRIORITIES[number % 4],
                        "group_name": group,
                        "created_at": created,
                        "finished_at": finished if is_finished else None,
                        "cycle_hours": float(_HOURS[group]) if is_finished else None,
                        "cost_usd": _COST[group] if is_finished else 0.0,
                        "csat_score": _SCORE[group] if is_finished and is_first else None,
                        "is_sla_met": (not is_missed) if is_finished else None,
                    }
                )
    frame = pd.DataFrame(rows)
    frame["is_sla_met"] = frame["is_sla_met"].astype("boolean")
    frame["csat_score"] = frame["csat_score"].astype("Int64")
    return frame


def publish(
    home: Path,
    as_of: datetime = MONDAY,
    *,
    run_id: str = "1",
    rows: int | None = None,
    seed: int | None = None,
) -> Path:
    """Publish the desk into `home` and return the version's real path.

    Args:
        home: the home folder; its `published/` is made.
        as_of: the data's own now.
        run_id: names the version; publish again under another id to test the refresh.
        rows: keep only the first so many tickets; None keeps all.
        seed: shuffle tickets and findings by it; None keeps to the rule.
    """
    home.mkdir(parents=True, exist_ok=True)
    warehouse = home / "ops.duckdb"
    warehouse.unlink(missing_ok=True)
    desk = tickets(as_of)
    desk = desk if rows is None else desk.head(rows)
    desk = desk if seed is None else chance.tickets(desk, seed)
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("desk", desk)
        connection.execute(
            "create table facts as"
            " select $as_of::timestamp as as_of, $run_id as run_id, $layout as layout",
            {"as_of": as_of, "run_id": run_id, "layout": published.LAYOUT},
        )
        for statement in _SQL.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement)
        found = findings.frames(as_of)
        for name, frame in (found if seed is None else chance.findings(found, seed)).items():
            connection.register("frame", frame)
            connection.execute(f"create table analysis.{name} as from frame")
            connection.unregister("frame")
    return published.publish(warehouse, home / "published", run_id)


def republish(home: Path, version: Path, *changes: str) -> Path:
    """Change a copy of a version by statements of SQL, and point to it; the copy's path."""
    changed = version.with_name("ops-changed.duckdb")
    shutil.copyfile(version, changed)
    with duckdb.connect(str(changed)) as connection:
        for change in changes:
            connection.execute(change)
    pointer = home / "published" / published.POINTER
    pointer.unlink()
    pointer.symlink_to(changed.name)
    return changed
