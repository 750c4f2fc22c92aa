"""Which open targets are alerts, and how likely a breach is."""

import pandas as pd
import pytest

from ops_tower.analysis.breach_risk import (
    OPEN_TARGET_RISK,
    SLA_ALERTS,
    open_target_risk,
    severity,
    sla_alerts,
)
from ops_tower_tests.analysis.marts import AS_OF, OPEN_TARGETS, SLA, TARGET_RISK, mart


def judged(*targets: dict, history: tuple[dict, ...] = ({},), weeks: int = 0) -> pd.DataFrame:
    open_targets, past = mart(OPEN_TARGETS, targets), mart(SLA, history)
    return open_target_risk(open_targets, past, AS_OF, risk(weeks))


def alerts(*targets: dict, history: tuple[dict, ...] = ({},), weeks: int = 0) -> pd.DataFrame:
    return sla_alerts(judged(*targets, history=history, weeks=weeks), AS_OF)


def target(minutes_left: float, ticket_id: int = 1, **more: object) -> dict:
    """A target of ten hours with this many minutes left."""
    return {
        "ticket_id": ticket_id,
        "minutes_left": minutes_left,
        "counted_seconds": 36_000 - 60 * minutes_left,
        **more,
    }


def test_alerts_come_worst_first_and_targets_on_track_are_none() -> None:
    result = alerts(target(500, 1), target(200, 2), target(30, 3), target(-5, 4))
    assert result["ticket_id"].tolist() == [4, 3, 2]
    assert result["severity"].tolist() == ["breached", "critical", "warning"]
    assert (result["flagged_at"] == AS_OF).all()


def test_without_history_time_left_alone_decides() -> None:
    result = alerts(target(500, 1), target(30, 2), history=())
    assert result["ticket_id"].tolist() == [2]
    assert result["breach_probability"].isna().all()
    assert result["history_judged"].tolist() == [0]


def test_the_history_of_an_alert_is_of_its_own_kind() -> None:
    others = {"group_name": "Other"}, {"denominator": "ticket"}, {"priority": "low"}
    result = alerts(target(30), history=({}, {"judged": 7}, *others))
    assert result["history_judged"].tolist() == [107]


def test_a_breached_target_breaches_for_certain() -> None:
    assert alerts(target(-5))["breach_probability"].tolist() == [1.0]


def test_a_paused_target_keeps_what_is_left() -> None:
    result = alerts(target(45, state="paused", due_at=None))
    assert result["severity"].tolist() == ["critical"]
    assert pd.isna(result["due_at"].iloc[0])


@pytest.mark.parametrize(
    ("minutes", "chance", "share", "grade"),
    [
        (-0.1, 0.0, 1.5, "breached"),
        (0.0, 0.0, 1.0, "breached"),
        (0.1, 0.0, 1.0, "critical"),
        (60.0, 0.0, 0.0, "critical"),
        (60.1, 0.0, 0.5, "warning"),
        (240.0, 0.0, 0.5, "warning"),
        (240.0, 0.0, 0.49, "on_track"),
        (240.1, 0.0, 0.9, "on_track"),
        (1e6, 0.25, 0.0, "warning"),
        (1e6, 0.5, 0.0, "critical"),
        (1e6, float("nan"), 0.0, "on_track"),
    ],
)
def test_severity_goes_by_minutes_or_probability_whichever_is_worse(
    minutes: float, chance: float, share: float, grade: str
) -> None:
    assert severity(*(pd.Series([one]) for one in (minutes, chance, share))).tolist() == [grade]


def risk(weeks: int) -> pd.DataFrame:
    """Weeks in which half-run targets of Tier 1 breach half the time, and a quiet group's never."""
    mondays = pd.date_range("2025-12-29", periods=weeks, freq="-7D")
    kinds = (("Tier 1", 10, 20), ("Quiet group", 0, 80))
    return mart(
        TARGET_RISK,
        [
            {
                "week": week,
                "group_name": group,
                "elapsed_bin": step,
                "reached": reached,
                "breached": breached,
            }
            for week in mondays
            for group, breached, half_run in kinds
            for step, reached in ((0, 100), (10, half_run))
        ],
    )


def test_history_of_targets_that_came_as_far_gives_the_probability() -> None:
    targets = target(300, 1), target(600, 2), target(-1, 3)
    result = alerts(*targets, weeks=40).set_index("ticket_id")
    assert result["breach_probability"].to_dict() == pytest.approx({1: 0.5, 3: 1.0}, abs=0.01)
    assert result["severity"].to_dict() == {1: "warning", 3: "breached"}


def test_history_that_cannot_be_judged_leaves_it_to_minutes() -> None:
    result = alerts(target(300, 1), target(30, 2), weeks=3).set_index("ticket_id")
    assert result["breach_probability"].isna().tolist() == [True]
    assert result.index.tolist() == [2]


def test_every_open_target_has_its_probability_and_alerts_are_the_part_at_risk() -> None:
    targets = [target(left, place) for place, left in enumerate((600, 300, -1, 30, 599))]
    result = judged(*targets, target(600, 9, group_name="Quiet group"), weeks=40)
    assert sorted(result["ticket_id"]) == [0, 1, 2, 3, 4, 9]
    chance = result.set_index("ticket_id")["breach_probability"]
    assert chance[[0, 9]].tolist() == pytest.approx([0.1, 0.0], abs=0.01)
    is_at_risk = result["severity"] != "on_track"
    assert result.loc[~is_at_risk, "ticket_id"].tolist() == [4, 0, 9]
    found = sla_alerts(result, AS_OF)
    pd.testing.assert_frame_equal(
        found.drop(columns="flagged_at"), result[is_at_risk].reset_index(drop=True)
    )


def test_no_open_targets_are_no_risk_and_no_alerts() -> None:
    pd.testing.assert_frame_equal(judged(), OPEN_TARGET_RISK.frame())
    pd.testing.assert_frame_equal(alerts(), SLA_ALERTS.frame())
