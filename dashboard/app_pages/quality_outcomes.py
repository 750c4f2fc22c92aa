"""Quality Outcomes: what hurts satisfaction? Layout only."""

from functools import partial

import cards
import filters
import parts
import quality
import shell
import streamlit as st
from cards import Card
from queries import quality as queries

page: shell.Page = st.session_state["page"]
desk, scope = page.desk, page.scope
first, last = filters.span(desk, scope)
drivers = queries.drivers(desk)
scores = queries.scores(desk, scope, first, last)
counts = queries.finished(desk, scope, first, last).drop(columns="name").sum()
mean = quality.mean_score(scores)
answered = quality.share(counts["rated"], counts["tickets"])
page.headline(quality.headline(scores, answered, drivers))
if not counts["tickets"] and not scores["ratings"].sum():
    shell.no_rows("finished tickets", scope)
    st.stop()

reopened = quality.share(counts["reopened"], counts["tickets"])
escalated = quality.share(counts["escalated"], counts["tickets"])
st.caption(f"{first:%-d %b} to {last:%-d %b %Y}; {counts['tickets']:,.0f} tickets finished.")
cards.draw(
    Card(
        "CSAT",
        None if mean is None else f"{mean:.2f}",
        f"Mean of {scores['ratings'].sum():,} scores from 1 to 5 that came in.",
    ),
    Card(
        "Answered",
        f"{answered.value:.1%}" if counts["rated"] else None,
        "Finished tickets with a rating, over all finished. Those who answer are not like"
        " those who do not: read the mean as theirs. " + quality.interval_text(answered),
    ),
    Card(
        "Reopened",
        f"{reopened.value:.1%}",
        "Finished tickets that were reopened at least once, over all finished. "
        + quality.interval_text(reopened),
    ),
    Card(
        "Escalated",
        f"{escalated.value:.1%}",
        "Finished tickets that were escalated at least once, over all finished. "
        + quality.interval_text(escalated),
    ),
)

from charts import quality as charts  # noqa: E402  (Plotly takes half a second once)
from charts import shortened  # noqa: E402

left, right = st.columns(2, gap="medium")
with left:
    st.header("Scores", anchor=False)
    if mean is None:
        parts.lacks("No rating came in.", "satisfaction_ratings")
    else:
        st.caption("Ratings by score, and the share of each. Click 1 or 2 for their tickets.")
        parts.drill(
            page.figure("scores", partial(charts.scores, scores)),
            "scores",
            charts.scores_in_words(scores),
            lambda point: {"show": "Rated 1 or 2"} if point["x"] in {1, 2} else {},
        )
        parts.csv(scores, "scores", "Scores")
with right:
    st.header("What one more adds to the score", anchor=False)
    own = drivers[drivers["outcome"] == "csat_score"]
    known = own[own["effect"].notna()]
    if known.empty:
        st.caption(parts.plain("; ".join(own["reason"].dropna().unique()[:1])))
    else:
        st.caption(
            "All else in the model held fixed: group, priority, type and the other drivers. All the"
            f" data; {known['tickets'].iloc[0]:,} rated tickets. {known['nonresponse'].iloc[0]}"
            " Where a line crosses zero, no effect was found."
        )
        unit = "points of the score"
        page.chart(
            "csat",
            partial(charts.effects, known, unit),
            partial(charts.effects_in_words, known, unit),
        )

st.header("Reopens and escalations", anchor=False)
offered = {"Group": "group"} | ({"Priority": "priority"} if desk.priorities else {})
offered |= {"Type": "type"} if desk.types else {}
choice = st.segmented_control(
    "By",
    tuple(offered),
    default="Group",
    required=True,
    key="by",
    bind="query-params",
)
dimension = offered[choice or "Group"]
split = queries.finished(desk, scope, first, last, dimension)
sent_on = queries.escalations(desk, scope, first, last) if dimension == "group" else split
left, right = st.columns(2, gap="medium")
with left:
    rates = quality.rates(split, "reopened")
    st.caption(
        "Reopened, share of finished tickets"
        + (" by the group that held them last." if dimension == "group" else ".")
        + shortened(len(rates) if rates["value"].any() else 0)
    )
    if rates["value"].any():
        parts.drill(
            page.figure("reopens", partial(charts.rates, rates), dimension),
            "reopens",
            charts.rates_in_words(rates, "Reopened"),
            lambda point: {"show": "Reopened", dimension: [point["y"]]},
        )
    else:
        st.markdown(f"None of {rates['tickets'].sum():,}.")
    parts.csv(rates, "reopen_rates", "Reopen rates")
with right:
    rates = quality.rates(sent_on, "escalated")
    st.caption(
        "Escalated out of the group, share of the tickets it held, over whole months."
        + shortened(len(rates) if rates["value"].any() else 0)
        if dimension == "group"
        else "Escalated, share of finished tickets."
    )
    if not rates["value"].any():
        st.markdown(f"None of {rates['tickets'].sum():,}.")
    elif dimension == "group":
        # The list knows the group that held a ticket last, not the one that passed it on.
        page.chart(
            "escalations_out",
            partial(charts.rates, rates),
            partial(charts.rates_in_words, rates, "Escalated"),
        )
    else:
        parts.drill(
            page.figure("escalations", partial(charts.rates, rates), dimension),
            "escalations",
            charts.rates_in_words(rates, "Escalated"),
            lambda point: {"show": "Escalated", dimension: [point["y"]]},
        )
    parts.csv(rates, "escalation_rates", "Escalation rates")
st.caption(
    "Lines are 95% intervals (Wilson): where two overlap widely, the difference may be luck."
)

left, right = st.columns(2, gap="medium")
with left:
    st.header("Who leaves after a ticket", anchor=False)
    churn = quality.churn_rates(queries.churn(desk))
    if churn.empty:
        parts.lacks(
            "This source does not say which customers left.", "tickets.organization_churned_at"
        )
    else:
        st.caption(
            "Organisations that left within 90 days: of any day, of a ticket, of one that missed"
            " its targets or was rated 1 or 2. A bad ticket may be a sign and not the cause."
        )
        page.chart(
            "churn",
            partial(charts.churn, churn),
            partial(charts.rates_in_words, churn, "Left"),
        )
        parts.csv(churn, "churn", "Churn")
with right:
    st.header("What one more adds to cycle time", anchor=False)
    own = drivers[drivers["outcome"] == "cycle_hours"]
    known = own[own["effect"].notna()]
    if known.empty:
        st.caption(parts.plain("; ".join(own["reason"].dropna().unique()[:1])))
    else:
        st.caption(
            "All else in the model held fixed: group, priority, type and the other drivers. All the"
            f" data; {known['tickets'].iloc[0]:,} finished tickets. Where a line"
            " crosses zero, no effect was found."
        )
        unit = "hours"
        page.chart(
            "cycle",
            partial(charts.effects, known, unit),
            partial(charts.effects_in_words, known, unit),
        )
parts.csv(drivers, "drivers", "Drivers")
