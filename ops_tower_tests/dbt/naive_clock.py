"""The slow business clock: every minute of every day, asked one by one whether the desk is open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@dataclass
class Schedule:
    """A desk's open hours: local clock times by weekday (1 is Monday), less holidays."""

    zone: str
    intervals: Sequence[tuple[int, str, str]]
    holidays: Sequence[tuple[date, date]] = ()
    _days: dict[date, list[bool]] = field(default_factory=dict)

    def seconds(self, start: datetime, end: datetime) -> int:
        """Open seconds from `start` to before `end`: the whole minutes, and the parts of two."""
        if end <= start:
            return 0
        seconds = 60 * sum(
            sum(self._day(day)[first:last]) for day, first, last in _minutes_by_day(start, end)
        )
        return seconds - start.second * self._is_open(start) + end.second * self._is_open(end)

    def instant_after(self, start: datetime, seconds: int, horizon: datetime) -> datetime | None:
        """The first instant by which `seconds` have counted since `start`; none by `horizon`."""
        at = start
        if not self.intervals:
            return start if seconds == 0 else None
        while at <= horizon:
            tomorrow = datetime.combine(at.date() + timedelta(days=1), datetime.min.time())
            today = self.seconds(at, tomorrow)
            if today >= seconds:
                return self._instant_within_day(at, seconds)
            seconds, at = seconds - today, tomorrow
        return None

    def _instant_within_day(self, at: datetime, seconds: int) -> datetime:
        while seconds > 0:
            minute_end = at.replace(second=0) + MINUTE
            counted = (minute_end - at).seconds if self._is_open(at) else 0
            if counted >= seconds:
                return at + timedelta(seconds=seconds)
            seconds, at = seconds - counted, minute_end
        return at

    def _is_open(self, at: datetime) -> bool:
        return self._day(at.date())[at.hour * 60 + at.minute]

    def _day(self, day: date) -> list[bool]:
        """Whether each minute of a UTC day is open, by the local wall clock."""
        if day not in self._days:
            midnight = datetime.combine(day, datetime.min.time(), UTC)
            self._days[day] = [self._is_open_locally(midnight + n * MINUTE) for n in range(1440)]
        return self._days[day]

    def _is_open_locally(self, at: datetime) -> bool:
        local = at.astimezone(self._zone)
        clock = local.hour, local.minute
        for opens, closes in self._hours[local.isoweekday()]:
            if opens <= clock < closes:
                return not any(first <= local.date() <= last for first, last in self.holidays)
        return False

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _hours(self) -> dict[int, list[tuple[tuple[int, int], tuple[int, int]]]]:
        def clock(text: str) -> tuple[int, int]:
            return int(text[:2]), int(text[3:])

        return {
            day: [
                (clock(opens), clock(closes)) for on, opens, closes in self.intervals if on == day
            ]
            for day in range(1, 8)
        }


def _minutes_by_day(start: datetime, end: datetime) -> Iterator[tuple[date, int, int]]:
    """Each UTC day of a stretch with its first minute and its last, which is left out."""
    day = start.date()
    while day <= end.date():
        yield (
            day,
            start.hour * 60 + start.minute if day == start.date() else 0,
            end.hour * 60 + end.minute if day == end.date() else 1440,
        )
        day += timedelta(days=1)
