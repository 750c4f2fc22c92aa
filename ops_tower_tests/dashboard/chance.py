"""The tiny desk with chance in place of its rule, for what must hold of any desk.

Belongs here: what is shuffled, by a seed. Does not belong here: the rule (`desk`, `findings`).
"""

import numpy as np
import pandas as pd


def tickets(desk: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The desk with chance in place of the rule: who missed, which priority, type and score."""
    dice = np.random.default_rng(seed)
    size = len(desk)
    is_met = pd.Series(dice.random(size) > dice.uniform(0.05, 0.4), dtype="boolean")
    is_rated = desk["finished_at"].notna() & (dice.random(size) < dice.uniform(0.1, 0.6))
    scores = pd.Series(dice.integers(1, 6, size), dtype="Int64")
    return desk.assign(
        priority=dice.choice(["urgent", "normal"], size),
        ticket_type=dice.choice(["question", "incident"], size),
        is_sla_met=is_met.where(desk["finished_at"].notna()),
        csat_score=scores.where(is_rated),
    )


def findings(found: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """The frames that titles speak of, with chance in place of the written figures."""
    dice = np.random.default_rng(seed)
    groups, gaps = found["group_bottlenecks"], found["capacity_gap"]
    scores = dice.permutation([100.0, *dice.uniform(0, 99, len(groups) - 1)])
    drivers = ["capacity", "volume", "cycle time", "breach rate"]
    middle = dice.uniform(-30, 10, len(gaps))
    own, alerts = found["drivers"], found["sla_alerts"]
    risks, minutes = found["open_target_risk"], dice.uniform(1, 200, len(alerts))
    effects = dice.uniform(-1, 0.2, len(own))
    ahead = found["volume_forecast"]
    return found | {
        "group_bottlenecks": groups.assign(
            bottleneck_score=scores,
            is_bottleneck=scores == scores.max(),
            driver=dice.choice(drivers, len(groups)),
        ),
        "capacity_gap": gaps.assign(
            gap_agent_days=middle, lower_80=middle - 3, upper_80=middle + 3
        ),
        "drivers": own.assign(
            effect=effects,
            lower_95=effects - 0.1,
            upper_95=effects + 0.1,
            total_effect=effects * dice.uniform(0.01, 1, len(own)),
        ),
        "sla_alerts": alerts.assign(minutes_left=minutes),
        "open_target_risk": risks.assign(
            minutes_left=[*minutes, *risks["minutes_left"].iloc[len(alerts) :]]
        ),
        "volume_forecast": ahead.assign(forecast=dice.uniform(1, 90, len(ahead))),
    }
