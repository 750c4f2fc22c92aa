"""Executive Overview: are we hitting SLA, and what moved? Layout only."""

from functools import partial

import brief
import shell
import sparkline
import streamlit as st
from queries import overview as overview_queries

from ops_tower.analysis import measures

page: shell.Page = st.session_state["page"]
overview = brief.gather(page.desk, page.scope)
page.headline(overview.headline)
if overview.is_empty:
    shell.no_rows("tickets")
    st.stop()

st.caption(
    f"{overview.first:%-d %b} to {overview.last:%-d %b %Y}, compared with the"
    f" {page.scope.window_days} days before. {overview.distance_to_target}"
)
with st.grid(6, min_column_width=150):
    for reading in overview.readings:
        measure = reading.measure
        has_better = measure.better is not None and not reading.is_flat
        color = "normal" if measure.better == "more" else "inverse"
        line = overview.trailing(measure)
        with st.container(border=True, gap="xsmall"):
            st.metric(
                measure.label,
                measures.text(reading.value, measure.unit),
                reading.change_text,
                delta_color=color if has_better else "off",
                delta_arrow="off" if reading.is_flat else "auto",
                delta_description=reading.verdict,
                help=measure.definition,
            )
            if picture := sparkline.svg(line):
                st.image(picture, width="stretch", alt=sparkline.in_words(measure, line))

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.caption("The tickets behind them:", width="content")
    for show in ("New", "Missed SLA", "Finished", "Open", "Rated 1 or 2"):
        shell.link(show, "Tickets", f"tickets_{show}", show=show)

shell.let_paint()

from charts import trends  # noqa: E402  (Plotly takes half a second once; the cards need not wait)

st.caption(
    "Bars and dots are single days; lines run over the week that ends on each day. A day far from"
    " all others may lie outside the picture."
)
with st.grid(3, min_column_width=300):
    for measure in overview.recorded:
        line = overview.trailing(measure)
        with st.container(border=True, gap="xxsmall"):
            st.markdown(trends.title(measure))
            page.chart(
                f"trend_{measure.key}",
                partial(trends.trend, measure, overview.daily(measure), line),
                partial(sparkline.in_words, measure, line),
            )
if overview.silent:
    st.info(brief.missing(overview.silent), icon=":material/info:")

st.header(f"What changed since Monday, {overview.monday:%-d %B}", anchor=False)
left, right = st.columns([3, 2], gap="medium")
weekly = brief.table(overview.weekly)
with left:
    st.caption(f"{overview.monday:%a} to {overview.last:%a}, beside the same weekdays before.")
    st.table(weekly, hide_index=True, border="horizontal")
with right:
    st.caption("Days that stand out from the same weekday's history.")
    st.markdown("\n".join(f"- {one}" for one in overview.notable) or "None since Monday.")
    if overview.movers:
        st.caption("What moved SLA most since Monday, beside the same weekdays before.")
        st.markdown("\n".join(f"- {one}" for one in overview.movers))

with st.container(horizontal=True):
    with st.popover("Monday brief", icon=":material/content_copy:"):
        written = overview_queries.monday_brief(page.desk)
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
    shell.csv(overview.days, "daily_figures", "Daily figures")
    shell.csv(weekly, "since_monday", "Since Monday")
