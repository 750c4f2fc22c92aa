"""What `dbt build` with all its tests costs on a year of tickets and on twenty times as many."""

import shutil
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.pipeline import bare_dbt_build
from ops_tower_tests.benchmarks.timing import BIN, machine, measure, table

SIZES = (50_000, 1_000_000)


def report() -> str:
    """Run the whole graph at each size, then build the warehouse anew over what it landed."""
    rows = []
    per_event = []
    for tickets in SIZES:
        home = Home(Path(tempfile.mkdtemp(prefix="ops-tower-bench-")))
        try:
            run = measure(
                [BIN / "ops-tower", "run", "--home", home.root, "--tickets", str(tickets)],
                PROJECT_ROOT,
            )
            home.warehouse.unlink()
            build = bare_dbt_build(home)
            events = pq.read_metadata(home.raw / "ticket_events.parquet").num_rows
        finally:
            shutil.rmtree(home.root)
        per_event.append(1e6 * build.wall_seconds / events)
        for name, cost in (("`dbt build`", build), ("`ops-tower run`", run)):
            rows.append(
                [
                    f"{events:,}",
                    name,
                    f"{cost.wall_seconds:.1f}",
                    f"{cost.cpu_seconds:.1f}",
                    f"{cost.peak_mib:,.0f}",
                ]
            )
    return "\n\n".join(
        [
            "### The warehouse, with all its data tests and unit tests",
            table(["events", "what", "wall s", "CPU s", "peak MiB"], rows),
            f"Build per event: {', '.join(f'{cost:.0f}' for cost in per_event)} µs.",
            machine("dbt-core", "dbt-duckdb", "duckdb"),
        ]
    )
