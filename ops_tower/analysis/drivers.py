"""What lengthens a ticket and what costs satisfaction: regressions with named controls.

Belongs here: least squares on cells, robust intervals.
Does not belong here: the cells, which dbt sums (`mart_driver_cells`), the weights of those who
answer (nonresponse), and advice drawn from an effect (recommendations).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.frames import Output
from ops_tower.analysis.nonresponse import AnswerWeights, answer_weights, unweighted

Floats = npt.NDArray[np.float64]

CONTROLS: Final = ("first_group_name", "priority", "ticket_type")
FEWEST_TICKETS: Final = 200  # below, an interval says more about luck than about the desk
Z_95: Final = 1.9600

DRIVERS: Final = Output(
    "drivers",
    "One row per outcome and driver: what one more of it adds, all else in the model held fixed.",
    {
        "outcome": "text",
        "driver": "text",
        "effect": "number",
        "lower_95": "number",
        "upper_95": "number",
        "unit": "text",
        "tickets": "integer",
        "mean_of_driver": "number",
        "total_effect": "number",
        "controls": "text",
        "reason": "text",
        "nonresponse": "text",
    },
)


class _Outcome(NamedTuple):
    """What is explained, by what, and in which unit."""

    name: str
    drivers: tuple[str, ...]
    unit: str


OUTCOMES: Final = (
    _Outcome(
        "cycle_hours",
        ("escalations", "reopens", "reassignments", "first_reply_hours"),
        "hours per ticket",
    ),
    _Outcome(
        "csat_score",
        ("escalations", "reopens", "reassignments", "first_reply_hours", "cycle_days"),
        "points of 1 to 5",
    ),
    _Outcome("cost_usd", ("escalations", "reopens", "reassignments"), "USD per ticket"),
)


def drivers_from_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Estimate what escalations, reopens, reassignments and waits add to time, CSAT and cost.

    Least squares with the first group, priority and type as controls (the last group is a result
    of escalating, so holding it fixed would hide the effect), and heteroscedasticity-robust (HC1)
    intervals. Cycle time and cost look at finished tickets, CSAT at rated ones. Customers who
    answer are not all customers: where it can be told who could have answered, answers are weighted
    by score (`nonresponse`), and the intervals allow for what is not known of the weights.

    Of the outcome, least squares needs only count, sum and sum of squares in each cell of equal
    drivers and controls, so cells lose nothing but what their drivers' rounding and caps do.

    Args:
        cells: `mart_driver_cells`: outcome, the drivers of that outcome (others are ignored), the
            controls, n (tickets), y (their outcome, summed) and yy (its squares, summed); for CSAT
            also csat_score and is_answer_due, with y NULL where nobody answered.

    Returns:
        `drivers`, per outcome the largest total first. `effect` is per one more (an hour, a day for
        waits); `total_effect` is effect x mean, what the driver adds to the average ticket (of the
        rated ones for CSAT). `nonresponse` says what was done about those who did not answer. NULL
        with a reason where there are under 200 tickets or the driver never varies.

    Source: MacKinnon and White, Some heteroskedasticity-consistent covariance matrix estimators,
    1985 (HC1).
    """
    rows: list[dict[str, object]] = []
    for outcome in OUTCOMES:
        rows += _estimate(cells[cells["outcome"] == outcome.name], outcome)
    return DRIVERS.frame(rows)


def _estimate(cells: pd.DataFrame, outcome: _Outcome) -> list[dict[str, object]]:
    """Fit one outcome and describe each driver, or say why not."""
    known = cells[cells["y"].notna()]
    tickets = int(known["n"].sum()) if len(known) else 0
    means = {
        name: float(np.average(known[name], weights=known["n"])) if tickets else np.nan
        for name in outcome.drivers
    }
    few = (
        f"{tickets} tickets have this outcome; {FEWEST_TICKETS} are needed."
        if tickets < FEWEST_TICKETS
        else None
    )
    moving = [name for name in outcome.drivers if not few and np.ptp(known[name].to_numpy()) > 0]
    effect, error, told = np.array([]), np.array([]), None
    if moving:
        design = _design(cells, moving)
        is_survey = outcome.name == "csat_score"
        answers = answer_weights(cells, design) if is_survey else unweighted(cells)
        effect, error = _least_squares(cells, design, answers)
        told = answers.told
    rows = []
    for name in outcome.drivers:
        row: dict[str, object] = dict.fromkeys(DRIVERS.columns)
        row |= {
            "outcome": outcome.name,
            "driver": name,
            "unit": outcome.unit,
            "tickets": tickets,
            "mean_of_driver": means[name],
            "controls": ", ".join([*CONTROLS, *(other for other in moving if other != name)]),
            "reason": few or (None if name in moving else "It is the same for every ticket."),
            "nonresponse": told,
        }
        if name in moving:
            own, half = effect[moving.index(name)], Z_95 * error[moving.index(name)]
            row |= {
                "effect": own,
                "lower_95": own - half,
                "upper_95": own + half,
                "total_effect": own * means[name],
            }
        rows.append(row)
    return sorted(rows, key=lambda row: -abs(_number(row["total_effect"])))


def _number(value: object) -> float:
    return float(value) if isinstance(value, float) else 0.0


def _design(cells: pd.DataFrame, names: list[str]) -> Floats:
    """Columns of the regression: the drivers, a constant, the controls."""
    dummies = pd.get_dummies(cells[list(CONTROLS)], drop_first=True, dtype=float)
    return np.column_stack([cells[names].to_numpy(float), np.ones(len(cells)), dummies])


def _least_squares(
    cells: pd.DataFrame, design: Floats, answers: AnswerWeights
) -> tuple[Floats, Floats]:
    """Coefficients and their standard errors, from cells of n, y and yy.

    HC1 without weights. Estimated weights add what each ticket moves them by, and what their prior
    leaves open.
    """
    is_known = cells["y"].notna().to_numpy()
    n = np.where(is_known, cells["n"], 0.0)
    y, yy = (cells[column].fillna(0.0).to_numpy(float) for column in ("y", "yy"))
    weight = answers.weight
    bread = np.linalg.pinv((design * (weight * n)[:, None]).T @ design, hermitian=True)
    beta = bread @ design.T @ (weight * y)
    fitted = design @ beta
    squares = yy - 2 * fitted * y + n * fitted**2  # of residuals, summed within a cell
    residuals = y - n * fitted
    by_weight = (design * residuals[:, None]).T @ answers.indicator
    moved = answers.influence @ by_weight.T
    across = (design * (weight * residuals)[:, None]).T @ moved
    meat = (design * (weight**2 * squares)[:, None]).T @ design + across + across.T
    meat += (moved * cells["n"].to_numpy(float)[:, None]).T @ moved
    meat *= n.sum() / (n.sum() - design.shape[1])
    meat += by_weight @ answers.prior @ by_weight.T
    covariance = bread @ meat @ bread
    return beta, np.sqrt(np.maximum(np.diag(covariance), 0.0))
