"""Which failures of a step are worth a second try, and when it comes.

A file system that stumbles, a server that does not answer, a warehouse that another program holds
for a moment: those pass. Wrong data, a missing file, a full disk or a failed test do not, and
trying again would only delay the word about them.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import dagster as dg
import duckdb

MAX_RETRIES: Final = 3
FIRST_PAUSE_SECONDS: Final = 5.0  # doubled each time: 5, 10, 20
_PASSING: Final = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTUNREACH,
    errno.EINTR,
    errno.EIO,
    errno.ENETUNREACH,
    errno.EPIPE,
    errno.ESTALE,
    errno.ETIMEDOUT,
}
LOCKED: Final = "Could not set lock"


def is_transient(error: BaseException | None) -> bool:
    """Whether the failure, or what it came from, is of a kind that passes by itself."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _PASSING:
            return True
        if isinstance(error, duckdb.Error) and LOCKED in str(error):
            return True
        error = error.__cause__
    return False


@contextmanager
def retried(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Have the step tried again, after a pause that doubles, where it failed on something passing.

    Raises:
        dg.RetryRequested: it was, and there are tries left. Everything else rises as it is.
    """
    try:
        yield
    except Exception as error:
        if not is_transient(error) or context.retry_number >= MAX_RETRIES:
            raise
        pause = FIRST_PAUSE_SECONDS * 2**context.retry_number
        context.log.warning("%s: trying again in %g s", error, pause)
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=pause) from error
