"""When tickets arrive and what they are: Poisson processes at the calendar's rates.

Belongs here: the draw of arrivals and their attributes, day by day. Two processes are superposed:
people write in the desk's waking hours, and monitoring opens incidents at any hour; on a planted
day a third one is added. Arrivals from outside take the place of all three.
Does not belong here: rates (rates), what a ticket needs (itinerary), how long it waits (engine).

Each UTC day draws from its own random stream, keyed by seed and date.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ops_tower.sources.contract import PRIORITIES, TICKET_TYPES
from ops_tower.sources.errors import SourceError
from ops_tower.sources.simulator.demand_parameters import PlantedDay
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.rates import (
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    day_number,
    hourly_rates,
    planted_days,
    tickets_per_hour,
    unix_seconds,
)
from ops_tower.sources.simulator.streams import (
    Array,
    Codes,
    Floats,
    Ints,
    Mask,
    Stream,
    evenly_spread,
    random_stream,
)
from ops_tower.sources.simulator.vocabulary import CHANNELS, TIERS

OUTAGE_HOURS: Final = (10, 16)  # local: an outage that people notice falls into their working day
CAMPAIGN_HOURS: Final = (9, 19)
ORGANIZATION_SKEW: Final = 0.6  # the k-th customer of a tier writes in proportion to k ** -0.6
TICKETS_PER_DAY_LIMIT: Final = 100_000  # room for a day's tickets in the numbering yyyymmddnnnnn
CHUNK_TICKETS: Final = 25_000

ATTRIBUTE_DRAWS: Final = 6
FATE_DRAWS: Final = 28
WORK_DRAWS: Final = 24
DELAY_DRAWS: Final = 12
OUTCOME_DRAWS: Final = 10

INJECTED: Final = (
    ("type", "type", TICKET_TYPES),
    ("priority", "priority", PRIORITIES),
    ("channel", "channel", CHANNELS),
    ("organization_tier", "tier", TIERS),
)
"""Column of an injected arrival, the attribute that it gives, and its vocabulary."""

_PEOPLE, _MACHINE, _OUTAGE, _CAMPAIGN = range(4)


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
    is_outage: Mask
    outcome_draw: Floats

    def __len__(self) -> int:
        """Count the tickets."""
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


def _only(part: Chunk, is_kept: Mask) -> Chunk:
    return type(part)(*(getattr(part, f.name)[is_kept] for f in fields(part)))


def priority_shares(parameters: SimulatorParameters) -> Floats:
    """Share of each priority, shape (ordinary or alarm, types, tiers, priorities)."""
    mix = parameters.mix
    odds = np.array([[mix.priorities[t][p] for p in PRIORITIES] for t in TICKET_TYPES])
    by_tier = np.array([mix.tier_urgency[tier] for tier in TIERS])
    urgency = np.outer([1.0, parameters.demand.alarm_urgency], by_tier)[:, None, :, None]
    is_pressing = np.isin(PRIORITIES, ("high", "urgent"))
    shares = odds[None, :, None, :] * np.where(is_pressing, urgency, 1.0)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), np.float64)


def mix_weights(parameters: SimulatorParameters) -> Floats:
    """Expected share of tickets on ordinary days, shape (types, priorities)."""
    mix, machine = parameters.mix, parameters.demand.machine_share
    types = np.array([mix.types[t] for t in TICKET_TYPES])
    alarms = np.array(TICKET_TYPES) == "incident"
    origins = np.stack([types * (1.0 - machine), alarms * machine])
    tiers = np.array([mix.tiers[t] for t in TIERS])
    weights = np.einsum("ok,t,oktp->kp", origins, tiers, priority_shares(parameters))
    return np.asarray(weights, np.float64)


class Demand:
    """Draws the desk's tickets day by day, or dresses injected ones with what they lack."""

    def __init__(self, parameters: SimulatorParameters, injected: pd.DataFrame | None) -> None:
        """Work out the rates of the period, or sort the injected arrivals by day."""
        self._parameters = parameters
        self._until = unix_seconds(parameters.as_of)
        self._from = self._until - parameters.days * SECONDS_PER_DAY
        first, last = parameters.first_day, parameters.as_of.date()
        self._first, self._days = first, (last - first).days + 1
        days = planted_days(first, last, parameters.seed, parameters.demand)
        self._planted_by_day = {planted.day: planted for planted in days}
        self.planted = [planted for planted in days if self._is_seen(planted)]
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
            raise SourceError(f"{size} tickets on {day}: at most {TICKETS_PER_DAY_LIMIT - 1} a day")
        uniform = evenly_spread(random, size, ATTRIBUTE_DRAWS)
        number = (day.year * 10_000 + day.month * 100 + day.day) * TICKETS_PER_DAY_LIMIT
        arrivals = Arrivals(
            ticket_id=number + 1 + np.arange(size),
            created=created,
            is_outage=origin == _OUTAGE,
            outcome_draw=random.random((size, OUTCOME_DRAWS)),
            **self._tables.draw(uniform, origin, given),
        )
        is_exponential = self._parameters.flow.handle_distribution == "exponential"
        draw_work = random.standard_exponential if is_exponential else random.standard_normal
        draws = Draws(
            fate=evenly_spread(random, size, FATE_DRAWS),
            work=draw_work((size, WORK_DRAWS)),
            delay=random.standard_normal((size, DELAY_DRAWS)),
        )
        is_inside = (created >= self._from) & (created < self._until)
        return _only(arrivals, is_inside), _only(draws, is_inside)

    def _draw_times(
        self, day: date, rates: Floats, random: np.random.Generator
    ) -> tuple[Ints, Codes]:
        """Instants and origins of a day's tickets, from rates of shape (2, 24)."""
        noise = self._parameters.demand.day_noise
        own = np.exp(noise * random.standard_normal() - noise * noise / 2.0)
        counts = random.poisson(rates * np.array([[own], [1.0]]))
        hours = np.repeat(np.tile(np.arange(24), 2), counts.ravel())
        times = hours * SECONDS_PER_HOUR + random.integers(0, SECONDS_PER_HOUR, len(hours))
        origin = np.repeat(np.array([_PEOPLE, _MACHINE], np.uint8), counts.sum(axis=1))
        planted = self._planted_by_day.get(day)
        if planted is not None:
            extra = random.poisson((planted.factor - 1.0) * rates.sum())
            kind, window = self._planted_window(planted)
            times = np.concatenate([times, random.integers(*window, extra)])
            origin = np.concatenate([origin, np.full(extra, kind, np.uint8)])
        order = np.argsort(times, kind="stable")
        return day_number(day) * SECONDS_PER_DAY + times[order], origin[order]

    def _is_seen(self, planted: PlantedDay) -> bool:
        """Whether any of a planted day's extra tickets can fall into the period."""
        _, (opens, closes) = self._planted_window(planted)
        midnight = day_number(planted.day) * SECONDS_PER_DAY
        return midnight + opens < self._until and midnight + closes > self._from

    def _planted_window(self, planted: PlantedDay) -> tuple[int, tuple[int, int]]:
        """Origin of a planted day's extra tickets, and the seconds of the day they fall into."""
        noon = datetime.combine(planted.day, time(12), UTC)
        offset = noon.astimezone(ZoneInfo(self._parameters.time_zone)).utcoffset() or timedelta()
        is_outage = planted.kind == "outage"
        opens, closes = (
            min(max(hour * SECONDS_PER_HOUR - int(offset.total_seconds()), 0), SECONDS_PER_DAY)
            for hour in (OUTAGE_HOURS if is_outage else CAMPAIGN_HOURS)
        )
        kind = _OUTAGE if is_outage else _CAMPAIGN
        return (kind, (opens, closes)) if opens < closes else (kind, (0, SECONDS_PER_DAY))


