"""Who is told what about a run: one message per run, each problem once, and when it is over.

Belongs here: which problems deserve a word now, the words, and the ledger of what was sent.
Does not belong here: how a run's checks are read (`defs/notifications.py`).

The ledger is the memory: a problem is open from the notice that told of it until the one that told
of its end, and a notice for which no channel was set counts as not sent. It names channels by kind
and number only, since a webhook's address is a secret.
"""

import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apprise import Apprise

ATTEMPTS: Final = 3  # at once, seconds apart: for a channel that stumbles
RETRY_SECONDS: Final = 1.0
ROUNDS: Final = 6  # later, minutes apart and doubling: for one that is away for an hour or two
ROUND_MINUTES: Final = 5.0
# For all attempts at once: twice this fits into the minute that Dagster gives a sensor.
PATIENCE_SECONDS: Final = 25.0


class Kind(StrEnum):
    """Why a problem is in a message."""

    NEW = "new"
    REMINDER = "still failing"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Problem:
    """A check that failed, or the run itself: a name that stays, and what was found."""

    key: str
    detail: str


@dataclass(frozen=True)
class Notice:
    """One line of a message."""

    kind: Kind
    key: str
    detail: str


@dataclass(frozen=True)
class Entry:
    """One notice as the ledger keeps it; `is_sent` if at least one channel has taken it by then.

    `attempt` counts from 1; a higher one is a retry for the channels that had not taken it.
    """

    at: str
    run_id: str
    kind: str
    key: str
    detail: str
    is_sent: bool
    failed_channels: str
    attempt: int = 1


def decide(
    problems: Iterable[Problem],
    passed: Iterable[str],
    ledger: Sequence[Entry],
    now: datetime,
    remind_after: timedelta,
) -> list[Notice]:
    """What to say now.

    Args:
        problems: what failed in this run.
        passed: keys that were looked at in this run and are well; the rest is neither.
        ledger: earlier entries, oldest first.
        now: naive UTC.
        remind_after: how long a problem may last before it is named again.

    Returns:
        New problems, reminders, then recoveries; empty if there is nothing to say.
    """
    # A channel that failed is tried again by itself (`owed`); only what had no channel is new.
    last = {entry.key: entry for entry in ledger if entry.is_sent or entry.failed_channels}
    is_open = {key for key, entry in last.items() if entry.kind != Kind.RECOVERED}
    notices = []
    for problem in problems:
        if problem.key not in is_open:
            notices.append(Notice(Kind.NEW, problem.key, problem.detail))
        elif now - datetime.fromisoformat(last[problem.key].at) >= remind_after:
            notices.append(Notice(Kind.REMINDER, problem.key, problem.detail))
    notices += [
        Notice(Kind.RECOVERED, key, "passes again") for key in sorted(is_open & set(passed))
    ]
    order = list(Kind)
    return sorted(notices, key=lambda notice: order.index(notice.kind))


def compose(notices: Sequence[Notice], link: str) -> tuple[str, str]:
    """Title and plain-text body of the message that carries `notices`."""
    counts = [(kind, sum(notice.kind is kind for notice in notices)) for kind in Kind]
    title = "Ops Tower: " + ", ".join(f"{count} {kind}" for kind, count in counts if count)
    lines = [f"[{notice.kind}] {notice.key}: {notice.detail}" for notice in notices]
    return title, "\n".join([*lines, "", f"Run: {link}"])


def channels(urls: Sequence[str]) -> dict[str, str]:
    """The addresses by the names under which they may be spoken of, such as `slack #2`."""
    return {f"{url.partition(':')[0]} #{place}": url for place, url in enumerate(urls, start=1)}


