"""What each page beyond the overview shows, on the tiny desk and by hand."""

import json
import time
from datetime import timedelta
from pathlib import Path

import decisions
import pandas as pd
import process
import pytest
import quality
import queries
import queues
import runs
import staffing
import story
from charts import process as process_charts
from charts import quality as quality_charts
from charts import shortened
from queries import capacity as capacity_queries
from queries import process as process_queries
from queries import quality as quality_queries
from queries import queues as queue_queries
from queries import tickets as ticket_queries
from streamlit.testing.v1 import AppTest

from ops_tower_tests.dashboard import desk
from ops_tower_tests.dashboard.conftest import Start, cards

EVERYTHING = queries.Scope()


def values(app: AppTest) -> dict[str, str]:
    """Value of each card, by its label."""
    return {label: value for label, (value, _) in cards(app).items()}


# Queue Performance


def test_a_ticket_with_two_targets_at_risk_counts_once(about: queries.Desk) -> None:
    tally = queues.counts(queue_queries.targets(about, EVERYTHING))
    assert tally == queues.Counts(due_soon=1, at_risk=2, breached=1)


def test_the_queue_title_counts_down_only_on_live_data(about: queries.Desk) -> None:
    targets = queue_queries.targets(about, EVERYTHING)
    groups = queue_queries.groups(about, EVERYTHING, about.first_day, about.first_day)
    tally = queues.counts(targets)
    lead = "Tier 2 Specialists is the tightest queue (score 100, by breach rate); "
    said = {
        is_live: queues.headline(groups, tally, has_targets=True, is_live=is_live)
        for is_live in (True, False)
    }
    assert said[True] == f"{lead}1 ticket is within 60 minutes of a breach."
    assert said[False] == f"{lead}2 tickets are at risk as the data end."


def test_old_queues_show_no_countdown(start: Start) -> None:
    app = start("queue_performance")
    assert values(app)["Due within the hour"] == "—"
    assert values(app)["Open tickets"] == "14"
    assert "Minutes left" not in app.dataframe[0].value.columns


def test_open_targets_follow_the_filters_and_the_least_time_comes_first(
    about: queries.Desk,
) -> None:
    names = queue_queries.targets(about, EVERYTHING)["external_id"].tolist()
    assert names == ["T-840", "T-840", "T-839", "T-837", "T-838"]
    only = queue_queries.targets(about, queries.Scope(groups=("Engineering",)))
    assert only["external_id"].unique().tolist() == ["T-840"]


# Bottleneck Analysis


def test_waiting_sets_timers_apart(about: queries.Desk) -> None:
    flows = process_queries.flows(about, EVERYTHING)
    waits = process.waiting(flows)
    assert waits["step"].iloc[0] == "First reply → Solved"
    assert waits["share"].tolist() == pytest.approx([160 / 300, 80 / 300, 50 / 300, 10 / 300])
    assert process.timers(flows) == ["Solved → Closed"]


def test_waiting_over_all_is_what_the_analysis_published(about: queries.Desk) -> None:
    ours = process.waiting(process_queries.flows(about, EVERYTHING)).set_index(
        ["from_activity", "to_activity"]
    )["share"]
    theirs = process_queries.transitions(about).set_index(["from_activity", "to_activity"])
    published = theirs["share_of_hours_without_timers"].dropna()
    pd.testing.assert_series_equal(ours, published[ours.index], check_names=False)


def test_a_narrowed_scope_has_its_own_title(start: Start) -> None:
    # Of incidents: 40 h to solve after the first reply, 10 h to escalate, 80 h to solve then.
    title = start("bottleneck_analysis", type="incident").title[0].value
    assert title == "Escalated → Solved holds 61.5% of all waiting hours of this choice."


def test_the_whole_desk_s_title_is_the_second_answer(start: Start) -> None:
    app = start("bottleneck_analysis")
    assert not app.exception
    assert app.title[0].value == "With Tier 2 Specialists, because of its breach rate."


def test_the_flow_layers_repeat_an_activity_and_cut_long_ways_short() -> None:
    long = " > ".join("ABCDEFGHIJ")
    variants = pd.DataFrame({"variant": ["A > B > A", "A > B", long], "cases": [2, 3, 1]})
    links = process.links(variants)
    assert links[:2] == [process.Link(0, "A", "B", 6), process.Link(1, "B", "A", 2)]
    assert links[-1] == process.Link(6, "G", process.END, 1)


