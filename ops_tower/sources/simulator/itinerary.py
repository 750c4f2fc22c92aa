"""What each ticket needs, as a sequence of steps drawn when it arrives.

Belongs here: the ticket's way through the groups: replies, questions to the customer, holds,
escalations and their ping-pong, the solve, reopening, the closing timer.
Does not belong here: when a step happens. An itinerary holds work (which group, how many seconds)
and delays of others, and knows nothing of queues or rosters. The same ticket therefore needs the
same things under another roster, and two runs differ by their queues alone.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from ops_tower.sources.contract import PRIORITIES, TICKET_TYPES
from ops_tower.sources.simulator.demand import Arrivals, Draws, mix_weights
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.rates import SECONDS_PER_HOUR
from ops_tower.sources.simulator.steps import FIRST_WORK, LAST_WORK, STEPS, Step
from ops_tower.sources.simulator.streams import Codes, Floats, Ints, Mask

MOST_CUSTOMER_LOOPS: Final = 2  # per group
MOST_REOPENS: Final = 2
MOST_ESCALATION_PROBABILITY: Final = 0.95
ROUNDS_OF_SCALING: Final = 50
MOST_DELAY_SECONDS: Final = 60 * 86_400  # nobody waits longer than two months for an answer


HANDLE_FIELD: Final = {
    Step.FIRST_REPLY: "first_reply",
    Step.REPLIED: "reply",
    Step.REPLIED_ASKS: "reply",
    Step.INTERNAL_NOTE: "internal_note",
    Step.ON_HOLD: "on_hold",
    Step.ESCALATED: "escalate",
    Step.REASSIGNED: "reassign",
    Step.SOLVED: "solve",
    Step.MERGED: "merge",
}


@dataclass(frozen=True, slots=True)
class Itineraries:
    """The steps of many tickets, end to end: ticket i has steps offsets[i] to offsets[i + 1].

    `seconds` is an agent's work at the mean pace for work, and the length of a delay.
    """

    codes: Codes
    seconds: Ints
    offsets: Ints

    def work_by_group(self, groups: int) -> Floats:
        """Seconds of work that the itineraries ask of each group, at the mean pace."""
        step = self.codes % STEPS
        is_work = (step >= FIRST_WORK) & (step <= LAST_WORK)
        group, seconds = self.codes[is_work] // STEPS, self.seconds[is_work]
        return np.asarray(np.bincount(group, seconds, minlength=groups), np.float64)


def escalation_probabilities(parameters: SimulatorParameters) -> Floats:
    """Probability of an escalation, shape (groups, types, priorities).

    The relative odds by type and priority are scaled so that, over the tickets that reach a
    group, the probabilities average to its `escalation_share`.
    """
    mix = parameters.mix
    by_type = np.array([mix.escalation_by_type[t] for t in TICKET_TYPES])
    by_priority = np.array([mix.escalation_by_priority[p] for p in PRIORITIES])
    odds = np.outer(by_type, by_priority)
    weights = mix_weights(parameters)
    tables = []
    for group in parameters.groups:
        table = _scaled_to_mean(odds, weights, group.escalation_share)
        tables.append(table)
        weights = weights * table
    return np.stack(tables)


def _scaled_to_mean(odds: Floats, weights: Floats, share: float) -> Floats:
    """Scale odds to probabilities with the given weighted mean, none above the cap."""
    if not share or not (odds * weights).sum():
        return np.zeros_like(odds)
    cap, scale = max(MOST_ESCALATION_PROBABILITY, share), 1.0
    probabilities = odds
    for _ in range(ROUNDS_OF_SCALING):  # what the cap takes from the likeliest goes to the rest
        scale *= share * weights.sum() / (probabilities * weights).sum()
        probabilities = np.minimum(odds * scale, cap)
    return probabilities


class Planner:
    """Draws itineraries: all tickets of a chunk take a possible step together, or pass it by."""

    def __init__(self, parameters: SimulatorParameters) -> None:
        """Work out what depends on parameters alone."""
        self._flow = parameters.flow
        self._groups = parameters.groups
        self._escalation = escalation_probabilities(parameters)
        self._silence = np.array([parameters.flow.silence_shares[p] for p in PRIORITIES])
        self._work = WorkModel(parameters)

    def plan(self, arrivals: Arrivals, draws: Draws) -> Itineraries:
        """Draw the itineraries of tickets, in their order."""
        flow, columns = self._flow, _Columns(arrivals.type, draws, self._work)
        is_merged = columns.chance(flow.merge_share)
        columns.work(is_merged, Step.MERGED, 0)
        probabilities = self._escalation[:, arrivals.type, arrivals.priority]
        probabilities[:, arrivals.is_outage] *= flow.outage_escalation
        last_group = np.zeros(len(arrivals), np.int64)
        is_here = ~is_merged
        for index, group in enumerate(self._groups):
            if index:
                columns.work(is_here, Step.ESCALATED, index - 1)
                is_bounced = is_here & columns.chance(group.ping_pong_share)
                columns.work(is_bounced, Step.REASSIGNED, index)
                columns.work(is_bounced, Step.ESCALATED, index - 1)
            is_noted = is_here & columns.chance(group.internal_note_share)
            columns.work(is_noted, Step.INTERNAL_NOTE, index)
            is_leaving = is_here & columns.chance(probabilities[index])
            # A group that sees that a ticket is beyond it hands it on, rather than discuss it.
            is_staying = is_here & ~is_leaving
            if index:
                self._ask(columns, is_staying, index)
            else:
                self._reply_first(columns, is_here, is_staying, self._silence[arrivals.priority])
            is_held = is_staying & columns.chance(group.hold_share)
            columns.work(is_held, Step.ON_HOLD, index)
            columns.delay(is_held, Step.RESUMED, index)
            last_group[is_here] = index
            is_here = is_leaving
        self._solve(columns, ~is_merged, last_group)
        return columns.strung_together()

    def _reply_first(
        self, columns: "_Columns", is_here: Mask, is_staying: Mask, silence: Floats
    ) -> None:
        """First reply, then silence or questions; the last answer may be left to the next step."""
        flow = self._flow
        is_replied = is_here & ~columns.chance(flow.skipped_first_reply_share)
        columns.work(is_replied, Step.FIRST_REPLY, 0)
        is_skipped = columns.chance(flow.skipped_reply_share)
        is_talking = is_replied & is_staying
        loops = columns.streak(is_talking, self._groups[0].customer_loop_share, MOST_CUSTOMER_LOOPS)
        for is_asked, is_asked_again in pairwise([*loops, np.zeros_like(is_here)]):
            columns.delay(is_asked, Step.CUSTOMER_REPLIED, 0)
            columns.work(is_asked & (is_asked_again | ~is_skipped), Step.REPLIED, 0)
        is_silent = is_talking & ~loops[0] & columns.chance(silence)
        columns.delay(is_silent, Step.CUSTOMER_SILENT, 0)

    def _ask(self, columns: "_Columns", is_here: Mask, group: int) -> None:
        """Questions of a later group; its last answer is the solve, or the next escalation."""
        share = self._groups[group].customer_loop_share
        for is_asked in columns.streak(is_here, share, MOST_CUSTOMER_LOOPS):
            columns.work(is_asked, Step.REPLIED, group)
            columns.delay(is_asked, Step.CUSTOMER_REPLIED, group)

    def _solve(self, columns: "_Columns", is_here: Mask, group: Ints) -> None:
        """Solve in the group that holds the ticket, perhaps again, then leave it to the timer."""
        columns.work(is_here, Step.SOLVED, group)
        for is_reopened in columns.streak(is_here, self._flow.reopen_share, MOST_REOPENS):
            columns.delay(is_reopened, Step.REOPENED, group)
            columns.work(is_reopened, Step.SOLVED, group)
        columns.timer(is_here, group)


class WorkModel:
    """How long work and delays last: a mean by group and step, a factor by type, and a draw."""

    def __init__(self, parameters: SimulatorParameters) -> None:
        """Look means, spreads and factors up in the parameters."""
        flow, groups = parameters.flow, parameters.groups
        self._mean_seconds = np.zeros((len(groups), STEPS))
        for index, group in enumerate(groups):
            for step, field in HANDLE_FIELD.items():
                self._mean_seconds[index, step] = 60.0 * getattr(group.handle_minutes, field)
        self._spread = np.array([group.handle_spread for group in groups])
        self._type_factor = np.array([parameters.mix.handle_by_type[t] for t in TICKET_TYPES])
        self._is_exponential = flow.handle_distribution == "exponential"
        self._delays = {
            Step.CUSTOMER_REPLIED: (flow.customer_delay_hours, flow.customer_delay_spread),
            Step.CUSTOMER_SILENT: (flow.silence_hours, flow.silence_spread),
            Step.RESUMED: (flow.hold_delay_hours, flow.hold_delay_spread),
            Step.REOPENED: (flow.reopen_delay_hours, flow.reopen_delay_spread),
        }
        self.timer_seconds = round(flow.auto_close_hours * SECONDS_PER_HOUR)

    def work_seconds(self, step: Step, group: int | Ints, ticket_type: Codes, draw: Floats) -> Ints:
        """Seconds of work at the mean pace, at least 1."""
        spread = self._spread[group]
        factor = draw if self._is_exponential else np.exp(spread * draw - spread * spread / 2.0)
        seconds = self._mean_seconds[group, step] * self._type_factor[ticket_type] * factor
        return np.asarray(np.maximum(1, np.rint(seconds)), np.int64)

    def delay_seconds(self, step: Step, draw: Floats) -> Ints:
        """Seconds of somebody else's delay, at least 1; a reopening comes before the timer."""
        median, spread = self._delays[step]
        seconds = np.maximum(1, np.rint(median * SECONDS_PER_HOUR * np.exp(spread * draw)))
        most = 0.95 * self.timer_seconds if step == Step.REOPENED else MOST_DELAY_SECONDS
        return np.asarray(np.minimum(seconds, most), np.int64)


