"""Whether the titles are true: each claim in them, worked out again from the lowest tables.

`python -m ops_tower_tests.dashboard.titles HOME…` reads the titles of each home as the pages show
them and prints those that are not true. Belongs here: claims as patterns, and the plain SQL behind
each. Does not belong here: the words; a sentence that makes no claim starts as in `_NO_CLAIM`.
"""

import os
import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import navigation
import streamlit as st
from streamlit.testing.v1 import AppTest

from ops_tower import published
from ops_tower_tests.dashboard import DASHBOARD

PAGES: Final = tuple(entry.name for entry in navigation.PAGES.values())
_NO_CLAIM: Final = ("No ", "Not known", "Nothing", "This source")


class Claim(NamedTuple):
    """What a sentence says: a pattern, SQL for what its groups may be, and how each is printed."""

    pattern: str
    sql: str
    formats: tuple[str, ...]


_JUDGED: Final = """(
  from marts.mart_ticket_outcomes
  where is_sla_met is not null and sla_judged_at::date between $first and $last
)"""
_FINISHED: Final = """(
  from marts.mart_ticket_outcomes where is_finished and finished_at::date between $first and $last
)"""
_WAITS: Final = """(
  select from_activity || ' → ' || to_activity as step, sum(flows.total_hours) as hours
  from marts.mart_process_flows as flows
  join (from analysis.process_transitions where not is_timer) using (from_activity, to_activity)
  group by all
)"""
_MONTH: Final = "strftime(strptime(month || '-01', '%Y-%m-%d'), '%B %Y')"
CLAIMS: Final[Mapping[str, tuple[Claim, ...]]] = {
    "executive_overview": (
        Claim(
            r"^([\d.]+%) of ([\d,]+) judged tickets met all their targets",
            f"select avg(is_sla_met::int), count(*) from {_JUDGED}",
            ("{:.1%}", "{:,}"),
        ),
        Claim(
            r"That is ([\d.]+) points (above|below) the target of ([\d.]+%)",
            f"""select abs(got - goal), if(got >= goal, 'above', 'below'), goal / 100
            from (
              select round(100 * avg(is_sla_met::int), 1) as got, round(100 * avg(case priority
                when 'urgent' then 0.95 when 'high' then 0.92
                when 'normal' then 0.90 when 'low' then 0.85 end), 1) as goal
              from {_JUDGED}
            )""",
            ("{:.1f}", "{}", "{:.1%}"),
        ),
        Claim(
            r"(?:^|\. )(\w+) (\S+)s fare worst, at ([\d.]+%)",
            f"""select upper(priority[1]) || priority[2:], ticket_type,
              avg(is_sla_met::int) as rate
            from {_JUDGED}
            group by priority, ticket_type having count(*) >= 100
            qualify rate = min(rate) over ()""",
            ("{}", "{}", "{:.1%}"),
        ),
        Claim(
            r"(?:^|\. )([^.%]+) held ([\d,]+) of the ([\d,]+) that missed",
            f"""select sla_group_name, count(*) as missed, sum(count(*)) over ()::bigint
            from {_JUDGED} where not is_sla_met
            group by sla_group_name qualify missed = max(missed) over ()""",
            ("{}", "{:,}", "{:,}"),
        ),
    ),
    "queue_performance": (
        Claim(
            r"^(.+) is the tightest queue \(score (\d+), by ([^)]+)\)",
            """select group_name, bottleneck_score, driver from analysis.group_bottlenecks
            where is_bottleneck qualify bottleneck_score = max(bottleneck_score) over ()""",
            ("{}", "{:.0f}", "{}"),
        ),
        Claim(
            r"([\d,]+) tickets? (?:is|are) at risk as the data end",
            """select count(distinct ticket_id) from analysis.sla_alerts
            where severity <> 'breached'""",
            ("{:,}",),
        ),
        Claim(
            r"([\d,]+) tickets? (?:is|are) within 60 minutes of a breach",
            """select count(distinct ticket_id) from analysis.sla_alerts
            where severity <> 'breached' and minutes_left <= 60""",
            ("{:,}",),
        ),
    ),
    "bottleneck_analysis": (
        Claim(
            r"^With (.+?), because of its ([^.]+)\.",
            """select group_name, driver from analysis.group_bottlenecks
            where is_bottleneck qualify bottleneck_score = max(bottleneck_score) over ()""",
            ("{}", "{}"),
        ),
        Claim(
            r"(?:^|is )([^.]+ → [^.]+?)(?:,\s| )(?:with|holds) ([\d.]+%) of all waiting hours",
            f"""select step, hours / sum(hours) over () from {_WAITS}
            qualify hours = max(hours) over ()""",
            ("{}", "{:.1%}"),
        ),
    ),
    "capacity_planning": (
        Claim(
            r"^No: in (\S+ \d{4}) (.+?) is short of (\d+) agent-days?",
            f"""select {_MONTH}, group_name, gap_agent_days from analysis.capacity_gap
            where gap_agent_days > 0 qualify gap_agent_days = max(gap_agent_days) over ()""",
            ("{}", "{}", "{:.0f}"),
        ),
        Claim(
            r"^Yes: in (\S+ \d{4}) every planned group has enough. The tightest, (.+?), has (\d+)",
            f"""select {_MONTH}, group_name, -gap_agent_days from analysis.capacity_gap
            where (select max(gap_agent_days) from analysis.capacity_gap) <= 0
            qualify gap_agent_days = max(gap_agent_days) over ()""",
            ("{}", "{}", "{:.0f}"),
        ),
        Claim(
            r"([\d,]+) new tickets expected in the next (\d+) days",
            """select sum(forecast), count(*) from analysis.volume_forecast
            where group_name = 'All'""",
            ("{:,.0f}", "{}"),
        ),
    ),
    "quality_outcomes": (
        Claim(
            r"^CSAT is ([\d.]+) \(([\d,]+) ratings, ([\d.]+%) answered\)",
            f"""select avg(csat_score), count(*), (select count(csat_score) / count(*)
              from {_FINISHED})
            from marts.mart_ticket_outcomes
            where csat_score is not null and csat_rated_at::date between $first and $last""",
            ("{:.2f}", "{:,}", "{:.1%}"),
        ),
        Claim(
            r"; (?:the )?(.+?) weighs? most on it",
            """select case driver when 'cycle_days' then 'days until the solve'
              when 'first_reply_hours' then 'wait for a first reply' else driver end
            from analysis.drivers where outcome = 'csat_score' and upper_95 < 0
            qualify total_effect = min(total_effect) over ()""",
            ("{}",),
        ),
    ),
    "recommendations": (
        Claim(
            r"^\(1\) (.+?)(?:; \(2\)|\.)",
            "select title from analysis.recommendations where rank = 1",
            ("{}",),
        ),
        Claim(
            r"\b(\d+) recommendations? in all",
            "select count(*) from analysis.recommendations",
            ("{}",),
        ),
    ),
    "tickets": (
        Claim(
            r"^([\d,]+) tickets?: new",
            """select count(*) from marts.mart_ticket_outcomes
            where created_at::date between $first and $last""",
            ("{:,}",),
        ),
    ),
    "about_the_data": (
        Claim(
            r"^([\d,]+) tickets and ([\d,]+) events",
            "select count(*), sum(events)::bigint from marts.mart_ticket_outcomes",
            ("{:,}", "{:,}"),
        ),
    ),
}


