"""How frames from the marts become what the analyses take."""

from datetime import date

import pandas as pd

from ops_tower.defs.inputs import holiday_dates


def test_holidays_are_dates_also_where_the_engine_gives_timestamps() -> None:
    holidays = pd.DataFrame({"date": pd.to_datetime(["2026-01-01", "2026-07-03"])})
    assert holiday_dates(holidays) == {date(2026, 1, 1), date(2026, 7, 3)}


def test_no_holidays_are_an_empty_set() -> None:
    assert holiday_dates(pd.DataFrame({"date": pd.Series(dtype="datetime64[us]")})) == frozenset()
