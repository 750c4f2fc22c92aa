"""Read points in time from text, on the engine: which forms are known, and what each means.

Belongs here: SQL expressions over a text column, and the one decision that needs the whole column,
the order of day and month. Does not belong here: where the text comes from.
"""

from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ops_tower.sources.errors import SourceError

DayMonthOrder = Literal["day first", "month first"]

# What most logs hold, recognised first since every further form costs every row a look.
_USUAL: Final = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?"
_USUAL_ZONE: Final = r"(Z|[+-]\d{2}:\d{2})"

# What `tidied` brings the others to.
_DATE: Final = r"\d{4}-\d{1,2}-\d{1,2}"
_CLOCK: Final = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE: Final = r"([+-]\d{2}(:?\d{2})?)"

# Day and month, or month and day.
_SLASHED: Final = r"^(\d{1,2})[-/](\d{1,2})[-/]\d{4}([T ]|$)"

# Digits of an epoch number, and how many microseconds its unit has.
_EPOCHS: Final = (("9,10", 1_000_000), ("13", 1_000), ("16", 1))


def require_time_zone(name: str) -> None:
    """Raise a `SourceError` unless `name` is an IANA zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceError(
            f"{name!r} is no time zone: use a name such as UTC or Europe/Rome."
        ) from None


def order_evidence(text: str, relation: str) -> str:
    """SQL for the values that could be read either way: all, day first, month first, with AM/PM."""
    day_or_month = f"regexp_extract({text}, '{_SLASHED}', 1)::INTEGER"
    month_or_day = f"regexp_extract({text}, '{_SLASHED}', 2)::INTEGER"
    return (
        f"SELECT count(*), count_if({day_or_month} > 12), count_if({month_or_day} > 12), "
        f"count_if(regexp_matches({text}, '[AaPp]\\.?[Mm]\\.?$')) "
        f"FROM {relation} WHERE regexp_matches({text}, '{_SLASHED}')"
    )


def decide_order(day_first: int, month_first: int, with_am_pm: int) -> DayMonthOrder:
    """How a column writes 01/02/2024, from its values that leave no choice.

    More values whose first number is above 12 than values whose second is: day first, and the
    other way round. Where that is even, and so above all where nothing tells: month first if hours
    are written with AM and PM, as where that order is used, else day first.
    """
    if day_first != month_first:
        return "day first" if day_first > month_first else "month first"
    return "month first" if with_am_pm else "day first"


def tidied(text: str, order: DayMonthOrder) -> str:
    """SQL that brings a column's unusual values nearer to ISO 8601, NULL for the usual ones.

    Dates become year-month-day; fractions get a dot; zones join the time; AM gets one blank.

    Args:
        text: the column, trimmed.
        order: of day and month in values such as 01/02/2024 and 01-02-2024. With dots, the day
            always comes first.
    """
    swapped = r"\3-\2-\1" if order == "day first" else r"\3-\1-\2"
    steps = (
        (r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1"),
        (r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})", swapped),
        (r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", r"\1-\2-\3"),
        (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
        (r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})(\d{2})", r"\1-\2-\3 \4:\5:\6"),
        (r"^(\d{4}-\d{1,2}-\d{1,2}),? *[T ] *(\d)", r"\1 \2"),
        (r"(:\d{2}),(\d)", r"\1.\2"),
        (r"(\d) *(Z|z|UTC|GMT)$", r"\1+00"),
        (rf"(\d) +{_ZONE}$", r"\1\2"),
        (r" *[Aa]\.?[Mm]\.?$", " AM"),
        (r" *[Pp]\.?[Mm]\.?$", " PM"),
    )
    tidy = text
    for pattern, replacement in steps:
        tidy = f"regexp_replace({tidy}, '{pattern}', '{replacement}')"
    return f"CASE WHEN NOT regexp_matches({text}, '^{_USUAL}{_USUAL_ZONE}?$') THEN {tidy} END"


def parsed(text: str, tidy: str, time_zone: str) -> str:
    """SQL that turns a text column into a naive UTC timestamp, NULL where it is of no known form.

    Args:
        text: the column, trimmed.
        tidy: a column with what `tidied` made of it.
        time_zone: of values that name none. A time that the clocks skip is read by the offset
            before the change; a time that they repeat is read as its second occurrence.
    """
    am_pm = (
        f"coalesce(try_strptime({tidy}, '%Y-%m-%d %I:%M:%S %p'), "
        f"try_strptime({tidy}, '%Y-%m-%d %I:%M %p'))"
    )
    branches = [
        (text, f"{_USUAL}{_USUAL_ZONE}", _utc_of_zoned(text)),
        (text, _USUAL, _utc_of_local(f"try_cast({text} AS TIMESTAMP)", time_zone)),
        *(
            (
                text,
                rf"\d{{{digits}}}(\.\d{{1,9}})?",
                f"make_timestamp(round({text}::DECIMAL(28, 9) * {unit})::BIGINT)",
            )
            for digits, unit in _EPOCHS
        ),
        (tidy, rf"{_DATE} {_CLOCK}{_ZONE}", _utc_of_zoned(tidy)),
        (tidy, f"{_DATE}( {_CLOCK})?", _utc_of_local(f"try_cast({tidy} AS TIMESTAMP)", time_zone)),
        (tidy, rf"{_DATE} {_CLOCK} [AP]M", _utc_of_local(am_pm, time_zone)),
    ]
    cases = " ".join(
        f"WHEN regexp_matches({value}, '^{form}$') THEN {instant}"
        for value, form, instant in branches
    )
    return f"CASE {cases} END"


def _utc_of_zoned(text: str) -> str:
    # A cast to TIMESTAMP would drop the offset without a word.
    return f"timezone('UTC', try_cast({text} AS TIMESTAMPTZ))"


def _utc_of_local(local: str, time_zone: str) -> str:
    if time_zone == "UTC":
        return local
    return f"timezone('UTC', timezone('{time_zone}', {local}))"
