"""The vocabulary of the desk: what can happen to a ticket, and what its event looks like.

Belongs here: steps, the codes that join a step with a group, and their meaning in the raw tables.
Does not belong here: which steps a ticket takes (itinerary), and when (engine).
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from ops_tower.sources.simulator.streams import Ints


class Step(IntEnum):
    """One thing that can happen to a ticket; with a group it makes an event code.

    From FIRST_REPLY to MERGED it is an agent's work and waits in a queue; then come the delays
    of others, the timer, and last the delay that leaves no event behind.
    """

    CREATED = 0
    CREATED_BY_PHONE = 1
    FIRST_REPLY = 2
    FIRST_REPLY_ASKS = 3
    REPLIED = 4
    REPLIED_ASKS = 5
    INTERNAL_NOTE = 6
    ON_HOLD = 7
    ESCALATED = 8
    REASSIGNED = 9
    SOLVED = 10
    MERGED = 11
    CUSTOMER_REPLIED = 12
    RESUMED = 13
    REOPENED = 14
    CLOSED = 15
    CUSTOMER_SILENT = 16


STEPS: Final = len(Step)
FIRST_WORK: Final = Step.FIRST_REPLY
LAST_WORK: Final = Step.MERGED


@dataclass(frozen=True, slots=True)
class StepMeaning:
    """What the event of a step looks like in the raw tables."""

    activity: str
    status: str
    actor_role: str
    is_public: bool | None
    moves: int = 0  # groups up (+) or down (-) the ladder


MEANING: Final = {
    Step.CREATED: StepMeaning("Created", "new", "end_user", is_public=True),
    # The agent who took the call notes it down; a private note is nobody's first reply.
    Step.CREATED_BY_PHONE: StepMeaning("Created", "new", "agent", is_public=False),
    Step.FIRST_REPLY: StepMeaning("First reply", "open", "agent", is_public=True),
    Step.FIRST_REPLY_ASKS: StepMeaning("First reply", "pending", "agent", is_public=True),
    Step.REPLIED: StepMeaning("Replied", "open", "agent", is_public=True),
    Step.REPLIED_ASKS: StepMeaning("Replied", "pending", "agent", is_public=True),
    Step.INTERNAL_NOTE: StepMeaning("Internal note", "open", "agent", is_public=False),
    Step.ON_HOLD: StepMeaning("On hold", "hold", "agent", is_public=None),
    Step.ESCALATED: StepMeaning("Escalated", "open", "agent", is_public=False, moves=1),
    Step.REASSIGNED: StepMeaning("Reassigned", "open", "agent", is_public=False, moves=-1),
    Step.SOLVED: StepMeaning("Solved", "solved", "agent", is_public=True),
    Step.MERGED: StepMeaning("Merged", "closed", "agent", is_public=None),
    Step.CUSTOMER_REPLIED: StepMeaning("Customer replied", "open", "end_user", is_public=True),
    Step.RESUMED: StepMeaning("Resumed", "open", "system", is_public=None),
    Step.REOPENED: StepMeaning("Reopened", "open", "end_user", is_public=True),
    Step.CLOSED: StepMeaning("Closed", "closed", "system", is_public=None),
    Step.CUSTOMER_SILENT: StepMeaning("", "pending", "end_user", is_public=None),
}


def event_code(group: int, step: Step) -> int:
    """The code of a step done or awaited in a group: below 256 for up to 16 groups."""
    return group * STEPS + step


def group_after(groups: int) -> Ints:
    """For each event code of a desk with so many groups, the group that holds the ticket then."""
    codes = np.arange(STEPS * groups)
    moves = np.array([MEANING[step].moves for step in Step])
    return np.asarray(np.clip(codes // STEPS + moves[codes % STEPS], 0, groups - 1), np.int64)
