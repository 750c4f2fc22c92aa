"""How closely tickets follow the documented path, and what leaving it costs.

Belongs here: which path to measure against, fitness, typed deviations with tickets and hours.
Does not belong here: how an alignment is found (alignment), the paths (documented_paths.toml), how
many tickets took each variant (the process marts).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ops_tower.analysis.alignment import SEPARATOR, Alignment, DocumentedPath, Move, Step, align_all
from ops_tower.analysis.frames import Output, ratio
from ops_tower.analysis.intervals import wilson

CONFORMANCE: Final = Output(
    "conformance",
    "One row per measure of how the finished tickets fit the documented path.",
    {"measure": "text", "value": "number", "detail": "text"},
)

DEVIATIONS: Final = Output(
    "conformance_deviations",
    "One row per kind of deviation and activity, the most tickets first.",
    {
        "kind": "text",
        "activity": "text",
        "tickets": "integer",
        "hours": "number",
        "occurrences": "integer",
        "share": "number",
        "lower_95": "number",
        "upper_95": "number",
    },
)

ALIGNED_VARIANTS: Final = Output(
    "conformance_variants",
    "One row per variant with a finished ticket: its distance from the documented path.",
    {
        "variant": "text",
        "finished_cases": "integer",
        "cost": "integer",
        "fitness": "number",
        "is_conforming": "flag",
        "deviations": "text",
    },
)


class Conformance(NamedTuple):
    """The three result frames: `conformance`, `conformance_deviations`, `conformance_variants`."""

    measures: pd.DataFrame
    deviations: pd.DataFrame
    variants: pd.DataFrame


class _Deviation(NamedTuple):
    """One move off the path in one variant, with its part of the detour's hours per ticket."""

    kind: str
    activity: str
    hours: float


def choose_path(
    process_variants: pd.DataFrame,
    transitions: pd.DataFrame,
    documented: Iterable[DocumentedPath],
) -> DocumentedPath | None:
    """Pick the path to measure against: a documented one if its activities occur, else a variant.

    Args:
        process_variants: `mart_process_variants`.
        transitions: `process_transitions`, for the names of activities.
        documented: candidates in order of preference.

    Returns:
        The first documented path all of whose `known_by` occur; else the most frequent finished
        variant (by name among equals; of all variants where no end is known); None without any.
    """
    if process_variants.empty:
        return None
    traces = split_variants(process_variants, transitions)
    seen = {name for trace in traces for name in trace}
    for path in documented:
        if path.known_by and seen.issuperset(path.known_by):
            return path
    weights = _judged(process_variants).tolist()
    texts = process_variants["variant"].tolist()
    first = min(range(len(texts)), key=lambda row: (-weights[row], texts[row]))
    return DocumentedPath(
        "most frequent variant", tuple(Step(((name,),)) for name in traces[first])
    )


def split_variants(
    process_variants: pd.DataFrame, transitions: pd.DataFrame
) -> list[tuple[str, ...]]:
    """Take variants apart into activities, even where a name contains the separator itself.

    Raises:
        ValueError: if a variant cannot be put together from known activities; the marts disagree.
    """
    names = {*transitions["from_activity"], *transitions["to_activity"]}
    counts = process_variants["activities"].astype("int64")
    return [
        _split(str(text), int(count), names)
        for text, count in zip(process_variants["variant"], counts, strict=True)
    ]


def _split(text: str, count: int, names: set[str]) -> tuple[str, ...]:
    """Cut `text` into `count` activities; only pieces that are no activity are joined again."""
    pieces = text.split(SEPARATOR)
    if len(pieces) == count:
        return tuple(pieces)
    # ways[i] holds, by number of activities, one way to cut the first i pieces.
    ways: list[dict[int, tuple[str, ...]]] = [{0: ()}]
    for end in range(1, len(pieces) + 1):
        found: dict[int, tuple[str, ...]] = {}
        for start in range(end):
            name = SEPARATOR.join(pieces[start:end])
            if name in names or (count == 1 and end - start == len(pieces)):
                found |= {length + 1: (*way, name) for length, way in ways[start].items()}
        ways.append(found)
    if count not in ways[-1]:
        raise ValueError(f"variant {text!r} is not made of {count} known activities")
    return ways[-1][count]


