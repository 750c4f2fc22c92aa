"""What the whole run costs beside a bare `dbt build` of the same project on the same data."""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.timing import BIN, Cost, machine, measure, middle, table

REPEATS = 2
# The run leaves the models' unit tests to `make test`: they judge code, not data.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def bare_dbt_build(home: Home, *options: str) -> Cost:
    """`dbt build`, as its own command line runs it, over the raw tables that are there."""
    environment = {
        "OPS_TOWER_HOME": str(home.root),
        "DBT_TARGET_PATH": str(home.dbt_target),
        "DBT_LOG_PATH": str(home.dbt_logs),
    }
    project = PROJECT_ROOT / "dbt_project"
    command = [BIN / "dbt", "build", "--profiles-dir", project, *options]
    return measure(command, project, environment)


def analyses_called_directly(home: Home) -> Cost:
    """Every analysis as a plain function call; its memory is not told apart."""
    command = [sys.executable, "-m", "ops_tower_tests.benchmarks.direct", str(home.warehouse)]
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, "OPS_TOWER_HOME": str(home.root)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    return Cost(sum(told["seconds"].values()), told["cpu_seconds"], float("nan"))


def source_seconds(home: Home) -> float:
    """How long the last run took to make and admit the raw tables, as its log says."""
    at = {}
    for line in map(json.loads, home.log.read_text().splitlines()):
        if line.get("step") == "raw_tables":
            at[line.get("event")] = datetime.fromisoformat(line["at"])
    return (at["STEP_SUCCESS"] - at["STEP_START"]).total_seconds()


def report(tickets: int = 50_000) -> str:
    """Time the run and its parts in turn, in one home; a Markdown table with the ratios."""
    home = Home(Path(tempfile.mkdtemp(prefix="ops-tower-bench-")))
    command = [str(BIN / "ops-tower"), "run", "--home", str(home.root), "--tickets", str(tickets)]
    costs: dict[str, list[Cost]] = {}
    ratios = []
    try:
        first = measure(command, PROJECT_ROOT)
        for _ in range(REPEATS):
            run = measure(command, PROJECT_ROOT)
            source = source_seconds(home)
            full = bare_dbt_build(home)
            bare = bare_dbt_build(home, *WITHOUT_UNIT_TESTS)
            direct = analyses_called_directly(home)
            parts = bare.wall_seconds + direct.wall_seconds
            ratios.append(
                f"{run.wall_seconds / (full.wall_seconds + direct.wall_seconds):.2f}"
                f" | {run.wall_seconds / parts:.2f} | {(run.wall_seconds - source) / parts:.2f}"
                f" | {run.cpu_seconds / (bare.cpu_seconds + direct.cpu_seconds):.2f}"
            )
            for name, cost in (
                ("`ops-tower run`, again", run),
                ("of which the source", Cost(source, float("nan"), float("nan"))),
                ("bare `dbt build`", full),
                ("bare `dbt build` without unit tests", bare),
                ("the analyses called directly", direct),
            ):
                costs.setdefault(name, []).append(cost)
    finally:
        shutil.rmtree(home.root)
    rows = [_row("`ops-tower run`, empty home", first)]
    rows += [_row(name, middle(each)) for name, each in costs.items()]
    return "\n\n".join(
        [
            f"### The whole run, {tickets:,} tickets",
            table(["what", "wall s", "CPU s", "peak MiB"], rows),
            "The run over bare build + analyses, round by round:",
            table(
                ["with unit tests", "without", "without, source taken off", "without, CPU"],
                [each.split(" | ") for each in ratios],
            ),
            machine("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pandas"),
        ]
    )


def _row(name: str, cost: Cost) -> list[str]:
    figures = (cost.wall_seconds, cost.cpu_seconds, cost.peak_mib)
    return [name, *("" if math.isnan(figure) else f"{figure:.1f}" for figure in figures)]
