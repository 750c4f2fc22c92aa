"""Tickets: those behind a figure, and the story of each. Layout only."""

from functools import partial

import filters
import parts
import shell
import story
import streamlit as st
from queries import tickets as queries

_ROLES = {
    "subject": "subject",
    "priority": "priority",
    "type": "ticket_type",
    "organization": "organization_name",
}
"""What an event log may name a column for, and where the list shows it."""

page: shell.Page = st.session_state["page"]
desk, scope = page.desk, page.scope
first, last = filters.span(desk, scope)

with st.container(horizontal=True, vertical_alignment="center"):
    show = st.segmented_control(
        "Show",
        tuple(queries.SELECTIONS),
        default="New",
        required=True,
        key="show",
        bind="query-params",
        wrap=True,
        label_visibility="collapsed",
    )
    name = st.text_input(
        "Ticket",
        key="ticket",
        bind="query-params",
        placeholder="Ticket number",
        label_visibility="collapsed",
        icon=":material/search:",
        width=260,
    )
show = show or "New"


def _tell(name: str) -> None:
    ticket = queries.ticket(desk, name)
    if ticket is None:
        page.headline(f"There is no ticket {name}.")
        return
    from charts import story as charts  # noqa: PLC0415  (Plotly takes half a second once)

    ticket_id = int(ticket["ticket_id"])
    targets, ledger = queries.targets(desk, ticket_id), queries.ledger(desk, ticket_id)
    page.headline(story.headline(ticket, targets))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(
                parts.plain(str(ticket["subject"] or ticket["external_id"])[: queries.SUBJECT]),
                anchor=False,
            )
            st.button("Back to the list", key="back", type="tertiary", on_click=_open, args=("",))
        with st.container(horizontal=True, gap="xsmall"):
            for fact in story.facts(ticket):
                st.badge(parts.plain(fact), color="gray")
        is_live = page.freshness.allows_countdowns
        ahead = story.ahead(queries.risks(desk, ticket_id), is_live=is_live)
        for reason in (*story.reasons(targets, ledger), *ahead):
            st.markdown(parts.plain(reason).replace("\\*", "*"))
        moments = story.moments(ticket, targets)
        steps = (f"{row.at:%-d %b %H:%M} {row.what}" for row in moments.itertuples())
        st.caption(parts.plain(" → ".join(steps)))
        bars = story.lanes(ticket, ledger)
        page.chart(
            "timeline",
            partial(charts.timeline, bars, moments),
            partial(charts.timeline_in_words, moments),
            ticket_id,
        )
        st.caption(
            "Times are UTC. A full bar is time in which the target's clock ran, a faint one time"
            " that it let pass. Within a full bar a business clock counts open hours only."
        )
    if len(ledger):
        with st.expander("The ledger: every segment of every clock"):
            parts.table(ledger, "ledger", {})
            parts.csv(ledger, "ledger", "Ledger")


def _open(name: str) -> None:
    st.session_state["ticket"] = name


def _open_row(names: list[str]) -> None:
    rows = st.session_state["tickets"]["selection"]["rows"]
    if rows:
        _open(names[rows[0]])


if name:
    _tell(name)
    st.stop()

found = queries.matching(desk, scope, show, first, last)
total = int(found["total"].iloc[0]) if len(found) else 0
when = "now" if show == "Open" else f"{first:%-d %b} to {last:%-d %b %Y}"
noun = "ticket" if total == 1 else "tickets"
page.headline(f"{total:,} {noun}: {show.lower().replace('sla', 'SLA')}, {when}.")
if found.empty:
    shell.no_rows("tickets", scope)
    st.stop()
st.caption(
    "Click the box before a row for its story."
    + (f" The newest {len(found):,} of {total:,} are shown." if total > len(found) else "")
)
empty = [role for role, name in _ROLES.items() if found[name].isna().all()]
if empty:
    st.info(
        f"Not in these tickets: {', '.join(empty)}. Where an event log has them, name their"
        f" columns: `--column {empty[0]}=…`.",
        icon=":material/info:",
    )
parts.table(
    found.assign(is_sla_met=found["is_sla_met"].map({True: "met", False: "missed"}))
    .drop(columns=["ticket_id", "total"])
    .dropna(axis="columns", how="all"),
    "tickets",
    height=parts.height(found, 16),
    on_select=partial(_open_row, found["external_id"].tolist()),
    selection_mode="single-row",
    columns={
        "external_id": "Ticket",
        "subject": st.column_config.TextColumn("Subject", width=170),
        "status": "Status",
        "group_name": "Group",
        "priority": "Priority",
        "ticket_type": "Type",
        "organization_name": "Organisation",
        "created_at": st.column_config.DatetimeColumn("Created", format="D MMM YY, HH:mm"),
        "finished_at": st.column_config.DatetimeColumn(
            "Finished", format="D MMM YY, HH:mm", width=115
        ),
        "cycle_hours": st.column_config.NumberColumn("Cycle", format="%.1f h"),
        "is_sla_met": "SLA",
        "reopens": "Reopens",
        "escalations": "Escalations",
        "csat_score": "CSAT",
        "cost_usd": st.column_config.NumberColumn("Cost", format="dollar"),
    },
)
parts.csv(found.drop(columns="total"), "tickets", "Tickets")
