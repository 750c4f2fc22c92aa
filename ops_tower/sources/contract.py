"""The six raw tables: their columns, types, units and keys, and the rules that admit a row.

Belongs here: what a raw table looks like and which rows are refused, each said once. A source
writes candidate Parquet files into a folder and calls `admission.admit`; nothing else writes
`raw/`.
Does not belong here: how a source reads its own format, how the rules are run (`admission`), and
what the rows mean later.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

TIMESTAMP: Final = pa.timestamp("us")  # always UTC, without a zone marker

STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed")
TICKET_TYPES: Final = ("question", "incident", "problem", "task")
PRIORITIES: Final = ("low", "normal", "high", "urgent")
ACTOR_ROLES: Final = ("agent", "end_user", "system")
SLA_METRICS: Final = (
    "first_reply_time",
    "next_reply_time",
    "periodic_update_time",
    "pausable_update_time",
    "requester_wait_time",
    "agent_work_time",
    "total_resolution_time",
)

TRUTH_FILE: Final = "truth.json"
"""What a simulated source planted: it lies beside the raw tables, for marking analyses against."""


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, whether a row may lack it, and the values it may take."""

    name: str
    type: pa.DataType
    description: str
    required: bool = False
    values: tuple[str, ...] = ()
    is_free_text: bool = False


@dataclass(frozen=True)
class Table:
    """One raw table: its grain in a sentence, its key, and its columns in order."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The table's Arrow schema; every column nullable, as Parquet readers expect."""
        return pa.schema([(column.name, column.type) for column in self.columns])


AGENTS = Table(
    "agents",
    "One row per agent, active or not.",
    ("agent_id",),
    (
        Column("agent_id", pa.int64(), "Identifier of the agent.", required=True),
        Column("name", pa.string(), "Display name."),
        Column("group_name", pa.string(), "Home group."),
        Column("role", pa.string(), "Role in the desk: agent, lead or admin."),
        Column("time_zone", pa.string(), "IANA zone in which the agent's shifts are planned."),
        Column("fte", pa.float64(), "Full-time equivalents, 1.0 for a full contract."),
        Column("is_active", pa.bool_(), "Whether the agent still works tickets at the as-of time."),
        Column("created_at", TIMESTAMP, "When the agent joined the desk."),
        Column(
            "deactivated_at", TIMESTAMP, "When the agent left; an agent's past stays an agent's."
        ),
    ),
)

SLA_POLICIES = Table(
    "sla_policies",
    "One row per policy, priority and SLA metric that has a target.",
    ("sla_policy_id", "priority", "metric"),
    (
        Column("sla_policy_id", pa.int64(), "Identifier of the policy.", required=True),
        Column("policy_name", pa.string(), "Display name of the policy."),
        Column(
            "priority",
            pa.string(),
            "Priority to which the target applies.",
            required=True,
            values=PRIORITIES,
        ),
        Column(
            "metric",
            pa.string(),
            "SLA metric, in Zendesk's name.",
            required=True,
            values=SLA_METRICS,
        ),
        Column(
            "target_seconds",
            pa.int64(),
            "Time allowed, in seconds of the target's clock.",
            required=True,
        ),
        Column("is_business_hours", pa.bool_(), "Business clock if true, calendar clock if false."),
    ),
)

TICKETS = Table(
    "tickets",
    "One row per ticket, as it stands at the as-of time.",
    ("ticket_id",),
    (
        Column("ticket_id", pa.int64(), "Identifier of the ticket.", required=True),
        Column("external_id", pa.string(), "The case's name in the system it came from."),
        Column(
            "subject",
            pa.string(),
            "What the ticket is about; free text, never interpreted.",
            is_free_text=True,
        ),
        Column("type", pa.string(), "Ticket type.", values=TICKET_TYPES),
        Column("priority", pa.string(), "Current priority.", values=PRIORITIES),
        Column("channel", pa.string(), "Channel of the request: email, web, chat, api, phone."),
        Column("status", pa.string(), "Current status category.", values=STATUSES),
        Column("group_name", pa.string(), "Group that holds the ticket now, or held it last."),
        Column("assignee_id", pa.int64(), "Agent who holds the ticket now, or held it last."),
        Column("organization_id", pa.int64(), "Customer organisation."),
        Column("organization_name", pa.string(), "Display name of the organisation."),
        Column("organization_tier", pa.string(), "Commercial tier of the organisation."),
        Column("organization_churned_at", TIMESTAMP, "When the organisation left, if it did."),
        Column("sla_policy_id", pa.int64(), "Policy applied to the ticket, if any."),
        Column("created_at", TIMESTAMP, "When the ticket was created.", required=True),
        Column("solved_at", TIMESTAMP, "The last solve, if the ticket is solved or closed."),
        Column("closed_at", TIMESTAMP, "When the ticket was closed for good."),
    ),
)

