"""How each ticket stands, gathered from the events while they stream by.

Belongs here: state and tallies per ticket; nothing here needs more than one pass over the events.
Does not belong here: what follows from a ticket's end, such as its score (outcomes).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ops_tower.sources.simulator.engine import NOBODY
from ops_tower.sources.simulator.steps import MEANING, STEPS, Step, group_after
from ops_tower.sources.simulator.streams import Codes, Ints, Mask

NEVER: Final = 0
"""Instant that stands for none; all others are seconds since 1970."""

FIRST_REPLIES: Final = (Step.FIRST_REPLY, Step.FIRST_REPLY_ASKS)
LATER_REPLIES: Final = (Step.REPLIED, Step.REPLIED_ASKS)
HAPPY_PATH: Final = (
    Step.CREATED,
    Step.CREATED_BY_PHONE,
    *FIRST_REPLIES,
    Step.CUSTOMER_REPLIED,
    *LATER_REPLIES,
    Step.SOLVED,
    Step.CLOSED,
)
"""Created > First reply > (Customer replied > Replied)* > Solved > Closed."""

TALLIES: Final = (
    ("escalations", (Step.ESCALATED,), 1),
    ("reassignments", (Step.REASSIGNED,), 1),
    ("reopens", (Step.REOPENED,), 1),
    ("unanswered", (Step.CUSTOMER_REPLIED,), 1),
    ("unanswered", LATER_REPLIES, -1),
)


@dataclass(frozen=True, slots=True)
class TicketStates:
    """How every ticket stands at the end, an entry per ticket in every array."""

    last_code: Codes
    """Code of the last event."""
    holder: Ints
    """Index of the group that holds the ticket, or held it last."""
    assignee: Ints
    """Index of the agent of that group who acted last, or NOBODY."""
    solved_at: Ints
    """The last solve of a ticket that stands solved or closed, else NEVER."""
    closed_at: Ints
    escalations: Ints
    reassignments: Ints
    reopens: Ints
    top_group: Ints
    """The highest group reached."""
    handle_seconds: Ints
    """Agents' work, shape (tickets, groups)."""
    has_first_reply: Mask
    is_conforming: Mask
    """Whether it kept to the documented path, as far as it got."""

    @property
    def is_finished(self) -> Mask:
        """Whether each ticket stands solved or closed."""
        return np.asarray((self.solved_at != NEVER) | (self.closed_at != NEVER))


class EventTally:
    """Keeps the state of every ticket up to date while events stream by."""

    def __init__(self, groups: int) -> None:
        """Start with no tickets, in a desk with so many groups."""
        numbers = "assignee solved_at closed_at escalations reassignments reopens top_group"
        self._kind = np.dtype(
            [
                ("last_code", np.uint8),
                *((name, np.int64) for name in (*numbers.split(), "unanswered")),
                ("handle_seconds", np.int64, (groups,)),
                ("has_first_reply", np.bool_),
                ("has_detour", np.bool_),
            ]
        )
        self._tickets = np.zeros(0, self._kind)
        self.steps_taken: Ints = np.zeros(STEPS * groups, np.int64)
        """How often each event code occurred."""
        meanings = [MEANING[Step(code % STEPS)] for code in range(STEPS * groups)]
        self._is_solved = np.array([meaning.status == "solved" for meaning in meanings])
        self._is_closed = np.array([meaning.status == "closed" for meaning in meanings])
        self._moves = np.array([meaning.moves != 0 for meaning in meanings])
        self._group_after = group_after(groups)

    def update(self, events: Ints) -> None:
        """Take in events in order of time, shape (n, 5), as the engine hands them on."""
        at, ticket, code, agent, seconds = events.T
        self._make_room(int(ticket.max()) + 1)
        state, step = self._tickets, code % STEPS
        # Assigning by repeated indices leaves the last value: the state after the last event.
        state["last_code"][ticket] = code
        by_agent = agent != NOBODY
        # Nobody of the group that a ticket was handed to has touched it yet.
        holder = np.where(self._moves[code], NOBODY, agent)
        state["assignee"][ticket[by_agent]] = holder[by_agent]
        for name, is_so in (
            ("solved_at", self._is_solved[code]),
            ("closed_at", self._is_closed[code]),
        ):
            state[name][ticket[is_so]] = at[is_so]
        for name, kinds, amount in TALLIES:
            np.add.at(state[name], ticket[np.isin(step, kinds)], amount)
        np.maximum.at(state["top_group"], ticket, self._group_after[code])
        state["has_first_reply"][ticket[np.isin(step, FIRST_REPLIES)]] = True
        state["has_detour"][ticket[~np.isin(step, HAPPY_PATH)]] = True
        by_whom = ticket[by_agent], code[by_agent] // STEPS
        np.add.at(state["handle_seconds"], by_whom, seconds[by_agent])
        self.steps_taken += np.bincount(code, minlength=len(self.steps_taken))

    def states(self, tickets: int) -> TicketStates:
        """How the first so many tickets stand, once all events are in."""
        self._make_room(tickets)
        state = self._tickets[:tickets]
        code = state["last_code"]
        is_solved = self._is_solved[code] | self._is_closed[code]
        return TicketStates(
            last_code=code,
            holder=self._group_after[code],
            assignee=state["assignee"],
            # A reopened ticket is not solved any more.
            solved_at=np.where(is_solved, state["solved_at"], NEVER),
            closed_at=state["closed_at"],
            escalations=state["escalations"],
            reassignments=state["reassignments"],
            reopens=state["reopens"],
            top_group=state["top_group"],
            handle_seconds=state["handle_seconds"],
            has_first_reply=state["has_first_reply"],
            is_conforming=state["has_first_reply"]
            & ~state["has_detour"]
            & (state["unanswered"] == 0),
        )

    def _make_room(self, tickets: int) -> None:
        if tickets > len(self._tickets):
            fresh = np.zeros(max(tickets - len(self._tickets), len(self._tickets)), self._kind)
            fresh["assignee"] = NOBODY
            self._tickets = np.concatenate([self._tickets, fresh])
