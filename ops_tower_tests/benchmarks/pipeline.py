"""What the whole run costs beside a bare `dbt build` of the same project on the same data."""

import shutil
import tempfile
from pathlib import Path

from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.timing import BIN, Cost, machine, measure, middle, table

REPEATS = 3


def bare_dbt_build(home: Home) -> Cost:
    """`dbt build`, as its own command line runs it, over the raw tables that are there."""
    environment = {
        "OPS_TOWER_HOME": str(home.root),
        "DBT_TARGET_PATH": str(home.dbt_target),
        "DBT_LOG_PATH": str(home.dbt_logs),
    }
    project = PROJECT_ROOT / "dbt_project"
    return measure([BIN / "dbt", "build", "--profiles-dir", project], project, environment)


def report(tickets: int = 50_000) -> str:
    """Time run and bare build in turn, in one home; a Markdown table with the ratio."""
    home = Home(Path(tempfile.mkdtemp(prefix="ops-tower-bench-")))
    command = [BIN / "ops-tower", "run", "--home", home.root, "--tickets", tickets]
    try:
        first = measure([str(part) for part in command], PROJECT_ROOT)
        runs, builds = [], []
        for _ in range(REPEATS):
            runs.append(measure([str(part) for part in command], PROJECT_ROOT))
            builds.append(bare_dbt_build(home))
    finally:
        shutil.rmtree(home.root)
    ratios = sorted(
        run.wall_seconds / build.wall_seconds for run, build in zip(runs, builds, strict=True)
    )
    rows = [
        _row("`ops-tower run`, empty home", first),
        _row("`ops-tower run`, again", middle(runs)),
        _row("bare `dbt build`, right after", middle(builds)),
    ]
    return "\n\n".join(
        [
            f"### The whole run, {tickets:,} tickets",
            table(["what", "wall s", "CPU s", "peak MiB"], rows),
            f"Run over bare build, pair by pair: {', '.join(f'{ratio:.2f}' for ratio in ratios)}.",
            machine("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pandas"),
        ]
    )


def _row(name: str, cost: Cost) -> list[str]:
    return [name, f"{cost.wall_seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.peak_mib:.0f}"]
