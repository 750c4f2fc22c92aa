"""Which open targets are about to breach: minutes left and the probability of a breach.

Belongs here: breach probability from history, severity, what is worth an alert.
Does not belong here: clocks and targets (dbt counts them), the alert log and its ledger (defs).
"""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import Output

# Judgements that a cell of history needs before it outweighs its parent (metric and priority,
# then metric, then all): the prior's weight in an empirical Bayes mean.
PRIOR_JUDGEMENTS: Final = 20.0
CRITICAL_MINUTES: Final = 60.0
WARNING_MINUTES: Final = 240.0
CRITICAL_PROBABILITY: Final = 0.5
WARNING_PROBABILITY: Final = 0.25
SEVERITIES: Final = ("breached", "critical", "warning", "on_track")  # worst first

SLA_ALERTS: Final = Output(
    "sla_alerts",
    "One row per open ticket and running target that is breached or at risk, the worst first.",
    {
        "ticket_id": "integer",
        "metric": "text",
        "group_name": "text",
        "priority": "text",
        "minutes_left": "number",
        "breach_probability": "number",
        "severity": "text",
        "external_id": "text",
        "subject": "text",
        "ticket_type": "text",
        "instance": "integer",
        "state": "text",
        "started_at": "time",
        "due_at": "time",
        "is_business_hours": "flag",
        "elapsed_share": "number",
        "history_judged": "integer",
        "flagged_at": "time",
    },
)


def sla_alerts(open_targets: pd.DataFrame, history: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Judge each open target, and keep those that are breached or at risk.

    With b the share of past targets of the same kind that breached, and u the share of the target's
    time that has run, the probability is b to the power (1 - u): what follows if the chance to
    finish is the same in every part of the target's time. It is b at the start and 1 when due.
    b is shrunk towards its priority's and its metric's rate where a group has little history.

    Severity: 'breached'; 'critical' with at most 60 minutes left or a probability of 0.5;
    'warning' with at most 240 minutes or 0.25. Minutes are of the target's own clock.

    Args:
        open_targets: `mart_open_targets`, one row per open ticket and target instance.
        history: `mart_sla`; rows with denominator 'target' are summed.
        as_of: naive UTC; stored as `flagged_at`.

    Returns:
        `sla_alerts`; `breach_probability` is NULL where no target of the metric was ever judged,
        1 where it is breached; `history_judged` counts the judged targets of the same metric,
        priority and group.
    """
    if open_targets.empty:
        return SLA_ALERTS.frame()
    frame = open_targets.merge(
        breach_rates(history), on=["metric", "priority", "group_name"], how="left"
    )
    wider = _fallback(history)
    frame["rate"] = frame["rate"].fillna(frame["metric"].map(wider))
    frame["history_judged"] = frame["history_judged"].fillna(0)
    target = frame["target_seconds"].astype(float)
    frame["elapsed_share"] = frame["counted_seconds"].astype(float) / target.where(target > 0)
    left = (1 - frame["elapsed_share"]).clip(lower=0.0)
    frame["breach_probability"] = frame["rate"].pow(left)
    is_breached = frame["minutes_left"].astype(float) < 0
    frame["breach_probability"] = frame["breach_probability"].mask(is_breached, 1.0)
    frame["severity"] = severity(frame["minutes_left"], frame["breach_probability"])
    frame["flagged_at"] = as_of
    frame = frame[frame["severity"] != "on_track"]
    frame = frame.assign(order=frame["severity"].map(SEVERITIES.index))
    frame = frame.sort_values(
        ["order", "minutes_left", "ticket_id", "metric"], ascending=[True, True, True, True]
    )
    return SLA_ALERTS.frame(frame)


def severity(minutes_left: pd.Series, probability: pd.Series) -> pd.Series:
    """Grade targets by time left and probability; an unknown probability leaves it to time."""
    minutes, chance = minutes_left.astype(float), probability.astype(float).fillna(0.0)
    grades = np.select(
        [
            minutes < 0,
            (minutes <= CRITICAL_MINUTES) | (chance >= CRITICAL_PROBABILITY),
            (minutes <= WARNING_MINUTES) | (chance >= WARNING_PROBABILITY),
        ],
        SEVERITIES[:-1],
        SEVERITIES[-1],
    )
    return pd.Series(grades, index=minutes_left.index)


def breach_rates(history: pd.DataFrame) -> pd.DataFrame:
    """Share of judged targets that breached, per metric, priority and group, shrunk to its parent.

    Returns:
        metric, priority, group_name, rate in (0, 1), history_judged. The rate of a cell is
        (breached + 20 x parent's rate) / (judged + 20); parents are metric and priority, metric,
        and all targets at a prior rate of one half.

    Source: Efron and Morris, Stein's Paradox in Statistics, 1977 (shrinkage towards a group mean).
    """
    keys = ["metric", "priority", "group_name"]
    own = history[history["denominator"] == "target"]
    if own.empty:
        return pd.DataFrame(columns=[*keys, "rate", "history_judged"]).astype(
            {"rate": float, "history_judged": float}
        )
    cells = own.groupby(keys, as_index=False)[["judged", "breached"]].sum()
    cells[["judged", "breached"]] = cells[["judged", "breached"]].astype(float)
    # The whole history is itself shrunk, towards even odds, so that no rate is 0 or 1.
    everything = cells[["judged", "breached"]].sum()
    prior = (everything["breached"] + PRIOR_JUDGEMENTS / 2) / (
        everything["judged"] + PRIOR_JUDGEMENTS
    )
    parent = pd.Series(prior, cells.index)
    for width in range(1, len(keys) + 1):
        sums = cells.groupby(keys[:width])[["judged", "breached"]].transform("sum")
        parent = _shrunk(sums["breached"], sums["judged"], parent)
    return cells.assign(rate=parent, history_judged=cells["judged"])[
        [*keys, "rate", "history_judged"]
    ]


def _shrunk(breached: pd.Series, judged: pd.Series, parent: pd.Series) -> pd.Series:
    return (breached + PRIOR_JUDGEMENTS * parent) / (judged + PRIOR_JUDGEMENTS)


def _fallback(history: pd.DataFrame) -> pd.Series:
    """Rate per metric, for kinds of targets that history has not seen in a group."""
    own = history[history["denominator"] == "target"]
    sums = own.groupby("metric")[["judged", "breached"]].sum().astype(float)
    return sums["breached"] / sums["judged"].where(sums["judged"] > 0)
