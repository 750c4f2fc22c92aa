"""The published file: whole, swapped at once, pruned, and read without seeing a newer one."""

import os
import threading
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from ops_tower.published import connect, current, publish, versions


def build_warehouse(path: Path, figure: int) -> Path:
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema analysis; create schema staging")
        connection.execute(f"create table marts.mart_source as select {figure} as tickets")
        connection.execute(f"create table analysis.answers as select {figure} as answer")
        connection.execute("create view staging.stg_tickets as select 1 as x")
    return path


def published_figure(version: Path) -> int:
    with connect(version) as connection:
        row = connection.execute("select tickets from marts.mart_source").fetchone()
    assert row is not None
    return int(row[0])


def test_nothing_is_current_before_the_first_publication(tmp_path: Path) -> None:
    assert current(tmp_path) is None


def test_a_version_holds_the_tables_of_marts_and_analysis_and_no_others(tmp_path: Path) -> None:
    warehouse = build_warehouse(tmp_path / "ops.duckdb", 1)
    version = publish(warehouse, tmp_path / "published", "a")
    with connect(version) as connection:
        tables = connection.execute(
            "select table_schema, table_name, table_type from information_schema.tables order by 1"
        ).fetchall()
    assert tables == [
        ("analysis", "answers", "BASE TABLE"),
        ("marts", "mart_source", "BASE TABLE"),
    ]


def test_a_warehouse_that_is_not_there_is_not_published_as_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "ops.duckdb", tmp_path / "published", "a")
    assert current(tmp_path) is None


def test_the_run_that_publishes_may_hold_the_warehouse_open(tmp_path: Path) -> None:
    warehouse = build_warehouse(tmp_path / "ops.duckdb", 1)
    with duckdb.connect(str(warehouse)) as held:
        held.execute("create table analysis.more as select 2 as figure")
        version = publish(warehouse, tmp_path / "published", "a")
        assert [path.name for path in version.parent.glob("*.wal")] == []
        with connect(version) as connection:
            assert connection.execute("select figure from analysis.more").fetchall() == [(2,)]


def test_a_reader_keeps_its_version_while_the_pointer_moves_on(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    publish(build_warehouse(tmp_path / "ops.duckdb", 1), folder, "a")
    first = current(tmp_path)
    assert first is not None
    with connect(first) as reader:
        publish(build_warehouse(tmp_path / "ops.duckdb", 2), folder, "b")
        assert reader.execute("select tickets from marts.mart_source").fetchone() == (1,)
    second = current(tmp_path)
    assert second is not None
    assert second.name == "ops-b.duckdb"
    assert published_figure(second) == 2


def test_the_pointer_leads_to_a_whole_file_at_every_moment_of_thirty_publications(
    tmp_path: Path,
) -> None:
    folder, done = tmp_path / "published", threading.Event()
    publish(build_warehouse(tmp_path / "ops.duckdb", 0), folder, "0")
    seen: Counter[str] = Counter()

    def look() -> None:
        while not done.is_set():
            version = current(tmp_path)
            seen[version.name if version else "nothing"] += 1

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for number in range(1, 31):
            publish(build_warehouse(tmp_path / "ops.duckdb", number), folder, str(number))
    finally:
        done.set()
        watcher.join()
    assert "nothing" not in seen
    assert len(seen) > 15, "it looked too seldom to have met a gap"


def test_only_the_last_versions_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    for number in range(5):
        publish(build_warehouse(tmp_path / "ops.duckdb", number), folder, str(number), keep=3)
    assert [path.name for path in versions(folder)] == [
        "ops-4.duckdb",
        "ops-3.duckdb",
        "ops-2.duckdb",
    ]


def test_a_clock_that_jumped_back_costs_neither_the_newest_version_nor_the_one_before(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "published"
    for name in "abc":
        version = publish(build_warehouse(tmp_path / "ops.duckdb", 1), folder, name)
        ahead = version.stat().st_mtime_ns + 86_400 * 10**9
        os.utime(version, ns=(ahead, ahead))  # as a clock that was a day ahead would have it
    for name in "de":
        publish(build_warehouse(tmp_path / "ops.duckdb", 1), folder, name)
    assert [path.stem for path in versions(folder)] == ["ops-e", "ops-d", "ops-c"]
    publish(build_warehouse(tmp_path / "ops.duckdb", 1), folder, "f", keep=1)
    assert [path.stem for path in versions(folder)] == ["ops-f", "ops-e"]


def test_a_publication_that_fails_leaves_the_pointer_and_its_next_run_clears_the_rest(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "published"
    publish(build_warehouse(tmp_path / "ops.duckdb", 1), folder, "a")
    (tmp_path / "broken.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(duckdb.Error):
        publish(tmp_path / "broken.duckdb", folder, "b")
    live = current(tmp_path)
    assert live is not None
    assert published_figure(live) == 1
    publish(build_warehouse(tmp_path / "ops.duckdb", 3), folder, "c")
    assert not list(folder.glob(".*.unfinished*"))


def test_a_published_file_refuses_to_be_written(tmp_path: Path) -> None:
    version = publish(build_warehouse(tmp_path / "ops.duckdb", 1), tmp_path / "published", "a")
    with connect(version) as connection, pytest.raises(duckdb.InvalidInputException):
        connection.execute("create table marts.more as select 1")
