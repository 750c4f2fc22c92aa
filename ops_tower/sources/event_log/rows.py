"""From staged files to event rows: each role's text, the times parsed, the unusable set aside.

Belongs here: what makes a row of a log unusable, and the two tables `events` and `refused` on the
connection. Does not belong here: what the events say about their tickets (`tables`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa

from ops_tower.sources.contract import (
    ACTOR_ROLES,
    EARLIEST,
    LATEST,
    PRIORITIES,
    STATUSES,
    TICKET_TYPES,
)
from ops_tower.sources.event_log import times
from ops_tower.sources.event_log.files import StagedFile
from ops_tower.sources.event_log.mapping import USUAL_NAMES

_JOINT: Final = " / "
_LONGEST_REASON: Final = 300  # it may quote a text of a megabyte; the row is kept whole
_BLANKS: Final = (" ", "\t", "\r", "\n")
_TRUE: Final = ("true", "t", "yes", "y", "1", "public")
_FALSE: Final = ("false", "f", "no", "n", "0", "private")

# Refused here already: the placeholder in one row would be taken for the creation of its ticket.
_PLAUSIBLE: Final = f"TIMESTAMP '{EARLIEST}' AND TIMESTAMP '{LATEST}'"
_OUTSIDE: Final = f"outside {EARLIEST:.10} to {LATEST:.10}"

# Roles with a fixed set of values, written in lower case with underscores.
_VALUES: Final[Mapping[str, Sequence[str]]] = {
    "status": STATUSES,
    "priority": PRIORITIES,
    "type": TICKET_TYPES,
    "actor_role": ACTOR_ROLES,
    "is_public": (*_TRUE, *_FALSE),
}


# What is said of a row that breaks a rule, as SQL over its texts.
REASONS: Final[Mapping[str, str]] = {
    "missing_case": "'the row names no case'",
    "missing_activity": "'the row names no activity'",
    "missing_timestamp": "'the row has no timestamp'",
    "missing_event_id": "'the row has no event id, others do'",
    "unparsable_timestamp": "'the timestamp ' || timestamp_text || ' is of no known form'",
    "unparsable_created_at": "'the creation time ' || created_at_text || ' is of no known form'",
    "implausible_timestamp": f"'the timestamp ' || timestamp_text || ' is {_OUTSIDE}'",
    "implausible_created_at": f"'the creation time ' || created_at_text || ' is {_OUTSIDE}'",
    "duplicate_event_id": "'an earlier row has the event id ' || event_id_text",
    **{
        f"unknown_{role}": f"'{role} is ' || {role}_text || ', not one of {', '.join(values)}'"
        for role, values in _VALUES.items()
    },
}


@dataclass(frozen=True)
class RowCounts:
    """Rows offered and refused, and what was decided over whole columns."""

    read: int
    refused: int
    notes: tuple[str, ...]


def collect(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[StagedFile],
    columns: Sequence[Mapping[str, Sequence[int]]],
    time_zone: str,
) -> RowCounts:
    """Make the tables `events` (usable rows, typed) and `refused` (file, row, rule, reason, JSON).

    Args:
        connection: where to make them; its time zone must be UTC.
        files: the staged files, in the order in which their rows count.
        columns: for each file, the positions of the columns of each role.
        time_zone: of times that name none.
    """
    _gather(connection, files, columns)
    roles = {role for found in columns for role in found}
    orders, notes = _decide_orders(connection, roles)
    _parse(connection, roles, orders, time_zone)
    _describe_refused(connection, files)
    _add_malformed(connection, files)
    _keep_usable(connection)
    (refused,) = one_row(connection, "SELECT count(*) FROM refused")
    return RowCounts(sum(file.rows for file in files), refused, notes)


def _gather(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[StagedFile],
    columns: Sequence[Mapping[str, Sequence[int]]],
) -> None:
    """A view of all files' rows below each other: one text per role, positions numbered through."""
    selects = []
    first_position = 0
    for number, (file, roles) in enumerate(zip(files, columns, strict=True)):
        texts = []
        for role in USUAL_NAMES:
            parts = [_trimmed(f"c{i}::VARCHAR") for i in roles.get(role, ())]
            text = parts[0] if parts else "NULL::VARCHAR"
            if len(parts) > 1:
                text = f"nullif(concat_ws('{_JOINT}', {', '.join(parts)}), '')"
            texts.append(f"{text} AS {_column(role)}")
        selects.append(
            f"SELECT {number} AS file_number, source_row, "
            f"{first_position} + source_row AS position, {', '.join(texts)} FROM {_staged(file)}"
        )
        first_position += file.rows
    connection.execute(f"CREATE VIEW texts AS {' UNION ALL '.join(selects)}")


