"""The tables of schema `analysis` for the tiny desk: a few rows each, written by hand.

Belongs here: rows in exactly the columns that the analyses declare. Does not belong here:
tickets, and the process (`mined`).
"""

from datetime import datetime, timedelta

import pandas as pd

from ops_tower.analysis import (
    alert_ledger,
    anomalies,
    backlog,
    bottlenecks,
    breach_history,
    breach_risk,
    capacity,
    changes,
    drivers,
    forecasting,
    recommendations,
)
from ops_tower.analysis.frames import Output
from ops_tower_tests.dashboard import mined


def frames(as_of: datetime) -> dict[str, pd.DataFrame]:
    """Each table by its name, for the given as-of."""
    return {output.name: _frame(output, rows) for output, rows in _rows(as_of)} | {
        "answers": pd.DataFrame(
            {
                "rank": [1, 2, 3, 4, 5],
                "question": ["SLA?", "Where?", "People?", "CSAT?", "What?"],
                "answer": ["The first.", "The second.", "The third.", "The fourth.", "The fifth."],
            }
        ),
        "monday_brief": pd.DataFrame(
            {"form": ["markdown", "html"], "text": ["# The brief", "<h1>The brief</h1>"]}
        ),
    }


def _frame(output: Output, rows: list[dict[str, object]]) -> pd.DataFrame:
    return output.frame([dict.fromkeys(output.columns) | row for row in rows])


def _rows(as_of: datetime) -> list[tuple[Output, list[dict[str, object]]]]:
    return [
        *mined.ROWS,
        (alert_ledger.ALERT_LEDGER, _flags(as_of)),
        (alert_ledger.ALERT_WEEKS, _flag_weeks(as_of)),
        (anomalies.ANOMALIES, [_anomaly(as_of)]),
        (
            anomalies.WATCHED,
            [{"metric": "created_tickets", "group_name": "All", "days_judged": 60}],
        ),
        (bottlenecks.GROUP_BOTTLENECKS, _GROUPS),
        (breach_risk.SLA_ALERTS, _targets(as_of)[:-1]),
        (breach_risk.OPEN_TARGET_RISK, _targets(as_of)),
        (capacity.CAPACITY_GAP, _GAPS),
        (drivers.DRIVERS, _DRIVERS),
        (forecasting.VOLUME_FORECAST, _forecast(as_of)),
        (forecasting.FORECAST_BACKTEST, _BACKTESTS),
        (backlog.BACKLOG_PROJECTION, _backlog(as_of)),
        (backlog.BACKLOG_OUTLOOK, _outlook(as_of)),
        (breach_history.JUDGEMENT, _JUDGEMENT),
        (breach_history.CALIBRATION, _CALIBRATION),
        (changes.SLA_CHANGE, _CHANGES),
        (recommendations.RECOMMENDATIONS, _RECOMMENDATIONS),
        (recommendations.SILENT_RULES, _SILENT),
    ]


def _anomaly(as_of: datetime) -> dict[str, object]:
    return {
        "date": as_of.replace(hour=0) - timedelta(days=3),
        "metric": "created_tickets",
        "group_name": "Engineering",
        "value": 1.0,
        "expected": 9.0,
        "z_score": -3.4,
    }


def _targets(as_of: datetime) -> list[dict[str, object]]:
    # T-840 has two targets at risk and counts once; the last one is on track and no alert.
    told = [
        ("T-840", "first_reply_time", 30.0, 0.8, "critical"),
        ("T-840", "total_resolution_time", 60.0, 0.6, "critical"),
        ("T-839", "total_resolution_time", 61.0, 0.5, "critical"),
        ("T-838", "total_resolution_time", -5.0, 1.0, "breached"),
        ("T-837", "total_resolution_time", 1000.0, 0.05, "on_track"),
    ]
    return [
        {
            "ticket_id": int(name[2:]),
            "external_id": name,
            "subject": f"Question number {name[2:]}",
            "metric": metric,
            "group_name": "Engineering" if name == "T-840" else "Tier 2 Specialists",
            "priority": "urgent",
            "ticket_type": "incident",
            "minutes_left": left,
            "due_at": as_of + timedelta(minutes=left),
            "is_business_hours": False,
            "breach_probability": risk,
            "severity": severity,
            "instance": 1,
            "state": "breached" if left < 0 else "active",
            "flagged_at": as_of,
        }
        for name, metric, left, risk, severity in told
    ]


