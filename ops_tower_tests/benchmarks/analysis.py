"""What the analyses cost after dbt, on a year of tickets and on twenty times as many.

Each asset's own function is called on the frames that its inputs name, in the graph's order and in
a process of its own, so that first imports count. `python -m ops_tower_tests.benchmarks.analysis
WAREHOUSE…` times warehouses that are there already, the small one first.
"""

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.timing import BIN, machine, measure, table

GROUPS = ("process_mining", "planning", "quality", "alerts", "advice")
SIZES = (50_000, 1_000_000)
FRAMES_ALONE = {"io_manager"}
REPEATS = 3
ONE = "--one"

Seconds = dict[str, float]


def time_functions(warehouse: Path) -> Seconds:
    """Seconds in each step's function, first imports included, and in reading the marts.

    A step that needs more than frames (the log, the clock, a resource) is not pure and is left out,
    as is what rests on it.
    """
    import dagster as dg  # noqa: PLC0415 - its import is not the analyses' cost
    import duckdb  # noqa: PLC0415 - the same

    steps = [
        value
        for group in GROUPS
        for value in vars(importlib.import_module(f"ops_tower.defs.{group}.assets")).values()
        if isinstance(value, dg.AssetsDefinition) and value.required_resource_keys <= FRAMES_ALONE
    ]
    frames, seconds = {}, {"reading marts": 0.0}
    with duckdb.connect(str(warehouse), read_only=True) as tables:
        for key in {key for step in steps for key in step.keys_by_input_name.values()}:
            if key.path[0] == "marts":
                started = time.perf_counter()
                frames[key] = tables.execute(f"from marts.{key.path[1]}").df()
                seconds["reading marts"] += time.perf_counter() - started
    waiting = True
    while waiting:
        ready = [step for step in steps if frames.keys() >= {*step.keys_by_input_name.values()}]
        waiting = bool(ready)
        for step in ready:
            given = {name: frames[key] for name, key in step.keys_by_input_name.items()}
            started = time.perf_counter()
            result = step(**given)
            seconds[step.op.name] = time.perf_counter() - started
            made = result if isinstance(result, tuple) else (result,)
            frames |= zip(step.keys_by_output_name.values(), made, strict=True)
            steps.remove(step)
    return seconds


def compare(warehouses: list[Path]) -> str:
    """A Markdown table of the steps' seconds on each warehouse, medians of several processes."""
    runs: dict[Path, list[Seconds]] = {warehouse: [] for warehouse in warehouses}
    for _ in range(REPEATS):
        for warehouse, seconds in runs.items():
            command = [sys.executable, "-m", __spec__.name, ONE, str(warehouse)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds.append(json.loads(done.stdout))
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
    if sys.argv[1] == ONE:
        sys.stdout.write(json.dumps(time_functions(Path(sys.argv[2]))))
    else:
        sys.stdout.write(compare([Path(name) for name in sys.argv[1:]]) + "\n")
