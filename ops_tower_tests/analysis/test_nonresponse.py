"""Those who answer are weighted for those who do not, where the score decides who does."""

import numpy as np
import pandas as pd
import pytest

from ops_tower.analysis import nonresponse
from ops_tower.analysis.drivers import drivers_from_cells
from ops_tower.analysis.nonresponse import answer_weights
from ops_tower_tests.analysis.marts import DRIVER_CELLS, mart
from ops_tower_tests.analysis.test_drivers import cells, effect
from ops_tower_tests.analysis.test_drivers import desk as unrated_desk

SHARES = (0.7, 0.4, 0.15, 0.2, 0.35)  # the chance to answer, for scores 1 to 5
PER_REOPEN = -1.0
BEST = 4.5


def desk(seed: int, tickets: int = 12_000) -> pd.DataFrame:
    """Every customer has a score from 1 to 5, on average a point less after each reopening."""
    rng = np.random.default_rng(seed)
    frame = unrated_desk(seed, tickets)
    frame["reopens"] = rng.choice(4, tickets, p=[0.5, 0.25, 0.15, 0.1])
    expected = BEST + PER_REOPEN * frame["reopens"]
    frame["score"] = 1.0 + rng.binomial(4, (expected - 1) / 4)
    return frame


def asked(frame: pd.DataFrame, chance: np.ndarray, seed: int) -> pd.DataFrame:
    """The same tickets, each answered with its chance."""
    answers = np.random.default_rng([seed, 1]).random(len(frame)) < chance
    return frame.assign(csat_score=frame["score"].where(answers), is_silent=True)


def by_score(frame: pd.DataFrame) -> np.ndarray:
    return np.array(SHARES)[frame["score"].astype(int) - 1]


def test_weighted_intervals_cover_the_effect_on_all_customers_and_plain_ones_do_not() -> None:
    covered, plain = 0, 0
    for seed in range(20):
        rated = asked(frame := desk(seed), by_score(frame), seed)
        row = effect(drivers_from_cells(cells(rated)), "csat_score", "reopens")
        assert row["nonresponse"].startswith("Weighted")
        covered += row["lower_95"] <= PER_REOPEN <= row["upper_95"]
        row = effect(
            drivers_from_cells(cells(rated.assign(is_silent=False))), "csat_score", "reopens"
        )
        plain += row["lower_95"] <= PER_REOPEN <= row["upper_95"]
    assert covered >= 18
    assert plain <= 10


def test_weights_make_the_answered_tickets_add_up_to_all() -> None:
    rows = cells(asked(frame := desk(3), by_score(frame), 3))
    rows = rows[rows["outcome"] == "csat_score"].reset_index(drop=True)
    reopens = rows["reopens"].to_numpy(float)
    design = np.column_stack([reopens, np.ones(len(rows))])
    weight = answer_weights(rows, design).weight
    n = rows["n"].to_numpy(float)
    assert (weight[rows["y"].isna()] == 0).all()
    for count in range(4):
        own = n * (reopens == count)
        assert (own * weight).sum() == pytest.approx(own.sum(), rel=0.03)


def test_the_influence_of_tickets_adds_up_to_how_weights_vary_from_desk_to_desk() -> None:
    found, foretold = [], []
    for seed in range(30):
        rows = cells(asked(frame := desk(seed, 1000), by_score(frame), seed))
        rows = rows[rows["outcome"] == "csat_score"].reset_index(drop=True)
        design = np.column_stack([rows["reopens"].to_numpy(float), np.ones(len(rows))])
        answers = answer_weights(rows, design)
        place = answers.indicator.argmax(axis=0)
        found.append(answers.weight[place])
        n = rows["n"].to_numpy(float)
        foretold.append(np.sqrt((answers.influence**2 * n[:, None]).sum(axis=0)))
    assert np.std(found, axis=0, ddof=1) == pytest.approx(np.mean(foretold, axis=0), rel=0.4)


def test_a_source_that_does_not_tell_who_stayed_silent_is_not_weighted_and_says_so() -> None:
    rated = asked(frame := desk(4), by_score(frame), 4).assign(is_silent=False)
    row = effect(drivers_from_cells(cells(rated)), "csat_score", "reopens")
    assert row["nonresponse"].startswith("The source does not tell")
    assert effect(drivers_from_cells(cells(rated)), "cycle_hours", "reopens").isna()["nonresponse"]


def test_where_more_than_the_score_decides_who_answers_nothing_is_weighted_and_that_is_said() -> (
    None
):
    frame = desk(5)
    chance = np.where(frame["ticket_type"] == "incident", 0.6, 0.2)
    row = effect(drivers_from_cells(cells(asked(frame, chance, 5))), "csat_score", "reopens")
    assert row["nonresponse"].startswith("Who answers does not hang on the score alone")


def test_answers_that_came_before_silence_was_certain_do_not_count_as_all_there_are() -> None:
    rows = cells(asked(frame := desk(6), by_score(frame), 6))
    rows = rows[rows["outcome"] == "csat_score"].reset_index(drop=True)
    design = np.column_stack([rows["reopens"].to_numpy(float), np.ones(len(rows))])
    late = rows[rows["y"].notna()].assign(is_answer_due=False)
    both = pd.concat([rows, late], ignore_index=True)
    doubled = np.vstack([design, design[rows["y"].notna()]])
    once = answer_weights(rows, design).weight
    assert answer_weights(both, doubled).weight[: len(rows)] == pytest.approx(once)


def test_with_few_tickets_the_weights_stay_near_their_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    def spread() -> float:
        rows = cells(asked(frame := desk(7, 400), by_score(frame), 7))
        rows = rows[rows["outcome"] == "csat_score"].reset_index(drop=True)
        design = np.column_stack([rows["reopens"].to_numpy(float), np.ones(len(rows))])
        weight = answer_weights(rows, design).weight
        return float(np.ptp(weight[weight != 0]) / weight[weight != 0].mean())

    near = spread()
    monkeypatch.setattr(nonresponse, "PRIOR_SPREAD", 100.0)
    assert near < spread() / 1.5


def test_nobody_asked_is_no_crash() -> None:
    assert drivers_from_cells(mart(DRIVER_CELLS))["nonresponse"].isna().all()
