"""What a reader sees and does, in Debian's Chromium, cut off from the network."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import navigation
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from ops_tower.published import current, read
from ops_tower_tests.command_line import ops_tower
from ops_tower_tests.dashboard import DASHBOARD, desk, pictures, published_figures
from ops_tower_tests.dashboard.conftest import Visit, serve

PAGES = pictures.PAGES | {"Tickets": 0, "Data": 1}
"""Each page of the navigation, and how many charts it draws."""

Visits = Callable[..., Visit]


def serious(visit: Visit) -> list[str]:
    """What axe calls serious or critical on the page as it stands."""
    options = {"resultTypes": ["violations"]}
    findings = Axe().run(visit.page, options=options).response["violations"]
    return [
        f"{finding['id']}: {node['html'][:160]}"
        for finding in findings
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]


def scrolls_sideways(visit: Visit) -> bool:
    """Whether anything is wider than the window."""
    return visit.page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".some(element => element.scrollWidth > element.clientWidth)"
    )


def tick_first_row(reader: Visit, key: str) -> None:
    """Click the box before the first row of the table of that key."""
    grid = reader.page.locator(f".st-key-{key} canvas").first
    grid.scroll_into_view_if_needed()
    reader.settle()
    grid.click(position={"x": 16, "y": 52}, force=True)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_page_is_sound_wide_and_narrow(visit: Visits, address: str, mode: str) -> None:
    reader = visit(mode)
    reader.open(address)
    for title, charts in PAGES.items():
        reader.turn_to(title)
        reader.wait_for_charts(charts)
        for width in (1440, 390):
            reader.page.set_viewport_size({"width": width, "height": 900})
            reader.page.wait_for_timeout(300)
            assert not scrolls_sideways(reader), f"{title} at {width}"
            assert not serious(reader), f"{title} at {width}"
        reader.page.set_viewport_size({"width": 1440, "height": 900})
        assert reader.page.get_by_test_id("stException").count() == 0
    assert not reader.errors
    assert not reader.strangers


def test_the_flow_keeps_its_width_on_a_phone_and_is_moved_sideways(
    visit: Visits, address: str
) -> None:
    reader = visit(width=390)
    reader.open(f"{address}/bottleneck_analysis")
    reader.wait_for_charts(PAGES["Bottleneck Analysis"])
    for key in ("flow", "matrix"):
        place = reader.page.locator(f".st-key-wide_{key}")
        place.scroll_into_view_if_needed()
        reader.page.wait_for_function(
            f"document.querySelector('.st-key-wide_{key} .main-svg').clientWidth >= 700"
        )
        place.evaluate("place => place.scrollLeft = 300")
        assert place.evaluate("place => place.scrollLeft") > 0
    assert not scrolls_sideways(reader)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a dashboard on the project's small log, without its column of priorities."""
    home = tmp_path_factory.mktemp("imported")
    roles = ("case=ticket_id", "activity=event", "timestamp=at", "group=team", "resource=person")
    columns = [argument for role in roles for argument in ("--column", role)]
    log = DASHBOARD.parent / "data" / "sample" / "tickets.csv"
    run = ops_tower("run", "--home", home, "--event-log", log, "--end-activity", "Closed", *columns)
    assert run.returncode == 0, run.stderr
    with serve(home, home / "server.log") as url:
        yield url


LACKS = {
    "Executive Overview": "Nothing is recorded of SLA attainment, Cost per ticket, CSAT",
    "Queue Performance": "This source has no SLA policy",
    "Bottleneck Analysis": "most frequent variant",
    "Capacity Planning": "does not say who works in the group",
    "Quality Outcomes": "No rating came in.",
    "Recommendations": "does not say who works in the group",
    "Tickets": "Not in these tickets",
    "Data": "This source has no SLA policy",
}
"""What each page says of a log without policies, priorities, ratings and staff."""


