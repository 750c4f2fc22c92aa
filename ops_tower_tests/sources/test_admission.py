"""Admission: each rule refuses its row, nothing is lost, raw is replaced wholly or not at all."""

import json
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_tower.sources.admission import Admission, admit
from ops_tower.sources.contract import REJECTED_ROWS, RULES, SOURCE_INFO, TABLES, Table
from ops_tower.sources.errors import SourceError
from ops_tower_tests.sources.reading import Row, rows_of

ALL_TABLES = {**TABLES, SOURCE_INFO.name: SOURCE_INFO, REJECTED_ROWS.name: REJECTED_ROWS}
FILES = {name: f"{name}.parquet" for name in ALL_TABLES} | {REJECTED_ROWS.name: "rejected.parquet"}


def at(hour: float) -> datetime:
    """So many hours after the first of January 2024."""
    return datetime.fromisoformat("2024-01-01") + timedelta(hours=hour)


def desk() -> dict[str, list[Row]]:
    """A tiny desk without a fault: two tickets with two events each, a rating, a cost, a policy."""
    return {
        "agents": [{"agent_id": 1, "name": "Ann", "fte": 1.0}],
        "sla_policies": [
            {
                "sla_policy_id": 1,
                "priority": "low",
                "metric": "first_reply_time",
                "target_seconds": 60,
            }
        ],
        "tickets": [
            {"ticket_id": 1, "status": "closed", "created_at": at(0), "closed_at": at(2)},
            {"ticket_id": 2, "status": "open", "created_at": at(1)},
        ],
        "ticket_events": [
            _event(event_id=10, ticket_id=1, event_at=at(0)),
            _event(event_id=11, ticket_id=1, event_at=at(2)),
            _event(event_id=12, ticket_id=2, event_at=at(1)),
            _event(event_id=13, ticket_id=2, event_at=at(3)),
        ],
        "ticket_costs": [
            {"ticket_id": 1, "group_name": "G", "handle_minutes": 5.0, "cost_usd": 1.0}
        ],
        "satisfaction_ratings": [{"rating_id": 1, "ticket_id": 1, "score": 5, "rated_at": at(3)}],
    }


def _event(**values: Any) -> Row:  # noqa: ANN401
    return {"activity": "Do", "source_position": values.get("event_id")} | values


def write_table(folder: Path, table: Table, rows: list[Row]) -> None:
    """Write rows in the contract's schema; what a row does not say is missing."""
    pq.write_table(
        pa.Table.from_pylist(rows, schema=table.schema), folder / f"{table.name}.parquet"
    )


