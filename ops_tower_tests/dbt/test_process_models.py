"""The models of order, transitions and variants, on random logs: laws that hold for every log."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_tower.analysis.process_mining import transition_matrix, variants
from ops_tower.settings import Home
from ops_tower.sources.contract import TICKET_EVENTS
from ops_tower_tests.analysis.marts import TRANSITIONS, VARIANTS
from ops_tower_tests.analysis.real_logs import process_marts
from ops_tower_tests.benchmarks.miners import EVENTS, ops_tower
from ops_tower_tests.benchmarks.process import compile_models

START = datetime(2026, 3, 2)  # noqa: DTZ001 - naive UTC as everywhere

# Case, activity, microseconds: few of each, so that ties, loops and cases of one event are common.
ROWS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from(["A", "B", "C > A", ""]),
        st.sampled_from([0, 1, 999_999, 10**6, 3_600 * 10**6, 7_200 * 10**6 + 137]),
    ),
    min_size=1,
    max_size=40,
)
Rows = list[tuple[int, str, int]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the compiled models and no log yet."""
    home = Home(tmp_path_factory.mktemp("models"))
    home.raw.mkdir()
    write(home.root, [(1, "A", 0)])
    compile_models(home)
    return home.root


def write(folder: Path, rows: Rows, order: Random | None = None) -> None:
    """The rows as raw events whose place in the source is their place in `rows`, shuffled."""
    listed = [
        {
            "event_id": 1000 - place,
            "ticket_id": case,
            "event_at": START + timedelta(microseconds=at),
            "activity": activity or "D",
            "source_position": place,
        }
        for place, (case, activity, at) in enumerate(rows)
    ]
    if order:
        order.shuffle(listed)
    pq.write_table(pa.Table.from_pylist(listed, schema=TICKET_EVENTS.schema), folder / EVENTS)


def mined(
    folder: Path, rows: Rows, order: Random | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Transitions and variants of the rows, in an order that does not depend on the engine."""
    write(folder, rows, order)
    transitions, histories = ops_tower(folder)
    return (
        transitions.sort_values(["from_activity", "to_activity"], ignore_index=True),
        histories.sort_values("variant", ignore_index=True),
    )


def naive(rows: Rows) -> pd.DataFrame:
    """The log as the slow, second road takes it."""
    frame = pd.DataFrame(rows, columns=["case", "activity", "at"])
    frame["activity"] = frame["activity"].replace("", "D")
    frame["at"] = START + pd.to_timedelta(frame["at"], unit="us")
    return frame.sort_values(["case", "at"], kind="stable")


quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(ROWS, st.randoms(use_true_random=False))
def test_what_flows_in_flows_out_or_ends_and_nothing_is_lost(
    folder: Path, rows: Rows, order: Random
) -> None:
    transitions, histories = mined(folder, rows, order)
    cases = len({case for case, *_ in rows})
    assert histories["cases"].sum() == cases
    assert (histories["cases"] * histories["activities"]).sum() == len(rows)
    assert transitions["transitions"].sum() == len(rows) - cases
    flow: Counter[str] = Counter()
    for sign, frame, column, count in (
        (1, transitions, "to_activity", "transitions"),
        (1, histories, "first_activity", "cases"),
        (-1, transitions, "from_activity", "transitions"),
        (-1, histories, "last_activity", "cases"),
    ):
        for activity, number in zip(frame[column], frame[count], strict=True):
            flow[activity] += sign * number
    assert set(flow.values()) <= {0}


@quick
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_in_the_file_changes_nothing(
    folder: Path, rows: Rows, order: Random
) -> None:
    for one, other in zip(mined(folder, rows), mined(folder, rows, order), strict=True):
        pd.testing.assert_frame_equal(one, other)


@quick
@given(ROWS, st.randoms(use_true_random=False))
def test_counts_and_hours_are_those_of_a_plain_reader(
    folder: Path, rows: Rows, order: Random
) -> None:
    found = mined(folder, rows, order)
    plain = process_marts(naive(rows))
    for own, expected, keys, columns in (
        (
            found[0],
            plain[0],
            ["from_activity", "to_activity"],
            [name for name in TRANSITIONS if "modal" not in name and "business" not in name],
        ),
        (found[1], plain[1], ["variant"], ["variant", "activities", "cases", "total_hours"]),
    ):
        pd.testing.assert_frame_equal(
            own[columns].reset_index(drop=True),
            expected.sort_values(keys, ignore_index=True)[columns],
            check_dtype=False,
            rtol=1e-9,
            atol=1e-12,
        )


@quick
@given(ROWS)
def test_probabilities_and_shares_of_cases_sum_to_one(folder: Path, rows: Rows) -> None:
    transitions, histories = mined(folder, rows)
    for name in TRANSITIONS:
        if "business" in name:
            transitions[name] = 0.0
    matrix = transition_matrix(transitions)
    leaving = matrix.groupby("from_activity")["probability"].sum()
    assert leaving.tolist() == pytest.approx([1.0] * len(leaving))
    ranked = variants(histories.assign(finished_cases=0, median_cycle_hours=0.0)[list(VARIANTS)])
    assert ranked["share"].sum() == pytest.approx(1.0)
    assert ranked["cases"].sum() == len({case for case, *_ in rows})
