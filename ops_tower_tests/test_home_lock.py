"""One run at a time in one home."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops_tower.home_lock import HomeInUseError, exclusive

HOLDER = """
import sys, time
from pathlib import Path
from ops_tower.home_lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_refused_and_told_who_holds_the_home(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeInUseError, match=str(holder.pid)), exclusive(tmp_path):
            pass
        holder.kill()


def test_a_killed_run_leaves_the_home_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait()
        with exclusive(tmp_path):
            pass
