"""The simulated desk's tables as Parquet files, in the shapes that `contract` asks for.

Belongs here: the way from arrays to Arrow columns, a row group at a time.
Does not belong here: anything that decides what happened (engine, outcomes), or words (texts).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ops_tower.sources.contract import (
    AGENTS,
    PRIORITIES,
    SATISFACTION_RATINGS,
    SLA_POLICIES,
    TICKET_COSTS,
    TICKET_EVENTS,
    TICKET_TYPES,
    TICKETS,
    Table,
)
from ops_tower.sources.simulator.engine import NOBODY
from ops_tower.sources.simulator.outcomes import COMMENT_DRAW, Results
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.roster import AgentRecord
from ops_tower.sources.simulator.states import NEVER
from ops_tower.sources.simulator.steps import MEANING, STEPS, Step, group_after
from ops_tower.sources.simulator.streams import Array, Codes, Ints
from ops_tower.sources.simulator.texts import comments, organization_name, subjects
from ops_tower.sources.simulator.vocabulary import CHANNELS, TIERS

ROW_GROUP_ROWS: Final = 122_880
POLICY_ID: Final = 1


class TableFile:
    """One Parquet file that is written a row group at a time."""

    def __init__(self, table: Table, directory: Path) -> None:
        """Open the file of a table in a folder."""
        self._schema = table.schema
        self._writer = pq.ParquetWriter(directory / f"{table.name}.parquet", self._schema)
        self.rows = 0

    def __enter__(self) -> Self:
        """Hand out the open file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write the footer, without which nobody can read the file."""
        self._writer.close()

    def write(self, columns: dict[str, pa.Array]) -> None:
        """Append one row group, given each column of the table by name."""
        arrays = [columns[field.name] for field in self._schema]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self.rows += len(arrays[0])


class EventsFile(TableFile):
    """`ticket_events`, written while the engine runs."""

    def __init__(
        self, parameters: SimulatorParameters, agents: Sequence[AgentRecord], directory: Path
    ) -> None:
        """Look up once what each event code and each agent look like."""
        super().__init__(TICKET_EVENTS, directory)
        groups = parameters.groups
        codes = range(STEPS * len(groups))
        meanings = [MEANING[Step(code % STEPS)] for code in codes]
        self._activity = [meaning.activity for meaning in meanings]
        self._status = [meaning.status for meaning in meanings]
        self._group = [groups[index].name for index in group_after(len(groups)).tolist()]
        self._role = [meaning.actor_role for meaning in meanings]
        self._is_public = pa.array([meaning.is_public for meaning in meanings], pa.bool_())
        self._agent_ids = _ids(agents)

    def append(self, events: Ints, ticket_ids: Ints, priorities: Codes) -> None:
        """Append events, shape (n, 5) as from the engine, given every ticket's id and priority."""
        at, ticket, code, agent, seconds = events.T
        # The engine works in order of time, so counting makes a key and keeps ties apart.
        position = np.arange(self.rows + 1, self.rows + 1 + len(events))
        is_nobody = agent == NOBODY
        is_created = code % STEPS <= Step.CREATED_BY_PHONE
        priority = np.where(is_created, priorities[ticket], len(PRIORITIES))
        self.write(
            {
                "event_id": pa.array(position),
                "ticket_id": pa.array(ticket_ids[ticket]),
                "event_at": _instants(at),
                "activity": _words(self._activity, code),
                "status": _words(self._status, code),
                "priority": _words((*PRIORITIES, None), priority),
                "group_name": _words(self._group, code),
                "agent_id": pa.array(self._agent_ids[agent], mask=is_nobody),
                "actor_role": _words(self._role, code),
                "is_public": self._is_public.take(pa.array(code)),
                "handle_seconds": pa.array(seconds, mask=is_nobody),
                "source_position": pa.array(position),
            }
        )


def write_agents(
    agents: Sequence[AgentRecord], parameters: SimulatorParameters, directory: Path
) -> None:
    """Write `agents`: everybody who was there at some time in the period."""
    rows = [
        {
            "agent_id": agent.agent_id,
            "name": agent.name,
            "group_name": parameters.groups[agent.group].name,
            "role": "agent",
            "time_zone": agent.time_zone,
            "fte": agent.fte,
            "is_active": agent.left is None,
            "created_at": _midnight(agent.joined),
            "deactivated_at": agent.left and _midnight(agent.left),
        }
        for agent in agents
    ]
    _write_rows(AGENTS, rows, directory)


def write_sla_policies(parameters: SimulatorParameters, directory: Path) -> None:
    """Write `sla_policies`: one policy, a row per target."""
    policy = parameters.policy
    rows = [
        {
            "sla_policy_id": POLICY_ID,
            "policy_name": policy.name,
            "priority": priority,
            "metric": metric,
            "target_seconds": round(60 * minutes),
            "is_business_hours": priority not in policy.calendar_clock,
        }
        for metric, by_priority in policy.target_minutes.items()
        for priority, minutes in by_priority.items()
    ]
    _write_rows(SLA_POLICIES, rows, directory)


