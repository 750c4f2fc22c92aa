"""Small marts for tests, in the columns and types in which the engine hands them over.

Belongs here: frames as `SELECT` would return them. A row names only what its test is about.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

Row = Mapping[str, object]

AS_OF = datetime(2026, 1, 1)  # noqa: DTZ001 - the project's clock is naive UTC
FIRST_AT = datetime(2025, 1, 1)  # noqa: DTZ001 - the same

# Column -> default; the default's type is the column's type, also without rows.
TRANSITIONS: Row = {
    "from_activity": "A",
    "to_activity": "B",
    "transitions": 10,
    "cases": 10,
    "total_hours": 10.0,
    "mean_hours": 1.0,
    "median_hours": 1.0,
    "p90_hours": 2.0,
    "p25_hours": 0.5,
    "p75_hours": 1.5,
    "total_business_hours": 5.0,
    "mean_business_hours": 0.5,
    "median_business_hours": 0.5,
    "p90_business_hours": 1.0,
    "modal_hours": 0.5,
    "modal_share": 0.1,
    "second_modal_hours": 0.7,
    "second_modal_share": 0.1,
}
VARIANTS: Row = {
    "variant": "A > B",
    "activities": 2,
    "cases": 10,
    "finished_cases": 10,
    "median_cycle_hours": 1.0,
    "total_hours": 10.0,
    "first_activity": "A",
    "last_activity": "B",
}
PERFORMANCE: Row = {
    "period": "all",
    "group_name": "Tier 1",
    "tickets": 100,
    "median_cycle_hours": 5.0,
    "judged_targets": 100,
    "breached_targets": 10,
}
CAPACITY: Row = {
    "group_name": "Tier 1",
    "fte": 10.0,
    "agents": 10,
    "hours_per_day": 8.0,
    "shrinkage": 0.3,
    "target_occupancy": 0.8,
    "open_hours_per_weekday": 10.0,
    "handle_minutes": 400_000.0,
    "mean_handle_minutes_per_ticket": 12.0,
}
DAILY: Row = {
    "date": pd.Timestamp("2025-01-01"),
    "group_name": "Tier 1",
    "created_tickets": 10.0,
    "arrived_tickets": 10.0,
    "solved_tickets": 10.0,
    "backlog_tickets": 5,
    "judged_tickets": 10.0,
    "met_tickets": 9.0,
    "first_replies": 10.0,
    "first_reply_minutes_sum": 600.0,
    "ratings": 5.0,
    "csat_score_sum": 20.0,
    "handle_minutes": 100.0,
}
SLA: Row = {
    "date": pd.Timestamp("2025-01-01"),
    "group_name": "Tier 1",
    "priority": "normal",
    "ticket_type": "question",
    "denominator": "target",
    "metric": "first_reply_time",
    "judged": 100,
    "met": 90,
    "breached": 10,
}
OPEN_TARGETS: Row = {
    "ticket_id": 1,
    "external_id": "OT-1",
    "subject": "A question",
    "metric": "first_reply_time",
    "instance": 1,
    "group_name": "Tier 1",
    "status": "open",
    "priority": "normal",
    "ticket_type": "question",
    "started_at": pd.Timestamp("2025-12-31"),
    "due_at": pd.Timestamp("2026-01-02"),
    "is_business_hours": True,
    "target_seconds": 36_000,
    "counted_seconds": 0,
    "minutes_left": 600.0,
    "state": "active",
    "age_hours": 24.0,
}
OUTCOMES: Row = {
    "ticket_id": 1,
    "first_group_name": "Tier 1",
    "priority": "normal",
    "ticket_type": "question",
    "is_finished": True,
    "cycle_hours": 10.0,
    "first_reply_business_minutes": 60.0,
    "escalations": 0,
    "reopens": 0,
    "reassignments": 0,
    "csat_score": 4.0,
}
DRIVER_CELLS: Row = {
    "outcome": "cycle_hours",
    "escalations": 0,
    "reopens": 0,
    "reassignments": 0,
    "first_reply_hours": 1.0,
    "cycle_days": None,
    "first_group_name": "Tier 1",
    "priority": "normal",
    "ticket_type": "question",
    "csat_score": None,
    "is_answer_due": None,
    "n": 1.0,
    "y": 10.0,
    "yy": 100.0,
}
TARGET_RISK: Row = {
    "metric": "first_reply_time",
    "elapsed_bin": 0,
    "status": "open",
    "group_name": "Tier 1",
    "priority": "normal",
    "target_seconds": 36_000,
    "week": pd.Timestamp("2025-01-06"),
    "reached": 100,
    "breached": 10,
}
HANDOVERS: Row = {
    "from_group": "Tier 1",
    "to_group": "Tier 2",
    "handovers": 100,
    "tickets": 100,
    "held_hours": 500.0,
    "first_handovers": 90,
    "returned_handovers": 9,
    "returned_hours": 20.0,
    "indirect_returns": 0,
}
REWORK: Row = {
    "kind": "reopen",
    "group_name": "Tier 1",
    "tickets": 5,
    "occurrences": 6,
    "exposed_tickets": 100,
    "hours": 30.0,
}
ACTIVITIES: Row = {"activity": "A", "cases": 100}
WAITS: Row = {
    "from_activity": "A",
    "to_activity": "B",
    "status": "open",
    "is_returned": False,
    "transitions": 10,
    "total_hours": 100.0,
    "business_hours": 40.0,
    "handle_hours": 10.0,
}


def mart(defaults: Row, rows: Iterable[Row] = ()) -> pd.DataFrame:
    """Rows over defaults; without rows, the same columns and types and nothing in them."""
    listed = [{**defaults, **row} for row in rows]
    if listed:
        return pd.DataFrame(listed, columns=list(defaults))
    return pd.DataFrame([defaults]).iloc[:0]


def days(counts: Mapping[str, np.ndarray], first: datetime = FIRST_AT) -> pd.DataFrame:
    """`mart_daily_ops` with these new tickets per group, one value a day from `first` on."""
    parts = []
    for group, values in counts.items():
        dates = pd.date_range(first, periods=len(values))
        part = mart(DAILY, [{"date": day, "group_name": group} for day in dates])
        part["created_tickets"] = part["arrived_tickets"] = np.asarray(values, dtype=float)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def weekly(length: int, mean: float, seed: int) -> np.ndarray:
    """Poisson counts with a weekly season and slow growth: a desk's days."""
    season = np.array([1.3, 1.25, 1.2, 1.15, 1.1, 0.5, 0.5])
    day = np.arange(length)
    rate = mean * season[day % 7] * (1 + 0.2 * day / 365)
    return np.random.default_rng(seed).poisson(rate)
