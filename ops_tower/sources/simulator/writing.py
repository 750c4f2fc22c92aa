"""The simulated desk's tables as Parquet files, in the shapes that `contract` asks for.

Belongs here: names, texts, and the way from arrays to Arrow columns, a row group at a time.
Does not belong here: anything that decides what happened.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
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
from ops_tower.sources.simulator.demand import CHANNELS, TIERS, Arrivals, Ints
from ops_tower.sources.simulator.engine import NOBODY
from ops_tower.sources.simulator.itinerary import MEANING, STEPS, Step
from ops_tower.sources.simulator.outcomes import NEVER, Departures, TicketStates
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.roster import AgentRecord

Array = npt.NDArray[Any]

ROW_GROUP_ROWS: Final = 122_880
POLICY_ID: Final = 1

SUBJECTS: Final = {
    "question": (
        "How do I set up {}?",
        "Question about {}",
        "Where do I find the settings of {}?",
        "Can {} do this for us?",
        "What does this message in {} mean?",
    ),
    "incident": (
        "{} is down",
        "Error when opening {}",
        "{} is very slow since this morning",
        "Data missing in {}",
        "{} stopped working after the update",
    ),
    "problem": (
        "{} keeps failing at random",
        "Recurring errors in {}",
        "{} shows wrong totals again",
    ),
    "task": (
        "Please change our setup of {}",
        "Add a user to {}",
        "Export of our data from {}",
        "Please enable {} for our team",
    ),
}

ORGANIZATION_FIRST: Final = (
    "Alder Amber Arrow Aspen Basalt Beacon Birch Bluebell Bramble Brook Cedar Cinder Clover Cobalt "
    "Copper Coral Crane Delta Dune Elm Ember Falcon Fern Flint Gable Garnet Glade Granite Harbor "
    "Hazel Heron Indigo Iris Ivory Jasper Juniper Kestrel Lantern Larch Laurel Linden Lotus Lumen "
    "Maple Meadow Merlin Mica Mistral Nectar Noble Oak Ochre Onyx Opal Orchid Osprey Pebble Pine "
    "Poplar Quartz Raven Reed Ridge Rowan Saffron Sage Sierra Slate Sorrel Spruce Sterling Sumac "
    "Tern Thistle Timber Topaz Umber Vale Verdant Walnut Willow Wren Yarrow Zephyr"
).split()
ORGANIZATION_SECOND: Final = (
    "Analytics Apparel Bakery Biotech Brewing Capital Chemicals Clinics Coffee Construction "
    "Consulting Dental Design Devices Education Electric Energy Engineering Estates Farms Films "
    "Finance Foods Freight Furniture Games Gardens Glass Health Homes Hotels Insurance Interiors "
    "Labs Law Logistics Machines Marine Markets Media Metals Mobility Motors Music Networks Optics "
    "Packaging Paper Pharma Photo Pictures Plastics Power Press Print Properties Rail Records "
    "Recruiting Research Retail Robotics Salons Schools Security Shipping Solar Sports Stores "
    "Studios Supply Systems Telecom Textiles Tools Toys Travel Ventures Water Wines Works"
).split()

COMMENTS: Final = {
    1: ("Took far too long.", "Still not working.", "I had to explain it three times."),
    2: ("Slow, but in the end it helped.", "Too many hands involved.", "Expected more."),
    3: ("It was all right.", "Helpful, but slow."),
    4: ("Good answer.", "Friendly and clear.", "Thank you."),
    5: ("Quick and exactly right!", "Great help, thank you!", "Perfect.", "Very friendly."),
}


def words(vocabulary: Sequence[str | None], codes: Array) -> pa.Array:
    """A column of words from indices into a vocabulary."""
    return pa.array(vocabulary, pa.string()).take(pa.array(codes.astype(np.int32)))


def numbers(values: Array, kind: pa.DataType, is_none: Array | None = None) -> pa.Array:
    """A column of numbers, with nulls where a mask says so."""
    return pa.array(values, kind, mask=is_none)


def instants(seconds: Ints) -> pa.Array:
    """A column of timestamps from seconds since 1970; NEVER is null."""
    return pa.array(seconds * 1_000_000, pa.int64(), mask=seconds == NEVER).cast(pa.timestamp("us"))


class TableFile:
    """One Parquet file that is written a row group at a time."""

    def __init__(self, table: Table, directory: Path) -> None:
        self._schema = table.schema
        self._writer = pq.ParquetWriter(directory / f"{table.name}.parquet", self._schema)
        self.rows = 0

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, columns: dict[str, pa.Array]) -> None:
        """Append columns of equal length as one row group; those left out are all null."""
        rows = len(next(iter(columns.values())))
        arrays = [
            columns[field.name] if field.name in columns else pa.nulls(rows, field.type)
            for field in self._schema
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self.rows += rows


def write_agents(
    agents: Sequence[AgentRecord], parameters: SimulatorParameters, path: Path
) -> None:
    """Write the table `agents`."""
    day = np.dtype("M8[D]")

    def midnights(days: list[Any]) -> pa.Array:
        values = np.array([np.datetime64(d or "NaT") for d in days], day).astype("M8[us]")
        return pa.array(values, pa.timestamp("us"))

    with TableFile(AGENTS, path) as file:
        file.write(
            {
                "agent_id": pa.array([agent.agent_id for agent in agents], pa.int64()),
                "name": pa.array([agent.name for agent in agents], pa.string()),
                "group_name": pa.array(
                    [parameters.groups[agent.group].name for agent in agents], pa.string()
                ),
                "role": pa.array(["agent"] * len(agents), pa.string()),
                "time_zone": pa.array([agent.time_zone for agent in agents], pa.string()),
                "fte": pa.array([agent.fte for agent in agents], pa.float64()),
                "is_active": pa.array([agent.left is None for agent in agents], pa.bool_()),
                "created_at": midnights([agent.joined for agent in agents]),
                "deactivated_at": midnights([agent.left for agent in agents]),
            }
        )


def write_sla_policies(parameters: SimulatorParameters, path: Path) -> None:
    """Write the table `sla_policies`: one policy, a row per target."""
    policy = parameters.policy
    targets = [
        (metric, priority, minutes)
        for metric, by_priority in policy.target_minutes.items()
        for priority, minutes in by_priority.items()
    ]
    with TableFile(SLA_POLICIES, path) as file:
        file.write(
            {
                "sla_policy_id": pa.array([POLICY_ID] * len(targets), pa.int64()),
                "policy_name": pa.array([policy.name] * len(targets), pa.string()),
                "priority": pa.array([priority for _, priority, _ in targets], pa.string()),
                "metric": pa.array([metric for metric, _, _ in targets], pa.string()),
                "target_seconds": pa.array([round(60 * m) for _, _, m in targets], pa.int64()),
                "is_business_hours": pa.array(
                    [priority not in policy.calendar_clock for _, priority, _ in targets],
                    pa.bool_(),
                ),
            }
        )


class EventColumns:
    """Turns the engine's events into the columns of `ticket_events`."""

    def __init__(self, parameters: SimulatorParameters, agents: Sequence[AgentRecord]) -> None:
        groups = parameters.groups
        codes = range(STEPS * len(groups))
        meanings = [MEANING[Step(code % STEPS)] for code in codes]
        names: list[str | None] = [group.name for group in groups]
        after = [
            min(max(c // STEPS + m.moves, 0), len(groups) - 1)
            for c, m in zip(codes, meanings, strict=True)
        ]
        self._activity = [meaning.activity for meaning in meanings]
        self._status = [meaning.status for meaning in meanings]
        self._group = [names[index] for index in after]
        self._role = [meaning.actor_role for meaning in meanings]
        self._is_public = pa.array([meaning.is_public for meaning in meanings], pa.bool_())
        self._agent_ids = np.array([agent.agent_id for agent in agents] or [0], np.int64)
        self._rows = 0

    def columns(self, events: Ints, ticket_ids: Ints, priorities: Array) -> dict[str, pa.Array]:
        """The columns of events, shape (n, 5), given each ticket's id and priority."""
        at, ticket, code, agent, seconds = events.T
        position = np.arange(self._rows + 1, self._rows + 1 + len(events))
        self._rows += len(events)
        is_nobody = agent == NOBODY
        is_created = code % STEPS <= Step.CREATED_BY_PHONE
        priority = np.where(is_created, priorities[ticket], len(PRIORITIES))
        return {
            "event_id": numbers(position, pa.int64()),
            "ticket_id": numbers(ticket_ids[ticket], pa.int64()),
            "event_at": instants(at),
            "activity": words(self._activity, code),
            "status": words(self._status, code),
            "priority": words((*PRIORITIES, None), priority),
            "group_name": words(self._group, code),
            "agent_id": numbers(self._agent_ids[agent], pa.int64(), is_nobody),
            "actor_role": words(self._role, code),
            "is_public": self._is_public.take(pa.array(code)),
            "handle_seconds": numbers(seconds, pa.int64(), is_nobody),
            "source_position": numbers(position, pa.int64()),
        }


def slices(rows: int) -> Iterator[slice]:
    """Yield the row groups of a table of so many rows; an empty table has one empty group."""
    for start in range(0, max(rows, 1), ROW_GROUP_ROWS):
        yield slice(start, min(start + ROW_GROUP_ROWS, rows))


def subjects(tickets: Arrivals, rows: slice, topics: Sequence[str]) -> pa.Array:
    """A subject for each ticket, by its type and topic; a uniform of its own picks the wording."""
    texts: list[str] = []
    starts = np.empty((len(TICKET_TYPES), len(topics)), np.int64)
    for kind, name in enumerate(TICKET_TYPES):
        for index, topic in enumerate(topics):
            starts[kind, index] = len(texts)
            filled = [template.format(topic) for template in SUBJECTS[name]]
            texts += [text[0].upper() + text[1:] for text in filled]
    choices = np.array([len(SUBJECTS[name]) for name in TICKET_TYPES])
    kinds = tickets.type[rows]
    picked = (tickets.wording[rows] * choices[kinds]).astype(np.int64)
    return words(texts, starts[kinds, tickets.topic[rows]] + np.minimum(picked, choices[kinds] - 1))


def organization_names(ids: Ints) -> pa.Array:
    """A name for each organisation; no two organisations share one."""
    unique, positions = np.unique(ids, return_inverse=True)
    pairs = len(ORGANIZATION_FIRST) * len(ORGANIZATION_SECOND)
    names = []
    for number in unique.tolist():
        # A multiplier without common factors visits every pair once before any comes again.
        first, second = divmod(number * 2_741 % pairs, len(ORGANIZATION_SECOND))
        again = number // pairs
        suffix = f" {again + 1}" if again else ""
        names.append(f"{ORGANIZATION_FIRST[first]} {ORGANIZATION_SECOND[second]}{suffix}")
    return words(names, positions)


def write_tickets(
    tickets: Arrivals,
    states: TicketStates,
    left: Departures,
    agents: Sequence[AgentRecord],
    parameters: SimulatorParameters,
    path: Path,
) -> None:
    """Write `tickets`, in order of creation."""
    organization = left.organization_id
    agent_ids = np.array([agent.agent_id for agent in agents] or [0], np.int64)
    status = [MEANING[step].status for step in Step]
    groups = [group.name for group in parameters.groups]
    names = organization_names(organization)
    with TableFile(TICKETS, path) as file:
        for rows in slices(len(tickets)):
            ids = tickets.ticket_id[rows]
            assignee = states.assignee[rows]
            file.write(
                {
                    "ticket_id": numbers(ids, pa.int64()),
                    "external_id": external_ids(ids),
                    "subject": subjects(tickets, rows, parameters.topics),
                    "type": words(TICKET_TYPES, tickets.type[rows]),
                    "priority": words(PRIORITIES, tickets.priority[rows]),
                    "channel": words(CHANNELS, tickets.channel[rows]),
                    "status": words(status, states.last_code[rows] % STEPS),
                    "group_name": words(groups, states.holder[rows]),
                    "assignee_id": numbers(agent_ids[assignee], pa.int64(), assignee == NOBODY),
                    "organization_id": numbers(organization[rows], pa.int64()),
                    "organization_name": names[rows.start : rows.stop],
                    "organization_tier": words(TIERS, tickets.tier[rows]),
                    "organization_churned_at": instants(left.churned_at[rows]),
                    "sla_policy_id": numbers(np.full(len(ids), POLICY_ID), pa.int64()),
                    "created_at": instants(tickets.created[rows]),
                    "solved_at": instants(states.solved_at[rows]),
                    "closed_at": instants(states.closed_at[rows]),
                }
            )


def external_ids(ids: Ints) -> pa.Array:
    """What people call a ticket: its day and its number in that day, such as 2026-11-22/00017."""
    text = pa.array(ids).cast(pa.string())
    parts = [pc.utf8_slice_codeunits(text, a, b) for a, b in ((0, 4), (4, 6), (6, 8), (8, 13))]
    day = pc.binary_join_element_wise(*parts[:3], "-")
    return pc.binary_join_element_wise(day, parts[3], "/")


def write_costs(
    ticket_ids: Ints, handle: Ints, parameters: SimulatorParameters, path: Path
) -> None:
    """Write `ticket_costs`: handled seconds, shape (tickets, groups), priced by group."""
    ticket, group = np.nonzero(handle)
    minutes = handle[ticket, group] / 60.0
    rates = np.array([g.hourly_cost_usd for g in parameters.groups]) / 60.0
    cost = np.round(minutes * rates[group], 4)
    names = [g.name for g in parameters.groups]
    with TableFile(TICKET_COSTS, path) as file:
        for rows in slices(len(ticket)):
            file.write(
                {
                    "ticket_id": numbers(ticket_ids[ticket[rows]], pa.int64()),
                    "group_name": words(names, group[rows]),
                    "handle_minutes": numbers(minutes[rows], pa.float64()),
                    "cost_usd": numbers(cost[rows], pa.float64()),
                }
            )


def write_ratings(
    ticket_ids: Ints, score: Ints, rated_at: Ints, comment_draw: Array, share: float, path: Path
) -> None:
    """Write `satisfaction_ratings`, one row per rated ticket, ordered as they came in."""
    order = np.argsort(rated_at, kind="stable")
    texts: list[str | None] = [None, *(text for said in COMMENTS.values() for text in said)]
    starts = np.cumsum([1, *(len(said) for said in COMMENTS.values())])
    lengths = np.diff(starts)
    wording = comment_draw / max(share, 1e-12)
    chosen = starts[score - 1] + (wording * lengths[score - 1]).astype(np.int64)
    comment = np.where(comment_draw < share, np.minimum(chosen, len(texts) - 1), 0)
    with TableFile(SATISFACTION_RATINGS, path) as file:
        for rows in slices(len(order)):
            chosen = order[rows]
            file.write(
                {
                    "rating_id": numbers(np.arange(rows.start + 1, rows.stop + 1), pa.int64()),
                    "ticket_id": numbers(ticket_ids[chosen], pa.int64()),
                    "score": numbers(score[chosen], pa.int64()),
                    "rated_at": instants(rated_at[chosen]),
                    "comment": words(texts, comment[chosen]),
                }
            )