def _judged(process_variants: pd.DataFrame) -> pd.Series:
    """Weight of each variant: its finished cases; all cases where no end is known at all."""
    finished = process_variants["finished_cases"].fillna(0).astype("int64")
    return finished if finished.sum() else process_variants["cases"].astype("int64")


def conformance(
    process_variants: pd.DataFrame, transitions: pd.DataFrame, path: DocumentedPath | None
) -> Conformance:
    """Measure how finished tickets fit a path, by optimal alignment of each variant.

    Fitness of a ticket is 1 - cost / (its activities + the shortest path); it conforms when its
    cost is 0. A deviation is 'skipped' (on the path, not in the ticket), 'repeated' (in the ticket,
    not on the path there, and seen earlier in the ticket) or 'inserted' (the same, not seen
    earlier).

    `hours` compare detours: between two activities where ticket and path agree, the mean hours of
    the transitions taken less those of the transitions that the path would have taken, timers
    counting nothing; a detour's hours are split evenly over its deviations. They are negative
    where leaving the path is faster, and NULL where the path's own way there was never taken.

    Args:
        process_variants: `mart_process_variants`.
        transitions: `process_transitions`, for mean hours and timers.
        path: the path to measure against; None (no variants at all) gives NULL measures.

    Returns:
        Measures (`conforming_share` and `mean_fitness` in [0, 1] over judged tickets, counts of
        judged, conforming and left-out tickets, the path in words), deviations, and variants.

    Source: Adriansyah 2014, ch. 5 (fitness); van der Aalst 2016, ch. 8.
    """
    if path is None or process_variants.empty:
        nothing = _measures(None, 0, 0, "There are no ticket histories.")
        return Conformance(nothing, DEVIATIONS.frame(), ALIGNED_VARIANTS.frame())
    frame = process_variants.assign(judged=_judged(process_variants))
    frame["trace"] = pd.Series(split_variants(process_variants, transitions), frame.index)
    left_out = int(frame["cases"].sum()) - int(frame["judged"].sum())
    frame = frame[frame["judged"] > 0].sort_values("trace").reset_index(drop=True)
    alignments = list(align_all(frame["trace"], path))
    lengths = frame["trace"].map(len)
    frame["cost"] = [alignment.cost for alignment in alignments]
    frame["fitness"] = 1 - frame["cost"] / (lengths + path.shortest)
    frame["is_conforming"] = frame["cost"] == 0
    hours = _mean_hours(transitions)
    found = [
        _deviations_of(trace, alignment, hours)
        for trace, alignment in zip(frame["trace"], alignments, strict=True)
    ]
    frame["deviations"] = ["; ".join(f"{own.kind} {own.activity}" for own in row) for row in found]
    frame["finished_cases"] = frame["judged"]
    has_ends = bool(process_variants["finished_cases"].fillna(0).sum())
    note = (
        f"{left_out} open tickets are left out."
        if has_ends
        else "No ticket is known to be finished, so all are judged."
    )
    ordered = frame.sort_values(["finished_cases", "variant"], ascending=[False, True])
    return Conformance(
        _measures(frame, left_out, path.shortest, f"{path.name}: {path.describe()}.", note),
        _deviations(frame["judged"].tolist(), found),
        ALIGNED_VARIANTS.frame(ordered),
    )


