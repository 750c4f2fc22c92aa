"""Bottleneck Analysis: where do tickets pile up, and which way do they take? Layout only."""

from functools import partial

import cards
import parts
import process
import shell
import streamlit as st
from cards import Card
from queries import process as queries

page: shell.Page = st.session_state["page"]
desk, scope = page.desk, page.scope
flows = queries.flows(desk, scope)
transitions = queries.transitions(desk)
waits = process.waiting(flows)
narrowed = waits if scope.is_narrowed else waits.head(0)
page.headline(process.headline(queries.bottlenecks(desk), transitions, narrowed))
if waits.empty:
    shell.no_rows("transitions", scope)
    st.stop()

from charts import process as charts  # noqa: E402  (Plotly takes half a second once)
from charts import shortened  # noqa: E402

st.header("Where tickets wait", anchor=False)
apart = process.timers(flows)
note = f" Timers are set apart: {', '.join(apart)}." if apart else ""
st.caption(f"Share of all waiting hours by step. Click a bar to look into it.{note}")
left, right = st.columns([3, 2], gap="medium")
with left:
    clicked = st.plotly_chart(
        page.figure("waits", partial(charts.waits, waits)),
        key="waits",
        config=parts.TOOLBAR,
        on_select="rerun",
        selection_mode="points",
        alt=charts.waits_in_words(waits),
    )
    parts.csv(waits, "waiting_by_step", "Waiting by step")
with right:
    points = clicked["selection"]["points"]
    step = waits.iloc[points[0]["point_index"] if points else 0]
    st.markdown(f"**{parts.plain(step['step'])}**")
    whole = transitions.set_index(["from_activity", "to_activity"]).loc[
        (step["from_activity"], step["to_activity"])
    ]
    cards.draw(
        Card("Times", f"{step['transitions']:,}", "Within the filters."),
        Card("Mean", f"{step['mean_hours']:,.1f} h", "Calendar hours, within the filters."),
        Card(
            "Median",
            f"{whole['median_hours']:,.1f} h",
            f"Over all the data; on the business clock {whole['median_business_hours']:,.1f} h.",
        ),
        Card(
            "Slowest tenth",
            f"{whole['p90_hours']:,.1f} h",
            "90th percentile, over all the data.",
        ),
        columns=2,
    )
    causes = process.causes_of(queries.causes(desk), step)
    if len(causes):
        st.caption("What the hours went to, over all the data")
        page.chart(
            "causes",
            partial(charts.causes, causes),
            partial(charts.causes_in_words, causes),
            step["step"],
        )
    holders = flows.loc[
        (flows["from_activity"] == step["from_activity"])
        & (flows["to_activity"] == step["to_activity"]),
        "group_name",
    ]
    st.caption(f"Hours by the group that held the ticket.{shortened(len(holders))}")
    page.chart(
        "step_groups",
        partial(charts.groups, flows, step),
        partial(charts.groups_in_words, flows, step),
        step["step"],
    )

st.header("How tickets flow", anchor=False)
coverage = st.slider(
    "Share of tickets shown, the most frequent ways first",
    min_value=50,
    max_value=100,
    value=80,
    step=5,
    format="%d%%",
    key="coverage",
    bind="query-params",
)
shown = queries.variants(desk, coverage / 100)
links = process.links(shown)
st.caption(
    f"{len(shown):,} different ways, {shown['cases'].sum():,} tickets,"
    f" {shown['share'].sum():.1%} of all. All the data, whatever the filters."
)
if links:
    with parts.wide("flow"):
        page.chart(
            "flow", partial(charts.flow, links), partial(charts.flow_in_words, links), coverage
        )

st.header("From each activity to the next", anchor=False)
by_hours = st.segmented_control(
    "Cells show",
    ("Times", "Mean hours"),
    default="Times",
    required=True,
    key="cells",
    bind="query-params",
)
is_by_hours = by_hours == "Mean hours"
order = process.activity_order(queries.variants(desk, 1.0))
matrix = process.matrix(flows, order, by_hours=is_by_hours)
with parts.wide("matrix"):
    page.chart(
        "matrix",
        partial(charts.heatmap, matrix, by_hours=is_by_hours),
        partial(charts.heatmap_in_words, matrix, by_hours=is_by_hours),
        is_by_hours,
    )
