"""The data: where it comes from, what was refused, and how good the forecasts and risks were."""

from functools import partial

import cards
import pandas as pd
import parts
import runs
import shell
import streamlit as st
from cards import Card
from queries import data as queries

from ops_tower import published

page: shell.Page = st.session_state["page"]
desk = page.desk
source = queries.source(desk)
refused = int(source["rows_rejected"])
page.headline(
    f"{source['tickets']:,} tickets and {source['events']:,} events up to"
    f" {desk.as_of:%-d %b %Y}; {refused:,} rows were refused.",
)

st.header("Source", anchor=False)
kind = "Event log: " if desk.source == "event-log" else ""
st.markdown(parts.plain(f"{kind}{source['description']}"))
cards.draw(
    Card("First event", f"{source['first_event_at']:%-d %b %Y}"),
    Card("Last event", f"{source['last_event_at']:%-d %b %Y}"),
    Card("Open tickets", f"{source['open_tickets']:,}"),
    Card(
        "Rows refused",
        f"{refused:,}",
        f"Of {source['rows_read']:,} event rows that the source offered.",
    ),
)

st.header("Refused rows", anchor=False)
rejected = queries.rejected(page.home)
if rejected.empty:
    st.caption("None in the newest landing.")
else:
    st.caption(
        "By table and rule, in the newest landing; the rows stand in `raw/rejected.parquet`."
    )
    parts.table(
        rejected,
        key="rejected",
        columns={
            "table_name": "Table",
            "rule": "Rule",
            "refused_rows": st.column_config.NumberColumn("Rows", format="localized"),
            "example": st.column_config.TextColumn("First of them", width="large"),
        },
    )
    parts.csv(rejected, "rejected", "Refused rows")

st.header("Versions and runs", anchor=False)
kept = published.versions(page.home / "published")
versions = pd.DataFrame(
    {
        "Version": [path.name for path in kept],
        "Written": [
            f"{pd.Timestamp(path.stat().st_mtime, unit='s'):%a %-d %b %Y, %H:%M} UTC"
            for path in kept
        ],
        "Read here": ["yes" if str(path) == desk.version else "" for path in kept],
    }
)
st.table(versions, hide_index=True, border="horizontal")
parts.csv(versions, "versions", "Versions")
st.caption(f"This version was published {queries.published_at(desk):%a %-d %b %Y, %H:%M} UTC.")
if st.button("Look up the last runs and their checks", icon=":material/history:"):
    with st.spinner("Reading the record of runs"):
        st.code(runs.status(page.home), language=None, wrap_lines=True)

st.header("How good the forecasts were", anchor=False)
st.caption(
    "Tested on past months that the model had not seen. MASE below 1 beats repeating last week; a"
    " band is right if it holds about as many days as its name says."
)
tests = queries.backtests(desk)
parts.table(
    tests.assign(coverage_80=tests["coverage_80"] * 100, coverage_95=tests["coverage_95"] * 100)[
        ["group_name", "model", "mase", "coverage_80", "coverage_95", "origins", "reason"]
    ],
    key="backtests",
    columns={
        "group_name": "Group",
        "model": "Model",
        "mase": st.column_config.NumberColumn("MASE", format="%.2f"),
        "coverage_80": st.column_config.NumberColumn("In the 80% band", format="%.0f%%"),
        "coverage_95": st.column_config.NumberColumn("In the 95% band", format="%.0f%%"),
        "origins": "Tests",
        "reason": st.column_config.TextColumn("Note", width="large"),
    },
)
parts.csv(tests, "backtests", "Backtests")

st.header("How good the risks were", anchor=False)
judgement, calibration = queries.judgement(desk), queries.calibration(desk)
known = judgement["value"].reindex(["auc", "auc_minutes_left", "brier", "brier_base_rate"])
if known.notna().all():
    st.caption(
        "Tested on the last quarter, learnt from the time before it."
        f" {parts.plain(str(judgement['detail'].dropna().iloc[0]))}"
    )
    left, right = st.columns([1, 2], gap="medium")
    with left:
        cards.draw(
            Card(
                "AUC",
                f"{known['auc']:.2f}",
                "Chance that the target that breached had the higher risk; 0.5 is a coin.",
            ),
            Card("AUC of minutes left", f"{known['auc_minutes_left']:.2f}"),
            Card(
                "Brier score",
                f"{known['brier']:.3f}",
                "Mean squared distance of the risk from what happened: 0 is perfect.",
            ),
            Card("Brier of the base rate", f"{known['brier_base_rate']:.3f}"),
            columns=2,
        )
    with right:
        from charts import data as charts

        st.caption("How often a target breached, by the risk that was foreseen.")
        page.chart(
            "calibration",
            partial(charts.calibration, calibration),
            partial(charts.calibration_in_words, calibration),
        )
    parts.csv(calibration, "calibration", "Calibration")
flags = queries.flags(desk)
if not desk.has_targets:
    parts.lacks(
        "This source has no SLA policy, so there is no risk of missing a target.", "sla_policies"
    )
elif not flags["flagged"]:
    st.caption("No flag of an earlier run has been judged yet: this fills from the second run on.")
else:
    st.caption(f"Targets flagged since {flags['since']:%-d %b %Y}, beside how they ended.")
    lead = flags["median_lead_hours"]
    cards.draw(
        Card("Flagged and judged", f"{flags['flagged']:,}"),
        Card("Of these breached", f"{flags['breached']:,}"),
        Card(
            "Breached unflagged",
            f"{flags['missed']:,}",
            "Targets that ran out since the first flag and that no run had flagged before.",
        ),
        Card(
            "Brier score of flags",
            f"{flags['brier']:.3f}",
            "Mean squared distance of the risk from what happened: 0 is perfect, 0.25 a coin.",
        ),
        Card("Median lead", None if pd.isna(lead) else f"{lead:.1f} h"),
    )
    weeks = queries.flag_weeks(desk)
    parts.table(
        weeks.assign(median_lead_hours=weeks["median_lead_minutes"] / 60).drop(
            columns="median_lead_minutes"
        ),
        key="flag_weeks",
        columns={
            "week": st.column_config.DateColumn("Week of", format="D MMM YYYY"),
            "flagged": st.column_config.NumberColumn("Flagged", format="localized"),
            "flagged_breached": st.column_config.NumberColumn("Then breached", format="localized"),
            "flagged_met": st.column_config.NumberColumn("Then met", format="localized"),
            "flagged_undecided": st.column_config.NumberColumn("Undecided", format="localized"),
            "breaches": st.column_config.NumberColumn("Breaches", format="localized"),
            "missed": st.column_config.NumberColumn("Unflagged", format="localized"),
            "median_lead_hours": st.column_config.NumberColumn("Median lead", format="%.1f h"),
        },
    )
    parts.csv(weeks, "flag_weeks", "Flags by week")

st.header("Days that were watched", anchor=False)
watch = queries.watch(desk)
parts.table(
    watch.assign(
        metric=watch["metric"].str.replace("_", " ").str.capitalize().replace("Csat score", "CSAT")
    ),
    key="watch",
    columns={
        "metric": "Metric",
        "group_name": "Group",
        "days_judged": st.column_config.NumberColumn("Days judged", format="localized"),
        "anomalies": "Stood out",
        "reason": st.column_config.TextColumn("Why none", width="large"),
    },
)
parts.csv(watch, "anomaly_watch", "Days that were watched")
