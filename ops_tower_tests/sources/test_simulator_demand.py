"""Arrivals, itineraries and rosters: what chance draws, and what it must leave alone."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from ops_tower.sources.contract import PRIORITIES, TICKET_TYPES
from ops_tower.sources.errors import SourceError
from ops_tower.sources.simulator import SimulatorParameters
from ops_tower.sources.simulator.demand import Arrivals, Demand, concatenate
from ops_tower.sources.simulator.itinerary import Planner, escalation_probabilities
from ops_tower.sources.simulator.rates import (
    RATE_YEAR,
    holidays_of,
    hourly_rates,
    planted_days,
    tickets_per_hour,
    unix_seconds,
)
from ops_tower.sources.simulator.roster import Roster
from ops_tower.sources.simulator.steps import STEPS, Step
from ops_tower.sources.simulator.streams import evenly_spread
from ops_tower.sources.simulator.vocabulary import TIERS

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC


def desk(**values: Any) -> SimulatorParameters:  # noqa: ANN401 - any parameter
    return SimulatorParameters.model_validate({"as_of": AS_OF, "tickets": 20_000} | values)


def arrivals_of(parameters: SimulatorParameters, injected: pd.DataFrame | None = None) -> Arrivals:
    return concatenate([arrivals for arrivals, _ in Demand(parameters, injected).chunks()])


def by_id(arrivals: Arrivals) -> pd.DataFrame:
    columns = ("created", "type", "priority", "channel", "tier", "customer", "topic")
    frame = pd.DataFrame({name: getattr(arrivals, name) for name in columns})
    return frame.set_index(arrivals.ticket_id)


def test_a_later_as_of_keeps_the_tickets_of_the_days_in_common() -> None:
    earlier = by_id(arrivals_of(desk(days=40)))
    later = by_id(arrivals_of(desk(days=40, as_of=AS_OF + timedelta(days=13, hours=7))))
    common = earlier.index.intersection(later.index)
    first = unix_seconds(AS_OF - timedelta(days=27) + timedelta(hours=7))
    pd.testing.assert_frame_equal(earlier.loc[common], later.loc[common])
    assert len(common) == (earlier["created"] >= first).sum() > 1_000


def test_another_seed_is_another_year_of_the_same_size() -> None:
    one, other = arrivals_of(desk(seed=1)), arrivals_of(desk(seed=2))
    assert len(one) != len(other)
    assert len(one) == pytest.approx(20_000, rel=0.03)
    assert len(other) == pytest.approx(20_000, rel=0.03)


def test_the_rates_of_the_year_add_up_to_the_tickets_asked_for() -> None:
    parameters = desk(demand={"outage_months": (), "campaign_months": ()})
    rates = hourly_rates(RATE_YEAR, 365, parameters.demand, parameters.time_zone)
    assert (rates * tickets_per_hour(parameters)).sum() == pytest.approx(20_000)


def test_growth_multiplies_the_rate_once_a_year() -> None:
    demand = desk(demand={"growth_per_year": 0.25}).demand
    # The same weekdays, a little less than a year apart.
    first, second = (
        hourly_rates(day, 7, demand, "UTC").sum() for day in (date(2025, 4, 7), date(2026, 4, 6))
    )
    assert second / first == pytest.approx(1.25, rel=0.005)


def test_people_write_in_local_hours_on_both_sides_of_a_clock_change() -> None:
    at_ten = [0.0] * 10 + [1.0] + [0.0] * 13
    demand = desk(demand={"hour_factors": at_ten}).demand
    for day, utc_hour in ((date(2026, 3, 6), 15), (date(2026, 3, 9), 14)):
        rates = hourly_rates(day, 1, demand, "America/New_York")[0, 0]
        assert np.flatnonzero(rates).tolist() == [utc_hour]


def test_holidays_are_quiet_for_people_and_not_for_machines() -> None:
    demand = desk().demand
    people, machines = hourly_rates(date(2026, 12, 24), 8, demand, "UTC").sum(axis=2)
    thursdays, christmas_eve = people[[0, 7]], people[1]
    assert christmas_eve / thursdays.mean() == pytest.approx(
        demand.holiday_factor * demand.weekday_factors[4] / demand.weekday_factors[3], rel=0.02
    )
    assert np.ptp(machines) / machines.mean() < 0.02
    assert date(2026, 12, 25) in holidays_of(2026)


def test_planted_days_stay_where_they_are_when_the_period_moves() -> None:
    demand = desk().demand
    year = planted_days(date(2026, 1, 1), date(2026, 12, 31), 4, demand)
    half = planted_days(date(2026, 7, 1), date(2027, 6, 30), 4, demand)
    assert [day for day in year if day.day >= date(2026, 7, 1)] == [
        day for day in half if day.day <= date(2026, 12, 31)
    ]
    assert [day.kind for day in year].count("outage") == 6
    assert len(year) == 12
    assert all(day.day.weekday() < 5 and day.day not in holidays_of(2026) for day in year)


def test_a_planted_day_has_the_volume_and_the_type_that_it_was_given() -> None:
    outage = {"day": "2026-10-14", "kind": "outage", "factor": 3.0}
    with_outage = arrivals_of(desk(days=60, tickets=200_000, demand={"planted_days": [outage]}))
    without = arrivals_of(desk(days=60, tickets=200_000, demand={"planted_days": []}))

    def on_the_day(arrivals: Arrivals) -> Arrivals:
        is_then = arrivals.ticket_id // 100_000 == 20261014
        return by_id(arrivals)[is_then]

    much, usual = on_the_day(with_outage), on_the_day(without)
    assert len(much) / len(usual) == pytest.approx(3.0, rel=0.1)
    is_incident = much["type"] == TICKET_TYPES.index("incident")
    assert is_incident.mean() > 0.7
    extra = with_outage.created[with_outage.is_outage]
    assert np.ptp(extra) < 6 * 3600


@pytest.mark.parametrize(
    ("as_of", "is_seen"),
    [
        ("2026-10-14T00:00:00", False),
        ("2026-10-14T08:00:00", False),  # before it begins: the night, in New York
        ("2026-10-14T20:00:00", True),
        ("2026-10-15T00:00:00", True),
    ],
)
def test_a_planted_day_counts_as_planted_once_the_period_holds_some_of_it(
    as_of: str, *, is_seen: bool
) -> None:
    outage = {"day": "2026-10-14", "kind": "outage", "factor": 3.0}
    planted = Demand(desk(as_of=as_of, demand={"planted_days": [outage]}), None).planted
    assert len(planted) == is_seen


def test_each_column_of_even_draws_holds_one_draw_per_step() -> None:
    draws = evenly_spread(np.random.default_rng(1), 50, 3)
    steps = np.sort((draws * 50).astype(int), axis=0)
    assert (steps == np.arange(50)[:, None]).all()
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.5


def test_the_mix_is_the_one_asked_for() -> None:
    arrivals = arrivals_of(desk(demand={"machine_share": 0.0, "planted_days": []}))
    mix = desk().mix
    for index, name in enumerate(TICKET_TYPES):
        assert (arrivals.type == index).mean() == pytest.approx(mix.types[name], abs=0.005)
    for index, name in enumerate(TIERS):
        assert (arrivals.tier == index).mean() == pytest.approx(mix.tiers[name], abs=0.005)


def test_injected_arrivals_replace_the_drawn_ones_and_keep_what_they_say() -> None:
    injected = pd.DataFrame(
        {
            "created_at": pd.to_datetime(
                ["2026-11-02 10:00", "2026-11-01 09:00", "2026-11-02 08:00"]
            ),
            "type": ["problem", "task", "incident"],
            "priority": ["high", "low", "urgent"],
        }
    )
    found = arrivals_of(desk(days=30), injected)
    assert found.ticket_id.tolist() == [2026110100001, 2026110200001, 2026110200002]
    assert [TICKET_TYPES[kind] for kind in found.type] == ["task", "incident", "problem"]
    assert [PRIORITIES[kind] for kind in found.priority] == ["low", "urgent", "high"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"at": ["2026-11-02"]}, "need a column created_at"),
        ({"created_at": ["2027-01-01"]}, "1 injected arrivals lie outside"),
        ({"created_at": ["2026-11-02"], "type": ["bug"]}, r"column type holds \['bug'\]"),
    ],
)
def test_injected_arrivals_that_cannot_be_are_refused(
    frame: dict[str, list[str]], message: str
) -> None:
    injected = pd.DataFrame(frame)
    if "created_at" in injected:
        injected["created_at"] = pd.to_datetime(injected["created_at"])
    with pytest.raises(SourceError, match=message):
        Demand(desk(days=30), injected)


def itineraries_of(parameters: SimulatorParameters) -> list[list[tuple[int, Step, int]]]:
    """Each ticket's steps as group, step and seconds."""
    planner = Planner(parameters)
    found = []
    for arrivals, draws in Demand(parameters, None).chunks():
        plan = planner.plan(arrivals, draws)
        steps = [
            (code // STEPS, Step(code % STEPS), seconds)
            for code, seconds in zip(plan.codes.tolist(), plan.seconds.tolist(), strict=True)
        ]
        found += [steps[start:end] for start, end in pairwise(plan.offsets.tolist())]
    return found


def test_an_itinerary_climbs_the_ladder_step_by_step_and_ends_with_the_timer() -> None:
    for steps in itineraries_of(desk(days=60)):
        if steps[0][1] == Step.MERGED:
            assert len(steps) == 1
            continue
        assert [step for _, step, _ in steps].count(Step.CLOSED) == 1
        assert steps[-1][1] == Step.CLOSED
        holder = 0
        for group, step, seconds in steps:
            assert group == holder, "only the group that holds a ticket works on it"
            assert seconds >= 1
            holder += {Step.ESCALATED: 1, Step.REASSIGNED: -1}.get(step, 0)
        for (_, step, _), (_, following, _) in pairwise(steps):
            asks = step in {Step.FIRST_REPLY_ASKS, Step.REPLIED_ASKS}
            assert asks == (following in {Step.CUSTOMER_REPLIED, Step.CUSTOMER_SILENT})


def test_planted_shares_are_found_in_the_itineraries() -> None:
    parameters = desk(tickets=60_000, demand={"planted_days": []})
    itineraries = [steps for steps in itineraries_of(parameters) if steps[0][1] != Step.MERGED]
    kinds = [[(group, step) for group, step, _ in steps] for steps in itineraries]
    at_tier_2 = [steps for steps in kinds if (0, Step.ESCALATED) in steps]
    solves = sum(step == Step.SOLVED for steps in kinds for _, step in steps)
    reopens = sum(step == Step.REOPENED for steps in kinds for _, step in steps)
    bounced = sum((1, Step.REASSIGNED) in steps for steps in at_tier_2)
    skipped = sum(
        not {Step.FIRST_REPLY, Step.FIRST_REPLY_ASKS} & {step for _, step in steps}
        for steps in kinds
    )
    assert len(at_tier_2) / len(kinds) == pytest.approx(
        parameters.tier_1.escalation_share, rel=0.03
    )
    assert bounced / len(at_tier_2) == pytest.approx(parameters.tier_2.ping_pong_share, rel=0.1)
    assert skipped / len(kinds) == pytest.approx(
        parameters.flow.skipped_first_reply_share, rel=0.03
    )
    # Every solve may be reopened but a ticket's last: two reopens are the most.
    assert reopens / solves == pytest.approx(parameters.flow.reopen_share, rel=0.1)


def test_handling_takes_as_long_on_average_as_its_parameter_says() -> None:
    one = dict.fromkeys(TICKET_TYPES, 1.0)
    parameters = desk(tickets=60_000, mix={"handle_by_type": one})
    seconds = defaultdict(list)
    for steps in itineraries_of(parameters):
        for group, step, length in steps:
            seconds[group, step].append(length)
    minutes = parameters.tier_1.handle_minutes
    assert np.mean(seconds[0, Step.SOLVED]) / 60 == pytest.approx(minutes.solve, rel=0.02)
    assert np.mean(seconds[0, Step.FIRST_REPLY]) / 60 == pytest.approx(
        minutes.first_reply, rel=0.02
    )


def test_escalation_odds_average_to_the_share_and_never_pass_the_cap() -> None:
    for share in (0.05, 0.5, 0.9):
        parameters = desk(tier_1={"escalation_share": share})
        probabilities = escalation_probabilities(parameters)[0]
        assert probabilities.max() <= 0.95
        rates = [
            probabilities[arrivals.type, arrivals.priority].mean()
            for arrivals, _ in Demand(desk(demand={"planted_days": []}), None).chunks()
        ]
        assert np.mean(rates) == pytest.approx(share, rel=0.02)


def test_staff_that_changes_leaves_the_tickets_and_their_needs_as_they_were() -> None:
    few, many = desk(days=30), desk(days=30, tier_2={"agents": 9, "agents_from": {"2026-11-01": 2}})
    assert itineraries_of(few) == itineraries_of(many)


def shifts_by_agent(roster: Roster) -> dict[int, list[tuple[int, int]]]:
    found = defaultdict(list)
    for shift in roster.shifts():
        found[shift.agent].append((shift.start, shift.end))
    return found


def test_shifts_lie_in_the_opening_hours_and_never_overlap() -> None:
    parameters = desk(tickets=50_000)
    roster = Roster(parameters)
    zone = ZoneInfo(parameters.time_zone)
    starts = [shift.start for shift in roster.shifts()]
    assert starts == sorted(starts)
    for agent, shifts in shifts_by_agent(roster).items():
        group = parameters.groups[roster.agents[agent].group]
        hours = {day: h for h in group.schedule for day in h.days}
        for (_, ended), (begins, _) in pairwise(shifts):
            assert ended <= begins
        for begins, ends in shifts[1:]:  # the first may be cut by the beginning of the period
            opened, closed = (datetime.fromtimestamp(t, zone) for t in (begins, ends))
            own = hours[opened.strftime("%a")]  # type: ignore[index]
            assert opened.hour * 60 + opened.minute >= own.opens_minute
            assert closed.hour * 60 + closed.minute <= own.closes_minute
            assert not (group.closed_on_holidays and opened.date() in holidays_of(opened.year))


def test_a_year_of_shifts_holds_the_days_that_shrinkage_leaves() -> None:
    parameters = desk(tickets=50_000)
    roster = Roster(parameters)
    days: dict[int, int] = defaultdict(int)
    for shift in roster.shifts():
        days[roster.agents[shift.agent].group] += 1
    business_days = int(
        np.busday_count(
            AS_OF.date() - timedelta(days=365), AS_OF.date(), holidays=sorted(holidays_of(2026))
        )
    )
    for index, group in ((1, parameters.tier_2), (2, parameters.engineering)):
        present = (1 - group.leave_share) * (1 - group.sick_share)
        expected = group.agents * present * business_days
        assert days[index] == pytest.approx(expected, rel=0.02)
    five_days_a_week = 365 / 7 * 5 * 13 * 0.95 * 0.97
    assert days[0] == pytest.approx(five_days_a_week, rel=0.04)  # fewer on holidays


def test_a_part_of_a_full_time_equivalent_works_a_part_of_the_days() -> None:
    parameters = desk(tickets=50_000, tier_2={"agents": 1.25, "attrition_per_year": 0})
    roster = Roster(parameters)
    counts = [
        len(own)
        for agent, own in sorted(shifts_by_agent(roster).items())
        if roster.agents[agent].group == 1
    ]
    assert len(counts) == 2
    assert counts[1] / counts[0] == pytest.approx(0.25, abs=0.05)
    assert [agent.fte for agent in roster.agents if agent.group == 1] == [1.0, 0.25]


def test_staff_changes_from_the_day_that_was_given() -> None:
    parameters = desk(tickets=50_000, tier_2={"agents_from": {"2026-06-01": 8, "2026-09-01": 2}})
    per_month: dict[int, set[int]] = defaultdict(set)
    roster = Roster(parameters)
    for shift in roster.shifts():
        if roster.agents[shift.agent].group == 1:
            per_month[shift.month % 12 + 1].add(shift.agent)
    assert [len(per_month[month]) for month in (3, 7, 10)] == [4, 8, 2]
    tier_2 = [agent for agent in roster.agents if agent.group == 1]
    assert sum(agent.left is None for agent in tier_2) == 2
    assert {agent.left for agent in tier_2 if agent.left} == {date(2026, 9, 1)}


def test_a_successor_takes_over_the_seat_on_the_day_the_agent_leaves() -> None:
    roster = Roster(desk(tickets=200_000, tier_1={"attrition_per_year": 1.0}))
    seats = defaultdict(list)
    for agent in roster.agents:
        seats[agent.agent_id // 100].append(agent)
    changes = [(a, b) for agents in seats.values() for a, b in pairwise(agents)]
    assert len(changes) > 20
    assert all(before.left == after.joined for before, after in changes)


def test_paces_average_to_one() -> None:
    for group in range(3):
        paces = [a.pace for a in Roster(desk(tickets=200_000)).agents if a.group == group]
        assert np.mean(paces) == pytest.approx(1.0, abs=0.04)
