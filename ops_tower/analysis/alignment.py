"""Optimal alignment of a ticket's activities with a documented path.

Belongs here: the path as a small automaton, how it is read from data, exact alignment costs.
Does not belong here: what deviations mean for the desk (conformance).
"""

import tomllib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

SEPARATOR: Final = " > "  # between the activities of a variant, in all marts
_PATHS_FILE: Final = Path(__file__).with_name("documented_paths.toml")
_FAR: Final = 10**9  # more moves than any alignment has


class Move(NamedTuple):
    """One move that is not synchronous: 'log' (only the ticket) or 'model' (only the path)."""

    side: str
    activity: str
    position: int


@dataclass(frozen=True)
class Step:
    """A sequence of activities, each a tuple of alternatives; perhaps left out, perhaps again."""

    do: tuple[tuple[str, ...], ...]
    optional: bool = False
    repeatable: bool = False


@dataclass(frozen=True)
class DocumentedPath:
    """A path as an automaton whose states stand between activities.

    State 0 is the start and the last state the end. An edge carries its alternatives; a silent
    edge carries none and costs nothing.
    """

    name: str
    steps: tuple[Step, ...]
    known_by: tuple[str, ...] = ()

    @cached_property
    def edges(self) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
        """All edges as (from, to, alternatives); no alternatives means silent."""
        found: list[tuple[int, int, tuple[str, ...]]] = []
        state = 0
        for step in self.steps:
            first = state
            for alternatives in step.do:
                found.append((state, state + 1, alternatives))
                state += 1
            # A fresh state keeps 'leave this step out' from reaching into the next one's loop.
            found.append((state, state + 1, ()))
            if step.repeatable:
                found.append((state, first, ()))
            state += 1
            if step.optional:
                found.append((first, state, ()))
        return tuple(found)

    @cached_property
    def states(self) -> int:
        """Number of states."""
        return 1 + max((edge[1] for edge in self.edges), default=0)

    @cached_property
    def distance(self) -> npt.NDArray[np.int64]:
        """Fewest activities between any two states, shape (states, states)."""
        far = np.full((self.states, self.states), _FAR, dtype=np.int64)
        np.fill_diagonal(far, 0)
        for start, end, alternatives in self.edges:
            far[start, end] = min(far[start, end], 1 if alternatives else 0)
        for via in range(self.states):
            far = np.minimum(far, far[:, [via]] + far[[via], :])
        return far

    @property
    def shortest(self) -> int:
        """Fewest activities that the path needs from start to end."""
        return int(self.distance[0, -1])

    def describe(self) -> str:
        """The path in words: alternatives by '|', optional steps in [], repeatable ones with +."""
        return SEPARATOR.join(
            f"[{text}]" if step.optional else text
            for step in self.steps
            for text in [
                SEPARATOR.join("|".join(names) for names in step.do)
                + (" +" if step.repeatable else "")
            ]
        )


class Alignment(NamedTuple):
    """An optimal alignment: its exact cost (log moves + model moves) and those moves in order."""

    cost: int
    moves: tuple[Move, ...]


def documented_paths(source: Path = _PATHS_FILE) -> tuple[DocumentedPath, ...]:
    """Read the paths kept as data beside this module (or in another file of that form).

    Raises:
        ValueError: if a step has no activities or an unknown key; the message names path and step.
    """
    content = tomllib.loads(source.read_text(encoding="utf-8"))
    return tuple(_path(entry) for entry in content.get("paths", []))


def _path(entry: Mapping[str, Any]) -> DocumentedPath:
    steps = []
    for number, step in enumerate(entry["steps"], start=1):
        where = f"step {number} of path {entry['name']!r}"
        if unknown := set(step) - {"do", "optional", "repeatable"}:
            raise ValueError(
                f"{where} has unknown keys {sorted(unknown)}: use do, optional, repeatable"
            )
        do = tuple((name,) if isinstance(name, str) else tuple(name) for name in step.get("do", ()))
        if not do or not all(do):
            raise ValueError(f"{where} needs at least one activity in do")
        steps.append(
            Step(do, bool(step.get("optional", False)), bool(step.get("repeatable", False)))
        )
    return DocumentedPath(entry["name"], tuple(steps), tuple(entry.get("known_by", ())))


