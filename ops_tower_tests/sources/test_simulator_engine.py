"""The queues: what theory says of them, and what no desk may ever do."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_tower.sources.simulator.engine import Agent, Engine, Group, Ticket
from ops_tower.sources.simulator.roster import Shift
from ops_tower.sources.simulator.steps import FIRST_WORK, LAST_WORK, STEPS, Step, event_code

Ints = npt.NDArray[np.int64]

MEAN_SERVICE = 600.0
FOREVER = 10**12
SOLVE = event_code(0, Step.SOLVED)


@dataclass(frozen=True)
class Need:
    """A ticket as the engine gets it: arrival, patience, and steps of code and seconds."""

    at: int
    patience: int
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Run:
    """What came of a run: the events in order, and the groups with their clocks."""

    events: Ints
    groups: list[Group]


def run(  # noqa: PLR0913 - every test turns another knob
    needs: Sequence[Need],
    agents_of_group: Sequence[int],
    shifts: Sequence[Shift] | None = None,
    *,
    end: int = FOREVER,
    paces: Sequence[float] | None = None,
    rush: tuple[float, float] = (math.inf, 1.0),
) -> Run:
    """Run the engine on given tickets; without shifts, everybody is always there."""
    groups = [
        Group(longest_work=FOREVER, rush_queue=rush[0], rush_break=rush[1]) for _ in agents_of_group
    ]
    homes = [
        group for group, size in zip(groups, agents_of_group, strict=True) for _ in range(size)
    ]
    agents = [
        Agent(index, home, (paces[index] if paces else 1.0,)) for index, home in enumerate(homes)
    ]
    if shifts is None:
        shifts = [Shift(0, FOREVER, agent.index, FOREVER, 0, 0) for agent in agents]
    found: list[Ints] = []

    def arriving() -> Iterator[tuple[int, Ticket]]:
        for index, need in enumerate(sorted(needs, key=lambda need: need.at)):
            codes, seconds = bytes(c for c, _ in need.steps), [s for _, s in need.steps]
            yield need.at, Ticket(index, 0, need.patience, 0, codes, seconds, 0, len(codes))

    Engine(
        groups,
        agents,
        arrivals=arriving(),
        shifts=iter(sorted(shifts, key=lambda shift: shift.start)),
        end=end,
        sink=found.append,
    ).run()
    return Run(np.concatenate(found) if found else np.empty((0, 5), np.int64), groups)


def waits(events: Ints) -> Ints:
    """Seconds in the queue of tickets that need one piece of work, by the order of arrival."""
    created, solved = events[events[:, 3] < 0], events[events[:, 3] >= 0]
    solved = solved[np.argsort(solved[:, 1])]
    return solved[:, 0] - solved[:, 4] - created[: len(solved), 0]


def erlang_c_wait(servers: int, load: float, mean_service: float) -> float:
    """Mean wait of M/M/c: Erlang's C over the rate at which the queue empties (Erlang, 1917)."""
    offered = servers * load
    terms = [offered**k / math.factorial(k) for k in range(servers + 1)]
    waiting = terms[-1] / (1 - load)
    return waiting / (sum(terms[:-1]) + waiting) * mean_service / (servers * (1 - load))


def markov_tickets(
    random: np.random.Generator, size: int, servers: int, load: float
) -> tuple[Ints, Ints]:
    """Poisson arrivals and exponential service times, in whole seconds."""
    gaps = random.exponential(MEAN_SERVICE / (servers * load), size)
    return np.cumsum(gaps).astype(int), np.rint(random.exponential(MEAN_SERVICE, size)).astype(int)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (3, 0.8), (12, 0.9)])
def test_the_mean_wait_of_an_m_m_c_queue_is_erlangs(servers: int, load: float) -> None:
    means = []
    for replication in range(8):
        random = np.random.default_rng([servers, replication])
        at, seconds = markov_tickets(random, 6_000, servers, load)
        needs = [
            Need(a, 0, ((SOLVE, s),)) for a, s in zip(at.tolist(), seconds.tolist(), strict=True)
        ]
        means.append(waits(run(needs, [servers]).events)[500:].mean())  # the desk opens empty
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    assert np.mean(means) == pytest.approx(
        erlang_c_wait(servers, load, MEAN_SERVICE),
        abs=3.5 * error,  # t of 99 % at 7 degrees
    )
    assert error < 0.25 * np.mean(means)


