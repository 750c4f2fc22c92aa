"""Breach probabilities learnt from early weeks, judged on late ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_tower.analysis.breach_history import Judgement, auc, brier, judge, predict
from ops_tower_tests.analysis.marts import AS_OF, TARGET_RISK, mart

GROUPS = {"Calm": 0.05, "Busy": 0.3}


def desk(seed: int, weeks: int = 52, *, is_telling: bool = True) -> pd.DataFrame:
    """Targets of two groups of which one breaches more, both more so the more time has run."""
    rng = np.random.default_rng(seed)
    rows = []
    for week in pd.date_range("2025-12-29", periods=weeks, freq="-7D"):
        for group, rate in GROUPS.items():
            reached, share = 200, rate if is_telling else 0.2
            breached = int(rng.binomial(reached, share))
            for step in range(20):
                rows.append(
                    {
                        "week": week,
                        "group_name": group,
                        "elapsed_bin": step,
                        "reached": reached,
                        "breached": breached,
                    }
                )
                # Those that will not breach finish little by little.
                reached -= int(rng.binomial(reached - breached, 0.1))
    return mart(TARGET_RISK, rows)


def measure(judgement: Judgement, name: str) -> float:
    return float(judgement.measures.set_index("measure").loc[name, "value"])


def test_probabilities_rank_better_than_minutes_left_and_are_calibrated() -> None:
    result = judge(desk(1), AS_OF)
    assert result.is_better
    assert measure(result, "auc") > measure(result, "auc_minutes_left") + 0.05
    assert measure(result, "brier") < measure(result, "brier_base_rate")
    gap = (result.calibration["predicted"] - result.calibration["observed"]).abs()
    assert (gap * result.calibration["moments"]).sum() / result.calibration["moments"].sum() < 0.03


def test_flags_are_held_to_account_once_per_target_when_half_its_time_has_gone() -> None:
    def rows(group: str, week: str, hours: int, *steps: tuple[int, int, int]) -> list[dict]:
        about = {"group_name": group, "week": pd.Timestamp(week), "target_seconds": hours * 3600}
        return [
            about | {"elapsed_bin": step, "reached": reached, "breached": breached}
            for step, reached, breached in steps
        ]

    past = []
    for week in pd.date_range("2025-06-02", periods=10, freq="7D").strftime("%Y-%m-%d"):
        past += rows("Bad", week, 10, (0, 200, 60), (10, 100, 60))
        past += rows("Good", week, 10, (0, 200, 5), (10, 100, 5))
    late = rows("Bad", "2025-11-03", 10, (0, 80, 60), (10, 40, 30))
    late += rows("Bad", "2025-11-10", 20, (10, 30, 24))
    late += rows("Good", "2025-11-10", 2, (10, 50, 4))
    result = judge(mart(TARGET_RISK, past + late), AS_OF)
    figures = result.measures.set_index("measure")["value"]
    assert figures["half_time_targets"] == 120
    assert figures["flagged"] == 70
    assert figures["flagged_breached"] == 54
    assert figures["missed"] == 4
    assert figures["median_lead_minutes"] == 300
    # By time left the good group's 50 short targets come first, then half of the next 40.
    assert figures["breached_by_minutes_left"] == pytest.approx(4 + 30 * 20 / 40)


def test_later_weeks_teach_nothing_about_themselves() -> None:
    history = desk(2)
    test = history["week"] >= pd.Timestamp("2025-10-02")
    flipped = history.copy()
    flipped.loc[test, "breached"] = history["reached"] - history["breached"]
    result = judge(flipped, AS_OF)
    assert measure(result, "auc") < 0.5
    assert not result.is_better
    assert "minutes left" in result.measures["detail"].iloc[0]


def test_a_week_that_reaches_into_the_test_is_not_learnt_from() -> None:
    history = desk(3)
    odd = history["week"] == pd.Timestamp("2025-09-29")  # ends after the test begins
    changed = history.copy()
    changed.loc[odd, "breached"] = changed.loc[odd, "reached"]
    pd.testing.assert_frame_equal(judge(changed, AS_OF).measures, judge(history, AS_OF).measures)


@pytest.mark.parametrize(
    ("weeks", "change", "reason"),
    [
        (0, {}, "0 weeks of decided targets"),
        (16, {}, "2 weeks of decided targets"),
        (52, {"breached": 0}, "0 breaches before the last quarter"),
    ],
)
def test_too_little_history_is_not_judged_and_says_so(
    weeks: int, change: dict, reason: str
) -> None:
    result = judge(desk(4, weeks).assign(**change), AS_OF)
    assert not result.is_better
    assert result.measures["detail"].iloc[0].startswith(reason)
    assert np.isnan(measure(result, "auc"))
    assert len(result.calibration) == 0


def test_a_new_kind_of_target_takes_after_the_wider_kind() -> None:
    history = mart(
        TARGET_RISK,
        [{"reached": 10_000, "breached": 2000}, {"group_name": "New", "reached": 1, "breached": 1}],
    )
    moments = mart(TARGET_RISK, [{}, {"group_name": "New"}, {"metric": "never seen"}])
    chances = predict(history, moments)
    assert chances[0] == pytest.approx(0.2, abs=1e-3)
    assert 0.2 < chances[1] < 0.3
    assert chances[2] == pytest.approx(2001 / 10_001)


def test_a_missing_priority_is_a_kind_of_its_own() -> None:
    history = mart(
        TARGET_RISK,
        [
            {"priority": None, "reached": 10_000, "breached": 9000},
            {"reached": 10_000, "breached": 1000},
        ],
    )
    chances = predict(history, mart(TARGET_RISK, [{"priority": None}, {}]))
    assert chances.tolist() == pytest.approx([0.9, 0.1], abs=0.01)


def test_without_history_the_probability_is_unknown() -> None:
    assert predict(mart(TARGET_RISK), mart(TARGET_RISK, [{}])).isna().all()


CELLS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.integers(0, 6), st.integers(0, 6)),
    min_size=1,
).filter(lambda cells: sum(c[1] for c in cells) > 0 and sum(c[2] for c in cells) > 0)


@given(CELLS)
def test_auc_and_brier_equal_those_of_single_moments(cells: list[tuple]) -> None:
    score = np.array([cell[0] for cell in cells])
    met, breached = (np.array([cell[place] for cell in cells], dtype=float) for place in (1, 2))
    one_by_one = [
        (value, outcome) for value, won, lost in cells for outcome in [0] * won + [1] * lost
    ]
    pairs = [
        (a > b) + (a == b) / 2 for a, up in one_by_one if up for b, down in one_by_one if not down
    ]
    assert auc(score, met + breached, breached) == pytest.approx(np.mean(pairs))
    squares = [(value - outcome) ** 2 for value, outcome in one_by_one]
    assert brier(score, met + breached, breached) == pytest.approx(np.mean(squares))