TICKET_EVENTS = Table(
    "ticket_events",
    "One row per thing that happened to a ticket, in the order of its source.",
    ("event_id",),
    (
        Column("event_id", pa.int64(), "Identifier of the event.", required=True),
        Column("ticket_id", pa.int64(), "Ticket to which it happened.", required=True),
        Column("event_at", TIMESTAMP, "When it happened.", required=True),
        Column(
            "activity", pa.string(), "What happened, as process mining names it.", required=True
        ),
        Column(
            "status",
            pa.string(),
            "Status category after the event; none if the source has none.",
            values=STATUSES,
        ),
        Column(
            "priority",
            pa.string(),
            "Priority after the event; none if unchanged or unknown.",
            values=PRIORITIES,
        ),
        Column("group_name", pa.string(), "Group that holds the ticket after the event."),
        Column("agent_id", pa.int64(), "Agent who acted, or to whom the ticket was given."),
        Column(
            "actor_role",
            pa.string(),
            "Who acted, by the role held at the time.",
            values=ACTOR_ROLES,
        ),
        Column(
            "is_public", pa.bool_(), "A comment's visibility; none if the event carries no comment."
        ),
        Column(
            "handle_seconds",
            pa.int64(),
            "Agent's working time that ended with this event; none if unknown.",
        ),
        Column(
            "source_position",
            pa.int64(),
            "Place in the source; orders events of equal time.",
            required=True,
        ),
    ),
)

TICKET_COSTS = Table(
    "ticket_costs",
    "One row per ticket and group that worked on it.",
    ("ticket_id", "group_name"),
    (
        Column("ticket_id", pa.int64(), "Ticket that was worked on.", required=True),
        Column("group_name", pa.string(), "Group that did the work.", required=True),
        Column("handle_minutes", pa.float64(), "Minutes of agents' work."),
        Column("cost_usd", pa.float64(), "Cost of that work in US dollars."),
    ),
)

SATISFACTION_RATINGS = Table(
    "satisfaction_ratings",
    "One row per rating that a customer gave; a customer who did not answer has none.",
    ("rating_id",),
    (
        Column("rating_id", pa.int64(), "Identifier of the rating.", required=True),
        Column("ticket_id", pa.int64(), "Ticket that was rated.", required=True),
        Column("score", pa.int64(), "1 (worst) to 5 (best).", required=True),
        Column("rated_at", TIMESTAMP, "When the rating came in.", required=True),
        Column(
            "comment",
            pa.string(),
            "The customer's words; free text, never interpreted.",
            is_free_text=True,
        ),
    ),
)

REJECTED_ROWS = Table(
    "rejected_rows",
    "One row per row that a source offered and the contract refused; nothing read is lost.",
    (),
    (
        Column("table_name", pa.string(), "Raw table for which the row was meant.", required=True),
        Column("source_file", pa.string(), "File from which it was read, by name."),
        Column("source_row", pa.int64(), "Row in that file, the first data row being 1."),
        Column("rule", pa.string(), "Short name of the rule that refused it.", required=True),
        Column("reason", pa.string(), "What is wrong with it, in a sentence.", required=True),
        Column("row_json", pa.string(), "The row as it was read, as JSON."),
    ),
)

SOURCE_INFO = Table(
    "source_info",
    "One row: where the raw tables came from and the instant up to which they speak.",
    (),
    (
        Column("source", pa.string(), "simulator or event-log.", required=True),
        Column("description", pa.string(), "The source in words: file names or parameters."),
        Column(
            "as_of",
            TIMESTAMP,
            "The data's own now: last event, or the simulation's end.",
            required=True,
        ),
        Column("rows_read", pa.int64(), "Event rows that the source offered.", required=True),
        Column("rows_rejected", pa.int64(), "Rows refused, over all tables.", required=True),
    ),
)

TABLES: Final = {
    table.name: table
    for table in (AGENTS, SLA_POLICIES, TICKETS, TICKET_EVENTS, TICKET_COSTS, SATISFACTION_RATINGS)
}


@dataclass(frozen=True)
class Rule:
    """One reason to refuse a row.

    Both expressions are SQL over `this` (the row), `source` (with its as_of) and, in a table with a
    ticket_id other than tickets, `ticket` (the one to which the row belongs: ticket_id, created_at,
    is_refused; all NULL where there is none). A row is refused where `refuses` is true, not where
    it is NULL.
    """

    table: str
    name: str
    refuses: str
    reason: str


# A name stands in headings, in charts and in every variant that it is part of.
LONGEST_NAME: Final = 500


