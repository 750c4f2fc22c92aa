"""An event log of any size, as the raw table `ticket_events`: what the miners are measured on.

Belongs here: a made-up desk whose tickets take ways of a desk's kind, drawn in bulk.
Does not belong here: a desk whose figures mean something (the simulator), measuring (process).
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.sources.contract import TICKET_EVENTS

# From -> (to, probability, mean hours). A ticket starts as Created and ends when nothing follows.
STEPS: Final = {
    "Created": (("Assigned", 0.9, 0.5), ("First reply", 0.06, 1.0), ("Merged", 0.04, 3.0)),
    "Assigned": (("First reply", 0.93, 2.0), ("Escalated", 0.05, 5.0), ("Merged", 0.02, 3.0)),
    "First reply": (("Customer replied", 0.4, 9.0), ("Solved", 0.4, 3.0), ("Escalated", 0.2, 4.0)),
    "Customer replied": (("Replied", 0.85, 3.0), ("Escalated", 0.1, 4.0), ("Solved", 0.05, 2.0)),
    "Replied": (("Customer replied", 0.3, 9.0), ("Solved", 0.6, 3.0), ("Escalated", 0.1, 4.0)),
    "Escalated": (("Replied", 0.6, 20.0), ("Reassigned", 0.15, 12.0), ("On hold", 0.25, 8.0)),
    "Reassigned": (("Escalated", 0.55, 6.0), ("Replied", 0.45, 6.0)),
    "On hold": (("Replied", 0.9, 60.0), ("Solved", 0.1, 40.0)),
    "Solved": (("Closed", 0.9, 96.0), ("Reopened", 0.08, 20.0)),
    "Reopened": (("Replied", 0.7, 5.0), ("Escalated", 0.3, 5.0)),
}
TIMER: Final = ("Solved", "Closed")  # takes its hours to the second, each time
TICKETS_AT_ONCE: Final = 200_000
EVENTS_PER_TICKET: Final = 7  # a little more, in fact: a log is never short
YEAR_MICROSECONDS: Final = 365 * 86_400 * 10**6
FIRST_MICROSECOND: Final = 1_735_689_600 * 10**6  # 2025-01-01
HOUR_MICROSECONDS: Final = 3_600 * 10**6

_NAMES: Final = list(dict.fromkeys([*STEPS, *(to for ways in STEPS.values() for to, *_ in ways)]))

Integers = npt.NDArray[np.int64]


def write_log(path: Path, events: int, seed: int = 1) -> int:
    """Write a log of `events` events, or some per cent more, and return how many they are.

    Rows come in the order of time within each part of 200,000 tickets, as an export in parts has
    them; instants have microseconds.
    """
    rng = np.random.default_rng(seed)
    written, ticket = 0, 0
    tickets = -(-events // EVENTS_PER_TICKET)
    parts = -(-tickets // TICKETS_AT_ONCE)
    # The parts follow one another through the year, so a larger log is a busier desk.
    with pq.ParquetWriter(path, TICKET_EVENTS.schema) as writer:
        for part in range(parts):
            first = FIRST_MICROSECOND + YEAR_MICROSECONDS * part // parts
            size = tickets * (part + 1) // parts - tickets * part // parts
            starts = first + rng.integers(0, YEAR_MICROSECONDS // parts, size)
            cases, codes, instants = _histories(starts, rng)
            order = np.argsort(instants, kind="stable")
            columns = {
                "event_id": np.arange(written, written + len(order)) + 1,
                "ticket_id": cases[order] + ticket + 1,
                "event_at": instants[order].astype("datetime64[us]"),
                "activity": pa.array(np.array(_NAMES, dtype=object)[codes[order]]),
                "source_position": np.arange(written, written + len(order)) + 1,
            }
            writer.write_table(_as_contract(columns, len(order)))
            written += len(order)
            ticket += size
    return written


def _histories(starts: Integers, rng: np.random.Generator) -> tuple[Integers, Integers, Integers]:
    """Ticket, activity and instant of each event, step by step for all tickets at once."""
    case = np.arange(len(starts))
    code = np.zeros(len(starts), dtype=np.int64)
    instant = starts.copy()
    found = [(case, code, instant)]
    while len(case):
        going, following, hours = _draw(code, rng)
        case = case[going]
        instant = instant[going] + (hours * HOUR_MICROSECONDS).astype(np.int64)
        code = following
        found.append((case, code, instant))
    cases, codes, instants = zip(*found, strict=True)
    return np.concatenate(cases), np.concatenate(codes), np.concatenate(instants)


def _draw(
    code: Integers, rng: np.random.Generator
) -> tuple[npt.NDArray[np.bool_], Integers, npt.NDArray[np.float64]]:
    """Which tickets go on, to what, and after how many hours."""
    chance = rng.random(len(code))
    following = np.full(len(code), -1)
    hours = np.zeros(len(code))
    for name, ways in STEPS.items():
        passed = 0.0
        for to, probability, mean in ways:
            goes = (code == _NAMES.index(name)) & (chance >= passed)
            goes &= chance < passed + probability
            following[goes] = _NAMES.index(to)
            drawn = rng.exponential(mean, goes.sum())
            hours[goes] = mean if (name, to) == TIMER else drawn
            passed += probability
    going = following >= 0
    return going, following[going], hours[going]


def _as_contract(columns: dict[str, object], rows: int) -> pa.Table:
    """The raw table with what a plain event log leaves unsaid as NULL."""
    return pa.table(
        {
            field.name: columns.get(field.name, pa.nulls(rows, field.type))
            for field in TICKET_EVENTS.schema
        },
        schema=TICKET_EVENTS.schema,
    )
