"""How long a reader waits for the dashboard, on a desk and on one of a million tickets.

Belongs here: the two homes, and what is asked of each figure. Does not belong here: the readers and
the clock (`ops_tower_tests.dashboard.measuring`).
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from ops_tower import published
from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks import timing
from ops_tower_tests.dashboard import measuring

TICKETS: Final = 50_000
TIMES: Final = 20
"""The large home holds each ticket of the small one so many times: a million."""

BY_TICKET: Final = (
    "marts.mart_ticket_outcomes",
    "marts.mart_sla_targets",
    "marts.mart_sla_ledger",
    "marts.mart_open_targets",
    "analysis.open_target_risk",
    "analysis.sla_alerts",
)
"""Tables with a row or more for each ticket; all others are as long at any number of tickets."""

ASKED: Final[dict[str, tuple[str, str, int | None]]] = {
    "headline": ("headline of a cold visit", "median", 1500),
    "figures": ("figures of a cold visit", "median", None),
    "chart": ("first chart with axes of a cold visit", "median", 3000),
    "filter": ("filter to new figures", "median", 100),
    "page": ("page to page", "median", 150),
    "forty readers": ("40 readers, a click each 5 s, all pages", "p95", 150),
}
ASKED_MIB: Final = 400


def swell(small: Path, large: Path) -> None:
    """Publish in `large` what is published in `small`, with every ticket `TIMES` times."""
    version = published.current(small)
    if version is None:
        raise FileNotFoundError(f"Nothing is published in {small}.")
    warehouse = large / "ops.duckdb"
    large.mkdir(parents=True)
    shutil.copyfile(version, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        for name in BY_TICKET:
            known = {row[0] for row in connection.execute(f"describe {name}").fetchall()}
            change = [f"(ticket_id - 1) * {TIMES} + copy as ticket_id"]
            if "external_id" in known:
                change.append("external_id || '-' || copy as external_id")
            connection.execute(
                f"create or replace table {name} as"
                f" select swollen.* exclude (copy) replace ({', '.join(change)})"
                f" from (from {name}, range(1, {TIMES + 1}) as copies(copy)) as swollen"
                " order by ticket_id"
            )
    published.publish(warehouse, large / "published", "large")
    warehouse.unlink()


def report(home: Path | None = None) -> str:
    """Measure a desk and one of a million tickets in turn; a Markdown table beside what is asked.

    Args:
        home: has the desk; without it one is run, of `TICKETS`.
    """
    scratch = Path(tempfile.mkdtemp(prefix="ops-tower-bench-"))
    try:
        if home is None:
            home = Home(scratch / "small").root
            command = [timing.BIN / "ops-tower", "run", "--home", home, "--tickets", TICKETS]
            timing.measure([str(part) for part in command], PROJECT_ROOT)
        large = scratch / "large"
        swell(home, large)
        (few, few_mib), (many, many_mib) = measuring.measure(home), measuring.measure(large)
        bare = measuring.bare().median
    finally:
        shutil.rmtree(scratch)
    rows = [_row(one, other) for one, other in zip(few, many, strict=True)]
    memory = ["memory of the server afterwards", f"{ASKED_MIB} MiB"]
    rows.append([*memory, f"{few_mib:.0f} MiB", f"{many_mib:.0f} MiB", _ratio(few_mib, many_mib)])
    own = next(one.median for one in few if one.what == "filter")
    floor = (
        f"A filter on a page of six figures and nothing else, served alike, takes {bare:.0f} ms;"
        f" the overview's takes {own / bare:.2f} times that."
    )
    header = ["what", "asked", f"{TICKETS:,} tickets", f"{TICKETS * TIMES:,} tickets", "ratio"]
    return "\n\n".join(
        [
            "### The dashboard",
            timing.table(header, rows),
            floor,
            timing.machine("streamlit", "plotly", "duckdb"),
        ]
    )


def _row(few: measuring.Timing, many: measuring.Timing) -> list[str]:
    name, measure, limit = ASKED[few.what]
    one, other = float(getattr(few, measure)), float(getattr(many, measure))
    asked = "" if limit is None else f"{limit:,} ms"
    cells = [f"{name}, {measure}", asked, f"{one:,.0f} ms", f"{other:,.0f} ms"]
    return [*cells, _ratio(one, other)]


def _ratio(few: float, many: float) -> str:
    return f"{many / few:.2f}"
