"""The whole way: a log in, every layer, a published file out."""

import re
import shlex
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ops_tower import last_run
from ops_tower.published import ANALYSIS_TABLES, current
from ops_tower.settings import PROJECT_ROOT
from ops_tower_tests.benchmarks.drivers import planted_effects
from ops_tower_tests.command_line import REAL_LOGS, open_published, ops_tower

# Five tickets by hand: two take the short way, one is reopened, one is passed on, one is not done.
STEPS = {
    "a": ["Created", "Answered", "Closed"],
    "b": ["Created", "Answered", "Closed"],
    "c": ["Created", "Answered", "Reopened", "Answered", "Closed"],
    "d": ["Created", "Passed on", "Answered", "Closed"],
    "e": ["Created"],
}


def write_log(path: Path, prefix: str = "vetus") -> Path:
    """A CSV file of `STEPS`, an hour apart; every name in it starts with `prefix`."""
    lines = ["case_id,activity,timestamp,group"]
    for number, (case, steps) in enumerate(STEPS.items()):
        start = datetime(2026, 3, 2 + number, 9)  # noqa: DTZ001, the file names no zone
        for hour, step in enumerate(steps):
            at = start + timedelta(hours=hour)
            lines.append(f"{prefix}-{case},{prefix} {step},{at:%Y-%m-%d %H:%M:%S},{prefix} desk")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("tiny") / "home"
    log = write_log(home.parent / "log.csv")
    result = ops_tower("run", "--home", home, "--event-log", log)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stderr.splitlines() if not line.startswith("  ")] == []
    assert "Are we hitting SLA?" in result.stdout
    assert result.stdout.count("?\n  ") == 5, "five questions, each with an answer"
    last = last_run.read(home)
    assert last is not None
    assert last.is_published
    return home


def test_a_tiny_log_is_published_with_the_figures_that_its_lines_have(tiny_home: Path) -> None:
    with open_published(tiny_home) as published:
        info = published.execute("select source, tickets, events from analysis.run_info").fetchone()
        transitions = published.execute(
            """select from_activity, to_activity, transitions, median_hours
               from analysis.process_transitions order by all"""
        ).fetchall()
        variants = published.execute(
            "select variant, cases from analysis.process_variants order by variant_rank"
        ).fetchall()
    assert info == ("event-log", 5, 16)
    assert transitions == [
        ("vetus Answered", "vetus Closed", 4, 1.0),
        ("vetus Answered", "vetus Reopened", 1, 1.0),
        ("vetus Created", "vetus Answered", 3, 1.0),
        ("vetus Created", "vetus Passed on", 1, 1.0),
        ("vetus Passed on", "vetus Answered", 1, 1.0),
        ("vetus Reopened", "vetus Answered", 1, 1.0),
    ]
    assert variants[0] == ("vetus Created > vetus Answered > vetus Closed", 2)
    assert sum(cases for _, cases in variants) == 5


def test_the_readme_s_command_reads_the_log_that_comes_with_it(tmp_path: Path) -> None:
    example = (PROJECT_ROOT / "README.md").read_text().split(".venv/bin/ops-tower ")[1]
    command = example.split("```")[0].replace("\\\n", " ")
    result = ops_tower(*shlex.split(command), "--home", tmp_path, cwd=PROJECT_ROOT)
    assert result.returncode == 0, result.stderr
    assert "event-log: 17 tickets, 82 events" in result.stdout
    assert "were refused" not in result.stdout


def test_every_table_that_readers_rely_on_is_published(tiny_home: Path) -> None:
    with open_published(tiny_home) as published:
        tables = {
            name
            for (name,) in published.execute(
                "select table_name from duckdb_tables() where schema_name = 'analysis'"
            ).fetchall()
        }
    assert tables == set(ANALYSIS_TABLES)


def test_a_second_log_replaces_the_first_in_every_table(tmp_path: Path, tiny_home: Path) -> None:
    log = write_log(tmp_path / "new.csv", prefix="novus")
    result = ops_tower("run", "--home", tiny_home, "--event-log", log)
    assert result.returncode == 0, result.stderr
    with open_published(tiny_home) as published:
        tables = published.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        texts = {
            table: str(published.execute(f'from {schema}."{table}"').fetchall())
            for schema, table in tables
        }
    assert not [table for table, text in texts.items() if "vetus" in text]
    assert [table for table, text in texts.items() if "novus" in text]


def test_a_file_that_cannot_be_read_is_one_line_and_leaves_what_was_published(
    tmp_path: Path, tiny_home: Path
) -> None:
    before = current(tiny_home)
    missing = tmp_path / "not-there.csv"
    result = ops_tower("run", "--home", tiny_home, "--event-log", missing)
    assert result.returncode == 1
    assert "not-there.csv" in result.stderr
    assert "Traceback" not in result.stderr
    assert current(tiny_home) == before


def test_a_blocking_check_publishes_nothing_and_says_why_on_screen_and_for_the_badge(
    tmp_path: Path, tiny_home: Path
) -> None:
    before = current(tiny_home)
    log = write_log(tmp_path / "log.csv")
    result = ops_tower("run", "--home", tiny_home, "--event-log", log, "--as-of", "2026-06-01")
    assert result.returncode == 1
    assert "raw/ticket_events: The newest event is" in result.stderr
    assert "dbt_build" not in result.stderr, "nothing is built on stale events"
    assert current(tiny_home) == before
    last = last_run.read(tiny_home)
    assert last is not None
    assert last.reason.startswith("raw/ticket_events: The newest event is")
    status = ops_tower("status", "--home", tiny_home)
    assert "events_are_fresh" in status.stdout


