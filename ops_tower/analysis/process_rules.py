"""The rules of advice about the process: waits, handovers, rework, deviations.

Belongs here: when such a rule fires, what it then says, and why it is silent otherwise.
Does not belong here: rules about people and targets, and the list of all (rules).
"""

from typing import Final

import pandas as pd

from ops_tower.analysis.findings import (
    REACH,
    UNKNOWN,
    Advice,
    Findings,
    Silence,
    first_reason,
    reached,
)
from ops_tower.analysis.frames import total
from ops_tower.analysis.words import counted

WAIT_SHARE: Final = 0.15  # of all waiting, held by one transition
DEVIATION_SHARE: Final = 0.05  # of judged tickets
RETURN_SHARE: Final = 0.05  # of first handovers, by the lower end of its interval
HALF: Final = 0.5
OFF_SHIFT_SHARE: Final = 0.60  # of the hours that tickets wait for the desk


def longest_wait(findings: Findings) -> Advice | Silence:
    """Does one transition, timers apart, hold a large share of all waiting?"""
    waits = findings.transitions[findings.transitions["bottleneck_rank"] == 1]
    if waits.empty:
        return Silence("No transition other than timers was seen.")
    wait = waits.iloc[0]
    share = wait["share_of_hours_without_timers"]
    step = f"{wait['from_activity']} → {wait['to_activity']}"
    if pd.isna(share) or share < WAIT_SHARE:
        return Silence(f"The longest wait, {step}, holds under {WAIT_SHARE:.0%} of the hours.")
    # Hours beyond the median are those of the tickets that wait long.
    excess = wait["transitions"] * max(wait["mean_hours"] - wait["median_hours"], 0.0)
    monthly = float(excess) / findings.months
    slow = 0.25 * float(wait["transitions"]) / findings.months
    waits = findings.waits
    own = waits[
        (waits["from_activity"] == wait["from_activity"])
        & (waits["to_activity"] == wait["to_activity"])
        & (waits["cause"] == "customer")
    ]
    by_customer = total(own["share_of_transition"])
    is_customer = by_customer > HALF
    return Advice(
        title=(
            f"Remind customers sooner: {step} mostly waits for them"
            if is_customer
            else f"Shorten the wait {step}"
        ),
        owner_group="All",
        evidence=(
            f"It holds {share:.1%} of all hours outside timers"
            + (f", {by_customer:.0%} of them waiting for the customer" if is_customer else "")
            + f"; median {wait['median_hours']:.1f} h, one in ten over {wait['p90_hours']:.1f} h."
        ),
        tickets=reached(slow),
        hours=reached(monthly),
        effort="medium",
        confidence="low",
        assumption="A quarter to half of the hours beyond the median, of the slowest quarter.",
    )


def costly_escalations(findings: Findings) -> Advice | Silence:
    """Does an escalation lengthen tickets for certain?"""
    return _driver_advice(
        findings,
        driver="escalations",
        title="Solve more in the first group, so that less is escalated",
        effort="high",
        # The first group then does the work, so most of the money stays spent.
        kept=(0.0, REACH[0]),
    )


def costly_reopens(findings: Findings) -> Advice | Silence:
    """Does a reopening lengthen tickets for certain?"""
    return _driver_advice(
        findings,
        driver="reopens",
        title="Make sure before solving, so that less is reopened",
        effort="medium",
        kept=REACH,
    )


def _driver_advice(
    findings: Findings, driver: str, title: str, effort: str, kept: tuple[float, float]
) -> Advice | Silence:
    """Advise against a driver whose effect on cycle time is positive beyond its interval."""
    found = findings.drivers[findings.drivers["driver"] == driver]
    effects = {row["outcome"]: row for row in found[found["effect"].notna()].to_dict("records")}
    one = "reopening" if driver == "reopens" else driver.removesuffix("s")
    if "cycle_hours" not in effects:
        return Silence(first_reason(found, f"What one {one} adds was not estimated."))
    row = effects["cycle_hours"]
    if row["lower_95"] <= 0:
        return Silence(f"One {one} more adds {row['effect']:.1f} h, but it may as well be none.")
    happened = float(row["mean_of_driver"] * row["tickets"]) / findings.months
    evidence = (
        f"{counted(happened, one)} a month; each adds {row['effect']:.1f} h "
        f"({row['lower_95']:.1f} to {row['upper_95']:.1f})"
    )
    csat, cost = effects.get("csat_score"), effects.get("cost_usd")
    if csat and csat["upper_95"] < 0:
        evidence += f" and takes {-csat['effect']:.2f} points of CSAT"
    usd = UNKNOWN
    if cost and cost["lower_95"] > 0:
        usd = (kept[0] * happened * cost["lower_95"], kept[1] * happened * cost["upper_95"])
    return Advice(
        title=title,
        owner_group="All",
        evidence=f"{evidence}.",
        tickets=reached(happened),
        hours=(REACH[0] * happened * row["lower_95"], REACH[1] * happened * row["upper_95"]),
        usd=usd,
        effort=effort,
        confidence="medium",
        assumption="A quarter to half of them are avoided, at the estimated hours each.",
    )


