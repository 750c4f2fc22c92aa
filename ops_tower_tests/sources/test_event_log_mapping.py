"""Which column plays which role: named, by the standard's keys, or by a usual name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log.mapping import ONLY_IF_NAMED, USUAL_NAMES, resolve
from ops_tower.sources.event_log.rows import REASONS
from ops_tower_tests.sources.reading import event, read, trace, write, xes


def roles(columns: Sequence[str], **wanted: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The names of the columns that were found for each role."""
    found = resolve(wanted, columns, "log.csv")
    return {role: tuple(columns[position] for position in found[role]) for role in found}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["case_id", "activity", "timestamp"], ["case_id", "activity", "timestamp"]),
        (
            ["Case ID", "Activity", "Complete Timestamp"],
            ["Case ID", "Activity", "Complete Timestamp"],
        ),
        (
            ["time:timestamp", "concept:name", "case:concept:name", "activity"],
            ["case:concept:name", "concept:name", "time:timestamp"],
        ),
        (["TICKET-ID", "event", "Date"], ["TICKET-ID", "event", "Date"]),
    ],
)
def test_usual_names_are_found_and_the_standard_s_keys_come_first(
    columns: list[str], expected: list[str]
) -> None:
    found = roles(columns)
    assert [found[role] for role in ("case", "activity", "timestamp")] == [(n,) for n in expected]


def test_a_named_column_wins_over_a_usual_one_and_may_differ_in_case() -> None:
    columns = ["case", "activity", "timestamp", "Queue Name", "team"]
    assert roles(columns)["group"] == ("team",)
    assert roles(columns, group=["queue name"])["group"] == ("Queue Name",)


def test_columns_with_fixed_values_are_used_only_where_they_are_named() -> None:
    columns = ["case", "activity", "timestamp", "status", "priority", "type"]
    assert not {"status", "priority", "type"} & roles(columns).keys()
    assert roles(columns, status=["status"])["status"] == ("status",)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (
            {"group": ["workgroup"]},
            "log.csv has no column 'workgroup' for group. There are: case, activity, timestamp, x.",
        ),
        (
            {"activity": ["activity", "substatus"]},
            "no column 'substatus' for activity. There are: ",
        ),
        ({"team": ["x"]}, "'team' is no role of a column: use case, activity, timestamp, group,"),
        ({"group": ["x", "case"]}, "The role group takes one column, not x, case."),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_there_is(
    wanted: dict[str, list[str]], says: str
) -> None:
    with pytest.raises(SourceError) as caught:
        resolve(wanted, ["case", "activity", "timestamp", "x"], "log.csv")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_role_says_how_to_name_it_and_a_wide_file_is_not_listed_whole() -> None:
    with pytest.raises(SourceError) as caught:
        resolve({}, ["activity", *(f"column {i}" for i in range(5_000))], "log.csv")
    assert "no column for case and timestamp: name it with --column case=…" in str(caught.value)
    assert "column 38 and 4961 more." in str(caught.value)


def test_the_message_of_a_real_read_lists_the_file_s_columns(tmp_path: Path) -> None:
    file = write(tmp_path / "log.csv", "case,activity,timestamp\nA,Do,2024-01-01\n")
    with pytest.raises(SourceError, match=r"There are: case, activity, timestamp\."):
        read(tmp_path, file, columns={"group": ["workgroup"]})


def test_trace_attributes_are_reached_with_and_without_their_prefix(tmp_path: Path) -> None:
    more = '<string key="customer" value="C1"/><string key="product" value="of the trace"/>'
    of_event = '<string key="product" value="of the event"/>'
    text = xes(trace(event("A", "2024-01-01T00:00:00Z", of_event), name="1", more=more))
    file = write(tmp_path / "log.xes", text)

    def organization(column: str) -> str:
        ticket = read(tmp_path, file, columns={"organization": [column]}).tickets[0]
        return str(ticket["organization_name"])

    assert organization("customer") == organization("case:customer") == "C1"
    assert organization("product") == "of the event"
    assert organization("case:product") == "of the trace"


def test_an_activity_may_be_made_of_several_columns(tmp_path: Path) -> None:
    text = "case,a,b,c,timestamp\n1,x,y,z,2024-01-01\n1,x,,z,2024-01-02\n1,,,,2024-01-03\n"
    raw = read(tmp_path, write(tmp_path / "log.csv", text), columns={"activity": ["a", "b", "c"]})
    assert [e["activity"] for e in raw.events] == ["x / y / z", "x / z"]
    assert raw.refusals() == [(3, "missing_activity")]


def test_the_manual_lists_every_usual_name_and_every_rule_of_reading() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "your-own-data.md").read_text(encoding="utf-8")
    for role, names in USUAL_NAMES.items():
        row = next(
            line for line in manual.splitlines() if line.startswith("|") and f"`{role}`" in line
        )
        found = row.split("|")[3]
        assert all(f"`{name}`" in found for name in names) == (role not in ONLY_IF_NAMED), role
    refused = manual[manual.index("## What is refused") :]
    assert not [rule for rule in (*REASONS, "malformed_row") if f"`{rule}`" not in refused]
