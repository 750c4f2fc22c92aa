"""How tickets flow and where they wait: transitions, variants, timers and bottlenecks.

Belongs here: reasoning about the process marts, each row of which already sums many events.
Does not belong here: anything that reads single events (dbt does), conformance (its own module).
"""

from typing import Final

import numpy as np
import pandas as pd

from ops_tower.analysis.frames import Output, ratio, total

# A timer is told by dwell times that pile up on constants. A pile is at least this share of the
# transitions (the two most frequent dwells together) ...
TIMER_SHARE: Final = 0.20
# ... over enough transitions that chance does not do it ...
TIMER_TRANSITIONS: Final = 20
# ... on constants that nobody reaches by working quickly, in hours ...
TIMER_HOURS: Final = 1.0
# ... and that the log's clock can tell apart from their neighbours: a log that only knows days
# piles up on whole days everywhere.
TIMER_TICKS: Final = 10
# The head is as many of the most frequent variants as it takes to cover this share of the tickets.
HEAD_SHARE: Final = 0.80
# A variant must hold this share of the tickets to count as the fastest: one lucky ticket does not.
COMMON_SHARE: Final = 0.01

TRANSITIONS: Final = Output(
    "process_transitions",
    "One row per pair of activities of which the second directly followed the first in a ticket.",
    {
        "from_activity": "text",
        "to_activity": "text",
        "transitions": "integer",
        "cases": "integer",
        "mean_hours": "number",
        "median_hours": "number",
        "p90_hours": "number",
        "share_of_hours": "number",
        "is_timer": "flag",
        "probability": "number",
        "total_hours": "number",
        "p25_hours": "number",
        "p75_hours": "number",
        "total_business_hours": "number",
        "mean_business_hours": "number",
        "median_business_hours": "number",
        "p90_business_hours": "number",
        "share_of_hours_without_timers": "number",
        "bottleneck_rank": "integer",
        "timer_share": "number",
        "timer_evidence": "text",
    },
)

VARIANTS: Final = Output(
    "process_variants",
    "One row per distinct sequence of activities, the most frequent first.",
    {
        "variant_rank": "integer",
        "variant": "text",
        "cases": "integer",
        "share": "number",
        "cumulative_share": "number",
        "median_cycle_hours": "number",
        "activities": "integer",
        "finished_cases": "integer",
        "open_cases": "integer",
        "total_hours": "number",
        "hours_over_fastest": "number",
    },
)

COVERAGE: Final = Output(
    "process_coverage",
    "One row per part of the variants: the head that covers most tickets, the tail, and all.",
    {
        "part": "text",
        "variants": "integer",
        "cases": "integer",
        "finished_cases": "integer",
        "open_cases": "integer",
        "single_case_variants": "integer",
        "share": "number",
        "total_hours": "number",
        "share_of_hours": "number",
    },
)


def transition_matrix(transitions: pd.DataFrame) -> pd.DataFrame:
    """Describe each directly-follows pair, tell timers from waiting, and rank what remains.

    A transition is a timer when its two most frequent dwell times, counted to the minute, hold at
    least 20 % of at least 20 transitions, each counted one being an hour or longer and at least
    ten ticks of the log's clock. Timers keep their share of all hours and lose their rank.

    Args:
        transitions: `mart_process_transitions`, one row per pair of activities; hours are floats.

    Returns:
        `process_transitions`, longest total hours first. `probability` is out of all transitions
        that leave `from_activity`; shares lie in [0, 1] and are NULL where the log has no hours;
        `bottleneck_rank` is 1 for most hours, NULL for timers.

    Source: van der Aalst, Process Mining, 2nd ed. 2016, ch. 5 (directly-follows graphs).
    """
    if transitions.empty:
        return TRANSITIONS.frame()
    frame = transitions.copy()
    frame["total_hours"] = frame["total_hours"].astype(float)
    leaving = frame.groupby("from_activity")["transitions"].transform("sum")
    frame["probability"] = frame["transitions"] / leaving
    frame = _with_timers(frame)
    all_hours = frame["total_hours"].sum()
    waited = frame["total_hours"].where(~frame["is_timer"])
    frame["share_of_hours"] = frame["total_hours"] / all_hours if all_hours > 0 else np.nan
    frame["share_of_hours_without_timers"] = waited / waited.sum() if waited.sum() > 0 else np.nan
    frame = frame.sort_values(
        ["total_hours", "transitions", "from_activity", "to_activity"],
        ascending=[False, False, True, True],
    )
    frame["bottleneck_rank"] = (~frame["is_timer"]).cumsum().where(~frame["is_timer"])
    return TRANSITIONS.frame(frame)


