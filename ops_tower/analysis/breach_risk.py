"""How open targets stand, and which are about to breach: minutes left, probability of a breach.

Belongs here: severity, and what is worth an alert.
Does not belong here: clocks and targets (dbt counts them), probabilities and their judgement
(breach_history), the alert log and its ledger (defs).
"""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.breach_history import BINS, WARNING_PROBABILITY, judge, predict
from ops_tower.analysis.frames import Output

CRITICAL_MINUTES: Final = 60.0
WARNING_MINUTES: Final = 240.0
CRITICAL_PROBABILITY: Final = 0.5
HALF_RUN: Final = 0.5
SEVERITIES: Final = ("breached", "critical", "warning", "on_track")  # worst first

_TARGET: Final = {
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
}
OPEN_TARGET_RISK: Final = Output(
    "open_target_risk",
    "One row per open ticket and running target: time left, probability of a breach, severity.",
    _TARGET,
)
SLA_ALERTS: Final = Output(
    "sla_alerts",
    "One row per open ticket and running target that is breached or at risk, the worst first.",
    _TARGET | {"flagged_at": "time"},
)


def open_target_risk(
    open_targets: pd.DataFrame,
    history: pd.DataFrame,
    as_of: datetime,
    target_risk: pd.DataFrame,
) -> pd.DataFrame:
    """Judge each open target, those on track too.

    The probability is how often targets breached that had come as far in their time, in the same
    status, group and priority (`breach_history.predict`). Where that is no better on later weeks
    than the plain ranking by minutes left, it is left unknown and minutes decide alone.

    Severity: 'breached'; 'critical' with at most 60 minutes left or a probability of 0.5;
    'warning' with a probability of 0.25, or at most 240 minutes of a target that is half run: a
    short target that has just begun is no news; else 'on_track'. Minutes are of the target's own
    clock.

    Args:
        open_targets: `mart_open_targets`, one row per open ticket and target instance.
        history: `mart_sla`; rows with denominator 'target' are counted.
        as_of: naive UTC.
        target_risk: `mart_target_risk`, as in `breach_history.judge`.

    Returns:
        `open_target_risk`, the worst first; `breach_probability` is 1 where the target is breached,
        and NULL where history has not earned its use; `history_judged` counts the judged targets of
        the same metric, priority and group.
    """
    if open_targets.empty:
        return OPEN_TARGET_RISK.frame()
    kinds = ["metric", "priority", "group_name"]
    judged = history[history["denominator"] == "target"]
    seen = judged.groupby(kinds, as_index=False).agg(history_judged=("judged", "sum"))
    frame = open_targets.merge(seen, on=kinds, how="left")
    frame["history_judged"] = frame["history_judged"].fillna(0)
    target = frame["target_seconds"].astype(float)
    frame["elapsed_share"] = frame["counted_seconds"].astype(float) / target.where(target > 0)
    frame["breach_probability"] = _from_history(frame, target_risk, as_of)
    is_breached = frame["minutes_left"].astype(float) <= 0
    frame["breach_probability"] = frame["breach_probability"].mask(is_breached, 1.0)
    frame["severity"] = severity(
        frame["minutes_left"], frame["breach_probability"], frame["elapsed_share"]
    )
    frame = frame.assign(order=frame["severity"].map(SEVERITIES.index))
    frame = frame.sort_values(["order", "minutes_left", "ticket_id", "metric", "instance"])
    return OPEN_TARGET_RISK.frame(frame)


def sla_alerts(risk: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Keep the targets that are breached or at risk.

    Args:
        risk: `open_target_risk`.
        as_of: naive UTC; stored as `flagged_at`.

    Returns:
        `sla_alerts`, in the order of `risk`.
    """
    return SLA_ALERTS.frame(risk[risk["severity"] != "on_track"].assign(flagged_at=as_of))


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
            minutes <= 0,
            (minutes <= CRITICAL_MINUTES) | (chance >= CRITICAL_PROBABILITY),
            ((minutes <= WARNING_MINUTES) & is_half_run) | (chance >= WARNING_PROBABILITY),
        ],
        SEVERITIES[:-1],
        SEVERITIES[-1],
    )
    return pd.Series(grades, index=minutes_left.index)
