"""The simulated desk: what it costs at three sizes, and what the pipeline finds in it.

Belongs here: the commands and the figures' places in the published file. The ranges are the
promises of docs/simulator.md.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb

from ops_tower.published import connect, current
from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.timing import BIN, Cost, machine, measure, table

AS_OF: Final = "2026-11-23"
SIZES: Final = (50_000, 250_000, 1_000_000)
SEEDS: Final = (1, 2, 3, 4, 5)
SIMULATE: Final = (
    "import sys; from datetime import datetime; from pathlib import Path;"
    "from ops_tower.sources.simulator import SimulatorParameters, simulate;"
    "simulate(SimulatorParameters(as_of=datetime.fromisoformat(sys.argv[1]),"
    " tickets=int(sys.argv[2])), Path(sys.argv[3]))"
)

VOLUME: Final = """
select count(*)::DOUBLE as volume from marts.mart_ticket_outcomes
where created_date < (select as_of::DATE from marts.mart_source) group by created_date
order by created_date
"""

Finding = tuple[str, str, Callable[[duckdb.DuckDBPyConnection], object]]


def cost_report(sizes: tuple[int, ...] = SIZES) -> str:
    """Time and memory of the simulator alone, each size as a process of its own."""
    rows = []
    for tickets in sizes:
        folder = Path(tempfile.mkdtemp(prefix="ops-tower-bench-"))
        try:
            cost = measure(
                [sys.executable, "-c", SIMULATE, AS_OF, str(tickets), folder], PROJECT_ROOT
            )
            size = sum(file.stat().st_size for file in folder.iterdir())
        finally:
            shutil.rmtree(folder)
        rows.append(_cost_row(tickets, cost, size))
    header = ["tickets", "wall s", "CPU s", "CPU ms per 1,000", "peak MiB", "Parquet MiB"]
    lines = ["### The simulator alone", table(header, rows), machine("numpy", "pyarrow")]
    return "\n\n".join(lines)


def _cost_row(tickets: int, cost: Cost, size: int) -> list[str]:
    return [
        f"{tickets:,}",
        f"{cost.wall_seconds:.1f}",
        f"{cost.cpu_seconds:.1f}",
        f"{1e6 * cost.cpu_seconds / tickets:.0f}",
        f"{cost.peak_mib:.0f}",
        f"{size / 2**20:.0f}",
    ]


def _one(sql: str, form: str) -> Callable[[duckdb.DuckDBPyConnection], object]:
    def read(connection: duckdb.DuckDBPyConnection) -> object:
        row = connection.execute(sql).fetchone()
        return "none" if row is None else form.format(*row)

    return read


def _weekly_season(connection: duckdb.DuckDBPyConnection) -> object:
    values = connection.execute(VOLUME).df()["volume"]
    centred = values - values.mean()
    return f"{(centred * centred.shift(7)).sum() / (centred**2).sum():.2f}"


FINDINGS: Final[tuple[Finding, ...]] = (
    (
        "tickets",
        "49,000 to 51,000",
        _one("select tickets from marts.mart_source", "{:,}"),
    ),
    (
        "events",
        "240,000 to 260,000",
        _one("select events from marts.mart_source", "{:,}"),
    ),
    (
        "SLA attainment",
        "85 to 90 %",
        _one(
            """select 100 * sum(met) / sum(judged) from marts.mart_sla
            where denominator = 'ticket'""",
            "{:.1f} %",
        ),
    ),
    (
        "lowest cell of priority and type",
        "urgent incident",
        _one(
            """select priority, ticket_type, 100 * sum(met) / sum(judged) from marts.mart_sla
            where denominator = 'ticket' group by all
            order by sum(met) / sum(judged) limit 1""",
            "{} {}, {:.0f} %",
        ),
    ),
    (
        "top bottleneck",
        "Tier 2 Specialists",
        _one(
            """select group_name from analysis.group_bottlenecks
            order by bottleneck_score desc limit 1""",
            "{}",
        ),
    ),
    (
        "Tier 2, agent-days short in the next month",
        "10 to 15",
        _one(
            """select gap_agent_days from analysis.capacity_gap
            where group_name = 'Tier 2 Specialists' order by month limit 1""",
            "{:.1f}",
        ),
    ),
    (
        "hours that an escalation adds",
        "3 to 5",
        _one(
            """select effect, lower_95, upper_95 from analysis.drivers
            where outcome = 'cycle_hours' and driver = 'escalations'""",
            "{:.1f} ({:.1f} to {:.1f})",
        ),
    ),
    (
        "tickets on the documented path",
        "60 to 70 %",
        _one(
            "select 100 * value from analysis.conformance where measure = 'conforming_share'",
            "{:.1f} %",
        ),
    ),
    ("daily volume, autocorrelation at 7 days", "above 0.5", _weekly_season),
    (
        "planted days among the unusual ones",
        "reported",
        _one(
            """select count(distinct date), (select count(*) from planted)
            from planted left join analysis.anomalies using (date)
            where metric = 'created_tickets' and group_name = 'All' and direction = 'high'""",
            "{} of {}",
        ),
    ),
)
"""A finding, what is promised, and where the published file has it."""


def findings_report(seeds: tuple[int, ...] = SEEDS) -> str:
    """Run the whole pipeline on the default desk with each seed; a Markdown table."""
    columns = [_findings_of(seed) for seed in seeds]
    header = ["finding", "promised", *(f"seed {seed}" for seed in seeds)]
    rows = [
        [name, promised, *(column[index] for column in columns)]
        for index, (name, promised, _) in enumerate(FINDINGS)
    ]
    return f"### What the pipeline finds in the default desk\n\n{table(header, rows)}"


def _findings_of(seed: int) -> list[object]:
    home = Home(Path(tempfile.mkdtemp(prefix="ops-tower-bench-")))
    flags = ["--home", home.root, "--seed", str(seed), "--as-of", AS_OF]
    try:
        measure([BIN / "ops-tower", "run", *flags], PROJECT_ROOT)
        return findings_in(home)
    finally:
        shutil.rmtree(home.root)


def findings_in(home: Home) -> list[object]:
    """The findings of the home's published version; the planted days come from truth.json."""
    version = current(home.root)
    if version is None:
        raise RuntimeError(f"{home.root} holds nothing published.")
    truth = json.loads((home.raw / "truth.json").read_text(encoding="utf-8"))
    days = [day["day"] for day in truth["planted"]["anomaly_days"]]
    with connect(version) as connection:
        connection.execute("create temp table planted as select unnest(?)::DATE as date", [days])
        return [read(connection) for _, _, read in FINDINGS]
