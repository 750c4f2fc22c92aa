"""What a person reads when something failed: one line, the reason and what to do, and no wrapping.

Belongs here: finding the reason in a chain of errors, and the advice that goes with a reason that
comes from outside (the disk, the rights, a damaged file). Does not belong here: errors that already
say what to do; they are raised with their words where the trouble is seen.
"""

import re
from typing import Final, Protocol

# Errors whose message is written for people and says what to do; their class adds nothing.
SPOKEN: Final = ("SourceError", "HomeInUseError")
# The same, but for reasons that they quote from dbt or from a database.
QUOTING: Final = ("WarehouseError", "Failure", "InstanceError")

# What to do about reasons that engines and the operating system give, by a word of theirs.
ADVICE: Final = (
    (
        r"no space left|disk( is)? full|file too large|quota exceeded|could not write",
        "Free some room on the disk of the home and run again.",
    ),
    (
        # SQLite says so of a full disk as well, where its journal cannot grow.
        r"disk i/o error",
        "Free some room on the disk of the home, or look whether it fails, and run again.",
    ),
    (
        r"read-only file|permission denied|readonly database|unable to open|errno (1|2)\]",
        "Give this user the right to write the home, or choose another with --home.",
    ),
    (
        r"parquet.*(magic|footer|thrift|corrupt|invalid|too small)|no magic bytes|snappy|zstd",
        "A raw file is damaged; run again: it is read from the source anew.",
    ),
    (
        r"not a valid duckdb|corrupt|checksum|internal error|fatal error",
        "If this is the warehouse, run again: it is set aside and built anew.",
    ),
    (r"out of memory|memory_limit|cannot allocate", "Give the run more memory, or less data."),
)
LONGEST_LINE: Final = 1000


class StepError(Protocol):
    """What Dagster keeps of an exception: its class, its message, and what caused it."""

    @property
    def cls_name(self) -> str | None: ...  # noqa: D102, read from Dagster's record
    @property
    def message(self) -> str: ...  # noqa: D102
    @property
    def cause(self) -> "StepError | None": ...  # noqa: D102


def root_cause(error: StepError) -> str:
    """In one line, the first error written for people down the causes, else the deepest one."""
    while error.cause is not None and error.cls_name not in SPOKEN + QUOTING:
        error = error.cause
    message = error.message.strip()
    if error.cls_name in SPOKEN + QUOTING:
        message = message.partition(": ")[2]
    return line(message, is_spoken=error.cls_name in SPOKEN)


def explain(error: BaseException) -> str:
    """An exception that reached the command line, in one line."""
    name = type(error).__name__
    text = str(error) if name in SPOKEN + QUOTING else f"{name}: {error}"
    return line(text, is_spoken=name in SPOKEN)


def line(message: str, *, is_spoken: bool = False) -> str:
    """`message` in one line of a length that can be read, with what to do where that is known."""
    text = " ".join(printable(message).split())
    text = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"
    if is_spoken:
        return text
    advice = next((words for reason, words in ADVICE if re.search(reason, text, re.IGNORECASE)), "")
    return f"{text.rstrip('.')}. {advice}" if advice else text


def printable(text: str) -> str:
    """`text` without the control characters by which data could steer a terminal."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", text)