def _rules_of_columns(table: Table) -> list[Rule]:
    """The rules that follow from the columns: what may not be missing, which values there are."""
    rules = [
        Rule(
            table.name,
            f"missing_{column.name}",
            f"this.{column.name} IS NULL",
            f"'{column.name} is missing'",
        )
        for column in table.columns
        if column.required
    ]
    rules += [
        Rule(
            table.name,
            f"{column.name}_too_long",
            f"length(this.{column.name}) > {LONGEST_NAME}",
            f"'{column.name} has ' || length(this.{column.name})"
            f" || ' characters, more than a name''s {LONGEST_NAME}: '"
            f" || left(this.{column.name}, 40)",
        )
        for column in table.columns
        if pa.types.is_string(column.type) and not (column.values or column.is_free_text)
    ]
    for column in table.columns:
        if column.values:
            known = ", ".join(f"'{value}'" for value in column.values)
            rules.append(
                Rule(
                    table.name,
                    f"unknown_{column.name}",
                    f"this.{column.name} NOT IN ({known})",
                    f"'{column.name} is ' || left(this.{column.name}, 40)"
                    f" || ', not one of {', '.join(column.values)}'",
                )
            )
    return rules


def _rules_of_instant(table: str, column: str, ticket: str | None = "ticket") -> list[Rule]:
    """An instant lies in the range that calendars cover, before as-of, after its ticket began."""
    said = f"'{column} is ' || this.{column}"
    rules = [
        Rule(
            table,
            f"{column}_implausible",
            f"this.{column} NOT BETWEEN TIMESTAMP '{EARLIEST}' AND TIMESTAMP '{LATEST}'",
            f"{said} || ', outside {EARLIEST:.10} to {LATEST:.10}'",
        ),
        Rule(
            table,
            f"{column}_after_as_of",
            f"this.{column} > source.as_of",
            f"{said} || ', after the as-of time ' || source.as_of",
        ),
    ]
    if ticket:
        rules.append(
            Rule(
                table,
                f"{column}_before_creation",
                f"this.{column} < {ticket}.created_at",
                f"{said} || ', before its ticket was created at ' || {ticket}.created_at",
            )
        )
    return rules


def _rules_of_ticket(table: str) -> list[Rule]:
    """A row that hangs on a ticket needs one that is there and was not refused."""
    return [
        Rule(
            table,
            "ticket_unknown",
            "ticket.ticket_id IS NULL",
            "'there is no ticket ' || this.ticket_id",
        ),
        Rule(
            table,
            "ticket_refused",
            "ticket.is_refused",
            "'its ticket ' || this.ticket_id || ' was refused'",
        ),
    ]


def _rule_of_least(table: str, column: str, least: int) -> Rule:
    return Rule(
        table,
        f"{column}_below_{least}",
        f"this.{column} < {least} OR isnan(this.{column}::DOUBLE)",
        f"'{column} is ' || this.{column} || ', at least {least} is expected'",
    )


# Wide enough for any desk, narrow enough to catch placeholders such as 1900-01-01 and 9999-12-31,
# of which one would stretch every calendar of days over centuries.
EARLIEST: Final = "1970-01-02 00:00:00"
LATEST: Final = "2100-01-01 00:00:00"

# In the order in which they are tried; a row is refused by the first that holds.
RULES: Final = (
    *_rules_of_columns(AGENTS),
    _rule_of_least("agents", "fte", 0),
    *_rules_of_columns(SLA_POLICIES),
    _rule_of_least("sla_policies", "target_seconds", 1),
    *_rules_of_columns(TICKETS),
    *_rules_of_instant("tickets", "created_at", ticket=None),
    *_rules_of_instant("tickets", "solved_at", ticket="this"),
    *_rules_of_instant("tickets", "closed_at", ticket="this"),
    *_rules_of_columns(TICKET_EVENTS),
    *_rules_of_ticket("ticket_events"),
    *_rules_of_instant("ticket_events", "event_at"),
    _rule_of_least("ticket_events", "handle_seconds", 0),
    *_rules_of_columns(TICKET_COSTS),
    *_rules_of_ticket("ticket_costs"),
    _rule_of_least("ticket_costs", "handle_minutes", 0),
    _rule_of_least("ticket_costs", "cost_usd", 0),
    *_rules_of_columns(SATISFACTION_RATINGS),
    *_rules_of_ticket("satisfaction_ratings"),
    Rule(
        "satisfaction_ratings",
        "score_out_of_range",
        "this.score NOT BETWEEN 1 AND 5",
        "'score is ' || this.score || ', 1 to 5 is expected'",
    ),
    *_rules_of_instant("satisfaction_ratings", "rated_at"),
)

# Two more cannot be told from one row: a key that was seen before (the first row with it stays),
# and a ticket of which no event was admitted, about which nothing could be said.
DUPLICATE_KEY: Final = "duplicate_{key}"
TICKET_WITHOUT_EVENTS: Final = "ticket_without_events"
