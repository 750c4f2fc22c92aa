"""What the ticket list and a ticket's story read: outcomes, targets, and the ledger of clocks."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from queries import Desk, Scope, among, read

LIMIT: Final = 1000
SUBJECT: Final = 300  # characters; a thousand subjects of a megabyte would be a gigabyte


@dataclass(frozen=True)
class Selection:
    """Which tickets: the day and the group that count for it, and a further condition."""

    day: str | None
    group: str = "group_name"
    condition: str = "true"


SELECTIONS: Final = {
    "New": Selection("created_at", "first_group_name"),
    "Missed SLA": Selection("sla_judged_at", "sla_group_name", "is_sla_met = false"),
    "Open": Selection(None, condition="not is_finished"),
    "Finished": Selection("finished_at", condition="is_finished"),
    "Reopened": Selection("finished_at", condition="is_finished and reopens > 0"),
    "Escalated": Selection("finished_at", condition="is_finished and escalations > 0"),
    "Rated 1 or 2": Selection("csat_rated_at", condition="csat_score <= 2"),
}
"""The same days and groups by which the figures on the other pages count."""


def matching(desk: Desk, scope: Scope, show: str, first: date, last: date) -> pd.DataFrame:
    """Tickets of a selection, the newest first, at most `LIMIT`; `total` counts all of them."""
    chosen = SELECTIONS[show]
    window = (
        f"{chosen.day} >= $first and {chosen.day} < $last::date + interval 1 day"
        if chosen.day
        else "true"
    )
    sql = f"""
    select
      external_id, left(subject, {SUBJECT}) as subject, status, {chosen.group} as group_name,
      priority, ticket_type,
      organization_name, created_at, finished_at, cycle_hours, is_sla_met, reopens, escalations,
      csat_score, cost_usd, ticket_id, count(*) over () as total
    from marts.mart_ticket_outcomes
    where {window} and {chosen.condition}
      and {among(chosen.group, "groups")}
      and {among("priority", "priorities")}
      and {among("ticket_type", "types")}
    order by created_at desc, ticket_id desc
    limit {LIMIT}
    """
    return read(desk.version, sql, scope.parameters | {"first": first, "last": last})


def ticket(desk: Desk, name: str) -> pd.Series | None:
    """The ticket of that external or internal identifier; None if there is none."""
    sql = """
    from marts.mart_ticket_outcomes
    where external_id = $name or ticket_id = try_cast($name as bigint)
    order by external_id = $name desc
    limit 1
    """
    rows = read(desk.version, sql, {"name": name.strip()})
    return None if rows.empty else rows.iloc[0]


def targets(desk: Desk, ticket_id: int) -> pd.DataFrame:
    """One row per metric instance of the ticket that has a target, in order of their start."""
    sql = """
    select metric, instance, group_name, state, is_met, started_at, ended_at, due_at, breached_at,
      target_seconds, counted_seconds, is_business_hours
    from marts.mart_sla_targets
    where ticket_id = $ticket_id and target_seconds is not null
    order by started_at, metric, instance
    """
    return read(desk.version, sql, {"ticket_id": ticket_id})


def risks(desk: Desk, ticket_id: int) -> pd.DataFrame:
    """One row per open target of the ticket with its risk, the least time left first."""
    sql = """
    select metric, severity, minutes_left, due_at, is_business_hours, breach_probability
    from analysis.open_target_risk
    where ticket_id = $ticket_id and severity <> 'breached'
    order by minutes_left, metric
    """
    return read(desk.version, sql, {"ticket_id": ticket_id})


def ledger(desk: Desk, ticket_id: int) -> pd.DataFrame:
    """One row per segment of time of each metric instance of the ticket, in order."""
    sql = """
    select metric, instance, segment, from_at, to_at, status, group_name, is_counted, rule,
      counted_seconds, running_seconds, target_seconds, is_business_hours
    from marts.mart_sla_ledger
    where ticket_id = $ticket_id
    order by from_at, metric, instance, segment
    """
    return read(desk.version, sql, {"ticket_id": ticket_id})
