"""Executive Overview: are we hitting SLA, and what moved? Layout only."""

from functools import partial
from typing import Final

import cards
import navigation
import overview
import parts
import shell
import sparkline
import streamlit as st
from queries import overview as queries

_CHARTS_IN_A_ROW: Final = 3

page: shell.Page = st.session_state["page"]
view = overview.gather(page.desk, page.scope)
page.headline(view.headline)
if view.is_empty:
    shell.no_rows("tickets", page.scope)
    st.stop()

st.caption(
    f"{view.first:%-d %b} to {view.last:%-d %b %Y}, compared with the"
    f" {page.scope.window_days} days before."
)
cards.draw(*view.cards)
page.let_paint()

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.caption("The tickets behind them:", width="content")
    for show in ("New", "Missed SLA", "Finished", "Open", "Rated 1 or 2"):
        navigation.link(show, "Tickets", f"tickets_{show}", show=show)

from charts import trends  # noqa: E402  (Plotly takes half a second once; the cards need not wait)

st.caption(
    "Bars and dots are single days; lines run over the week that ends on each day. A day far from"
    " all others may lie outside the picture."
)
with st.grid(_CHARTS_IN_A_ROW, min_column_width=300):
    for place, measure in enumerate(view.recorded):
        if place == _CHARTS_IN_A_ROW:
            page.let_draw()
        with st.container(border=True, gap="xxsmall"):
            st.markdown(trends.title(measure))
            page.chart(
                f"trend_{measure.key}",
                partial(trends.trend, view, measure),
                partial(sparkline.in_words, measure, view.trailing(measure)),
            )
if view.silent:
    st.info(overview.missing(view.silent), icon=":material/info:")

if view.attainment["judged"].sum():
    st.header("Where SLA is missed", anchor=False)
    by = st.segmented_control(
        "By",
        tuple(name.capitalize() for name in view.attained),
        default="Group",
        required=True,
        key="sla_by",
        bind="query-params",
        label_visibility="collapsed",
    )
    dimension = (by or "Group").lower()
    rows = view.attained[dimension]
    parts.table(
        rows.assign(attainment=rows["attainment"] * 100, target=rows["target"] * 100),
        key="attained",
        on_select=partial(
            navigation.open_row,
            "attained",
            [{"show": "Missed SLA", dimension: [name]} for name in rows["name"]],
        ),
        selection_mode="single-row",
        columns={
            "name": dimension.capitalize(),
            "attainment": st.column_config.ProgressColumn(
                "SLA", format="%.1f%%", min_value=0, max_value=100
            ),
            "target": st.column_config.NumberColumn(
                "Target", format="%.1f%%", help="Of the mix of priorities that was judged."
            ),
            "points": st.column_config.NumberColumn(
                "Points to it", format="%+.1f", help="Negative: below the target."
            ),
            "judged": st.column_config.NumberColumn("Judged", format="localized"),
            "missed": st.column_config.NumberColumn("Missed", format="localized"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.csv(rows, "sla_split", "SLA split")
        st.caption("The box before a row opens its missed tickets.")

st.header(f"What changed since Monday, {view.monday:%-d %B}", anchor=False)
left, right = st.columns([3, 2], gap="medium")
weekly = overview.table(view.weekly)
with left:
    st.caption(view.week)
    st.table(weekly, hide_index=True, border="horizontal")
with right:
    st.caption("Days that stand out from the same weekday's history.")
    st.markdown("\n".join(f"- {one}" for one in view.notable) or "None since Monday.")
    if view.movers:
        st.caption("What moved SLA most since Monday, beside the same weekdays before.")
        st.markdown("\n".join(f"- {one}" for one in view.movers))

with st.container(horizontal=True):
    with st.popover("Monday brief", icon=":material/content_copy:"):
        written = queries.monday_brief(page.desk)
        st.caption("Of the whole desk, whatever is filtered.")
        st.code(written["markdown"], language=None, wrap_lines=True, height=320)
        name = f"monday-brief-{page.desk.as_of:%Y-%m-%d}"
        with st.container(horizontal=True):
            for form, ending in (("markdown", "md"), ("html", "html")):
                st.download_button(
                    f"Download .{ending}",
                    written[form],
                    f"{name}.{ending}",
                    f"text/{form}",
                    on_click="ignore",
                )
    parts.csv(view.days, "daily_figures", "Daily figures")
    parts.csv(weekly, "since_monday", "Since Monday")
