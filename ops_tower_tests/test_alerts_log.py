"""`alerts.log`: each line whole and once, whatever a crash or a second writer did."""

import json
import multiprocessing
from pathlib import Path

from ops_tower.alerts_log import KEEP, append, read


def numbered(first: int, last: int, log: Path, rotate_bytes: int = 10**6) -> int:
    """Append the numbers from `first` to `last` that the log does not hold yet."""

    def news(past: list[dict]) -> list[dict]:
        known = {event["number"] for event in past}
        wanted = range(first, last + 1)
        return [{"event": "raised", "number": number} for number in wanted if number not in known]

    return append(log, news, rotate_bytes)


def numbers(log: Path) -> list[int]:
    return [event["number"] for event in read(log)]


def test_only_what_is_missing_is_appended(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    assert numbered(1, 2, log) == 2
    assert numbered(1, 3, log) == 1
    assert numbered(1, 3, log) == 0
    assert numbers(log) == [1, 2, 3]


def test_every_event_is_one_line_of_json_whatever_a_subject_holds(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    event = {"event": "raised", "subject": 'a "quoted"\nsubject\u2028with\x85 odd\vends'}
    append(log, lambda _: [event])
    assert [json.loads(line) for line in log.read_text().rstrip("\n").split("\n")] == [event]
    assert read(log) == [event]


def test_a_line_cut_short_by_a_crash_spoils_neither_the_next_nor_the_rest(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    numbered(1, 2, log)
    whole = log.read_bytes()
    for cut in range(1, len(whole.splitlines()[-1]) + 1):
        log.write_bytes(whole[:-cut])
        numbered(1, 3, log)
        assert numbers(log) == [1, 2, 3], f"{cut} bytes were lost"


def test_no_events_make_no_file(tmp_path: Path) -> None:
    assert append(tmp_path / "alerts.log", lambda _: []) == 0
    assert not (tmp_path / "alerts.log").exists()


def test_writers_at_once_take_turns_and_write_nothing_twice(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_all, args=(log,), daemon=True) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(numbers(log)) == list(range(1, 101))


def _write_all(log: Path) -> None:
    for last in range(1, 101):
        numbered(1, last, log, rotate_bytes=500)


def test_a_full_file_is_set_aside_and_still_read_until_the_tenth_is_dropped(
    tmp_path: Path,
) -> None:
    log = tmp_path / "alerts.log"
    for number in range(1, KEEP + 4):
        append(
            log,
            lambda _, number=number: [{"event": "raised", "number": number}],
            rotate_bytes=1,
        )
    kept = list(range(3, KEEP + 4))
    assert numbers(log) == kept
    assert json.loads((tmp_path / "alerts.log.1").read_text())["number"] == kept[-2]
    assert len(list(tmp_path.glob("alerts.log*"))) == KEEP + 1
