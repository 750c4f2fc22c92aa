"""Which open targets are about to breach: minutes left and the probability of a breach.

Belongs here: breach probability from history, severity, what is worth an alert.
Does not belong here: clocks and targets (dbt counts them), the alert log and its ledger (defs).
"""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.breach_history import BINS, judge, predict
from ops_tower.analysis.frames import Output

# Judgements that a cell of history needs before it outweighs its parent (metric and priority,
# then metric, then all): the prior's weight in an empirical Bayes mean.
PRIOR_JUDGEMENTS: Final = 20.0
CRITICAL_MINUTES: Final = 60.0
WARNING_MINUTES: Final = 240.0
CRITICAL_PROBABILITY: Final = 0.5
WARNING_PROBABILITY: Final = 0.25
HALF_RUN: Final = 0.5
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


def sla_alerts(
    open_targets: pd.DataFrame,
    history: pd.DataFrame,
    as_of: datetime,
    target_risk: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge each open target, and keep those that are breached or at risk.

    The probability is how often targets breached that had come as far in their time, in the same
    status, group and priority (`breach_history.predict`). Where that is no better on later weeks
    than the plain ranking by minutes left, it is left unknown and minutes decide alone.

    Without `target_risk`: with b the share of past targets of the same kind that breached, and u
    the share of the target's time that has run, the probability is b to the power (1 - u), which
    follows if the chance to finish is the same in every part of the target's time. b is shrunk
    towards its priority's and its metric's rate where a group has little history.

    Severity: 'breached'; 'critical' with at most 60 minutes left or a probability of 0.5;
    'warning' with a probability of 0.25, or at most 240 minutes of a target that is half run: a
    short target that has just begun is no news. Minutes are of the target's own clock.

    Args:
        open_targets: `mart_open_targets`, one row per open ticket and target instance.
        history: `mart_sla`; rows with denominator 'target' are summed.
        as_of: naive UTC; stored as `flagged_at`.
        target_risk: `mart_target_risk`, as in `breach_history.judge`.

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
    if target_risk is None:
        left = (1 - frame["elapsed_share"]).clip(lower=0.0)
        frame["breach_probability"] = frame["rate"].pow(left)
    else:
        frame["breach_probability"] = _from_history(frame, target_risk, as_of)
    is_breached = frame["minutes_left"].astype(float) < 0
    frame["breach_probability"] = frame["breach_probability"].mask(is_breached, 1.0)
    frame["severity"] = severity(
        frame["minutes_left"], frame["breach_probability"], frame["elapsed_share"]
    )
    frame["flagged_at"] = as_of
    frame = frame[frame["severity"] != "on_track"]
    frame = frame.assign(order=frame["severity"].map(SEVERITIES.index))
    frame = frame.sort_values(
        ["order", "minutes_left", "ticket_id", "metric"], ascending=[True, True, True, True]
    )
    return SLA_ALERTS.frame(frame)


def _from_history(frame: pd.DataFrame, target_risk: pd.DataFrame, as_of: datetime) -> pd.Series:
    """Probabilities from history, or NULL where they have not earned their use."""
    if not judge(target_risk, as_of).is_better:
        return pd.Series(np.nan, frame.index)
    bins = (BINS * frame["elapsed_share"]).fillna(0).clip(0, BINS - 1).astype("int64")
    return predict(target_risk, frame.assign(elapsed_bin=bins))


def severity(
    minutes_left: pd.Series, probability: pd.Series, elapsed_share: pd.Series
) -> pd.Series:
    """Grade targets by time left and probability; an unknown probability leaves it to time."""
    minutes, chance = minutes_left.astype(float), probability.astype(float).fillna(0.0)
    is_half_run = elapsed_share.astype(float) >= HALF_RUN
    grades = np.select(
        [
            minutes < 0,
            (minutes <= CRITICAL_MINUTES) | (chance >= CRITICAL_PROBABILITY),
            ((minutes <= WARNING_MINUTES) & is_half_run) | (chance >= WARNING_PROBABILITY),
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