def _flags(as_of: datetime) -> list[dict[str, object]]:
    # Of four flags one breached six hours later, one was met, one is open, one came too late.
    told = [
        (1, "warning", 0.8, "breached", 360.0),
        (2, "critical", 0.4, "met", None),
        (3, "warning", 0.3, "running", None),
        (4, "breached", 1.0, "breached", None),
    ]
    return [
        {
            "ticket_id": ticket,
            "external_id": f"T-{ticket}",
            "metric": "total_resolution_time",
            "instance": 1,
            "raised_at": as_of - timedelta(days=7),
            "raised_severity": severity,
            "worst_severity": severity,
            "breach_probability": risk,
            "outcome": outcome,
            "lead_minutes": lead,
        }
        for ticket, severity, risk, outcome, lead in told
    ]


def _flag_weeks(as_of: datetime) -> list[dict[str, object]]:
    return [
        {
            "week": as_of - timedelta(days=7),
            "flagged": 3,
            "flagged_breached": 1,
            "flagged_met": 1,
            "flagged_undecided": 1,
            "breaches": 6,
            "missed": 5,
            "median_lead_minutes": 360.0,
        }
    ]


def _forecast(as_of: datetime) -> list[dict[str, object]]:
    return [
        {
            "group_name": group,
            "date": as_of.replace(hour=0) + timedelta(days=day),
            "forecast": 9.0,
            "lower_80": 7.0,
            "upper_80": 11.0,
            "lower_95": 6.0,
            "upper_95": 12.0,
            "model": "Holt-Winters",
        }
        for group in ("All", "Tier 1 Support")
        for day in range(30)
    ]


def _backlog(as_of: datetime) -> list[dict[str, object]]:
    return [
        {
            "group_name": "Tier 2 Specialists",
            "date": as_of.replace(hour=0) + timedelta(days=day),
            "backlog_days": day / 10,
            "lower_80": day / 20,
            "upper_80": day / 5,
            "window_days": 1.5,
            "outgrow_probability": day / 30,
            "backlog_tickets": day * 2.0,
        }
        for day in range(30)
    ]


def _outlook(as_of: datetime) -> list[dict[str, object]]:
    # The chance is one in thirty more each day: even on the 16th day.
    return [
        {
            "group_name": "Tier 2 Specialists",
            "outgrows_on": as_of.replace(hour=0) + timedelta(days=15),
            "outgrow_probability": 29 / 30,
            "backlog_days": 0.0,
            "last_backlog_days": 2.9,
            "window_days": 1.5,
            "horizon_days": 30,
        }
    ]


