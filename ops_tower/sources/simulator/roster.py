"""Who works when: seats that agents fill, their shifts, leave, sickness, comings and goings.

Belongs here: the plan of shifts, in UTC seconds, and the list of agents.
Does not belong here: what agents do in a shift (engine).

A group has seats, each with a shift pattern; an agent fills a seat until leaving, and a successor
takes over on the same day. Shift starts spread over the opening hours, and leave and sickness over
the year, by low-discrepancy sequences, so that any number of agents covers the day evenly and loses
the share of days that its parameters say. Chance has a hand in who is sick when, in who leaves when
and in what each agent masters. A part of a full-time equivalent works whole shifts on part of the
days.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ops_tower.sources.simulator.group_parameters import GroupParameters, OpenHours
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.rates import (
    DAYS_PER_YEAR,
    SECONDS_PER_DAY,
    day_number,
    holidays_of,
    unix_seconds,
)
from ops_tower.sources.simulator.streams import Stream, random_stream
from ops_tower.sources.simulator.texts import agent_name
from ops_tower.sources.simulator.vocabulary import WEEKDAYS

FOUNDED: Final = date(2016, 3, 1)  # careers at each seat are drawn from here on
CUSTOMARY_START_HOUR: Final = 9
SHIFT_GRID_MINUTES: Final = 15
SHORTEST_TENURE_DAYS: Final = 90
LONGEST_CAREER_YEARS: Final = 200
SELDOM: Final = 1e-3  # departures per year that stand for none
WORKDAYS: Final = 5

# Multiples of these irrationals, modulo 1, fill the unit interval evenly and never fall into step
# with the days of the week.
SPREAD_SEATS: Final = 0.618_033_988_749_895
SPREAD_DAYS: Final = 0.414_213_562_373_095
SPREAD_WEEKS: Final = 0.732_050_807_568_877
SPREAD_LEAVE: Final = 0.236_067_977_499_790
SPREAD_SICKNESS: Final = 0.645_751_311_064_591


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One agent: identity, abilities, and the days from joining to leaving (None: still there)."""

    agent_id: int
    name: str
    group: int
    time_zone: str
    fte: float
    joined: date
    left: date | None
    pace: tuple[float, ...]
    """Factor on handling time by topic; 1 is the mean pace."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One agent's presence, in seconds since 1970, and the break that falls due in it."""

    start: int
    end: int
    agent: int
    """Index into the roster's agents."""
    break_at: int
    break_seconds: int
    month: int
    """Of the local day: year x 12 + month - 1."""


class Roster:
    """The shifts of a period, and the agents who may work them."""

    def __init__(self, parameters: SimulatorParameters) -> None:
        """Fill the seats of every group for the whole period."""
        self._zone = ZoneInfo(parameters.time_zone)
        self._groups = parameters.groups
        self.end = unix_seconds(parameters.as_of)
        self.start = self.end - parameters.days * SECONDS_PER_DAY
        # A day earlier: west of Greenwich the period opens in the evening of the day before.
        self._first = (parameters.as_of - timedelta(days=parameters.days + 1)).date()
        self._last = parameters.as_of.date()
        self.agents: list[AgentRecord] = []
        self._seats: list[_SeatPlan] = []
        for index in range(len(self._groups)):
            plan = _SeatPlan(index, parameters, self._first, self._last, len(self.agents))
            self._seats.append(plan)
            self.agents.extend(plan.agents)

    def longest_work(self, group: int) -> int:
        """Seconds that fit into every full shift of a group: the limit of one piece of work."""
        parameters = self._groups[group]
        shifts = [_shift_minutes(parameters, hours) for hours in parameters.schedule]
        return max(1, int(60 * min(parameters.longest_sitting_minutes, *shifts)))

    def shifts(self) -> Iterator[Shift]:
        """Yield the shifts that overlap the period, by their start; earlier starts are cut off."""
        for offset in range((self._last - self._first).days + 1):
            day = self._first + timedelta(days=offset)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=self._zone)
            midnight = (
                unix_seconds(noon.astimezone(UTC).replace(tzinfo=None)) - SECONDS_PER_DAY // 2
            )
            shifts = [shift for seats in self._seats for shift in seats.shifts(day, midnight)]
            for shift in sorted(shifts, key=lambda shift: shift.start):
                if shift.start >= self.start:
                    yield shift
                elif shift.end > self.start:
                    yield replace(shift, start=self.start, break_at=max(shift.break_at, self.start))