def test_the_matrix_keeps_the_order_of_the_process(about: queries.Desk) -> None:
    flows = process_queries.flows(about, EVERYTHING)
    order = process.activity_order(process_queries.variants(about, 1.0))
    assert order == ["Created", "First reply", "Escalated", "Solved", "Closed"]
    times = process.matrix(flows, order, by_hours=False)
    assert times.loc["First reply", "Solved"] == 80
    assert process.matrix(flows, order, by_hours=True).loc["First reply", "Solved"] == 2.0
    assert list(times.columns) == order[1:]


def test_coverage_takes_as_many_ways_as_it_needs(about: queries.Desk) -> None:
    assert len(process_queries.variants(about, 0.8)) == 1
    assert len(process_queries.variants(about, 0.81)) == 2


def test_a_step_s_hours_are_split_by_cause(about: queries.Desk) -> None:
    step = process.waiting(process_queries.flows(about, EVERYTHING)).iloc[0]
    causes = process.causes_of(process_queries.causes(about), step)
    assert causes["cause"].tolist() == ["Customer", "Work"]
    assert causes["share"].tolist() == [0.75, 0.25]


# Capacity Planning


def test_a_growing_backlog_is_said_to_pass_its_targets(start: Start) -> None:
    captions = [caption.value for caption in start("capacity_planning").caption]
    outgrows = "Outgrows its targets on 17 Mar, more likely than not"
    assert f"{outgrows}; the chance on the worst day: 97%." in captions


@pytest.mark.parametrize(
    ("chance", "text"),
    [
        (0.004, "Stays within its targets; the chance not to, on the worst day: under 1%."),
        (0.31, "Stays within its targets; the chance not to, on the worst day: 31%."),
        (None, "The group has no resolution target."),
    ],
)
def test_a_backlog_that_stays_is_told_with_its_chance(chance: float | None, text: str) -> None:
    group = {"outgrow_probability": chance, "outgrows_on": None, "reason": None}
    if chance is None:
        group["reason"] = "The group has no resolution target."
    assert staffing.outgrows(pd.Series(group)) == text


def test_the_scenario_that_changes_nothing_is_the_plan(about: queries.Desk) -> None:
    for _, row in capacity_queries.plan(about, EVERYTHING).iterrows():
        result = staffing.outcome(row, staffing.as_planned(row), 1.0)
        assert result.gap_agent_days == pytest.approx(row["gap_agent_days"])


def test_one_more_agent_closes_fourteen_days_of_the_gap(start: Start) -> None:
    before = start("capacity_planning")
    assert values(before)["Tier 2 Specialists, agent-days"] == "11 short"
    after = start("capacity_planning", **{"fte-tier-2-specialists": "2"})
    assert values(after)["Tier 2 Specialists, agent-days"] == "3 to spare"
    after.number_input(key="fte-tier-2-specialists").set_value(1.0).run()
    assert values(after)["Tier 2 Specialists, agent-days"] == "11 short"


def test_missing_days_become_tickets_left_over(about: queries.Desk) -> None:
    plan = capacity_queries.plan(about, queries.Scope(groups=("Tier 2 Specialists",))).iloc[0]
    scenario = staffing.as_planned(plan)
    result = staffing.outcome(plan, scenario, 1.0)
    # 11 days of 8 hours at 80% occupancy, at 40 minutes a ticket.
    assert staffing.backlog(plan, scenario, result) == pytest.approx(11 * 8 * 60 * 0.8 / 40)


def test_the_backtest_is_told_beside_the_naive_forecast(start: Start) -> None:
    captions = [caption.value for caption in start("capacity_planning").caption]
    assert any("MASE 0.70, better than repeating last week" in caption for caption in captions)


# Quality Outcomes


def test_the_quality_cards_are_the_shares_of_finished_tickets(start: Start) -> None:
    # 268 finished, 30 of each group rated; Engineering reopened, all but Tier 1 escalated.
    assert values(start("quality_outcomes")) == {
        "CSAT": "4.00",
        "Answered": f"{90 / 268:.1%}",
        "Reopened": f"{30 / 268:.1%}",
        "Escalated": f"{90 / 268:.1%}",
    }


