"""Checks that judge a run: each fails beyond its limit, holds at it, and says what it saw."""

from datetime import timedelta

import pandas as pd
import pytest

from ops_tower.analysis import audit

MONDAY = pd.Timestamp("2026-03-02")
TARGETS = pd.DataFrame({"priority": ["urgent", "low"], "target_attainment": [0.9, 0.5]})


def sla(*cells: tuple[str, str, int, int], days_ago: int = 1) -> pd.DataFrame:
    """Rows of mart_sla: group, priority, judged, met, all on one day before `MONDAY`."""
    frame = pd.DataFrame(cells, columns=["group_name", "priority", "judged", "met"])
    return frame.assign(date=MONDAY - timedelta(days=days_ago), denominator="ticket")


@pytest.mark.parametrize(("hours", "is_well"), [(72, True), (72.5, False)])
def test_events_are_stale_beyond_the_limit_and_not_at_it(hours: float, *, is_well: bool) -> None:
    verdict = audit.freshness(MONDAY - timedelta(hours=hours), MONDAY, 5.0, 72)
    assert verdict.is_well is is_well
    assert f"{hours:,.1f} hours" in verdict.sentence


def test_a_desk_that_was_closed_for_as_long_before_is_not_stale() -> None:
    assert audit.freshness(MONDAY - timedelta(days=10), MONDAY, 14 * 24, 72).is_well
    assert not audit.freshness(MONDAY - timedelta(days=15), MONDAY, 14 * 24, 72).is_well


def test_no_event_at_all_is_stale() -> None:
    assert not audit.freshness(None, MONDAY, 0, 72).is_well
    assert not audit.freshness(pd.NaT, MONDAY, 0, 72).is_well  # type: ignore[arg-type]


def test_the_share_of_refused_rows_is_held_against_its_limit() -> None:
    assert audit.rejected_share(100, 5, 0.05).is_well
    assert not audit.rejected_share(100, 6, 0.05).is_well
    assert audit.rejected_share(0, 0, 0.0).is_well


def test_the_table_that_lost_most_is_named() -> None:
    now, before = {"tickets": 90, "events": 400}, {"tickets": 100, "events": 1000}
    verdict = audit.row_loss(now, before, 0.5)
    assert not verdict.is_well
    assert verdict.sentence.startswith("events: 400 rows, 1,000 in the published run")
    assert audit.row_loss(now, before, 0.6).is_well
    assert audit.row_loss(now, None, 0.0).is_well
    assert audit.row_loss(now, {"tickets": 0, "events": 0}, 0.0).is_well


def test_a_priority_below_its_target_fails_and_the_cells_show_where() -> None:
    mart = sla(("Front", "urgent", 100, 80), ("Back", "urgent", 100, 95), ("Front", "low", 40, 30))
    verdict = audit.sla_shortfall(mart, TARGETS, MONDAY, 0.0)
    assert not verdict.is_well
    assert verdict.figures["priority urgent"] == "87.5% of 90.0%"
    assert verdict.figures["priority low"] == "75.0% of 50.0%"
    # 100 urgent at 90 % and 40 low at 50 % make 110 of 140; Front met 80 + 30 of them.
    assert verdict.figures["group Front"] == "78.6% of 78.6%"
    assert verdict.worst is not None
    assert verdict.worst["name"].tolist() == ["Front, urgent"]
    assert verdict.worst["missed_beyond_target"].tolist() == pytest.approx([10.0])
    assert audit.sla_shortfall(mart, TARGETS, MONDAY, 0.03).is_well


def test_a_group_is_judged_by_its_own_mix_of_priorities() -> None:
    mart = sla(("Front", "urgent", 50, 46), ("Back", "low", 50, 24))
    verdict = audit.sla_shortfall(mart, TARGETS, MONDAY, 0.01)
    assert not verdict.is_well
    assert verdict.figures["group Front"] == "92.0% of 90.0%"
    assert verdict.figures["group Back"] == "48.0% of 50.0%"


def test_only_the_last_four_weeks_and_enough_tickets_are_judged() -> None:
    old = sla(("Front", "urgent", 100, 0), days_ago=29)
    few = sla(("Front", "urgent", 29, 0))
    for mart in (old, few, sla()):
        verdict = audit.sla_shortfall(mart, TARGETS, MONDAY, 0.0)
        assert verdict.is_well
        assert "Too few tickets" in verdict.sentence


def test_targets_of_single_metrics_do_not_count_a_ticket_twice() -> None:
    mart = sla(("Front", "urgent", 100, 95))
    single = sla(("Front", "urgent", 100, 0)).assign(denominator="target")
    assert audit.sla_shortfall(pd.concat([mart, single]), TARGETS, MONDAY, 0.0).is_well


def test_days_not_rows_are_counted_among_the_last_seven() -> None:
    days = [MONDAY - timedelta(days=n) for n in (1, 1, 3, 8)]
    anomalies = pd.DataFrame({"date": days, "metric": "created_tickets", "z_score": [3, -5, 4, 9]})
    verdict = audit.anomaly_days(anomalies, MONDAY, 1)
    assert not verdict.is_well
    assert verdict.figures == {"days": 2, "anomalies": 3}
    assert verdict.worst is not None
    assert verdict.worst["z_score"].tolist() == [-5, 4, 3]
    assert audit.anomaly_days(anomalies, MONDAY, 2).is_well


def forecast(total: float, start: str = "2026-03-02", group: str = "All") -> pd.DataFrame:
    dates = pd.date_range(start, periods=10)
    return pd.DataFrame({"group_name": group, "date": dates, "forecast": total / 10})


def test_a_forecast_that_jumps_is_named_with_its_group() -> None:
    now = pd.concat([forecast(100), forecast(60, group="Front")])
    before = pd.concat([forecast(110), forecast(100, group="Front")])
    verdict = audit.forecast_drift(now, before, 0.25)
    assert not verdict.is_well
    assert verdict.sentence.startswith("Front: 60 tickets are now expected")
    assert audit.forecast_drift(now, before, 0.4).is_well


def test_only_days_of_both_forecasts_are_compared() -> None:
    # Nine days in common: 90 against 99.
    verdict = audit.forecast_drift(forecast(100, "2026-03-03"), forecast(110), 0.1)
    assert verdict.figures == {"All": pytest.approx(-0.0909, abs=1e-4)}
    assert audit.forecast_drift(forecast(100, "2027-01-01"), forecast(900), 0.0).is_well
    assert audit.forecast_drift(forecast(100), None, 0.0).is_well


def test_a_share_of_conforming_tickets_that_moves_fails_both_ways() -> None:
    def measured(share: float) -> pd.DataFrame:
        return pd.DataFrame({"measure": ["conforming_share"], "value": [share]})

    assert not audit.conformance_drift(measured(0.60), measured(0.66), 0.05).is_well
    assert not audit.conformance_drift(measured(0.66), measured(0.60), 0.05).is_well
    assert audit.conformance_drift(measured(0.66), measured(0.62), 0.05).is_well
    nothing = pd.DataFrame({"measure": ["conforming_share"], "value": [float("nan")]})
    assert audit.conformance_drift(nothing, measured(0.6), 0.0).is_well
    assert audit.conformance_drift(measured(0.6), None, 0.0).is_well
