"""Every page of a desk whose words are SQL, HTML, formulas and lines: they are shown, none acts."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from ops_tower_tests.command_line import ops_tower
from ops_tower_tests.dashboard.conftest import Visit, serve
from ops_tower_tests.dashboard.test_browser import PAGES

HOSTILE = (
    "=cmd()",
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 2'>",
    '<a href="javascript:window.pwned = 3">x</a>',
    "[x](javascript:window.pwned=4) ![x](http://198.51.100.7/p.png)",
    "'; drop table marts.mart_source; --",
    "@SUM(1+1)",
    "first line\nsecond line",
    "{{ 7 * 7 }} ${window.pwned = 5} \\ `x` $y$ :red[z]",
    "+1+1",
)
ROLES = ("case_id", "activity", "timestamp", "group", "resource", "organization", "subject")


def write_log(path: Path) -> Path:
    """Cases over two months in which every free text of every role is hostile."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(ROLES)
        for case in range(150):
            name = HOSTILE[case % len(HOSTILE)]
            start = datetime(2026, 1, 1, 9) + timedelta(hours=9 * case)  # noqa: DTZ001
            subject = "x" * 1_000_000 if case == 7 else name
            steps = HOSTILE[: 4 if case % 3 else 6]
            # The last ones are not done; the others all end alike.
            for hour, step in enumerate([*steps, *(["-done"] if case < 140 else [])]):
                at = start + timedelta(hours=3 * hour)
                group = HOSTILE[(case + hour) % 3]
                writer.writerow([f"{name} {case}", step, at, group, name, name, subject])
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard of such a log, as a run published it: its URL."""
    folder = tmp_path_factory.mktemp("hostile")
    log = write_log(folder / "log.csv")
    result = ops_tower("run", "--home", folder / "home", "--event-log", log)
    assert result.returncode == 0, result.stderr
    assert "event-log: 150 tickets" in result.stdout
    with serve(folder / "home", folder / "server") as url:
        yield url


def is_unhurt(reader: Visit) -> bool:
    """Whether no word has acted on the page and no error stands on it."""
    return (
        reader.page.evaluate("window.pwned === undefined")
        and reader.page.get_by_test_id("stException").count() == 0
        and not reader.errors
        and not reader.strangers
    )


def cells(path: Path) -> list[str]:
    """All texts of a CSV file; figures are left out."""
    with path.open(newline="", encoding="utf-8") as file:
        found = [cell for row in csv.reader(file) for cell in row]
    return [cell for cell in found if not re.fullmatch(r"-?[\d.e+-]+", cell)]


def test_no_word_of_the_data_acts_on_a_page_or_in_a_spreadsheet(
    visit: Callable[..., Visit], hostile: str
) -> None:
    reader = visit()
    reader.open(hostile)
    saved: list[str] = []
    for title in PAGES:
        reader.turn_to(title)
        assert is_unhurt(reader), title
        for button in reader.page.locator("[class*=st-key-csv_] button:visible").all():
            with reader.page.expect_download() as file:
                button.click()
            saved += cells(file.value.path())
        assert is_unhurt(reader), title
    assert [cell for cell in saved if re.match(r"\s*[=+@-]", cell)] == []
    assert any(cell.startswith("'=cmd()") for cell in saved), "no formula was there to be saved"
    assert any("<script>" in cell for cell in saved), "no markup was there to be saved"


@pytest.mark.parametrize("case", [0, 2, 4, 7, 141])
def test_the_story_of_a_ticket_shows_its_words_as_they_are(
    visit: Callable[..., Visit], hostile: str, case: int
) -> None:
    name = f"{HOSTILE[case % len(HOSTILE)]} {case}"
    reader = visit()
    reader.open(f"{hostile}/tickets?ticket={quote(name)}")
    reader.page.get_by_role("button", name="Back to the list").wait_for()
    shown = "xxxxxxxxxx" if case == 7 else " ".join(HOSTILE[case % len(HOSTILE)].split())
    said = " ".join(reader.page.locator("h2").first.inner_text().split())
    assert shown in said.replace("—", "--"), "Streamlit sets a dash for two hyphens, wherever"
    reader.wait_for_charts(1)
    assert is_unhurt(reader)


def test_an_address_with_words_of_others_acts_as_little(
    visit: Callable[..., Visit], hostile: str
) -> None:
    reader = visit()
    for words in HOSTILE:
        reader.open(f"{hostile}/tickets?ticket={quote(words)}&group={quote(words)}&window=%3Cb%3E")
        assert reader.page.locator("h1").inner_text()
        assert is_unhurt(reader), words