def _trimmed(text: str) -> str:
    """The text without blanks around it, NULL if nothing is left.

    Few values have any, and trimming is many times dearer than looking at both ends.
    """
    ends = " OR ".join(f"suffix({text}, {text_literal(blank)})" for blank in _BLANKS)
    trimmed = f"nullif(trim({text}, {text_literal(''.join(_BLANKS))}), '')"
    return f"CASE WHEN {text} < '!' OR {ends} THEN {trimmed} ELSE {text} END"


def _staged(file: StagedFile) -> str:
    """A file's rows as a relation with columns c0, c1, … and source_row."""
    paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in file.parquet)
    names = [f"c{index}" for index in range(len(file.columns))]
    if file.is_staged:
        return f"(SELECT * FROM read_parquet([{paths}], union_by_name = true))"
    return (
        f"(SELECT * REPLACE (source_row + 1 AS source_row) "
        f"FROM read_parquet([{paths}], file_row_number = true) "
        f"AS t({', '.join(names)}, source_row))"
    )


def _decide_orders(
    connection: duckdb.DuckDBPyConnection, roles: Collection[str]
) -> tuple[dict[str, times.DayMonthOrder], tuple[str, ...]]:
    orders: dict[str, times.DayMonthOrder] = {}
    notes = []
    for role in ("timestamp", "created_at"):
        counts = (0, 0, 0, 0)
        if role in roles:
            counts = one_row(connection, times.order_evidence(_column(role), "texts"))
        values, day_first, month_first, with_am_pm = counts
        orders[role] = times.decide_order(day_first, month_first, with_am_pm)
        if values:
            notes.append(
                f"{role}: {values} values such as 01/02/2024 were read {orders[role]} "
                f"({day_first} can only be day first, {month_first} only month first)."
            )
    return orders, tuple(notes)


def _parse(
    connection: duckdb.DuckDBPyConnection,
    roles: Collection[str],
    orders: Mapping[str, times.DayMonthOrder],
    time_zone: str,
) -> None:
    """Type what is not text, fold what has fixed values, and name the first rule a row breaks."""
    has_event_ids = "event_id" in roles
    values = {role: values for role, values in _VALUES.items() if role in roles}
    folded = [
        f"regexp_replace(lower({_column(role)}), '[ -]', '_', 'g') AS {_column(role)}"
        for role in values
    ]
    tidy, instants = [], []
    for role, column in (("timestamp", "event_at"), ("created_at", "created_at")):
        if role in roles:
            tidy.append(f"{times.tidied(_column(role), orders[role])} AS {role}_tidy")
            instant = times.parsed(_column(role), f"{role}_tidy", time_zone)
            instants.append(f"{instant} AS {column}")
        else:
            instants.append(f"NULL::TIMESTAMP AS {column}")
    rules = [
        ("missing_case", "case_text IS NULL"),
        ("missing_activity", "activity_text IS NULL"),
        ("missing_timestamp", "timestamp_text IS NULL"),
        ("unparsable_timestamp", "event_at IS NULL"),
        ("implausible_timestamp", f"event_at NOT BETWEEN {_PLAUSIBLE}"),
        ("unparsable_created_at", "created_at_text IS NOT NULL AND created_at IS NULL"),
        ("implausible_created_at", f"created_at NOT BETWEEN {_PLAUSIBLE}"),
    ]
    rules += [
        (f"unknown_{role}", f"{_column(role)} NOT IN ({_listed(known)})")
        for role, known in values.items()
    ]
    if has_event_ids:
        rules.append(("missing_event_id", "event_id_text IS NULL"))
    cases = " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in rules)
    connection.execute(
        f"""
        CREATE TABLE parsed AS
        SELECT *, CASE {cases} END AS rule
        FROM (
            SELECT *, {", ".join(instants)}
            FROM (
                SELECT * {f"REPLACE ({', '.join(folded)})" if folded else ""}, {", ".join(tidy)}
                FROM texts
            )
        )
        """
    )
    if has_event_ids:
        connection.execute(
            """
            UPDATE parsed SET rule = 'duplicate_event_id'
            WHERE position IN (
                SELECT position FROM parsed WHERE rule IS NULL
                QUALIFY row_number() OVER (PARTITION BY event_id_text ORDER BY position) > 1
            )
            """
        )


