"""Each rule fires on a planted case and is silent on a healthy desk."""

from dataclasses import replace

import pandas as pd
import pytest

from ops_tower.analysis import recommendations as rec
from ops_tower.analysis import rules
from ops_tower.analysis.anomalies import ANOMALIES
from ops_tower.analysis.bottlenecks import GROUP_BOTTLENECKS
from ops_tower.analysis.breach_risk import SLA_ALERTS
from ops_tower.analysis.capacity import CAPACITY_GAP
from ops_tower.analysis.conformance import DEVIATIONS
from ops_tower.analysis.drivers import DRIVERS
from ops_tower.analysis.frames import Output
from ops_tower.analysis.process_mining import TRANSITIONS
from ops_tower.analysis.rework import REWORK
from ops_tower.analysis.waits import PROCESS_WAITS
from ops_tower_tests.analysis.marts import AS_OF, FIRST_AT, SLA, mart


def table(output: Output, *rows: dict) -> pd.DataFrame:
    """Rows of a result; what a row does not name is NULL."""
    return output.frame({**dict.fromkeys(output.columns), **row} for row in rows)


HEALTHY = rules.Findings(
    bottlenecks=table(
        GROUP_BOTTLENECKS,
        {"group_name": "Tier 1", "is_bottleneck": False, "reason": "Nobody stands out."},
    ),
    capacity_gap=table(
        CAPACITY_GAP, {"group_name": "Tier 1", "month": "2026-01", "gap_agent_days": -5.0}
    ),
    alerts=table(SLA_ALERTS, {"ticket_id": 1, "severity": "warning", "minutes_left": 200.0}),
    transitions=table(
        TRANSITIONS,
        {"bottleneck_rank": 1, "share_of_hours_without_timers": 0.1, "transitions": 100},
    ),
    deviations=table(
        DEVIATIONS, {"kind": "inserted", "activity": "X", "tickets": 9, "hours": 9, "share": 0.01}
    ),
    drivers=table(
        DRIVERS,
        *(
            {
                "outcome": "cycle_hours",
                "driver": name,
                "effect": 1.0,
                "lower_95": -1.0,
                "upper_95": 3.0,
                "mean_of_driver": 0.2,
                "tickets": 1200,
            }
            for name in ("escalations", "reopens")
        ),
    ),
    anomalies=table(ANOMALIES),
    sla=mart(SLA, [{"denominator": "ticket", "judged": 1000, "met": 950, "breached": 50}]),
    first_at=FIRST_AT,
    as_of=AS_OF,
    rework=table(
        REWORK, {"kind": "ping_pong_direct", "subject": "A → B", "share": 0.06, "lower_95": 0.04}
    ),
    waits=table(
        PROCESS_WAITS, {"cause": "queue", "hours": 60.0}, {"cause": "off_shift", "hours": 40.0}
    ),
)
MONTHS = HEALTHY.months


def certain(driver: str) -> pd.DataFrame:
    """The healthy drivers, one of them with an interval above zero and a cost in CSAT."""
    rows = HEALTHY.drivers.copy()
    rows.loc[rows["driver"] == driver, "lower_95"] = 0.5
    csat = {"outcome": "csat_score", "driver": driver, "effect": -0.4, "upper_95": -0.1}
    return pd.concat([rows, table(DRIVERS, csat)])


