"""The Monday brief: what it says, and that both forms say it as text."""

import re
from datetime import datetime
from html.parser import HTMLParser

import pandas as pd
import pytest

from ops_tower.analysis import brief
from ops_tower.analysis.anomalies import ANOMALIES
from ops_tower.analysis.changes import since_monday, sla_change
from ops_tower.analysis.frames import Output
from ops_tower.analysis.recommendations import RECOMMENDATIONS
from ops_tower_tests.analysis.marts import DAILY, SLA, mart

AS_OF = datetime(2026, 3, 4, 15)  # noqa: DTZ001, a Wednesday on the project's naive clock
NASTY = "Tier|1 <script>alert(1)</script>\n# *x*"


def table(output: Output, *rows: dict) -> pd.DataFrame:
    return output.frame({**dict.fromkeys(output.columns), **row} for row in rows)


def frames(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Three weeks of a steady desk, on which Monday and Tuesday of the last are different."""
    days = pd.date_range("2026-02-16", "2026-03-03")
    daily = [{"date": day, "cycle_hours_sum": 100.0, "finished_tickets": 10.0} for day in days]
    for row in daily[-2:]:
        row |= {"created_tickets": 25.0, "met_tickets": 5.0, "backlog_tickets": 7}
    sla = [
        {"denominator": "ticket", "date": day, "judged": 10, "met": 5 if day > days[-3] else 9}
        for day in days
    ]
    found = {
        "mart_source": pd.DataFrame({"as_of": [pd.Timestamp(AS_OF)], "description": ["A desk."]}),
        "mart_daily_ops": mart(DAILY, daily).assign(
            cost_usd=3.0, cycle_hours_sum=100.0, finished_tickets=10.0
        ),
        "mart_sla": mart(SLA, sla),
        "answers": pd.DataFrame(
            {"rank": [2, 1], "question": ["Why?", "How?"], "answer": ["So.", "Well."]}
        ),
        "anomalies": table(ANOMALIES),
        "recommendations": table(RECOMMENDATIONS),
    } | changed
    return {"sla_change": sla_change(found["mart_sla"], AS_OF)} | found


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells below the first table's headings in a section of the Markdown."""
    section = text.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


class Cells(HTMLParser):
    """What stands in the cells of a page's tables, and which tags it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.is_in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag == "td":
            self.cells.append("")
            self.is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.is_in_cell &= tag != "td"

    def handle_data(self, data: str) -> None:
        if self.is_in_cell:
            self.cells[-1] += data


def test_answers_come_first_in_the_order_of_their_questions() -> None:
    text = brief.markdown(brief.weekly_brief(frames()))
    assert text.startswith("# Monday brief, 4 March 2026\n\nData as of Wed 4 March 2026, 15:00 UTC")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[:2] == ["How?", "Why?"]


def test_figures_cover_whole_days_since_monday_and_the_same_weekdays_before() -> None:
    told = rows(brief.markdown(brief.weekly_brief(frames())), "What changed since Monday, 2 March")
    assert {row[0]: row[1:] for row in told} == {
        "SLA attainment": ["50.0%", "90.0%", "-40.0 pts, worse"],
        "Backlog": ["7", "5", "+40.0%, worse"],
        "New tickets": ["50", "20", "+150.0%, more"],
        "Cycle time": ["10.0 h", "10.0 h", "+0.0%, steady"],
        "Cost of work": ["$6.00", "$6.00", "+0.0%, steady"],
        "CSAT": ["4.00", "4.00", "+0.00, steady"],
    }
    assert [row[0] for row in told][:2] == ["SLA attainment", "Backlog"], "the worse come first"


def test_what_a_source_does_not_record_is_named_and_not_printed_as_nil() -> None:
    bare = frames()["mart_daily_ops"].assign(cost_usd=0.0, ratings=0.0, csat_score_sum=0.0)
    text = brief.markdown(brief.weekly_brief(frames(mart_daily_ops=bare)))
    assert "Not recorded: Cost of work, CSAT." in text
    assert "$0.00" not in text


def test_the_split_prints_every_cell_and_adds_up_to_the_change() -> None:
    cells = [
        {
            "denominator": "ticket",
            "date": pd.Timestamp(day),
            "group_name": f"G{number:02}",
            "judged": 10 + number,
            "met": met + number % 3,
        }
        for number in range(20)
        for day, met in (("2026-02-23", 9), ("2026-03-02", 5))
    ]
    told = rows(
        brief.markdown(brief.weekly_brief(frames(mart_sla=mart(SLA, cells)))), "What moved SLA"
    )
    assert len(told) == brief.MOST_CELLS + 2
    assert told[-2][0] == "8 others"
    for place in (4, 5, 6):
        parts = sum(float(row[place]) for row in told[:-1])
        assert parts == pytest.approx(float(told[-1][place]), abs=0.005 * len(told))
    before, now = (float(share.rstrip("%")) for share in told[-1][3].split(" → "))
    assert float(told[-1][6]) == pytest.approx(now - before, abs=0.1)


def test_odd_days_before_monday_and_of_today_are_left_out() -> None:
    odd = table(
        ANOMALIES,
        *(
            {
                "date": pd.Timestamp(day),
                "metric": "breach_rate",
                "group_name": "All",
                "value": 0.5,
                "expected": 0.125,
                "z_score": 5.0,
            }
            for day in ("2026-03-01", "2026-03-02", "2026-03-04")
        ),
    )
    text = brief.markdown(brief.weekly_brief(frames(anomalies=odd)))
    assert text.count("where 12.5% is usual") == 1
    assert "1. Mon 2 March, all groups: 50.0% of tickets missed SLA" in text


def test_words_from_tickets_are_text_in_both_forms() -> None:
    spoken = pd.DataFrame({"rank": [1], "question": ["How?"], "answer": [NASTY]})
    sla = frames()["mart_sla"].assign(group_name=NASTY)
    told = brief.weekly_brief(frames(answers=spoken, mart_sla=sla))
    text, page = brief.markdown(told), brief.html(told)
    assert "<script" not in text + page
    assert "\n# *x*" not in text, "a heading of its own"
    shown = r"Tier\|1 &lt;script&gt;alert(1)&lt;/script&gt; \# \*x\*"
    assert rows(text, "What moved SLA")[0][0] == shown
    assert NASTY in Cells(page).cells


def test_the_page_holds_the_same_cells_and_loads_nothing() -> None:
    told = brief.weekly_brief(frames())
    text, page = brief.markdown(told), Cells(brief.html(told))
    printed = [
        cell
        for head in ("What changed", "What moved SLA")
        for row in rows(text, head)
        for cell in row
    ]
    assert page.cells == printed
    assert not page.tags & {"script", "img", "link", "iframe", "object", "svg", "a"}
    assert not [name for name, _ in page.attributes if name in {"src", "href", "srcset"}]
    assert "url(" not in brief.html(told)


def test_an_empty_history_is_a_brief_that_says_so() -> None:
    told = frames(mart_sla=mart(SLA))
    told["mart_daily_ops"] = told["mart_daily_ops"].iloc[:0]
    text = brief.markdown(brief.weekly_brief(told))
    assert "No whole day of data lies between then and 15:00 UTC." in text
    assert "Not known: one of the two weeks has no ticket that was judged on targets." in text
    assert "No day since Monday stands out." in text
    assert "No rule found anything to act on." in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize(
    ("as_of", "first", "end"),
    [
        ("2026-03-02 00:00", "2026-02-23", "2026-03-02"),
        ("2026-03-02 09:00", "2026-02-23", "2026-03-02"),
        ("2026-03-03 00:00", "2026-03-02", "2026-03-03"),
        ("2026-03-08 23:59", "2026-03-02", "2026-03-08"),
    ],
)
def test_the_week_holds_whole_days_and_on_a_monday_the_week_before(
    as_of: str, first: str, end: str
) -> None:
    weeks = since_monday(datetime.fromisoformat(as_of))
    assert (f"{weeks.first:%Y-%m-%d}", f"{weeks.end:%Y-%m-%d}") == (first, end)
    assert weeks.before_end - weeks.before_first == weeks.end - weeks.first
