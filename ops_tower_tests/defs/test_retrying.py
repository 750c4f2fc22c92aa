"""What is tried again, and what is not: only what passes by itself."""

import errno
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ops_tower.defs import retrying
from ops_tower.sources.errors import SourceError


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE_SECONDS", 0.01)


def attempts(fail: Callable[[int], None]) -> tuple[int, bool]:
    """How often a step was tried whose nth try does what `fail` does, and whether it succeeded."""
    tries: list[int] = []

    @dg.asset
    def step(context: dg.AssetExecutionContext) -> None:
        tries.append(len(tries) + 1)
        with retrying.retried(context):
            fail(tries[-1])

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([step], instance=instance, raise_on_error=False)
    return len(tries), result.success


def raises(error: Exception, *, until: int = 99) -> Callable[[int], None]:
    def fail(attempt: int) -> None:
        if attempt < until:
            raise error

    return fail


def test_a_server_that_answers_at_the_third_try_is_enough() -> None:
    assert attempts(raises(OSError(errno.ETIMEDOUT, "slow"), until=3)) == (3, True)


def test_what_never_passes_is_given_up_after_three_more_tries() -> None:
    assert attempts(raises(OSError(errno.EIO, "bad disk"))) == (4, False)


@pytest.mark.parametrize(
    "error",
    [
        SourceError("row 3 has no case"),
        FileNotFoundError(errno.ENOENT, "gone"),
        OSError(errno.ENOSPC, "full"),
        PermissionError(errno.EACCES, "not yours"),
        ValueError("bad"),
        dg.Failure("dbt build: 1 failed"),
    ],
)
def test_wrong_data_and_full_disks_are_not_tried_again(error: Exception) -> None:
    assert attempts(raises(error)) == (1, False)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A warehouse that another process writes."""
    path = tmp_path / "ops.duckdb"
    code = f"import duckdb, time; c = duckdb.connect({str(path)!r}); print(1, flush=True);"
    with subprocess.Popen(
        [sys.executable, "-c", code + "time.sleep(60)"], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield path
        holder.kill()


def test_a_warehouse_that_another_program_holds_is_asked_again(held: Path) -> None:
    with pytest.raises(duckdb.Error) as caught:
        duckdb.connect(str(held))
    assert retrying.is_transient(caught.value)
    wrapped = ValueError("the step failed")
    wrapped.__cause__ = caught.value
    assert retrying.is_transient(wrapped)