def test_tickets_of_endless_patience_wait_as_long_as_cobham_says() -> None:
    load, share = 0.8, 0.3
    random = np.random.default_rng(5)
    means = []
    for _ in range(8):
        at, seconds = markov_tickets(random, 6_000, 1, load)
        is_urgent = random.random(len(at)) < share
        needs = [
            Need(a, 0 if urgent else 10**9, ((SOLVE, s),))
            for a, s, urgent in zip(at.tolist(), seconds.tolist(), is_urgent.tolist(), strict=True)
        ]
        waited = waits(run(needs, [1]).events)
        means.append((waited[is_urgent].mean(), waited[~is_urgent].mean()))
    residual = load * MEAN_SERVICE
    expected = residual / (1 - share * load), residual / ((1 - share * load) * (1 - load))
    error = np.std(means, axis=0, ddof=1) / math.sqrt(len(means))
    assert np.all(np.abs(np.mean(means, axis=0) - expected) < 3.5 * error)


def naive_ends(needs: Sequence[Need], servers: int) -> list[int]:
    """When each ticket is done, one piece of work each, by the plainest loop there is."""
    free, ends = [0] * servers, {}
    waiting = sorted((need.at, index) for index, need in enumerate(needs))
    queue: list[tuple[int, int, int]] = []
    now = 0
    while waiting or queue:
        now = max(now, min(free)) if queue else max(min(free), waiting[0][0])
        while waiting and waiting[0][0] <= now:
            at, index = waiting.pop(0)
            heapq.heappush(queue, (at + needs[index].patience, at, index))
        _, _, index = heapq.heappop(queue)
        free.remove(min(free))
        ends[index] = now + needs[index].steps[0][1]
        free.append(ends[index])
    return [ends[index] for index in range(len(needs))]


@given(
    servers=st.integers(1, 4),
    arrivals=st.lists(
        st.tuples(st.integers(1, 3_000), st.sampled_from([0, 100, 500]), st.integers(1, 400)),
        min_size=1,
        max_size=60,
        unique_by=lambda arrival: arrival[0],
    ),
)
@settings(max_examples=60, deadline=None)
def test_a_single_queue_works_off_tickets_as_a_naive_loop_does(
    servers: int, arrivals: list[tuple[int, int, int]]
) -> None:
    # Arrivals on whole thousands, ends of work just past them: the two never coincide.
    needs = [
        Need(1_000 * at, 1_000 * p, ((SOLVE, 1_000 * s + 1),)) for at, p, s in sorted(arrivals)
    ]
    events = run(needs, [servers]).events
    solved = events[events[:, 3] >= 0]
    ends = dict(zip(solved[:, 1].tolist(), solved[:, 0].tolist(), strict=True))
    assert [ends[index] for index in range(len(needs))] == naive_ends(needs, servers)


