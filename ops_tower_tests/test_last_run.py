"""How the last run ended, as a page reads it."""

from datetime import datetime
from pathlib import Path

import pytest

from ops_tower import last_run
from ops_tower.last_run import LastRun

AT = datetime(2026, 3, 2, 6)  # noqa: DTZ001, UTC without a marker


def test_a_run_is_read_as_it_was_written_and_replaces_the_one_before(tmp_path: Path) -> None:
    last_run.write(tmp_path, LastRun("a", AT, "a check failed: 12 rows"))
    assert last_run.read(tmp_path) == LastRun("a", AT, "a check failed: 12 rows")
    last_run.write(tmp_path, LastRun("b", AT))
    found = last_run.read(tmp_path)
    assert found == LastRun("b", AT)
    assert found.is_published
    assert [path.name for path in tmp_path.iterdir()] == [last_run.FILE]


@pytest.mark.parametrize("text", ["", "[]", '{"run_id": 1}', '{"ended_at": 5, "run_id": "a"}'])
def test_a_file_that_is_not_ours_is_as_none_at_all(tmp_path: Path, text: str) -> None:
    (tmp_path / last_run.FILE).write_text(text)
    assert last_run.read(tmp_path) is None


def test_before_the_first_run_there_is_none(tmp_path: Path) -> None:
    assert last_run.read(tmp_path) is None
