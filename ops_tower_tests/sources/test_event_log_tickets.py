"""What a log's rows become: tickets, their state, the people, and the rows that are refused."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log.mapping import REQUIRED_ROLES, USUAL_NAMES
from ops_tower.sources.event_log.tables import END_CASES
from ops_tower_tests.sources.reading import Raw, read, write

HEADER = "case,activity,timestamp\n"

COLUMNS = {role: [role] for role in USUAL_NAMES if role not in REQUIRED_ROLES}


def at(minute: int) -> datetime:
    """This minute of the first of January 2024."""
    return datetime.fromisoformat("2024-01-01") + timedelta(minutes=minute)


def read_rows(tmp_path: Path, *rows: dict[str, str], **options: object) -> Raw:
    """Read a log of these rows; every role is mapped for which some row has a value."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    file = write(tmp_path / "log.csv", "\n".join(lines) + "\n")
    columns = {role: names_ for role, names_ in COLUMNS.items() if role in names}
    return read(tmp_path, file, columns=columns, **options)


def row(case: str, activity: str, minute: int, **more: str) -> dict[str, str]:
    """A row that happened at this minute of the first of January 2024."""
    return {"case": case, "activity": activity, "timestamp": str(at(minute))} | more


def test_cases_and_people_are_numbered_by_first_appearance(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        row("z", "Do", 9, resource="Zoe", organization="Z Ltd"),
        row("a", "Do", 1, resource="Ann", organization="A Ltd"),
        row("z", "Do", 2, resource="Ann", organization="Z Ltd"),
    )
    assert [(t["ticket_id"], t["external_id"]) for t in raw.tickets] == [(1, "z"), (2, "a")]
    assert [(a["agent_id"], a["name"]) for a in raw.table("agents")] == [(1, "Zoe"), (2, "Ann")]
    assert [t["organization_id"] for t in raw.tickets] == [1, 2]
    assert [e["ticket_id"] for e in raw.events] == [1, 2, 1]


def test_blanks_around_a_value_do_not_count(tmp_path: Path) -> None:
    names = ["a b", " a b", "a b\t", "\t a b  ", "a  b"]
    raw = read_rows(tmp_path, *(row(name, f" {name}", 1) for name in names))
    assert [e["ticket_id"] for e in raw.events] == [1, 1, 1, 1, 2]
    assert [e["activity"] for e in raw.events] == ["a b"] * 4 + ["a  b"]


def test_events_of_equal_time_keep_the_source_s_order(tmp_path: Path) -> None:
    activities = [f"step {i}" for i in range(200)]
    raw = read_rows(tmp_path, *(row("a", activity, 5) for activity in activities))
    assert [e["activity"] for e in raw.events] == activities
    assert [e["source_position"] for e in raw.events] == list(range(1, 201))


def test_a_ticket_has_what_its_events_said_last_by_time(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        row("a", "Late", 9, group="G3", resource="Cy", priority="High", subject="new", tier="gold"),
        row(
            "a", "Early", 1, group="G1", resource="Ann", priority="low", subject="old", type="Task"
        ),
        row("a", "Last", 10, channel="email"),
    )
    (ticket,) = raw.tickets
    expected = {
        "group_name": "G3",
        "assignee_id": 1,
        "priority": "high",
        "subject": "new",
        "type": "task",
        "channel": "email",
        "organization_tier": "gold",
        "created_at": at(1),
        "status": "open",
        "closed_at": None,
    }
    assert {name: ticket[name] for name in expected} == expected


def test_an_agent_is_at_home_in_the_group_in_which_they_acted_most(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        row("a", "Do", 1, group="G1", resource="Ann"),
        row("a", "Do", 2, group="G2", resource="Ann"),
        row("b", "Do", 3, group="G2", resource="Ann"),
        row("b", "Do", 3, group="G2", resource="Tie"),
        row("b", "Do", 4, group="G1", resource="Tie"),
        row("b", "Do", 5, resource="Loose"),
    )
    homes = {agent["name"]: agent["group_name"] for agent in raw.table("agents")}
    assert homes == {"Ann": "G2", "Tie": "G2", "Loose": None}


def cases(count: int, *activities: str, first: int = 0) -> list[dict[str, str]]:
    """So many cases that all run through these activities."""
    return [
        row(f"{activities[-1]} {first + i}", activity, minute)
        for i in range(count)
        for minute, activity in enumerate(activities)
    ]


def test_an_activity_that_ends_nine_cases_of_ten_closes_them(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        *cases(27, "Open", "Work", "Done"),
        *cases(3, "Open", "Done", "Again"),  # 27 of 30 cases with Done end with it
        *cases(5, "Open", "Work"),
    )
    assert raw.log.end_activities == ("Done",)
    states = [(t["external_id"].split()[0], t["status"], t["closed_at"]) for t in raw.tickets]
    assert states.count(("Done", "closed", at(2))) == 27
    assert states.count(("Again", "open", None)) == 3
    assert states.count(("Work", "open", None)) == 5
    assert {e["status"] for e in raw.events if e["activity"] != "Done"} == {None}
    assert sorted(str(e["status"]) for e in raw.events if e["activity"] == "Done") == (
        ["None"] * 3 + ["closed"] * 27
    )


