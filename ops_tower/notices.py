"""Who is told what about a run: one message per run, each problem once, and when it is over.

Belongs here: which problems deserve a word now, the words, and the ledger of what was sent.
Does not belong here: how a run's checks are read (`defs/notifications.py`).

The ledger is the memory: a problem is open from the notice that told of it until the one that told
of its end, and a notice that reached nobody counts as not sent. It names channels by kind and
number only, since a webhook's address is a secret.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

ATTEMPTS: Final = 3
RETRY_SECONDS: Final = 1.0


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
    """One notice as the ledger keeps it; `is_sent` if at least one channel took it."""

    at: str
    run_id: str
    kind: str
    key: str
    detail: str
    is_sent: bool
    failed_channels: str


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
    last = {entry.key: entry for entry in ledger if entry.is_sent}
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


def send(title: str, body: str, urls: Sequence[str]) -> list[str]:
    """Send a message through every channel, each tried a few times.

    Args:
        title: one line.
        body: plain text; channels that speak HTML or Markdown get it escaped.
        urls: apprise's addresses (https://appriseit.com); they are secrets.

    Returns:
        The channels that took it not, by kind and number, such as `slack #2`.
    """
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415, half a second to import

    failed = []
    for number, url in enumerate(urls, start=1):
        name = f"{url.partition(':')[0]} #{number}"
        channel = Apprise()
        if not channel.add(url):
            failed.append(f"{name} (not an address that apprise knows)")
        elif not any(
            channel.notify(title=title, body=body, body_format=NotifyFormat.TEXT)
            for _ in _attempts()
        ):
            failed.append(name)
    return failed


def _attempts() -> Iterator[int]:
    """1, 2, …, with a growing pause before each but the first."""
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1:
            time.sleep(RETRY_SECONDS * 2 ** (attempt - 2))
        yield attempt


def enter(
    notices: Sequence[Notice], run_id: str, now: datetime, *, failed: Sequence[str], channels: int
) -> list[Entry]:
    """What the ledger keeps of `notices` after `failed` of the `channels` did not take them."""
    return [
        Entry(
            at=now.isoformat(),
            run_id=run_id,
            kind=str(notice.kind),
            key=notice.key,
            detail=notice.detail,
            is_sent=len(failed) < channels,
            failed_channels=", ".join(failed),
        )
        for notice in notices
    ]


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