def test_the_quality_title_says_score_answers_and_what_weighs_most(start: Start) -> None:
    # Reopens -0.07 in all, escalations -0.03: the title follows the whole effect.
    title = start("quality_outcomes").title[0].value
    given = f"90 ratings, {90 / 268:.1%} answered"
    assert title == f"CSAT is 4.00 ({given}); reopens weigh most on it."


def test_the_quality_page_says_what_was_done_about_those_who_did_not_answer(start: Start) -> None:
    captions = [caption.value for caption in start("quality_outcomes").caption]
    assert any("360 rated tickets. Weighted for the silent." in caption for caption in captions)


def test_churn_after_a_ticket_stands_beside_that_of_any_day(about: queries.Desk) -> None:
    churn = quality_queries.churn(about).set_index("tier")
    # Customers 4 and 5 are starters; 5 left after 119 of 120 days. Of the 70 tickets whose 90 days
    # have passed, one is within 90 days of it.
    assert churn.loc["starter", "base_rate"] == pytest.approx(90 / (120 + 119))
    assert churn.loc["starter", "rate"] == pytest.approx(1 / 70)
    assert churn.loc["business", "rate"] == 0


def test_shares_that_are_nil_throughout_are_said_and_not_drawn(
    start: Start, tmp_path: Path
) -> None:
    version = desk.publish(tmp_path)
    desk.republish(tmp_path, version, "update marts.mart_ticket_outcomes set reopens = 0")
    said = [text.value for text in start("quality_outcomes", folder=tmp_path).markdown]
    assert said.count("None of 268.") == 1


def test_a_step_of_a_long_name_stands_in_two_lines() -> None:
    steps = ["Created → Solved", "Accepted / Assigned → Accepted / In Progress"]
    waiting = pd.DataFrame({"step": steps, "share": 0.5, "transitions": 1, "mean_hours": 1.0})
    axis = process_charts.waits(waiting).layout.yaxis
    assert list(axis.tickvals) == steps
    assert list(axis.ticktext) == [steps[0], "Accepted / Assigned<br>→ Accepted / In Progress"]


def test_a_chart_of_many_groups_shows_the_first_and_says_so() -> None:
    counts = pd.DataFrame({"name": [f"Team {number}" for number in range(30)], "tickets": 10})
    rates = quality.rates(counts.assign(reopened=1), "reopened")
    assert list(quality_charts.rates(rates).data[0].y) == counts["name"].tolist()[:12]
    assert shortened(len(rates)) == " The first 12 of 30; the CSV has all."
    assert not shortened(12)


# Recommendations


def test_a_decision_is_kept_with_who_and_when_and_shown_beside_today(
    start: Start, tmp_path: Path
) -> None:
    desk.publish(tmp_path)
    app = start("recommendations", folder=tmp_path)
    app.text_input(key="who_staff_is_short").set_value("Ada").run()
    app.button(key="accepted_staff_is_short").click().run()
    assert not app.exception
    line = json.loads((tmp_path / "decisions.jsonl").read_text())
    assert (line["rule_id"], line["verdict"], line["who"]) == ("staff_is_short", "accepted", "Ada")
    assert line["evidence"] == "25 agent-days needed, 14 there."
    came = app.table[0].value.iloc[0]
    assert came["The rule now"] == "Still: 25 agent-days needed, 14 there."
    # Tier 2 misses one ticket in two, then and now.
    assert came["SLA of the owner"] == "50.0%, now 50.0%"


def test_the_last_decision_on_a_rule_counts(tmp_path: Path) -> None:
    one = decisions.Decision(
        "r", "t", "All", "accepted", "a", "", "2026-03-01", "2026-03-01", "1", "e"
    )
    decisions.record(tmp_path, one)
    decisions.record(tmp_path, decisions.Decision(**(vars(one) | {"verdict": "dismissed"})))
    assert decisions.latest(decisions.taken(tmp_path))["r"].verdict == "dismissed"


def test_a_broken_line_of_decisions_is_named(tmp_path: Path) -> None:
    (tmp_path / "decisions.jsonl").write_text("{}\n")
    with pytest.raises(ValueError, match=r"decisions\.jsonl, line 1"):
        decisions.taken(tmp_path)


