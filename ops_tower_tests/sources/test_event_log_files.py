"""Files of every kind, whole and damaged: each gives its rows or one clear line."""

import gzip
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_tower.sources.errors import SourceError
from ops_tower_tests.sources.reading import event, read, rows_of, trace, write, xes

HEADER = "case,activity,timestamp,group,resource\n"
ROWS = (
    "A,Created,2024-01-01 08:00:00,Tier 1,Ann\n"
    "A,Solved,2024-01-01 09:00:00,Tier 1,Ben\n"
    "B,Created,2024-01-01 08:30:00,Tier 2,Ann\n"
)


def fails(tmp_path: Path, file: Path, says: str, **options: object) -> None:
    """The file is refused as a whole, in one line that says why."""
    with pytest.raises(SourceError, match=says) as caught:
        read(tmp_path / "home", file, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert file.name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("nothing.csv", b"", "is empty"),
        ("nothing.csv.gz", gzip.compress(b""), "is empty"),
        ("blank.csv", b"\n\n", "is empty"),
        ("header.csv", HEADER.encode(), "no events"),
        ("no_trace.xes", xes().encode(), "no events"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x02", "neither XES, CSV nor"),
        ("prose.txt", b"Dear all,\nhere is our log.\nYours\n", "has no column for case and"),
        ("page.html", b"<html><body>404</body></html>", "its root is <html>"),
        (
            "broken.xes",
            xes(trace(event("A", "2024-01-01T00:00:00Z")))[:-20].encode(),
            "well-formed",
        ),
        ("cut.parquet", b"PAR1 and nothing that follows", "not a whole Parquet file"),
        ("latin.csv", (HEADER + "A,Gelöst,2024-01-01,,\n").encode("latin-1"), "save it as UTF-8"),
        ("quote.csv", (HEADER + 'A,"Created,2024-01-01,,\n' + ROWS).encode(), "opens in row 1 is"),
        ("last.csv", (HEADER + ROWS + 'A,Do,2024-01-01,,"\n' + ROWS).encode(), "opens in row 4 is"),
    ],
)
def test_a_file_that_is_no_log_is_one_clear_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    fails(tmp_path, file, says)


