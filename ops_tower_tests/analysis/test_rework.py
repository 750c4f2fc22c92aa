"""Handovers, ping-pong and other rework, with how sure their shares are."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from ops_tower.analysis.intervals import wilson
from ops_tower.analysis.process_mining import transition_matrix
from ops_tower.analysis.rework import handovers, rework
from ops_tower_tests.analysis.marts import ACTIVITIES, HANDOVERS, REWORK, TRANSITIONS, mart


def test_wilson_equals_statsmodels_and_is_unknown_without_trials() -> None:
    successes, trials = pd.Series([0, 3, 50, 9, 0]), pd.Series([10, 10, 1000, 9, 0])
    result = wilson(successes, trials)
    for row in range(4):
        low, high = proportion_confint(successes[row], trials[row], method="wilson")
        assert result.loc[row, ["lower_95", "upper_95"]].tolist() == pytest.approx([low, high])
    assert result.loc[4].isna().all()
    assert ((result["lower_95"] <= result["share"]) & (result["share"] <= result["upper_95"]))[
        :4
    ].all()


def test_handovers_share_out_what_leaves_a_group() -> None:
    result = handovers(
        mart(
            HANDOVERS,
            [
                {"handovers": 75},
                {"to_group": "Engineering", "handovers": 25},
                {"from_group": "Tier 2", "to_group": "Tier 1", "handovers": 10},
            ],
        )
    ).set_index(["from_group", "to_group"])
    assert result["probability"].to_dict() == {
        ("Tier 1", "Tier 2"): 0.75,
        ("Tier 1", "Engineering"): 0.25,
        ("Tier 2", "Tier 1"): 1.0,
    }


def test_a_planted_share_of_returns_lies_in_its_interval_in_most_seeds() -> None:
    planted, covered = 0.08, 0
    for seed in range(100):
        returned = int(np.random.default_rng(seed).binomial(800, planted))
        rows = [{"first_handovers": 800, "returned_handovers": returned}]
        row = handovers(mart(HANDOVERS, rows)).iloc[0]
        covered += row["lower_95"] <= planted <= row["upper_95"]
    assert covered >= 90


def kinds(**given: pd.DataFrame) -> pd.DataFrame:
    """`rework` of some marts, the others empty; indexed by kind and subject."""
    empty = {
        "transitions": transition_matrix(mart(TRANSITIONS)),
        "activities": mart(ACTIVITIES),
        "mart_handovers": mart(HANDOVERS),
        "mart_rework": mart(REWORK),
    }
    return rework(**{**empty, **given}).set_index(["kind", "subject"])


def test_self_loops_are_out_of_tickets_with_the_activity() -> None:
    loop = {"to_activity": "A", "cases": 20, "transitions": 30, "total_hours": 60.0}
    row = kinds(
        transitions=transition_matrix(mart(TRANSITIONS, [{}, loop])),
        activities=mart(ACTIVITIES, [{"cases": 80}]),
    ).loc[("self_loop", "A")]
    assert row[["tickets", "occurrences", "exposed_tickets"]].tolist() == [20, 30, 80]
    assert row["share"] == 0.25
    assert row["hours"] == 60.0


def test_ping_pong_is_direct_or_indirect_and_has_its_own_exposure() -> None:
    result = kinds(mart_handovers=mart(HANDOVERS, [{"indirect_returns": 4}]))
    direct = result.loc[("ping_pong_direct", "Tier 1 → Tier 2")]
    assert direct[["tickets", "exposed_tickets"]].tolist() == [9, 90]
    indirect = result.loc[("ping_pong_indirect", "Tier 1 → Tier 2")]
    assert indirect[["tickets", "exposed_tickets"]].tolist() == [4, 100]
    assert pd.isna(indirect["hours"])


def test_reopens_and_work_after_the_solve_are_out_of_solved_tickets() -> None:
    result = kinds(
        mart_rework=mart(REWORK, [{}, {"kind": "work_after_solve", "tickets": 8, "hours": 2.0}])
    )
    assert result.loc[("reopen", "Tier 1"), "share"] == 0.05
    assert result.loc[("work_after_solve", "Tier 1"), "share"] == 0.08
    assert result.index[0] == ("reopen", "Tier 1")


def test_what_never_happened_is_not_listed() -> None:
    assert len(kinds(mart_handovers=mart(HANDOVERS, [{"returned_handovers": 0}]))) == 0
    assert len(kinds()) == 0
    assert len(handovers(mart(HANDOVERS))) == 0
