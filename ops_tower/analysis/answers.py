"""The five questions of a Monday morning, each answered in a sentence from the published frames.

Belongs here: the words. Command line, Monday brief and page titles all speak through these.
Does not belong here: any figure that is not already in a frame, and where the sentences are shown.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import total

Frames = Mapping[str, pd.DataFrame]

# Names of the tables that the answers read, in schemas marts and analysis of the published file.
NEEDED: Final = (
    "mart_sla",
    "group_bottlenecks",
    "process_transitions",
    "capacity_gap",
    "forecast_backtest",
    "volume_forecast",
    "drivers",
    "recommendations",
    "silent_rules",
)
FEWEST_CELL: Final = 100  # judged tickets that a lowest cell must rest on
_TOTAL: Final = "All"


class Answer(NamedTuple):
    """A question and its answer."""

    question: str
    sentence: str


def five_answers(frames: Frames) -> list[Answer]:
    """Answer the five questions; where something is missing, say what and why.

    Args:
        frames: the tables named in `NEEDED`, by name; a name that is missing is an error.

    Raises:
        KeyError: if a table is missing altogether (an empty one is fine).
    """
    return [
        Answer("Are we hitting SLA?", sla(frames["mart_sla"])),
        Answer(
            "Where do tickets pile up?",
            pile_up(frames["group_bottlenecks"], frames["process_transitions"]),
        ),
        Answer(
            "Will we have enough people next month?",
            staffing(
                frames["capacity_gap"], frames["volume_forecast"], frames["forecast_backtest"]
            ),
        ),
        Answer("What is hurting CSAT?", satisfaction(frames["drivers"])),
        Answer(
            "What should we do about it?",
            advice(frames["recommendations"], frames["silent_rules"]),
        ),
    ]


def sla(mart_sla: pd.DataFrame) -> str:
    """Attainment per ticket, the lowest priority and type, and the group with most misses."""
    own = mart_sla[mart_sla["denominator"] == "ticket"]
    judged = total(own["judged"])
    if judged == 0:
        return "No targets in this source, so SLA cannot be judged."
    attainment = total(own["met"]) / judged
    text = f"{attainment:.1%} of {judged:,.0f} judged tickets met all their targets"
    cells = own.groupby(["priority", "ticket_type"], as_index=False)[["judged", "met"]].sum()
    cells = cells[cells["judged"] >= FEWEST_CELL]
    if len(cells):
        rate = (cells["met"].astype(float) / cells["judged"].astype(float)).to_numpy()
        low = cells.iloc[int(rate.argmin())]
        text += f"; lowest are {low['priority']} {low['ticket_type']}s at {rate.min():.1%}"
    missed = own.groupby("group_name")["breached"].sum().astype(float)
    if len(missed) and missed.sum() > 0:
        text += f"; {missed.idxmax()} held {missed.max():,.0f} of the {missed.sum():,.0f} missed"
    return text + "."


def pile_up(bottlenecks: pd.DataFrame, transitions: pd.DataFrame) -> str:
    """The bottleneck group with what drives it, and the transition that holds most waiting."""
    named = bottlenecks[bottlenecks["is_bottleneck"].fillna(value=False).astype(bool)]
    if len(named):
        worst = named.iloc[0]
        text = f"In {worst['group_name']}, by {worst['driver']}. {worst['reason']}"
    elif len(bottlenecks):
        text = f"No group stands out as a bottleneck. {bottlenecks['reason'].iloc[0]}"
    else:
        text = "This source names no groups."
    waits = transitions[transitions["bottleneck_rank"] == 1]
    if waits.empty:
        return f"{text} No waiting between activities was seen."
    wait = waits.iloc[0]
    share = wait["share_of_hours_without_timers"]
    if pd.isna(share):
        return f"{text} No time passes between activities."
    timers = total(transitions["share_of_hours"].where(transitions["is_timer"].astype(bool)))
    apart = f" (timers, {timers:.1%} of all hours, set apart)" if timers > 0 else ""
    step = f"{wait['from_activity']} → {wait['to_activity']}"
    return f"{text} {step} holds {share:.1%} of all waiting hours{apart}."


def staffing(
    capacity_gap: pd.DataFrame, volume_forecast: pd.DataFrame, backtest: pd.DataFrame
) -> str:
    """The tightest group next month in agent-days, and the volume behind it."""
    desk = volume_forecast[volume_forecast["group_name"] == _TOTAL]
    if desk.empty:
        reasons = backtest["reason"].dropna()
        why = reasons.iloc[0] if len(reasons) else "There is no history."
        return f"Not known: there is no forecast. {why}"
    volume = f"{desk['forecast'].sum():,.0f} new tickets are expected in {len(desk)} days"
    known = capacity_gap[capacity_gap["gap_agent_days"].notna()]
    if known.empty:
        reasons = capacity_gap["reason"].dropna()
        why = reasons.iloc[0] if len(reasons) else "No group's staff is known."
        return f"{volume}, but whether staff suffice is not known. {why}"
    short = known[known["gap_agent_days"] > 0].sort_values("gap_agent_days", ascending=False)
    if short.empty:
        tight = known.sort_values("gap_agent_days", ascending=False).iloc[0]
        return (
            f"Yes: every planned group has enough in {tight['month']}; the tightest, "
            f"{tight['group_name']}, has {-tight['gap_agent_days']:.0f} agent-days to spare. "
            f"{volume}."
        )
    parts = [f"{row['group_name']} is short {_days(row)}" for _, row in short.iterrows()]
    return f"No: in {short['month'].iloc[0]} {' and '.join(parts)}. {volume}."


def _days(row: pd.Series) -> str:
    """Agent-days with their band, if there is one."""
    gap = f"{row['gap_agent_days']:.0f} agent-days"
    if np.isnan(row["lower_80"]):
        return gap
    return f"{gap} (80 % band {row['lower_80']:.0f} to {row['upper_80']:.0f})"


def satisfaction(drivers: pd.DataFrame) -> str:
    """The drivers that take most from CSAT, with their intervals."""
    own = drivers[drivers["outcome"] == "csat_score"]
    known = own[own["effect"].notna()]
    if known.empty:
        reasons = own["reason"].dropna()
        why = f" {reasons.iloc[0]}" if len(reasons) else ""
        return f"Not known: this source has no or too few ratings.{why}"
    harmful = known[known["upper_95"] < 0].sort_values("total_effect")
    tickets = f"{int(known['tickets'].iloc[0]):,} rated tickets"
    if harmful.empty:
        return f"Nothing that {tickets} can show: no driver's effect is below zero for certain."
    parts = [
        f"{row['driver'].replace('_', ' ')} {row['effect']:+.2f} points each "
        f"({row['lower_95']:+.2f} to {row['upper_95']:+.2f})"
        for _, row in harmful.head(3).iterrows()
    ]
    return f"Over all {tickets}, most is lost to {', then '.join(parts)}."


def advice(recommendations: pd.DataFrame, silent: pd.DataFrame) -> str:
    """The first three recommendations, and how many rules found nothing."""
    quiet = f"{len(silent)} rules found nothing to say"
    if recommendations.empty:
        return f"Nothing that the data call for: {quiet}."
    first = recommendations.sort_values("rank").head(3)
    parts = [f"({place}) {row['title']}" for place, (_, row) in enumerate(first.iterrows(), 1)]
    return f"{'; '.join(parts)}. {len(recommendations)} in all; {quiet}."
