"""Recommendations: what to do about it, in order, and what came of it. Layout only."""

import advice
import decisions
import navigation
import parts
import shell
import streamlit as st
from queries import advice as queries

from ops_tower.analysis import answers
from ops_tower.analysis.recommendations import effect_in_words

page: shell.Page = st.session_state["page"]
desk = page.desk
fired = queries.recommendations(desk)
silent = queries.silent_rules(desk)
page.headline(answers.advice(fired, silent))
taken = decisions.taken(page.home)
latest = decisions.latest(taken)


def _decide(row: dict[str, object], verdict: decisions.Verdict) -> None:
    rule = str(row["rule_id"])
    decisions.record(
        page.home,
        decisions.Decision(
            rule_id=rule,
            title=str(row["title"]),
            owner_group=str(row["owner_group"]),
            verdict=verdict,
            who=str(st.session_state[f"who_{rule}"]).strip() or "unnamed",
            note=str(st.session_state[f"note_{rule}"]).strip(),
            decided_at=shell.wall_clock().isoformat(timespec="seconds"),
            as_of=desk.as_of.isoformat(),
            run_id=desk.run_id,
            evidence=str(row["evidence"]),
        ),
    )


if fired.empty:
    st.caption("No rule fired.")
else:
    st.caption(
        "Ranked by effect over effort. Effects are ranges a month, because no trial was run."
    )
for _, row in fired.iterrows():
    rule = row["rule_id"]
    with st.container(border=True):
        left, right = st.columns([2, 1], gap="medium")
        with left:
            st.header(f"{row['rank']}. {parts.plain(row['title'])}", anchor=False)
            with st.container(horizontal=True, gap="xsmall"):
                owner = "All groups" if row["owner_group"] == "All" else row["owner_group"]
                st.badge(f"Owner: {parts.plain(owner)}", color="blue")
                st.badge(f"Effort: {row['effort']}", color="gray")
                st.badge(f"Confidence: {row['confidence']}", color="gray")
                if rule in latest:
                    last = latest[rule]
                    is_accepted = last.verdict == "accepted"
                    st.badge(
                        f"{last.verdict.capitalize()} by {last.who}",
                        icon=":material/check:" if is_accepted else ":material/close:",
                        color="green" if is_accepted else "orange",
                    )
            st.markdown(parts.plain(row["evidence"]))
        with right:
            st.caption("Expected effect")
            st.markdown(f"**{parts.plain(effect_in_words(row))}**")
            st.caption(parts.plain(row["assumption"]))
            with st.container(horizontal=True):
                if rule in advice.EVIDENCE:
                    navigation.link("Evidence", advice.EVIDENCE[rule], f"evidence_{rule}")
                with st.popover("Decide", type="tertiary", icon=":material/gavel:"):
                    st.text_input("Your name", key=f"who_{rule}", persist_state="session")
                    st.text_input("Note", key=f"note_{rule}")
                    with st.container(horizontal=True):
                        record = row.to_dict()
                        for verdict, label in (("accepted", "Accept"), ("dismissed", "Dismiss")):
                            st.button(
                                label,
                                key=f"{verdict}_{rule}",
                                on_click=_decide,
                                args=(record, verdict),
                            )
parts.csv(fired, "recommendations", "Recommendations")

if taken:
    st.header("What came of decisions", anchor=False)
    st.caption(
        "The rule's word then and now, and the owner's SLA over 30 days then and now. That one"
        " followed the other does not prove that it came from it."
    )
    table = advice.outcomes(
        taken, fired, silent, lambda group, at: queries.attainment(desk, group, at), desk.as_of
    )
    st.table(table, hide_index=True, border="horizontal")
    parts.csv(table, "decisions", "Decisions")

st.header("Rules that found nothing", anchor=False)
if silent.empty:
    st.caption("Every rule fired.")
else:
    st.table(
        silent[["question", "reason"]].rename(
            columns={"question": "Question", "reason": "Why not"}
        ),
        hide_index=True,
        border="horizontal",
    )
    parts.csv(silent, "silent_rules", "Rules that found nothing")
