"""Capacity Planning: will there be enough people next month, and what if? Layout only."""

from datetime import timedelta
from functools import partial

import cards
import filters
import pandas as pd
import parts
import shell
import staffing
import streamlit as st
from cards import Card
from queries import Scope
from queries import capacity as queries

from ops_tower.analysis import answers
from ops_tower.analysis.words import listed

page: shell.Page = st.session_state["page"]
desk, scope = page.desk, page.scope
page.headline(answers.staffing(*queries.answer_frames(desk)))

from charts import capacity as charts  # noqa: E402  (Plotly takes half a second once)
from charts import shortened  # noqa: E402

group = scope.groups[0] if len(scope.groups) == 1 else queries.ALL
_, last = filters.span(desk, Scope())
actuals = queries.actuals(desk, group, last - timedelta(days=59), last)
ahead = queries.forecast(desk, group)
whose = "of all groups" if group == queries.ALL else f"of {group}"
st.header("New tickets, 60 days back and 30 ahead", anchor=False)
tested = "" if ahead.empty else staffing.backtest_in_words(queries.backtest(desk, group))
st.caption(f"Per day, {whose}. {parts.plain(tested)}")
page.chart(
    "volume",
    partial(charts.volume, actuals, ahead),
    partial(charts.volume_in_words, actuals, ahead),
)
parts.csv(ahead, "forecast", "Forecast")

plan = queries.plan(desk, scope)
planned = plan[plan["gap_agent_days"].notna()]
st.header("Agent-days next month", anchor=False)
for reason in plan["reason"].dropna().unique():
    names = plan.loc[plan["reason"] == reason, "group_name"]
    who = listed([*names.head(5), *([f"{len(names) - 5:,} more"] if len(names) > 5 else [])])  # noqa: PLR2004
    parts.lacks(parts.plain(f"{who}: {reason}"), "agents")
if planned.empty:
    st.stop()

left, right = st.columns(2, gap="medium")
with left:
    rest = shortened(len(planned))
    st.caption(f"Short to the right, to spare to the left; the thin line is the 80% band.{rest}")
    page.chart("gaps", partial(charts.gaps, plan), partial(charts.gaps_in_words, plan))
with right:
    parts.table(
        planned.assign(
            utilisation=planned["utilisation"] * 100,
            month=pd.to_datetime(planned["month"]).dt.strftime("%B %Y"),
        )[
            [
                "group_name",
                "month",
                "needed_agent_days",
                "available_agent_days",
                "gap_agent_days",
                "utilisation",
            ]
        ],
        key="plan",
        columns={
            "group_name": "Group",
            "month": "Month",
            "needed_agent_days": st.column_config.NumberColumn(
                "Needed", format="%.0f", help="Forecast x handle time over occupancy."
            ),
            "available_agent_days": st.column_config.NumberColumn(
                "There", format="%.0f", help="FTE x working days x (1 - shrinkage)."
            ),
            "gap_agent_days": st.column_config.NumberColumn(
                "Gap", format="%.0f", help="Needed less there: positive is short."
            ),
            "utilisation": st.column_config.NumberColumn("Busy", format="%.0f%%"),
        },
    )
    parts.csv(plan, "capacity_plan", "Plan")

st.header("The backlog that follows", anchor=False)
ahead, outlook = queries.backlog(desk, scope), queries.outlook(desk, scope)
if ahead.empty:
    st.caption("Not projected: neither staff nor forecast is known.")
else:
    st.caption(
        "Work waiting at each day's end, in days of the group's work, with its 80% band; the dotted"
        " line is what the resolution targets allow."
    )
    with st.grid(3, min_column_width=280):
        for _, group in outlook.head(9).iterrows():
            name = group["group_name"]
            own = ahead[ahead["group_name"] == name]
            with st.container(border=True, gap="xxsmall"):
                st.markdown(f"**{parts.plain(name)}** :gray[days of work]")
                page.chart(
                    f"backlog_{name}",
                    partial(charts.backlog, own),
                    partial(charts.backlog_in_words, own),
                )
                st.caption(staffing.outgrows(group))
    with st.container(horizontal=True):
        parts.csv(ahead, "backlog_ahead", "Backlog ahead")
        parts.csv(outlook, "backlog_outlook", "When it outgrows its targets")

st.header("What if?", anchor=False)
st.caption(
    "Turn a figure and see the month change. The address holds your scenario: send the link."
)
volume = st.slider(
    "New tickets beside the forecast",
    min_value=50,
    max_value=150,
    value=100,
    step=5,
    format="%d%%",
    key="volume",
    bind="query-params",
)
with st.grid(3, min_column_width=280):
    for _, row in planned.head(12).iterrows():
        name, base = staffing.slug(row["group_name"]), staffing.as_planned(row)
        with st.container(border=True):
            place = st.container()
            fte = st.number_input(
                "FTE", 0.0, 500.0, base.fte, 0.5, "%.1f", key=f"fte-{name}", bind="query-params"
            )
            handle = st.number_input(
                "Handle minutes per ticket",
                0.0,
                6000.0,
                base.handle_minutes,
                1.0,
                "%.1f",
                key=f"handle-{name}",
                bind="query-params",
            )
            shrinkage = st.slider(
                "Shrinkage",
                0,
                70,
                round(base.shrinkage * 100),
                format="%d%%",
                key=f"shrinkage-{name}",
                bind="query-params",
                help="Share of paid time that is not at work: leave, training, sickness.",
            )
            occupancy = st.slider(
                "Occupancy",
                40,
                100,
                round(base.occupancy * 100),
                format="%d%%",
                key=f"occupancy-{name}",
                bind="query-params",
                help="Share of time at work that is spent on tickets.",
            )
            scenario = staffing.Scenario(fte, handle, shrinkage / 100, occupancy / 100)
            result = staffing.outcome(row, scenario, volume / 100)
            moved = result.gap_agent_days - row["gap_agent_days"]
            with place:
                is_moved = abs(moved) >= 0.05  # noqa: PLR2004  (it would print as nil)
                cards.draw(
                    Card(
                        f"{row['group_name']}, agent-days",
                        staffing.gap_in_words(result.gap_agent_days),
                        change=f"{moved:+.1f} beside the plan" if is_moved else "as planned",
                        tone=("bad" if moved > 0 else "good") if is_moved else "plain",
                        arrow=("up" if moved > 0 else "down") if is_moved else None,
                    ),
                    is_framed=False,
                )
                waiting = staffing.backlog(row, scenario, result)
                busy = f"Busy {result.utilisation:.0%}. " if result.utilisation >= 0 else ""
                st.caption(
                    f"{busy}About {waiting:,.0f} tickets would be left over."
                    if waiting >= 1
                    else f"{busy}No tickets would be left over."
                )
