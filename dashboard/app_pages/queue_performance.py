"""Queue Performance: which queue is tightest, and which tickets need someone now? Layout only."""

from functools import partial

import cards
import filters
import navigation
import parts
import queues
import shell
import streamlit as st
from cards import Card
from queries import queues as queries

from ops_tower.analysis import thresholds

page: shell.Page = st.session_state["page"]
desk, scope, is_live = page.desk, page.scope, page.freshness.allows_countdowns
first, last = filters.span(desk, scope)
targets = queries.targets(desk, scope)
groups = queries.groups(desk, scope, first, last)
open_tickets = queries.open_tickets(desk, scope)
tally = queues.counts(targets)
page.headline(
    queues.headline(groups, tally, has_targets=desk.has_targets, is_live=is_live),
)

cards.draw(
    Card(
        "Open tickets",
        f"{open_tickets['tickets'].sum():,}",
        "Tickets that are neither solved nor closed at the as-of time.",
    ),
    Card(
        "Due within the hour",
        f"{tally.due_soon:,}" if is_live and desk.has_targets else None,
        f"Tickets with a running target that has {thresholds.SOON_MINUTES} minutes or less"
        " left, on its own clock.",
    ),
    Card("At risk", f"{tally.at_risk:,}" if desk.has_targets else None, queues.AT_RISK),
    Card(
        "Breached and open",
        f"{tally.breached:,}" if desk.has_targets else None,
        "Open tickets that have already missed at least one target.",
    ),
)

st.header("Open targets", anchor=False)
if not desk.has_targets:
    parts.lacks(
        "This source has no SLA policy, so no ticket can be at risk of missing a target.",
        "sla_policies",
    )
else:
    with st.container(horizontal=True, vertical_alignment="center"):
        view = st.segmented_control(
            "Targets",
            tuple(queues.VIEWS),
            default="At risk",
            required=True,
            key="targets",
            bind="query-params",
            label_visibility="collapsed",
        )
        st.caption(
            "As of the data's time; the risk is how such targets ended before. The box before a row"
            " opens the ticket's story."
        )
    shown = targets[targets["severity"].isin(queues.VIEWS[view or "At risk"])]
    if shown.empty:
        st.caption("None.")
    else:
        table = queues.table(shown)
        parts.table(
            table if is_live else table.drop(columns="Minutes left"),
            key="alerts",
            height=parts.height(table, 12),
            on_select=partial(
                navigation.open_row, "alerts", [{"ticket": name} for name in shown["external_id"]]
            ),
            selection_mode="single-row",
            columns={
                "Minutes left": st.column_config.NumberColumn(
                    format="%,.0f", help="On the target's own clock; negative once breached."
                ),
                "Due": st.column_config.DatetimeColumn(
                    format="ddd D MMM, HH:mm",
                    help="By the calendar, UTC; a clock that pauses now has no due time.",
                ),
                "Subject": st.column_config.TextColumn(width="medium"),
                "Breach risk %": st.column_config.ProgressColumn(
                    "Breach risk", format="%.0f%%", min_value=0, max_value=100, width="small"
                ),
            },
        )
        parts.csv(table, "open_targets", "Open targets")

st.header("Queues by bottleneck score", anchor=False)
st.caption(
    "Score: cycle time x volume x breach rate, each beside the highest group, the worst set to 100;"
    f" from all the data. SLA: {first:%-d %b} to {last:%-d %b %Y}."
)
if groups.empty:
    shell.no_rows("queues", scope)
    st.stop()

from charts import queues as charts  # noqa: E402  (Plotly takes half a second once)
from charts import shortened  # noqa: E402

left, right = st.columns([3, 2], gap="medium")
with left:
    shares = ["breach_rate", "utilisation", "attainment"]
    shown = groups.assign(**groups[shares] * 100)
    columns = {
        "group_name": "Group",
        "bottleneck_score": st.column_config.ProgressColumn(
            "Score", format="%.0f", min_value=0, max_value=100
        ),
        "driver": "Driver",
        "median_cycle_hours": st.column_config.NumberColumn(
            "Cycle", format="%.1f h", help="Median hours that a ticket spends in the group."
        ),
        "tickets": st.column_config.NumberColumn(
            "Tickets", format="localized", help="Tickets that the group held."
        ),
        "breach_rate": st.column_config.NumberColumn(
            "Breaches",
            format="%.1f%%",
            help="Targets that ran out in the group, over all that were judged in it. A ticket has"
            " several targets, so this need not be what SLA leaves over.",
        ),
        "utilisation": st.column_config.NumberColumn(
            "Busy", format="%.0f%%", help="Utilisation: hours of work over hours at work."
        ),
        "attainment": st.column_config.NumberColumn(
            "SLA", format="%.1f%%", help="Tickets that met all targets, in the window."
        ),
    }
    chosen = parts.table(
        shown[list(columns)].dropna(axis="columns", how="all"),
        key="groups",
        columns=columns,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}},
    )
    if groups["utilisation"].isna().all():
        parts.lacks("How busy a group is, is not known.", "agents")
    parts.csv(groups, "queues", "Queues")
with right:
    rows = [row for row in chosen["selection"]["rows"] if row < len(groups)]
    group = groups.iloc[rows[0] if rows else 0]
    st.markdown(f"**{parts.plain(group['group_name'])}** :gray[parts of its score]")
    if group[list(charts.PARTS)].notna().any():
        page.chart(
            "parts",
            partial(charts.parts, group),
            partial(charts.parts_in_words, group),
            group["group_name"],
        )
    st.caption(parts.plain(str(group["reason"])))

st.header("Open tickets by age", anchor=False)
if open_tickets.empty:
    st.caption("No ticket is open.")
else:
    st.caption(f"Click a bar for its tickets.{shortened(len(open_tickets))}")
    parts.drill(
        page.figure("ages", partial(charts.ages, open_tickets)),
        "ages",
        charts.ages_in_words(open_tickets),
        lambda point: {"show": "Open", "group": [point["y"]]},
    )
    parts.csv(open_tickets, "open_tickets", "Open tickets by age")
