"""Points in time: every form that is read, in every zone, and the order of day and month."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log.times import decide_order
from ops_tower_tests.sources.reading import Raw, event, read, trace, write, xes


def read_times(tmp_path: Path, *texts: str, time_zone: str = "UTC") -> Raw:
    """Read a log whose only difference between rows is the text of the time."""
    rows = "".join(f'A,Do,"{text}"\n' for text in texts)
    file = write(tmp_path / "log.csv", "case,activity,timestamp\n" + rows)
    return read(tmp_path, file, time_zone=time_zone)


FORMS = [
    ("2024-01-31T13:05:07+01:00", "2024-01-31 12:05:07"),
    ("2024-01-31T13:05:07.123-05:30", "2024-01-31 18:35:07.123000"),
    ("2024-01-31T13:05:07Z", "2024-01-31 13:05:07"),
    ("2024-01-31t13:05:07z", None),
    ("2024-01-31 13:05:07 +0100", "2024-01-31 12:05:07"),
    ("2024-01-31 13:05:07+01", "2024-01-31 12:05:07"),
    ("2024-01-31 13:05 UTC", "2024-01-31 13:05:00"),
    ("2024-01-31 13:05:07 GMT", "2024-01-31 13:05:07"),
    ("2024-01-31 13:05:07", "2024-01-31 13:05:07"),
    ("2024-01-31 13:05:07.1234567", "2024-01-31 13:05:07.123456"),
    ("2024-01-31T13:05:07,5", "2024-01-31 13:05:07.500000"),
    ("2024-01-31", "2024-01-31 00:00:00"),
    ("2024-1-5 3:05", "2024-01-05 03:05:00"),
    ("2024/01/31 13:05:07.250", "2024-01-31 13:05:07.250000"),
    ("2024.01.31 13:05:07", "2024-01-31 13:05:07"),
    ("20240131", "2024-01-31 00:00:00"),
    ("20240131T130507Z", "2024-01-31 13:05:07"),
    ("20240131130507", "2024-01-31 13:05:07"),
    ("31.01.2024 13:05", "2024-01-31 13:05:00"),
    ("05.01.2024", "2024-01-05 00:00:00"),
    ("31.1.2024, 13:05:07.5", "2024-01-31 13:05:07.500000"),
    ("31.01.2024 13:05:07 +02:00", "2024-01-31 11:05:07"),
    ("2024-01-31 01:05:07 PM", "2024-01-31 13:05:07"),
    ("2024-01-31 12:05 a.m.", "2024-01-31 00:05:00"),
    ("1706706307", "2024-01-31 13:05:07"),
    ("1706706307.25", "2024-01-31 13:05:07.250000"),
    ("1706706307123", "2024-01-31 13:05:07.123000"),
    ("1706706307123456", "2024-01-31 13:05:07.123456"),
    ("  2024-01-31 13:05:07 ", "2024-01-31 13:05:07"),
    ("2024-02-30 13:05:07", None),
    ("2024-01-31 25:05:07", None),
    ("2024-01-31 13:05:07 PM", None),
    ("2024-01-31 13:05:07 CET", None),
    ("2024-01-31 13:05:07 Europe/Rome", None),
    ("31.01.24 13:05", None),
    ("yesterday", None),
    ("infinity", None),
    ("epoch", None),
    ("45322.54", None),
    ("-5", None),
]


@pytest.mark.parametrize("spread", [1, 7])
def test_each_form_is_read_or_refused_with_its_text_however_they_are_mixed(
    tmp_path: Path, spread: int
) -> None:
    forms = [FORMS[i * spread % len(FORMS)] for i in range(len(FORMS))]
    raw = read_times(tmp_path, *(text for text, _ in forms))
    found = {e["source_position"] - 1: str(e["event_at"]) for e in raw.events}
    assert [found.get(row) for row in range(len(forms))] == [instant for _, instant in forms]
    unread = [text.strip() for text, instant in forms if instant is None]
    assert [row["rule"] for row in raw.rejected] == ["unparsable_timestamp"] * len(unread)
    assert [row["reason"] for row in raw.rejected] == [
        f"the timestamp {text} is of no known form" for text in unread
    ]


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["01/02/2024 10:00", "13/02/2024 10:00"], "2024-02-01 10:00:00"),
        (["01/02/2024 10:00", "02/13/2024 10:00"], "2024-01-02 10:00:00"),
        (["01-02-2024 10:00:00", "13-02-2024 10:00:00"], "2024-02-01 10:00:00"),
        (["1/2/2024 10:00", "3/4/2024 10:00"], "2024-02-01 10:00:00"),
        (["1/2/2024 10:00 AM", "3/4/2024 10:00 pm"], "2024-01-02 10:00:00"),
        (["1/2/2024 10:00 AM", "13/4/2024 10:00 pm"], "2024-02-01 10:00:00"),
        (["1/2/2024", "2/13/2024", "2024-05-01", "01.03.2024"], "2024-01-02 00:00:00"),
    ],
)
def test_the_whole_column_decides_which_is_the_day(
    tmp_path: Path, texts: list[str], first: str
) -> None:
    raw = read_times(tmp_path, *texts)
    assert str(raw.times()[0]) == first
    assert raw.rejected == []


def test_a_value_against_the_column_s_order_is_refused_not_turned_round(tmp_path: Path) -> None:
    raw = read_times(tmp_path, "13/01/2024", "14/01/2024", "01/15/2024", "02/03/2024")
    assert [str(at)[:10] for at in raw.times()] == ["2024-01-13", "2024-01-14", "2024-03-02"]
    assert raw.refusals() == [(3, "unparsable_timestamp")]
    (note,) = raw.log.notes
    assert note.startswith("timestamp: 4 values such as 01/02/2024 were read day first")
    assert note.endswith("(2 can only be day first, 1 only month first).")


def test_the_files_of_a_log_decide_together(tmp_path: Path) -> None:
    head = "case,activity,timestamp\n"
    first = write(tmp_path / "1.csv", head + "A,Do,01/02/2024\n")
    second = write(tmp_path / "2.csv", head + "A,Do,02/13/2024\n")
    assert str(read(tmp_path, first, second).times()[0]) == "2024-01-02 00:00:00"


@pytest.mark.parametrize(
    ("evidence", "order"),
    [
        ((2, 1, 0), "day first"),
        ((1, 2, 0), "month first"),
        ((1, 1, 0), "day first"),
        ((0, 0, 0), "day first"),
        ((0, 0, 1), "month first"),
        ((1, 0, 9), "day first"),
    ],
)
def test_evidence_outweighs_habit(evidence: tuple[int, int, int], order: str) -> None:
    assert decide_order(*evidence) == order


def test_clocks_that_go_forward_and_back(tmp_path: Path) -> None:
    raw = read_times(
        tmp_path,
        "2024-03-31 01:59:59",
        "2024-03-31 02:30:00",  # skipped
        "31.03.2024 03:00",
        "2024-10-27 01:59:59",
        "2024-10-27 02:30:00",  # comes twice
        "2024-10-27 03:00:00",
        "2024-10-27T02:30:00+02:00",
        time_zone="Europe/Rome",
    )
    assert [f"{at:%m-%d %H:%M:%S}" for at in raw.times()] == [
        "03-31 00:59:59",
        "03-31 01:30:00",
        "03-31 01:00:00",
        "10-26 23:59:59",
        "10-27 01:30:00",
        "10-27 02:00:00",
        "10-27 00:30:00",
    ]


def test_epochs_are_utc_whatever_the_log_s_zone(tmp_path: Path) -> None:
    raw = read_times(tmp_path, "1706706307", "1706706307000", time_zone="Asia/Tokyo")
    assert {str(at) for at in raw.times()} == {"2024-01-31 13:05:07"}


def test_a_naive_time_in_xes_is_in_the_log_s_zone_too(tmp_path: Path) -> None:
    text = xes(trace(event("A", "2024-01-31T13:05:07"), event("B", "2024-01-31T13:05:07+05:00")))
    raw = read(tmp_path, write(tmp_path / "log.xes", text), time_zone="America/New_York")
    assert [str(at) for at in raw.times()] == ["2024-01-31 18:05:07", "2024-01-31 08:05:07"]


def test_a_time_that_cannot_be_read_in_xes_is_shown(tmp_path: Path) -> None:
    text = xes(trace(event("A", "soon"), event("B", None), event("C", "2024-01-31T13:05:07Z")))
    raw = read(tmp_path, write(tmp_path / "log.xes", text))
    assert raw.refusals() == [(1, "unparsable_timestamp"), (2, "missing_timestamp")]
    assert raw.rejected[0]["reason"] == "the timestamp soon is of no known form"


@pytest.mark.parametrize("name", ["Rome", "", "../etc/passwd", "UTC'"])
def test_an_unknown_zone_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="is no time zone"):
        read_times(tmp_path, "2024-01-31", time_zone=name)


@settings(max_examples=4, deadline=None)
@given(
    zone=st.sampled_from(["UTC", "Europe/Rome", "America/New_York", "Australia/Lord_Howe"]),
    seconds=st.lists(st.integers(86_400, 4_000_000_000), min_size=20, max_size=60),
)
def test_local_times_agree_with_python_s_zones(
    tmp_path_factory: pytest.TempPathFactory, zone: str, seconds: list[int]
) -> None:
    local = [datetime.fromtimestamp(second, ZoneInfo(zone)) for second in seconds]
    texts = [f"{at:%Y-%m-%d %H:%M:%S}" for at in local]
    raw = read_times(tmp_path_factory.mktemp("zones"), *texts, time_zone=zone)
    for at, found in zip(local, raw.times(), strict=True):
        # The second of two occurrences is what Python calls fold=1.
        expected = at.replace(fold=1).astimezone(UTC).replace(tzinfo=None)
        assert found == expected
