"""Readers reopen the published file without pause while versions come and go."""

import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from ops_tower.published import ANALYSIS_TABLES, publish, versions
from ops_tower_tests.faults.scale import SCALE


def stamped_warehouse(path: Path, run_id: str) -> Path:
    """A warehouse with the tables that readers rely on, each row with the run's name on it."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema analysis")
        names = [("analysis", name) for name in ANALYSIS_TABLES]
        names += [("marts", f"mart_{number}") for number in range(20)]
        for schema, name in names:
            connection.execute(
                f"create table {schema}.{name} as"
                f" select '{run_id}' as published_as, range as x from range(2000)"
            )
    return path


def test_no_reader_meets_an_error_or_two_versions_on_one_page(tmp_path: Path) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    warehouse = tmp_path / "ops.duckdb"
    publish(stamped_warehouse(warehouse, "0"), home / "published", "0")
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "ops_tower_tests.faults.reader", home, stop],
            stdout=subprocess.PIPE,
        )
        for _ in range(SCALE.readers)
    ]
    try:
        for number in range(1, SCALE.publications + 1):
            publish(stamped_warehouse(warehouse, str(number)), home / "published", str(number))
            time.sleep(0.3)
    finally:
        stop.touch()
        told = [json.loads(reader.communicate(timeout=120)[0]) for reader in readers]
    assert [reader["errors"][:3] for reader in told if reader["errors"]] == []
    # Proof that they read at all, and through changes of the version.
    assert sum(reader["pages"] for reader in told) >= SCALE.readers
    assert max(reader["versions"] for reader in told) >= 2
    assert len(versions(home / "published")) == 3
    pages, most = sum(one["pages"] for one in told), max(one["versions"] for one in told)
    print(f"{pages} pages by {SCALE.readers} readers, up to {most} versions each")  # noqa: T201
