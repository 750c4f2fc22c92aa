"""`alerts.log`: the events of alerts as JSON lines, for people and log shippers.

Belongs here: how lines are kept: whole, in order, by one writer at a time, in files that do not
grow without end. Does not belong here: what deserves an alert (`analysis.breach_risk`) and which
events a run adds (`analysis.alert_ledger`).
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROTATE_BYTES: Final = 5_000_000  # about ten thousand alerts
KEEP: Final = 9  # older files beside the one that is written

Events = list[dict[str, Any]]


def append(
    log: Path,
    news: Callable[[Events], Sequence[Mapping[str, Any]]],
    rotate_bytes: int = ROTATE_BYTES,
) -> int:
    """Append the events that `news` finds missing, in one write.

    Two writers take turns, and the second sees what the first has written.

    Args:
        log: the file; made if there is something to write.
        news: from all earlier events to the new ones.
        rotate_bytes: size from which on the file is set aside as `alerts.log.1` first, that one as
            `alerts.log.2`, and so on; the tenth is dropped.

    Returns:
        How many lines were written.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with _turn(log):
        events = news(read(log))
        if not events:
            return 0
        if log.exists() and log.stat().st_size >= rotate_bytes:
            _rotate(log)
        _write(log, "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events))
    return len(events)


def read(log: Path) -> Events:
    """All events that are kept, oldest first; what a crash left half-written is passed over."""
    return [event for file in _files(log) for event in _events(file)]


def _events(file: Path) -> Iterator[dict[str, Any]]:
    # Not splitlines: that also splits at characters that stand unescaped in a subject.
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event


def _files(log: Path) -> list[Path]:
    """The files that exist, the oldest first."""
    aside = [_aside(log, place) for place in range(KEEP, 0, -1)]
    return [file for file in (*aside, log) if file.exists()]


def _aside(log: Path, place: int) -> Path:
    return log.with_name(f"{log.name}.{place}")


def _rotate(log: Path) -> None:
    for place in range(KEEP - 1, 0, -1):
        if (file := _aside(log, place)).exists():
            file.replace(_aside(log, place + 1))
    log.replace(_aside(log, 1))


@contextmanager
def _turn(log: Path) -> Iterator[None]:
    """Wait for other writers; the lock ends with its process, also when that is killed."""
    with log.with_name(f".{log.name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(log: Path, text: str) -> None:
    with log.open("a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a crash cut the last line short: close it
                text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