def send(title: str, body: str, to: Mapping[str, str]) -> list[str]:
    """Send a message through every channel at once, each tried a few times.

    Args:
        title: one line.
        body: plain text; channels that speak HTML or Markdown get it escaped.
        to: apprise's addresses (https://appriseit.com) by the names of `channels`; the addresses
            are secrets.

    Returns:
        The names of the channels that did not take it, or not in time: a server may send a byte a
        second for hours, which no time limit on a socket ends.
    """
    taken: set[str] = set()

    def try_one(name: str, url: str) -> None:
        if _is_taken(title, body, url):
            taken.add(name)

    deadline = time.monotonic() + PATIENCE_SECONDS
    threads = [threading.Thread(target=try_one, args=item, daemon=True) for item in to.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    in_time = frozenset(taken)
    return [name for name in to if name not in in_time]


def open_channel(url: str) -> "Apprise | None":
    """The channel at an address; None if apprise knows no such kind."""
    from apprise import Apprise  # noqa: PLC0415, half a second to import

    # What apprise logs of a failure may hold the address.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    channel = Apprise()
    return channel if channel.add(url) else None


def _is_taken(title: str, body: str, url: str) -> bool:
    from apprise import NotifyFormat  # noqa: PLC0415, as above

    channel = open_channel(url)
    return channel is not None and any(
        channel.notify(title=title, body=body, body_format=NotifyFormat.TEXT) for _ in _attempts()
    )


def _attempts() -> Iterator[int]:
    """1, 2, …, with a growing pause before each but the first."""
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1:
            time.sleep(RETRY_SECONDS * 2 ** (attempt - 2))
        yield attempt


def enter(
    notices: Sequence[Notice], run_id: str, now: datetime, *, failed: Sequence[str], told: int
) -> list[Entry]:
    """What the ledger keeps of `notices` that went to `told` channels, of which `failed` failed."""
    return [
        Entry(
            at=now.isoformat(),
            run_id=run_id,
            kind=str(notice.kind),
            key=notice.key,
            detail=notice.detail,
            is_sent=len(failed) < told,
            failed_channels=", ".join(failed),
        )
        for notice in notices
    ]


def owed(ledger: Sequence[Entry], now: datetime) -> list[list[Entry]]:
    """Notices that some channel has yet to take and whose next attempt is due, by message.

    What was said of a problem since makes an older notice pointless; it is not tried again.
    """
    last = {entry.key: entry for entry in ledger}.values()
    due: dict[tuple[str, int, str], list[Entry]] = {}
    for entry in last:
        pause = timedelta(minutes=ROUND_MINUTES * 2 ** (entry.attempt - 1))
        is_due = now - datetime.fromisoformat(entry.at) >= pause
        if entry.failed_channels and entry.attempt < ROUNDS and is_due:
            message = (entry.run_id, entry.attempt, entry.failed_channels)
            due.setdefault(message, []).append(entry)
    return list(due.values())


def retried(entries: Sequence[Entry], now: datetime, failed: Sequence[str]) -> list[Entry]:
    """What the ledger keeps of one message that was tried again."""
    return [
        replace(
            entry,
            at=now.isoformat(),
            attempt=entry.attempt + 1,
            is_sent=entry.is_sent or len(failed) < len(entry.failed_channels.split(", ")),
            failed_channels=", ".join(failed),
        )
        for entry in entries
    ]


def unreached(ledger: Sequence[Entry]) -> list[str]:
    """The channels that did not take the last message, retries included."""
    return ledger[-1].failed_channels.split(", ") if ledger and ledger[-1].failed_channels else []


def append(entries: Sequence[Entry], ledger: Path) -> None:
    """Add `entries` to the ledger's end, in one write."""
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with ledger.open("a", encoding="utf-8") as file:
        file.write("".join(json.dumps(asdict(entry)) + "\n" for entry in entries))


def read(ledger: Path) -> list[Entry]:
    """All entries, oldest first; none where there is no ledger yet."""
    if not ledger.exists():
        return []
    lines = ledger.read_text(encoding="utf-8").splitlines()
    return [Entry(**json.loads(line)) for line in lines if line.endswith("}")]
