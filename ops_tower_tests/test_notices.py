"""Notices: each problem once, a reminder when it lasts, a word when it is over; to real servers."""

import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from ops_tower import notices
from ops_tower.notices import Entry, Kind, Notice, Problem
from ops_tower_tests.webhook import Hook, dripping, refused_address, webhook

NOW = datetime(2026, 3, 2, 6)  # noqa: DTZ001, UTC without a marker
DAY = timedelta(days=1)
SLA = Problem("marts: sla", "error: 12 rows")


def told(
    kind: Kind, at: datetime, *, is_sent: bool = True, failed: str = "", attempt: int = 1
) -> Entry:
    return Entry(at.isoformat(), "run", str(kind), SLA.key, "detail", is_sent, failed, attempt)


def kinds(ledger: list[Entry], *, is_failing: bool, now: datetime = NOW) -> list[Kind]:
    problems, passed = ([SLA], []) if is_failing else ([], [SLA.key])
    return [notice.kind for notice in notices.decide(problems, passed, ledger, now, DAY)]


def test_a_problem_is_told_when_it_appears() -> None:
    assert kinds([], is_failing=True) == [Kind.NEW]


def test_a_problem_that_lasts_is_not_told_again_before_its_reminder_is_due() -> None:
    ledger = [told(Kind.NEW, NOW - timedelta(hours=23))]
    assert kinds(ledger, is_failing=True) == []
    assert kinds(ledger, is_failing=True, now=NOW + timedelta(hours=1)) == [Kind.REMINDER]


def test_an_end_is_told_once_and_what_was_never_told_has_no_end() -> None:
    ledger = [told(Kind.NEW, NOW - DAY)]
    assert kinds(ledger, is_failing=False) == [Kind.RECOVERED]
    assert kinds([*ledger, told(Kind.RECOVERED, NOW)], is_failing=False) == []
    assert kinds([], is_failing=False) == []


def test_a_problem_that_comes_back_is_new_again() -> None:
    ledger = [told(Kind.NEW, NOW - 2 * DAY), told(Kind.RECOVERED, NOW - DAY)]
    assert kinds(ledger, is_failing=True) == [Kind.NEW]


def test_a_notice_for_which_no_channel_was_set_is_told_again() -> None:
    assert kinds([told(Kind.NEW, NOW, is_sent=False)], is_failing=True) == [Kind.NEW]


def test_a_channel_that_failed_is_tried_again_by_itself_and_not_by_the_next_run() -> None:
    ledger = [told(Kind.NEW, NOW, is_sent=False, failed="json #1")]
    assert kinds(ledger, is_failing=True) == []
    assert kinds(ledger, is_failing=False) == [Kind.RECOVERED]


def test_a_failed_channel_is_tried_again_after_pauses_that_double_and_then_left() -> None:
    def is_owed(attempt: int, minutes: float) -> bool:
        ledger = [told(Kind.NEW, NOW, failed="json #1", attempt=attempt)]
        return bool(notices.owed(ledger, NOW + timedelta(minutes=minutes)))

    assert [is_owed(1, minutes) for minutes in (4.9, 5)] == [False, True]
    assert [is_owed(3, minutes) for minutes in (19.9, 20)] == [False, True]
    assert not is_owed(notices.ROUNDS, 1e6)


def test_what_has_been_taken_or_said_anew_is_not_tried_again() -> None:
    failed = told(Kind.NEW, NOW - DAY, failed="json #1")
    assert notices.owed([failed], NOW) == [[failed]]
    for newer in (told(Kind.NEW, NOW - DAY, attempt=2), told(Kind.RECOVERED, NOW - DAY)):
        assert notices.owed([failed, newer], NOW) == []


def test_a_retry_is_one_more_line_that_says_which_channels_are_left() -> None:
    entry = told(Kind.NEW, NOW - DAY, is_sent=False, failed="json #1, mailto #2")
    (still,) = notices.retried([entry], NOW, ["mailto #2"])
    assert still == told(Kind.NEW, NOW, is_sent=True, failed="mailto #2", attempt=2)
    (nobody,) = notices.retried([entry], NOW, ["json #1", "mailto #2"])
    assert not nobody.is_sent
    assert notices.unreached([entry, still]) == ["mailto #2"]
    assert notices.unreached([]) == []


def test_what_a_run_did_not_look_at_is_neither_failing_nor_recovered() -> None:
    assert notices.decide([], [], [told(Kind.NEW, NOW - 9 * DAY)], NOW, DAY) == []


def test_the_ledger_returns_what_was_appended_also_after_a_cut_line(tmp_path: Path) -> None:
    ledger = tmp_path / "notices.jsonl"
    due = [Notice(Kind.NEW, SLA.key, SLA.detail)]
    entries = notices.enter(due, "run", NOW, failed=["json #2"], told=2)
    notices.append(entries, ledger)
    with ledger.open("a") as file:
        file.write('{"at": "20')
    assert notices.read(ledger) == entries
    assert entries[0].is_sent


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Hook]]]:
    monkeypatch.setattr(notices, "RETRY_SECONDS", 0.01)
    with webhook() as served:
        yield served


def test_a_message_groups_a_runs_notices_and_reaches_a_webhook(
    hook: tuple[str, type[Hook]],
) -> None:
    url, handler = hook
    due = [Notice(Kind.NEW, "a", "<b>1</b> & 2"), Notice(Kind.RECOVERED, "b", "passes again")]
    title, body = notices.compose(due, "http://127.0.0.1:3000/runs/1")
    assert notices.send(title, body, notices.channels([url])) == []
    assert len(handler.received) == 1
    assert handler.received[0]["title"] == "Ops Tower: 1 new, 1 recovered"
    assert "[new] a: <b>1</b> & 2" in handler.received[0]["message"]
    assert handler.received[0]["message"].endswith("/runs/1")


def test_a_webhook_that_refuses_twice_is_tried_a_third_time(hook: tuple[str, type[Hook]]) -> None:
    url, handler = hook
    handler.refusals = 2
    assert notices.send("title", "body", notices.channels([url])) == []
    assert len(handler.received) == 1


def test_a_channel_that_stays_closed_is_named_without_its_secret(
    hook: tuple[str, type[Hook]],
) -> None:
    url, handler = hook
    handler.refusals = 99
    failed = notices.send("title", "body", notices.channels([url, "nonsense"]))
    assert failed == ["json #1", "nonsense #2"]
    assert "secret" not in str(failed)


def test_a_channel_that_never_ends_its_answer_costs_the_others_nothing(
    hook: tuple[str, type[Hook]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PATIENCE_SECONDS", 3.0)
    began = time.monotonic()
    with dripping() as (slow, called):
        to = notices.channels([slow, refused_address(), hook[0]])
        assert notices.send("title", "body", to) == ["json #1", "json #2"]
    assert 3 <= time.monotonic() - began < 6
    assert len(called) == 1, "it was still being waited for"
    assert len(hook[1].received) == 1


class Mailbox:
    """An SMTP server's handler that keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802, aiosmtpd's name
        self.mails.append(getattr(envelope, "content", b""))
        return "250 OK"


def test_a_message_reaches_a_mail_server() -> None:
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        url = f"mailto://127.0.0.1:{port}?from=desk@example.org&to=lead@example.org&mode=insecure"
        assert notices.send("Ops Tower: 1 new", "the body", notices.channels([url])) == []
    finally:
        server.stop()
    assert len(mailbox.mails) == 1
    assert b"Subject: Ops Tower: 1 new" in mailbox.mails[0]
