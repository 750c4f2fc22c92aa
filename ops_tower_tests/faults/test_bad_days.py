"""Faults around a run: the outcome is the documented one, and the message says what to do."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops_tower.home_lock import exclusive
from ops_tower_tests.faults.homes import published_whole
from ops_tower_tests.faults.runner import SMALL_DESK, Runs
from ops_tower_tests.faults.scale import SCALE, takes_whole_runs


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own at `place`."""
    place.mkdir()
    options = f"size={megabytes}m"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def refused(code: int, said: str, advice: str) -> None:
    assert code == 1, said
    assert "Traceback" not in said
    assert advice in said


# A version of the small desk takes 12 MB or less; the run fails ever later as there is more room.
@pytest.mark.parametrize("megabytes", [13, 15, 20, 30] if SCALE.is_full else [13])
def test_a_full_disk_is_named_and_the_published_version_stays(
    runs: Runs, home: Path, tmp_path: Path, megabytes: int
) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, megabytes):
        shutil.copytree(home, disk, dirs_exist_ok=True, symlinks=True)
        before = published_whole(disk)
        code, said = runs.run("run", "--home", disk, *SMALL_DESK)
        refused(code, said, "Free some room on the disk")
        assert published_whole(disk) == before


def test_a_home_that_may_only_be_read_is_named_and_can_still_be_read(
    runs: Runs, home: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 64):
        shutil.copytree(home, disk, dirs_exist_ok=True, symlinks=True)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        refused(*runs.run("run", "--home", disk, *SMALL_DESK), "Give this user the right to write")
        code, said = runs.run("status", "--home", disk)
        assert (code, "Traceback" in said) == (0, False), said
        published_whole(disk)


def test_the_second_of_two_runs_is_refused_at_once(runs: Runs, home: Path) -> None:
    before = published_whole(home)
    with exclusive(home):
        code, said = runs.run("run", "--home", home, *SMALL_DESK)
    refused(code, said, "Another run is under way")
    assert "Nothing was published" in said
    assert published_whole(home) == before


@takes_whole_runs
def test_a_raw_file_cut_short_during_a_run_fails_it_and_the_next_run_is_clean(
    runs: Runs, home: Path
) -> None:
    before = published_whole(home)
    run = runs.start("run", "--home", home, *SMALL_DESK)
    events = home / "raw" / "ticket_events.parquet"
    run.wait_until(events.exists)
    events.write_bytes(events.read_bytes()[:1000])
    refused(run.wait(), run.said(), "run again")
    assert published_whole(home) == before
    code, said = runs.run("run", "--home", home, *SMALL_DESK)
    assert code == 0, said


@takes_whole_runs
def test_a_damaged_warehouse_is_set_aside_and_a_clock_that_jumps_back_is_no_matter(
    runs: Runs, home: Path
) -> None:
    (home / "ops.duckdb").write_bytes(b"junk" * 10_000)
    before = published_whole(home)
    code, said = runs.run("run", "--home", home, *SMALL_DESK)
    assert code == 0, said
    assert "set aside" in said
    first = published_whole(home)
    code, said = runs.run("run", "--home", home, *SMALL_DESK, clock_shift=-30 * 86_400)
    assert code == 0, said
    assert published_whole(home) not in {before, first}
    assert not (home / "ops.duckdb.damaged").exists()


@takes_whole_runs
def test_a_dbt_model_that_fails_is_named_and_nothing_is_published(
    runs: Runs, home: Path, tmp_path: Path
) -> None:
    before = published_whole(home)
    project = tmp_path / "dbt_project"
    shutil.copytree(Path(__file__).parents[2] / "dbt_project", project)
    model = project / "models" / "marts" / "mart_holidays.sql"
    model.write_text(f"select error('planted') from (\n{model.read_text()}\n)")
    code, said = runs.run("run", "--home", home, *SMALL_DESK, dbt_project=str(project))
    refused(code, said, "mart_holidays")
    assert published_whole(home) == before
