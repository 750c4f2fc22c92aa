"""What a reader sees and does, in Debian's Chromium, cut off from the network."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe

from ops_tower_tests.dashboard import desk
from ops_tower_tests.dashboard.conftest import Visit, serve

PAGES = {"": 6}
"""Address of each page, and how many charts it draws."""

Visits = Callable[..., Visit]


def serious(visit: Visit) -> list[str]:
    """What axe calls serious or critical on the page as it stands."""
    findings = Axe().run(visit.page).response["violations"]
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


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_page_is_sound_wide_and_narrow(visit: Visits, address: str, mode: str) -> None:
    reader = visit(mode)
    for path, charts in PAGES.items():
        reader.open(f"{address}/{path}")
        reader.page.wait_for_function(
            f"document.querySelectorAll('.js-plotly-plot .main-svg').length >= {charts}"
        )
        for width in (1440, 390):
            reader.page.set_viewport_size({"width": width, "height": 900})
            reader.page.wait_for_timeout(300)
            assert not scrolls_sideways(reader), f"{path} at {width}"
            assert not serious(reader), f"{path} at {width}"
        reader.page.set_viewport_size({"width": 1440, "height": 900})
        assert reader.page.get_by_test_id("stException").count() == 0
    assert not reader.errors
    assert not reader.strangers


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
    assert [value for value, _ in reader.metrics().values()] == [
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
    reader.wait_for_first_metric("30")
    assert "group=Engineering" in reader.page.url
    shared = visit()
    shared.open(reader.page.url)
    assert shared.metrics() == reader.metrics()
    assert "100 h" in shared.metrics()["Cycle time"]
    shared.page.get_by_role("button", name="Show everything").first.click()
    shared.wait_for_first_metric("270")
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