@st.composite
def small_desks(draw: st.DrawFn) -> tuple[list[Need], list[int], list[Shift], int]:
    """One to three groups of up to three agents, shifts of a few hours, and tickets among them."""
    agents_of_group = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    shifts = []
    for agent in range(sum(agents_of_group)):
        start = draw(st.integers(0, 5_000))
        for _ in range(draw(st.integers(1, 3))):
            length = draw(st.integers(600, 6_000))
            pause = draw(st.integers(0, length // 3))
            due = start + draw(st.integers(0, length))
            shifts.append(Shift(start, start + length, agent, due, pause, start // 7_000))
            start += length + draw(st.sampled_from([0, 1, 3_000]))
    steps = st.tuples(
        st.integers(0, len(agents_of_group) - 1),
        st.sampled_from([Step.FIRST_REPLY, Step.ESCALATED, Step.SOLVED, Step.RESUMED, Step.CLOSED]),
        st.integers(1, 900),
    )
    needs = [
        Need(at, patience, tuple((event_code(g, step), seconds) for g, step, seconds in itinerary))
        for at, patience, itinerary in draw(
            st.lists(
                st.tuples(
                    st.integers(0, 20_000),
                    st.sampled_from([0, 1_000]),
                    st.lists(steps, min_size=1, max_size=5),
                ),
                min_size=1,
                max_size=40,
            )
        )
    ]
    return needs, agents_of_group, shifts, draw(st.sampled_from([15_000, 40_000, FOREVER]))


@given(desk=small_desks(), rush=st.sampled_from([(math.inf, 1.0), (1.0, 0.3)]))
@settings(max_examples=150, deadline=None)
def test_nobody_works_twice_at_once_or_off_shift_and_no_work_appears_or_vanishes(
    desk: tuple[list[Need], list[int], list[Shift], int], rush: tuple[float, float]
) -> None:
    needs, agents_of_group, shifts, end = desk
    found = run(needs, agents_of_group, shifts, end=end, rush=rush)
    assert (np.diff(found.events[:, 0]) >= 0).all()
    assert (found.events[:, 0] < end).all()

    in_order = sorted(needs, key=lambda need: need.at)
    steps_done, work_of_agent = defaultdict(list), defaultdict(list)
    for at, ticket, code, agent, seconds in found.events.tolist():
        if not steps_done[ticket]:
            assert (at, code, agent) == (in_order[ticket].at, 0, -1), "first it is created"
            steps_done[ticket].append(code)
            continue
        expected = in_order[ticket].steps[len(steps_done[ticket]) - 1]
        assert code == expected[0], "a ticket takes its steps in order"
        steps_done[ticket].append(code)
        assert (agent >= 0) == (FIRST_WORK <= code % STEPS <= LAST_WORK)
        if agent >= 0:
            assert seconds == expected[1]
            work_of_agent[agent].append((at - seconds, at))
    for agent, work in work_of_agent.items():
        own = [(shift.start, shift.end) for shift in shifts if shift.agent == agent]
        for (_, ended), (begins, _) in pairwise(work):
            assert ended <= begins, "one ticket at a time"
        for begins, ends in work:
            assert any(start <= begins and ends <= stop for start, stop in own), "within a shift"
    for group in found.groups:
        present = sum(group.present_seconds.values())
        assert (
            group.busy_seconds + group.idle_seconds + sum(group.break_seconds.values()) == present
        )


def test_an_agent_does_not_start_what_the_shift_has_no_room_for() -> None:
    needs = [Need(0, 0, ((SOLVE, 500),)), Need(0, 0, ((SOLVE, 90),))]
    shifts = [Shift(0, 100, 0, 0, 0, 0), Shift(1_000, 2_000, 0, 0, 0, 0)]
    solved = run(needs, [1], shifts).events[2:]
    assert solved[:, [0, 1]].tolist() == [[90, 1], [1_500, 0]]


def test_a_break_falls_due_during_work_and_is_taken_after_it() -> None:
    needs = [Need(0, 0, ((SOLVE, 300),)), Need(10, 0, ((SOLVE, 100),))]
    solved = run(needs, [1], [Shift(0, 10_000, 0, 200, 1_000, 0)]).events[2:]
    assert solved[:, 0].tolist() == [300, 1_400]


def test_in_a_rush_breaks_are_cut() -> None:
    needs = [Need(0, 0, ((SOLVE, 300),)), *[Need(10, 0, ((SOLVE, 100),))] * 3]
    shifts = [Shift(0, 10_000, 0, 200, 1_000, 0)]
    assert run(needs, [1], shifts, rush=(3.0, 0.4)).events[-1, 0] == 300 + 400 + 3 * 100
    assert run(needs, [1], shifts, rush=(4.0, 0.4)).events[-1, 0] == 300 + 1_000 + 3 * 100


def test_a_returning_ticket_goes_to_the_agent_who_knows_it() -> None:
    wait = event_code(0, Step.CUSTOMER_REPLIED)
    needs = [
        Need(0, 0, ((event_code(0, Step.FIRST_REPLY), 50), (wait, 500), (SOLVE, 50))),
        Need(100, 0, ((SOLVE, 10),)),
    ]
    events = run(needs, [3]).events
    agent_of = {(ticket, code): agent for _, ticket, code, agent, _ in events.tolist()}
    assert agent_of[0, SOLVE] == agent_of[0, event_code(0, Step.FIRST_REPLY)]
    assert agent_of[1, SOLVE] != agent_of[0, SOLVE], "idle longest comes first otherwise"


def test_overload_ends_with_the_simulation_and_leaves_the_rest_undone() -> None:
    needs = [Need(at, 0, ((SOLVE, 300),)) for at in range(0, 100_000, 100)]
    found = run(needs, [1], end=100_000)
    assert (found.events[:, 3] >= 0).sum() == 100_000 // 300
    assert found.groups[0].busy_seconds == 100_000
    assert len(found.groups[0].queue) == 1_000 - 100_000 // 300 - 1


def test_what_ends_at_the_very_end_has_not_happened_yet() -> None:
    needs = [Need(0, 0, ((SOLVE, 100),))]
    assert len(run(needs, [1], end=100).events) == 1
    assert len(run(needs, [1], end=101).events) == 2