def frequent_deviation(findings: Findings) -> Advice | Silence:
    """Does a frequent deviation from the documented path cost hours?"""
    rows = findings.deviations
    costly = rows[(rows["hours"] > 0) & (rows["share"] >= DEVIATION_SHARE)]
    if costly.empty:
        return Silence(
            f"No deviation touches {DEVIATION_SHARE:.0%} of the tickets and takes longer."
        )
    worst = costly.sort_values("hours", ascending=False).iloc[0]
    return Advice(
        title=f"Find out why {_deviates(str(worst['kind']), str(worst['activity']))}",
        owner_group="All",
        evidence=(
            f"{worst['share']:.1%} of finished tickets ({worst['tickets']:,.0f}) do; they take "
            f"{worst['hours'] / worst['tickets']:.1f} h longer on average."
        ),
        tickets=reached(float(worst["tickets"]) / findings.months),
        hours=reached(float(worst["hours"]) / findings.months),
        effort="medium",
        confidence="low",
        assumption="A quarter to half of these tickets would take a conforming ticket's time.",
    )


def _deviates(kind: str, activity: str) -> str:
    """A kind of deviation as what happens to tickets."""
    match kind:
        case "inserted":
            return f"tickets go through '{activity}', which the path does not have"
        case "skipped":
            return f"tickets skip '{activity}'"
        case _:
            return f"tickets go through '{activity}' again"


def ping_pong(findings: Findings) -> Advice | Silence:
    """Does a group send back for certain what it is handed?"""
    rows = findings.rework
    pairs = rows[(rows["kind"] == "ping_pong_direct") & (rows["lower_95"] >= RETURN_SHARE)]
    if pairs.empty:
        return Silence(f"No pair of groups is sure to return {RETURN_SHARE:.0%} of its handovers.")
    worst = pairs.sort_values(["tickets", "subject"], ascending=[False, True]).iloc[0]
    monthly = float(worst["tickets"]) / findings.months
    giver, taker = str(worst["subject"]).split(" → ", maxsplit=1)
    return Advice(
        title=f"Agree what {giver} hands to {taker}",
        owner_group=giver,
        evidence=(
            f"{worst['share']:.1%} of first handovers come straight back "
            f"({worst['lower_95']:.1%} to {worst['upper_95']:.1%}), "
            f"{worst['tickets']:,.0f} tickets."
        ),
        tickets=reached(monthly),
        hours=reached(float(worst["hours"]) / findings.months),
        effort="low",
        confidence="medium",
        assumption="A quarter to half of the returns are avoided, with the hours that they took.",
    )


def nobody_on_shift(findings: Findings) -> Advice | Silence:
    """Do tickets wait for the desk mostly while nobody is on shift?"""
    rows = findings.waits
    desk = rows[rows["cause"].isin(["work", "queue", "off_shift"])]
    hours = float(desk["hours"].sum())
    if not hours:
        return Silence("It is not known when tickets wait for the desk.")
    off = desk[desk["cause"] == "off_shift"].sort_values("hours", ascending=False)
    share = float(off["hours"].sum()) / hours
    if share < OFF_SHIFT_SHARE:
        return Silence(f"{share:.0%} of the hours that tickets wait for the desk are off shift.")
    worst = off.iloc[0]
    step = f"{worst['from_activity']} → {worst['to_activity']}"
    return Advice(
        title=f"Try a shift in the hours now uncovered: {step} waits for one",
        owner_group="All",
        evidence=(
            f"{share:.0%} of the hours that tickets wait for the desk are off shift; "
            f"{worst['hours']:,.0f} h at {step}."
        ),
        # Waiting does not say how many tickets; those of the step, at its share off shift.
        tickets=reached(
            float(worst["transitions"] * worst["share_of_transition"]) / findings.months
        ),
        hours=reached(float(worst["hours"]) / findings.months),
        effort="high",
        confidence="low",
        assumption="A quarter to half of these hours fall into a longer shift.",
    )
