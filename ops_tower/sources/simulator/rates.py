"""How many tickets to expect in each hour: rates that belong to the calendar.

Belongs here: season, weekdays, hours, holidays, growth, and the days planted on top of them.
Does not belong here: the draw of tickets from these rates (demand).

The rate of a day depends on its date and never on the as-of instant: two runs that end on different
days agree on the days that they have in common.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar

from ops_tower.sources.simulator.demand_parameters import DemandParameters, PlantedDay
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.streams import Floats, Stream, random_stream

SECONDS_PER_DAY: Final = 86_400
SECONDS_PER_HOUR: Final = 3_600
DAYS_PER_YEAR: Final = 365.25
RATE_YEAR: Final = date(2026, 1, 1)  # the year over which the rates are scaled to `tickets`
LEVEL_ONE: Final = date(2026, 7, 1)  # where growth has neither added nor taken anything


def unix_seconds(instant: datetime) -> int:
    """Whole seconds since 1970 of a naive UTC instant."""
    return int(instant.replace(tzinfo=UTC).timestamp())


def day_number(day: date) -> int:
    """Days since 1970, the key under which a day draws its randoms."""
    return (day - date(1970, 1, 1)).days


@lru_cache(maxsize=128)
def holidays_of(year: int) -> frozenset[date]:
    """US federal holidays of one year, on the days on which they are observed."""
    days = USFederalHolidayCalendar().holidays(date(year, 1, 1), date(year, 12, 31))
    return frozenset(day.date() for day in days)


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
    middles = (np.arange(12) + 0.5) * DAYS_PER_YEAR / 12
    season = np.interp(local.dayofyear, middles, demand.month_factors, period=DAYS_PER_YEAR)
    days_since = np.arange(len(hours)) / 24.0 + (first - LEVEL_ONE).days
    level = season * (1.0 + demand.growth_per_year) ** (days_since / DAYS_PER_YEAR)
    share = demand.machine_share
    rates: Floats = np.stack([(1.0 - share) * people * level, share * level])
    return rates.reshape(2, days, 24)


def planted_days(first: date, last: date, seed: int, demand: DemandParameters) -> list[PlantedDay]:
    """The outage and campaign days from first to last, in order.

    Unless they are given, each month draws its own among its working days, so that they stay where
    they are when the period moves.
    """
    if demand.planted_days is not None:
        days = list(demand.planted_days)
    else:
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        days = [day for month in months for day in _days_of_month(month, seed, demand)]
    return sorted((p for p in days if first <= p.day <= last), key=lambda p: p.day)


def _days_of_month(month: int, seed: int, demand: DemandParameters) -> list[PlantedDay]:
    year, index = divmod(month, 12)
    start = np.datetime64(f"{year}-{index + 1:02d}")
    days = np.arange(start.astype("M8[D]"), (start + 1).astype("M8[D]"))
    days = days[np.is_busday(days, holidays=sorted(holidays_of(year)))]
    outage, campaign = random_stream(seed, Stream.PLANTED_DAYS, month).choice(
        days, 2, replace=False
    )
    kinds = (
        ("outage", demand.outage_months, demand.outage_factor, outage),
        ("campaign", demand.campaign_months, demand.campaign_factor, campaign),
    )
    return [
        PlantedDay.model_validate({"day": day.item(), "kind": kind, "factor": factor})
        for kind, months, factor, day in kinds
        if index + 1 in months
    ]


def tickets_per_hour(parameters: SimulatorParameters) -> float:
    """The factor from relative to absolute rates: so many tickets per hour for a rate of 1.

    It makes the rates of one fixed year, planted days included, sum to `parameters.tickets`.
    """
    demand = parameters.demand
    total = float(hourly_rates(RATE_YEAR, 365, demand, parameters.time_zone).sum())
    if demand.planted_days is None:
        extra = len(demand.outage_months) * (demand.outage_factor - 1.0)
        extra += len(demand.campaign_months) * (demand.campaign_factor - 1.0)
        workday = np.mean(demand.weekday_factors[:5]) / np.mean(demand.weekday_factors)
        people = 1.0 - demand.machine_share
        total += extra * 24.0 * (people * float(workday) + demand.machine_share)
    return parameters.tickets / total
