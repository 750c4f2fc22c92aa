"""Process mining beside pm4py and r4pm: the same log, the same two results, process by process.

Belongs here: what is compared, the runs, the tables. Does not belong here: how a tool is called
(miners), what the log is like (desk_log).
"""

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Final

from ops_tower import warehouse
from ops_tower.settings import PROJECT_ROOT, Home
from ops_tower_tests.benchmarks.desk_log import write_log
from ops_tower_tests.benchmarks.miners import EVENTS, MODELS
from ops_tower_tests.benchmarks.timing import BIN, Cost, machine, measure, middle, table

COMPARED: Final = 2_500_000
LARGEST: Final = 25_000_000
REPEATS: Final = 3
RESULTS: Final = ("int_transition_times", "int_variants")
NAMES: Final = {
    "ops_tower": "Ops Tower: mean, four quantiles, piles of equal dwells; variants with hours",
    "r4pm": "r4pm: counts; variants",
    "pm4py": "pm4py: counts, mean, median; variants",
}


def prepare(folder: Path, events: int) -> int:
    """A home with a log of about `events` events, and the models' SQL as dbt compiles it."""
    home = Home(folder)
    home.raw.mkdir(parents=True)
    written = write_log(folder / EVENTS, events)
    compile_models(home)
    return written


def compile_models(home: Home) -> None:
    """Write the SQL of `RESULTS` and of all that they need, in order, for `miners.ops_tower`.

    Raises:
        RuntimeError: dbt could not compile the models.
    """
    selected = [part for name in RESULTS for part in ("--select", f"+{name}")]
    if not warehouse.invoke(["compile", *selected], home):
        raise RuntimeError("dbt could not compile the models that are measured")
    manifest = json.loads((home.dbt_target / "manifest.json").read_text())
    nodes = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    parents = {name: set(node["depends_on"]["nodes"]) & set(nodes) for name, node in nodes.items()}
    last = [f"model.ops_tower.{name}" for name in RESULTS]
    needed = set(last)
    while more := {parent for name in needed for parent in parents[name]} - needed:
        needed |= more
    order = TopologicalSorter({name: parents[name] for name in needed}).static_order()
    (home.root / MODELS).write_text(
        json.dumps(
            {
                "settings": _settings(home),
                "models": [
                    {
                        "relation": node["relation_name"].replace('"', ""),
                        "kind": node["config"]["materialized"],
                        "sql": node["compiled_code"],
                    }
                    for node in (nodes[name] for name in order)
                ],
                "results": [nodes[name]["relation_name"].replace('"', "") for name in last],
            }
        )
    )


def _settings(home: Home) -> dict[str, str]:
    """What `profiles.yml` sets for the engine."""
    import yaml  # noqa: PLC0415 - comes with dbt

    profile = yaml.safe_load((warehouse.PROJECT_DIR / "profiles.yml").read_text())
    target = profile["ops_tower"]["outputs"]["warehouse"]
    settings = {name: str(value) for name, value in target["settings"].items()}
    return settings | {"temp_directory": str(home.root / "spill")}


def mine(name: str, folder: Path) -> tuple[Cost, dict[str, int]]:
    """Run one miner in a process of its own: its cost, and what it counted."""
    (folder / "ops.duckdb").unlink(missing_ok=True)
    command = [BIN / "python", "-m", "ops_tower_tests.benchmarks.miners", name, folder]
    cost = measure([str(part) for part in command], PROJECT_ROOT)
    counted: dict[str, int] = json.loads(
        next(line for line in cost.output.splitlines() if line.startswith("{"))
    )
    return cost, counted


def compare(folder: Path, repeats: int = REPEATS) -> dict[str, Cost]:
    """Run all miners that are installed in turn; the median of each.

    Raises:
        AssertionError: they do not count the same.
    """
    names = [name for name in NAMES if find_spec(name)]
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    counts = set()
    for _ in range(repeats):
        for name in names:
            cost, counted = mine(name, folder)
            costs[name].append(cost)
            counts.add(json.dumps(counted))
    if len(counts) != 1:
        raise AssertionError(f"the tools do not agree: {sorted(counts)}")
    return {name: middle(own) for name, own in costs.items()}


def growth(sizes: list[int]) -> list[tuple[int, Cost]]:
    """What each size costs Ops Tower alone."""
    found = []
    for size in sizes:
        with _folder() as folder:
            events = prepare(folder, size)
            runs = [mine("ops_tower", folder)[0] for _ in range(1 if size == LARGEST else REPEATS)]
            found.append((events, middle(runs)))
    return found


def report() -> str:
    """Both tables: the tools at 2.5 million events, and the growth to 25 million."""
    with _folder() as folder:
        events = prepare(folder, COMPARED)
        costs = compare(folder)
    own = costs["ops_tower"]
    rows = [
        [
            NAMES[name],
            f"{cost.wall_seconds:.1f}",
            f"{cost.cpu_seconds:.1f}",
            f"{cost.peak_mib:,.0f}",
            f"{cost.wall_seconds / own.wall_seconds:.1f}",
        ]
        for name, cost in costs.items()
    ]
    grown = growth([COMPARED // 10, COMPARED, LARGEST])
    growing = [[f"{n:,}", f"{c.wall_seconds:.1f}", f"{c.cpu_seconds:.1f}", f"{c.peak_mib:,.0f}"]
               for n, c in grown]  # fmt: skip
    orders = ", ".join(
        f"{after[1].cpu_seconds / before[1].cpu_seconds:.1f} times the CPU time for "
        f"{_n_log_n(after[0]) / _n_log_n(before[0]):.1f} times n log n"
        for before, after in pairwise(grown)
    )
    tools = [name for name in ("pm4py", "r4pm", "polars") if find_spec(name)]
    return "\n\n".join(
        [
            f"### Process mining, {events:,} events",
            table(["what", "wall s", "CPU s", "peak MiB", "times ours"], rows),
            table(["events", "wall s", "CPU s", "peak MiB"], growing),
            f"Growth: {orders}.",
            machine("duckdb", "pandas", "dbt-core", *tools),
        ]
    )


def _n_log_n(events: int) -> float:
    return events * math.log(events)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one log, beside other temporary files, that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="ops-tower-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)