# One planted case per rule: the finding to change, and what the evidence must then say.
PLANTED = {
    "staff_is_short": (
        {
            "capacity_gap": table(
                CAPACITY_GAP,
                {
                    "group_name": "Tier 2",
                    "month": "2026-01",
                    "needed_agent_days": 50.0,
                    "available_agent_days": 40.0,
                    "gap_agent_days": 10.0,
                    "lower_80": 4.0,
                    "upper_80": 16.0,
                    "hours_per_day": 8.0,
                    "target_occupancy": 0.75,
                    "minutes_per_worked_ticket": 36.0,
                },
            )
        },
        "50 agent-days needed, 40 there; 80 % band of the gap 4 to 16.",
    ),
    "bottleneck_breaches": (
        {
            "bottlenecks": table(
                GROUP_BOTTLENECKS,
                {
                    "group_name": "Tier 2",
                    "is_bottleneck": True,
                    "driver": "capacity",
                    "judged_targets": 1200,
                    "breached_targets": 360,
                    "breach_rate": 0.3,
                    "median_cycle_hours": 9.0,
                },
                {
                    "group_name": "Tier 1",
                    "is_bottleneck": False,
                    "judged_targets": 1000,
                    "breached_targets": 100,
                    "breach_rate": 0.1,
                },
            )
        },
        "30.0% of its targets breach, 10.0% elsewhere; 9.0 h per ticket.",
    ),
    "targets_about_to_breach": (
        {
            "alerts": table(
                SLA_ALERTS,
                *(
                    {
                        "ticket_id": ticket,
                        "group_name": "Tier 1",
                        "severity": "critical",
                        "minutes_left": 30.0 * ticket,
                        "breach_probability": 0.5,
                    }
                    for ticket in (1, 2, 3)
                ),
            )
        },
        "3 open targets are critical, 2 of them within the hour.",
    ),
    "lowest_sla_cell": (
        {
            "sla": mart(
                SLA,
                [
                    {"denominator": "ticket", "judged": 1000, "met": 950, "breached": 50},
                    {
                        "denominator": "ticket",
                        "priority": "urgent",
                        "ticket_type": "incident",
                        "judged": 200,
                        "met": 130,
                        "breached": 70,
                    },
                ],
            )
        },
        "65.0% of 200 tickets meet their targets, the desk 90.0%.",
    ),
    "longest_wait": (
        {
            "transitions": table(
                TRANSITIONS,
                {
                    "from_activity": "A",
                    "to_activity": "B",
                    "bottleneck_rank": 1,
                    "share_of_hours_without_timers": 0.3,
                    "transitions": 1200,
                    "mean_hours": 9.0,
                    "median_hours": 4.0,
                    "p90_hours": 30.0,
                },
            )
        },
        "30.0% of all hours outside timers; median 4.0 h, one in ten over 30.0 h.",
    ),
    "costly_escalations": (
        {"drivers": certain("escalations")},
        "One more adds 1.0 h (0.5 to 3.0); 20 a month. It takes 0.40 points of CSAT.",
    ),
    "costly_reopens": (
        {"drivers": certain("reopens")},
        "One more adds 1.0 h (0.5 to 3.0); 20 a month. It takes 0.40 points of CSAT.",
    ),
    "frequent_deviation": (
        {
            "deviations": table(
                DEVIATIONS,
                {
                    "kind": "inserted",
                    "activity": "Escalated",
                    "tickets": 240,
                    "hours": 1200.0,
                    "share": 0.2,
                },
            )
        },
        "20.0% of judged tickets (240) deviate so.",
    ),
    "ping_pong": (
        {
            "rework": table(
                REWORK,
                {
                    "kind": "ping_pong_direct",
                    "subject": "Tier 1 → Tier 2",
                    "tickets": 240,
                    "share": 0.08,
                    "lower_95": 0.07,
                    "upper_95": 0.09,
                    "hours": 1200.0,
                },
                {"kind": "reopen", "subject": "Tier 1", "tickets": 9999, "lower_95": 0.5},
            )
        },
        "8.0% of first handovers come straight back (7.0% to 9.0%), 240 tickets.",
    ),
    "nobody_on_shift": (
        {
            "waits": table(
                PROCESS_WAITS,
                {"cause": "queue", "hours": 300.0},
                {
                    "from_activity": "A",
                    "to_activity": "B",
                    "cause": "off_shift",
                    "hours": 700.0,
                    "share_of_transition": 0.8,
                    "transitions": 300,
                },
                {"cause": "customer", "hours": 9999.0},
            )
        },
        "70% of the hours that tickets wait for the desk are off shift; 700 h at A → B.",
    ),
    "recent_anomaly": (
        {
            "anomalies": table(
                ANOMALIES,
                {
                    "date": pd.Timestamp("2025-12-30"),
                    "metric": "created_tickets",
                    "group_name": "All",
                    "value": 300.0,
                    "expected": 100.0,
                    "z_score": 9.0,
                    "direction": "high",
                    "observations": 300,
                },
            )
        },
        "300.00 where 100.00 is usual (z = +9.0).",
    ),
}


def outcome(findings: rules.Findings, rule: str) -> pd.DataFrame:
    fired, _ = rec.recommend(findings)
    return fired[fired["rule_id"] == rule]


def test_every_rule_has_a_planted_case() -> None:
    assert set(PLANTED) == {rule.__name__ for rule in rules.RULES}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_rule_fires_on_its_planted_case_and_gives_its_evidence(rule: str) -> None:
    change, evidence = PLANTED[rule]
    fired = outcome(replace(HEALTHY, **change), rule)
    assert fired["evidence"].tolist() == [evidence]
    row = fired.iloc[0]
    assert 0 <= row["effect_low"] <= row["effect_high"]
    assert row["effect_high"] > 0
    assert row["effort"] in rec.EFFORT_POINTS
    assert row["confidence"] in rec.CONFIDENCE_WEIGHTS


