"""What the Executive Overview says, gathered once.

Belongs here: which days are compared with which, and the sentences about them.
Does not belong here: SQL, layout, the answers (`ops_tower.analysis.answers`), and the Monday brief,
which the pipeline writes (`ops_tower.analysis.brief`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

import filters
import pandas as pd
import parts
import sparkline
import streamlit as st
from cards import Card
from queries import Desk, Scope
from queries import overview as overview_queries

from ops_tower.analysis import anomalies as anomaly_words
from ops_tower.analysis import answers, thresholds
from ops_tower.analysis.measures import (
    Measure,
    Reading,
    daily,
    reading,
    text,
    trailing,
    with_target,
)

_ORDER: Final = {"worse": 0, "better": 1, "more": 2, "fewer": 2}
_WEEK: Final = timedelta(days=7)
_SUPPLIED_BY: Final = {
    "sla": "sla_policies",
    "cost": "ticket_costs",
    "csat": "satisfaction_ratings",
}
"""The raw table without which there is no such figure; all others need events only."""


@dataclass(frozen=True)
class Overview:
    """The six figures over the window and over the week, and what stands out."""

    desk: Desk
    scope: Scope
    start: date
    first: date
    last: date
    monday: date
    answer: str
    attainment: pd.DataFrame
    measures: tuple[Measure, ...]
    days: pd.DataFrame
    notable: tuple[str, ...]
    movers: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the scope leaves nothing at all in the window."""
        return not self._between(self.first, self.last).to_numpy().any()

    @cached_property
    def readings(self) -> list[Reading]:
        """Each measure over the window, beside the same number of days before."""
        return [self._compared(one, self.first, self.scope.window_days) for one in self.measures]

    @cached_property
    def weekly(self) -> list[Reading]:
        """Each measure since Monday, beside the same weekdays before; the worse come first."""
        readings = [self._compared(one, self.monday, _WEEK.days) for one in self.measures]
        return sorted(readings, key=lambda one: _ORDER.get(one.verdict, 3))

    @property
    def headline(self) -> str:
        """The first answer, with the distance to the target as its second sentence."""
        sla = next(one for one in self.readings if one.measure.key == "sla")
        if sla.value is None or sla.measure.target is None:
            return self.answer
        first, _, rest = self.answer.partition(". ")
        said = distance(sla.value, sla.measure.target)
        return f"{first.rstrip('.')}. {said} {rest}".strip()

    @property
    def week(self) -> str:
        """Which days the running week has, and what they are set beside."""
        if self.monday == self.last:
            return "Monday, beside the Monday before."
        return f"{self.monday:%a} to {self.last:%a}, beside the same weekdays before."

    @cached_property
    def attained(self) -> dict[str, pd.DataFrame]:
        """SLA split by each filter of which the source has values, as `split` returns it."""
        return {
            name: split(self.attainment, column)
            for name, (column, values) in {
                "group": ("group_name", self.desk.groups),
                "priority": ("priority", self.desk.priorities),
                "type": ("ticket_type", self.desk.types),
            }.items()
            if values
        }

    @cached_property
    def recorded(self) -> list[Measure]:
        """The measures that have at least one value in the window."""
        return [one for one in self.measures if self.trailing(one).notna().any()]

    @property
    def silent(self) -> list[Measure]:
        """The measures that have none."""
        return [one for one in self.measures if one not in self.recorded]

    def daily(self, measure: Measure) -> pd.Series:
        """The measure on each day of the window."""
        return daily(self._between(self.first, self.last), measure)

    def trailing(self, measure: Measure) -> pd.Series:
        """The measure over the week that ends on each day of the window."""
        return self._lines[measure.key]

    @cached_property
    def _lines(self) -> dict[str, pd.Series]:
        return {
            one.key: trailing(self.days, one).iloc[self._place(self.first) :]
            for one in self.measures
        }

    @cached_property
    def cards(self) -> list[Card]:
        """Each measure as a card."""
        return [self._card(one) for one in self.readings]

    def _card(self, reading: Reading) -> Card:
        measure, line = reading.measure, self.trailing(reading.measure)
        is_told = reading.change is not None and not reading.is_flat
        is_good = reading.verdict == "better"
        return Card(
            measure.label,
            text(reading.value, measure.unit),
            measure.definition,
            reading.change_text,
            tone=("good" if is_good else "bad") if is_told and measure.better else "plain",
            arrow=("up" if (reading.change or 0) > 0 else "down") if is_told else None,
            verdict=reading.verdict,
            picture=sparkline.svg(line),
            words=sparkline.in_words(measure, line),
        )

    def _compared(self, measure: Measure, first: date, days_back: int) -> Reading:
        # A stock has a weekday of its own, so it goes back by whole weeks.
        back = timedelta(weeks=round(days_back / 7)) if measure.is_stock else timedelta(days_back)
        before = self._between(first - back, self.last - back)
        is_whole = first - back >= self.desk.first_day
        return reading(self._between(first, self.last), before if is_whole else before[:0], measure)

    def _between(self, first: date, last: date) -> pd.DataFrame:
        # By place: the days have no gaps, and looking a date up costs fifty times as much.
        return self.days.iloc[max(self._place(first), 0) : max(self._place(last) + 1, 0)]

    def _place(self, day: date) -> int:
        return (day - self.start).days


