"""The figures of the desk: what each one is, and the arithmetic from daily sums to a card.

Belongs here: a measure's numerator, denominator, unit and direction, said once for the dashboard's
cards and trends and for the Monday brief. Does not belong here: SQL, charts, layout.

A daily frame has one row per day, in order and without gaps, with the summable columns of
`mart_daily_ops`. A flow or a ratio adds its columns over the days; a stock reads the last day.
"""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from ops_tower.analysis import thresholds

Unit = Literal["tickets", "share", "hours", "usd", "score"]


@dataclass(frozen=True)
class Measure:
    """One figure: its name, the columns it divides, its unit and which way is better."""

    key: str
    label: str
    unit: Unit
    numerator: str
    definition: str
    denominator: str | None = None
    is_stock: bool = False
    better: Literal["more", "less"] | None = None
    target: float | None = None


@dataclass(frozen=True)
class Reading:
    """A measure over one window and over the window before; None where nothing was counted."""

    measure: Measure
    value: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        """Share points and score points as a difference, everything else relative to before."""
        if self.value is None or self.before is None:
            return None
        if self.measure.unit in ("share", "score"):
            return self.value - self.before
        return self.value / self.before - 1 if self.before else None

    @property
    def change_text(self) -> str | None:
        """The change as it is printed, signed; None when it cannot be told."""
        change = self.change
        if change is None:
            return None
        if self.measure.unit == "share":
            return f"{change * 100:+.1f} pts"
        if self.measure.unit == "score":
            return f"{change:+.2f}"
        return f"{change:+.1%}"

    @property
    def is_flat(self) -> bool:
        """Whether the change is too small to be called one."""
        noise = thresholds.NOISE.get(self.measure.unit, thresholds.RELATIVE_NOISE)
        return self.change is not None and abs(self.change) < noise

    @property
    def verdict(self) -> str:
        """The change in a word, so that no one has to read it from a colour."""
        if self.change is None:
            return "no comparison"
        if self.is_flat:
            return "steady"
        is_more = self.change > 0
        if self.measure.better is None:
            return "more" if is_more else "fewer"
        return "better" if is_more == (self.measure.better == "more") else "worse"

    @property
    def change_and_verdict(self) -> str:
        """Both together, as a table prints them."""
        return self.verdict if self.change is None else f"{self.change_text}, {self.verdict}"


VOLUME: Final = Measure(
    "volume",
    "New tickets",
    "tickets",
    "created_tickets",
    "Tickets created in the window, counted for the group that received them first.",
)
SLA: Final = Measure(
    "sla",
    "SLA attainment",
    "share",
    "met_tickets",
    "Tickets that met every target of their policy, over all tickets whose last target ended or"
    " fell due in the window. Tickets still undecided count on neither side.",
    denominator="judged_tickets",
    better="more",
)
CYCLE: Final = Measure(
    "cycle",
    "Cycle time",
    "hours",
    "cycle_hours_sum",
    "Mean calendar hours from creation to the last solve, over tickets finished in the window.",
    denominator="finished_tickets",
    better="less",
)
BACKLOG: Final = Measure(
    "backlog",
    "Backlog",
    "tickets",
    "backlog_tickets",
    "Tickets neither solved nor closed at the end of the window's last day, beside the same weekday"
    " one window earlier, in whole weeks: a Sunday beside a Friday would say nothing.",
    is_stock=True,
    better="less",
)
COST: Final = Measure(
    "cost",
    "Cost per ticket",
    "usd",
    "cost_usd",
    "Mean cost of the agents' work on a ticket, over tickets finished in the window.",
    denominator="costed_tickets",
    better="less",
)
CSAT: Final = Measure(
    "csat",
    "CSAT",
    "score",
    "csat_score_sum",
    "Mean of the scores from 1 to 5 that came in during the window. Customers who did not answer"
    " are not in it.",
    denominator="ratings",
    better="more",
    target=thresholds.CSAT_TARGET,
)
SPENDING: Final = Measure(
    "spending",
    "Cost of work",
    "usd",
    "cost_usd",
    "Cost of the agents' work, booked on the day of a group's last event on the ticket.",
    better="less",
)
MEASURES: Final = (VOLUME, SLA, CYCLE, BACKLOG, COST, CSAT)


def with_target(attainment: pd.DataFrame) -> tuple[Measure, ...]:
    """The six measures, SLA with the target of the mix of priorities that was judged.

    Args:
        attainment: rows of `mart_sla`; those with denominator `ticket` count.
    """
    tickets = attainment[attainment["denominator"] == "ticket"]
    goal = tickets["priority"].map(thresholds.SLA_TARGETS)
    judged = tickets["judged"].astype(float).where(goal.notna(), 0.0)
    target = float((goal * judged).sum() / judged.sum()) if judged.sum() else None
    return tuple(replace(one, target=target) if one is SLA else one for one in MEASURES)


def value(days: pd.DataFrame, measure: Measure) -> float | None:
    """The measure over all rows of a daily frame; None where there is nothing to divide by."""
    if days.empty:
        return None
    if measure.is_stock:
        return float(days[measure.numerator].iloc[-1])
    top = float(days[measure.numerator].sum())
    if measure.denominator is None:
        return top
    bottom = float(days[measure.denominator].sum())
    return top / bottom if bottom else None


def reading(days: pd.DataFrame, before: pd.DataFrame, measure: Measure) -> Reading:
    """The measure over one daily frame, beside the frame that it is compared with."""
    return Reading(measure, value(days, measure), value(before, measure))


def daily(days: pd.DataFrame, measure: Measure) -> pd.Series:
    """The measure day by day; NaN on a day without a denominator."""
    top = days[measure.numerator].astype(float)
    if measure.denominator is None:
        return top
    bottom = days[measure.denominator].astype(float)
    return top / bottom.where(bottom > 0)


def trailing(days: pd.DataFrame, measure: Measure) -> pd.Series:
    """The measure over the week that ends on each day: sums over sums, never a mean of ratios."""
    if measure.is_stock:
        return days[measure.numerator].astype(float)
    window = days[measure.numerator].astype(float).rolling(thresholds.TRAILING_DAYS, min_periods=1)
    if measure.denominator is None:
        return window.mean()
    below = days[measure.denominator].astype(float).rolling(thresholds.TRAILING_DAYS, min_periods=1)
    bottom = below.sum()
    return window.sum() / bottom.where(bottom > 0)


def text(amount: float | None, unit: Unit) -> str:
    """A figure as it is printed: at most three significant digits where more would be noise."""
    if amount is None or math.isnan(amount):
        return "—"
    match unit:
        case "tickets":
            return f"{amount:,.0f}"
        case "share":
            return f"{amount:.1%}"
        case "hours":
            return f"{amount:,.1f} h" if amount < 100 else f"{amount:,.0f} h"  # noqa: PLR2004
        case "usd":
            return f"${amount:,.2f}"
        case "score":
            return f"{amount:.2f}"
