"""One run at a time in one home, whoever starts it: the command line, the schedule or the UI.

The lock is the operating system's, on an open file, so it ends with the process that holds it, also
when that process is killed. Nothing has to be cleaned up.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HomeInUseError(RuntimeError):
    """Another run works in this home; the message names its process."""


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold `home` for as long as the block runs.

    Raises:
        HomeInUseError: another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise HomeInUseError(
                f"Another run is under way in {home} (process {holder}): wait for it to end."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
