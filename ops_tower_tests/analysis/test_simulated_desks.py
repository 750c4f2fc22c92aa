"""What the simulator planted is what the analyses find, through the warehouse and back.

Two desks are looked at on every run; with OPS_TOWER_LARGE_TESTS set, all presets.
"""

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

import duckdb
import pandas as pd
import pytest

from ops_tower import warehouse
from ops_tower.analysis.alignment import documented_paths
from ops_tower.analysis.bottlenecks import group_bottlenecks
from ops_tower.analysis.conformance import choose_path, conformance
from ops_tower.analysis.intervals import wilson
from ops_tower.analysis.process_mining import transition_matrix
from ops_tower.analysis.rework import handovers
from ops_tower.analysis.waits import waiting_split
from ops_tower.settings import Home
from ops_tower.sources.admission import admit
from ops_tower.sources.simulator import SimulatorParameters, preset, simulate

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC
IS_LARGE = "OPS_TOWER_LARGE_TESTS" in os.environ
# A small desk is staffed for coverage: at 12,000 tickets Tier 1 cannot be made short of people.
TICKETS = 50_000 if IS_LARGE else 12_000
LARGE = pytest.mark.skipif(not IS_LARGE, reason="takes minutes: set OPS_TOWER_LARGE_TESTS")
MARTS = (
    "mart_group_performance",
    "mart_capacity",
    "mart_source",
    "mart_handovers",
    "mart_process_transitions",
    "mart_process_variants",
    "mart_transition_waits",
)


class Desk(NamedTuple):
    """The parameters of a desk, and its marts by name."""

    parameters: SimulatorParameters
    marts: dict[str, pd.DataFrame]


Desks = Callable[[str], Desk]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Desks:
    """Simulates a preset, builds the marts over it, and keeps them."""
    home = Home(tmp_path_factory.mktemp("desks"))

    @cache
    def desk(name: str) -> Desk:
        parameters = preset(name, as_of=AS_OF, tickets=TICKETS)
        shutil.rmtree(home.incoming, ignore_errors=True)
        home.incoming.mkdir()
        simulate(parameters, home.incoming)
        admit(home.incoming, home.raw)
        selected = [part for mart in MARTS for part in ("--select", f"+{mart}")]
        kinds = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        assert warehouse.invoke(["build", *kinds, *selected], home)
        with duckdb.connect(str(home.warehouse), read_only=True) as tables:
            return Desk(parameters, {mart: tables.table(f"marts.{mart}").df() for mart in MARTS})

    return desk


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("engineering-bottleneck", "Engineering"),
        ("no-bottleneck", None),
        pytest.param("default", "Tier 2 Specialists", marks=LARGE),
        pytest.param("tier-1-bottleneck", "Tier 1 Support", marks=LARGE),
    ],
)
def test_the_planted_bottleneck_is_named_wherever_it_stands_and_none_where_there_is_none(
    desks: Desks, name: str, planted: str | None
) -> None:
    marts = desks(name).marts
    source = marts["mart_source"].iloc[0]
    found = group_bottlenecks(
        marts["mart_group_performance"],
        marts["mart_capacity"],
        source["first_event_at"],
        source["as_of"],
    )
    named = found["group_name"][found["is_bottleneck"]].tolist()
    assert named == ([planted] if planted else []), found["reason"].iloc[0]
    if planted:
        first = found.iloc[0]
        assert first["driver"] == "capacity"
        assert first["utilisation"] == found["utilisation"].max()


@pytest.fixture(params=["no-bottleneck", pytest.param("default", marks=LARGE)])
def desk(request: pytest.FixtureRequest, desks: Desks) -> Desk:
    return desks(request.param)


def test_planted_shares_of_ping_pong_lie_in_their_intervals(desk: Desk) -> None:
    found = handovers(desk.marts["mart_handovers"]).set_index(["from_group", "to_group"])
    lower, *upper = desk.parameters.groups
    for group in upper:
        pair = found.loc[(lower.name, group.name)]
        assert pair["lower_95"] <= group.ping_pong_share <= pair["upper_95"]
        assert pair["upper_95"] - pair["lower_95"] < 0.06, "narrow enough to say something"
        lower = group


def test_the_planted_share_of_skipped_first_replies_lies_in_its_interval(desk: Desk) -> None:
    histories = desk.marts["mart_process_variants"]
    matrix = transition_matrix(desk.marts["mart_process_transitions"])
    path = choose_path(histories, matrix, documented_paths())
    assert path is not None
    assert path.name == "support desk"
    found = conformance(histories, matrix, path).variants
    # A merged ticket is not due a first reply.
    due = found[~found["variant"].str.contains("Merged")]
    skipped = due["deviations"].str.contains("skipped First reply")
    share = wilson(
        pd.Series([due["finished_cases"][skipped].sum()]), pd.Series([due["finished_cases"].sum()])
    ).iloc[0]
    planted = desk.parameters.flow.skipped_first_reply_share
    assert share["lower_95"] <= planted <= share["upper_95"]
    assert share["upper_95"] - share["lower_95"] < 0.01


def test_the_automatic_close_is_the_one_timer_and_its_hours_are_the_planted_ones(
    desk: Desk,
) -> None:
    matrix = transition_matrix(desk.marts["mart_process_transitions"])
    timers = matrix[matrix["is_timer"].astype(bool)]
    assert timers[["from_activity", "to_activity"]].to_numpy().tolist() == [["Solved", "Closed"]]
    hours = desk.parameters.flow.auto_close_hours
    assert f"on {hours:,.2f} h" in timers["timer_evidence"].iloc[0]


def test_the_causes_of_waiting_sum_to_all_hours_of_each_transition(desk: Desk) -> None:
    split = waiting_split(desk.marts["mart_transition_waits"])
    matrix = transition_matrix(desk.marts["mart_process_transitions"])
    keys = ["from_activity", "to_activity"]
    whole = matrix[matrix["total_hours"] > 0].set_index(keys)["total_hours"].sort_index()
    summed = split.groupby(keys)["hours"].sum()
    pd.testing.assert_series_equal(summed, whole, check_names=False, rtol=1e-9)
    assert "unexplained" not in set(split["cause"]), "a simulated desk tells every status"
