"""The process marts of a real log, made in the plainest way: a second road to the same figures.

Belongs here: reading XES with the standard library and counting with pandas, event by event.
The logs carry their own terms and are not part of the project; without them the tests skip.
"""

import gzip
import os
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from ops_tower_tests.analysis.marts import TRANSITIONS, VARIANTS, mart


def real_log(name: str) -> Path:
    """Path of a real log, or a skip that says where it was looked for."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("OPS_TOWER_REAL_LOGS", beside))
    path = folder / f"{name}.xes.gz"
    if not path.exists():
        pytest.skip(f"no {path.name} in {folder}; set OPS_TOWER_REAL_LOGS to its folder")
    return path


def events(path: Path) -> pd.DataFrame:
    """case, activity, at (UTC) in the order of the file."""
    rows: list[tuple[str, str, str]] = []
    with gzip.open(path) as file:
        for _, element in ET.iterparse(file):  # noqa: S314 - the file is the tester's own
            if not element.tag.endswith("trace"):
                continue
            case = _values(element)["concept:name"]
            for event in element:
                if event.tag.endswith("event"):
                    found = _values(event)
                    rows.append((case, found["concept:name"], found["time:timestamp"]))
            element.clear()
    frame = pd.DataFrame(rows, columns=["case", "activity", "at"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True, format="ISO8601")
    return frame.assign(place=range(len(frame))).sort_values(["case", "at", "place"])


def _values(element: ET.Element) -> dict[str, str]:
    return {child.get("key", ""): child.get("value", "") for child in element}


def process_marts(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`mart_process_transitions` and `mart_process_variants` of a log; every case is finished."""
    dwells: dict[tuple[str, str], list[tuple[str, float]]] = {}
    histories: dict[tuple[str, ...], list[float]] = {}
    for case, own in log.groupby("case", sort=False):
        names, times = own["activity"].tolist(), own["at"].tolist()
        hours = (times[-1] - times[0]).total_seconds() / 3600
        histories.setdefault(tuple(names), []).append(hours)
        for here in range(len(names) - 1):
            wait = (times[here + 1] - times[here]).total_seconds() / 3600
            dwells.setdefault((names[here], names[here + 1]), []).append((str(case), wait))
    transitions = mart(TRANSITIONS, [_transition(pair, own) for pair, own in dwells.items()])
    variants = mart(VARIANTS, [_variant(names, own) for names, own in histories.items()])
    return transitions, variants


def _transition(pair: tuple[str, str], own: list[tuple[str, float]]) -> dict[str, object]:
    hours = pd.Series([wait for _, wait in own])
    # To the nearest minute: a timer's job runs some seconds after its time is up.
    piles = Counter((60 * hours).round() / 60).most_common(2)
    second = piles[1] if len(piles) > 1 else (None, 0)
    return {
        "from_activity": pair[0],
        "to_activity": pair[1],
        "transitions": len(own),
        "cases": len({case for case, _ in own}),
        "total_hours": hours.sum(),
        "mean_hours": hours.mean(),
        **{f"p{share}_hours": hours.quantile(share / 100) for share in (25, 75, 90)},
        "median_hours": hours.median(),
        "modal_hours": piles[0][0],
        "modal_share": piles[0][1] / len(own),
        "second_modal_hours": second[0],
        "second_modal_share": second[1] / len(own),
    }


def _variant(names: tuple[str, ...], hours: list[float]) -> dict[str, object]:
    return {
        "variant": " > ".join(names),
        "activities": len(names),
        "cases": len(hours),
        "finished_cases": len(hours),
        "median_cycle_hours": pd.Series(hours).median(),
        "total_hours": sum(hours),
        "first_activity": names[0],
        "last_activity": names[-1],
    }
