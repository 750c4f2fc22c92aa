"""A ticket's story from the ledger: why it breached, when what happened, which clock ran when.

Belongs here: reading segments of time as sentences and as lanes of a time line. Does not belong
here: counting time, which the warehouse has done to the second; layout, SQL.
"""

from typing import Final, NamedTuple

import pandas as pd
from queues import METRICS

from ops_tower.analysis import measures

MOMENTS: Final = {
    "created_at": "Created",
    "first_reply_at": "First reply",
    "first_solved_at": "Solved",
    "solved_at": "Solved for good",
    "closed_at": "Closed",
    "csat_rated_at": "Rated",
}


class Bar(NamedTuple):
    """One stretch of time in one lane: `kind` is a status, or whether a clock ran."""

    lane: str
    from_at: pd.Timestamp
    to_at: pd.Timestamp
    kind: str
    label: str


def headline(ticket: pd.Series, targets: pd.DataFrame) -> str:
    """What became of the ticket's targets, in a sentence."""
    name = ticket["external_id"]
    if targets.empty:
        return f"{name} has no SLA targets."
    missed = targets[targets["state"] == "breached"]
    if missed.empty:
        running = (targets["state"].isin(["active", "paused"])).sum()
        rest = f"; {running} still running" if running else ""
        met = (targets["state"] == "met").sum()
        return f"{name} met {met} of {len(targets)} targets{rest}."
    first = missed.sort_values("breached_at").iloc[0]
    others = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
    metric = METRICS.get(first["metric"], first["metric"]).lower()
    return (
        f"{name} missed its {metric} target{others}: {first['group_name']} held it when the time"
        f" ran out, {first['breached_at']:%a %-d %b %Y, %H:%M}."
    )


def reasons(targets: pd.DataFrame, ledger: pd.DataFrame) -> list[str]:
    """For each missed target, what its clock counted and where most of that went."""
    told = []
    for target in targets[targets["state"] == "breached"].itertuples():
        own = ledger[
            (ledger["metric"] == target.metric)
            & (ledger["instance"] == target.instance)
            & ledger["is_counted"].astype(bool)
            & (ledger["counted_seconds"] > 0)
        ]
        clock = "business" if target.is_business_hours else "calendar"
        text = (
            f"**{METRICS.get(target.metric, target.metric)}**: {duration(target.counted_seconds)}"
            f" counted of {duration(target.target_seconds)}, on the {clock} clock."
        )
        spent = own.groupby(["status", "group_name"])["counted_seconds"].sum()
        if len(spent):
            status, group = spent.idxmax()
            text += f" Most of it, {duration(spent.max())}, ran while {status} with {group}."
        told.append(text)
    return told


def ahead(risks: pd.DataFrame, *, is_live: bool) -> list[str]:
    """For each target that can still be met, its time left and how such targets ended before.

    Args:
        risks: rows of `open_target_risk`.
        is_live: whether the data are young enough for a countdown.
    """
    told = []
    for risk in risks.itertuples():
        clock = "business" if risk.is_business_hours else "calendar"
        text = f"**{METRICS.get(risk.metric, risk.metric)}**: still to be met"
        if is_live:
            text += f", {duration(60 * risk.minutes_left)} left on the {clock} clock"
        if pd.notna(risk.breach_probability):
            text += f"; of such targets {risk.breach_probability:.0%} were missed before"
        told.append(f"{text}.")
    return told


def lanes(ticket: pd.Series, ledger: pd.DataFrame) -> list[Bar]:
    """The ticket's status, and each clock that has a target, as lanes of a time line."""
    bars = [
        Bar("Status", row.from_at, row.to_at, str(row.status), f"{row.status}, {row.group_name}")
        for row in _spine(ledger).itertuples()
    ]
    clocks = ledger[ledger["target_seconds"].notna()]
    for row in clocks.itertuples():
        lane = METRICS.get(row.metric, row.metric)
        if clocks.loc[clocks["metric"] == row.metric, "instance"].max() > 1:
            lane += f" {row.instance}"
        kind = "counts" if row.is_counted else "pauses"
        label = (
            f"{row.rule}: {duration(row.counted_seconds)}, in all {duration(row.running_seconds)}"
        )
        bars.append(Bar(lane, row.from_at, row.to_at, kind, label))
    if not bars:
        end = ticket["closed_at"] if pd.notna(ticket["closed_at"]) else ticket["finished_at"]
        if pd.notna(end):
            bars.append(Bar("Status", ticket["created_at"], end, str(ticket["status"]), ""))
    return bars


def facts(ticket: pd.Series) -> list[str]:
    """What is known of the ticket beside its times, a few words each."""
    names = ("status", "group_name", "priority", "ticket_type", "channel", "organization_name")
    known = [ticket[name] for name in names if isinstance(ticket[name], str)]
    if pd.notna(ticket["csat_score"]):
        known.append(f"rated {ticket['csat_score']:.0f} of 5")
    if pd.notna(ticket["cost_usd"]):
        known.append(f"cost {measures.text(float(ticket['cost_usd']), 'usd')}")
    return known


def moments(ticket: pd.Series, targets: pd.DataFrame) -> pd.DataFrame:
    """What happened and when, in order: columns at, what; a breach among them."""
    rows = [(ticket[name], what) for name, what in MOMENTS.items() if pd.notna(ticket[name])]
    if ticket["solved_at"] == ticket["first_solved_at"]:
        rows = [row for row in rows if row[1] != MOMENTS["solved_at"]]
    rows += [
        (target.breached_at, f"{METRICS.get(target.metric, target.metric)} target missed")
        for target in targets.itertuples()
        if pd.notna(target.breached_at)
    ]
    return pd.DataFrame(rows, columns=["at", "what"]).sort_values("at", ignore_index=True)


def duration(seconds: float) -> str:
    """Seconds as hours and minutes, as a person says them."""
    minutes = round(float(seconds) / 60)
    if minutes < 1:
        return f"{float(seconds):.0f} s"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def _spine(ledger: pd.DataFrame) -> pd.DataFrame:
    """The segments of the clock that covers most of the ticket's life."""
    if ledger.empty:
        return ledger
    spans = (
        ledger.assign(length=ledger["to_at"] - ledger["from_at"])
        .groupby(["metric", "instance"])["length"]
        .sum()
    )
    metric, instance = spans.idxmax()
    return ledger[(ledger["metric"] == metric) & (ledger["instance"] == instance)]
