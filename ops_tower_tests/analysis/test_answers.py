"""The five sentences, with everything there and with something missing."""

import pandas as pd
import pytest

from ops_tower.analysis import answers
from ops_tower.analysis.answers import five_answers
from ops_tower.analysis.bottlenecks import GROUP_BOTTLENECKS
from ops_tower.analysis.capacity import CAPACITY_GAP
from ops_tower.analysis.drivers import DRIVERS
from ops_tower.analysis.forecasting import FORECAST_BACKTEST, VOLUME_FORECAST
from ops_tower.analysis.frames import Output
from ops_tower.analysis.process_mining import TRANSITIONS
from ops_tower.analysis.recommendations import RECOMMENDATIONS, SILENT_RULES
from ops_tower_tests.analysis.marts import SLA, mart


def table(output: Output, *rows: dict) -> pd.DataFrame:
    return output.frame({**dict.fromkeys(output.columns), **row} for row in rows)


COMING = "3,000 new tickets expected in the next 30 days."
FORECAST = table(VOLUME_FORECAST, *({"group_name": "All", "forecast": 100.0} for _ in range(30)))


def test_sla_names_the_lowest_cell_and_the_group_with_most_misses() -> None:
    frame = mart(
        SLA,
        [
            {"denominator": "ticket", "judged": 1000, "met": 900, "breached": 100},
            {
                "denominator": "ticket",
                "group_name": "Tier 2",
                "priority": "urgent",
                "ticket_type": "incident",
                "judged": 200,
                "met": 80,
                "breached": 120,
            },
            {"denominator": "ticket", "priority": "low", "judged": 5, "met": 0, "breached": 5},
            {"judged": 10**6, "met": 10**6, "breached": 0},
        ],
    )
    assert answers.sla(frame) == (
        "81.3% of 1,205 judged tickets met all their targets. Urgent incidents fare worst, at "
        "40.0%. Tier 2 held 120 of the 225 that missed."
    )


def test_without_targets_sla_is_not_judged() -> None:
    assert answers.sla(mart(SLA)) == "No targets in this source, so SLA cannot be judged."


def bottleneck(*, named: bool, reason: str) -> pd.DataFrame:
    return table(
        GROUP_BOTTLENECKS,
        {
            "group_name": "Tier 2",
            "driver": "capacity",
            "is_bottleneck": named,
            "reason": reason,
        },
    )


WAITS = table(
    TRANSITIONS,
    {
        "from_activity": "Solved",
        "to_activity": "Closed",
        "share_of_hours": 0.7155,
        "is_timer": True,
    },
    {
        "from_activity": "A",
        "to_activity": "B",
        "share_of_hours": 0.08,
        "share_of_hours_without_timers": 0.292,
        "is_timer": False,
        "bottleneck_rank": 1,
    },
)


def test_pile_up_names_group_driver_and_wait_with_timers_apart() -> None:
    assert answers.pile_up(
        bottleneck(named=True, reason="Tier 2 works at 90% of its staff."), WAITS
    ) == (
        "With Tier 2, because of its capacity. It works at 90% of its staff. The longest wait is "
        "A → B, with 29.2% of all waiting hours; timers such as automatic closing are left out."
    )


def test_pile_up_names_no_group_where_none_stands_out() -> None:
    text = answers.pile_up(bottleneck(named=False, reason="All are alike."), WAITS.iloc[1:])
    assert text.startswith(
        "No group stands out as a bottleneck. All are alike. The longest wait is A → B"
    )
    assert "timers" not in text


def test_pile_up_without_groups_or_waits_says_so() -> None:
    text = answers.pile_up(table(GROUP_BOTTLENECKS), table(TRANSITIONS))
    assert text == "This source names no groups. Nothing waits between steps."


def test_where_only_timers_run_nothing_is_called_a_wait() -> None:
    text = answers.pile_up(table(GROUP_BOTTLENECKS), WAITS.iloc[:1])
    assert text == "This source names no groups. All the waiting is for timers."


