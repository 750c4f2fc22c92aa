"""Optimal alignments against a second, naive implementation, and the paths kept as data."""

import heapq
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_tower.analysis.alignment import DocumentedPath, Step, align, align_all, documented_paths


def naive_cost(trace: tuple[str, ...], path: DocumentedPath) -> int:
    """Dijkstra over pairs of (activities read, state), one move at a time."""
    queue, done = [(0, 0, 0)], set()
    while queue:
        cost, read, state = heapq.heappop(queue)
        if (read, state) == (len(trace), path.states - 1):
            return cost
        if (read, state) in done:
            continue
        done.add((read, state))
        if read < len(trace):
            heapq.heappush(queue, (cost + 1, read + 1, state))
        for start, end, names in path.edges:
            if start != state:
                continue
            heapq.heappush(queue, (cost + bool(names), read, end))
            if read < len(trace) and trace[read] in names:
                heapq.heappush(queue, (cost, read + 1, end))
    raise AssertionError("the end was not reached")


def words(path: DocumentedPath, longest: int) -> set[tuple[str, ...]]:
    """All activity sequences of a path up to a length."""
    found, seen, open_ = set(), set(), [(0, ())]
    while open_:
        state, word = open_.pop()
        if (state, word) in seen or len(word) > longest:
            continue
        seen.add((state, word))
        if state == path.states - 1:
            found.add(word)
        for start, end, names in path.edges:
            if start == state:
                open_ += [(end, (*word, name)) for name in names] or [(end, word)]
    return found


ALTERNATIVES = st.lists(st.sampled_from("ABC"), min_size=1, max_size=2, unique=True).map(tuple)
STEPS = st.builds(
    Step,
    do=st.lists(ALTERNATIVES, min_size=1, max_size=2).map(tuple),
    optional=st.booleans(),
    repeatable=st.booleans(),
)
PATHS = st.lists(STEPS, min_size=1, max_size=4).map(lambda steps: DocumentedPath("p", tuple(steps)))
TRACES = st.lists(st.sampled_from("ABCD"), max_size=7).map(tuple)


def path(*steps: Step) -> DocumentedPath:
    return DocumentedPath("p", steps)


def step(*names: str, optional: bool = False, repeatable: bool = False) -> Step:
    return Step(tuple((name,) for name in names), optional, repeatable)


@given(TRACES, PATHS)
def test_the_cost_is_that_of_a_naive_shortest_path(
    trace: tuple[str, ...], model: DocumentedPath
) -> None:
    assert align(trace, model).cost == naive_cost(trace, model)


@given(TRACES, PATHS)
def test_the_moves_explain_the_cost_and_turn_the_trace_into_a_word_of_the_path(
    trace: tuple[str, ...], model: DocumentedPath
) -> None:
    alignment = align(trace, model)
    assert len(alignment.moves) == alignment.cost
    dropped = [move.position for move in alignment.moves if move.side == "log"]
    assert all(
        trace[move.position] == move.activity for move in alignment.moves if move.side == "log"
    )
    word: list[tuple[str, ...]] = []
    for position in range(len(trace) + 1):
        word += [
            tuple(move.activity.split(" or "))
            for move in alignment.moves
            if move.side == "model" and move.position == position
        ]
        if position < len(trace) and position not in dropped:
            word.append((trace[position],))
    assert set(product(*word)) & words(model, len(word))


@given(st.lists(TRACES, max_size=6), PATHS)
def test_traces_aligned_one_after_the_other_cost_what_each_costs_alone(
    traces: list[tuple[str, ...]], model: DocumentedPath
) -> None:
    assert list(align_all(traces, model)) == [align(trace, model) for trace in traces]


@given(PATHS)
def test_every_word_of_a_path_costs_nothing(model: DocumentedPath) -> None:
    for word in words(model, 5):
        assert align(word, model).cost == 0


def test_optional_steps_may_be_left_out_and_others_may_not() -> None:
    model = path(step("A"), step("B", optional=True), step("C"))
    assert align("AC", model).cost == 0
    assert align("ABC", model).cost == 0
    assert align("AB", model).cost == 1
    assert align("ABBC", model).cost == 1


def test_a_loop_repeats_its_whole_sequence() -> None:
    model = path(step("A"), step("B", "C", optional=True, repeatable=True), step("D"))
    assert align("AD", model).cost == 0
    assert align("ABCBCD", model).cost == 0
    assert align("ABBCD", model).cost == 1
    assert align("ABD", model).cost == 1


def test_leaving_a_step_out_does_not_reach_into_the_loop_before_it() -> None:
    model = path(step("A", repeatable=True), step("B", optional=True), step("C", repeatable=True))
    assert align("ABAC", model).cost == 1


def test_of_two_equal_activities_the_second_is_the_repetition() -> None:
    moves = align("ABB", path(step("A"), step("B"))).moves
    assert [(move.side, move.activity, move.position) for move in moves] == [("log", "B", 2)]


def test_an_empty_trace_skips_the_shortest_way() -> None:
    moves = align("", path(step("A"), step("B", optional=True), step("C"))).moves
    assert [(move.side, move.activity) for move in moves] == [("model", "A"), ("model", "C")]


def test_the_desks_own_path_reads_as_documented() -> None:
    desk = documented_paths()[0]
    assert desk.name == "support desk"
    assert desk.shortest == 3
    happy = "Created,First reply,Customer replied,Replied,Customer replied,Replied,Solved,Closed"
    assert align(happy.split(","), desk).cost == 0
    assert align(["Created", "First reply", "Escalated", "Solved"], desk).cost == 1
    assert desk.describe() == (
        "Created > First reply > [Customer replied > Replied +] > Solved > [Closed]"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("do = []", "step 1 of path 'x' needs at least one activity"),
        ('do = ["A", []]', "step 1 of path 'x' needs at least one activity"),
        ('do = ["A"]\nmay = true', "step 1 of path 'x' has unknown keys"),
    ],
)
def test_a_broken_path_file_names_the_path_and_the_step(
    tmp_path: Path, text: str, message: str
) -> None:
    source = tmp_path / "paths.toml"
    source.write_text(f'[[paths]]\nname = "x"\n[[paths.steps]]\n{text}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        documented_paths(source)


def test_alternatives_are_equally_good(tmp_path: Path) -> None:
    source = tmp_path / "paths.toml"
    source.write_text(
        '[[paths]]\nname = "x"\nsteps = [{do = ["A", ["B", "C"]]}]\n', encoding="utf-8"
    )
    model = documented_paths(source)[0]
    assert [align(trace, model).cost for trace in ("AB", "AC", "AD", "A")] == [0, 0, 2, 1]
    assert align("A", model).moves[0].activity == "B or C"
