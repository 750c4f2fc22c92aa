"""What was flagged, and what came of it: the events of alerts, and the account of each.

Belongs here: when an alert is raised, escalated or resolved, and how flags are set beside the
outcomes of their targets. Does not belong here: what deserves an alert (breach_risk), the file
that keeps the events (`ops_tower.alerts_log`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd

from ops_tower.analysis.breach_risk import SEVERITIES
from ops_tower.analysis.frames import Output

Event = Mapping[str, Any]

KEY: Final = ("ticket_id", "metric", "instance")
ALERT_LEDGER: Final = Output(
    "alert_ledger",
    "One row per alert that was ever raised, and what came of its target.",
    {
        "ticket_id": "integer",
        "external_id": "text",
        "subject": "text",
        "metric": "text",
        "instance": "integer",
        "group_name": "text",
        "priority": "text",
        "raised_at": "time",
        "raised_severity": "text",
        "worst_severity": "text",
        "minutes_left": "number",
        "breach_probability": "number",
        "resolved_at": "time",
        "outcome": "text",
        "breached_at": "time",
        "lead_minutes": "number",
    },
)
ALERT_WEEKS: Final = Output(
    "alert_weeks",
    "One row per week since the first alert: how well its breaches were foreseen.",
    {
        "week": "time",
        "flagged": "integer",
        "flagged_breached": "integer",
        "flagged_met": "integer",
        "flagged_undecided": "integer",
        "breaches": "integer",
        "missed": "integer",
        "median_lead_minutes": "number",
    },
)


def news(
    past: Sequence[Event], alerts: pd.DataFrame, outcomes: pd.DataFrame, as_of: datetime
) -> list[dict[str, Any]]:
    """The events that this run adds: each alert once, each higher severity once, each end once.

    Args:
        past: all earlier events, oldest first.
        alerts: `sla_alerts` of this run.
        outcomes: ticket_id, metric, instance, state and breached_at of the targets that `past`
            speaks of, as they are now; a target that is not there any more has no row.
        as_of: naive UTC, the instant of every new event.

    Returns:
        `raised` and `escalated` with all that the alert holds, `resolved` with the outcome. Empty
        if `past` holds a later instant: what is past is not told again.
    """
    now = as_of.isoformat(timespec="seconds")
    if any(str(event["at"]) > now for event in past):
        return []
    running = _running(past)
    lines = json.loads(alerts.to_json(orient="records", date_format="iso", date_unit="s"))
    current = {key(line): line for line in lines}
    found = []
    for which, line in current.items():
        if which not in running:
            found.append({"event": "raised", "at": now, **line})
        elif _grade(line) < _grade(running[which]):
            found.append({"event": "escalated", "at": now, **line})
    ends = {key(row): row for row in outcomes.to_dict("records")}
    for which, last in running.items():
        if which not in current:
            kept = {name: last.get(name) for name in (*KEY, *_NAMES, "severity")}
            ended = {"event": "resolved", "at": now, **kept, "outcome": _outcome(ends.get(which))}
            found.append(ended)
    return found


def key(event: Mapping[Any, Any]) -> tuple[int, str, int]:
    """Which target an event, an alert or an outcome speaks of."""
    return int(event["ticket_id"]), str(event["metric"]), int(event["instance"])


def ledger(events: Sequence[Event], outcomes: pd.DataFrame) -> pd.DataFrame:
    """Account for every alert: how it began, how bad it became, how its target ended.

    Args:
        events: all events, those of this run included, oldest first.
        outcomes: as in `news`.

    Returns:
        `alert_ledger`, the newest first. `outcome` is the target's state now: met, breached,
        cancelled, running, or gone where the data no longer hold it. `lead_minutes` are calendar
        minutes from the alert to the breach; NULL if it was breached when it was raised, or is not.
    """
    rows: list[dict[str, Any]] = []
    latest: dict[tuple[int, str, int], dict[str, Any]] = {}
    for event in events:
        which = key(event)
        if event["event"] == "raised":
            latest[which] = {
                **{name: event.get(name) for name in (*KEY, *_NAMES)},
                "raised_at": event["at"],
                "raised_severity": event["severity"],
                "worst_severity": event["severity"],
                "minutes_left": event.get("minutes_left"),
                "breach_probability": event.get("breach_probability"),
                "resolved_at": None,
            }
            rows.append(latest[which])
        elif which in latest and event["event"] == "escalated":
            latest[which]["worst_severity"] = event["severity"]
        elif which in latest:
            latest[which]["resolved_at"] = event["at"]
    ends = {key(row): row for row in outcomes.to_dict("records")}
    for row in rows:
        end = ends.get(key(row))
        row["outcome"] = "gone" if end is None else _STATES.get(end["state"], "running")
        row["breached_at"] = None if end is None else end["breached_at"]
    frame = pd.DataFrame(rows, columns=[name for name in ALERT_LEDGER.columns if name != _LEAD])
    frame = frame.assign(
        raised_at=pd.to_datetime(frame["raised_at"]),
        breached_at=pd.to_datetime(frame["breached_at"]),
    )
    lead = (frame["breached_at"] - frame["raised_at"]).dt.total_seconds() / 60
    frame[_LEAD] = lead.where(lead > 0)
    return ALERT_LEDGER.frame(
        frame.sort_values(["raised_at", *KEY], ascending=[False, True, True, True])
    )


def weeks(accounted: pd.DataFrame, breaches: pd.DataFrame) -> pd.DataFrame:
    """Judge the flags week by week: of those raised in time, and of the breaches of the week.

    Args:
        accounted: `alert_ledger`.
        breaches: week (its Monday) and breaches, of all targets since the first alert.

    Returns:
        `alert_weeks`, the newest first. A flag counts in the week in which it was raised, a breach
        and a miss (a breach without a flag before it) in the week in which it fell.
    """
    flags = accounted[accounted["raised_severity"] != "breached"]
    flags = flags.assign(week=_monday(flags["raised_at"]), is_met=flags["outcome"] == "met")
    flags = flags.assign(is_breached=flags[_LEAD].notna())
    told = flags.groupby("week").agg(
        flagged=("ticket_id", "size"),
        flagged_breached=("is_breached", "sum"),
        flagged_met=("is_met", "sum"),
        median_lead_minutes=(_LEAD, "median"),
    )
    # A target that was flagged twice before it breached was foreseen once.
    seen = flags[flags["is_breached"]].drop_duplicates(list(KEY))
    foreseen = _monday(seen["breached_at"]).value_counts()
    fell = breaches.assign(week=pd.to_datetime(breaches["week"])).set_index("week")["breaches"]
    table = told.reindex(told.index.union(fell.index))
    table["breaches"] = fell.reindex(table.index)
    counts = ["flagged", "flagged_breached", "flagged_met", "breaches"]
    table[counts] = table[counts].fillna(0).astype("int64")
    table["missed"] = table["breaches"] - foreseen.reindex(table.index).fillna(0).astype("int64")
    table["flagged_undecided"] = table["flagged"] - table["flagged_breached"] - table["flagged_met"]
    named = table.rename_axis("week").reset_index()
    return ALERT_WEEKS.frame(named.sort_values("week", ascending=False))


_NAMES: Final = ("external_id", "subject", "group_name", "priority")
_LEAD: Final = "lead_minutes"
_STATES: Final = {"met": "met", "breached": "breached", "cancelled": "cancelled"}


def _running(events: Sequence[Event]) -> dict[tuple[int, str, int], Event]:
    """The last event of each alert that is not resolved; it has the worst severity so far."""
    running: dict[tuple[int, str, int], Event] = {}
    for event in events:
        which = key(event)
        if event["event"] == "resolved":
            running.pop(which, None)
        else:
            running[which] = event
    return running


def _grade(event: Event) -> int:
    return SEVERITIES.index(event["severity"])


def _outcome(end: Mapping[Any, Any] | None) -> str:
    """How a target ended whose alert is over; one that still runs is only at less risk."""
    return "gone" if end is None else _STATES.get(end["state"], "no longer at risk")


def _monday(moments: pd.Series) -> pd.Series:
    day = moments.dt.normalize()
    monday: pd.Series = day - pd.to_timedelta(day.dt.weekday, unit="D")
    return monday
