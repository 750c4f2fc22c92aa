"""Real desks' public logs, read from where they lie, against their published figures."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import mean, quantiles

import pytest

from ops_tower_tests.sources.reading import Raw, read, real_log

BOTH_COLUMNS = {"activity": ["concept:name", "lifecycle:transition"]}


@pytest.fixture(scope="module")
def helpdesk(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """The ticketing log of an Italian software company."""
    home = tmp_path_factory.mktemp("helpdesk")
    return read(home, real_log("helpdesk.xes.gz"), columns={"group": ["workgroup"]})


def traces(raw: Raw) -> list[list[tuple[str, float]]]:
    """Each ticket's activities and hours, by time and then by place in the source."""
    found: dict[int, list[tuple[str, float]]] = {}
    for e in sorted(raw.events, key=lambda e: (e["event_at"], e["source_position"])):
        step = (e["activity"], e["event_at"].timestamp() / 3600)
        found.setdefault(e["ticket_id"], []).append(step)
    return list(found.values())


def variants(raw: Raw) -> Counter[tuple[str, ...]]:
    """How many tickets ran through each sequence of activities."""
    return Counter(tuple(activity for activity, _ in trace) for trace in traces(raw))


def test_helpdesk_has_its_published_figures(helpdesk: Raw) -> None:
    assert helpdesk.admission.rows["tickets"] == 4_580
    assert helpdesk.admission.rows["ticket_events"] == 21_348
    assert helpdesk.rejected == []
    assert len({e["activity"] for e in helpdesk.events}) == 14
    assert len(variants(helpdesk)) == 226
    edges = Counter(
        (before, after) for trace in traces(helpdesk) for (before, _), (after, _) in pairwise(trace)
    )
    assert (len(edges), edges.total()) == (55, 16_768)
    assert edges["Assign seriousness", "Take in charge ticket"] == 4_160
    lengths = [len(trace) for trace in traces(helpdesk)]
    assert (min(lengths), round(mean(lengths), 3), max(lengths)) == (2, 4.661, 15)


def test_helpdesk_s_share_of_cases_per_activity(helpdesk: Raw) -> None:
    cases = Counter(a for trace in traces(helpdesk) for a in {activity for activity, _ in trace})
    shares = {activity: round(100 * count / 4_580, 2) for activity, count in cases.items()}
    assert shares["Resolve ticket"] == 99.76
    assert shares["Closed"] == 99.54
    assert shares["Assign seriousness"] == 98.14
    assert shares["Take in charge ticket"] == 93.56
    assert shares["Wait"] == 26.99


def test_helpdesk_s_three_largest_variants(helpdesk: Raw) -> None:
    published = Counter(
        {
            variant: count
            for variant, count in variants(helpdesk).items()
            if variant[0].startswith(("Assign", "Insert")) and variant[-1] == "Closed"
        }
    )
    assert published.total() == 4_479
    assert [count for _, count in published.most_common(3)] == [2_366, 552, 228]


def test_helpdesk_s_auto_close_timer_keeps_its_hours(helpdesk: Raw) -> None:
    waits = [
        (end - start, (before, after) == ("Resolve ticket", "Closed"))
        for trace in traces(helpdesk)
        for (before, start), (after, end) in pairwise(trace)
    ]
    to_close = [hours for hours, is_close in waits if is_close]
    assert round(100 * sum(to_close) / sum(hours for hours, _ in waits), 2) == 71.55
    assert [round(q, 1) for q in quantiles(to_close, n=4, method="inclusive")] == [
        360.0,
        720.0,
        912.1,
    ]


def test_helpdesk_s_finished_cases_are_told_by_their_last_activity(helpdesk: Raw) -> None:
    assert helpdesk.log.end_activities == ("Closed",)
    last = Counter(trace[-1][0] for trace in traces(helpdesk))
    closed = [t for t in helpdesk.tickets if t["status"] == "closed"]
    assert len(closed) == last["Closed"]
    assert all(t["closed_at"] and not t["solved_at"] for t in closed)
    assert {t["group_name"] for t in helpdesk.tickets} <= {f"Value {i}" for i in range(1, 6)}


@pytest.mark.parametrize(("columns", "expected"), [({}, 183), (BOTH_COLUMNS, 327)])
def test_bpic_2013_has_its_variants_on_status_alone_and_with_its_sub_status(
    tmp_path: Path, columns: dict[str, list[str]], expected: int
) -> None:
    group = {"group": ["organization involved"]}
    raw = read(tmp_path, real_log("bpic2013_closed.xes.gz"), columns=columns | group)
    assert raw.admission.rows["tickets"] == 1_487
    assert raw.admission.rows["ticket_events"] == 6_660
    assert raw.admission.rows["agents"] == 585
    assert len(variants(raw)) == expected
    assert len({e["activity"] for e in raw.events}) == (7 if columns else 4)
    assert len({e["group_name"] for e in raw.events}) == 324
    assert {t["status"] for t in raw.tickets} == {"closed"}


def test_a_group_column_that_is_not_there_lists_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"There are: concept:name, org:resource, .*workgroup"):
        read(tmp_path, real_log("helpdesk.xes.gz"), columns={"group": ["team"]})
