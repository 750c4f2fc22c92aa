"""When tickets arrive and what they are: Poisson processes whose rates belong to the calendar.

Belongs here: the rate of arrivals per hour, the days planted on top of it, and the attributes of
each ticket. Two processes are superposed: people write in the desk's waking hours, and monitoring
opens incidents at any hour; on a planted day a third one is added.
Does not belong here: what a ticket needs (itinerary) and how long it waits (engine).

Each UTC day draws from its own random stream, keyed by seed and date. The rate of a day depends on
its date and never on the as-of instant. Both together keep the days that two runs have in common.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar

from ops_tower.sources.contract import PRIORITIES, TICKET_TYPES
from ops_tower.sources.simulator.parameters import (
    DemandParameters,
    PlantedDay,
    SimulatorParameters,
)

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

SECONDS_PER_DAY: Final = 86_400
SECONDS_PER_HOUR: Final = 3_600
CHANNELS: Final = ("email", "web", "chat", "api", "phone")
TIERS: Final = ("enterprise", "business", "starter")

OUTAGE_HOURS: Final = (10, 16)  # local: an outage that people notice falls into their working day
CAMPAIGN_HOURS: Final = (9, 19)
ORGANIZATION_SKEW: Final = 0.6  # the k-th customer of a tier writes in proportion to k ** -0.6
RATE_YEAR: Final = date(2026, 1, 1)  # the year over which the rates are scaled to `tickets`
TICKETS_PER_DAY_LIMIT: Final = 100_000  # room for a day's tickets in the numbering yyyymmddnnnnn
CHUNK_TICKETS: Final = 25_000

ATTRIBUTE_DRAWS: Final = 6
FATE_DRAWS: Final = 28
WORK_DRAWS: Final = 24
DELAY_DRAWS: Final = 12
OUTCOME_DRAWS: Final = 11


class Stream(IntEnum):
    """Second word of every random key, so that no two purposes share a stream."""

    ARRIVALS = 0
    PLANTED_DAYS = 1
    AGENTS = 2
    SICKNESS = 3
    OUTCOMES = 4
    CHURN = 5


def random_stream(seed: int, stream: Stream, *key: int) -> np.random.Generator:
    """A random stream of its own for each seed, purpose and key (a day, an agent's desk)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream, *key])))


def unix_seconds(instant: datetime) -> int:
    """Whole seconds since 1970 of a naive UTC instant."""
    return int(instant.replace(tzinfo=UTC).timestamp())


def day_number(day: date) -> int:
    """Days since 1970, the key under which a day draws its randoms."""
    return (day - date(1970, 1, 1)).days


@lru_cache(maxsize=128)
def holidays_of(year: int) -> frozenset[date]:
    """US federal holidays of one year, on the days on which they are observed."""
    days = USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31")  # type: ignore[no-untyped-call]
    return frozenset(day.date() for day in days)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Tickets in order of creation, an entry per ticket in every array.

    Type, priority, channel, tier and topic are indices into their vocabularies; `customer` is a
    place in the desk's list of customers; `wording` picks a subject. `outcome_draw` holds the
    uniforms for what comes of the ticket in the end.
    """

    ticket_id: Ints
    created: Ints
    type: Codes
    priority: Codes
    channel: Codes
    tier: Codes
    customer: Ints
    topic: Codes
    wording: Floats
    is_outage: npt.NDArray[np.bool_]
    outcome_draw: Floats

    def __len__(self) -> int:
        return len(self.created)


@dataclass(frozen=True, slots=True)
class Draws:
    """What chance has in store for each ticket's itinerary, an entry per ticket in every array."""

    fate: Floats
    """Uniforms: which way it goes."""
    work: Floats
    """Standard normals, or standard exponentials if work is exponential."""
    delay: Floats
    """Standard normals."""


Chunk = TypeVar("Chunk", Arrivals, Draws)


def concatenate(parts: list[Chunk]) -> Chunk:
    """Several consecutive parts as one."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(kind)))


def _only(part: Chunk, is_kept: npt.NDArray[np.bool_]) -> Chunk:
    return type(part)(*(getattr(part, f.name)[is_kept] for f in fields(part)))


def hourly_rates(first: date, days: int, demand: DemandParameters, time_zone: str) -> Floats:
    """Relative rate of arrivals in each UTC hour, shape (2, days, 24): people, then machines.

    The two add up to about 1 in the mean hour of a year; season, growth and holidays move them.
    """
    hours = pd.date_range(first, periods=days * 24, freq="h", tz="UTC")
    local = hours.tz_convert(time_zone)
    weekday, clock = np.array(demand.weekday_factors), np.array(demand.hour_factors)
    people = (weekday / weekday.mean())[local.weekday] * (clock / clock.mean())[local.hour]
    holidays = np.array([day for year in {*local.year} for day in holidays_of(year)], "M8[D]")
    is_holiday = np.isin(local.tz_localize(None).to_numpy().astype("M8[D]"), holidays)
    people = np.where(is_holiday, demand.holiday_factor, 1.0) * people
    middles = (np.arange(12) + 0.5) * 365.25 / 12
    season = np.interp(local.dayofyear, middles, demand.month_factors, period=365.25)
    years = (hours - pd.Timestamp("2026-07-01", tz="UTC")) / pd.Timedelta(days=365.25)
    level = season * (1.0 + demand.growth_per_year) ** np.asarray(years)
    share = demand.machine_share
    rates = np.stack([(1.0 - share) * people * level, share * level])
    return rates.reshape(2, days, 24)


def planted_days(first: date, last: date, seed: int, demand: DemandParameters) -> list[PlantedDay]:
    """The outage and campaign days from first to last, in order.

    Unless they are given, each calendar quarter draws its own among its working days, so that
    they stay where they are when the period moves.
    """
    if demand.planted_days is not None:
        days = list(demand.planted_days)
    else:
        quarters = range(_quarter(first), _quarter(last) + 1)
        days = [day for quarter in quarters for day in _days_of_quarter(quarter, seed, demand)]
    return sorted((p for p in days if first <= p.day <= last), key=lambda p: p.day)


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _days_of_quarter(quarter: int, seed: int, demand: DemandParameters) -> list[PlantedDay]:
    year, index = divmod(quarter, 4)
    month = np.datetime64(f"{year}-{index * 3 + 1:02d}")
    days = np.arange(month.astype("M8[D]"), (month + 3).astype("M8[D]"))
    days = days[np.is_busday(days, holidays=sorted(holidays_of(year)))]
    outages, campaigns = demand.outage_days_per_quarter, demand.campaign_days_per_quarter
    random = random_stream(seed, Stream.PLANTED_DAYS, quarter)
    chosen = random.choice(days, outages + campaigns, replace=False).tolist()
    return [
        PlantedDay(day=d, kind="outage", factor=demand.outage_factor) for d in chosen[:outages]
    ] + [
        PlantedDay(day=d, kind="campaign", factor=demand.campaign_factor) for d in chosen[outages:]
    ]


def tickets_per_hour(parameters: SimulatorParameters) -> float:
    """The factor from relative to absolute rates: so many tickets per hour for a rate of 1.

    It makes the rates of one fixed year, planted days included, sum to `parameters.tickets`.
    """
    demand = parameters.demand
    total = float(hourly_rates(RATE_YEAR, 365, demand, parameters.time_zone).sum())
    if demand.planted_days is None:
        per_quarter = demand.outage_days_per_quarter * (demand.outage_factor - 1.0)
        per_quarter += demand.campaign_days_per_quarter * (demand.campaign_factor - 1.0)
        workdays = np.array(demand.weekday_factors[:5]).mean() / np.mean(demand.weekday_factors)
        people = 1.0 - demand.machine_share
        total += 4.0 * per_quarter * 24.0 * (people * float(workdays) + demand.machine_share)
    return parameters.tickets / total


def priority_shares(parameters: SimulatorParameters) -> Floats:
    """Share of each priority, shape (outage or not, types, tiers, priorities)."""
    mix = parameters.mix
    shares = np.empty((2, len(TICKET_TYPES), len(TIERS), len(PRIORITIES)))
    for kind, ticket_type in enumerate(TICKET_TYPES):
        base = mix.priorities.get(ticket_type, {"normal": 1.0})
        odds = np.array([base.get(priority, 0.0) for priority in PRIORITIES])
        for tier, tier_name in enumerate(TIERS):
            for is_outage, outage_urgency in enumerate((1.0, parameters.demand.outage_urgency)):
                urgency = mix.tier_urgency[tier_name] * outage_urgency
                weighed = odds * np.array([1.0, 1.0, urgency, urgency])
                shares[is_outage, kind, tier] = weighed / weighed.sum()
    return shares


def mix_weights(parameters: SimulatorParameters) -> Floats:
    """Expected share of tickets on ordinary days, shape (types, priorities)."""
    mix, machine = parameters.mix, parameters.demand.machine_share
    types = np.array([mix.types.get(t, 0.0) for t in TICKET_TYPES]) * (1.0 - machine)
    types[TICKET_TYPES.index("incident")] += machine
    tiers = np.array([mix.tiers.get(t, 0.0) for t in TIERS])
    return np.einsum("k,t,ktp->kp", types, tiers, priority_shares(parameters)[0])


class Demand:
    """Draws the desk's tickets day by day, or dresses injected ones with what they lack."""

    def __init__(self, parameters: SimulatorParameters, injected: pd.DataFrame | None) -> None:
        self._parameters = parameters
        self._until = unix_seconds(parameters.as_of)
        self._from = self._until - parameters.days * SECONDS_PER_DAY
        first = (parameters.as_of - timedelta(days=parameters.days)).date()
        self._days = (parameters.as_of.date() - first).days + 1
        self._first = first
        last = parameters.as_of.date()
        self.planted = planted_days(first, last, parameters.seed, parameters.demand)
        self._planted_by_day = {planted.day: planted for planted in self.planted}
        self._injected = None if injected is None else _by_day(injected, self._from, self._until)
        self._tables = _AttributeTables(parameters)
        rates = hourly_rates(first, self._days, parameters.demand, parameters.time_zone)
        self._rates = rates * tickets_per_hour(parameters)

    @property
    def customers(self) -> tuple[int, int, int]:
        """Places in the list of customers, by tier."""
        return self._tables.customers

    def chunks(self) -> Iterator[tuple[Arrivals, Draws]]:
        """Yield the tickets of the whole period in order of creation, many days at a time."""
        waiting: list[tuple[Arrivals, Draws]] = []
        size = 0
        for index in range(self._days):
            waiting.append(self._day(index))
            size += len(waiting[-1][0])
            if size >= CHUNK_TICKETS or index == self._days - 1:
                arrivals, draws = zip(*waiting, strict=True)
                yield concatenate([*arrivals]), concatenate([*draws])
                waiting, size = [], 0

    def _day(self, index: int) -> tuple[Arrivals, Draws]:
        day = self._first + timedelta(days=index)
        random = random_stream(self._parameters.seed, Stream.ARRIVALS, day_number(day))
        given: dict[str, Codes] = {}
        if self._injected is None:
            created, origin = self._draw_times(day, self._rates[:, index], random)
        else:
            created, given = self._injected.get(day, (np.empty(0, np.int64), {}))
            origin = np.full(len(created), _PEOPLE, np.uint8)
        size = len(created)
        if size >= TICKETS_PER_DAY_LIMIT:
            raise ValueError(f"{size} tickets on {day}: at most {TICKETS_PER_DAY_LIMIT - 1} a day")
        drawn = self._tables.draw(_evenly_spread(random, size, ATTRIBUTE_DRAWS), origin)
        number = (day.year * 10_000 + day.month * 100 + day.day) * TICKETS_PER_DAY_LIMIT
        arrivals = Arrivals(
            ticket_id=number + 1 + np.arange(size),
            created=created,
            is_outage=origin == _OUTAGE,
            outcome_draw=random.random((size, OUTCOME_DRAWS)),
            **(drawn | given),
        )
        is_exponential = self._parameters.flow.handle_distribution == "exponential"
        draw_work = random.standard_exponential if is_exponential else random.standard_normal
        draws = Draws(
            fate=_evenly_spread(random, size, FATE_DRAWS),
            work=draw_work((size, WORK_DRAWS)),
            delay=random.standard_normal((size, DELAY_DRAWS)),
        )
        is_inside = (created >= self._from) & (created < self._until)
        return _only(arrivals, is_inside), _only(draws, is_inside)

    def _draw_times(
        self, day: date, rates: Floats, random: np.random.Generator
    ) -> tuple[Ints, Codes]:
        demand = self._parameters.demand
        noise = demand.day_noise
        own = np.exp(noise * random.standard_normal() - noise * noise / 2.0)
        counts = random.poisson(rates * np.array([[own], [1.0]]))
        hours = np.tile(np.arange(24), 2)
        starts = np.repeat(hours, counts.ravel()) * SECONDS_PER_HOUR
        times = starts + random.integers(0, SECONDS_PER_HOUR, len(starts))
        origin = np.repeat(np.array([_PEOPLE, _MACHINE], np.uint8), counts.sum(axis=1))
        planted = self._planted_by_day.get(day)
        if planted is not None:
            extra = random.poisson((planted.factor - 1.0) * rates.sum())
            opens, closes = OUTAGE_HOURS if planted.kind == "outage" else CAMPAIGN_HOURS
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            offset = pd.Timestamp(noon).tz_convert(self._parameters.time_zone).utcoffset()
            window = np.array([opens, closes]) * SECONDS_PER_HOUR - int(offset.total_seconds())
            window = np.clip(window, 0, SECONDS_PER_DAY)
            times = np.concatenate([times, random.integers(*window, extra)])
            kind = _OUTAGE if planted.kind == "outage" else _CAMPAIGN
            origin = np.concatenate([origin, np.full(extra, kind, np.uint8)])
        order = np.argsort(times, kind="stable")
        return day_number(day) * SECONDS_PER_DAY + times[order], origin[order]


_PEOPLE, _MACHINE, _OUTAGE, _CAMPAIGN = range(4)


class _AttributeTables:
    """Cumulative shares, looked up with one uniform per attribute."""

    def __init__(self, parameters: SimulatorParameters) -> None:
        mix = parameters.mix
        self._types = np.cumsum([mix.types.get(t, 0.0) for t in TICKET_TYPES])
        self._tiers = np.cumsum([mix.tiers.get(t, 0.0) for t in TIERS])
        self._priorities = np.cumsum(priority_shares(parameters), axis=-1)
        self._channels = np.cumsum(
            [
                [mix.channels.get(t, {"web": 1.0}).get(c, 0.0) for c in CHANNELS]
                for t in TICKET_TYPES
            ],
            axis=-1,
        )
        self._topics = len(parameters.topics)
        sizes = [max(1, round(mix.organizations[t] * parameters.scale)) for t in TIERS]
        self.customers = (sizes[0], sizes[1], sizes[2])
        self._activity = [
            _cumulative_shares(np.arange(1, n + 1) ** -ORGANIZATION_SKEW) for n in sizes
        ]
        self._offsets = np.cumsum([0, *sizes])

    def draw(self, uniform: Floats, origin: Codes) -> dict[str, Any]:
        """Attributes of tickets by name, from uniforms of shape (tickets, ATTRIBUTE_DRAWS)."""
        incident, question = TICKET_TYPES.index("incident"), TICKET_TYPES.index("question")
        kind = _pick(self._types, uniform[:, 0])
        kind[(origin == _MACHINE) | (origin == _OUTAGE)] = incident
        kind[origin == _CAMPAIGN] = question
        tier = _pick(self._tiers, uniform[:, 1])
        is_outage = (origin == _OUTAGE).astype(np.intp)
        priority = _pick_rows(self._priorities[is_outage, kind, tier], uniform[:, 2])
        channel = _pick_rows(self._channels[kind], uniform[:, 3])
        channel[origin == _MACHINE] = CHANNELS.index("api")
        customer = np.empty(len(kind), np.int64)
        for index, shares in enumerate(self._activity):
            is_tier = tier == index
            customer[is_tier] = self._offsets[index] + _pick(shares, uniform[is_tier, 4])
        wording, topic = np.modf(uniform[:, 5] * self._topics)
        return {
            "type": kind,
            "priority": priority,
            "channel": channel,
            "tier": tier,
            "customer": customer,
            "topic": topic.astype(np.uint8),
            "wording": wording,
        }


def _evenly_spread(random: np.random.Generator, size: int, columns: int) -> Floats:
    """Uniforms of shape (size, columns) in which each column covers 0 to 1 in even steps.

    Latin hypercube sampling: each ticket by itself is as random as ever, but a day of a hundred
    tickets holds its share of every type, instead of that share give or take a fifth. A desk of
    four specialists would otherwise be overworked in one seed and idle in the next.

    Source: McKay, Beckman and Conover, A comparison of three methods for selecting values of input
    variables, Technometrics 21 (1979).
    """
    strata = random.permuted(np.tile(np.arange(size)[:, None], columns), axis=0)
    return (strata + random.random((size, columns))) / max(size, 1)


def _cumulative_shares(weights: Floats) -> Floats:
    cumulative = np.cumsum(weights)
    return np.asarray(cumulative / cumulative[-1])


def _pick(cumulative: Floats, uniform: Floats) -> npt.NDArray[Any]:
    index = np.searchsorted(cumulative[:-1], uniform, side="right")
    return index.astype(np.uint8) if len(cumulative) < 256 else index  # noqa: PLR2004


def _pick_rows(cumulative: Floats, uniform: Floats) -> Codes:
    return (uniform[:, None] >= cumulative[:, :-1]).sum(axis=1).astype(np.uint8)


def _by_day(
    injected: pd.DataFrame, start: int, end: int
) -> dict[date, tuple[Ints, dict[str, Codes]]]:
    """Injected arrivals by UTC day: creation seconds, and the attributes that were given."""
    if "created_at" not in injected:
        raise ValueError("injected arrivals need a column created_at (naive UTC timestamps)")
    frame = injected.sort_values("created_at", kind="stable", ignore_index=True)
    created = frame["created_at"].to_numpy("M8[s]").astype(np.int64)
    outside = int(((created < start) | (created >= end)).sum())
    if outside:
        raise ValueError(f"{outside} injected arrivals lie outside the simulated period")
    vocabularies = {
        "type": TICKET_TYPES,
        "priority": PRIORITIES,
        "channel": CHANNELS,
        "organization_tier": TIERS,
    }
    given: dict[str, Codes] = {}
    for column, words in vocabularies.items():
        if column in frame:
            codes = pd.Categorical(frame[column], categories=words).codes
            if (codes < 0).any():
                bad = sorted({*frame[column].astype(str)} - {*words})
                raise ValueError(f"injected column {column} holds {bad}; it may hold {words}")
            given["tier" if column == "organization_tier" else column] = codes.astype(np.uint8)
    days, starts = np.unique(created // SECONDS_PER_DAY, return_index=True)
    bounds = [*starts.tolist(), len(created)]
    return {
        date(1970, 1, 1) + timedelta(days=int(day)): (
            created[low:high],
            {name: codes[low:high] for name, codes in given.items()},
        )
        for day, low, high in zip(days.tolist(), bounds, bounds[1:], strict=False)
    }
