"""Scores, departures and states: the planted effects are in the data, no larger and no smaller."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ops_tower.sources.simulator import SimulatorParameters
from ops_tower.sources.simulator.demand import OUTCOME_DRAWS, Arrivals
from ops_tower.sources.simulator.engine import NOBODY
from ops_tower.sources.simulator.outcomes import departures, expected_score, rate
from ops_tower.sources.simulator.states import NEVER, EventTally, TicketStates
from ops_tower.sources.simulator.steps import Step, event_code

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC
DAY = 86_400
START = 1_750_000_000
HOLDER = {Step.ESCALATED: 1, Step.REASSIGNED: -1}

Ints = npt.NDArray[np.int64]


def desk(**values: Any) -> SimulatorParameters:  # noqa: ANN401 - any parameter
    return SimulatorParameters.model_validate({"as_of": AS_OF} | values)


def tickets(size: int, seed: int = 1, **columns: Ints) -> Arrivals:
    """So many plain tickets of customer 0, created a minute apart."""
    zeros, none = np.zeros(size, np.int64), np.zeros(size, np.uint8)
    plain = Arrivals(
        ticket_id=np.arange(size),
        created=START + 60 * np.arange(size),
        type=none,
        priority=none,
        channel=none,
        tier=none,
        customer=zeros,
        topic=none,
        wording=zeros.astype(float),
        is_outage=zeros.astype(bool),
        outcome_draw=np.random.default_rng(seed).random((size, OUTCOME_DRAWS)),
    )
    return replace(plain, **columns)


def solved(arrivals: Arrivals, days: npt.ArrayLike = 1.0, **counts: Ints) -> TicketStates:
    """States of tickets that were all solved so many days after their creation."""
    size = len(arrivals)
    zeros = np.zeros(size, np.int64)
    plain = TicketStates(
        last_code=zeros.astype(np.uint8),
        holder=zeros,
        assignee=zeros,
        solved_at=arrivals.created + (np.asarray(days) * DAY).astype(np.int64),
        closed_at=zeros,
        escalations=zeros,
        reassignments=zeros,
        reopens=zeros,
        top_group=zeros,
        handle_seconds=np.zeros((size, 3), np.int64),
        has_first_reply=np.ones(size, bool),
        is_conforming=np.ones(size, bool),
    )
    return replace(plain, **counts)


def test_the_expected_score_is_the_sum_of_its_effects_within_one_to_five() -> None:
    satisfaction = desk().satisfaction
    arrivals = tickets(4)
    states = solved(
        arrivals,
        [0, 2, 0, 400],
        escalations=np.array([0, 2, 0, 0]),
        reassignments=np.array([0, 1, 0, 0]),
        reopens=np.array([0, 1, 20, 0]),
    )
    expected = expected_score(arrivals.created, states, satisfaction)
    best = satisfaction.best
    second = best + 2 * (satisfaction.per_escalation + satisfaction.per_day)
    second += satisfaction.per_reassignment + satisfaction.per_reopen
    last = best + satisfaction.per_day * satisfaction.days_counted
    assert expected.tolist() == pytest.approx([best, second, 1.0, max(1.0, last)])


@pytest.mark.parametrize("extreme_share", [0.0, 0.3, 1.0])
def test_the_mean_score_is_the_expected_one_however_extreme_the_customers(
    extreme_share: float,
) -> None:
    arrivals = tickets(200_000)
    parameters = desk(satisfaction={"best": 3.8, "per_day": 0, "extreme_share": extreme_share})
    scores = rate(arrivals, solved(arrivals), parameters)
    assert scores.score.mean() == pytest.approx(3.8, abs=0.02)
    middle = np.isin(scores.score, (2, 3, 4)).mean()
    assert middle == pytest.approx((1 - extreme_share) * (1 - 0.7**4 - 0.3**4), abs=0.01)


def test_each_score_answers_as_often_as_its_share_says() -> None:
    arrivals = tickets(200_000)
    scores = rate(arrivals, solved(arrivals), desk(satisfaction={"best": 3.0, "per_day": 0}))
    for score, share in enumerate(desk().satisfaction.answer_shares, start=1):
        assert scores.is_answered[scores.score == score].mean() == pytest.approx(share, abs=0.015)


def test_nobody_rates_what_was_not_solved() -> None:
    arrivals = tickets(1_000)
    states = solved(arrivals, solved_at=np.full(1_000, NEVER))
    assert not rate(arrivals, states, desk()).is_answered.any()


def leavers(arrivals: Arrivals, states: TicketStates, **churn: object) -> Any:  # noqa: ANN401
    none = dict.fromkeys(("enterprise", "business", "starter"), 0.0)
    parameters = desk(churn={"per_year": none, "per_bad_experience": none} | churn)
    return departures(arrivals, states, parameters, (1, 1, 1), (START, START + 365 * DAY))


def test_only_a_bad_experience_makes_a_customer_leave_and_a_newcomer_takes_the_place() -> None:
    always = dict.fromkeys(("enterprise", "business", "starter"), 1.0)
    created = START + DAY * np.array([0, 1, 100])
    arrivals = tickets(3, created=created)
    states = solved(arrivals, [1.0, 10.0, 1.0])  # the second is a bad experience
    found = leavers(arrivals, states, per_bad_experience=always)
    assert found.is_bad_experience.tolist() == [False, True, False]
    first, second, third = found.organization_id.tolist()
    assert first == second != third
    assert found.churned_at[0] == found.churned_at[1] > states.solved_at[1]
    assert found.churned_at[1] <= states.solved_at[1] + 60 * DAY
    assert found.churned_at[2] == NEVER
    assert (found.total, found.caused) == (1, 1)


def test_a_newcomer_does_not_leave_for_what_happened_before() -> None:
    always = dict.fromkeys(("enterprise", "business", "starter"), 1.0)
    arrivals = tickets(20, created=START + 60 * np.arange(20))
    found = leavers(arrivals, solved(arrivals, 10.0), per_bad_experience=always)
    assert found.is_bad_experience.all()
    assert found.total == 1, "twenty bad experiences of one customer are one departure"
    assert len(set(found.organization_id.tolist())) == 1


def test_without_bad_experiences_customers_leave_at_the_rate_of_their_tier() -> None:
    size = 60_000
    arrivals = tickets(size, customer=np.arange(size), created=np.full(size, START))
    parameters = desk(
        churn={
            "per_year": {"enterprise": 0.05, "business": 0.1, "starter": 0.2},
            "per_bad_experience": dict.fromkeys(("enterprise", "business", "starter"), 0.0),
        }
    )
    period = (START, START + int(365.25 * DAY))
    found = departures(arrivals, solved(arrivals), parameters, (20_000, 20_000, 20_000), period)
    has_left = (found.churned_at != NEVER).reshape(3, 20_000).mean(axis=1)
    assert has_left.tolist() == pytest.approx([0.05, 0.1, 0.2], abs=0.008)
    assert found.caused == 0


def test_states_are_what_a_loop_over_the_events_finds() -> None:
    random = np.random.default_rng(3)
    steps = [step for step in Step if step != Step.CUSTOMER_SILENT]
    at, rows = START, []
    for _ in range(4_000):
        at += int(random.integers(0, 50))
        step = steps[random.integers(len(steps))]
        group = int(random.integers(1, 3)) if step == Step.REASSIGNED else int(random.integers(2))
        is_work = Step.FIRST_REPLY <= step <= Step.MERGED
        agent = int(random.integers(5)) if is_work else NOBODY
        rows.append((at, int(random.integers(200)), event_code(group, step), agent, 60 * is_work))
    events = np.array(rows, np.int64)
    tally = EventTally(3)
    for part in np.array_split(events, 7):
        tally.update(part)
    states = tally.states(205)  # five tickets without any event

    for ticket in range(205):
        own = events[events[:, 1] == ticket].tolist()
        kinds = [Step(code % len(Step)) for _, _, code, _, _ in own]
        assert states.escalations[ticket] == kinds.count(Step.ESCALATED)
        assert states.reassignments[ticket] == kinds.count(Step.REASSIGNED)
        assert states.reopens[ticket] == kinds.count(Step.REOPENED)
        assert states.handle_seconds[ticket].sum() == sum(seconds for *_, seconds in own)
        holder = assignee = 0
        assignee, solve, close = NOBODY, NEVER, NEVER
        for when, _, code, agent, _ in own:
            step = Step(code % len(Step))
            holder = code // len(Step) + HOLDER.get(step, 0)
            if agent != NOBODY:
                assignee = NOBODY if step in HOLDER else agent
            solve = when if step == Step.SOLVED else solve
            close = when if step in {Step.CLOSED, Step.MERGED} else close
        is_over = bool(kinds) and kinds[-1] in {Step.SOLVED, Step.CLOSED, Step.MERGED}
        assert states.holder[ticket] == holder
        assert states.assignee[ticket] == assignee
        assert states.solved_at[ticket] == (solve if is_over else NEVER)
        assert states.closed_at[ticket] == close
    assert tally.steps_taken.sum() == len(events)