def _with_timers(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `is_timer`, the share of transitions on its constants, and that evidence in words."""
    shortest = max(TIMER_HOURS, TIMER_TICKS * _clock_tick_hours(frame))
    pile = pd.Series(0.0, index=frame.index)
    words = pd.Series("", index=frame.index)
    for place in ("modal", "second_modal"):
        hours, share = frame[f"{place}_hours"], frame[f"{place}_share"].fillna(0.0)
        counts = (hours >= shortest) & (share * frame["transitions"] >= 2)  # noqa: PLR2004 - a pile is two
        pile = pile + share.where(counts, 0.0)
        text = [f"{s:.1%} on {h:,.2f} h" for h, s in zip(hours, share, strict=True)]
        joined = words.where(words == "", words + ", ") + pd.Series(text, index=frame.index)
        words = joined.where(counts, words)
    is_timer = (pile >= TIMER_SHARE) & (frame["transitions"] >= TIMER_TRANSITIONS)
    return frame.assign(
        is_timer=is_timer,
        timer_share=pile.where(is_timer),
        timer_evidence=words.where(is_timer, None),
    )


def _clock_tick_hours(frame: pd.DataFrame) -> float:
    """Guess the log's clock: days, hours, or minutes and finer, from what all dwells divide by."""
    dwells = pd.concat([frame["modal_hours"], frame["second_modal_hours"]]).dropna()
    dwells = dwells[dwells > 0]
    for tick in (24.0, 1.0):
        # One pair proves nothing about a clock; many pairs on whole days do.
        if len(dwells) >= 5 and bool((dwells % tick == 0).all()):  # noqa: PLR2004 - see above
            return tick
    return 1 / 60


def variants(process_variants: pd.DataFrame) -> pd.DataFrame:
    """Rank the ticket histories by how many tickets share them.

    Args:
        process_variants: `mart_process_variants`, one row per sequence; activities joined ' > '.

    Returns:
        `process_variants`, all of them: the long tail is ranked, never dropped. Equal counts rank
        by name, so ranks never depend on the order of rows. `hours_over_fastest` compares with the
        fastest variant that ends like the most frequent one and holds one ticket in a hundred.

    Source: van der Aalst, Process Mining, 2nd ed. 2016, ch. 2 (traces and their multiplicity).
    """
    if process_variants.empty:
        return VARIANTS.frame()
    frame = process_variants.sort_values(["cases", "variant"], ascending=[False, True])
    cases = frame["cases"].astype("int64")
    share = cases / cases.sum()
    # A merged ticket is quick because it ends otherwise; it is no best practice for the others.
    ends_alike = frame["last_activity"] == frame["last_activity"].iloc[0]
    common = frame["median_cycle_hours"][(share >= COMMON_SHARE) & ends_alike]
    fastest = common.min() if len(common) else frame["median_cycle_hours"].iloc[0]
    return VARIANTS.frame(
        frame.assign(
            variant_rank=range(1, len(frame) + 1),
            share=share,
            cumulative_share=cases.cumsum() / cases.sum(),
            open_cases=cases - frame["finished_cases"].astype("int64"),
            hours_over_fastest=frame["median_cycle_hours"] - fastest,
        )
    )


def coverage(ranked: pd.DataFrame) -> pd.DataFrame:
    """Sum the long tail up beside the head, so that whoever shows the head can say what it leaves.

    Args:
        ranked: `process_variants`, as `variants` ranks them.

    Returns:
        `process_coverage`: `head` is the fewest frequent variants that cover 80 % of the
        tickets, `tail` all others (a row of zeros if there are none), `all` their sum. `open_cases`
        are the tickets that have no end yet; they are counted here and judged nowhere.
    """
    if ranked.empty:
        return COVERAGE.frame()
    before = ranked["cumulative_share"].shift(fill_value=0.0)
    # A share that is summed up from parts may miss the mark by a rounding error.
    is_head = before < HEAD_SHARE - 1e-12
    hours = total(ranked["total_hours"])
    rows = []
    for part, own in (("head", ranked[is_head]), ("tail", ranked[~is_head]), ("all", ranked)):
        summed = own[["cases", "finished_cases", "open_cases", "total_hours"]].sum()
        rows.append(
            {
                "part": part,
                "variants": len(own),
                "single_case_variants": int((own["cases"] == 1).sum()),
                "share": own["cases"].sum() / ranked["cases"].sum(),
                "share_of_hours": ratio(float(summed["total_hours"]), hours),
                **{str(name): value for name, value in summed.items()},
            }
        )
    return COVERAGE.frame(rows)
