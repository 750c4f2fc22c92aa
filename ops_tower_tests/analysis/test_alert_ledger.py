"""Alerts are told once per severity, their end is told, and flags are set beside outcomes."""

from datetime import datetime

import pandas as pd
import pytest

from ops_tower.analysis.alert_ledger import ledger, news, weeks
from ops_tower.analysis.breach_risk import SLA_ALERTS

MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001, the project's clock is naive UTC
TUESDAY = datetime(2026, 3, 3)  # noqa: DTZ001, the same
WEDNESDAY = datetime(2026, 3, 4)  # noqa: DTZ001, the same


def alerts(*rows: tuple[int, str]) -> pd.DataFrame:
    return SLA_ALERTS.frame(
        {
            **dict.fromkeys(SLA_ALERTS.columns),
            "ticket_id": ticket,
            "metric": "first_reply_time",
            "instance": 1,
            "severity": severity,
            "group_name": "Tier 1",
            "minutes_left": 90.0,
            "breach_probability": 0.5,
        }
        for ticket, severity in rows
    )


def ended(*rows: tuple[int, str, datetime | None]) -> pd.DataFrame:
    columns = ["ticket_id", "metric", "instance", "state", "breached_at"]
    listed = [(ticket, "first_reply_time", 1, state, at) for ticket, state, at in rows]
    return pd.DataFrame(listed, columns=columns)


def told(events: list[dict]) -> list[tuple]:
    return [(event["event"], event["ticket_id"], event["severity"]) for event in events]


def test_an_alert_is_raised_once_however_many_runs_see_it() -> None:
    first = news([], alerts((1, "warning")), ended(), MONDAY)
    assert told(first) == [("raised", 1, "warning")]
    for as_of in (MONDAY, TUESDAY):
        assert news(first, alerts((1, "warning")), ended((1, "active", None)), as_of) == []


def test_a_higher_severity_is_told_once_and_a_lower_one_is_not() -> None:
    past = news([], alerts((1, "warning")), ended(), MONDAY)
    past += news(past, alerts((1, "critical")), ended(), TUESDAY)
    assert told(past) == [("raised", 1, "warning"), ("escalated", 1, "critical")]
    assert news(past, alerts((1, "warning")), ended(), WEDNESDAY) == []
    assert told(news(past, alerts((1, "breached")), ended(), WEDNESDAY)) == [
        ("escalated", 1, "breached")
    ]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("met", "met"),
        ("breached", "breached"),
        ("cancelled", "cancelled"),
        ("paused", "no longer at risk"),
        (None, "gone"),
    ],
)
def test_an_alert_that_is_over_is_resolved_once_with_its_outcome(
    state: str | None, outcome: str
) -> None:
    past = news([], alerts((1, "warning")), ended(), MONDAY)
    end = ended((1, state, None)) if state else ended()
    past += news(past, alerts(), end, TUESDAY)
    assert told(past)[1:] == [("resolved", 1, "warning")]
    assert past[-1]["outcome"] == outcome
    assert news(past, alerts(), end, WEDNESDAY) == []


def test_a_target_at_risk_again_is_an_alert_of_its_own() -> None:
    past = news([], alerts((1, "warning")), ended(), MONDAY)
    past += news(past, alerts(), ended((1, "paused", None)), TUESDAY)
    past += news(past, alerts((1, "warning")), ended(), WEDNESDAY)
    assert [event["event"] for event in past] == ["raised", "resolved", "raised"]
    assert len(ledger(past, ended((1, "active", None)))) == 2


def test_a_run_of_an_earlier_day_tells_nothing_and_ends_nothing() -> None:
    past = news([], alerts((1, "warning")), ended(), TUESDAY)
    assert news(past, alerts((2, "critical")), ended(), MONDAY) == []


def test_the_ledger_says_how_bad_it_became_and_how_long_before() -> None:
    past = news([], alerts((1, "warning"), (2, "breached"), (3, "warning")), ended(), MONDAY)
    past += news(past, alerts((1, "critical")), ended((2, "breached", MONDAY)), TUESDAY)
    fell = datetime(2026, 3, 2, 6)  # noqa: DTZ001, naive as all
    late = datetime(2026, 3, 1)  # noqa: DTZ001, the same
    found = ledger(past, ended((1, "breached", fell), (2, "breached", late))).set_index("ticket_id")
    assert found["outcome"].to_dict() == {1: "breached", 2: "breached", 3: "gone"}
    assert found["worst_severity"].to_dict() == {1: "critical", 2: "breached", 3: "warning"}
    assert found.loc[1, "lead_minutes"] == 360
    assert pd.isna(found.loc[2, "lead_minutes"]), "it was late when it was raised"
    assert pd.isna(found.loc[1, "resolved_at"])
    assert found.loc[2, "resolved_at"] == pd.Timestamp(TUESDAY)


def test_weeks_count_flags_in_time_and_breaches_without_one() -> None:
    past = news(
        [],
        alerts((1, "warning"), (2, "breached"), (3, "critical"), (4, "warning")),
        ended(),
        MONDAY,
    )
    next_week = datetime(2026, 3, 10)  # noqa: DTZ001, naive as all
    ends = ended(
        (1, "breached", TUESDAY),
        (2, "breached", datetime(2026, 3, 1)),  # noqa: DTZ001, the same
        (3, "met", None),
        (4, "breached", next_week),
    )
    fell = pd.DataFrame({"week": pd.to_datetime(["2026-03-02", "2026-03-09"]), "breaches": [5, 2]})
    found = weeks(ledger(past, ends), fell)
    assert found["week"].tolist() == [pd.Timestamp("2026-03-09"), pd.Timestamp("2026-03-02")]
    first = found.iloc[1]
    counted = ["flagged", "flagged_breached", "flagged_met", "flagged_undecided", "missed"]
    assert first[counted].tolist() == [3, 2, 1, 0, 4]
    assert first["median_lead_minutes"] == (24 * 60 + 8 * 24 * 60) / 2
    assert found.iloc[0][["flagged", "breaches", "missed"]].tolist() == [0, 2, 1]


def test_without_events_the_account_is_empty() -> None:
    none = pd.DataFrame({"week": pd.to_datetime([]), "breaches": []})
    accounted = ledger([], ended())
    assert len(accounted) == 0
    assert len(weeks(accounted, none)) == 0