def _keep_usable(connection: duckdb.DuckDBPyConnection) -> None:
    """A view of the usable rows; ids are kept if all are whole numbers, else positions serve."""
    (has_numbers,) = one_row(
        connection,
        "SELECT coalesce(bool_and(try_cast(event_id_text AS BIGINT) IS NOT NULL), false) "
        "FROM parsed WHERE rule IS NULL",
    )
    connection.execute(
        f"""
        CREATE VIEW events AS
        SELECT position, case_text AS case_name, activity_text AS activity, event_at,
            group_text AS group_name, resource_text AS resource, status_text AS status,
            priority_text AS priority, type_text AS type, channel_text AS channel,
            organization_text AS organization, tier_text AS tier, created_at,
            is_public_text IN ({_listed(_TRUE)}) AS is_public, actor_role_text AS actor_role,
            subject_text AS subject,
            {"event_id_text::BIGINT" if has_numbers else "position"} AS event_id
        FROM parsed WHERE rule IS NULL
        """
    )


def _describe_refused(connection: duckdb.DuckDBPyConnection, files: Sequence[StagedFile]) -> None:
    """Give each refused row its reason and, from its file, the whole row as it was."""
    cases = " ".join(f"WHEN '{rule}' THEN {reason}" for rule, reason in REASONS.items())
    connection.execute(
        "CREATE TABLE refused (position BIGINT, source_file VARCHAR, source_row BIGINT, "
        "rule VARCHAR, reason VARCHAR, row_json VARCHAR)"
    )
    for number, file in enumerate(files):
        pairs = ", ".join(f"{text_literal(name)}, c{i}" for i, name in enumerate(file.columns))
        connection.execute(
            f"""
            INSERT INTO refused
            SELECT position, {text_literal(file.source.name)}, source_row, rule,
                left(CASE rule {cases} END, {_LONGEST_REASON}), json_object({pairs})
            FROM (FROM parsed WHERE rule IS NOT NULL AND file_number = {number})
            JOIN {_staged(file)} AS staged USING (source_row)
            """
        )


def _add_malformed(connection: duckdb.DuckDBPyConnection, files: Sequence[StagedFile]) -> None:
    first_position = 0
    for file in files:
        rows = pa.table(
            {
                "source_row": pa.array([row.source_row for row in file.malformed], pa.int64()),
                "reason": pa.array([row.reason for row in file.malformed], pa.string()),
                "text": pa.array([row.text for row in file.malformed], pa.string()),
            }
        )
        connection.from_arrow(rows).query(
            "malformed",
            f"""
            INSERT INTO refused
            SELECT {first_position} + source_row, {text_literal(file.source.name)}, source_row,
                'malformed_row', reason, to_json(text)
            FROM malformed
            """,
        )
        first_position += file.rows


def one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The only row of a query that aggregates."""
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate without groups has one row
    return row


def _column(role: str) -> str:
    return f"{role}_text"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(text_literal(value) for value in values)


def text_literal(value: str) -> str:
    """The value as an SQL string."""
    return "'" + value.replace("'", "''") + "'"
