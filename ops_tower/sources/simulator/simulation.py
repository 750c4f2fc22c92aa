"""`simulate`: parameters in, six raw tables and the planted truth out.

Belongs here: the order of the parts, and the way of the tickets through them.
Does not belong here: the model itself; each part has a module of its own.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.sources.contract import PRIORITIES, SOURCE_INFO, TRUTH_FILE
from ops_tower.sources.simulator import writing
from ops_tower.sources.simulator.demand import Arrivals, Demand, concatenate
from ops_tower.sources.simulator.engine import Agent, Engine, Group, Ticket
from ops_tower.sources.simulator.itinerary import Itineraries, Planner
from ops_tower.sources.simulator.outcomes import Results, departures, rate
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.roster import Roster
from ops_tower.sources.simulator.states import EventTally
from ops_tower.sources.simulator.steps import Step
from ops_tower.sources.simulator.streams import Codes, Floats, Ints
from ops_tower.sources.simulator.truth import loads, truth
from ops_tower.sources.simulator.vocabulary import CHANNELS

SOURCE: Final = "simulator"
OVERLOAD: Final = 1.0
PROGRESS_REPORTS: Final = 100


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What was written: the fields of `source_info`, then sizes and the load of each group."""

    source: str
    description: str
    as_of: datetime
    rows_read: int
    rows_rejected: int
    tickets: int
    offered_load: dict[str, float]
    """Work that arrived over the time that the staff was there to work, by group."""
    utilisation: dict[str, float]
    """Work done over the time that the staff was there to work, by group."""
    warnings: tuple[str, ...]


def simulate(
    parameters: SimulatorParameters,
    directory: Path,
    *,
    progress: Callable[[float], None] | None = None,
    injected: pd.DataFrame | None = None,
) -> SimulationResult:
    """Simulate a support desk and write its raw tables, `source_info` and truth.json.

    Args:
        parameters: The desk. The same parameters give the same bytes.
        directory: An existing folder for the candidate Parquet files.
        progress: Called now and then with the simulated part of the period, 0 to 1.
        injected: Arrivals that replace the drawn ones: `created_at` (naive UTC) and, if given,
            `type`, `priority`, `channel`, `organization_tier`; what is not given is drawn.

    Returns:
        What was written, how busy the groups were, and a warning for each overloaded one.

    Raises:
        SourceError: Injected arrivals lack `created_at`, lie outside the period, or use a word
            that the contract does not know.
    """
    arriving = _Arriving(parameters, Demand(parameters, injected))
    roster = Roster(parameters)
    groups = [
        Group(roster.longest_work(index), group.rush_queue, group.rush_offline_part)
        for index, group in enumerate(parameters.groups)
    ]
    tally = EventTally(len(groups))
    with writing.EventsFile(parameters, roster.agents, directory) as events_file:

        def record(events: Ints) -> None:
            tally.update(events)
            events_file.append(events, arriving.ticket_ids, arriving.priorities)

        Engine(
            groups,
            [Agent(i, groups[agent.group], agent.pace) for i, agent in enumerate(roster.agents)],
            arrivals=iter(arriving),
            shifts=roster.shifts(),
            end=roster.end,
            sink=record,
            on_time=_reporter(progress, roster.start, roster.end),
        ).run()

    tickets = arriving.tickets()
    states = tally.states(len(tickets))
    results = Results(
        parameters=parameters,
        tickets=tickets,
        states=states,
        scores=rate(tickets, states, parameters),
        departures=departures(
            tickets, states, parameters, arriving.demand.customers, (roster.start, roster.end)
        ),
        steps_taken=tally.steps_taken,
    )
    writing.write_agents(roster.agents, parameters, directory)
    writing.write_sla_policies(parameters, directory)
    writing.write_tickets(results, roster.agents, directory)
    writing.write_costs(results, directory)
    writing.write_ratings(results, roster.end, directory)
    load = loads(parameters, groups, arriving.offered_seconds)
    found = truth(results, groups, load, arriving.demand.planted)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (directory / TRUTH_FILE).write_text(text + "\n", encoding="utf-8")
    return _announced(parameters, load, len(tickets), events_file.rows, directory)