@pytest.mark.skipif(not REAL_LOGS.is_dir(), reason=f"the real logs are not in {REAL_LOGS}")
@pytest.mark.parametrize(
    ("file", "columns", "expected"),
    [
        ("helpdesk.xes.gz", ["group=workgroup"], (4580, 21348, 55, 16768, 226)),
        ("bpic2013_closed.xes.gz", ["group=organization involved"], (1487, 6660, None, 5173, 183)),
        (
            "bpic2013_closed.xes.gz",
            ["activity=concept:name", "activity=lifecycle:transition"],
            (1487, 6660, None, 5173, 327),
        ),
    ],
)
def test_a_real_log_is_published_with_its_known_figures(
    tmp_path: Path, file: str, columns: list[str], expected: tuple[int | None, ...]
) -> None:
    flags = [part for column in columns for part in ("--column", column)]
    result = ops_tower("run", "--home", tmp_path, "--event-log", REAL_LOGS / file, *flags)
    assert result.returncode == 0, result.stderr
    with open_published(tmp_path) as published:
        found = published.execute(
            """
            select tickets, events,
                (select count(*) from analysis.process_transitions),
                (select sum(transitions) from analysis.process_transitions),
                (select count(*) from analysis.process_variants)
            from analysis.run_info
            """
        ).fetchone()
    assert found is not None
    assert [figure for figure, known in zip(found, expected, strict=True) if known] == [
        known for known in expected if known
    ]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home of a small simulated desk on a Monday, and what the command printed."""
    home = tmp_path_factory.mktemp("simulated")
    flags = ["--tickets", "3000", "--seed", "1", "--as-of", "2026-03-02"]
    result = ops_tower("run", "--home", home, *flags)
    assert result.returncode == 0, result.stderr
    return home, result.stdout


def test_a_simulated_desk_answers_all_five_questions(simulated: tuple[Path, str]) -> None:
    _, printed = simulated
    assert "simulator:" in printed
    assert "Not known" not in printed


def test_the_brief_lies_where_the_command_says_and_its_figures_are_those_of_the_marts(
    simulated: tuple[Path, str],
) -> None:
    home, printed = simulated
    page = home / "reports" / "monday-brief-2026-03-02.html"
    assert f"Monday brief: {page}\n" in printed
    text = page.with_suffix(".md").read_text()
    with open_published(home) as published:
        volume, attainment, cycle, csat = published.execute(
            """
            select
                count_if(created_at >= '2026-02-23'),
                avg(is_sla_met::int) filter (where sla_judged_at >= '2026-02-23'),
                avg(cycle_hours) filter (where is_finished and finished_at >= '2026-02-23'),
                avg(csat_score) filter (where csat_rated_at >= '2026-02-23')
            from marts.mart_ticket_outcomes
            """
        ).fetchall()[0]
        backlog, cost = published.execute(
            """
            select sum(backlog_tickets) filter (where date = '2026-03-01'), sum(cost_usd)
            from marts.mart_daily_ops where date >= '2026-02-23'
            """
        ).fetchall()[0]
        (before,), (now,) = published.execute(
            """
            select sum(met) / sum(judged)
            from marts.mart_sla where denominator = 'ticket' and date >= '2026-02-16'
            group by date >= '2026-02-23' order by date >= '2026-02-23'
            """
        ).fetchall()
        answers = published.execute("select answer from analysis.answers").fetchall()
    figures = dict(
        re.findall(r"^\| ([A-Z][^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)
    )
    assert figures == {
        "Figure": "Now",
        "New tickets": f"{volume:,}",
        "SLA attainment": f"{attainment:.1%}",
        "Cycle time": f"{cycle:,.1f} h",
        "Backlog": f"{backlog:,}",
        "Cost of work": f"${cost:,.2f}",
        "CSAT": f"{csat:.2f}",
    }
    rows = re.findall(
        r"^\| (.+) \| ([+-][\d.]+) \| ([+-][\d.]+) \| ([+-][\d.]+) \|$", text, re.MULTILINE
    )
    *parts, desk = [[float(figure) for figure in row[1:]] for row in rows]
    assert desk[2] == pytest.approx(100 * (now - before), abs=0.005)
    for place in range(3):
        assert sum(row[place] for row in parts) == pytest.approx(desk[place], abs=0.005 * len(rows))
    assert all(answer in text for (answer,) in answers)


def test_drivers_of_csat_are_those_that_the_simulator_plants(simulated: tuple[Path, str]) -> None:
    with open_published(simulated[0]) as published:
        found = published.execute(
            """
            select driver, effect, (upper_95 - lower_95) / 2 / 1.96
            from analysis.drivers where outcome = 'csat_score'
            """
        ).fetchall()
    planted = planted_effects()
    assert {driver for driver, _, _ in found} == set(planted)
    for driver, effect, error in found:
        assert abs(effect - planted[driver]) < 4 * error, driver
    errors = {driver: error for driver, _, error in found}
    assert errors["cycle_days"] < 0.1, "so wide an interval would cover anything"