class _Columns:
    """The possible steps of a chunk's tickets, one column each; its rows become itineraries.

    Every column uses up draws of its own whether or not a ticket takes the step, so that a
    parameter that turns one step off leaves the draws of all others as they were.
    """

    def __init__(self, ticket_type: Codes, draws: Draws, model: WorkModel) -> None:
        """Start with no columns, and all draws unused."""
        self._type = ticket_type
        self._model = model
        self._fate = iter(draws.fate.T)
        self._work = iter(draws.work.T)
        self._delay = iter(draws.delay.T)
        self._taken: list[Mask] = []
        self._codes: list[Codes] = []
        self._seconds: list[Ints] = []

    def chance(self, probability: float | Floats) -> Mask:
        """Whether each ticket's next draw falls below a probability."""
        return np.asarray(next(self._fate) < probability)

    def streak(self, is_eligible: Mask, probability: float, most: int) -> list[Mask]:
        """Who does something at least once, at least twice, …: a geometric number, cut at most."""
        masks = []
        for _ in range(most):
            is_eligible = is_eligible & self.chance(probability)
            masks.append(is_eligible)
        return masks

    def work(self, is_taken: Mask, step: Step, group: int | Ints) -> None:
        """A piece of an agent's work that ends in this step."""
        draw = next(self._work)
        self._add(is_taken, step, group, self._model.work_seconds(step, group, self._type, draw))

    def delay(self, is_taken: Mask, step: Step, group: int | Ints) -> None:
        """A wait that ends when somebody outside of the desk does this step."""
        self._add(is_taken, step, group, self._model.delay_seconds(step, next(self._delay)))

    def timer(self, is_taken: Mask, group: int | Ints) -> None:
        """The administrative wait for the closing timer, always of the same length."""
        self._add(is_taken, Step.CLOSED, group, np.full(len(is_taken), self._model.timer_seconds))

    def _add(self, is_taken: Mask, step: Step, group: int | Ints, seconds: Ints) -> None:
        self._taken.append(is_taken)
        self._codes.append(
            np.broadcast_to(np.asarray(group * STEPS + step, np.uint8), is_taken.shape)
        )
        self._seconds.append(seconds)

    def strung_together(self) -> Itineraries:
        """The steps taken, ticket after ticket; a reply that waits for the customer is pending."""
        is_taken = np.stack(self._taken, axis=1)
        codes = np.stack(self._codes, axis=1)[is_taken]
        seconds = np.stack(self._seconds, axis=1)[is_taken]
        step = codes % STEPS
        is_reply = (step == Step.FIRST_REPLY) | (step == Step.REPLIED)
        is_turn = (step == Step.CUSTOMER_REPLIED) | (step == Step.CUSTOMER_SILENT)
        is_asking = is_reply[:-1] & is_turn[1:]
        codes[:-1][is_asking] += 1
        offsets = np.concatenate([[0], np.cumsum(is_taken.sum(axis=1))])
        return Itineraries(codes, seconds, offsets)