class _Arriving:
    """The tickets of one run on their way into the engine, and what is remembered of them."""

    def __init__(self, parameters: SimulatorParameters, demand: Demand) -> None:
        """Remember nothing yet."""
        self.demand = demand
        self.offered_seconds: Floats = np.zeros(len(parameters.groups))
        self.ticket_ids: Ints = np.empty(0, np.int64)
        self.priorities: Codes = np.empty(0, np.uint8)
        self._planner = Planner(parameters)
        minutes = parameters.flow.patience_minutes
        self._patience = np.array([round(60 * minutes[priority]) for priority in PRIORITIES])
        self._chunks: list[Arrivals] = []

    def __iter__(self) -> Iterator[tuple[int, Ticket]]:
        """Yield every ticket at its instant of creation, with its itinerary."""
        for arrivals, draws in self.demand.chunks():
            plan = self._planner.plan(arrivals, draws)
            first = len(self.ticket_ids)
            self.offered_seconds += plan.work_by_group(len(self.offered_seconds))
            self.ticket_ids = np.concatenate([self.ticket_ids, arrivals.ticket_id])
            self.priorities = np.concatenate([self.priorities, arrivals.priority])
            self._chunks.append(arrivals)
            yield from self._tickets(arrivals, plan, first)

    def tickets(self) -> Arrivals:
        """All tickets that arrived, in the order of creation."""
        return concatenate(self._chunks)

    def _tickets(
        self, arrivals: Arrivals, plan: Itineraries, first: int
    ) -> Iterator[tuple[int, Ticket]]:
        # Lists and bytes, because the engine reads single items, which arrays are slow at.
        is_phone = arrivals.channel == CHANNELS.index("phone")
        columns = zip(
            arrivals.created.tolist(),
            np.where(is_phone, Step.CREATED_BY_PHONE, Step.CREATED).tolist(),
            self._patience[arrivals.priority].tolist(),
            arrivals.topic.tolist(),
            plan.offsets[:-1].tolist(),
            plan.offsets[1:].tolist(),
            strict=True,
        )
        codes, seconds = plan.codes.tobytes(), plan.seconds.tolist()
        for index, (at, created_code, patience, topic, start, end) in enumerate(columns, first):
            yield at, Ticket(index, created_code, patience, topic, codes, seconds, start, end)


def _announced(
    parameters: SimulatorParameters,
    load: dict[str, dict[str, float]],
    tickets: int,
    events: int,
    directory: Path,
) -> SimulationResult:
    """Write `source_info` and say what was done, and which groups were overloaded."""
    result = SimulationResult(
        source=SOURCE,
        description=(
            f"Simulated support desk: {parameters.tickets:,} tickets a year over "
            f"{parameters.days} days, seed {parameters.seed}"
        ),
        as_of=parameters.as_of,
        rows_read=events,
        rows_rejected=0,
        tickets=tickets,
        offered_load={name: own["offered_load"] for name, own in load.items()},
        utilisation={name: own["utilisation"] for name, own in load.items()},
        warnings=tuple(
            f"{name} is offered {own['offered_load']:.0%} of the work that its staff can do; "
            f"it worked at {own['utilisation']:.0%} and its queue grew"
            for name, own in load.items()
            if own["offered_load"] > OVERLOAD
        ),
    )
    row = {field.name: getattr(result, field.name) for field in SOURCE_INFO.schema}
    content = pa.Table.from_pylist([row], schema=SOURCE_INFO.schema)
    pq.write_table(content, directory / f"{SOURCE_INFO.name}.parquet")
    return result


def _reporter(
    progress: Callable[[float], None] | None, start: int, end: int
) -> Callable[[int], None] | None:
    """Turn instants into parts of the period, a hundred times at most."""
    if progress is None:
        return None
    following = start

    def report(at: int) -> None:
        nonlocal following
        if at >= following:
            progress((at - start) / (end - start))
            following = at + (end - start) // PROGRESS_REPORTS

    return report