class _AttributeTables:
    """Cumulative shares, looked up with one uniform per attribute."""

    def __init__(self, parameters: SimulatorParameters) -> None:
        mix = parameters.mix
        self._types = np.cumsum([mix.types[t] for t in TICKET_TYPES])
        self._tiers = np.cumsum([mix.tiers[t] for t in TIERS])
        self._priorities = np.cumsum(priority_shares(parameters), axis=-1)
        channels = [[mix.channels[t][c] for c in CHANNELS] for t in TICKET_TYPES]
        self._channels = np.cumsum(channels, axis=-1)
        self._topics = len(parameters.topics)
        enterprise, business, starter = (
            max(1, round(mix.organizations[tier] * parameters.scale)) for tier in TIERS
        )
        self.customers = (enterprise, business, starter)
        self._offsets = np.cumsum([0, *self.customers])
        activity = [np.arange(1, n + 1) ** -ORGANIZATION_SKEW for n in self.customers]
        self._activity = [np.cumsum(weights) / weights.sum() for weights in activity]

    def draw(self, uniform: Floats, origin: Codes, given: dict[str, Codes]) -> dict[str, Array]:
        """Attributes of tickets by name, from uniforms of shape (tickets, ATTRIBUTE_DRAWS).

        What is given stays; what depends on it, such as a priority on its type, is drawn to fit.
        """
        kind = _pick(self._types, uniform[:, 0])
        is_alarm = (origin == _MACHINE) | (origin == _OUTAGE)
        kind[is_alarm] = TICKET_TYPES.index("incident")
        kind[origin == _CAMPAIGN] = TICKET_TYPES.index("question")
        kind = given.get("type", kind)
        tier = given.get("tier", _pick(self._tiers, uniform[:, 1]))
        shares = self._priorities[is_alarm.astype(np.intp), kind, tier]
        priority = _pick_rows(shares, uniform[:, 2])
        channel = _pick_rows(self._channels[kind], uniform[:, 3])
        channel[origin == _MACHINE] = CHANNELS.index("api")
        customer = np.empty(len(kind), np.int64)
        for index, activity in enumerate(self._activity):
            is_tier = tier == index
            customer[is_tier] = self._offsets[index] + np.searchsorted(
                activity[:-1], uniform[is_tier, 4], side="right"
            )
        wording, topic = np.modf(uniform[:, 5] * self._topics)
        drawn: dict[str, Array] = {
            "type": kind,
            "priority": priority,
            "channel": channel,
            "tier": tier,
            "customer": customer,
            "topic": topic.astype(np.uint8),
            "wording": wording,
        }
        return drawn | given


