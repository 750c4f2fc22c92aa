"""Whether the drivers of CSAT find the effects that the simulator plants, over many desks.

Each seed is a desk of its own, read by way of the whole warehouse. An honest interval covers the
planted effect on about 19 desks in 20.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from ops_tower import warehouse
from ops_tower.analysis.drivers import drivers_from_cells
from ops_tower.settings import Home, Settings
from ops_tower.sources.landing import land
from ops_tower.sources.simulator.parameters import SatisfactionParameters
from ops_tower_tests.benchmarks.timing import table

SEEDS = range(20)
PLANTED = {
    "escalations": "per_escalation",
    "reopens": "per_reopen",
    "reassignments": "per_reassignment",
    "cycle_days": "per_day",
    "first_reply_hours": None,
}
"""The simulator's parameter behind each driver of CSAT; where there is none, nothing is planted."""


def planted_effects() -> dict[str, float]:
    """What one more of each driver adds to the expected score of the default desk."""
    scores = SatisfactionParameters()
    return {driver: getattr(scores, name) if name else 0.0 for driver, name in PLANTED.items()}


def estimated_effects(tickets: int, seed: int) -> pd.DataFrame:
    """`drivers` of CSAT on one simulated desk, by driver."""
    with tempfile.TemporaryDirectory(prefix="ops-tower-drivers-") as folder:
        settings = Settings(home=Path(folder), tickets=tickets, seed=seed, as_of="2026-03-02")
        land(settings)
        found = drivers_from_cells(_cells(settings.places))
    return found[found["outcome"] == "csat_score"].set_index("driver")


def _cells(home: Home) -> pd.DataFrame:
    if not warehouse.invoke(
        [
            "build",
            "--select",
            "+mart_driver_cells",
            "--exclude-resource-types",
            "test",
            "unit_test",
        ],
        home,
    ):
        raise RuntimeError("dbt did not build mart_driver_cells.")
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute("from marts.mart_driver_cells").df()


def report(tickets: int = 50_000, seeds: Iterable[int] = SEEDS) -> str:
    """A Markdown table: planted and estimated effect, and how often the interval covers it."""
    found = pd.concat([estimated_effects(tickets, seed).assign(seed=seed) for seed in seeds])
    rows = []
    for driver, planted in planted_effects().items():
        own = found.loc[[driver]]
        covered = ((own["lower_95"] <= planted) & (planted <= own["upper_95"])).sum()
        rows.append(
            [
                f"`{driver}`",
                f"{planted:+.2f}",
                f"{own['effect'].mean():+.3f}",
                f"{own['effect'].min():+.3f} to {own['effect'].max():+.3f}",
                f"{(own['upper_95'] - own['lower_95']).mean():.3f}",
                f"{covered} of {len(own)}",
            ]
        )
    return "\n\n".join(
        [
            f"### Drivers of CSAT, {found['seed'].nunique()} desks of {tickets:,} tickets a year",
            table(
                ["driver", "planted", "mean estimate", "range", "mean width", "covered"],
                rows,
            ),
        ]
    )