class _SeatPlan:
    """The seats of one group: who sits there, and which of them are taken on a day."""

    def __init__(
        self,
        index: int,
        parameters: SimulatorParameters,
        first: date,
        last: date,
        agents_before: int,
    ) -> None:
        self._index = index
        self._parameters = parameters
        self._group = parameters.groups[index]
        self._hours = {day: hours for hours in self._group.schedule for day in hours.days}
        self._count = math.ceil(self._group.staff(parameters.scale) - 1e-9)
        seats = np.arange(self._count)
        self._spread = seats * SPREAD_SEATS
        random = random_stream(parameters.seed, Stream.SICKNESS, index)
        self._sick_phase = random.random(self._count)
        self._starts = [_even_position(seat) for seat in range(self._count)]
        self.agents: list[AgentRecord] = []
        self._careers: list[list[tuple[date, int]]] = []
        for seat in range(self._count):
            careers = []
            for agent in self._seat_agents(seat, first, last):
                careers.append((agent.joined, agents_before + len(self.agents)))
                self.agents.append(agent)
            self._careers.append(careers)

    def shifts(self, day: date, midnight: int) -> Iterator[Shift]:
        """Yield one group's shifts on a local day; midnight is that day's start in UTC seconds."""
        group, hours = self._group, self._hours.get(WEEKDAYS[day.weekday()])
        if hours is None or (group.closed_on_holidays and day in holidays_of(day.year)):
            return
        minutes = _shift_minutes(group, hours)
        slack = hours.closes_minute - hours.opens_minute - minutes
        break_seconds = round(group.offline_share * minutes * 60)
        for seat in np.flatnonzero(self._on_duty(day)).tolist():
            agent = self._agent_at(seat, day)
            if agent is None:
                continue
            late = round(self._starts[seat] * slack / SHIFT_GRID_MINUTES) * SHIFT_GRID_MINUTES
            start = midnight + (hours.opens_minute + min(late, slack)) * 60
            break_after = (0.4 + 0.2 * (self._spread[seat] % 1.0)) * (minutes * 60 - break_seconds)
            yield Shift(
                start=start,
                end=start + minutes * 60,
                agent=agent,
                break_at=start + int(break_after),
                break_seconds=break_seconds,
                month=day.year * 12 + day.month - 1,
            )

    def _on_duty(self, day: date) -> npt.NDArray[np.bool_]:
        """Which seats are taken on an open day: contract, week pattern, leave, then sickness."""
        group, number, weekday = self._group, day_number(day), day.weekday()
        week = (number + 3) // 7  # 1970 began on a Thursday
        spread = self._spread
        fte = group.staff(self._parameters.scale, day)
        seats = np.arange(self._count)
        is_planned = (number * SPREAD_DAYS + spread) % 1.0 < np.clip(fte - seats, 0.0, 1.0)
        workday = week * WORKDAYS + weekday  # counted so, every seat loses its share of workdays
        is_planned &= (workday * SPREAD_LEAVE + spread) % 1.0 >= group.leave_share
        for weekend_day, offset in ((5, 0), (6, 2)):
            if WEEKDAYS[weekend_day] in self._hours:
                turn = (week * SPREAD_WEEKS + spread + 0.3 * offset) % 1.0
                has_turn = (1.0 - turn) <= group.weekend_share
                if weekday == weekend_day:
                    is_planned &= has_turn
                elif weekday < WORKDAYS:  # a weekend day is made up for by a day off
                    is_planned &= ~(has_turn & ((seats + week + offset) % WORKDAYS == weekday))
        if day in holidays_of(day.year):
            is_planned &= (number * SPREAD_DAYS + spread) % 1.0 < group.holiday_staffing
        is_well = (workday * SPREAD_SICKNESS + self._sick_phase) % 1.0 >= group.sick_share
        return np.asarray(is_planned & is_well)

    def _agent_at(self, seat: int, day: date) -> int | None:
        index = None
        for joined, agent in self._careers[seat]:
            if joined <= day:
                index = agent
        return index

    def _seat_agents(self, seat: int, first: date, last: date) -> Iterator[AgentRecord]:
        """Yield the agents of a seat who were there at some time from first to last."""
        group, parameters = self._group, self._parameters
        opened, closed = self._seat_open(seat, last)
        joined = FOUNDED
        for generation in itertools.count(1):
            # One stream per career: what comes later never changes who came before.
            random = random_stream(parameters.seed, Stream.AGENTS, self._index, seat, generation)
            years = random.standard_exponential() / max(group.attrition_per_year, SELDOM)
            years = min(years, LONGEST_CAREER_YEARS)
            left = joined + timedelta(days=SHORTEST_TENURE_DAYS + int(years * DAYS_PER_YEAR))
            gone = min(left, closed)
            if gone > max(first, opened):
                yield AgentRecord(
                    agent_id=(self._index + 1) * 1_000_000 + seat * 100 + generation,
                    name=agent_name(random),
                    group=self._index,
                    time_zone=self._time_zone(seat),
                    fte=self._fraction(seat, last),
                    joined=max(joined, opened),
                    left=gone if gone <= last else None,
                    pace=self._pace(seat, random),
                )
            if gone > last or left >= closed:
                return
            joined = left

    def _fraction(self, seat: int, day: date) -> float:
        """The part of a full-time equivalent that a seat stands for, 1 for one that is closed."""
        planned = self._group.staff(self._parameters.scale, day) - seat
        return round(planned, 4) if 0.0 < planned < 1.0 else 1.0

    def _seat_open(self, seat: int, last: date) -> tuple[date, date]:
        """From which day a seat exists, and from which day it no longer does, seen from last."""
        changes = [FOUNDED, *(day for day in sorted(self._group.agents_from) if day <= last)]
        scale = self._parameters.scale
        is_open = [self._group.staff(scale, day) > seat for day in changes]
        if not any(is_open):
            return date.max, date.max
        last_open = len(is_open) - 1 - is_open[::-1].index(True)
        closed = changes[last_open + 1] if last_open + 1 < len(changes) else date.max
        return changes[is_open.index(True)], closed

    def _pace(self, seat: int, random: np.random.Generator) -> tuple[float, ...]:
        """Factors on handling time by topic.

        Quick and slow agents sit side by side, and successors keep the pace of the seat: drawn
        freely, chance would make a group of four a tenth quicker or slower than planned.
        """
        group, topics = self._group, len(self._parameters.topics)
        distance = group.pace_spread * (0.5 + (seat // 2 * SPREAD_SEATS) % 1.0)
        own = 1.0 + (distance if seat % 2 else -distance)
        known = round(group.topics_known * topics)
        mastered = random.permutation(topics) < known
        slowdown = group.unknown_topic_slowdown
        mean = (known + (topics - known) * slowdown) / topics
        return tuple(own * (1.0 if knows else slowdown) / mean for knows in mastered.tolist())

    def _time_zone(self, seat: int) -> str:
        """The agents' zone in which a seat's shift starts nearest to nine in the morning."""
        hours = self._group.schedule[0]
        slack = hours.closes_minute - hours.opens_minute - _shift_minutes(self._group, hours)
        start_hour = (hours.opens_minute + self._starts[seat] * slack) / 60
        winter = datetime(2026, 1, 15, 12, tzinfo=ZoneInfo(self._parameters.time_zone))

        def distance(zone: str) -> float:
            shift = winter.astimezone(ZoneInfo(zone)).utcoffset() - winter.utcoffset()  # type: ignore[operator]
            return abs(start_hour + shift.total_seconds() / 3600 - CUSTOMARY_START_HOUR)

        return min(self._parameters.agent_time_zones, key=distance)


def _shift_minutes(group: GroupParameters, hours: OpenHours) -> int:
    return min(round(group.shift_hours * 60), hours.closes_minute - hours.opens_minute)


def _even_position(index: int) -> float:
    """The index-th of 0, 1, 1/2, 1/4, 3/4, 1/8, …: the ends first, then ever finer between."""
    if index <= 1:
        return float(index)
    level = (index - 1).bit_length()
    return (2 * (index - 1 - (1 << (level - 1))) + 1) / (1 << level)