parts.csv(matrix.rename_axis("from"), "transitions", "Transitions")

st.header("The ten most frequent ways", anchor=False)
ways = queries.top_variants(desk)
parts.table(
    ways.assign(share=ways["share"] * 100, cumulative_share=ways["cumulative_share"] * 100),
    key="ways",
    columns={
        "variant_rank": "Rank",
        "variant": st.column_config.TextColumn("Way", width="large"),
        "cases": st.column_config.NumberColumn("Tickets", format="localized"),
        "share": st.column_config.NumberColumn("Share", format="%.1f%%"),
        "cumulative_share": st.column_config.ProgressColumn(
            "Covered", format="%.0f%%", min_value=0, max_value=100
        ),
        "median_cycle_hours": st.column_config.NumberColumn(
            "Median", format="%.1f h", help="From the first event to the last."
        ),
        "is_conforming": st.column_config.CheckboxColumn("On the path"),
        "deviations": "Off the path by",
    },
)
parts.csv(ways, "variants", "Ways")

st.header("Work done twice", anchor=False)
rework, handovers = queries.rework(desk), queries.handovers(desk)
left, right = st.columns(2, gap="medium")
with left:
    st.caption("Rework: out of the tickets that could have had it, and the hours it took.")
    parts.table(
        rework.assign(
            kind=rework["kind"].map(process.REWORK).fillna(rework["kind"]),
            share=rework["share"] * 100,
            interval=[f"{row.lower_95:.1%} to {row.upper_95:.1%}" for row in rework.itertuples()],
        )[["kind", "subject", "tickets", "share", "interval", "hours"]],
        key="rework",
        columns={
            "kind": "Rework",
            "subject": "Where",
            "tickets": st.column_config.NumberColumn("Tickets", format="localized"),
            "share": st.column_config.NumberColumn("Share", format="%.1f%%"),
            "interval": "95% interval",
            "hours": st.column_config.NumberColumn("Hours", format="%,.0f"),
        },
    )
    parts.csv(rework, "rework", "Rework")
with right:
    st.caption("Handovers between groups, and how many of the first ones came straight back.")
    parts.table(
        handovers.assign(share=handovers["share"] * 100)[
            ["from_group", "to_group", "handovers", "tickets", "share", "held_hours"]
        ],
        key="handovers",
        columns={
            "from_group": "From",
            "to_group": "To",
            "handovers": st.column_config.NumberColumn("Handovers", format="localized"),
            "tickets": st.column_config.NumberColumn("Tickets", format="localized"),
            "share": st.column_config.NumberColumn("Sent back", format="%.1f%%"),
            "held_hours": st.column_config.NumberColumn(
                "Hours", format="%,.0f", help="That the receiving group held the tickets."
            ),
        },
    )
    parts.csv(handovers, "handovers", "Handovers")

st.header("Does the work follow the documented path?", anchor=False)
fit = queries.conformance(desk)
off = queries.deviations(desk)
if "conforming_share" not in fit.index or fit["value"].isna().get("conforming_share", True):
    st.caption("No finished ticket can be measured against a path.")
else:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        cards.draw(
            Card(
                "Conforming",
                f"{fit.loc['conforming_share', 'value']:.1%}",
                "Finished tickets whose alignment with the path costs nothing, over all.",
            ),
            Card(
                "Mean fitness",
                f"{fit.loc['mean_fitness', 'value']:.3f}",
                "1 less the alignment's cost over the ticket's and the path's length.",
            ),
        )
        st.caption(parts.plain(str(fit.loc["conforming_share", "detail"])))
    with right:
        parts.table(
            off.assign(share=off["share"] * 100),
            key="deviations",
            columns={
                "kind": "Deviation",
                "activity": "Activity",
                "tickets": st.column_config.NumberColumn("Tickets", format="localized"),
                "share": st.column_config.NumberColumn("Share", format="%.1f%%"),
                "hours": st.column_config.NumberColumn(
                    "Hours", format="%,.0f", help="Beside what conforming tickets take."
                ),
            },
        )
        parts.csv(off, "deviations", "Deviations")
