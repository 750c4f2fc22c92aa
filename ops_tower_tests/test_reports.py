"""Reports: one pair of files per day of the data, each whole."""

from datetime import datetime
from pathlib import Path

from ops_tower.reports import write_brief

MONDAY, TUESDAY = datetime(2026, 3, 2), datetime(2026, 3, 3)  # noqa: DTZ001, naive UTC as all


def test_a_day_has_one_brief_and_other_days_keep_theirs(tmp_path: Path) -> None:
    for as_of, text in ((MONDAY, "old"), (TUESDAY, "next"), (MONDAY, "new €")):
        write_brief(tmp_path / "reports", as_of, {"markdown": text, "html": f"<p>{text}"})
    found = {path.name: path.read_text("utf-8") for path in (tmp_path / "reports").iterdir()}
    assert found == {
        "monday-brief-2026-03-02.md": "new €",
        "monday-brief-2026-03-02.html": "<p>new €",
        "monday-brief-2026-03-03.md": "next",
        "monday-brief-2026-03-03.html": "<p>next",
    }
