"""What came of the tickets in the end: the customers' scores, and who left the desk.

Belongs here: what follows from how tickets stand, worked out for all of them at once.
Does not belong here: how they came to stand so (engine, states), how tables are written (writing).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ops_tower.sources.simulator.demand import Arrivals
from ops_tower.sources.simulator.parameters import SatisfactionParameters, SimulatorParameters
from ops_tower.sources.simulator.rates import DAYS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_HOUR
from ops_tower.sources.simulator.states import NEVER, TicketStates
from ops_tower.sources.simulator.streams import Floats, Ints, Mask, Stream, random_stream
from ops_tower.sources.simulator.vocabulary import TIERS

LONGEST_STAY_YEARS: Final = 1_000.0
LONGEST_ANSWER_SECONDS: Final = 30 * SECONDS_PER_DAY

# Columns of Arrivals.outcome_draw.
EXTREME_DRAW: Final = 0
JUDGEMENT_DRAWS: Final = slice(1, 5)
ANSWER_DRAW, ANSWER_DELAY_DRAW, COMMENT_DRAW, LEAVE_DRAW, LEAVE_DELAY_DRAW = range(5, 10)


@dataclass(frozen=True, slots=True)
class Scores:
    """Satisfaction of all tickets, whether or not anybody was asked."""

    expected: Floats
    """What the planted effects add up to, before chance."""
    score: Ints
    is_answered: Mask
    rated_at: Ints


def expected_score(
    created: Ints, states: TicketStates, parameters: SatisfactionParameters
) -> Floats:
    """The expected score of each finished ticket: the planted effects, kept in 1 to 5."""
    days = (states.solved_at - created) / SECONDS_PER_DAY
    expected = (
        parameters.best
        + parameters.per_escalation * states.escalations
        + parameters.per_reopen * states.reopens
        + parameters.per_reassignment * states.reassignments
        + parameters.per_day * np.clip(days, 0.0, parameters.days_counted)
    )
    return np.asarray(np.clip(expected, 1.0, 5.0), np.float64)


def rate(tickets: Arrivals, states: TicketStates, parameters: SimulatorParameters) -> Scores:
    """Draw each solved ticket's score, and whether and when its customer answers.

    A score is 1 plus four yes-or-no judgements, each a yes with probability (expected - 1) / 4.
    Most customers judge four times; the extreme ones judge once and count it four times. Either
    way the mean is the expected score exactly, so that a linear regression recovers the effects.
    """
    satisfaction, draws = parameters.satisfaction, tickets.outcome_draw
    expected = expected_score(tickets.created, states, satisfaction)
    probability = (expected - 1.0) / 4.0
    is_yes = probability > draws[:, JUDGEMENT_DRAWS].T
    is_extreme = draws[:, EXTREME_DRAW] < satisfaction.extreme_share
    score = 1 + np.where(is_extreme, 4 * is_yes[0], is_yes.sum(axis=0)).astype(np.int64)
    answers = draws[:, ANSWER_DRAW] < np.array(satisfaction.answer_shares)[score - 1]
    # A log-logistic delay needs one uniform only; its median is the parameter.
    u = np.clip(draws[:, ANSWER_DELAY_DRAW], 1e-6, 1 - 1e-6)
    delay = satisfaction.answer_delay_hours * SECONDS_PER_HOUR * np.sqrt(u / (1.0 - u))
    rated_at = states.solved_at + np.minimum(delay, LONGEST_ANSWER_SECONDS).astype(np.int64) + 1
    return Scores(expected, score, answers & (states.solved_at != NEVER), rated_at)


@dataclass(frozen=True, slots=True)
class Departures:
    """Which organisation each ticket belongs to, when that one left, and why any did."""

    organization_id: Ints
    churned_at: Ints
    """NEVER if the organisation is still there."""
    is_bad_experience: Mask
    caused: int
    """Departures that a bad experience caused."""
    total: int


def departures(
    tickets: Arrivals,
    states: TicketStates,
    parameters: SimulatorParameters,
    customers: tuple[int, ...],
    period: tuple[int, int],
) -> Departures:
    """Let customers leave, by a base rate and after bad experiences, and others take their place.

    A new organisation takes over a place the moment it becomes free, so that the flow of tickets
    does not depend on who leaves.

    Args:
        tickets: all tickets.
        states: how they stand.
        parameters: the desk's.
        customers: places in the list of customers, by tier.
        period: the simulation's start and end, in seconds since 1970.
    """
    churn, (start, end) = parameters.churn, period
    # A place, the instant at which its customer leaves, and since when that customer must be there.
    tier = np.repeat(np.arange(len(TIERS)), customers)
    rates = -np.log1p(-np.minimum([churn.per_year[t] for t in TIERS], 1.0 - 1e-9))
    years = random_stream(parameters.seed, Stream.CHURN).standard_exponential(len(tier))
    days = np.minimum(years / np.maximum(rates[tier], 1e-9), LONGEST_STAY_YEARS) * DAYS_PER_YEAR
    base_at = (start + days * SECONDS_PER_DAY).astype(np.int64)
    by_chance = np.flatnonzero(base_at < end)

    hours_open = (states.solved_at - tickets.created) / SECONDS_PER_HOUR
    is_bad = (hours_open > churn.bad_experience_hours) | (states.reopens > 0)
    is_bad &= states.solved_at != NEVER
    probability = np.array([churn.per_bad_experience[t] for t in TIERS])[tickets.tier]
    draws = tickets.outcome_draw
    annoyed = np.flatnonzero(is_bad & (draws[:, LEAVE_DRAW] < probability))
    delay = 1 + draws[annoyed, LEAVE_DELAY_DRAW] * churn.within_days * SECONDS_PER_DAY

    place = np.concatenate([by_chance, tickets.customer[annoyed]])
    at = np.concatenate([base_at[by_chance], states.solved_at[annoyed] + delay.astype(np.int64)])
    since = np.concatenate([np.full(len(by_chance), start), tickets.created[annoyed]])
    is_caused = np.arange(len(place)) >= len(by_chance)
    leaving = _still_there(place, at, since, end)
    generation, churned_at = _organization_of_each(tickets, place[leaving], at[leaving])
    return Departures(
        organization_id=1 + tickets.customer + generation * sum(customers),
        churned_at=churned_at,
        is_bad_experience=is_bad,
        caused=int(is_caused[leaving].sum()),
        total=len(leaving),
    )


def _still_there(place: Ints, at: Ints, since: Ints, end: int) -> Ints:
    """Which departures happen, by place and instant: a newcomer leaves for no old grudge."""
    happening: list[int] = []
    current, joined = -1, 0
    for index in np.lexsort((at, place)).tolist():
        if place[index] != current:
            current, joined = int(place[index]), 0
        if since[index] >= joined and at[index] < end:
            joined = int(at[index])
            happening.append(index)
    return np.array(happening, np.int64)


def _organization_of_each(tickets: Arrivals, place: Ints, at: Ints) -> tuple[Ints, Ints]:
    """How many customers held each ticket's place before its own, and when that one left.

    Departures come ordered by place and instant.
    """
    room = 1 << 33  # above any instant, so that place and instant sort as one number
    keys = np.append(place, tickets.customer.max(initial=0) + 1) * room + np.append(at, 0)
    following = np.searchsorted(keys, tickets.customer * room + tickets.created, side="right")
    generation = following - np.searchsorted(keys, tickets.customer * room, side="left")
    has_left = keys[following] // room == tickets.customer
    return generation, np.where(has_left, keys[following] % room, NEVER)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that is known when the simulation has ended."""

    parameters: SimulatorParameters
    tickets: Arrivals
    states: TicketStates
    scores: Scores
    departures: Departures
    steps_taken: Ints
    """How often each event code occurred."""