def test_on_a_healthy_desk_every_rule_is_silent_with_a_reason() -> None:
    fired, silent = rec.recommend(HEALTHY)
    assert len(fired) == 0
    assert silent["rule_id"].tolist() == [rule.__name__ for rule in rules.RULES]
    assert silent["reason"].str.len().gt(10).all()
    assert silent["question"].str.endswith("?").all()


def test_with_nothing_known_every_rule_is_silent_with_a_reason() -> None:
    nothing = rules.Findings(
        *(
            getattr(HEALTHY, name).iloc[:0]
            for name in (
                "bottlenecks",
                "capacity_gap",
                "alerts",
                "transitions",
                "deviations",
                "drivers",
                "anomalies",
                "sla",
            )
        ),
        first_at=FIRST_AT,
        as_of=AS_OF,
    )
    fired, silent = rec.recommend(nothing)
    assert len(fired) == 0
    assert len(silent) == len(rules.RULES)
    assert silent["reason"].notna().all()


def test_every_rule_is_either_ranked_or_listed_as_silent() -> None:
    change = {key: value for case, _ in PLANTED.values() for key, value in case.items()}
    fired, silent = rec.recommend(replace(HEALTHY, **change))
    assert sorted([*fired["rule_id"], *silent["rule_id"]]) == sorted(PLANTED)
    assert fired["rank"].tolist() == list(range(1, len(fired) + 1))
    assert fired["rank_score"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        ("staff_is_short", 4 * 10, 16 * 10),  # 360 minutes a day at 36 per ticket
        ("bottleneck_breaches", 0.25 * 240 / MONTHS, 0.5 * 240 / MONTHS),
        ("targets_about_to_breach", 0.25 * 1.5, 0.5 * 1.5),
        ("lowest_sla_cell", 0.25 * 50 / MONTHS, 0.5 * 50 / MONTHS),
        ("longest_wait", 0.25 * 300 / MONTHS, 0.5 * 300 / MONTHS),
        ("costly_escalations", 0.25 * 240 / MONTHS, 0.5 * 240 / MONTHS),
        ("frequent_deviation", 0.25 * 240 / MONTHS, 0.5 * 240 / MONTHS),
        ("ping_pong", 0.25 * 240 / MONTHS, 0.5 * 240 / MONTHS),
        ("nobody_on_shift", 0.25 * 240 / MONTHS, 0.5 * 240 / MONTHS),
        ("recent_anomaly", 0, 75),
    ],
)
def test_effects_follow_from_the_evidence(rule: str, low: float, high: float) -> None:
    row = outcome(replace(HEALTHY, **PLANTED[rule][0]), rule).iloc[0]
    assert (row["effect_low"], row["effect_high"]) == pytest.approx((low, high))


def test_hours_take_the_whole_interval_of_the_effect() -> None:
    row = outcome(replace(HEALTHY, drivers=certain("reopens")), "costly_reopens").iloc[0]
    assert row["effect_hours_low"] == pytest.approx(0.25 * 240 / MONTHS * 0.5)
    assert row["effect_hours_high"] == pytest.approx(0.5 * 240 / MONTHS * 3.0)


def test_a_gap_whose_band_reaches_zero_is_less_certain() -> None:
    gap = PLANTED["staff_is_short"][0]["capacity_gap"]
    for lower, confidence in ((4.0, "high"), (-4.0, "medium"), (None, "low")):
        findings = replace(HEALTHY, capacity_gap=gap.assign(lower_80=lower).astype(gap.dtypes))
        assert outcome(findings, "staff_is_short")["confidence"].tolist() == [confidence]


def test_an_old_anomaly_and_a_good_one_are_no_reason_to_act() -> None:
    odd = PLANTED["recent_anomaly"][0]["anomalies"]
    old = odd.assign(date=pd.Timestamp("2025-12-01"))
    good = odd.assign(direction="low")
    csat = good.assign(metric="csat_score")
    assert len(outcome(replace(HEALTHY, anomalies=old), "recent_anomaly")) == 0
    assert len(outcome(replace(HEALTHY, anomalies=good), "recent_anomaly")) == 0
    assert len(outcome(replace(HEALTHY, anomalies=csat), "recent_anomaly")) == 1
