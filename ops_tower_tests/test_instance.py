"""Dagster's record of runs: in the home by default, in PostgreSQL by setting, cheap in both."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from ops_tower import instance as keeping
from ops_tower.instance import InstanceError, declare_dead, open_instance, prepare
from ops_tower.settings import DAILY_JOB, Settings

PASSWORD = "hunter2-planted"  # noqa: S105, a server of the test's own


@dg.asset
def tickets() -> int:
    return 1


def run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run of a small daily job."""
    job = dg.Definitions(
        assets=[tickets], jobs=[dg.define_asset_job(DAILY_JOB, selection="tickets")]
    ).resolve_job_def(DAILY_JOB)
    return job.execute_in_process(instance=instance).dagster_run


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own, of Debian's package, with a password: its URL."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.fail("PostgreSQL is missing: apt-get install postgresql")
    # It refuses to run as root, and must be able to reach its own folder.
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="ops-tower-postgres-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if as_owner:
        shutil.chown(folder, "postgres")
        shutil.chown(secret, "postgres")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    def call(program: str, *arguments: str) -> None:
        command = [*as_owner, str(programs[-1] / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=60)

    call("initdb", "-U", "tower", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    call("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql+psycopg2://tower:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_keeps_the_record_and_the_home_holds_neither_it_nor_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres() as url:
        monkeypatch.setenv("OPS_TOWER_DAGSTER_POSTGRES_URL", url)
        settings = Settings(home=tmp_path)
        with open_instance(settings) as instance:
            done = run(instance)
        with open_instance(settings) as again:
            assert [each.run_id for each in again.get_runs()] == [done.run_id]
            assert again.get_latest_materialization_event(dg.AssetKey("tickets")) is not None
            alive = again.create_run_for_job(
                dg.GraphDefinition("empty").to_job(DAILY_JOB), status=dg.DagsterRunStatus.STARTED
            )
            assert [dead.run_id for dead in declare_dead(again)] == [alive.run_id]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".db"]
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]
    with pytest.raises(InstanceError, match="look whether it runs") as caught:
        open_instance(settings)
    assert PASSWORD not in str(caught.value)


def test_a_database_without_its_package_is_one_line_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "find_spec", lambda _name: None)
    settings = Settings(home=tmp_path, dagster_postgres_url=SecretStr("postgresql+psycopg2://x"))
    with pytest.raises(InstanceError, match=r"ops-tower\[postgres\]"):
        open_instance(settings)


def test_the_configuration_follows_the_settings_until_a_person_makes_it_their_own(
    tmp_path: Path,
) -> None:
    plain = Settings(home=tmp_path)
    with_server = Settings(home=tmp_path, dagster_postgres_url=SecretStr("postgresql+psycopg2://x"))
    config = prepare(plain) / "dagster.yaml"
    assert "postgres" not in config.read_text()
    prepare(with_server)
    assert "env: OPS_TOWER_DAGSTER_POSTGRES_URL" in config.read_text()
    own = config.read_text().removeprefix(keeping.HEADER)
    config.write_text(own)
    prepare(plain)
    assert config.read_text() == own


ABANDON = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("pragma journal_mode = wal")
connection.execute("create table events as select 7 as event")
connection.commit()
os._exit(9)
"""


def test_what_a_killed_run_left_in_a_journal_is_kept_in_its_file_and_the_journal_goes(
    tmp_path: Path,
) -> None:
    killed, mine = tmp_path / "runs" / "killed.db", tmp_path / "runs" / "mine.db"
    killed.parent.mkdir()
    for file in (killed, mine):
        subprocess.run([sys.executable, "-c", ABANDON, str(file)], check=False)
    (tmp_path / "runs" / "gone.db-shm").touch()
    assert (tmp_path / "runs" / "killed.db-wal").stat().st_size > 0
    keeping.close_journals(tmp_path, besides="mine")
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        *("killed.db", "mine.db", "mine.db-wal", "mine.db-shm", "gone.db-shm"),
    }
    with closing(sqlite3.connect(killed)) as connection:
        assert connection.execute("select event from events").fetchall() == [(7,)]


def test_only_a_daily_run_that_is_under_way_for_long_enough_is_declared_dead() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        finished = run(instance)
        empty = dg.GraphDefinition("empty")
        under_way = dg.DagsterRunStatus.STARTED
        other = instance.create_run_for_job(empty.to_job("by_hand"), status=under_way)
        mine = instance.create_run_for_job(empty.to_job(DAILY_JOB), status=under_way)
        lost = instance.create_run_for_job(empty.to_job(DAILY_JOB), status=under_way)
        begun = instance.create_run_for_job(empty.to_job(DAILY_JOB))
        assert declare_dead(instance, besides=mine.run_id, quiet=timedelta(hours=1)) == []
        dead = declare_dead(instance, besides=mine.run_id)
        assert {each.run_id for each in dead} == {lost.run_id, begun.run_id}
        statuses = {each.run_id: each.status for each in instance.get_runs()}
    assert statuses == {
        finished.run_id: dg.DagsterRunStatus.SUCCESS,
        other.run_id: under_way,
        mine.run_id: under_way,
        lost.run_id: dg.DagsterRunStatus.FAILURE,
        begun.run_id: dg.DagsterRunStatus.FAILURE,
    }