def read(home: Path, page: str, window: str) -> str:
    """The title of a page with the sentences below it, as a reader has them."""
    os.environ["OPS_TOWER_HOME"] = str(home)
    app = AppTest.from_file(DASHBOARD / "streamlit_app.py", default_timeout=60)
    app.query_params["window"] = window
    app.switch_page(f"app_pages/{page}.py").run()
    if app.exception:
        raise AssertionError(f"{page}: {app.exception[0].message}")
    rest = [element.value for element in app.markdown[:1]]
    return " ".join([app.title[0].value, *rest])


def made(page: str, title: str) -> int:
    """How many of the page's claims a title makes: a sentence in new words makes none."""
    return sum(re.search(claim.pattern, title) is not None for claim in CLAIMS[page])


def untrue(version: Path, page: str, title: str, window_days: int) -> list[str]:
    """What a title claims and the tables deny; also a title that claims nothing at all.

    Args:
        version: the published file.
        page: the page's script, without its ending.
        title: as `read` gives it.
        window_days: the window that it was read in.
    """
    with published.connect(version) as connection:
        as_of, start = connection.execute(
            "select as_of, first_event_at::date from marts.mart_source"
        ).fetchall()[0]
        last = (as_of - timedelta(microseconds=1)).date()
        days = {"first": max(last - timedelta(days=window_days - 1), start), "last": last}
        faults = []
        for claim in CLAIMS[page]:
            found = re.search(claim.pattern, title)
            if found is None:
                continue
            named = {name: value for name, value in days.items() if f"${name}" in claim.sql}
            truths = [
                tuple(form.format(value) for form, value in zip(claim.formats, row, strict=True))
                for row in connection.execute(claim.sql, named).fetchall()
            ]
            if found.groups() not in truths:
                faults.append(f"{page}: {found[0]!r}, but {truths}")
    if not made(page, title) and not title.startswith(_NO_CLAIM):
        faults.append(f"{page}: nothing to hold {title!r} to")
    return faults


def faults(home: Path) -> list[str]:
    """What any page's title says in either of two windows and is not true."""
    st.cache_resource.clear()  # the settings of the home before
    version = (home / "published" / "current").resolve(strict=True)
    return [
        f"{window}, {one}"
        for window, window_days in (("30d", 30), ("90d", 90))
        for page in PAGES
        for one in untrue(version, page, read(home, page, window), window_days)
    ]


def main(homes: list[Path]) -> int:
    """Print every title of every home that is not true; the number of faults."""
    found = {home: faults(home) for home in homes}
    for home, wrong in found.items():
        sys.stdout.write("".join(f"{home}: {one}\n" for one in wrong))
        sys.stdout.write(f"{home}: {len(PAGES)} pages read in two windows\n")
    return sum(map(len, found.values()))


if __name__ == "__main__":
    sys.exit(min(main([Path(name) for name in sys.argv[1:]]), 1))