@pytest.mark.parametrize(
    "rows",
    [
        cases(26, "Open", "Done") + cases(4, "Done", "Again"),  # 26 of 30 are too small a share
        cases(END_CASES - 1, "Open", "Done"),  # too few to tell
    ],
)
def test_an_activity_that_ends_fewer_cases_closes_none(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    raw = read_rows(tmp_path, *rows)
    assert raw.log.end_activities == ()
    assert {ticket["status"] for ticket in raw.tickets} == {"open"}


def test_an_activity_that_repeats_before_the_end_still_closes(tmp_path: Path) -> None:
    raw = read_rows(tmp_path, *cases(END_CASES, "Done", "Done", "Done"))
    assert raw.log.end_activities == ("Done",)
    assert {t["closed_at"] for t in raw.tickets} == {at(2)}


def test_of_events_of_equal_time_the_last_in_the_source_is_the_case_s_last(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        *cases(END_CASES, "Open", "Done"),
        row("reopened", "Done", 5, group="G1"),
        row("reopened", "Again", 5, group="G2"),
        row("finished", "Again", 5, group="G1"),
        row("finished", "Done", 5, group="G2"),
    )
    states = {t["external_id"]: (t["status"], t["group_name"]) for t in raw.tickets[-2:]}
    assert states == {"reopened": ("open", "G2"), "finished": ("closed", "G2")}


def test_named_end_activities_replace_what_the_log_shows(tmp_path: Path) -> None:
    rows = [*cases(30, "Open", "Done"), *cases(2, "Open", "Cancelled")]
    raw = read_rows(tmp_path, *rows, end_activities=["Cancelled"])
    assert [t["external_id"] for t in raw.tickets if t["status"] == "closed"] == [
        "Cancelled 0",
        "Cancelled 1",
    ]
    with pytest.raises(SourceError, match=r"'Gone'\. There are: Cancelled, Done, Open\."):
        read_rows(tmp_path, *rows, end_activities=["Gone"])


def test_a_mapped_status_decides_and_tells_when_it_was_solved_and_closed(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        row("a", "1", 1, status="New"),
        row("a", "2", 2, status="solved"),
        row("a", "3", 3, status="Open"),
        row("a", "4", 4, status="solved"),
        row("a", "5", 5, status="solved"),
        row("a", "6", 6),
        row("a", "7", 7, status="CLOSED"),
        row("a", "8", 8, status="closed"),
        row("b", "1", 1, status="solved"),
        row("b", "2", 2, status="open"),
        row("c", "1", 1),
    )
    found = [(t["status"], t["solved_at"], t["closed_at"]) for t in raw.tickets]
    assert found == [
        ("closed", at(4), at(7)),
        ("open", None, None),
        (None, None, None),
    ]
    assert [e["status"] for e in raw.events][4:7] == ["solved", None, "closed"]


def test_what_happens_after_as_of_is_refused_and_says_nothing(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        *cases(END_CASES, "Open", "Done"),
        row("later", "Open", 0, group="G1"),
        row("later", "Moved", 5, group="G2"),
        row("latest", "Open", 6),
        as_of=at(3),
    )
    assert raw.info["as_of"] == at(3)
    by_name = {t["external_id"]: t for t in raw.tickets}
    assert by_name["later"]["group_name"] == "G1"
    assert "latest" not in by_name
    assert sorted(
        (r["table_name"], r["source_file"], r["source_row"], r["rule"]) for r in raw.rejected
    ) == [
        ("ticket_events", "log.csv", 42, "event_at_after_as_of"),
        ("ticket_events", "log.csv", 43, "ticket_refused"),
        ("tickets", "tickets.parquet", 22, "created_at_after_as_of"),
    ]
    assert raw.info["rows_rejected"] == 3


def test_as_of_is_the_last_event_unless_it_is_given(tmp_path: Path) -> None:
    raw = read_rows(tmp_path, row("a", "Do", 61), row("a", "Do", 60))
    assert raw.info["as_of"] == raw.log.as_of == at(61)


def test_events_before_their_ticket_s_creation_are_refused_by_file_and_row(tmp_path: Path) -> None:
    created = "2024-01-01 00:05:00"
    raw = read_rows(
        tmp_path,
        row("a", "Early", 4, created_at=created),
        row("a", "On time", 5, created_at=created),
        row("b", "Unread", 9, created_at="then"),
    )
    assert raw.tickets[0]["created_at"] == at(5)
    assert sorted(raw.refusals()) == [(1, "event_at_before_creation"), (3, "unparsable_created_at")]


def test_each_unusable_row_is_refused_for_its_own_reason(tmp_path: Path) -> None:
    good = row("a", "Do", 1, event_id="e1")
    raw = read_rows(
        tmp_path,
        good,
        good | {"case": " ", "event_id": "e2"},
        good | {"activity": "", "event_id": "e3"},
        good | {"timestamp": "", "event_id": "e4"},
        good | {"timestamp": "soon", "event_id": "e5"},
        good | {"event_id": ""},
        good,
        good | {"event_id": "e8", "status": "In Progress"},
        good | {"event_id": "e9", "priority": "P1"},
        good | {"event_id": "e10", "type": "bug"},
        good | {"event_id": "e11", "actor_role": "robot"},
        good | {"event_id": "e12", "is_public": "maybe"},
        good | {"event_id": "e13", "actor_role": "End-user", "is_public": "Yes"},
    )
    assert raw.refusals() == [
        (2, "missing_case"),
        (3, "missing_activity"),
        (4, "missing_timestamp"),
        (5, "unparsable_timestamp"),
        (6, "missing_event_id"),
        (7, "duplicate_event_id"),
        (8, "unknown_status"),
        (9, "unknown_priority"),
        (10, "unknown_type"),
        (11, "unknown_actor_role"),
        (12, "unknown_is_public"),
    ]
    assert [(e["actor_role"], e["is_public"]) for e in raw.events] == [
        (None, None),
        ("end_user", True),
    ]
    assert raw.rejected[6]["reason"] == (
        "status is in_progress, not one of new, open, pending, hold, solved, closed"
    )
    assert '"status":"In Progress"' in raw.rejected[6]["row_json"]
    assert {r["source_file"] for r in raw.rejected} == {"log.csv"}
    assert {r["table_name"] for r in raw.rejected} == {"ticket_events"}


def test_event_ids_are_kept_if_all_are_whole_numbers(tmp_path: Path) -> None:
    raw = read_rows(tmp_path, row("a", "Do", 1, event_id="70"), row("a", "Do", 2, event_id="7"))
    assert [e["event_id"] for e in raw.events] == [70, 7]
    raw = read_rows(tmp_path, row("a", "Do", 1, event_id="70"), row("a", "Do", 2, event_id="x"))
    assert [e["event_id"] for e in raw.events] == [1, 2]


def test_a_placeholder_of_a_time_is_refused_without_its_ticket(tmp_path: Path) -> None:
    raw = read_rows(
        tmp_path,
        row("a", "Do", 1),
        row("a", "Do", 2) | {"timestamp": "1900-01-01 00:00:00"},
        row("a", "Do", 2) | {"timestamp": "9999-12-31 00:00:00"},
        row("a", "Do", 2, created_at="0001-01-01"),
    )
    assert raw.tickets[0]["created_at"] == raw.info["as_of"] == at(1)
    assert raw.refusals() == [
        (2, "implausible_timestamp"),
        (3, "implausible_timestamp"),
        (4, "implausible_created_at"),
    ]


def test_the_second_log_in_a_home_replaces_the_first_wholly(tmp_path: Path) -> None:
    read_rows(tmp_path, row("a", "Do", 1, group="G", resource="Ann"), row("a", "", 1))
    raw = read_rows(tmp_path, row("b", "Be", 2))
    assert [t["external_id"] for t in raw.tickets] == ["b"]
    assert [e["activity"] for e in raw.events] == ["Be"]
    assert raw.table("agents") == raw.rejected == []


FIELD = st.sampled_from(["", " ", "x", "1", "'", "open", "2024-01-01", "01/02/2024", "1900-01-01"])
TIME = st.one_of(FIELD, st.datetimes(at(-500_000), at(500_000)).map(str))


@settings(max_examples=8, deadline=None)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "case": st.sampled_from(["", "a", "b", "c"]),
                "activity": st.sampled_from(["", "Do", "Be"]),
                "timestamp": TIME,
                "created_at": TIME,
                "status": FIELD,
                "event_id": st.sampled_from(["", "1", "2", "3", "4", "5", "x"]),
                "extra": st.sampled_from(["", "one too many,"]),
            }
        ),
        max_size=20,
    ),
    as_of=st.none() | st.datetimes(at(-500_000), at(500_000)),
)
def test_every_row_that_is_read_is_either_admitted_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], as_of: datetime | None
) -> None:
    usable = row("safe", "Do", 1, event_id="99") | {"timestamp": "2023-01-01"}
    folder = tmp_path_factory.mktemp("rows")
    raw = read_rows(folder, usable | {"extra": ""}, *rows, as_of=as_of)
    of_events = [r for r in raw.rejected if r["table_name"] == "ticket_events"]
    places = [e["source_position"] for e in raw.events] + [r["source_row"] for r in of_events]
    assert sorted(places) == list(range(1, len(rows) + 2))
    assert raw.info["rows_read"] == len(rows) + 1
    assert raw.info["rows_rejected"] == len(raw.rejected) == raw.admission.rows_rejected
    assert all(r["reason"] and r["rule"] and r["row_json"] for r in raw.rejected)
