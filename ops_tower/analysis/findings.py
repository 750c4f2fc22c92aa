"""What the rules of advice read and say: the findings of a run, an advice, a silence.

Belongs here: the frames, the desk's monthly totals beside which an effect is weighed, and what
every rule assumes of its reach.
Does not belong here: any rule (rules), the ranking (recommendations).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pandas as pd

from ops_tower.analysis.frames import ratio, total
from ops_tower.analysis.rework import REWORK
from ops_tower.analysis.waits import PROCESS_WAITS

DAYS_A_MONTH: Final = 365.25 / 12
# What a change of practice plausibly reaches of the harm that it aims at; a range, because no
# trial has been run on this desk.
REACH: Final = (0.25, 0.50)
UNKNOWN: Final = (float("nan"), float("nan"))
MISSED_TICKETS: Final = "missed tickets a month"
BREACHED_TARGETS: Final = "breached targets a month"
TICKETS: Final = "tickets a month"


def _no_days() -> pd.DataFrame:
    return pd.DataFrame({"cost_usd": [], "handle_minutes": []}, dtype=float)


@dataclass(frozen=True)
class Findings:
    """Result frames that the rules read; each may be empty.

    Attributes:
        bottlenecks: `group_bottlenecks`.
        capacity_gap: `capacity_gap`.
        alerts: `sla_alerts`.
        transitions: `process_transitions`.
        deviations: `conformance_deviations`.
        drivers: `drivers`.
        anomalies: `anomalies`.
        sla: `mart_sla`.
        first_at: first instant of the data, naive UTC.
        as_of: the data's own now, naive UTC.
        rework: `rework`.
        waits: `process_waits`.
        daily: `mart_daily_ops`; its costs and handle minutes.
    """

    bottlenecks: pd.DataFrame
    capacity_gap: pd.DataFrame
    alerts: pd.DataFrame
    transitions: pd.DataFrame
    deviations: pd.DataFrame
    drivers: pd.DataFrame
    anomalies: pd.DataFrame
    sla: pd.DataFrame
    first_at: datetime
    as_of: datetime
    rework: pd.DataFrame = field(default_factory=REWORK.frame)
    waits: pd.DataFrame = field(default_factory=PROCESS_WAITS.frame)
    daily: pd.DataFrame = field(default_factory=_no_days)

    @property
    def months(self) -> float:
        """Length of the data in months, at least one day."""
        days = (self.as_of - self.first_at).total_seconds() / 86400
        return max(days, 1.0) / DAYS_A_MONTH

    @property
    def usd_per_hour(self) -> float:
        """What an hour of agents' work costs; NaN where the source has no costs."""
        spent = total(self.daily["cost_usd"])
        return ratio(spent, total(self.daily["handle_minutes"]) / 60) if spent else float("nan")

    def a_month(self, unit: str) -> float:
        """How much of this the desk has in a month: misses, hours that pass, USD; 0 if unknown."""
        own = self.sla
        match unit:
            case "missed tickets a month":
                amount = total(own["breached"].where(own["denominator"] == "ticket"))
            case "breached targets a month":
                amount = total(own["breached"].where(own["denominator"] == "target"))
            case "hours":
                is_timer = self.transitions["is_timer"].fillna(value=False).astype(bool)
                amount = total(self.transitions["total_hours"].where(~is_timer))
            case "usd":
                amount = total(self.daily["cost_usd"])
            case _:
                amount = 0.0
        return amount / self.months


@dataclass(frozen=True)
class Advice:
    """What a rule says when it fires; effects are a month's, low and high, NaN if not known.

    Attributes:
        tickets: in `unit`.
        hours: of customers' waiting that end, elapsed.
        usd: saved; negative where the advice costs money.
    """

    title: str
    owner_group: str
    evidence: str
    tickets: tuple[float, float]
    effort: str
    confidence: str
    assumption: str
    unit: str = TICKETS
    hours: tuple[float, float] = UNKNOWN
    usd: tuple[float, float] = UNKNOWN


@dataclass(frozen=True)
class Silence:
    """Why a rule does not fire."""

    reason: str


def reached(harm: float) -> tuple[float, float]:
    """The part of a harm that a change plausibly avoids, low and high."""
    return REACH[0] * harm, REACH[1] * harm


def first_reason(frame: pd.DataFrame, otherwise: str) -> str:
    """Pass on the reason that a finding already carries."""
    reasons = frame["reason"].dropna() if "reason" in frame else pd.Series(dtype="string")
    return str(reasons.iloc[0]) if len(reasons) else otherwise