@st.cache_resource(
    max_entries=200, show_spinner=False, hash_funcs={Desk: lambda desk: desk.version}
)
def gather(desk: Desk, scope: Scope) -> Overview:
    """Read what the overview needs: days back to the compared window, and to the compared week.

    Readers share the result, and nobody changes it.
    """
    first, last = filters.span(desk, scope)
    monday = filters.last_monday(desk)
    # One more day than the window: whole weeks may reach back a day further.
    start = min(first - timedelta(days=scope.window_days + 1), monday - _WEEK)
    attainment = overview_queries.attainment(desk, scope, first, last)
    return Overview(
        desk,
        scope,
        start,
        first,
        last,
        monday,
        answer=_answer(desk, attainment),
        attainment=attainment,
        measures=with_target(attainment),
        days=overview_queries.daily(desk, scope, start, last),
        notable=tuple(_anomaly_sentences(overview_queries.anomalies(desk, scope, monday))),
        movers=tuple(_mover_sentences(overview_queries.sla_change(desk, scope))),
    )


def split(attainment: pd.DataFrame, column: str) -> pd.DataFrame:
    """SLA per value of a column, the most missed first.

    Args:
        attainment: rows of `mart_sla`; those with denominator `ticket` count.
        column: group_name, priority or ticket_type.

    Returns:
        name, attainment, target (of the mix of priorities), points above it (negative below),
        judged, missed; shares from 0 to 1, NaN where unknown.
    """
    own = attainment[attainment["denominator"] == "ticket"]
    goal = own["priority"].map(thresholds.SLA_TARGETS).astype(float)
    judged = own["judged"].astype(float)
    sums = (
        own.assign(judged=judged, goal=goal * judged, with_goal=judged.where(goal.notna(), 0.0))
        .groupby(column)[["judged", "met", "breached", "goal", "with_goal"]]
        .sum()
        .astype(float)
    )
    target = sums["goal"] / sums["with_goal"].where(sums["with_goal"] > 0)
    attained = sums["met"] / sums["judged"]
    return (
        pd.DataFrame(
            {
                "attainment": attained,
                "target": target,
                "points": 100 * (attained - target),
                "judged": sums["judged"].astype(int),
                "missed": sums["breached"].astype(int),
            }
        )
        .rename_axis("name")
        .reset_index()
        .sort_values(["missed", "name"], ascending=[False, True], ignore_index=True)
    )


def distance(value: float, target: float) -> str:
    """How far a share is from its target: the difference of the figures as they are printed."""
    gap = round(100 * value, 1) - round(100 * target, 1)
    side = "above" if gap >= 0 else "below"
    return f"That is {abs(gap):.1f} points {side} the target of {text(target, 'share')}."


def missing(silent: Sequence[Measure]) -> str:
    """Which figures this choice has nothing for, and which tables would supply them."""
    tables = [_SUPPLIED_BY[one.key] for one in silent if one.key in _SUPPLIED_BY]
    text = f"Nothing is recorded of {', '.join(one.label for one in silent)} for this choice."
    return f"{text} {parts.supplied_by(*tables)}" if tables else text


def _answer(desk: Desk, attainment: pd.DataFrame) -> str:
    if attainment.empty and desk.has_targets:
        return "No SLA target ended or fell due for this choice."
    return answers.sla(attainment)


def table(readings: Sequence[Reading]) -> pd.DataFrame:
    """Readings as a table of printed figures."""
    return pd.DataFrame(
        {
            "Figure": [one.measure.label for one in readings],
            "Now": [text(one.value, one.measure.unit) for one in readings],
            "Before": [text(one.before, one.measure.unit) for one in readings],
            "Change": [one.change_and_verdict for one in readings],
        }
    )


def _anomaly_sentences(anomalies: pd.DataFrame) -> list[str]:
    return [
        f"{row.date:%a %-d %b}, {'all groups' if row.group_name == 'All' else row.group_name}:"
        f" {anomaly_words.in_words(str(row.metric), row.value, row.expected)}."
        for row in anomalies.itertuples()
    ]


def _mover_sentences(changes: pd.DataFrame) -> list[str]:
    """The three cells that moved the desk's SLA most, and whether by more tickets or by worse."""
    return [
        f"{row.group_name}, {row.priority}: {row.effect * 100:+.1f} points of the desk's SLA,"
        f" {_why(row.mix_effect, row.rate_effect)}."
        for row in changes.head(3).itertuples()
        if abs(row.effect) >= 0.0005  # noqa: PLR2004  (it would print as nil)
    ]


def _why(mix: float, rate: float) -> str:
    if abs(mix) > abs(rate):
        return "by how many of these tickets there were"
    return "by how these tickets were treated"
