"""What the analyses cost after dbt, on a year of tickets and on twenty times as many.

Each step's own function is called directly, in the graph's order and in a process of its own, so
that first imports count. `python -m ops_tower_tests.benchmarks.analysis WAREHOUSE…` times
warehouses that are there already, the small one first.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.timing import BIN, machine, measure, table

SIZES = (50_000, 1_000_000)
REPEATS = 3
DIRECT = "ops_tower_tests.benchmarks.direct"

Seconds = dict[str, float]


def compare(warehouses: list[Path]) -> str:
    """A Markdown table of the steps' seconds on each warehouse, medians of several processes."""
    runs: dict[Path, list[Seconds]] = {warehouse: [] for warehouse in warehouses}
    for _ in range(REPEATS):
        for warehouse, seconds in runs.items():
            command = [sys.executable, "-m", DIRECT, str(warehouse)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds.append(json.loads(done.stdout)["seconds"])
    names = max(runs.values(), key=lambda seconds: len(seconds[0]))[0]
    rows = [
        [f"`{name}`", *(median(s[name] for s in seconds) for seconds in runs.values())]
        for name in names
    ]
    totals = [median(sum(s.values()) for s in seconds) for seconds in runs.values()]
    rows.append(["together", *totals])
    sizes = [_tickets(warehouse) for warehouse in warehouses]
    return "\n\n".join(
        [
            "### Analysis after dbt, seconds",
            table(
                ["step", *(f"{size:,} tickets" for size in sizes)],
                [[name, *(f"{value:.2f}" for value in values)] for name, *values in rows],
            ),
            f"The largest takes {totals[-1] / totals[0]:.2f} times the smallest.",
            machine("duckdb", "pandas", "statsmodels"),
        ]
    )


def report() -> str:
    """Build both sizes in homes of their own, then compare."""
    homes = [Home(Path(tempfile.mkdtemp(prefix="ops-tower-bench-"))) for _ in SIZES]
    try:
        for home, tickets in zip(homes, SIZES, strict=True):
            command = [BIN / "ops-tower", "run", "--home", home.root, "--tickets", str(tickets)]
            measure(command, PROJECT_ROOT)
        return compare([home.warehouse for home in homes])
    finally:
        for home in homes:
            shutil.rmtree(home.root)


def _tickets(warehouse: Path) -> int:
    import duckdb  # noqa: PLC0415 - as above

    with duckdb.connect(str(warehouse), read_only=True) as tables:
        return int(tables.execute("select tickets from marts.mart_source").fetchall()[0][0])


if __name__ == "__main__":
    sys.stdout.write(compare([Path(name) for name in sys.argv[1:]]) + "\n")
