"""The five questions of a Monday morning, each answered in a sentence from the published frames.

Belongs here: the words. Command line, Monday brief and page titles all speak through these.
Does not belong here: any figure that is not already in a frame, and where the sentences are shown.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import total
from ops_tower.analysis.words import counted, listed, month_name

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
_ONE_MORE: Final = {
    "cycle_days": "day until it is done",
    "first_reply_hours": "business hour until the first reply",
    "escalations": "escalation",
    "reopens": "reopening",
    "reassignments": "reassignment",
}


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
    said = [f"{attainment:.1%} of {judged:,.0f} judged tickets met all their targets."]
    cells = own.groupby(["priority", "ticket_type"], as_index=False)[["judged", "met"]].sum()
    cells = cells[cells["judged"] >= FEWEST_CELL]
    if len(cells):
        rate = (cells["met"].astype(float) / cells["judged"].astype(float)).to_numpy()
        low = cells.iloc[int(rate.argmin())]
        kind = f"{low['priority']} {low['ticket_type']}s"
        said.append(f"{kind[0].upper()}{kind[1:]} fare worst, at {rate.min():.1%}.")
    missed = own.groupby("group_name")["breached"].sum().astype(float)
    if len(missed) and missed.sum() > 0:
        said.append(
            f"{missed.idxmax()} held {missed.max():,.0f} of the {missed.sum():,.0f} that missed."
        )
    return " ".join(said)


def pile_up(bottlenecks: pd.DataFrame, transitions: pd.DataFrame) -> str:
    """The bottleneck group with what drives it, and the transition that holds most waiting."""
    named = bottlenecks[bottlenecks["is_bottleneck"].fillna(value=False).astype(bool)]
    if len(named):
        worst = named.iloc[0]
        name = str(worst["group_name"])
        reason = str(worst["reason"]).replace(f"{name} works", "It works", 1)
        text = f"With {name}, because of its {worst['driver']}. {reason}"
    elif len(bottlenecks):
        text = f"No group stands out as a bottleneck. {bottlenecks['reason'].iloc[0]}"
    else:
        text = "This source names no groups."
    waits = transitions[transitions["bottleneck_rank"] == 1]
    is_timer = transitions["is_timer"].fillna(value=False).astype(bool)
    if waits.empty:
        seen = (
            "All the waiting is for timers." if is_timer.any() else "Nothing waits between steps."
        )
        return f"{text} {seen}"
    wait = waits.iloc[0]
    share = wait["share_of_hours_without_timers"]
    if pd.isna(share):
        return f"{text} No time passes between activities."
    apart = "; timers such as automatic closing are left out" if is_timer.any() else ""
    step = f"{wait['from_activity']} → {wait['to_activity']}"
    return f"{text} The longest wait is {step}, with {share:.1%} of all waiting hours{apart}."


def staffing(
    capacity_gap: pd.DataFrame, volume_forecast: pd.DataFrame, backtest: pd.DataFrame
) -> str:
    """The tightest group next month in agent-days, and the volume behind it."""
    desk = volume_forecast[volume_forecast["group_name"] == _TOTAL]
    if desk.empty:
        reasons = backtest["reason"].dropna()
        why = reasons.iloc[0] if len(reasons) else "There is no history."
        return f"Not known: there is no forecast. {why}"
    volume = (
        f"{counted(desk['forecast'].sum(), 'new ticket')} expected in the next "
        f"{counted(len(desk), 'day')}"
    )
    known = capacity_gap[capacity_gap["gap_agent_days"].notna()]
    if known.empty:
        reasons = capacity_gap["reason"].dropna()
        why = reasons.iloc[0] if len(reasons) else "No group's staff is known."
        return f"Not known. {why} {volume}."
    short = known[known["gap_agent_days"] > 0].sort_values("gap_agent_days", ascending=False)
    if short.empty:
        tight = known.sort_values("gap_agent_days", ascending=False).iloc[0]
        return (
            f"Yes: in {month_name(tight['month'])} every planned group has enough. The tightest, "
            f"{tight['group_name']}, has {counted(-tight['gap_agent_days'], 'agent-day')} to "
            f"spare. {volume}."
        )
    parts = [f"{row['group_name']} is short of {_days(row)}" for _, row in short.iterrows()]
    return f"No: in {month_name(short['month'].iloc[0])} {listed(parts)}. {volume}."


def _days(row: pd.Series) -> str:
    """Agent-days with their band, if there is one."""
    gap = counted(row["gap_agent_days"], "agent-day")
    if np.isnan(row["lower_80"]):
        return gap
    return f"{gap} (80% band {row['lower_80']:.0f} to {row['upper_80']:.0f})"


def satisfaction(drivers: pd.DataFrame) -> str:
    """The drivers that take most from CSAT, with their intervals."""
    own = drivers[drivers["outcome"] == "csat_score"]
    known = own[own["effect"].notna()]
    if known.empty:
        rated = int(total(own["tickets"].head(1)))
        if not rated:
            return "Not known: no ticket in this source was rated."
        few = own["reason"].dropna()
        return f"Not known from {counted(rated, 'rated ticket')}. {few.iloc[0] if len(few) else ''}"
    harmful = known[known["upper_95"] < 0].sort_values("total_effect")
    tickets = counted(known["tickets"].iloc[0], "rated ticket")
    if harmful.empty:
        return f"Nothing for certain: in {tickets} every driver's effect may as well be none."
    parts = [
        f"each {_ONE_MORE.get(row['driver'], row['driver'])}{' takes' if not place else ''} "
        f"{-row['effect']:.2f}{' points' if not place else ''} "
        f"({-row['upper_95']:.2f} to {-row['lower_95']:.2f})"
        for place, (_, row) in enumerate(harmful.head(3).iterrows())
    ]
    return f"What costs most, over all {tickets}: {listed(parts)}. {known['nonresponse'].iloc[0]}"


def advice(recommendations: pd.DataFrame, silent: pd.DataFrame) -> str:
    """The first three recommendations, and how many rules found nothing."""
    if recommendations.empty:
        return f"Nothing that the data call for: of {counted(len(silent), 'rule')} none fired."
    first = recommendations.sort_values("rank").head(3)
    parts = [f"({place}) {row['title']}" for place, (_, row) in enumerate(first.iterrows(), 1)]
    return (
        f"{'; '.join(parts)}. {counted(len(recommendations), 'recommendation')} in all; "
        f"{counted(len(silent), 'rule')} found nothing to say."
    )
