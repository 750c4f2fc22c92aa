"""What the pages compute and say, without a browser."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import filters
import navigation
import pandas as pd
import pytest
import queries
import shell
from charts import trends
from overview import distance
from queries import overview

from ops_tower import last_run, published
from ops_tower.analysis import measures, thresholds
from ops_tower_tests.dashboard import desk
from ops_tower_tests.dashboard.conftest import DASHBOARD, Start, cards

ANOTHER = "This file was published by another version of Ops Tower"
NOON = datetime(2026, 3, 2, 12)  # noqa: DTZ001  (the project's clocks are naive UTC)


def test_the_cards_show_the_figures_worked_out_by_hand(start: Start) -> None:
    # Finished: Tier 1 4 + 29 x 6 = 178, Tier 2 60, Engineering 30; before 120, 60, 30.
    # Missed: 30 of Tier 2 and the 26 of Engineering created since; before 30 of Tier 2.
    assert cards(start()) == {
        "New tickets": ("270", "+28.6%"),
        "SLA attainment": ("79.1%", "-6.6 pts"),
        "Cycle time": ("37.9 h", "-11.5%"),
        "Backlog": ("14", "+0.0%"),  # beside the Sunday four weeks before
        "Cost per ticket": ("$18.96", "-11.5%"),
        "CSAT": ("4.00", "+0.00"),
    }


def test_the_title_answers_the_first_question_over_the_window(start: Start) -> None:
    app = start()
    assert app.title[0].value == "79.1% of 268 judged tickets met all their targets."
    # Each priority has as many tickets as any other: the target is the mean of the four.
    assert app.markdown[0].value.startswith("That is 11.4 points below the target of 90.5%. ")
    assert app.markdown[0].value.endswith("Tier 2 Specialists held 30 of the 56 that missed.")


def test_figures_are_given_time_to_show_and_more_on_the_first_page(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(shell, "time", SimpleNamespace(sleep=pauses.append))
    start().run().run()
    # On the first page, Plotly's loading as well, which `start` does not wait for.
    assert pauses == [0.35, 0, 0.03, 0.03]


@pytest.mark.parametrize(
    ("value", "target", "said"),
    [
        (0.8706, 0.8914, "That is 2.0 points below the target of 89.1%."),  # 2.1 before rounding
        (0.9, 0.9, "That is 0.0 points above the target of 90.0%."),
        (0.95, 0.9, "That is 5.0 points above the target of 90.0%."),
    ],
)
def test_the_distance_to_the_target_is_that_of_the_printed_figures(
    value: float, target: float, said: str
) -> None:
    assert distance(value, target) == said


def test_sla_is_split_with_the_target_of_each_mix(start: Start) -> None:
    app = start(sla_by="Priority")
    assert not app.exception
    split = app.dataframe[0].value.set_index("name")
    judged = desk.tickets().query("finished_at >= '2026-01-31'")
    own = judged[judged["priority"] == "urgent"]["is_sla_met"]
    assert split.loc["urgent", "attainment"] == pytest.approx(own.mean() * 100)
    targets = {"urgent": 95, "high": 92, "normal": 90, "low": 85}
    assert split["target"].to_dict() == pytest.approx(targets)
    assert split.loc["urgent", "points"] == pytest.approx(own.mean() * 100 - 95)
    by_group = start().dataframe[0].value.set_index("name")
    assert by_group["missed"].to_dict() == {
        "Tier 2 Specialists": 30,
        "Engineering": 26,
        "Tier 1 Support": 0,
    }


def test_filters_in_the_url_narrow_every_card(start: Start) -> None:
    shown = cards(start(group="Engineering", window="7d"))
    assert shown["New tickets"] == ("7", "+0.0%")
    assert shown["SLA attainment"] == ("0.0%", "+0.0 pts")
    assert shown["Cycle time"] == ("100 h", "+0.0%")
    assert shown["CSAT"] == ("5.00", "+0.00")


def test_a_priority_is_counted_from_the_tickets_themselves(start: Start) -> None:
    tickets = desk.tickets()
    urgent = tickets[tickets["priority"] == "urgent"]
    first = desk.MONDAY - timedelta(days=30)
    finished = urgent[urgent["finished_at"].between(first, desk.MONDAY)]
    shown = cards(start(priority="urgent"))
    assert shown["New tickets"][0] == str((urgent["created_at"] >= first).sum())
    assert shown["SLA attainment"][0] == f"{finished['is_sla_met'].mean():.1%}"
    assert shown["Cycle time"][0] == f"{finished['cycle_hours'].mean():.1f} h"
    assert shown["Backlog"][0] == str(urgent["finished_at"].isna().sum())


@pytest.mark.parametrize("groups", [(), ("Tier 1 Support",), ("Engineering", "Tier 1 Support")])
def test_days_are_the_same_from_the_mart_and_from_the_tickets(
    about: queries.Desk, groups: tuple[str, ...]
) -> None:
    first, last = date(2026, 1, 1), date(2026, 3, 1)
    from_mart = overview.daily(about, queries.Scope(groups=groups), first, last)
    all_priorities = queries.Scope(groups=groups, priorities=about.priorities)
    from_tickets = overview.daily(about, all_priorities, first, last)
    pd.testing.assert_frame_equal(from_mart, from_tickets, check_like=True)
    assert len(from_mart) == (last - first).days + 1


def test_a_choice_without_tickets_says_so_and_offers_the_way_back(
    start: Start, tmp_path: Path
) -> None:
    desk.publish(tmp_path, rows=10)
    app = start(folder=tmp_path, window="7d", group="Engineering")
    assert not cards(app)
    assert app.info[0].value == "No tickets for this choice of filters."
    app.button(key="reset_empty").click().run()
    assert app.session_state["group"] == []
    # With nothing left to widen but the window, that is what is said.
    assert app.info[0].value == "No tickets for this choice of window: a longer one may have some."
    assert "reset_empty" not in [button.key for button in app.button]


def test_the_filters_say_what_the_source_does_not_name(start: Start, tmp_path: Path) -> None:
    nameless = "update marts.mart_ticket_outcomes set priority = null"
    desk.republish(tmp_path, desk.publish(tmp_path), nameless)
    said = "This source names no priority. Where an event log has a column for it, name it:"
    told = [text.value for text in start(folder=tmp_path).markdown]
    assert f"{said} `--column priority=…`." in told
    assert said not in " ".join(text.value for text in start().markdown)


def test_hundreds_of_groups_are_searched_in_a_list(start: Start, tmp_path: Path) -> None:
    teams = """insert into marts.mart_daily_ops
        select days.* replace ('Team ' || number as group_name)
        from marts.mart_daily_ops as days, range(300) as numbers(number)
        where group_name = 'Engineering'"""
    desk.republish(tmp_path, desk.publish(tmp_path), teams)
    app = start(folder=tmp_path, group="Team 7")
    assert cards(app)["New tickets"][0] == "30"
    assert app.multiselect(key="group").value == ["Team 7"]


def test_an_empty_home_says_what_to_run(start: Start, tmp_path: Path) -> None:
    app = start(folder=tmp_path)
    assert not app.exception
    assert app.title[0].value == "Nothing is published yet"
    assert app.code[0].value == f"ops-tower run --home {tmp_path}"


@pytest.mark.parametrize(
    "change",
    [
        "alter table analysis.run_info drop column layout",
        f"update analysis.run_info set layout = {published.LAYOUT - 1}",
        "alter table marts.mart_source drop column description",
    ],
    ids=["before there were layouts", "an older layout", "a column is missing"],
)
def test_a_file_of_another_layout_says_what_to_run_on_every_page(
    start: Start, tmp_path: Path, change: str
) -> None:
    desk.republish(tmp_path, desk.publish(tmp_path), change)
    for entry in navigation.PAGES.values():
        app = start(entry.name, folder=tmp_path)
        assert not app.exception
        assert [title.value for title in app.title] == [ANOTHER], entry.name
        assert app.code[0].value == f"ops-tower run --home {tmp_path}"


def test_a_page_whose_table_is_missing_says_what_to_run(start: Start, tmp_path: Path) -> None:
    desk.republish(tmp_path, desk.publish(tmp_path), "drop table analysis.capacity_gap")
    app = start("capacity_planning", folder=tmp_path)
    assert not app.exception
    assert app.title[-1].value == ANOTHER
    assert start("queue_performance", folder=tmp_path).title[-1].value != ANOTHER


def test_old_data_is_called_old(start: Start) -> None:
    assert "nothing here counts down" in start().warning[0].value


@pytest.mark.parametrize(
    ("hours", "level", "age"),
    [
        (0, "fresh", "0 hours"),
        (26, "fresh", "26 hours"),
        (27, "late", "27 hours"),
        (48, "late", "2 days"),
        (49, "stale", "2 days"),
        (24 * 800, "stale", "2 years"),
    ],
)
def test_freshness_turns_at_26_and_48_hours(hours: int, level: str, age: str) -> None:
    freshness = shell.freshness(NOON - timedelta(hours=hours), NOON)
    assert (freshness.level, freshness.age) == (level, age)
    assert freshness.allows_countdowns == (level != "stale")


def test_a_midnight_closes_the_day_before_it(about: queries.Desk) -> None:
    assert filters.span(about, queries.Scope(7)) == (date(2026, 2, 23), date(2026, 3, 1))
    assert filters.last_monday(about) == date(2026, 2, 23)


def test_a_window_longer_than_the_data_begins_with_them_and_compares_with_nothing(
    start: Start,
) -> None:
    shown = cards(start(window="1y"))
    assert shown["New tickets"] == (str(90 * 7 + 30 * 9), "")


def test_since_monday_is_compared_with_the_same_weekdays(start: Start) -> None:
    table = start().table[0].value.set_index("Figure")
    assert table.loc["New tickets"].tolist() == ["63", "63", "+0.0%, steady"]
    # Mon to Sun: 42 of Tier 1, 14 of Tier 2, 7 of Engineering, with 7 + 7 missed in both weeks.
    assert table.loc["SLA attainment"].tolist() == ["77.8%", "77.8%", "+0.0 pts, steady"]


def test_days_that_stand_out_are_told_in_a_sentence(start: Start) -> None:
    told = [element.value for element in start().markdown]
    assert "- Fri 27 Feb, Engineering: 1 new ticket where 9 are usual." in told


def test_what_moved_sla_is_told_with_its_reason_and_not_if_it_is_nil(start: Start) -> None:
    told = "\n".join(element.value for element in start().markdown)
    how = "-1.1 points of the desk's SLA, by how these tickets were treated."
    assert f"- Tier 2 Specialists, urgent: {how}" in told
    assert "Tier 1 Support, low" not in told


def test_the_brief_is_the_one_that_was_published(start: Start) -> None:
    assert start().code[0].value == "# The brief"


@pytest.mark.parametrize(
    ("value", "before", "verdict"),
    [
        (0.90, 0.85, "better"),
        (0.85, 0.90, "worse"),
        (0.9001, 0.9, "steady"),
        (0.9, None, "no comparison"),
    ],
)
def test_the_verdict_follows_the_direction_that_is_better(
    value: float, before: float | None, verdict: str
) -> None:
    assert measures.Reading(measures.SLA, value, before).verdict == verdict


def test_less_is_better_for_cycle_time_and_neither_for_volume() -> None:
    assert measures.Reading(measures.CYCLE, 30.0, 20.0).verdict == "worse"
    assert measures.Reading(measures.VOLUME, 30.0, 20.0).verdict == "more"


def test_a_week_of_ratios_is_a_ratio_of_sums() -> None:
    days = pd.DataFrame({"met_tickets": [1.0, 0.0, 90.0], "judged_tickets": [1.0, 0.0, 99.0]})
    assert measures.trailing(days, measures.SLA).tolist() == pytest.approx([1.0, 1.0, 0.91])
    assert measures.daily(days, measures.SLA).isna().tolist() == [False, True, False]


def test_the_sla_target_is_that_of_the_mix_that_was_judged() -> None:
    attainment = pd.DataFrame(
        {
            "denominator": ["ticket", "ticket", "target", "ticket"],
            "priority": ["urgent", "low", "urgent", "unknown"],
            "judged": [1, 3, 1000, 1000],
        }
    )
    sla = measures.with_target(attainment)[1]
    assert sla.target == pytest.approx((0.95 + 3 * 0.85) / 4)


def test_the_targets_are_those_of_the_warehouse() -> None:
    seed = DASHBOARD.parent / "dbt_project" / "seeds" / "sla_policy_targets.csv"
    with seed.open() as rows:
        targets = {row["priority"]: float(row["target_attainment"]) for row in csv.DictReader(rows)}
    assert targets == thresholds.SLA_TARGETS


def test_a_run_that_published_nothing_is_said_with_its_reason(
    start: Start, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "published").symlink_to(home / "published")
    run = last_run.LastRun("a", NOON, "few_rows_are_refused: share 0.2")
    last_run.write(tmp_path, run)
    badges = [text for text in start(folder=tmp_path).markdown if "published nothing" in text.value]
    assert [badge.proto.help for badge in badges] == [
        "Mon 2 Mar 2026, 12:00 UTC: few_rows_are_refused: share 0.2"
    ]
    last_run.write(tmp_path, last_run.LastRun("b", NOON))
    assert "published nothing" not in str([text.value for text in start(folder=tmp_path).markdown])


@pytest.mark.parametrize(("most", "room"), [(40.0, 44), (12_345.0, 48), (1_234_567.0, 72)])
def test_the_ticks_of_a_trend_have_room_without_a_second_drawing(most: float, room: int) -> None:
    days = pd.Series([1.0, most], pd.date_range("2026-01-01", periods=2))

    class View:
        def daily(self, _: measures.Measure) -> pd.Series:
            return days

        trailing = daily

    drawn = trends.trend(View(), measures.VOLUME).to_dict()["layout"]  # type: ignore[arg-type]
    assert drawn["margin"]["l"] == room
    assert not drawn["xaxis"]["automargin"]
    assert not drawn["yaxis"]["automargin"]
