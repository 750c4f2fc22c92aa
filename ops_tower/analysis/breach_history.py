"""How often targets like this one breached before, and whether knowing that helps.

Belongs here: breach rates by what is known at a moment, and their judgement on later weeks.
Does not belong here: open targets, severity and alerts (breach_risk).
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.frames import Output
from ops_tower.analysis.intervals import wilson

BINS: Final = 20  # steps of 5 % of a target's time
# What is known at the moment, the most telling first. Each level leans on the one before it.
LEVELS: Final = (
    ("metric", "elapsed_bin"),
    ("metric", "elapsed_bin", "status"),
    ("metric", "elapsed_bin", "status", "group_name"),
    ("metric", "elapsed_bin", "status", "group_name", "priority"),
)
# Past targets that a level needs before it outweighs the level before it.
PRIOR_TARGETS: Final = 20.0
WARNING_PROBABILITY: Final = 0.25  # from here on a target is flagged
FLAGGING_BIN: Final = BINS // 2  # when flags are held to account: half of the time is left to act
TEST_WEEKS: Final = 13
FEWEST_TRAINED_WEEKS: Final = 4
FEWEST_BREACHES: Final = 50

JUDGEMENT: Final = Output(
    "breach_risk_judgement",
    "One row per measure of how well breaches of the last quarter were foreseen.",
    {"measure": "text", "value": "number", "detail": "text"},
)

CALIBRATION: Final = Output(
    "breach_risk_calibration",
    "One row per tenth of probability: breaches foreseen and breaches that came.",
    {
        "lower_probability": "number",
        "upper_probability": "number",
        "moments": "integer",
        "predicted": "number",
        "observed": "number",
        "lower_95": "number",
        "upper_95": "number",
    },
)


class Judgement(NamedTuple):
    """The two result frames, and whether the probabilities beat the plain ranking."""

    measures: pd.DataFrame
    calibration: pd.DataFrame
    is_better: bool


def predict(target_risk: pd.DataFrame, moments: pd.DataFrame) -> pd.Series:
    """Probability that a target breaches, given what is known at a moment of its time.

    The rate at each level is (breached + 20 x rate of the level before) / (reached + 20), so a kind
    of target with little history takes after the wider kind.

    Args:
        target_risk: `mart_target_risk`: metric, elapsed_bin (0 to 19, in 5 % of the target's time),
            status, group_name, priority at the moment the bin was reached; reached (targets that
            got there unfinished) and breached (of those, the ones that breached in the end).
        moments: the same five columns, one row per moment to judge.

    Returns:
        Probabilities in (0, 1), indexed like `moments`; NULL without any history.

    Source: Kaplan and Meier, Nonparametric estimation from incomplete observations, 1958 (risk
    given survival so far); Efron and Morris, Stein's Paradox in Statistics, 1977 (shrinkage).
    """
    reached = float(target_risk["reached"].sum())
    if not reached:
        return pd.Series(np.nan, moments.index)
    everywhere = float(target_risk["breached"].sum()) / reached
    chance = pd.Series(everywhere, moments.index)
    for level in LEVELS:
        keys = list(level)
        known = target_risk.groupby(keys, dropna=False)[["reached", "breached"]].sum()
        own = moments[keys].merge(known.astype(float), how="left", left_on=keys, right_index=True)
        own = own.set_axis(moments.index)[["reached", "breached"]].fillna(0.0)
        chance = (own["breached"] + PRIOR_TARGETS * chance) / (own["reached"] + PRIOR_TARGETS)
    return chance


def judge(target_risk: pd.DataFrame, as_of: datetime) -> Judgement:
    """Test the probabilities on the last 13 weeks, learnt only from the weeks before them.

    The cohort is fixed: every target decided in those weeks, at each 5 % of its time that it
    reached, with what was known then. AUC is the chance that of two moments, one of a target that
    breached and one of a target that did not, the former has the higher probability. The plain
    ranking orders the same moments by minutes left on the target's clock. The calibration's
    intervals count moments; those of one target hang together, so the truth is less certain.

    Args:
        target_risk: as in `predict`, with target_seconds and week (Monday of the week in which the
            target was decided).
        as_of: naive UTC.

    Returns:
        `breach_risk_judgement` (auc, auc_minutes_left, brier, brier_base_rate, counts, and what
        `_flags` adds), `breach_risk_calibration`, and whether the probabilities are better: a
        higher AUC than the plain ranking and a lower Brier score than the base rate. With under 4
        weeks to learn from, or under 50 breaches on either side, nothing is judged: NULL with a
        reason, not better.

    Source: Brier, Verification of forecasts expressed in terms of probability, 1950; Hanley and
    McNeil, The meaning and use of the area under a ROC curve, 1982.
    """
    start = pd.Timestamp(as_of).normalize() - timedelta(weeks=TEST_WEEKS)
    week = pd.to_datetime(target_risk["week"])
    past, test = target_risk[week + timedelta(weeks=1) <= start], target_risk[week >= start]
    if reason := _reason_for_none(past, test):
        nothing = JUDGEMENT.frame([{"measure": "auc", "value": None, "detail": reason}])
        return Judgement(nothing, CALIBRATION.frame(), is_better=False)
    n, breached = (test[column].to_numpy(float) for column in ("reached", "breached"))
    chance = predict(past, test).to_numpy()
    minutes_left = test["target_seconds"].to_numpy(float) * (1 - test["elapsed_bin"] / BINS) / 60
    base = np.full(len(test), float(past["breached"].sum()) / float(past["reached"].sum()))
    measures = {
        "auc": auc(chance, n, breached),
        "auc_minutes_left": auc(-minutes_left.to_numpy(), n, breached),
        "brier": brier(chance, n, breached),
        "brier_base_rate": brier(base, n, breached),
        "moments": float(n.sum()),
        "breached_moments": float(breached.sum()),
    }
    measures |= _flags(test.assign(chance=chance, minutes_left=minutes_left))
    is_better = (
        measures["auc"] > measures["auc_minutes_left"]
        and measures["brier"] < measures["brier_base_rate"]
    )
    detail = (
        "Probabilities from history rank better than minutes left, and are used."
        if is_better
        else "Probabilities from history are no better than minutes left, which are used instead."
    )
    rows = [
        {"measure": name, "value": value, "detail": detail if name == "auc" else None}
        for name, value in measures.items()
    ]
    return Judgement(JUDGEMENT.frame(rows), _calibration(chance, n, breached), is_better)


def _flags(moments: pd.DataFrame) -> dict[str, float]:
    """Hold flags to account on every target once: when half of its time has gone.

    A target is flagged with a probability of 0.25 or more. Every breach passes half time, so what
    was not flagged then was missed.

    Args:
        moments: rows as in `predict`, with target_seconds, chance and minutes_left.

    Returns:
        Targets at half time, flagged, flagged that breached, breaches missed, median minutes of
        the target's own clock between flag and breach, and how many breaches as many flags would
        have caught by least minutes left alone (tied targets in proportion).
    """
    half = moments[moments["elapsed_bin"] == FLAGGING_BIN]
    n, breached = half["reached"].astype(float), half["breached"].astype(float)
    is_flagged = half["chance"] >= WARNING_PROBABILITY
    caught = breached.where(is_flagged, 0.0)
    by_lead = pd.DataFrame({"lead": half["minutes_left"], "caught": caught}).sort_values("lead")
    place = int(by_lead["caught"].cumsum().searchsorted(caught.sum() / 2))
    flagged = float(n[is_flagged].sum())
    plain = pd.DataFrame({"left": half["minutes_left"], "n": n, "breached": breached})
    plain = plain.groupby("left")[["n", "breached"]].sum()
    room = (flagged - (plain["n"].cumsum() - plain["n"])).clip(0, plain["n"]) / plain["n"]
    return {
        "half_time_targets": float(n.sum()),
        "flagged": flagged,
        "flagged_breached": float(caught.sum()),
        "missed": float(breached.sum() - caught.sum()),
        "median_lead_minutes": float(by_lead["lead"].iloc[place]) if caught.sum() else np.nan,
        "breached_by_minutes_left": float((room * plain["breached"]).sum()),
    }


def _reason_for_none(past: pd.DataFrame, test: pd.DataFrame) -> str | None:
    """Say why nothing can be judged, if so."""
    weeks = past["week"].nunique()
    if weeks < FEWEST_TRAINED_WEEKS:
        return f"{weeks} weeks of decided targets before the last quarter; 4 are needed."
    # A target's moments share its fate, so breaches are counted where every target is: bin 0.
    for name, rows in (("before", past), ("in", test)):
        count = int(rows.loc[rows["elapsed_bin"] == 0, "breached"].sum())
        if count < FEWEST_BREACHES:
            return f"{count} breaches {name} the last quarter; {FEWEST_BREACHES} are needed."
    return None


def auc(
    score: npt.NDArray[np.float64], n: npt.NDArray[np.float64], breached: npt.NDArray[np.float64]
) -> float:
    """Area under the ROC curve from cells of equal score; ties count one half."""
    cells = pd.DataFrame({"score": score, "met": n - breached, "breached": breached})
    cells = cells.groupby("score").sum().sort_index()
    met_below = cells["met"].cumsum() - cells["met"]
    won = (cells["breached"] * (met_below + cells["met"] / 2)).sum()
    return float(won / (cells["breached"].sum() * cells["met"].sum()))


def brier(
    chance: npt.NDArray[np.float64], n: npt.NDArray[np.float64], breached: npt.NDArray[np.float64]
) -> float:
    """Mean squared error of probabilities from cells of equal probability."""
    return float((breached * (1 - chance) ** 2 + (n - breached) * chance**2).sum() / n.sum())


def _calibration(
    chance: npt.NDArray[np.float64], n: npt.NDArray[np.float64], breached: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """Predicted and observed share per tenth of probability that occurs."""
    cells = pd.DataFrame(
        {
            "tenth": np.minimum((chance * 10).astype(int), 9),
            "predicted": chance * n,
            "moments": n,
            "breached": breached,
        }
    )
    sums = cells.groupby("tenth", as_index=False).sum()
    observed = wilson(sums["breached"], sums["moments"]).rename(columns={"share": "observed"})
    sums = sums.assign(
        lower_probability=sums["tenth"] / 10,
        upper_probability=(sums["tenth"] + 1) / 10,
        predicted=sums["predicted"] / sums["moments"],
    )
    return CALIBRATION.frame(sums.join(observed))
