"""The desk at work: a discrete-event simulation of agents who pull tickets from queues.

Belongs here: the event calendar, queues, and what an agent does next.
Does not belong here: any random draw. Tickets arrive with their itineraries, shifts come from the
roster; given both, everything here is determined.

The model, in the terms of queueing theory. Each group is one queue with as many servers as it has
agents on shift. The discipline is earliest due date: a ticket's place is the moment it entered the
queue plus the patience of its priority, so that urgent tickets pass the others but nobody starves.
Service is not preemptive. An idle agent is found in this order: who worked on the ticket last, who
has been idle longest among those who master its topic, who has been idle longest.

An agent never starts what would not be finished by the end of the shift; near that end the agent
looks for something shorter among the first in the queue. A break that falls due during work is
taken after it, at full length, but never beyond the shift.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

import numpy as np

from ops_tower.sources.simulator.roster import Shift
from ops_tower.sources.simulator.steps import FIRST_WORK, LAST_WORK, STEPS, Step
from ops_tower.sources.simulator.streams import Ints

LOOK_AHEAD: Final = 10
"""How many tickets an agent considers who has little time left."""

FLUSH_EVENTS: Final = 122_880
"""Events handed on at a time: one row group."""

NOBODY: Final = -1
EVENT_FIELDS: Final = 5  # instant, ticket, code, agent, seconds of work

Sink = Callable[[Ints], None]
"""Takes events in order of time, shape (n, 5): instant, ticket, code, agent, seconds of work."""


@dataclass(slots=True, eq=False)
class Ticket:
    """A ticket on its way: its itinerary, and how far it has come."""

    index: int
    created_code: int
    patience: int
    topic: int
    codes: bytes
    """Steps of this ticket and of others; its own go from `position` to `end`."""
    seconds: list[int]
    position: int
    end: int
    agent: "Agent | None" = None
    """Who worked on it last."""


@dataclass(slots=True, eq=False)
class Agent:
    """An agent: off, idle, busy with a ticket, or on a break."""

    index: int
    group: "Group"
    pace: tuple[float, ...]
    """Factor on handling time, by topic."""
    shift: Shift | None = None
    shift_end: int = 0
    break_at: float = math.inf
    """From when on the next break is due; infinite if there is none any more."""
    is_on_break: bool = False
    is_idle: bool = False
    idle_since: int = 0
    ticket: Ticket | None = None
    work_seconds: int = 0
    work_ends: int = 0

    def masters(self, topic: int) -> bool:
        """Whether the agent handles a topic without the slowdown of the unknown."""
        return self.pace[topic] <= min(self.pace)


@dataclass(slots=True, eq=False)
class Group:
    """A queue, the agents who stand idle before it, and how time was spent; times in seconds."""

    longest_work: int
    rush_queue: float = math.inf
    """Tickets waiting per agent on shift from which on breaks are cut."""
    rush_break: float = 1.0
    """What is left of a break in a rush."""
    queue: list[tuple[int, int, Ticket]] = field(default_factory=list)
    """Heap of (due, serial, ticket)."""
    idle: OrderedDict[Agent, None] = field(default_factory=OrderedDict)
    """Who has been idle longest comes first."""
    agents_on_shift: int = 0
    present_seconds: dict[int, int] = field(default_factory=dict)
    """On shift, by month of the shift."""
    break_seconds: dict[int, int] = field(default_factory=dict)
    idle_seconds: int = 0
    busy_seconds: int = 0
    """Including the part of unfinished work that lies before the end."""


class Engine:
    """Runs the desk from the first arrival to the end and hands every event to a sink.

    The event calendar holds (instant, serial, what happens, to whom); the serial keeps what is
    simultaneous in the order in which it was planned.
    """

    def __init__(  # noqa: PLR0913 - who, what, when, and where to
        self,
        groups: list[Group],
        agents: list[Agent],
        *,
        arrivals: Iterator[tuple[int, Ticket]],
        shifts: Iterator[Shift],
        end: int,
        sink: Sink,
        on_time: Callable[[int], None] | None = None,
    ) -> None:
        """Set the desk up.

        Args:
            groups: by the index that event codes refer to.
            agents: by the index that shifts refer to.
            arrivals: instant and ticket, in order.
            shifts: in order of their start.
            end: the instant at which the simulation ends.
            sink: takes the events.
            on_time: told the instant of each arrival.
        """
        self._agents = agents
        self._arrivals = arrivals
        self._shifts = shifts
        self._end = end
        self._sink = sink
        self._on_time = on_time
        self._calendar: list[tuple[int, int, Callable[[int, Any], None], Any]] = []
        self._serial = count()
        self._events: list[int] = []
        is_work = [FIRST_WORK <= code % STEPS <= LAST_WORK for code in range(STEPS * len(groups))]
        self._group_of = [
            groups[code // STEPS] if work else None for code, work in enumerate(is_work)
        ]

    def run(self) -> None:
        """Work off the event calendar up to the end (exclusive)."""
        self._plan_next_shift()
        self._plan_next_arrival()
        calendar, end = self._calendar, self._end
        while calendar:
            at, _, happens, subject = heappop(calendar)
            if at >= end:
                break
            happens(at, subject)
        self._flush()
        for agent in self._agents:
            if agent.ticket is not None:
                agent.group.busy_seconds += end - (agent.work_ends - agent.work_seconds)
            elif agent.is_idle:
                agent.group.idle_seconds += min(agent.shift_end, end) - agent.idle_since

    def _plan(self, at: int, happens: Callable[[int, Any], None], subject: Any) -> None:  # noqa: ANN401
        heappush(self._calendar, (at, next(self._serial), happens, subject))

    def _record(self, at: int, ticket: Ticket, code: int, agent: int, seconds: int) -> None:
        self._events += (at, ticket.index, code, agent, seconds)
        if len(self._events) >= FLUSH_EVENTS * EVENT_FIELDS:
            self._flush()

    def _flush(self) -> None:
        if self._events:
            self._sink(np.array(self._events, dtype=np.int64).reshape(-1, EVENT_FIELDS))
            self._events = []

    # Tickets

    def _plan_next_arrival(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is not None:
            self._plan(arrival[0], self._ticket_arrives, arrival[1])

    def _ticket_arrives(self, at: int, ticket: Ticket) -> None:
        self._plan_next_arrival()
        if self._on_time is not None:
            self._on_time(at)
        self._record(at, ticket, ticket.created_code, NOBODY, 0)
        self._take_next_step(at, ticket)

    def _take_next_step(self, at: int, ticket: Ticket) -> None:
        position = ticket.position
        if position == ticket.end:
            return
        group = self._group_of[ticket.codes[position]]
        if group is None:
            self._plan(at + ticket.seconds[position], self._delay_is_over, ticket)
            return
        agent = _idle_agent(at, group, ticket)
        if agent is None:
            heappush(group.queue, (at + ticket.patience, next(self._serial), ticket))
        else:
            _leave_idleness(at, agent)
            self._start_work(at, agent, ticket)

    def _delay_is_over(self, at: int, ticket: Ticket) -> None:
        code = ticket.codes[ticket.position]
        if code % STEPS != Step.CUSTOMER_SILENT:
            self._record(at, ticket, code, NOBODY, 0)
        ticket.position += 1
        self._take_next_step(at, ticket)

    # Agents

    def _plan_next_shift(self) -> None:
        shift = next(self._shifts, None)
        if shift is not None:
            self._plan(shift.start, self._shift_begins, shift)

    def _shift_begins(self, at: int, shift: Shift) -> None:
        self._plan_next_shift()
        agent = self._agents[shift.agent]
        present = agent.group.present_seconds
        present[shift.month] = present.get(shift.month, 0) + min(shift.end, self._end) - at
        self._plan(shift.end, self._shift_ends, shift)
        if shift.break_seconds:
            self._plan(shift.break_at, self._break_is_due, shift)
        is_between = agent.ticket is not None or agent.is_on_break  # the old shift ends right now
        agent.shift, agent.shift_end = shift, shift.end
        agent.break_at = shift.break_at if shift.break_seconds else math.inf
        if agent.is_idle:  # so does this one's
            _leave_idleness(at, agent)
            agent.group.agents_on_shift -= 1
        if not is_between:
            agent.group.agents_on_shift += 1
            self._look_for_work(at, agent)

    def _shift_ends(self, at: int, shift: Shift) -> None:
        agent = self._agents[shift.agent]
        if agent.shift is shift and agent.is_idle:
            _leave_idleness(at, agent)
            agent.group.agents_on_shift -= 1

    def _break_is_due(self, at: int, shift: Shift) -> None:
        agent = self._agents[shift.agent]
        if agent.shift is shift and agent.is_idle:
            _leave_idleness(at, agent)
            self._look_for_work(at, agent)

    def _break_is_over(self, at: int, agent: Agent) -> None:
        agent.is_on_break = False
        self._look_for_work(at, agent)

    def _look_for_work(self, at: int, agent: Agent) -> None:
        """What an agent does who has nothing in hand: go home, have a break, work, or wait."""
        if at >= agent.shift_end:
            agent.group.agents_on_shift -= 1
            return
        if at >= agent.break_at:
            self._go_is_on_break(at, agent)
            return
        ticket = _first_that_fits(at, agent)
        if ticket is not None:
            self._start_work(at, agent, ticket)
        else:
            agent.is_idle, agent.idle_since = True, at
            agent.group.idle[agent] = None

    def _go_is_on_break(self, at: int, agent: Agent) -> None:
        shift = agent.shift
        assert shift is not None  # noqa: S101 - only agents on shift look for work
        agent.break_at, agent.is_on_break = math.inf, True
        group = agent.group
        is_rush = len(group.queue) >= group.rush_queue * group.agents_on_shift
        length = round(shift.break_seconds * group.rush_break) if is_rush else shift.break_seconds
        back = min(at + length, agent.shift_end)
        taken = group.break_seconds
        taken[shift.month] = taken.get(shift.month, 0) + min(back, self._end) - at
        self._plan(back, self._break_is_over, agent)

    def _start_work(self, at: int, agent: Agent, ticket: Ticket) -> None:
        agent.ticket = ticket
        agent.work_seconds = _work_seconds(agent, ticket)
        agent.work_ends = at + agent.work_seconds
        self._plan(agent.work_ends, self._work_is_done, agent)

    def _work_is_done(self, at: int, agent: Agent) -> None:
        ticket, group = agent.ticket, agent.group
        assert ticket is not None  # noqa: S101 - work was planned with a ticket
        code = ticket.codes[ticket.position]
        self._record(at, ticket, code, agent.index, agent.work_seconds)
        group.busy_seconds += agent.work_seconds
        agent.ticket, ticket.agent = None, agent
        ticket.position += 1
        if ticket.position < ticket.end and self._group_of[ticket.codes[ticket.position]] is group:
            # The ticket queues again where it was, so that its agent may pass it by for others.
            heappush(group.queue, (at + ticket.patience, next(self._serial), ticket))
            self._look_for_work(at, agent)
            self._offer_first_in_queue(at, group)
        else:
            self._look_for_work(at, agent)
            self._take_next_step(at, ticket)

    def _offer_first_in_queue(self, at: int, group: Group) -> None:
        """Idle agents and a queue meet if the tickets in it did not fit into their shifts."""
        if group.idle and group.queue:
            ticket = group.queue[0][2]
            agent = _idle_agent(at, group, ticket)
            if agent is not None:
                heappop(group.queue)
                _leave_idleness(at, agent)
                self._start_work(at, agent, ticket)


def _work_seconds(agent: Agent, ticket: Ticket) -> int:
    seconds = int(ticket.seconds[ticket.position] * agent.pace[ticket.topic])
    return min(max(seconds, 1), agent.group.longest_work)


def _idle_agent(at: int, group: Group, ticket: Ticket) -> Agent | None:
    """The idle agent to whom a ticket falls, if any has time enough left."""
    last = ticket.agent
    if (
        last is not None
        and last.is_idle
        and last.group is group
        and at + _work_seconds(last, ticket) <= last.shift_end
    ):
        return last
    second_best = None
    for agent in group.idle:
        if at + _work_seconds(agent, ticket) <= agent.shift_end:
            if agent.masters(ticket.topic):
                return agent
            second_best = second_best or agent
    return second_best


def _first_that_fits(at: int, agent: Agent) -> Ticket | None:
    """Take the first ticket in the queue that the agent can finish within the shift."""
    queue = agent.group.queue
    passed_by: list[tuple[int, int, Ticket]] = []
    found = None
    while queue and len(passed_by) < LOOK_AHEAD:
        entry = heappop(queue)
        if at + _work_seconds(agent, entry[2]) <= agent.shift_end:
            found = entry[2]
            break
        passed_by.append(entry)
    for entry in passed_by:
        heappush(queue, entry)
    return found


def _leave_idleness(at: int, agent: Agent) -> None:
    agent.is_idle = False
    agent.group.idle_seconds += at - agent.idle_since
    del agent.group.idle[agent]