def gap(days: float, lower: float | None = None, upper: float | None = None) -> pd.DataFrame:
    return table(
        CAPACITY_GAP,
        {
            "group_name": "Tier 2",
            "month": "2026-01",
            "gap_agent_days": days,
            "lower_80": lower,
            "upper_80": upper,
        },
    )


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (
            gap(12.2, 8.0, 16.0),
            "No: in January 2026 Tier 2 is short of 12 agent-days (80% band 8 to 16). " + COMING,
        ),
        (
            gap(12.2),
            "No: in January 2026 Tier 2 is short of 12 agent-days. " + COMING,
        ),
        (
            gap(-5.0),
            (
                "Yes: in January 2026 every planned group has enough. The tightest, Tier 2, has 5 "
                f"agent-days to spare. {COMING}"
            ),
        ),
        (
            table(CAPACITY_GAP, {"group_name": "Tier 2", "reason": "Nobody is known."}),
            f"Not known. Nobody is known. {COMING}",
        ),
    ],
)
def test_staffing_says_short_enough_or_unknown(frame: pd.DataFrame, text: str) -> None:
    assert answers.staffing(frame, FORECAST, table(FORECAST_BACKTEST)) == text


def test_without_a_forecast_staffing_passes_its_reason_on() -> None:
    reason = table(FORECAST_BACKTEST, {"group_name": "All", "reason": "Ten days of history."})
    text = answers.staffing(gap(1.0), table(VOLUME_FORECAST), reason)
    assert text == "Not known: there is no forecast. Ten days of history."


def driver(name: str, effect: float | None, upper: float | None, total: float | None) -> dict:
    return {
        "outcome": "csat_score",
        "driver": name,
        "effect": effect,
        "lower_95": None if effect is None else effect - 0.1,
        "upper_95": upper,
        "total_effect": total,
        "tickets": 1200,
        "nonresponse": "Who stayed silent is not in it.",
    }


def test_satisfaction_names_certain_harm_by_its_total() -> None:
    frame = table(
        DRIVERS,
        driver("reopens", -0.6, -0.5, -0.03),
        driver("first_reply_hours", -0.02, -0.01, -0.2),
        driver("escalations", -0.1, 0.05, -0.9),
    )
    assert answers.satisfaction(frame) == (
        "What costs most, over all 1,200 rated tickets: each business hour until the first reply "
        "takes 0.02 points (0.01 to 0.12) and each reopening 0.60 (0.50 to 0.70). Who "
        "stayed silent is not in it."
    )


def test_satisfaction_without_certain_harm_or_ratings_says_so() -> None:
    frame = table(DRIVERS, driver("escalations", -0.1, 0.05, -0.9))
    assert answers.satisfaction(frame).startswith("Nothing for certain: in 1,200 rated tickets")
    none = table(DRIVERS, driver("reopens", None, None, None) | {"reason": "0.", "tickets": 0})
    assert answers.satisfaction(none) == "Not known: no ticket in this source was rated."
    few = table(DRIVERS, driver("reopens", None, None, None) | {"reason": "Few.", "tickets": 1})
    assert answers.satisfaction(few) == "Not known from 1 rated ticket. Few."


def test_advice_gives_the_first_three_by_rank() -> None:
    frame = table(
        RECOMMENDATIONS, *({"rank": rank, "title": f"Do {rank}"} for rank in (2, 1, 4, 3))
    )
    silent = table(SILENT_RULES, {"rule_id": "x"})
    assert answers.advice(frame, silent) == (
        "(1) Do 1; (2) Do 2; (3) Do 3. 4 recommendations in all; 1 rule found nothing to say."
    )
    assert answers.advice(frame.iloc[:0], silent) == (
        "Nothing that the data call for: of 1 rule none fired."
    )


def test_all_five_are_answered_from_empty_frames_and_a_missing_one_is_an_error() -> None:
    outputs = (
        GROUP_BOTTLENECKS,
        TRANSITIONS,
        CAPACITY_GAP,
        FORECAST_BACKTEST,
        VOLUME_FORECAST,
        DRIVERS,
        RECOMMENDATIONS,
        SILENT_RULES,
    )
    frames = {output.name: output.frame() for output in outputs} | {"mart_sla": mart(SLA)}
    assert set(frames) == set(answers.NEEDED)
    said = five_answers(frames)
    assert len(said) == 5
    assert all(answer.question.endswith("?") and answer.sentence for answer in said)
    del frames["drivers"]
    with pytest.raises(KeyError, match="drivers"):
        five_answers(frames)