@pytest.mark.parametrize("name", ["log.csv.gz", "log.xes.gz"])
def test_a_truncated_gzip_file_is_refused_whole_however_much_of_it_can_be_read(
    tmp_path: Path, name: str
) -> None:
    many = "".join(f"{i},Created {i * 7919},2024-01-01 08:00:00,Tier 1,Ann\n" for i in range(9999))
    traces = (
        trace(event(f"Do {i * 7919}", "2024-01-01T08:00:00Z"), name=f"{i}") for i in range(999)
    )
    text = HEADER + many if "csv" in name else xes(*traces)
    whole = gzip.compress(text.encode())
    file = tmp_path / name
    file.write_bytes(whole[: len(whole) // 2])
    fails(tmp_path, file, "not a whole gzip file")


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    damaged = bytearray(gzip.compress((HEADER + ROWS).encode()))
    damaged[20:30] = b"0123456789"
    file = tmp_path / "log.csv.gz"
    file.write_bytes(damaged)
    fails(tmp_path, file, "not a whole gzip file")


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path: Path) -> None:
    fails(tmp_path, tmp_path / "absent.csv", "does not exist")
    (tmp_path / "folder").mkdir()
    fails(tmp_path, tmp_path / "folder", "is a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "secret.csv", HEADER + ROWS)
    file.chmod(0)
    fails(tmp_path, file, "cannot be read: Permission denied")


def test_a_failed_read_leaves_the_last_good_data_in_place(tmp_path: Path) -> None:
    good = read(tmp_path, write(tmp_path / "good.csv", HEADER + ROWS))
    before = {path.name: path.read_bytes() for path in good.folder.iterdir()}
    with pytest.raises(SourceError):
        read(tmp_path, write(tmp_path / "empty.csv", ""))
    with pytest.raises(SourceError, match=r"None of the 1 rows .* 1 missing_timestamp"):
        read(tmp_path, write(tmp_path / "useless.csv", HEADER + "A,Created,,,\n"))
    assert {path.name: path.read_bytes() for path in good.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("delimiter", "line_end", "encoding"),
    [
        (",", "\n", "utf-8"),
        (";", "\r\n", "utf-8-sig"),
        ("\t", "\r\n", "utf-16"),
        ("|", "\n", "utf-16-le"),
        (",", "\r\n", "utf-16-be"),
        (";", "\r", "utf-8"),
    ],
)
def test_any_delimiter_line_end_and_encoding_gives_the_same_rows(
    tmp_path: Path, delimiter: str, line_end: str, encoding: str
) -> None:
    text = (HEADER + ROWS).replace("Ann", "Åsa 茜").replace(",", delimiter)
    raw = read(tmp_path, write(tmp_path / "log.csv", text.replace("\n", line_end), encoding))
    assert [
        (e["ticket_id"], e["activity"], e["group_name"], e["agent_id"]) for e in raw.events
    ] == [
        (1, "Created", "Tier 1", 1),
        (1, "Solved", "Tier 1", 2),
        (2, "Created", "Tier 2", 1),
    ]
    assert [agent["name"] for agent in raw.table("agents")] == ["Åsa 茜", "Ben"]


def test_fields_may_hold_quotes_delimiters_and_line_breaks(tmp_path: Path) -> None:
    text = (
        'case,activity,timestamp,subject\r\n"A, or ""A""","Said\r\n""no""",2024-01-01,"a\nb"\r\n'
        "B,Created,2024-01-02,c\r\n"
    )
    raw = read(tmp_path, write(tmp_path / "log.csv", text))
    assert [event["activity"] for event in raw.events] == ['Said\r\n"no"', "Created"]
    assert [(t["external_id"], t["subject"]) for t in raw.tickets] == [
        ('A, or "A"', "a\nb"),
        ("B", "c"),
    ]


def test_rows_with_too_few_or_too_many_fields_are_set_aside_with_their_text(tmp_path: Path) -> None:
    text = HEADER + "A,Created\n" + ROWS + "\nA,Solved,2024-01-01,x,y,z\nB,Solved,2024-01-02,,\n"
    raw = read(tmp_path, write(tmp_path / "log.csv", text))
    assert raw.refusals() == [(1, "malformed_row"), (5, "malformed_row")]
    assert raw.rejected[0]["reason"] == "the row has 2 fields, the header 5"
    assert raw.rejected[0]["row_json"] == '"A,Created"'
    assert [event["source_position"] for event in raw.events] == [2, 3, 4, 6]
    assert raw.info["rows_read"] == 6 == len(raw.events) + len(raw.rejected)


def test_malformed_rows_far_into_a_file_keep_the_numbering_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops_tower.sources.event_log.files._BLOCK_BYTES", 1 << 16)
    lines = [f"{i},Do,2024-01-01 00:00:00,{'x' * 200},\n" for i in range(1, 5_001)]
    bad = (5, 3_000, 3_001, 4_999, 5_000)
    for row in bad:
        lines[row - 1] = "short\n"
    raw = read(tmp_path, write(tmp_path / "log.csv", HEADER + "".join(lines)))
    assert raw.refusals() == [(row, "malformed_row") for row in bad]
    assert raw.info["rows_read"] == 5_000
    names = {ticket["ticket_id"]: ticket["external_id"] for ticket in raw.tickets}
    assert all(str(e["source_position"]) == names[e["ticket_id"]] for e in raw.events)


def test_one_event_is_a_log(tmp_path: Path) -> None:
    raw = read(tmp_path, write(tmp_path / "log.csv", "case,activity,timestamp\nA,Do,2024-01-01\n"))
    assert raw.admission.rows["ticket_events"] == raw.admission.rows["tickets"] == 1
    assert raw.tickets[0]["status"] == "open"


def test_ten_thousand_activities_are_kept_apart(tmp_path: Path) -> None:
    rows = "".join(f"{i // 4},Do {i},2024-01-01 08:00:00\n" for i in range(10_000))
    raw = read(tmp_path, write(tmp_path / "log.csv", "case,activity,timestamp\n" + rows))
    assert [event["activity"] for event in raw.events] == [f"Do {i}" for i in range(10_000)]
    assert len(raw.tickets) == 2_500


def test_columns_that_differ_only_in_case_are_kept_apart(tmp_path: Path) -> None:
    text = "Case,case,activity,timestamp\nx,A,Do,2024-01-01\ny,,Do,2024-01-01\n"
    raw = read(tmp_path, write(tmp_path / "log.csv", text), columns={"case": ["case"]})
    assert raw.tickets[0]["external_id"] == "A"
    assert raw.rejected[0]["row_json"] == (
        '{"Case":"y","case":null,"activity":"Do","timestamp":"2024-01-01"}'
    )


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    zoned = pa.array([1_704_096_000_000_000, None, 0], pa.timestamp("us", tz="Asia/Tokyo"))
    columns = {
        "case:concept:name": [7, 8, None],
        "concept:name": ["Do"] * 3,
        "time:timestamp": zoned,
    }
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    raw = read(tmp_path, tmp_path / "log.parquet", time_zone="Asia/Tokyo")
    assert [str(at) for at in raw.times()] == ["2024-01-01 08:00:00"]
    assert raw.refusals() == [(2, "missing_timestamp"), (3, "missing_case")]
    assert raw.rejected[0]["row_json"].startswith('{"case:concept:name":8,')
    assert '"time:timestamp":"1970-01-01 00:00:00+00"' in raw.rejected[1]["row_json"]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the machine's zone cannot be set")
def test_the_machine_s_zone_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        test_parquet_is_read_with_its_types(tmp_path)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_parquet_that_is_damaged_inside_is_one_clear_line(tmp_path: Path) -> None:
    table = pa.table({name: [f"{name} {i}" for i in range(999)] for name in HEADER[:23].split(",")})
    pq.write_table(table, tmp_path / "log.parquet", compression="zstd")
    damaged = bytearray((tmp_path / "log.parquet").read_bytes())
    damaged[60:600] = bytes(540)
    (tmp_path / "log.parquet").write_bytes(damaged)
    fails(tmp_path, tmp_path / "log.parquet", "cannot be read as Parquet")


@pytest.mark.parametrize("kind", [pa.timestamp("ns"), pa.timestamp("ms"), pa.timestamp("s")])
def test_naive_parquet_times_are_in_the_log_s_zone(tmp_path: Path, kind: pa.DataType) -> None:
    at = pa.array([1_704_096_000], pa.timestamp("s")).cast(kind)
    table = pa.table({"case": ["A"], "activity": ["Do"], "timestamp": at})
    pq.write_table(table, tmp_path / "log.parquet")
    raw = read(tmp_path, tmp_path / "log.parquet", time_zone="Asia/Tokyo")
    assert [str(at) for at in raw.times()] == ["2023-12-31 23:00:00"]


def test_several_files_of_different_kinds_are_one_log_in_their_order(tmp_path: Path) -> None:
    first = write(tmp_path / "1.csv", "case,activity,timestamp\nA,one,2024-01-01\nA,,2024-01-01\n")
    second = write(tmp_path / "2.xes", xes(trace(event("two", "2024-01-01T00:00:00Z"), name="A")))
    table = pa.table(
        {"note": [1], "timestamp": ["2024-01-01"], "case": ["A"], "activity": ["three"]}
    )
    pq.write_table(table, tmp_path / "3.parquet")
    raw = read(tmp_path, first, second, tmp_path / "3.parquet")
    assert [event["activity"] for event in raw.events] == ["one", "two", "three"]
    assert [event["source_position"] for event in raw.events] == [1, 3, 4]
    assert len(raw.tickets) == 1
    assert raw.info["description"] == "1.csv, 2.xes, 3.parquet"
    assert raw.info["rows_read"] == 4


def test_refused_rows_of_a_second_file_are_told_by_its_own_rows(tmp_path: Path) -> None:
    head = "case,activity,timestamp,created_at\n"
    early = "B,Early,2024-01-01,2024-01-05\n"
    good = "B,Do,2024-01-06,2024-01-05\n"
    first = write(tmp_path / "1.csv", head + good + "short\n" + good + "short\n")
    second = write(tmp_path / "2.csv", head + "short\n" + good + early)
    raw = read(tmp_path, first, second)
    assert [event["source_position"] for event in raw.events] == [1, 3, 6]
    assert [(row["source_file"], row["source_row"], row["rule"]) for row in raw.rejected] == [
        ("1.csv", 2, "malformed_row"),
        ("1.csv", 4, "malformed_row"),
        ("2.csv", 1, "malformed_row"),
        ("2.csv", 3, "event_at_before_creation"),
    ]


def test_xes_keeps_nested_attributes_apart_and_numbers_traces_without_a_name(
    tmp_path: Path,
) -> None:
    nested = (
        '<list key="notes"><values><string key="org:group" value="inner"/></values></list>'
        '<string key="org:group" value="outer"><string key="concept:name" value="deep"/></string>'
    )
    text = xes(
        trace(event("A", "2024-01-01T00:00:00Z", nested), more='<string key="tier" value="gold"/>'),
        trace(name="empty"),
        "<trace/>",
        trace(event("B", "2024-01-02T00:00:00Z")),
        trace(event("C", "2024-01-03T00:00:00Z"), name="named"),
        attributes='<string key="concept:name" value="the log"><int key="n" value="1"/></string>'
        '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>',
    )
    raw = read(tmp_path, write(tmp_path / "log.xes", text))
    assert [(e["activity"], e["group_name"]) for e in raw.events] == [
        ("A", "outer"),
        ("B", None),
        ("C", None),
    ]
    assert len(raw.tickets) == 3
    assert [(t["external_id"], t["organization_tier"]) for t in raw.tickets] == [
        ("unnamed case 1", "gold"),
        ("unnamed case 3", None),
        ("named", None),
    ]


def test_unnamed_cases_of_several_files_stay_apart(tmp_path: Path) -> None:
    text = xes(trace(event("A", "2024-01-01T00:00:00Z")))
    files = [write(tmp_path / f"{i}.xes", text) for i in range(3)]
    assert len(read(tmp_path, *files).tickets) == 3


def test_xes_trace_attributes_after_the_events_and_events_outside_traces(tmp_path: Path) -> None:
    late = '<trace>{}<string key="concept:name" value="late"/></trace>'
    text = xes(event("Z", "2024-01-01T00:00:00Z"), late.format(event("A", "2024-01-01T00:00:00Z")))
    raw = read(tmp_path, write(tmp_path / "log.xes", text))
    assert [ticket["external_id"] for ticket in raw.tickets] == ["late"]
    assert raw.refusals() == [(1, "missing_case")]


def test_xes_with_a_namespace_prefix_and_in_utf_16(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-16"?><x:log xmlns:x="http://www.xes-standard.org/">'
        '<x:trace><x:string value="Åsa" key="concept:name"/><x:event>'
        '<x:string value="Do" key="concept:name"/>'
        '<x:date key="time:timestamp" value="2024-01-01T00:00:00Z"/></x:event></x:trace></x:log>'
    )
    raw = read(tmp_path, write(tmp_path / "log.xes", text, "utf-16"))
    assert [ticket["external_id"] for ticket in raw.tickets] == ["Åsa"]


def test_a_xes_that_is_written_in_parts_keeps_all_keys_and_whole_traces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops_tower.sources.event_log.xes._PART_EVENTS", 100)
    monkeypatch.setattr("ops_tower.sources.event_log.xes._CHUNK_BYTES", 1_000)
    group = '<string key="org:group" value="G"/>'
    two_days = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")
    traces = [
        trace(*(event("Do", at, group * (i >= 900)) for at in two_days), name=f"case {i}")
        for i in range(1_000)
    ]
    file = tmp_path / "log.xes.gz"
    file.write_bytes(gzip.compress(xes(*traces).encode()))
    raw = read(tmp_path, file)
    assert [e["source_position"] for e in raw.events] == list(range(1, 2_001))
    assert [e["ticket_id"] for e in raw.events] == [i // 2 + 1 for i in range(2_000)]
    assert sum(e["group_name"] is None for e in raw.events) == 1_800


def test_progress_goes_up_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    files = [write(tmp_path / f"{i}.csv", HEADER + ROWS) for i in range(2)]
    read(tmp_path, *files, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_nothing_but_candidates_is_left_in_the_folder(tmp_path: Path) -> None:
    raw = read(tmp_path, write(tmp_path / "log.csv", HEADER + ROWS))
    assert sorted(path.name for path in raw.folder.iterdir()) == [
        "agents.parquet",
        "rejected.parquet",
        "satisfaction_ratings.parquet",
        "sla_policies.parquet",
        "source_info.parquet",
        "ticket_costs.parquet",
        "ticket_events.parquet",
        "tickets.parquet",
    ]
    assert rows_of(raw.folder / "rejected.parquet") == []