def _pick(cumulative: Floats, uniform: Floats) -> Codes:
    return np.searchsorted(cumulative[:-1], uniform, side="right").astype(np.uint8)


def _pick_rows(cumulative: Floats, uniform: Floats) -> Codes:
    index = (uniform[:, None] >= cumulative[:, :-1]).sum(axis=1)
    return np.asarray(index, np.uint8)


def _by_day(
    injected: pd.DataFrame, start: int, end: int
) -> dict[date, tuple[Ints, dict[str, Codes]]]:
    """Injected arrivals by UTC day: instants of creation, and the attributes that were given."""
    if "created_at" not in injected:
        raise SourceError("injected arrivals need a column created_at (naive UTC timestamps)")
    frame = injected.sort_values("created_at", kind="stable", ignore_index=True)
    created = frame["created_at"].to_numpy("M8[s]").astype(np.int64)
    outside = int(((created < start) | (created >= end)).sum())
    if outside:
        raise SourceError(f"{outside} injected arrivals lie outside the simulated period")
    if frame.empty:
        return {}
    given = {
        name: _codes(frame[column], words)
        for column, name, words in INJECTED
        if column in frame.columns
    }
    day = created // SECONDS_PER_DAY
    numbers, starts = np.unique(day, return_index=True)
    found = {}
    for number, rows in zip(
        numbers.tolist(), np.split(np.arange(len(day)), starts[1:]), strict=True
    ):
        chosen = {name: codes[rows] for name, codes in given.items()}
        found[date(1970, 1, 1) + timedelta(days=number)] = (created[rows], chosen)
    return found


def _codes(column: pd.Series, words: tuple[str, ...]) -> Codes:
    codes = pd.Categorical(column, categories=list(words)).codes
    if (codes < 0).any():
        unknown = sorted({*column.astype(str)} - {*words})
        raise SourceError(f"injected column {column.name} holds {unknown}; it may hold {words}")
    return codes.astype(np.uint8)
