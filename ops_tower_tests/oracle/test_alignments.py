"""Alignment costs equal pm4py's, exactly, on real histories and on several kinds of path."""

import numpy as np
import pandas as pd
import pytest

from ops_tower.analysis.alignment import DocumentedPath, Step, align_all
from ops_tower.analysis.conformance import choose_path, split_variants
from ops_tower_tests.analysis.real_logs import events, process_marts, real_log
from ops_tower_tests.oracle.reference import costs

pytestmark = pytest.mark.filterwarnings("ignore")  # pm4py's own

LOGS = ("helpdesk", "bpic2013_closed", "many activities")


@pytest.fixture(scope="module", params=LOGS)
def marts(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, pd.DataFrame]:
    if request.param == "many activities":
        return process_marts(many_activities())
    return process_marts(events(real_log(request.param)))


def many_activities(cases: int = 200) -> pd.DataFrame:
    """Histories over 24 activities, nearly each its own variant, some of one event."""
    rng = np.random.default_rng(24)
    start = pd.Timestamp("2026-01-05", tz="UTC")
    rows = [
        (f"c{case}", f"step {min(int(step), 24):02d}", start + pd.Timedelta(hours=hour))
        for case in range(cases)
        for hour, step in enumerate(rng.geometric(0.15, rng.integers(1, 12)))
    ]
    return pd.DataFrame(rows, columns=["case", "activity", "at"])


def paths(marts: tuple[pd.DataFrame, pd.DataFrame]) -> list[DocumentedPath]:
    """The most frequent variant, and paths with options, loops and alternatives of the same log."""
    transitions, variants = marts
    frequent = choose_path(variants, transitions, ())
    assert frequent is not None
    names = (
        variants.groupby("first_activity")["cases"]
        .sum()
        .sort_values(ascending=False)
        .index.tolist()
        + transitions.groupby("to_activity")["transitions"].sum().sort_values().index.tolist()[::-1]
    )
    first, second, third, *_ = dict.fromkeys(names)
    options = (
        Step(((first,),), repeatable=True),
        Step(((second, third),), optional=True),
        Step(((third,),)),
    )
    loop = (
        Step(((first,),), optional=True),
        Step(((second,), (third,)), optional=True, repeatable=True),
        Step(((second, first),), repeatable=True),
    )
    return [frequent, DocumentedPath("options", options), DocumentedPath("loop", loop)]


@pytest.mark.parametrize("place", range(3))
def test_costs_of_all_variants_are_equal(
    marts: tuple[pd.DataFrame, pd.DataFrame], place: int
) -> None:
    transitions, variants = marts
    traces = sorted(split_variants(variants, transitions))
    path = paths(marts)[place]
    assert [own.cost for own in align_all(traces, path)] == costs(traces, path)
