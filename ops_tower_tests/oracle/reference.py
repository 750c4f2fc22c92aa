"""What pm4py says about a log or a model, in plain Python values.

Belongs here: calls of pm4py and the translation of our model into a Petri net.
"""

from collections.abc import Iterable
from types import ModuleType

import pandas as pd
import pytest

from ops_tower.analysis.alignment import DocumentedPath

VISIBLE_MOVE = 10_000  # pm4py's cost of a move; silent ones cost 1 and vanish in the division


def pm4py() -> ModuleType:
    """The reference, or a skip that says how to get it."""
    return pytest.importorskip("pm4py", reason="pm4py is not installed: use the group 'oracle'")


def as_pm4py(log: pd.DataFrame) -> pd.DataFrame:
    """A log of case, activity, at in pm4py's column names, in the same order."""
    return log.rename(
        columns={"case": "case:concept:name", "activity": "concept:name", "at": "time:timestamp"}
    ).reset_index(drop=True)


def costs(traces: Iterable[tuple[str, ...]], path: DocumentedPath) -> list[int]:
    """Optimal alignment costs, in visible moves, of traces with a path."""
    reference = pm4py()
    net, start, end = _petri_net(path)
    rows = [
        (f"{number:06d}", activity, pd.Timestamp("2026-01-01") + pd.Timedelta(seconds=second))
        for number, trace in enumerate(traces)
        for second, activity in enumerate(trace)
    ]
    log = as_pm4py(pd.DataFrame(rows, columns=["case", "activity", "at"]))
    found = reference.conformance_diagnostics_alignments(log, net, start, end)
    return [int(alignment["cost"]) // VISIBLE_MOVE for alignment in found]


def _petri_net(path: DocumentedPath) -> tuple[object, object, object]:
    """A place per state, a transition per activity on an edge; no activity is a silent one."""
    from pm4py.objects.petri_net.obj import Marking, PetriNet  # noqa: PLC0415 - may be absent
    from pm4py.objects.petri_net.utils import petri_utils  # noqa: PLC0415 - the same

    net = PetriNet(path.name)
    places = [PetriNet.Place(f"s{state}") for state in range(path.states)]
    net.places.update(places)
    for number, (start, end, names) in enumerate(path.edges):
        for name in names or (None,):
            transition = PetriNet.Transition(f"t{number} {name}", name)
            net.transitions.add(transition)
            petri_utils.add_arc_from_to(places[start], transition, net)
            petri_utils.add_arc_from_to(transition, places[end], net)
    return net, Marking({places[0]: 1}), Marking({places[-1]: 1})
