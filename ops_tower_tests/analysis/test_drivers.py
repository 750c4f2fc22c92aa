"""Regressions on cells equal regressions on tickets, and recover what was planted."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from ops_tower.analysis.drivers import CONTROLS, drivers_from_cells
from ops_tower_tests.analysis.marts import OUTCOMES as COLUMNS
from ops_tower_tests.analysis.marts import mart

ESCALATION_HOURS = 4.0
REOPEN_POINTS = -0.6
COUNTED = ["escalations", "reopens", "reassignments"]


def desk(seed: int, tickets: int = 4000) -> pd.DataFrame:
    """Tickets on which an escalation adds four hours and a reopen takes 0.6 points.

    Urgent tickets are escalated more and solved faster: without controls the effect would hide.
    """
    rng = np.random.default_rng(seed)
    frame = mart(COLUMNS, [{}]).loc[[0] * tickets].reset_index(drop=True)
    frame["priority"] = rng.choice(["normal", "urgent"], tickets, p=[0.7, 0.3])
    frame["ticket_type"] = rng.choice(["question", "incident"], tickets)
    frame["first_group_name"] = rng.choice(["Tier 1", "Tier 2"], tickets)
    is_urgent = frame["priority"] == "urgent"
    frame["escalations"] = rng.poisson(np.where(is_urgent, 0.8, 0.2)).clip(0, 3)
    frame["reopens"] = rng.poisson(0.15, tickets).clip(0, 3)
    frame["first_reply_business_minutes"] = 60.0 * rng.integers(0, 12, tickets)
    frame["cycle_hours"] = (
        20
        - 10 * is_urgent
        + ESCALATION_HOURS * frame["escalations"]
        + frame["first_reply_business_minutes"] / 60
        + rng.exponential(8, tickets)
    )
    frame["csat_score"] = 4 + REOPEN_POINTS * frame["reopens"] + rng.normal(0, 0.8, tickets)
    frame.loc[rng.random(tickets) < 0.6, "csat_score"] = np.nan
    return frame


def cells(tickets: pd.DataFrame) -> pd.DataFrame:
    """What `mart_driver_cells` makes of these tickets; those of `is_silent` were not rated."""
    hours = (tickets["first_reply_business_minutes"].astype(float) / 60).round()
    days = (tickets["cycle_hours"].astype(float) / 6).round() / 4
    frame = tickets.assign(first_reply_hours=hours, cycle_days=days.fillna(0.0))
    frame[list(CONTROLS)] = frame[list(CONTROLS)].astype("object").fillna("none")
    is_rated = frame["csat_score"].notna()
    is_silent = frame.get("is_silent", pd.Series(data=False, index=frame.index)) & ~is_rated
    is_known = {
        "cycle_hours": frame["is_finished"].astype(bool) & frame["cycle_hours"].notna(),
        "csat_score": is_rated | is_silent,
    }
    due = ["csat_score", "is_answer_due"]
    keys = ["outcome", *COUNTED, "first_reply_hours", "cycle_days", *CONTROLS, *due]
    parts = []
    for outcome, known in is_known.items():
        y = frame.loc[known, outcome].astype(float)
        part = frame[known].assign(outcome=outcome, n=1.0, y=y, yy=y**2)
        is_survey = outcome == "csat_score"
        due_of = is_survey or None
        parts.append(
            part.assign(csat_score=y if is_survey else np.nan, is_answer_due=due_of).astype(
                {"is_answer_due": "boolean", "cycle_days": float}
            )
        )
    grouped = pd.concat(parts).groupby(keys, as_index=False, dropna=False)[["n", "y", "yy"]]
    return grouped.sum(min_count=1)


def drivers(tickets: pd.DataFrame) -> pd.DataFrame:
    return drivers_from_cells(cells(tickets))


def effect(result: pd.DataFrame, outcome: str, driver: str) -> pd.Series:
    return result.set_index(["outcome", "driver"]).loc[(outcome, driver)]


def test_intervals_cover_the_planted_effects_in_nearly_all_seeds() -> None:
    covered = {"escalations": 0, "reopens": 0, "nothing": 0}
    for seed in range(20):
        result = drivers(desk(seed))
        row = effect(result, "cycle_hours", "escalations")
        covered["escalations"] += row["lower_95"] <= ESCALATION_HOURS <= row["upper_95"]
        row = effect(result, "csat_score", "reopens")
        covered["reopens"] += row["lower_95"] <= REOPEN_POINTS <= row["upper_95"]
        row = effect(result, "csat_score", "escalations")
        covered["nothing"] += row["lower_95"] <= 0 <= row["upper_95"]
    assert min(covered.values()) >= 18, covered


def test_cells_give_what_least_squares_on_tickets_gives() -> None:
    tickets = desk(99, 1500)
    names = ["escalations", "reopens", "first_reply_hours"]
    own = tickets.assign(first_reply_hours=tickets["first_reply_business_minutes"] / 60)
    dummies = pd.get_dummies(own[list(CONTROLS)], drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([own[names].astype(float), dummies], axis=1))
    fit = sm.OLS(own["cycle_hours"].astype(float), design).fit(cov_type="HC1")
    result = drivers(tickets)
    for name in names:
        row = effect(result, "cycle_hours", name)
        assert row["effect"] == pytest.approx(fit.params[name])
        assert row["upper_95"] - row["effect"] == pytest.approx(1.96 * fit.bse[name])


def test_the_total_is_the_effect_times_how_often_it_happens() -> None:
    tickets = desk(5)
    row = effect(drivers(tickets), "cycle_hours", "escalations")
    assert row["mean_of_driver"] == pytest.approx(tickets["escalations"].mean())
    assert row["total_effect"] == pytest.approx(row["effect"] * row["mean_of_driver"])


def test_open_tickets_have_no_cycle_time_to_explain() -> None:
    tickets = desk(6)
    tickets.loc[:499, "cycle_hours"] = np.nan
    tickets.loc[:999, "is_finished"] = False  # the age of an open ticket is no cycle time
    assert effect(drivers(tickets), "cycle_hours", "reopens")["tickets"] == 3000


def test_a_driver_that_never_varies_has_no_effect_and_says_so() -> None:
    row = effect(drivers(desk(7)), "cycle_hours", "reassignments")
    assert pd.isna(row["effect"])
    assert row["reason"] == "It is the same for every ticket."


@pytest.mark.parametrize("tickets", [0, 1, 199])
def test_few_tickets_give_a_reason_and_no_number(tickets: int) -> None:
    result = drivers(desk(8, 200).iloc[:tickets])
    assert result["effect"].isna().all()
    assert result["reason"].iloc[0] == f"{tickets} tickets have this outcome; 200 are needed."


def test_a_source_without_ratings_explains_cycle_time_only() -> None:
    result = drivers(desk(9).assign(csat_score=np.nan))
    assert result[result["outcome"] == "csat_score"]["effect"].isna().all()
    assert not pd.isna(effect(result, "cycle_hours", "escalations")["effect"])
    assert "0 tickets" in effect(result, "csat_score", "reopens")["reason"]


def test_tickets_without_priority_or_type_are_a_kind_of_their_own() -> None:
    result = drivers(desk(10).assign(priority=None, ticket_type=None))
    assert effect(result, "csat_score", "reopens")["effect"] == pytest.approx(-0.6, abs=0.2)
