"""From event rows to the raw tables: tickets, their events, and the agents who acted.

Belongs here: what a case's events say about the ticket, such as whether it is finished. Does not
belong here: reading and refusing rows (`rows`).
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from ops_tower.sources.admission import write_rows
from ops_tower.sources.contract import AGENTS, REJECTED_ROWS, TICKET_EVENTS, TICKETS
from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log.rows import one_row, text_literal

# An activity closes its case where, of the cases in which it occurs, this share ends with it, and
# where enough cases do for that to be more than chance.
END_SHARE: Final = 0.9
END_CASES: Final = 20

_MOST_NAMES_SHOWN: Final = 40


def number_cases(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Give cases, resources and organisations their numbers, by first appearance.

    Makes `steps` of `events`: with those numbers, `place` (grows with time and, at equal times,
    with the place in the source), `is_last` in its case and `is_future`: after `as_of`, so that it
    says nothing about the ticket yet.
    """
    # One number to compare is cheaper than a sort of all events by case, time and position.
    connection.execute(
        """
        CREATE VIEW placed AS
        SELECT *, epoch_us(event_at)::HUGEINT * (1::HUGEINT << 40) + position AS place FROM events
        """
    )
    connection.execute(
        """
        CREATE TABLE cases AS
        SELECT case_name, row_number() OVER (ORDER BY min(position)) AS id,
            max(place) FILTER (event_at <= $as_of) AS last_place
        FROM placed GROUP BY case_name
        """,
        {"as_of": as_of},
    )
    for table, name in (("agents", "resource"), ("organizations", "organization")):
        connection.execute(
            f"""
            CREATE TABLE {table} AS
            SELECT {name}, row_number() OVER (ORDER BY min(position)) AS id
            FROM events WHERE {name} IS NOT NULL GROUP BY {name}
            """
        )
    connection.execute(
        """
        CREATE TABLE steps AS
        SELECT placed.* EXCLUDE (case_name, resource, organization), cases.id AS ticket_id,
            agents.id AS agent_id, organizations.id AS organization_id,
            event_at > $as_of AS is_future,
            place IS NOT DISTINCT FROM last_place AS is_last
        FROM placed
        JOIN cases USING (case_name)
        LEFT JOIN agents USING (resource)
        LEFT JOIN organizations USING (organization)
        """,
        {"as_of": as_of},
    )


def find_end_activities(
    connection: duckdb.DuckDBPyConnection, named: Sequence[str]
) -> tuple[str, ...]:
    """The activities that close a case: those that a person named, else those that the log shows.

    Raises:
        SourceError: a named activity does not occur.
    """
    if not named:
        rows = connection.execute(
            """
            SELECT activity FROM steps WHERE NOT is_future GROUP BY activity
            HAVING count_if(is_last) >= greatest($cases, $share * count(DISTINCT ticket_id))
            ORDER BY count_if(is_last) DESC, activity
            """,
            {"cases": END_CASES, "share": END_SHARE},
        ).fetchall()
        return tuple(row[0] for row in rows)
    rows = connection.execute("SELECT DISTINCT activity FROM steps ORDER BY activity").fetchall()
    there = [row[0] for row in rows]
    for activity in named:
        if activity not in there:
            some = ", ".join(there[:_MOST_NAMES_SHOWN])
            raise SourceError(f"No event has the end activity {activity!r}. There are: {some}.")
    return tuple(named)


def write_tables(
    connection: duckdb.DuckDBPyConnection, end_activities: Sequence[str], directory: Path
) -> None:
    """Write tickets, ticket_events, agents and the refused rows as candidates into `directory`."""
    _derive_statuses(connection, end_activities)
    for table, query in (
        (TICKET_EVENTS, _EVENTS),
        (TICKETS, _tickets()),
        (AGENTS, _AGENTS),
        (REJECTED_ROWS, "SELECT 'ticket_events' AS table_name, * FROM refused ORDER BY position"),
    ):
        write_rows(connection, query, table, directory / f"{table.name}.parquet")


def _derive_statuses(connection: duckdb.DuckDBPyConnection, end_activities: Sequence[str]) -> None:
    """Where the log has no statuses, the last event of a closed case says closed, the rest nothing.

    A ticket without any status is open in such a log, and of unknown status in one that has them.
    """
    (has_status,) = one_row(connection, "SELECT count(status) > 0 FROM steps")
    ends = ", ".join(text_literal(activity) for activity in end_activities)
    status = f"CASE WHEN is_last AND list_contains([{ends}]::VARCHAR[], activity) THEN 'closed' END"
    connection.execute(
        f"""
        CREATE VIEW told AS
        SELECT * REPLACE ({"status" if has_status else status} AS status),
            {"NULL" if has_status else "'open'"} AS status_if_untold
        FROM steps
        """
    )


_EVENTS: Final = """
    SELECT *, NULL::BIGINT AS handle_seconds, position AS source_position
    FROM told ORDER BY position
"""

# At home is where an agent acted most often, of equals where first.
_AGENTS: Final = """
    WITH held AS (
        SELECT agent_id, group_name, count(*) AS events, min(position) AS first_position
        FROM steps WHERE agent_id IS NOT NULL AND group_name IS NOT NULL GROUP BY ALL
    )
    SELECT id AS agent_id, resource AS name, group_name, NULL::VARCHAR AS role,
        NULL::VARCHAR AS time_zone, NULL::DOUBLE AS fte, NULL::BOOLEAN AS is_active,
        NULL::TIMESTAMP AS created_at, NULL::TIMESTAMP AS deactivated_at
    FROM agents
    LEFT JOIN (
        SELECT agent_id, arg_max(group_name, (events, -first_position)) AS group_name
        FROM held GROUP BY agent_id
    ) ON agent_id = id
    ORDER BY id
"""


def _tickets() -> str:
    """One row per case; what it has of an attribute is what its events said last."""

    def latest(column: str) -> str:
        return f"arg_max({column}, place) FILTER (NOT is_future AND {column} IS NOT NULL)"

    return f"""
        WITH statuses AS (
            SELECT ticket_id, event_at, status,
                lag(status) OVER (PARTITION BY ticket_id ORDER BY place) AS status_before
            FROM told WHERE status IS NOT NULL AND NOT is_future
        ),
        changes AS (
            SELECT ticket_id,
                max(event_at) FILTER (status = 'solved') AS last_solved_at,
                max(event_at) FILTER (status = 'closed') AS last_closed_at
            FROM statuses WHERE status IS DISTINCT FROM status_before GROUP BY ticket_id
        ),
        latest AS (
            SELECT ticket_id, {latest("subject")} AS subject, {latest("type")} AS type,
                {latest("priority")} AS priority, {latest("channel")} AS channel,
                coalesce({latest("status")}, any_value(status_if_untold)) AS status,
                {latest("group_name")} AS group_name, {latest("agent_id")} AS assignee_id,
                {latest("organization_id")} AS organization_id,
                {latest("tier")} AS organization_tier,
                coalesce(min(created_at), min(event_at)) AS created_at
            FROM told GROUP BY ticket_id
        )
        SELECT latest.*, case_name AS external_id, organization AS organization_name,
            NULL::TIMESTAMP AS organization_churned_at, NULL::BIGINT AS sla_policy_id,
            CASE WHEN status IN ('solved', 'closed') THEN last_solved_at END AS solved_at,
            CASE WHEN status = 'closed' THEN last_closed_at END AS closed_at
        FROM latest
        JOIN cases ON cases.id = ticket_id
        LEFT JOIN organizations ON organizations.id = organization_id
        LEFT JOIN changes USING (ticket_id)
        ORDER BY ticket_id
    """