def candidates(folder: Path, tables: dict[str, list[Row]], rows_read: int | None = None) -> Path:
    """Write a folder of candidates as a source leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        write_table(folder, ALL_TABLES[name], rows)
    info = {
        "source": "simulator",
        "description": "a tiny desk",
        "as_of": at(24),
        "rows_read": len(tables["ticket_events"]) if rows_read is None else rows_read,
        "rows_rejected": 0,
    }
    write_table(folder, SOURCE_INFO, [info])
    return folder


def admitted(home: Path, tables: dict[str, list[Row]]) -> tuple[Admission, dict[str, list[Row]]]:
    """Admit the tables and read what became of them."""
    admission = admit(candidates(home / "incoming", tables), home / "raw")
    return admission, {name: rows_of(home / "raw" / file) for name, file in FILES.items()}


def test_a_desk_without_a_fault_is_admitted_as_it_is(tmp_path: Path) -> None:
    admission, raw = admitted(tmp_path, desk())
    for name, rows in desk().items():
        columns = ALL_TABLES[name].schema.names
        assert raw[name] == [{column: row.get(column) for column in columns} for row in rows]
    assert raw["rejected_rows"] == []
    assert raw["source_info"][0]["rows_rejected"] == admission.rows_rejected == 0
    assert admission.rows == {name: len(raw[name]) for name in ALL_TABLES}
    assert admission.rejected == {}


def test_files_without_a_fault_are_moved_and_others_are_rewritten(tmp_path: Path) -> None:
    tables = desk()
    tables["ticket_events"].append(_event(event_id=14, ticket_id=99, event_at=at(1)))
    folder = candidates(tmp_path / "incoming", tables)
    inodes = {path.name: path.stat().st_ino for path in folder.iterdir()}
    admit(folder, tmp_path / "raw")
    moved = {
        path.name
        for path in (tmp_path / "raw").iterdir()
        if path.stat().st_ino == inodes.get(path.name)
    }
    assert moved == {f"{name}.parquet" for name in TABLES} - {"ticket_events.parquet"}


def test_every_raw_file_has_the_contract_s_schema_even_where_the_source_gave_none(
    tmp_path: Path,
) -> None:
    only = {name: desk()[name] for name in ("tickets", "ticket_events")}
    admitted(tmp_path, only)
    assert {path.name for path in (tmp_path / "raw").iterdir()} == set(FILES.values())
    for name, file in FILES.items():
        found = pq.read_schema(tmp_path / "raw" / file).remove_metadata()
        assert found == ALL_TABLES[name].schema, name


def test_equivalent_types_and_another_order_of_columns_are_brought_to_the_contract(
    tmp_path: Path,
) -> None:
    folder = candidates(tmp_path / "incoming", desk())
    table = pq.read_table(folder / "tickets.parquet")
    texts = {"status": pa.dictionary(pa.int32(), pa.string()), "subject": pa.large_string()}
    for name, type_ in texts.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table[name].cast(type_))
    pq.write_table(table.select(table.column_names[::-1]), folder / "tickets.parquet")
    admit(folder, tmp_path / "raw")
    found = pq.read_schema(tmp_path / "raw" / "tickets.parquet").remove_metadata()
    assert found == TABLES["tickets"].schema
    assert [row["status"] for row in rows_of(tmp_path / "raw" / "tickets.parquet")] == [
        "closed",
        "open",
    ]


BROKEN = {
    ("agents", "missing_agent_id"): {"name": "Nobody"},
    ("agents", "fte_below_0"): {"agent_id": 9, "fte": -0.5},
    ("sla_policies", "missing_sla_policy_id"): {"sla_policy_id": None},
    ("sla_policies", "missing_priority"): {"priority": None},
    ("sla_policies", "missing_metric"): {"metric": None},
    ("sla_policies", "missing_target_seconds"): {"target_seconds": None},
    ("sla_policies", "unknown_priority"): {"priority": "P1"},
    ("sla_policies", "unknown_metric"): {"metric": "speed"},
    ("sla_policies", "target_seconds_below_1"): {"priority": "high", "target_seconds": 0},
    ("tickets", "missing_ticket_id"): {"created_at": at(0)},
    ("tickets", "missing_created_at"): {"ticket_id": 9},
    ("tickets", "unknown_type"): {"ticket_id": 9, "created_at": at(0), "type": "bug"},
    ("tickets", "unknown_priority"): {"ticket_id": 9, "created_at": at(0), "priority": "P1"},
    ("tickets", "unknown_status"): {"ticket_id": 9, "created_at": at(0), "status": "Open"},
    ("tickets", "created_at_implausible"): {"ticket_id": 9, "created_at": at(-9e5)},
    ("tickets", "created_at_after_as_of"): {"ticket_id": 9, "created_at": at(25)},
    ("tickets", "solved_at_implausible"): {
        "ticket_id": 9,
        "created_at": at(0),
        "solved_at": at(9e5),
    },
    ("tickets", "solved_at_after_as_of"): {
        "ticket_id": 9,
        "created_at": at(0),
        "solved_at": at(25),
    },
    ("tickets", "solved_at_before_creation"): {
        "ticket_id": 9,
        "created_at": at(2),
        "solved_at": at(1),
    },
    ("tickets", "closed_at_implausible"): {
        "ticket_id": 9,
        "created_at": at(0),
        "closed_at": at(9e5),
    },
    ("tickets", "closed_at_after_as_of"): {
        "ticket_id": 9,
        "created_at": at(0),
        "closed_at": at(25),
    },
    ("tickets", "closed_at_before_creation"): {
        "ticket_id": 9,
        "created_at": at(2),
        "closed_at": at(1),
    },
    ("ticket_events", "missing_event_id"): {"event_id": None},
    ("ticket_events", "missing_ticket_id"): {"ticket_id": None},
    ("ticket_events", "missing_event_at"): {"event_at": None},
    ("ticket_events", "missing_activity"): {"activity": None},
    ("ticket_events", "missing_source_position"): {"source_position": None},
    ("ticket_events", "unknown_status"): {"status": "done"},
    ("ticket_events", "unknown_priority"): {"priority": "P1"},
    ("ticket_events", "unknown_actor_role"): {"actor_role": "robot"},
    ("ticket_events", "ticket_unknown"): {"ticket_id": 99},
    ("ticket_events", "event_at_implausible"): {"event_at": at(-9e5)},
    ("ticket_events", "event_at_after_as_of"): {"event_at": at(24.001)},
    ("ticket_events", "event_at_before_creation"): {"event_at": at(0) - timedelta(microseconds=1)},
    ("ticket_events", "handle_seconds_below_0"): {"handle_seconds": -1},
    ("ticket_costs", "missing_ticket_id"): {"ticket_id": None},
    ("ticket_costs", "missing_group_name"): {"group_name": None},
    ("ticket_costs", "ticket_unknown"): {"ticket_id": 99},
    ("ticket_costs", "handle_minutes_below_0"): {"handle_minutes": -0.1},
    ("ticket_costs", "cost_usd_below_0"): {"cost_usd": float("nan")},
    ("satisfaction_ratings", "missing_rating_id"): {"rating_id": None},
    ("satisfaction_ratings", "missing_ticket_id"): {"ticket_id": None},
    ("satisfaction_ratings", "missing_score"): {"score": None},
    ("satisfaction_ratings", "missing_rated_at"): {"rated_at": None},
    ("satisfaction_ratings", "ticket_unknown"): {"ticket_id": 99},
    ("satisfaction_ratings", "score_out_of_range"): {"score": 6},
    ("satisfaction_ratings", "rated_at_implausible"): {"rated_at": at(9e5)},
    ("satisfaction_ratings", "rated_at_after_as_of"): {"rated_at": at(25)},
    ("satisfaction_ratings", "rated_at_before_creation"): {"rated_at": at(-1)},
}

NAMES = {
    "agents": ("name", "group_name", "role", "time_zone"),
    "sla_policies": ("policy_name",),
    "tickets": (
        "external_id",
        "channel",
        "group_name",
        "organization_name",
        "organization_tier",
    ),
    "ticket_events": ("activity", "group_name"),
    "ticket_costs": ("group_name",),
}
LEAST: dict[str, Row] = {
    "agents": {"agent_id": 9},
    "tickets": {"ticket_id": 9, "created_at": at(0)},
}
BROKEN |= {
    (table, f"{name}_too_long"): LEAST.get(table, {}) | {name: "x" * 501}
    for table, names in NAMES.items()
    for name in names
}

# A fault of these tables is one changed value in a row that is right but for it.
SOUND: dict[str, Row] = {
    "sla_policies": {
        "sla_policy_id": 2,
        "priority": "high",
        "metric": "agent_work_time",
        "target_seconds": 60,
    },
    "ticket_events": _event(event_id=9, ticket_id=1, event_at=at(1)),
    "ticket_costs": {"ticket_id": 2, "group_name": "G", "handle_minutes": 1.0, "cost_usd": 1.0},
    "satisfaction_ratings": {"rating_id": 9, "ticket_id": 1, "score": 1, "rated_at": at(3)},
}


def test_each_rule_refuses_the_row_that_breaks_it_and_only_that(tmp_path: Path) -> None:
    tables = desk()
    for (name, _), fault in BROKEN.items():
        tables[name].append(SOUND.get(name, {}) | fault)
    admission, raw = admitted(tmp_path, tables)
    found = [(row["table_name"], row["rule"], row["source_row"]) for row in raw["rejected_rows"]]
    sound = {name: len(rows) for name, rows in desk().items()}
    places = Counter[str]()
    for name, rule in BROKEN:
        places[name] += 1
        assert (name, rule, sound[name] + places[name]) in found
    assert len(found) == len(BROKEN)
    assert {name: len(raw[name]) for name in sound} == sound
    assert admission.rejected == dict.fromkeys(BROKEN, 1)
    assert raw["source_info"][0]["rows_rejected"] == len(BROKEN)
    assert all(row["reason"] for row in raw["rejected_rows"])


def test_every_rule_of_the_contract_has_a_row_that_breaks_it() -> None:
    elsewhere = {(rule.table, rule.name) for rule in RULES if rule.name == "ticket_refused"}
    assert {(rule.table, rule.name) for rule in RULES} == BROKEN.keys() | elsewhere


def test_a_refused_row_is_kept_whole_with_its_reason(tmp_path: Path) -> None:
    tables = desk()
    tables["satisfaction_ratings"].append(
        {"rating_id": 2, "ticket_id": 2, "score": 0, "rated_at": at(3), "comment": 'so "so"\n'}
    )
    (row,) = admitted(tmp_path, tables)[1]["rejected_rows"]
    assert row["source_file"] == "satisfaction_ratings.parquet"
    assert row["source_row"] == 2
    assert row["reason"] == "score is 0, 1 to 5 is expected"
    assert json.loads(row["row_json"]) == {
        "rating_id": 2,
        "ticket_id": 2,
        "score": 0,
        "rated_at": "2024-01-01 03:00:00",
        "comment": 'so "so"\n',
    }


def test_of_rows_with_the_same_key_the_first_sound_one_stays(tmp_path: Path) -> None:
    tables = desk()
    broken_twin = tables["tickets"][0] | {"status": "unheard of"}
    tables["tickets"] = [broken_twin, *tables["tickets"], tables["tickets"][1]]
    tables["ticket_events"].append(tables["ticket_events"][0] | {"activity": "Twin"})
    tables["sla_policies"] *= 3
    _, raw = admitted(tmp_path, tables)
    refused = Counter((row["table_name"], row["rule"]) for row in raw["rejected_rows"])
    assert refused == {
        ("tickets", "unknown_status"): 1,
        ("tickets", "duplicate_ticket_id"): 1,
        ("ticket_events", "duplicate_event_id"): 1,
        ("sla_policies", "duplicate_sla_policy_id_priority_metric"): 2,
    }
    assert [row["activity"] for row in raw["ticket_events"]] == ["Do"] * 4
    assert [row["ticket_id"] for row in raw["tickets"]] == [1, 2]


def test_what_hangs_on_a_refused_ticket_is_refused_and_says_so(tmp_path: Path) -> None:
    tables = desk()
    tables["tickets"][0]["status"] = "unheard of"
    _, raw = admitted(tmp_path, tables)
    refused = Counter((row["table_name"], row["rule"]) for row in raw["rejected_rows"])
    assert refused == {
        ("tickets", "unknown_status"): 1,
        ("ticket_events", "ticket_refused"): 2,
        ("ticket_costs", "ticket_refused"): 1,
        ("satisfaction_ratings", "ticket_refused"): 1,
    }
    assert raw["rejected_rows"][1]["reason"] == "its ticket 1 was refused"


def test_a_ticket_of_which_no_event_is_left_goes_with_its_cost_and_rating(tmp_path: Path) -> None:
    tables = desk()
    for event in tables["ticket_events"][:2]:
        event["activity"] = None
    _, raw = admitted(tmp_path, tables)
    refused = Counter((row["table_name"], row["rule"]) for row in raw["rejected_rows"])
    assert refused == {
        ("tickets", "ticket_without_events"): 1,
        ("ticket_events", "missing_activity"): 2,
        ("ticket_costs", "ticket_refused"): 1,
        ("satisfaction_ratings", "ticket_refused"): 1,
    }


def test_rows_that_the_reader_refused_are_kept_and_counted(tmp_path: Path) -> None:
    early = {
        "table_name": "ticket_events",
        "source_file": "log.csv",
        "source_row": 3,
        "rule": "missing_case",
        "reason": "the row names no case",
        "row_json": "{}",
    }
    tables = desk() | {"rejected_rows": [early]}
    tables["ticket_events"][3]["status"] = "unheard of"
    admission, raw = admitted(tmp_path, tables)
    assert raw["rejected_rows"][0] == early
    assert [row["rule"] for row in raw["rejected_rows"]] == ["missing_case", "unknown_status"]
    assert raw["source_info"][0]["rows_rejected"] == admission.rows["rejected_rows"] == 2


def spoil(folder: Path, fault: str) -> None:
    """Plant a fault in the tickets' candidate file."""
    path = folder / "tickets.parquet"
    table = pq.read_table(path)
    if fault == "missing":
        table = table.drop_columns(["created_at"])
    elif fault == "extra":
        table = table.append_column("mood", pa.array(["good", "bad"]))
    elif fault == "type":
        table = table.set_column(0, "ticket_id", pa.array(["1", "2"]))
    elif fault == "zone":
        place = table.schema.get_field_index("created_at")
        zoned = table["created_at"].cast(pa.timestamp("us", tz="UTC"))
        table = table.set_column(place, "created_at", zoned)
    pq.write_table(table, path)
    if fault == "damaged":
        path.write_bytes(path.read_bytes()[:-20])
    if fault == "no source":
        (folder / "source_info.parquet").unlink()
    if fault == "two sources":
        info = pq.read_table(folder / "source_info.parquet")
        pq.write_table(pa.concat_tables([info, info]), folder / "source_info.parquet")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("missing", "tickets.parquet does not follow the contract: created_at is missing."),
        ("extra", "tickets.parquet does not follow the contract: mood is not a column of tickets."),
        ("type", "ticket_id is VARCHAR where BIGINT is expected."),
        ("zone", "created_at is TIMESTAMP WITH TIME ZONE where TIMESTAMP is expected."),
        ("damaged", "tickets.parquet cannot be read as Parquet: "),
        ("no source", "source_info.parquet is missing"),
        ("two sources", "source_info.parquet needs exactly one row"),
    ],
)
def test_candidates_that_are_not_the_contract_s_are_one_error_and_leave_raw_alone(
    tmp_path: Path, fault: str, says: str
) -> None:
    admitted(tmp_path, desk())
    before = {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}
    folder = candidates(tmp_path / "incoming", desk())
    spoil(folder, fault)
    with pytest.raises(SourceError) as caught:
        admit(folder, tmp_path / "raw")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incoming", "raw"]