def test_each_page_says_what_an_imported_log_lacks(visit: Visits, imported: str) -> None:
    reader = visit()
    reader.open(imported)
    for title, lack in LACKS.items():
        reader.turn_to(title)
        for width in (1440, 390):
            reader.page.set_viewport_size({"width": width, "height": 900})
            reader.page.wait_for_timeout(300)
            assert not scrolls_sideways(reader), f"{title} at {width}"
        reader.page.set_viewport_size({"width": 1440, "height": 900})
        assert reader.page.get_by_test_id("stException").count() == 0, title
        assert lack in reader.page.get_by_test_id("stMain").inner_text(), title
        assert not serious(reader), title
    assert LACKS.keys() == navigation.PAGES.keys()
    assert not reader.errors
    assert not reader.strangers


def test_an_empty_home_makes_its_first_run_at_a_click(
    visit: Visits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_TOWER_TICKETS", "400")
    home = tmp_path / "home"
    with serve(home, tmp_path / "log") as url:
        reader = visit()
        reader.open(url)
        reader.page.get_by_role("button", name="Run it now").click()
        reader.page.get_by_text("The run is going").wait_for()
        reader.page.locator("h1", has_text="judged tickets met all their targets").wait_for(
            timeout=300_000
        )
        reader.settle()
        assert reader.page.get_by_test_id("stException").count() == 0
    assert not reader.errors
    version = current(home)
    assert version is not None
    (tickets,) = read(version, "select tickets from analysis.run_info")["tickets"]
    assert 300 < tickets < 500


def test_the_figures_on_the_overview_equal_sql(visit: Visits, address: str, home: Path) -> None:
    with duckdb.connect(str((home / "published" / "current").resolve()), read_only=True) as db:
        row = db.execute(
            """
            select
              (select count(*) from marts.mart_ticket_outcomes
               where created_at >= date '2026-01-31'),
              (select sum(met) / sum(judged) from marts.mart_sla
               where denominator = 'ticket' and date >= date '2026-01-31'),
              (select avg(cycle_hours) from marts.mart_ticket_outcomes
               where finished_at >= date '2026-01-31'),
              (select sum(backlog_tickets) from marts.mart_daily_ops
               where date = date '2026-03-01'),
              (select avg(cost_usd) from marts.mart_ticket_outcomes
               where finished_at >= date '2026-01-31'),
              (select avg(csat_score) from marts.mart_ticket_outcomes
               where csat_rated_at >= date '2026-01-31')
            """
        ).fetchone()
    assert row is not None
    reader = visit()
    reader.open(address)
    assert [value for value, _ in reader.cards(6).values()] == [
        f"{row[0]}",
        f"{row[1]:.1%}",
        f"{row[2]:.1f} h",
        f"{row[3]}",
        f"${row[4]:.2f}",
        f"{row[5]:.2f}",
    ]


def test_a_filter_changes_the_figures_and_the_url_carries_it(visit: Visits, address: str) -> None:
    reader = visit()
    reader.open(address)
    reader.page.get_by_test_id("stPopover").get_by_role("button", name="Filters").click()
    reader.page.get_by_role("button", name="Engineering").click()
    reader.wait_for_first_card("30")
    assert "group=Engineering" in reader.page.url
    shared = visit()
    shared.open(reader.page.url)
    assert shared.cards(6) == reader.cards(6)
    assert "100 h" in shared.cards(6)["Cycle time"]
    shared.page.get_by_role("button", name="Show everything").first.click()
    shared.wait_for_first_card("270")
    assert "group" not in shared.page.url


def test_an_open_page_follows_what_is_published_without_a_reload(
    visit: Visits, tmp_path: Path
) -> None:
    midnight = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    with serve(tmp_path, tmp_path / "log") as url:
        reader = visit()
        reader.open(url)
        assert reader.page.locator("h1").inner_text() == "Nothing is published yet"
        assert not serious(reader)
        reader.page.evaluate("window.hasNotReloaded = true")
        desk.publish(tmp_path, midnight - timedelta(days=1), run_id="yesterday")
        reader.page.get_by_text(
            f"{midnight - timedelta(days=1):%a %-d %b %Y}, 00:00"
        ).first.wait_for()
        desk.publish(tmp_path, midnight, run_id="today")
        reader.page.get_by_text(f"{midnight:%a %-d %b %Y}, 00:00").first.wait_for()
        assert reader.page.evaluate("window.hasNotReloaded")
    assert not reader.errors


def test_figures_and_tables_on_every_page_equal_sql(
    visit: Visits, address: str, home: Path
) -> None:
    reader = visit()
    reader.open(address)
    with duckdb.connect(str((home / "published" / "current").resolve()), read_only=True) as db:

        def answer(sql: str) -> float:
            row = db.execute(sql).fetchone()
            assert row is not None
            return row[0]

        for title, tables in published_figures.TABLES.items():
            reader.turn_to(title)
            reader.wait_for_charts(PAGES[title])
            shown = reader.cards(3) if title in published_figures.FIGURES else {}
            for label, (form, sql) in published_figures.FIGURES.get(title, {}).items():
                assert shown[label][0] == form.format(answer(sql)), f"{label} on {title}"
            for name, (column, sql) in tables.items():
                saved = pd.read_csv(reader.download(f".st-key-csv_{name} button"))
                if name == "daily_figures":
                    # It reaches back to what the window is compared with.
                    sql = f"{sql} where date >= date '{saved['date'].min()}'"  # noqa: PLW2901
                assert saved[column].sum() == pytest.approx(answer(sql)), f"{name} on {title}"
        reader.turn_to("Recommendations")
        titles = db.execute("select title from analysis.recommendations order by rank").fetchall()
        told = reader.page.locator("h2").all_inner_texts()[: len(titles)]
        assert told == [f"{place}. {row[0]}" for place, row in enumerate(titles, 1)]


def test_a_page_prints_whole(visit: Visits, address: str) -> None:
    reader = visit()
    reader.open(address)
    reader.wait_for_charts(6)
    printed = reader.page.pdf(format="A4")
    # What scrolls on the screen must not be cut off at the first sheet.
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 1


def test_each_page_has_its_picture_in_the_readme(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    taken = pictures.take(browser, address, tmp_path)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for path in taken:
        assert path.stat().st_size > 10_000
        assert f"docs/images/{path.name}" in readme


def test_a_bar_leads_to_its_tickets_and_a_row_to_its_story(visit: Visits, address: str) -> None:
    reader = visit()
    reader.open(f"{address}/queue_performance?window=7d")
    chart = reader.page.locator(".st-key-chart_ages .barlayer .point path").first
    chart.scroll_into_view_if_needed()
    reader.page.wait_for_timeout(300)
    box = chart.bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reader.page.locator("h1", has_text="6 tickets: open, now.").wait_for()
    assert "show=Open" in reader.page.url
    assert "group=Tier+1+Support" in reader.page.url
    assert "window=7d" in reader.page.url
    tick_first_row(reader, "tickets")
    reader.page.locator("h1", has_text="met 0 of 1 targets; 1 still running.").wait_for()
    assert "ticket=T-" in reader.page.url
    assert "window=7d" in reader.page.url
    reader.page.get_by_role("button", name="Back to the list").click()
    reader.page.locator("h1", has_text="6 tickets: open, now.").wait_for()
    assert not reader.errors


def test_a_row_of_missed_sla_leads_to_its_tickets(visit: Visits, address: str) -> None:
    reader = visit()
    reader.open(address)
    tick_first_row(reader, "attained")
    reader.page.locator("h1", has_text="30 tickets: missed SLA").wait_for()
    assert "group=Tier+2+Specialists" in reader.page.url
    assert not reader.errors


def test_a_scenario_is_a_link(visit: Visits, address: str) -> None:
    reader = visit()
    reader.open(f"{address}/capacity_planning?fte-tier-2-specialists=2&volume=120")
    assert reader.cards(3)["Tier 2 Specialists, agent-days"][0] == "2 short"
