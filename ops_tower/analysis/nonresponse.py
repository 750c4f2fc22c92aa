"""Who answers: weights that let those who answered a survey speak for those who did not.

Belongs here: the weight of each score, how sure it is, and whether it may be used.
Does not belong here: the regression that uses it (drivers).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

# Standard deviation of a score's weight, relative to the mean, before any data: one score's
# customers may well answer twice as often as another's, and never less than never.
PRIOR_SPREAD: Final = 0.5
GROUPS: Final = 20  # of tickets by the score that is to be expected of them
ROUNDS: Final = 4
MISFIT: Final = 0.01  # below this probability the weights are not believed


class AnswerWeights(NamedTuple):
    """What each row counts, and what is not known about it."""

    weight: Floats
    """Per row; 0 where nobody answered."""
    indicator: Floats
    """Rows x scores, 1 for the score of the row."""
    influence: Floats
    """Rows x scores: what one ticket of the row moves each score's weight by."""
    prior: Floats
    """Scores x scores: the part of the weights' covariance that the prior leaves."""
    told: str | None
    """What was done about those who did not answer, in a sentence."""


def unweighted(rows: pd.DataFrame, told: str | None = None) -> AnswerWeights:
    """Every answer counts once."""
    none = np.zeros((len(rows), 0))
    return AnswerWeights(
        np.asarray(rows["y"].notna(), dtype=float), none, none, np.zeros((0, 0)), told
    )


def answer_weights(rows: pd.DataFrame, design: Floats) -> AnswerWeights:
    """Find the weight of each score with which the answered tickets add up to all of them.

    If it is the score alone that decides who answers, then among all tickets that could be rated
    and have the features x, the sum over the answered ones of w(score) is their number, whatever x:
    w is one over the chance to answer. These equations, for the regression's own features and for
    twentieths of the tickets by expected score, are solved by the generalised method of moments.
    What tells scores apart is only how their mix changes with x, so on one desk w is known badly; a
    wide prior (standard deviation of half the mean) keeps it from nonsense. What stays unknown goes
    into the intervals by way of `influence` and `prior`.

    Args:
        rows: `mart_driver_cells` of outcome csat_score.
        design: rows x features, a constant among them.

    Returns:
        The weights; all 1 where the source does not tell who could have answered, or where no
        weights fit (test of overidentifying restrictions below 0.01), which `told` says.

    Source: Kott and Chang, Using calibration weighting to adjust for nonignorable unit nonresponse,
    2010; Hansen, Large sample properties of generalized method of moments estimators, 1982.
    """
    score = rows["csat_score"].astype(float).to_numpy()
    is_rated, is_due = ~np.isnan(score), rows["is_answer_due"].astype(bool).to_numpy()
    n = rows["n"].to_numpy(float)
    due = np.where(is_due, n, 0.0)
    if not due[is_rated].sum() or not due[~is_rated].sum():
        return unweighted(
            rows, "The source does not tell who could have answered and did not: they may differ."
        )
    indicator = (score[:, None] == np.unique(score[is_rated])).astype(float)
    features = np.column_stack([design, _groups(rows, design)])
    wanted = features.T @ due
    given = (features * due[:, None]).T @ indicator
    mean = due.sum() / due[is_rated].sum()
    start = np.full(indicator.shape[1], mean)
    prior = np.eye(len(start)) / (PRIOR_SPREAD * mean) ** 2
    weights = start
    for _ in range(ROUNDS):
        excess = indicator @ weights - 1.0
        spread = (features * (due * excess**2)[:, None]).T @ features
        trust = np.linalg.pinv(spread, hermitian=True)
        covariance = np.linalg.inv(given.T @ trust @ given + prior)
        weights = covariance @ (given.T @ trust @ wanted + prior @ start)
    miss = given @ weights - wanted
    freedom = np.linalg.matrix_rank(spread, hermitian=True) - len(weights)
    if _chance_of_more(float(miss @ trust @ miss), int(freedom)) < MISFIT:
        return unweighted(
            rows, "Who answers does not hang on the score alone; those who did not may differ."
        )
    pull = features @ (trust @ given @ covariance)
    influence = -pull * ((indicator @ weights - 1.0) * is_due)[:, None]
    # The chance to answer of scores 1 to 5 is too uncertain one by one to be told.
    return AnswerWeights(
        indicator @ weights,
        indicator,
        influence,
        covariance @ prior @ covariance,
        "Weighted for those who did not answer, taking it that the score alone decides who does.",
    )


def _groups(rows: pd.DataFrame, design: Floats) -> Floats:
    """Indicators of twentieths of the tickets by expected score, all but the first."""
    n = rows["n"].to_numpy(float)
    rated = np.where(rows["y"].notna(), n, 0.0)
    total = (design * rated[:, None]).T @ design
    beta = np.linalg.pinv(total, hermitian=True) @ (
        design.T @ rows["y"].fillna(0.0).to_numpy(float)
    )
    expected = np.round(design @ beta, 6)  # rows alike in all features must share a group
    order = np.argsort(expected, kind="stable")
    places = np.arange(1, GROUPS) / GROUPS * n.sum()
    cuts = expected[order][np.searchsorted(np.cumsum(n[order]), places).clip(0, len(n) - 1)]
    group = np.searchsorted(np.unique(cuts), expected)
    return np.asarray(group[:, None] == np.unique(group)[1:], dtype=float)


def _chance_of_more(statistic: float, freedom: int) -> float:
    """Probability that a chi-squared variable exceeds `statistic`; 1 with nothing to test."""
    from scipy.special import chdtrc  # noqa: PLC0415, a third of a second to import

    return float(chdtrc(freedom, statistic)) if freedom > 0 else 1.0