def test_if_no_event_is_left_the_reasons_are_said_and_raw_is_left_alone(tmp_path: Path) -> None:
    admitted(tmp_path, desk())
    tables = desk()
    for event in tables["ticket_events"]:
        event["ticket_id"] = 99
    with pytest.raises(SourceError, match=r"none of 4 event rows can be used: 4 ticket_unknown \("):
        admitted(tmp_path, tables)
    with pytest.raises(SourceError, match="no events were read"):
        admitted(tmp_path, {"ticket_events": []})
    assert len(rows_of(tmp_path / "raw" / "ticket_events.parquet")) == 4


@pytest.mark.parametrize("crash", ["after the first rename", "after the second rename"])
def test_a_crash_leaves_the_old_or_the_new_and_the_next_call_mends_it(
    tmp_path: Path, crash: str
) -> None:
    admitted(tmp_path, desk())
    raw, previous = tmp_path / "raw", tmp_path / ".raw.previous"
    if crash == "after the first rename":
        raw.rename(previous)
        shutil.copytree(previous, tmp_path / ".raw.next")
    else:
        shutil.copytree(raw, previous)
    with pytest.raises(SourceError):
        admitted(tmp_path, {"ticket_events": []})
    assert len(rows_of(raw / "ticket_events.parquet")) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incoming", "raw"]


