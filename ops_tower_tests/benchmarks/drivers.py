"""Whether the drivers of CSAT find the effects that the simulator plants, over many desks.

Each seed is a desk of its own, read by way of the whole warehouse. An honest interval covers the
planted effect on about 19 desks in 20.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import pandas as pd

from ops_tower.analysis.drivers import drivers_from_cells
from ops_tower.sources.simulator.parameters import SatisfactionParameters
from ops_tower_tests.benchmarks.desks import simulated
from ops_tower_tests.benchmarks.timing import table

SEEDS = range(20)
AS_OF = datetime(2026, 3, 2)  # noqa: DTZ001, the project's clock is naive UTC
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


def estimated_effects(tickets: int, seed: int, answer_shares: Sequence[float]) -> pd.DataFrame:
    """`drivers` of CSAT on one simulated desk, by driver.

    Args:
        tickets: a year.
        seed: of the simulator.
        answer_shares: probability that a customer answers, for scores 1 to 5.
    """
    parameters = f"[satisfaction]\nanswer_shares = {list(answer_shares)}\n"
    desk = simulated(tickets, seed, AS_OF, ["mart_driver_cells"], parameters)
    found = drivers_from_cells(desk.marts["mart_driver_cells"])
    return found[found["outcome"] == "csat_score"].set_index("driver")


def report(tickets: int = 50_000, seeds: Iterable[int] = SEEDS) -> str:
    """Two Markdown tables: with the default desk's response bias, and without any."""
    seeds = list(seeds)
    default = SatisfactionParameters().answer_shares
    mean = sum(default) / len(default)
    told = ", ".join(f"{share:.0%}" for share in default)
    return "\n\n".join(
        [
            f"### Drivers of CSAT, {len(seeds)} desks of {tickets:,} tickets a year",
            f"Customers answer by their score, 1 to 5: {told}.",
            recovery(tickets, seeds, default),
            f"Every customer is as likely to answer, {mean:.0%}.",
            recovery(tickets, seeds, [mean] * len(default)),
        ]
    )


def recovery(tickets: int, seeds: Iterable[int], answer_shares: Sequence[float]) -> str:
    """A table: planted and estimated effect, and on how many desks the interval covers it."""
    found = pd.concat([estimated_effects(tickets, seed, answer_shares) for seed in seeds])
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
    head = ["driver", "planted", "mean estimate", "range", "mean width of interval", "covered"]
    return table(head, rows)
