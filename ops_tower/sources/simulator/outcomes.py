"""What came of each ticket: its state, its cost, the customer's score, and who left the desk.

Belongs here: everything that follows from the events once they have happened. States are gathered
while events stream by; scores and departures are worked out at the end, for all tickets at once.
Does not belong here: what makes events happen (engine) and how tables are written (writing).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ops_tower.sources.simulator.demand import (
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    TIERS,
    Arrivals,
    Codes,
    Floats,
    Ints,
    Stream,
    random_stream,
)
from ops_tower.sources.simulator.engine import NOBODY
from ops_tower.sources.simulator.itinerary import MEANING, STEPS, Step
from ops_tower.sources.simulator.parameters import SatisfactionParameters, SimulatorParameters

Mask = npt.NDArray[np.bool_]

NEVER: Final = 0
"""Instant that stands for none; all others are seconds since 1970."""

HAPPY_PATH: Final = frozenset(
    {
        Step.CREATED,
        Step.CREATED_BY_PHONE,
        Step.FIRST_REPLY,
        Step.FIRST_REPLY_ASKS,
        Step.CUSTOMER_REPLIED,
        Step.REPLIED,
        Step.REPLIED_ASKS,
        Step.SOLVED,
        Step.CLOSED,
    }
)
FIRST_REPLIES: Final = (Step.FIRST_REPLY, Step.FIRST_REPLY_ASKS)
LATER_REPLIES: Final = (Step.REPLIED, Step.REPLIED_ASKS)

SCORE_DRAWS: Final = slice(0, 6)
ANSWER_DRAW, ANSWER_DELAY_DRAW, COMMENT_DRAW, LEAVE_DRAW, LEAVE_DELAY_DRAW = range(6, 11)


class TicketStates:
    """The state of every ticket, kept up to date from the stream of events.

    Each array has a place per ticket, in the order of creation, and grows by doubling.
    """

    def __init__(self, groups: int) -> None:
        self.size = 0
        self.last_code: Codes = np.zeros(0, np.uint8)
        self.assignee: Ints = np.zeros(0, np.int64)
        self.solved_at: Ints = np.zeros(0, np.int64)
        self.closed_at: Ints = np.zeros(0, np.int64)
        self.escalations: Ints = np.zeros(0, np.int64)
        self.reassignments: Ints = np.zeros(0, np.int64)
        self.reopens: Ints = np.zeros(0, np.int64)
        self.top_group: Ints = np.zeros(0, np.int64)
        self.handle_seconds: Ints = np.zeros((0, groups), np.int64)
        self.has_first_reply: Mask = np.zeros(0, np.bool_)
        self.has_detour: Mask = np.zeros(0, np.bool_)
        self.unanswered: Ints = np.zeros(0, np.int64)
        self.steps_taken: Ints = np.zeros(STEPS * groups, np.int64)
        codes = range(STEPS * groups)
        steps = [Step(code % STEPS) for code in codes]
        self._is_solved = np.array([MEANING[s].status == "solved" for s in steps])
        self._is_closed = np.array([MEANING[s].status == "closed" for s in steps])
        self._keeps_agent = np.array([not MEANING[s].moves for s in steps])
        self._is_detour = np.array([s not in HAPPY_PATH for s in steps])
        self._group_after = np.array(
            [c // STEPS + MEANING[s].moves for c, s in zip(codes, steps, strict=True)]
        )

    def update(self, events: Ints) -> None:
        """Take in events in order of time, shape (n, 5), as the engine hands them on."""
        at, ticket, code, agent, seconds = events.T
        self._grow(int(ticket.max()) + 1)
        step = code % STEPS
        # Assigning by repeated indices leaves the last value: the state after the last event.
        self.last_code[ticket] = code
        by_agent = agent != NOBODY
        holder = np.where(self._keeps_agent[code], agent, NOBODY)
        self.assignee[ticket[by_agent]] = holder[by_agent]
        solved = self._is_solved[code]
        self.solved_at[ticket[solved]] = at[solved]
        closed = self._is_closed[code]
        self.closed_at[ticket[closed]] = at[closed]
        np.add.at(self.escalations, ticket[step == Step.ESCALATED], 1)
        np.add.at(self.reassignments, ticket[step == Step.REASSIGNED], 1)
        np.add.at(self.reopens, ticket[step == Step.REOPENED], 1)
        np.add.at(
            self.handle_seconds, (ticket[by_agent], code[by_agent] // STEPS), seconds[by_agent]
        )

        np.maximum.at(self.top_group, ticket, self._group_after[code])
        self.has_first_reply[ticket[np.isin(step, FIRST_REPLIES)]] = True
        self.has_detour[ticket[self._is_detour[code]]] = True
        np.add.at(self.unanswered, ticket[step == Step.CUSTOMER_REPLIED], 1)
        np.add.at(self.unanswered, ticket[np.isin(step, LATER_REPLIES)], -1)
        self.steps_taken += np.bincount(code, minlength=len(self.steps_taken))

    def finish(self, tickets: int) -> None:
        """Cut the spare room off, once all events are in."""
        self._grow(tickets)
        for name, values in self._per_ticket():
            setattr(self, name, values[:tickets])
        # A reopened ticket is not solved any more.
        is_solved = self._is_solved[self.last_code] | self._is_closed[self.last_code]
        self.solved_at = np.where(is_solved, self.solved_at, NEVER)

    @property
    def holder(self) -> Ints:
        """Index of the group that holds each ticket at the end."""
        return self._group_after[self.last_code]

    @property
    def is_conforming(self) -> Mask:
        """Whether a ticket kept to the documented path, as far as it got.

        Created > First reply > (Customer replied > Replied)* > Solved > Closed.
        """
        return self.has_first_reply & ~self.has_detour & (self.unanswered == 0)

    @property
    def is_finished(self) -> Mask:
        """Whether each ticket stands solved or closed at the end."""
        return (self.solved_at != NEVER) | (self.closed_at != NEVER)

    def _grow(self, tickets: int) -> None:
        self.size = max(self.size, tickets)
        room = len(self.last_code)
        if tickets <= room:
            return
        room = max(tickets, 2 * room)
        for name, values in self._per_ticket():
            grown = np.full(
                (room, *values.shape[1:]), NOBODY if name == "assignee" else 0, values.dtype
            )
            grown[: len(values)] = values
            setattr(self, name, grown)

    def _per_ticket(self) -> list[tuple[str, npt.NDArray[Any]]]:
        own = ("steps_taken",)
        return [
            (name, values)
            for name, values in vars(self).items()
            if isinstance(values, np.ndarray) and not name.startswith("_") and name not in own
        ]


@dataclass(frozen=True, slots=True)
class Scores:
    """Satisfaction of all tickets, whether or not anybody was asked."""

    expected: Floats
    score: Ints
    is_answered: Mask
    rated_at: Ints


def expected_score(
    created: Ints, states: TicketStates, parameters: SatisfactionParameters
) -> Floats:
    """The expected score of each finished ticket: the planted effects, summed and kept in 1 to 5."""
    days = (states.solved_at - created) / SECONDS_PER_DAY
    expected = (
        parameters.best
        + parameters.per_escalation * states.escalations
        + parameters.per_reopen * states.reopens
        + parameters.per_reassignment * states.reassignments
        + parameters.per_day * np.clip(days, 0.0, parameters.days_counted)
    )
    return np.clip(expected, 1.0, 5.0)


def rate(tickets: Arrivals, states: TicketStates, parameters: SimulatorParameters) -> Scores:
    """Draw each solved ticket's score, and whether and when its customer answers.

    A score is 1 plus four yes-or-no judgements, each a yes with probability (expected - 1) / 4.
    Most customers judge four times; the extreme ones judge once and count it four times. Either
    way the mean is the expected score exactly, so that a linear regression recovers the effects.
    """
    satisfaction, draws = parameters.satisfaction, tickets.outcome_draw
    expected = expected_score(tickets.created, states, satisfaction)
    probability = (expected - 1.0) / 4.0
    kind, *judgements = draws[:, SCORE_DRAWS].T
    is_yes = np.stack(judgements[:4]) < probability
    is_extreme = kind < satisfaction.extreme_share
    score = 1 + np.where(is_extreme, 4 * is_yes[0], is_yes.sum(axis=0)).astype(np.int64)
    answers = draws[:, ANSWER_DRAW] < np.array(satisfaction.answer_shares)[score - 1]
    # A log-logistic delay needs one uniform only; its median is the parameter.
    u = np.clip(draws[:, ANSWER_DELAY_DRAW], 1e-6, 1 - 1e-6)
    delay = satisfaction.answer_delay_hours * SECONDS_PER_HOUR * np.sqrt(u / (1.0 - u))
    rated_at = states.solved_at + np.minimum(delay, 30 * SECONDS_PER_DAY).astype(np.int64) + 1
    return Scores(expected, score, answers & (states.solved_at != NEVER), rated_at)


@dataclass(frozen=True, slots=True)
class Departures:
    """Which organisation each ticket belongs to, and when that one left."""

    organization_id: Ints
    churned_at: Ints
    is_bad_experience: Mask
    caused: int
    """Departures that a bad experience caused."""
    total: int


def departures(  # noqa: PLR0913 - the whole desk has a say in who leaves it
    tickets: Arrivals,
    states: TicketStates,
    parameters: SimulatorParameters,
    customers: tuple[int, ...],
    start: int,
    end: int,
) -> Departures:
    """Let customers leave, by a base rate and after bad experiences, and others take their place.

    A new organisation takes over a place the moment it becomes free, so that the flow of tickets
    does not depend on who leaves.
    """
    churn, created, customer = parameters.churn, tickets.created, tickets.customer
    tier_of_place = np.repeat(np.arange(len(TIERS)), customers)
    rates = -np.log1p(-np.minimum([churn.per_year[t] for t in TIERS], 1 - 1e-9))
    random = random_stream(parameters.seed, Stream.CHURN)
    waits = (
        random.standard_exponential(len(tier_of_place)) / np.maximum(rates, 1e-12)[tier_of_place]
    )
    base_at = start + np.minimum(waits * 365.25, 100_000) * SECONDS_PER_DAY
    base = np.flatnonzero(base_at < end)

    is_bad = (states.solved_at != NEVER) & (
        (states.solved_at - created > churn.bad_experience_hours * SECONDS_PER_HOUR)
        | (states.reopens > 0)
    )
    probability = np.array([churn.per_bad_experience[t] for t in TIERS])[tickets.tier]
    leaves = np.flatnonzero(is_bad & (tickets.outcome_draw[:, LEAVE_DRAW] < probability))
    leave_delay = (
        1 + tickets.outcome_draw[leaves, LEAVE_DELAY_DRAW] * churn.within_days * SECONDS_PER_DAY
    )
    leave_at = states.solved_at[leaves] + leave_delay.astype(np.int64)

    place = np.concatenate([base, customer[leaves]])
    at = np.concatenate([base_at[base].astype(np.int64), leave_at])
    because_of = np.concatenate([np.full(len(base), start), created[leaves]])
    order = np.lexsort((at, place))
    accepted: list[tuple[int, int]] = []
    caused, joined, current = 0, start, -1
    for position in order.tolist():
        if place[position] != current:
            current, joined = int(place[position]), start
        # Whoever made the experience must still be there; a newcomer does not leave for it.
        if because_of[position] >= joined and at[position] < end:
            joined = int(at[position])
            accepted.append((current, joined))
            caused += position >= len(base)
    generation, churned_at = _organization_of_each(created, customer, accepted)
    organization_id = 1 + customer + generation * sum(customers)
    return Departures(organization_id, churned_at, is_bad, int(caused), len(accepted))


def _organization_of_each(
    created: Ints, customer: Ints, accepted: list[tuple[int, int]]
) -> tuple[Ints, Ints]:
    """Generation of each ticket's organisation, and when that one left (NEVER if it stays)."""
    places = np.array([place for place, _ in accepted], np.int64)
    instants = np.array([at for _, at in accepted], np.int64)
    room = 1 << 33  # above any instant, so that place and instant sort as one number
    keys = places * room + instants
    before = np.searchsorted(keys, customer * room + created, side="right")
    generation = before - np.searchsorted(keys, customer * room, side="left")
    left = np.full(len(created), NEVER, np.int64)
    following = np.minimum(before, max(len(keys) - 1, 0))
    if len(keys):
        has_left = (before < len(keys)) & (places[following] == customer)
        left[has_left] = instants[following[has_left]]
    return generation, left