def test_if_the_new_folder_cannot_take_its_place_the_old_one_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admitted(tmp_path, desk())
    rename = Path.rename

    def fail_for_the_new(self: Path, target: Path) -> Path:
        if self.name == ".raw.next":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)
    folder = candidates(tmp_path / "incoming", desk() | {"agents": []})
    with pytest.raises(PermissionError):
        admit(folder, tmp_path / "raw")
    assert len(rows_of(tmp_path / "raw" / "agents.parquet")) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incoming", "raw"]


def test_a_second_admission_replaces_every_table_of_the_first(tmp_path: Path) -> None:
    admitted(tmp_path, desk())
    only = {name: desk()[name][:1] for name in ("tickets", "ticket_events")}
    _, raw = admitted(tmp_path, only)
    assert {name: len(raw[name]) for name in TABLES} == {
        "agents": 0,
        "sla_policies": 0,
        "tickets": 1,
        "ticket_events": 1,
        "ticket_costs": 0,
        "satisfaction_ratings": 0,
    }


ID = st.one_of(st.none(), st.integers(1, 4))
INSTANT = st.one_of(st.none(), st.integers(-2, 30).map(at))
STATUS = st.sampled_from([None, "open", "closed", "unheard of"])


def rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Lists of rows with these columns."""
    return st.lists(st.fixed_dictionaries(columns), max_size=8)


@settings(max_examples=12, deadline=None)
@given(
    tables=st.fixed_dictionaries(
        {
            "tickets": rows(ticket_id=ID, created_at=INSTANT, closed_at=INSTANT, status=STATUS),
            "ticket_events": rows(
                event_id=ID,
                ticket_id=ID,
                event_at=INSTANT,
                activity=st.sampled_from([None, "Do"]),
                source_position=st.integers(1, 9),
            ),
            "ticket_costs": rows(
                ticket_id=ID, group_name=st.sampled_from([None, "G"]), cost_usd=st.floats(-1, 1)
            ),
            "satisfaction_ratings": rows(
                rating_id=ID, ticket_id=ID, score=st.integers(0, 6), rated_at=INSTANT
            ),
        }
    )
)
def test_whatever_comes_in_is_admitted_or_refused_and_what_is_admitted_holds_together(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, list[Row]]
) -> None:
    # A ticket and an event that are sound, so that something is left.
    tables["tickets"].append({"ticket_id": 100, "created_at": at(0)})
    tables["ticket_events"].append(_event(event_id=100, ticket_id=100, event_at=at(0)))
    admission, raw = admitted(tmp_path_factory.mktemp("any"), tables)
    refused = Counter(row["table_name"] for row in raw["rejected_rows"])
    for name, rows_in in tables.items():
        assert len(raw[name]) + refused[name] == len(rows_in)
        assert admission.rows[name] == len(raw[name])
        keys = [tuple(row[column] for column in TABLES[name].key) for row in raw[name]]
        assert len(keys) == len(set(keys))
    created = {ticket["ticket_id"]: ticket["created_at"] for ticket in raw["tickets"]}
    assert created.keys() == {event["ticket_id"] for event in raw["ticket_events"]}
    for event in raw["ticket_events"]:
        assert created[event["ticket_id"]] <= event["event_at"] <= at(24)
    for row in (*raw["ticket_costs"], *raw["satisfaction_ratings"]):
        assert row["ticket_id"] in created
