"""Dagster's events in SQLite: the same files as its own storage writes, at less cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy as sa

from ops_tower.event_log import FILES_KEPT_OPEN, OpenEventLogStorage
from ops_tower.instance import open_instance
from ops_tower.settings import Settings

STOCK = "event_log_storage:\n  module: ops_tower.event_log\n  class: OpenEventLogStorage\n"


@dg.asset
def tickets() -> int:
    return 1


def run(instance: dg.DagsterInstance) -> str:
    return dg.materialize([tickets], instance=instance).run_id


@contextmanager
def opened() -> Iterator[list[tuple[str, int]]]:
    """File name and `synchronous` of each connection to an event file that the block opens."""
    seen: list[tuple[str, int]] = []

    # A class-level listener runs before that of an engine, so the level is read at check-out.
    def look(connection: object, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:
        file = Path(connection.execute("pragma database_list").fetchone()[2])  # type: ignore[attr-defined]
        if file.parent.name == "runs" and not record.info.get("seen"):
            record.info["seen"] = True
            level = connection.execute("pragma synchronous").fetchone()[0]  # type: ignore[attr-defined]
            seen.append((file.stem, level))

    sa.event.listen(sa.pool.Pool, "checkout", look)
    try:
        yield seen
    finally:
        sa.event.remove(sa.pool.Pool, "checkout", look)


def test_a_run_opens_each_file_once_and_flushes_no_event_by_itself(tmp_path: Path) -> None:
    with open_instance(Settings(home=tmp_path)) as instance, opened() as connections:
        done = run(instance)
        events = len(instance.all_logs(done))
    mine = [level for file, level in connections if file == done]
    index = [level for file, level in connections if file == "index"]
    assert events > 10
    assert mine == [1]
    assert index in ([1], [1, 2])  # Dagster's own look at which tables there are


def test_closing_folds_the_journals_into_the_files(tmp_path: Path) -> None:
    with open_instance(Settings(home=tmp_path)) as instance:
        done = run(instance)
        assert list(tmp_path.rglob("*.db-wal"))
    assert not [*tmp_path.rglob("*.db-wal"), *tmp_path.rglob("*.db-shm")]
    with open_instance(Settings(home=tmp_path)) as again:
        assert again.get_latest_materialization_event(dg.AssetKey("tickets")).run_id == done  # type: ignore[union-attr]


def test_what_one_program_stores_another_that_is_open_sees_at_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_instance(settings) as writer, open_instance(settings) as reader:
        for _ in range(2):
            done = run(writer)
            seen = reader.get_latest_materialization_event(dg.AssetKey("tickets"))
            assert seen is not None
            assert seen.run_id == done
            assert len(reader.all_logs(done)) == len(writer.all_logs(done))


def test_few_files_stay_open_and_those_that_were_closed_can_be_read_again(tmp_path: Path) -> None:
    with open_instance(Settings(home=tmp_path)) as instance:
        runs = [run(instance) for _ in range(FILES_KEPT_OPEN + 2)]
        assert isinstance(instance.event_log_storage, OpenEventLogStorage)
        assert len(list(tmp_path.rglob("*.db-wal"))) <= FILES_KEPT_OPEN + 1  # that of the runs
        assert all(instance.all_logs(each) for each in runs)


def test_the_files_are_those_that_dagsters_own_storage_reads(tmp_path: Path) -> None:
    with open_instance(Settings(home=tmp_path)) as instance:
        done = run(instance)
        expected = [entry.timestamp for entry in instance.all_logs(done)]
    config = tmp_path / "dagster" / "dagster.yaml"
    own = config.read_text()
    assert STOCK in own
    config.write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(config.parent)) as stock:
        assert not isinstance(stock.event_log_storage, OpenEventLogStorage)
        assert [entry.timestamp for entry in stock.all_logs(done)] == expected
        stock.wipe()
    config.write_text(own)
    with open_instance(Settings(home=tmp_path)) as instance:
        assert instance.get_runs() == []
        done = run(instance)
        instance.wipe()
        assert instance.all_logs(done) == []
        assert run(instance)