_GROUPS: list[dict[str, object]] = [
    {
        "group_name": name,
        "bottleneck_score": score,
        "tickets": tickets,
        "median_cycle_hours": hours,
        "breach_rate": rate,
        "utilisation": busy,
        "driver": driver,
        "is_bottleneck": score == 100.0,
        "cycle_part": hours / 100,
        "volume_part": tickets / 540,
        "breach_part": rate / 0.5,
        "reason": "Tier 2 Specialists waits longest for the staff it has.",
    }
    for name, score, tickets, hours, rate, busy, driver in (
        ("Tier 2 Specialists", 100.0, 240, 60.0, 0.5, 0.95, "breach rate"),
        ("Engineering", 40.0, 120, 100.0, 0.25, 0.5, "cycle time"),
        ("Tier 1 Support", 0.0, 540, 20.0, 0.0, 0.6, "volume"),
    )
]
# Needed = 300 tickets x minutes / 60 / 8 / 0.8; available = fte x 20 x 0.7.
_GAPS: list[dict[str, object]] = [
    {
        "group_name": name,
        "month": "2026-03",
        "needed_agent_days": 300 * minutes / 60 / 8 / 0.8,
        "available_agent_days": fte * 14,
        "gap_agent_days": 300 * minutes / 60 / 8 / 0.8 - fte * 14,
        "lower_80": 300 * minutes / 60 / 8 / 0.8 - fte * 14 - 2,
        "upper_80": 300 * minutes / 60 / 8 / 0.8 - fte * 14 + 2,
        "utilisation": 300 * minutes / 60 / 8 / (fte * 14),
        "tickets": 300.0,
        "minutes_per_ticket": minutes,
        "minutes_per_worked_ticket": 40.0,
        "fte": fte,
        "working_days": 20,
        "hours_per_day": 8.0,
        "shrinkage": 0.3,
        "target_occupancy": 0.8,
    }
    for name, minutes, fte in (
        ("Tier 1 Support", 12.8, 3.0),
        ("Tier 2 Specialists", 32.0, 1.0),
        ("Engineering", 6.4, 1.0),
    )
]
_DRIVERS: list[dict[str, object]] = [
    {
        "outcome": outcome,
        "driver": driver,
        "effect": effect,
        "lower_95": effect - 0.1,
        "upper_95": effect + 0.1,
        "tickets": 360,
        "total_effect": effect / 10,
        "nonresponse": "Weighted for the silent." if outcome == "csat_score" else None,
    }
    for outcome, driver, effect in (
        ("csat_score", "reopens", -0.7),
        ("csat_score", "escalations", -0.3),
        ("cycle_hours", "reopens", 20.0),
    )
]
_BACKTESTS: list[dict[str, object]] = [
    {
        "group_name": "All",
        "model": "Holt-Winters",
        "mase": 0.7,
        "coverage_80": 0.8,
        "coverage_95": 0.95,
        "origins": 3,
    },
    {"group_name": "Engineering", "origins": 0, "reason": "No ticket starts in this group."},
]
_RECOMMENDATIONS: list[dict[str, object]] = [
    {
        "rank": 1,
        "title": "Find 6 agent-days for Tier 2 Specialists in 2026-03",
        "owner_group": "Tier 2 Specialists",
        "evidence": "25 agent-days needed, 14 there.",
        "effect_low": 20.0,
        "effect_high": 40.0,
        "effect_unit": "tickets a month",
        "effort": "high",
        "confidence": "high",
        "rule_id": "staff_is_short",
        "assumption": "Each agent-day works off its share.",
        "rank_score": 5.0,
    },
    {
        "rank": 2,
        "title": "Check before solving: reopened tickets take longer",
        "owner_group": "All",
        "evidence": "One more adds 20.0 h.",
        "effect_low": 2.5,
        "effect_high": 5.0,
        "effect_unit": "tickets a month",
        "effort": "low",
        "confidence": "medium",
        "rule_id": "costly_reopens",
        "effect_hours_low": 50.0,
        "effect_hours_high": 100.0,
        "assumption": "A quarter to half are avoided.",
        "rank_score": 3.0,
    },
]
_SILENT: list[dict[str, object]] = [
    {"rule_id": "recent_anomaly", "question": "Was a day unusual?", "reason": "No day was."}
]
_JUDGEMENT: list[dict[str, object]] = [
    {"measure": "auc", "value": 0.86, "detail": "Probabilities rank better than minutes left."},
    {"measure": "auc_minutes_left", "value": 0.73},
    {"measure": "brier", "value": 0.137},
    {"measure": "brier_base_rate", "value": 0.217},
]
_CALIBRATION: list[dict[str, object]] = [
    {
        "lower_probability": low,
        "upper_probability": low + 0.5,
        "moments": 100,
        "predicted": low + 0.25,
        "observed": low + 0.2,
        "lower_95": low + 0.1,
        "upper_95": low + 0.3,
    }
    for low in (0.0, 0.5)
]
_CHANGES: list[dict[str, object]] = [
    {
        "group_name": "Tier 2 Specialists",
        "priority": "urgent",
        "mix_effect": 0.001,
        "rate_effect": -0.012,
        "effect": -0.011,
    },
    {
        "group_name": "Tier 1 Support",
        "priority": "low",
        "mix_effect": 0.0001,
        "rate_effect": 0.0,
        "effect": 0.0001,
    },
]