def write_tickets(results: Results, agents: Sequence[AgentRecord], directory: Path) -> None:
    """Write `tickets`, in order of creation."""
    tickets, states, parameters = results.tickets, results.states, results.parameters
    left = results.departures
    status = [MEANING[step].status for step in Step]
    group_names = [group.name for group in parameters.groups]
    organizations, organization = np.unique(left.organization_id, return_inverse=True)
    organization_names = [organization_name(number) for number in organizations.tolist()]
    subject_texts, subject = subjects(
        tickets.type, tickets.topic, tickets.wording, parameters.topics
    )
    agent_ids = _ids(agents)
    with TableFile(TICKETS, directory) as file:
        for rows in _row_groups(len(tickets)):
            assignee = states.assignee[rows]
            file.write(
                {
                    "ticket_id": pa.array(tickets.ticket_id[rows]),
                    "external_id": _external_ids(tickets.ticket_id[rows]),
                    "subject": _words(subject_texts, subject[rows]),
                    "type": _words(TICKET_TYPES, tickets.type[rows]),
                    "priority": _words(PRIORITIES, tickets.priority[rows]),
                    "channel": _words(CHANNELS, tickets.channel[rows]),
                    "status": _words(status, states.last_code[rows] % STEPS),
                    "group_name": _words(group_names, states.holder[rows]),
                    "assignee_id": pa.array(agent_ids[assignee], mask=assignee == NOBODY),
                    "organization_id": pa.array(left.organization_id[rows]),
                    "organization_name": _words(organization_names, organization[rows]),
                    "organization_tier": _words(TIERS, tickets.tier[rows]),
                    "organization_churned_at": _instants(left.churned_at[rows]),
                    "sla_policy_id": pa.array(np.full_like(assignee, POLICY_ID)),
                    "created_at": _instants(tickets.created[rows]),
                    "solved_at": _instants(states.solved_at[rows]),
                    "closed_at": _instants(states.closed_at[rows]),
                }
            )


def write_costs(results: Results, directory: Path) -> None:
    """Write `ticket_costs`: the minutes that each group's agents worked, priced by group."""
    handle, groups = results.states.handle_seconds, results.parameters.groups
    ticket, group = np.nonzero(handle)
    minutes = handle[ticket, group] / 60.0
    rates = np.array([parameters.hourly_cost_usd for parameters in groups]) / 60.0
    names = [parameters.name for parameters in groups]
    with TableFile(TICKET_COSTS, directory) as file:
        for rows in _row_groups(len(ticket)):
            file.write(
                {
                    "ticket_id": pa.array(results.tickets.ticket_id[ticket[rows]]),
                    "group_name": _words(names, group[rows]),
                    "handle_minutes": pa.array(minutes[rows]),
                    "cost_usd": pa.array(np.round(minutes[rows] * rates[group[rows]], 4)),
                }
            )


def write_ratings(results: Results, end: int, directory: Path) -> None:
    """Write `satisfaction_ratings`: the answers that came in before the end, in that order."""
    tickets, scores = results.tickets, results.scores
    rated = np.flatnonzero(scores.is_answered & (scores.rated_at < end))
    rated = rated[np.argsort(scores.rated_at[rated], kind="stable")]
    share = results.parameters.satisfaction.comment_share
    with TableFile(SATISFACTION_RATINGS, directory) as file:
        for rows in _row_groups(len(rated)):
            chosen = rated[rows]
            score = scores.score[chosen]
            said, comment = comments(score, tickets.outcome_draw[chosen, COMMENT_DRAW], share)
            file.write(
                {
                    "rating_id": pa.array(np.arange(rows.start + 1, rows.stop + 1)),
                    "ticket_id": pa.array(tickets.ticket_id[chosen]),
                    "score": pa.array(score),
                    "rated_at": _instants(scores.rated_at[chosen]),
                    "comment": _words(said, comment),
                }
            )


def _write_rows(table: Table, rows: Sequence[Mapping[str, object]], directory: Path) -> None:
    content = pa.Table.from_pylist([*rows], schema=table.schema)
    pq.write_table(content, directory / f"{table.name}.parquet")


def _row_groups(rows: int) -> Iterator[slice]:
    """Yield the row groups of a table of so many rows; an empty table has one empty group."""
    for start in range(0, max(rows, 1), ROW_GROUP_ROWS):
        yield slice(start, min(start + ROW_GROUP_ROWS, rows))


def _words(vocabulary: Sequence[str | None], index: Array) -> pa.Array:
    return pa.array(vocabulary, pa.string()).take(pa.array(index.astype(np.int32)))


def _instants(seconds: Ints) -> pa.Array:
    """Timestamps from seconds since 1970; NEVER is null."""
    microseconds = pa.array(seconds * 1_000_000, mask=seconds == NEVER)
    return microseconds.cast(pa.timestamp("us"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _ids(agents: Sequence[AgentRecord]) -> Ints:
    # The last place is for NOBODY, an index of -1, and is never shown.
    return np.array([*(agent.agent_id for agent in agents), 0], np.int64)


def _external_ids(ids: Ints) -> pa.Array:
    """What people call a ticket: its day and its number in that day, such as 2026-11-22/00017."""
    digits = pa.array(ids).cast(pa.string())
    year, month, day, number = (
        pc.utf8_slice_codeunits(digits, start, stop)
        for start, stop in ((0, 4), (4, 6), (6, 8), (8, 13))
    )
    return pc.binary_join_element_wise(
        pc.binary_join_element_wise(year, month, day, "-"), number, "/"
    )
