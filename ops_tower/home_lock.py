"""One run at a time in one home, whoever starts it: the command line, the schedule or the UI.

The lock is the operating system's, on an open file, so it ends with the process that holds it, also
when that process is killed. Nothing has to be cleaned up.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

# Whoever only asks whether a home is free holds it for a moment; a run does not trip over that.
PATIENCE_SECONDS: Final = 1.0


class HomeInUseError(RuntimeError):
    """Another run works in this home; the message names its process."""


@contextmanager
def exclusive(home: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold `home` for as long as the block runs.

    Args:
        home: made if missing.
        patience: seconds for which a home that is held is asked for again.

    Raises:
        HomeInUseError: another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("a+") as file:
        deadline = time.monotonic() + patience
        while not _locks(file):
            if time.monotonic() >= deadline:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise HomeInUseError(
                    f"Another run is under way in {home} (process {holder}): wait for it to end."
                )
            time.sleep(0.05)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_free(home: Path) -> bool:
    """Whether no run holds `home` at this moment."""
    try:
        with (home / ".lock").open("a+") as file:
            return _locks(file)
    except FileNotFoundError:
        return True


def _locks(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
