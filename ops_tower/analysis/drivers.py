"""What lengthens a ticket and what costs satisfaction: regressions with named controls.

Belongs here: the reduction of tickets to cells, least squares on cells, robust intervals.
Does not belong here: advice drawn from an effect (recommendations).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.analysis.frames import Output

Floats = npt.NDArray[np.float64]

CONTROLS: Final = ("first_group_name", "priority", "ticket_type")
FEWEST_TICKETS: Final = 200  # below, an interval says more about luck than about the desk
MOST_COUNTED: Final = 3  # a fourth escalation counts as the third
LONGEST_REPLY_HOURS: Final = 48
LONGEST_CYCLE_DAYS: Final = 30
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
)


def drivers(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Estimate what escalations, reopens, reassignments and waits add to cycle time and CSAT.

    Least squares with the first group, priority and type as controls (the last group is a result
    of escalating, so holding it fixed would hide the effect), and heteroscedasticity-robust (HC1)
    intervals. Cycle time looks at finished tickets, CSAT at rated ones: customers who answer are
    not all customers, and the effect on those who stay silent is not seen.

    Args:
        outcomes: `mart_ticket_outcomes`, one row per ticket.

    Returns:
        `drivers`, per outcome the largest total first. `effect` is per one more (an hour, a day for
        waits); `total_effect` is effect x mean, what the driver adds to the average ticket. NULL
        with a reason where there are under 200 tickets or the driver never varies.

    Source: MacKinnon and White, Some heteroskedasticity-consistent covariance matrix estimators,
    1985 (HC1).
    """
    cells = {own.name: driver_cells(outcomes, own.name, own.drivers) for own in OUTCOMES}
    return drivers_from_cells(
        pd.concat([frame.assign(outcome=name) for name, frame in cells.items()])
    )


def drivers_from_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """The same from cells that are already summed, however many tickets stand behind them.

    Args:
        cells: outcome, the drivers of that outcome (others are ignored), the controls, and n, y, yy
            as `driver_cells` returns them.

    Returns:
        `drivers`, equal to what the tickets themselves give.
    """
    rows: list[dict[str, object]] = []
    for outcome in OUTCOMES:
        rows += _estimate(cells[cells["outcome"] == outcome.name], outcome)
    return DRIVERS.frame(rows)


def driver_cells(outcomes: pd.DataFrame, outcome: str, names: tuple[str, ...]) -> pd.DataFrame:
    """Reduce tickets to one row per combination of drivers and controls.

    Least squares needs of the outcome only its count, sum and sum of squares in each cell, so
    nothing is lost but the rounding of waits (to hours, to quarters of a day) and the caps.

    Returns:
        The drivers and controls, then `n`, `y` (sum) and `yy` (sum of squares).
    """
    known = outcomes[outcomes[outcome].notna()]
    if outcome == "cycle_hours":
        known = known[known["is_finished"].astype(bool)]
    frame = pd.DataFrame({name: _driver(known, name) for name in names})
    for name in CONTROLS:
        frame[name] = known[name].astype("object").where(known[name].notna(), "none")
    frame["y"] = known[outcome].astype(float)
    frame["yy"] = frame["y"] ** 2
    frame["n"] = 1.0
    return frame.groupby([*names, *CONTROLS], as_index=False, dropna=False)[["n", "y", "yy"]].sum()


def _driver(tickets: pd.DataFrame, name: str) -> pd.Series:
    """One driver per ticket, capped and rounded so that cells stay few."""
    if name == "first_reply_hours":
        # A ticket without a reply has waited its cycle; without either it says nothing: 0.
        hours = tickets["first_reply_business_minutes"].astype(float) / 60
        return hours.fillna(0.0).clip(0, LONGEST_REPLY_HOURS).round()
    if name == "cycle_days":
        days = tickets["cycle_hours"].astype(float) / 24
        return (4 * days.fillna(0.0).clip(0, LONGEST_CYCLE_DAYS)).round() / 4
    return tickets[name].fillna(0).astype(float).clip(0, MOST_COUNTED)


def _estimate(cells: pd.DataFrame, outcome: _Outcome) -> list[dict[str, object]]:
    """Fit one outcome and describe each driver, or say why not."""
    tickets = int(cells["n"].sum()) if len(cells) else 0
    means = {
        name: float(np.average(cells[name], weights=cells["n"])) if tickets else np.nan
        for name in outcome.drivers
    }
    few = (
        f"{tickets} tickets have this outcome; {FEWEST_TICKETS} are needed."
        if tickets < FEWEST_TICKETS
        else None
    )
    moving = [name for name in outcome.drivers if not few and np.ptp(cells[name].to_numpy()) > 0]
    effect, error = _least_squares(cells, moving) if moving else (np.array([]), np.array([]))
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


def _least_squares(cells: pd.DataFrame, names: list[str]) -> tuple[Floats, Floats]:
    """Coefficients of `names` and their HC1 standard errors, from cells of n, y and yy."""
    dummies = pd.get_dummies(cells[list(CONTROLS)], drop_first=True, dtype=float)
    design = np.column_stack([cells[names].to_numpy(float), np.ones(len(cells)), dummies])
    n, y, yy = (cells[column].to_numpy(float) for column in ("n", "y", "yy"))
    bread = np.linalg.pinv((design * n[:, None]).T @ design, hermitian=True)
    beta = bread @ design.T @ y
    fitted = design @ beta
    squares = yy - 2 * fitted * y + n * fitted**2  # of residuals, summed within a cell
    meat = (design * squares[:, None]).T @ design
    freedom = n.sum() - design.shape[1]
    covariance = bread @ meat @ bread * n.sum() / freedom
    return beta[: len(names)], np.sqrt(np.maximum(np.diag(covariance)[: len(names)], 0.0))
