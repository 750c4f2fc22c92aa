"""Looking at a home after a fault: what is published, what is logged, and what lies about.

Belongs here: a version to begin with, and what must be true of any home at any time.
"""

import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from ops_tower.published import connect, current
from ops_tower_tests.dashboard import desk

# What a home may hold when no run is under way. A name in it is a pattern.
BELONGS: Final = (
    r"\.lock",
    r"raw/\w+\.(parquet|json)",
    r"ops\.duckdb",
    r"published/(current|ops-[0-9a-z-]+\.duckdb)",
    r"alerts\.log(\.[1-9])?|\.alerts\.log\.lock",
    r"reports/monday-brief-[0-9-]+\.(md|html)",
    r"ops-tower\.log(\.[1-9])?",
    r"notices\.jsonl",
    r"last_run\.json",
    r"ops-tower-error\.log",
    r"dbt/(target|logs)/.*",
    r"dagster/dagster\.yaml",
    r"dagster/(history|schedules|storage)/.*\.db",
)


def publish_a_version(home: Path) -> Path:
    """Publish the dashboard's small desk, as an earlier run would have; the version's path."""
    with tempfile.TemporaryDirectory() as other:
        version = desk.publish(Path(other), run_id="before")
        folder = home / "published"
        folder.mkdir(parents=True)
        shutil.copy(version, folder / version.name)
    (folder / "current").symlink_to(version.name)
    return folder / version.name


def published_whole(home: Path) -> str:
    """The name of the version that is published, after reading all of it.

    Each table is read to its last row; the version names the run that it came from.
    """
    version = current(home)
    assert version is not None, "nothing is published"
    with connect(version) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
        assert {"marts", "analysis"} == {schema for schema, _ in tables}
        for schema, table in tables:
            connection.execute(f'select sum(hash(t)) from {schema}."{table}" as t').fetchall()
        ((run_id,),) = connection.execute("select run_id from analysis.run_info").fetchall()
        assert connection.execute("select count(*) from analysis.answers").fetchone() == (5,)
    assert version.name == f"ops-{run_id}.duckdb"
    return version.name


def alerts_parse(home: Path) -> int:
    """How many alerts are logged; each line of the log is one, whole."""
    log = home / "alerts.log"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    assert all(isinstance(json.loads(line), dict) for line in lines)
    return len(lines)


def strangers(home: Path) -> Iterator[str]:
    """Files that no finished run would leave."""
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if not path.is_dir() and not any(re.fullmatch(known, name) for known in BELONGS):
            yield name


def lives_on_record(home: Path) -> Iterator[str]:
    """Runs that Dagster's record takes to be under way."""
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs.db")) as record:
        found = record.execute("select run_id from runs where status in ('STARTED', 'CANCELING')")
        yield from (run_id for (run_id,) in found)