def align(trace: Sequence[str], path: DocumentedPath) -> Alignment:
    """Align one ticket's activities with a path at the least cost.

    Every activity that only the ticket has (log move) and every one that only the path has (model
    move) costs 1; agreement and silent edges cost 0. Of several optimal alignments the one is
    reported that agrees early and strays late; the cost is the same for all.

    Args:
        trace: the ticket's activities in order; may be empty.
        path: the documented path.

    Source: Adriansyah, Aligning Observed and Modeled Behavior, 2014, ch. 4.
    """
    *_, alignment = align_all([tuple(trace)], path)
    return alignment


def align_all(traces: Iterable[tuple[str, ...]], path: DocumentedPath) -> Iterator[Alignment]:
    """Align traces one after the other; neighbours share the work on their common beginning.

    Sorted traces are therefore the fastest. Each result is what `align` would return.

    `reached[i][s]` is the least cost to have read i activities and to stand in state s, model
    moves included; `landed[i]` the same before those model moves.
    """
    distance = path.distance
    steps_by_name: dict[str, list[tuple[int, int]]] = {}
    for start, end, alternatives in path.edges:
        for name in alternatives:
            steps_by_name.setdefault(name, []).append((start, end))
    landed = [np.where(np.arange(path.states) == 0, 0, _FAR)]
    reached = [distance[0].copy()]
    before: tuple[str, ...] = ()
    for trace in traces:
        shared = 0
        while shared < min(len(before), len(trace)) and before[shared] == trace[shared]:
            shared += 1
        del landed[shared + 1 :], reached[shared + 1 :]
        for name in trace[shared:]:
            now = reached[-1] + 1
            for start, end in steps_by_name.get(name, ()):
                now[end] = min(now[end], reached[-1][start])
            landed.append(now)
            reached.append((now[:, None] + distance).min(axis=0))
        before = trace
        yield _trace_back(trace, path, steps_by_name, landed, reached)


def _trace_back(
    trace: tuple[str, ...],
    path: DocumentedPath,
    steps_by_name: Mapping[str, list[tuple[int, int]]],
    landed: Sequence[npt.NDArray[np.int64]],
    reached: Sequence[npt.NDArray[np.int64]],
) -> Alignment:
    """Walk one optimal alignment backwards and note its moves."""
    moves: list[Move] = []
    state = path.states - 1
    cost = int(reached[len(trace)][state])
    for position in range(len(trace), -1, -1):
        into = landed[position] + path.distance[:, state]
        origin = state if into[state] == reached[position][state] else int(np.argmin(into))
        moves.extend(
            Move("model", activity, position)
            for activity in reversed(_model_moves(path, origin, state))
        )
        state = origin
        if position == 0:
            break
        name = trace[position - 1]
        here, earlier = landed[position][state], reached[position - 1]
        # Of a repeated activity the first one agrees: the later one is the repetition.
        if here == earlier[state] + 1:
            moves.append(Move("log", name, position - 1))
            continue
        state = next(
            start for start, end in steps_by_name[name] if end == state and earlier[start] == here
        )
    return Alignment(cost, tuple(reversed(moves)))


def _model_moves(path: DocumentedPath, start: int, end: int) -> list[str]:
    """Name the activities on a shortest way between two states, silent edges first."""
    best = {start: 0}
    names: dict[int, list[str]] = {start: []}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for origin, target, alternatives in path.edges:
            cost = best[state] + bool(alternatives)
            if origin != state or cost >= best.get(target, _FAR):
                continue
            best[target] = cost
            names[target] = names[state] + ([" or ".join(alternatives)] if alternatives else [])
            # Breadth first over 0 and 1: what costs nothing goes to the front.
            queue.append(target) if alternatives else queue.appendleft(target)
    return names[end]
