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


HEALTHY = rec.Findings(
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
    cost = {
        "outcome": "cost_usd",
        "driver": driver,
        "effect": 9.0,
        "lower_95": 8.0,
        "upper_95": 10.0,
    }
    return pd.concat([rows, table(DRIVERS, csat, cost)])


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
        "It needs 50.0 agent-days and has 40.0 (80% band of the gap 4 to 16).",
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
        (
            "30.0% of its targets breach, 10.0% elsewhere; "
            "half of its tickets stay longer than 9.0 h."
        ),
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
        "Critical now: 3 open targets; due within the hour: 2.",
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
                    {
                        "priority": "urgent",
                        "ticket_type": "incident",
                        "judged": 190,
                        "met": 130,
                        "breached": 60,
                    },
                ],
            )
        },
        (
            "65.0% of 200 met all of them, the desk's 90.0%. "
            "Most of what they miss is first reply time: 60 of 190."
        ),
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
        "It holds 30.0% of all hours outside timers; median 4.0 h, one in ten over 30.0 h.",
    ),
    "costly_escalations": (
        {"drivers": certain("escalations")},
        "20 escalations a month; each adds 1.0 h (0.5 to 3.0) and takes 0.40 points of CSAT.",
    ),
    "costly_reopens": (
        {"drivers": certain("reopens")},
        "20 reopenings a month; each adds 1.0 h (0.5 to 3.0) and takes 0.40 points of CSAT.",
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
        "20.0% of finished tickets (240) do; they take 5.0 h longer on average.",
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
        "All groups: 300 new tickets where 100 are usual (z = +9.0).",
    ),
}


def outcome(findings: rec.Findings, rule: str) -> pd.DataFrame:
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


