"""`alerts.log`: each alert once, each line whole, whatever a crash left behind."""

import json
from pathlib import Path

import pandas as pd

from ops_tower.alerts_log import append_new, read


def alerts(*rows: tuple[int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "ticket_id": ticket,
                "metric": "first_reply_time",
                "instance": 1,
                "severity": severity,
                "subject": 'a "quoted"\nsubject',
                "due_at": pd.Timestamp("2026-03-01 09:00"),
            }
            for ticket, severity in rows
        ]
    )


def test_an_alert_is_written_once_however_many_runs_see_it(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    assert append_new(alerts((1, "warning"), (2, "warning")), log) == 2
    assert append_new(alerts((1, "warning"), (2, "warning")), log) == 0
    assert [line["ticket_id"] for line in read(log)] == [1, 2]


def test_a_higher_severity_of_the_same_target_is_a_line_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    append_new(alerts((1, "warning")), log)
    assert append_new(alerts((1, "critical")), log) == 1
    assert [line["severity"] for line in read(log)] == ["warning", "critical"]


def test_every_line_is_json_whatever_the_subject_holds(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    append_new(alerts((1, "warning")), log)
    lines = log.read_text().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["subject"] == 'a "quoted"\nsubject'


def test_a_line_cut_short_by_a_crash_spoils_neither_the_next_nor_the_rest(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    append_new(alerts((1, "warning"), (2, "warning")), log)
    log.write_bytes(log.read_bytes()[:-20])
    assert append_new(alerts((1, "warning"), (2, "warning"), (3, "warning")), log) == 2
    assert [line["ticket_id"] for line in read(log)] == [1, 2, 3]


def test_no_alerts_make_no_file(tmp_path: Path) -> None:
    assert append_new(alerts(), tmp_path / "alerts.log") == 0
    assert not (tmp_path / "alerts.log").exists()