def _mean_hours(transitions: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Mean hours by pair of activities; a timer is nobody's detour and counts nothing."""
    hours = transitions["mean_hours"].mask(transitions["is_timer"].astype(bool), 0.0)
    pairs = zip(transitions["from_activity"], transitions["to_activity"], strict=True)
    return dict(zip(pairs, hours.astype(float), strict=True))


def _deviations_of(
    trace: Sequence[str], alignment: Alignment, hours: Mapping[tuple[str, str], float]
) -> list[_Deviation]:
    """Type each move off the path, and give it its part of its detour's hours."""
    off = {move.position for move in alignment.moves if move.side == "log"}
    agreed = [place for place in range(len(trace)) if place not in off]
    found: list[_Deviation] = []
    for before, after in zip([-1, *agreed], [*agreed, len(trace)], strict=True):
        # Model moves stand before the event at their position, log moves at it.
        moves = [move for move in alignment.moves if before < move.position <= after]
        if not moves:
            continue
        anchors = (
            trace[before] if before >= 0 else None,
            trace[after] if after < len(trace) else None,
        )
        taken = _way(anchors, trace[before + 1 : after], hours)
        documented = _way(anchors, [move.activity for move in moves if move.side == "model"], hours)
        share = (taken - documented) / len(moves)
        found += [_Deviation(_kind(move, trace), move.activity, share) for move in moves]
    return found


def _way(
    anchors: tuple[str | None, str | None],
    between: Sequence[str],
    hours: Mapping[tuple[str, str], float],
) -> float:
    """Mean hours along a way from one anchor over some activities to the other; NaN if unknown."""
    names = [name for name in (anchors[0], *between, anchors[1]) if name is not None]
    return float(sum(hours.get(pair, np.nan) for pair in pairwise(names)))


def _kind(move: Move, trace: Sequence[str]) -> str:
    """Name a move: skipped, repeated or inserted."""
    if move.side == "model":
        return "skipped"
    return "repeated" if move.activity in trace[: move.position] else "inserted"


def _measures(
    frame: pd.DataFrame | None, left_out: int, shortest: int, path: str, note: str = ""
) -> pd.DataFrame:
    """Sum the aligned variants up, weighted by their judged tickets."""
    judged = 0 if frame is None else int(frame["judged"].sum())
    conforming = 0 if frame is None else int(frame["judged"][frame["is_conforming"]].sum())
    fitness = 0.0 if frame is None else float((frame["fitness"] * frame["judged"]).sum())
    rows = [
        ("conforming_share", ratio(conforming, judged), f"{path} {note}".strip()),
        ("mean_fitness", ratio(fitness, judged), f"{path} {note}".strip()),
        ("judged_tickets", judged, note),
        ("conforming_tickets", conforming, ""),
        ("left_out_tickets", left_out, note),
        ("shortest_path_activities", shortest, path),
    ]
    return CONFORMANCE.frame(
        {"measure": name, "value": value, "detail": detail or None} for name, value, detail in rows
    )


def _deviations(judged: Sequence[int], found: Sequence[Sequence[_Deviation]]) -> pd.DataFrame:
    """Sum deviations over variants: tickets, occurrences and hours."""
    rows = []
    for tickets, deviations in zip(judged, found, strict=True):
        seen: set[tuple[str, str]] = set()
        for own in deviations:
            key = (own.kind, own.activity)
            rows.append(
                {
                    "kind": own.kind,
                    "activity": own.activity,
                    # A ticket that deviates twice in the same way is still one ticket.
                    "tickets": 0 if key in seen else tickets,
                    "occurrences": tickets,
                    "hours": tickets * own.hours,
                }
            )
            seen.add(key)
    if not rows:
        return DEVIATIONS.frame()
    by_kind = pd.DataFrame(rows).groupby(["kind", "activity"], as_index=False)
    summed = by_kind.sum(min_count=1)
    summed = summed.join(wilson(summed["tickets"], pd.Series(sum(judged), summed.index)))
    order = ["tickets", "kind", "activity"]
    return DEVIATIONS.frame(summed.sort_values(order, ascending=[False, True, True]))