SILENT = {
    "staff_is_short": "All 1 planned groups have the staff for January 2026.",
    "bottleneck_breaches": "Nobody stands out.",
    "targets_about_to_breach": "No open target is critical and still to be saved.",
    "lowest_sla_cell": "No priority and type lies 5% below the desk's 95.0%.",
    "longest_wait": "The longest wait, <NA> → <NA>, holds under 15% of the hours.",
    "costly_escalations": "One escalation more adds 1.0 h, but it may as well be none.",
    "costly_reopens": "One reopening more adds 1.0 h, but it may as well be none.",
    "frequent_deviation": "No deviation touches 5% of the tickets and takes longer.",
    "ping_pong": "No pair of groups is sure to return 5% of its handovers.",
    "nobody_on_shift": "40% of the hours that tickets wait for the desk are off shift.",
    "recent_anomaly": "No day of the last 7 was unusual for the worse.",
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_rule_is_silent_on_a_healthy_desk_and_says_why(rule: str) -> None:
    fired, silent = rec.recommend(HEALTHY)
    assert rule not in set(fired["rule_id"])
    assert silent.set_index("rule_id").loc[rule, "reason"] == SILENT[rule]


def test_on_a_healthy_desk_every_rule_is_silent_with_a_reason() -> None:
    fired, silent = rec.recommend(HEALTHY)
    assert len(fired) == 0
    assert silent["rule_id"].tolist() == [rule.__name__ for rule in rules.RULES]
    assert silent["reason"].str.len().gt(10).all()
    assert silent["question"].str.endswith("?").all()


def test_with_nothing_known_every_rule_is_silent_with_a_reason() -> None:
    nothing = rec.Findings(
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


SHORT = PLANTED["staff_is_short"][0]["capacity_gap"]
BOTTLENECK = PLANTED["bottleneck_breaches"][0]["bottlenecks"]
SPENT = pd.DataFrame({"cost_usd": [4800.0], "handle_minutes": [60.0 * 120]})


def test_a_bottleneck_that_lacks_staff_is_advised_on_once() -> None:
    both = replace(HEALTHY, bottlenecks=BOTTLENECK, capacity_gap=SHORT)
    fired, silent = rec.recommend(both)
    assert fired["rule_id"].tolist() == ["staff_is_short"]
    row = fired.iloc[0]
    assert row["effect_unit"] == "breached targets a month"
    assert row["effect_high"] == pytest.approx(0.5 * 240 / MONTHS)
    why = silent.set_index("rule_id").loc["bottleneck_breaches", "reason"]
    assert why.startswith("Tier 2 is short of staff")
    assert "fewer breached targets a month" in rec.effect_in_words(row)


def test_missing_days_cost_money_and_a_group_with_days_to_spare_makes_it_easier() -> None:
    alone = outcome(replace(HEALTHY, capacity_gap=SHORT, daily=SPENT), "staff_is_short").iloc[0]
    assert alone["effort"] == "high"
    # 8 hours a day at 40 USD, for 4 to 16 days.
    assert (alone["effect_usd_low"], alone["effect_usd_high"]) == (-16 * 8 * 40, -4 * 8 * 40)
    assert rec.effect_in_words(alone).endswith("1,280 to 5,120 USD spent")
    lender = {"group_name": "Tier 1", "month": "2026-01", "gap_agent_days": -43.0}
    both = pd.concat([SHORT, table(CAPACITY_GAP, lender)])
    eased = outcome(replace(HEALTHY, capacity_gap=both, daily=SPENT), "staff_is_short").iloc[0]
    assert eased["effort"] == "medium"
    assert eased["evidence"].endswith("Tier 1 has 43 to spare.")


def test_fewer_reopenings_save_money_by_the_interval_of_their_cost() -> None:
    row = outcome(replace(HEALTHY, drivers=certain("reopens")), "costly_reopens").iloc[0]
    assert row["effect_usd_low"] == pytest.approx(0.25 * 240 / MONTHS * 8)
    assert row["effect_usd_high"] == pytest.approx(0.5 * 240 / MONTHS * 10)
    drivers = certain("reopens")
    free = drivers[drivers["outcome"] != "cost_usd"]
    unpriced = outcome(replace(HEALTHY, drivers=free), "costly_reopens").iloc[0]
    assert pd.isna(unpriced["effect_usd_low"])
    assert "USD" not in rec.effect_in_words(unpriced)
    assert "fewer" not in rec.effect_in_words(unpriced)  # they go better, none goes away
    small = dict(unpriced) | {"effect_low": 0.01, "effect_high": 0.02}
    assert rec.effect_in_words(small).startswith("next to no tickets a month")


def test_a_wait_for_customers_is_not_blamed_on_the_desk() -> None:
    wait = PLANTED["longest_wait"][0]["transitions"]
    split = table(
        PROCESS_WAITS,
        {"from_activity": "A", "to_activity": "B", "cause": "customer", "share_of_transition": 0.9},
    )
    row = outcome(replace(HEALTHY, transitions=wait, waits=split), "longest_wait").iloc[0]
    assert row["title"] == "Remind customers sooner: A → B mostly waits for them"
    assert "90% of them waiting for the customer" in row["evidence"]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("inserted", "Find out why tickets go through 'X', which the path does not have"),
        ("skipped", "Find out why tickets skip 'X'"),
        ("repeated", "Find out why tickets go through 'X' again"),
    ],
)
def test_a_deviation_is_named_as_what_happens_to_tickets(kind: str, title: str) -> None:
    row = {"kind": kind, "activity": "X", "tickets": 240, "hours": 1200.0, "share": 0.2}
    findings = replace(HEALTHY, deviations=table(DEVIATIONS, row))
    assert outcome(findings, "frequent_deviation")["title"].tolist() == [title]


def test_the_rank_weighs_each_effect_beside_what_the_desk_has_of_it() -> None:
    # 10 of the desk's 50 missed tickets weigh more than a hundredth of its hours.
    hours = table(
        TRANSITIONS, {"bottleneck_rank": 1, "transitions": 1, "total_hours": 1e6, "is_timer": False}
    )
    cell = PLANTED["lowest_sla_cell"][0]["sla"]
    fired, _ = rec.recommend(
        replace(HEALTHY, transitions=hours, sla=cell, drivers=certain("reopens"))
    )
    assert fired["rule_id"].tolist() == ["lowest_sla_cell", "costly_reopens"]
    missed_share = 100 * (0.25 + 0.5) / 2 * 50 / 120
    assert fired["rank_score"].iloc[0] == pytest.approx(missed_share * 0.6 / 3)
    hours_share = 100 * (0.25 * 0.5 + 0.5 * 3.0) / 2 * 240 / 1e6
    assert fired["rank_score"].iloc[1] == pytest.approx(hours_share * 0.6 / 3)


def test_an_odd_day_is_worth_at_most_the_misses_beyond_the_usual() -> None:
    odd = PLANTED["recent_anomaly"][0]["anomalies"]
    late = odd.assign(metric="breach_rate", value=0.44, expected=0.04, observations=50)
    row = outcome(replace(HEALTHY, anomalies=late), "recent_anomaly").iloc[0]
    assert row["title"] == "Find out what happened on Tuesday, 30 December"
    assert (row["effect_low"], row["effect_high"]) == pytest.approx((0, 20))
    assert row["effect_unit"] == "missed tickets a month"