# Tickets


@pytest.mark.parametrize(
    ("show", "title"),
    [
        ("New", "270 tickets: new, 31 Jan to 1 Mar 2026."),
        ("Missed SLA", "56 tickets: missed SLA, 31 Jan to 1 Mar 2026."),
        ("Finished", "268 tickets: finished, 31 Jan to 1 Mar 2026."),
        ("Open", "14 tickets: open, now."),
    ],
)
def test_the_list_holds_as_many_tickets_as_the_figure(start: Start, show: str, title: str) -> None:
    app = start("tickets", show=show)
    assert not app.exception
    assert app.title[0].value == title


def test_a_ticket_tells_why_it_breached(start: Start) -> None:
    missed = desk.tickets()
    own = missed[(missed["group_name"] == "Engineering") & (missed["is_sla_met"] == False)]  # noqa: E712  (nullable)
    ticket = own.iloc[0]
    app = start("tickets", ticket=ticket["external_id"])
    assert not app.exception
    ran_out = ticket["created_at"] + timedelta(hours=48)
    assert app.title[0].value == (
        f"{ticket['external_id']} missed its resolution target: Engineering held it when the time"
        f" ran out, {ran_out:%a %-d %b %Y, %H:%M}."
    )
    told = [element.value for element in app.markdown]
    reason = "**Resolution**: 100 h counted of 48 h, on the calendar clock."
    assert f"{reason} Most of it, 99 h 30 min, ran while open with Engineering." in told


def test_an_open_ticket_tells_what_can_still_be_met(about: queries.Desk) -> None:
    risks = ticket_queries.risks(about, 840)
    before = "; of such targets 80% were missed before."
    assert story.ahead(risks, is_live=True)[0] == (
        f"**First reply**: still to be met, 30 min left on the calendar clock{before}"
    )
    assert story.ahead(risks, is_live=False)[0] == f"**First reply**: still to be met{before}"
    assert story.ahead(ticket_queries.risks(about, 838), is_live=True) == []


def test_a_ticket_shows_its_rating_and_its_cost(about: queries.Desk) -> None:
    ticket = ticket_queries.ticket(about, "T-1")
    assert ticket is not None
    assert story.facts(ticket)[-2:] == ["rated 4 of 5", "cost $10.00"]


def test_targets_on_track_are_shown_on_request(start: Start) -> None:
    shown = start("queue_performance", targets="On track").dataframe[0].value
    assert shown["Ticket"].tolist() == ["T-837"]
    assert start("queue_performance").dataframe[0].value["Ticket"].tolist() == [
        "T-840",
        "T-840",
        "T-839",
    ]


def test_an_unknown_ticket_is_said_to_be_unknown(start: Start) -> None:
    app = start("tickets", ticket="X'; drop table x")
    assert not app.exception
    assert app.title[0].value == "There is no ticket X'; drop table x."


@pytest.mark.parametrize(
    ("seconds", "text"), [(20, "20 s"), (90, "2 min"), (3600, "1 h"), (361_800, "100 h 30 min")]
)
def test_a_duration_reads_as_a_person_says_it(seconds: int, text: str) -> None:
    assert story.duration(seconds) == text


# Data


def test_the_data_page_counts_what_was_read(start: Start) -> None:
    app = start("about_the_data")
    assert not app.exception
    title = "900 tickets and 4,500 events up to 2 Mar 2026; 0 rows were refused."
    assert app.title[0].value == title


def test_flags_are_judged_by_how_their_targets_ended(start: Start) -> None:
    shown = values(start("about_the_data"))
    assert shown["Flagged and judged"] == "2"
    assert shown["Of these breached"] == "1"
    assert shown["Breached unflagged"] == "5"
    assert shown["Brier score of flags"] == f"{(0.2**2 + 0.4**2) / 2:.3f}"
    assert shown["Median lead"] == "6.0 h"


def test_a_first_run_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_TOWER_TICKETS", "0")
    runs.start(tmp_path / "home")
    while runs.is_running(tmp_path / "home"):
        time.sleep(0.2)
    assert runs.has_failed(tmp_path / "home")
    assert "tickets" in runs.said(tmp_path / "home")
