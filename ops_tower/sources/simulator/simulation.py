"""`simulate`: parameters in, six raw tables and the planted truth out.

Belongs here: the order of the parts, and the tables that need several of them at once.
Does not belong here: the model itself; each part has a module of its own.
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.sources.contract import PRIORITIES, SOURCE_INFO, TICKET_EVENTS
from ops_tower.sources.simulator import truth, writing
from ops_tower.sources.simulator.demand import (
    CHANNELS,
    Arrivals,
    Codes,
    Demand,
    Ints,
    concatenate,
)
from ops_tower.sources.simulator.engine import Agent, Engine, Group, Ticket
from ops_tower.sources.simulator.itinerary import Itineraries, Planner, Step
from ops_tower.sources.simulator.outcomes import COMMENT_DRAW, TicketStates, departures, rate
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.roster import Roster

logger = logging.getLogger(__name__)

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


class _Desk:
    """One run's tickets, gathered while they stream from demand through the engine to the files."""

    def __init__(self, parameters: SimulatorParameters, injected: pd.DataFrame | None) -> None:
        self.parameters = parameters
        self.demand = Demand(parameters, injected)
        self.roster = Roster(parameters)
        count = len(parameters.groups)
        self.groups = [
            Group(self.roster.longest_work(index), group.rush_queue, group.rush_offline_part)
            for index, group in enumerate(parameters.groups)
        ]
        self.states = TicketStates(count)
        self.offered_seconds = np.zeros(count)
        self.ticket_ids: Ints = np.empty(0, np.int64)
        self.priorities: Codes = np.empty(0, np.uint8)
        self._chunks: list[Arrivals] = []

    def arriving(self) -> Iterator[tuple[int, Ticket]]:
        """Yield every ticket at its instant of creation, with its itinerary."""
        planner = Planner(self.parameters)
        for arrivals, draws in self.demand.chunks():
            plan = planner.plan(arrivals, draws)
            first = len(self.ticket_ids)
            self.offered_seconds += plan.work_by_group(len(self.groups))
            self.ticket_ids = np.concatenate([self.ticket_ids, arrivals.ticket_id])
            self.priorities = np.concatenate([self.priorities, arrivals.priority])
            self._chunks.append(arrivals)
            yield from self._tickets(arrivals, plan, first)

    def _tickets(
        self, arrivals: Arrivals, plan: Itineraries, first: int
    ) -> Iterator[tuple[int, Ticket]]:
        # Lists and bytes, because the engine reads single items, which arrays are slow at.
        minutes = self.parameters.flow.patience_minutes
        patience = np.array([round(60 * minutes[priority]) for priority in PRIORITIES])
        is_phone = arrivals.channel == CHANNELS.index("phone")
        columns = zip(
            arrivals.created.tolist(),
            np.where(is_phone, Step.CREATED_BY_PHONE, Step.CREATED).tolist(),
            patience[arrivals.priority].tolist(),
            arrivals.topic.tolist(),
            *(bounds.tolist() for bounds in (plan.offsets[:-1], plan.offsets[1:])),
            strict=True,
        )
        codes, seconds = plan.codes.tobytes(), plan.seconds.tolist()
        for index, (at, created_code, waits, topic, start, end) in enumerate(columns, first):
            yield at, Ticket(index, created_code, waits, topic, codes, seconds, start, end)

    def tickets(self) -> Arrivals:
        """All tickets that arrived, in the order of creation."""
        return concatenate(self._chunks)


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
        What was written, and how busy the groups were.

    Raises:
        ValueError: Injected arrivals lack `created_at`, lie outside the period, or use a word
            that the contract does not know.
    """
    desk = _Desk(parameters, injected)
    roster, states = desk.roster, desk.states
    agents = [
        Agent(index, desk.groups[record.group], record.pace)
        for index, record in enumerate(roster.agents)
    ]
    columns = writing.EventColumns(parameters, roster.agents)
    with writing.TableFile(TICKET_EVENTS, directory) as events_file:

        def sink(events: Ints) -> None:
            states.update(events)
            events_file.write(columns.columns(events, desk.ticket_ids, desk.priorities))

        engine = Engine(
            desk.groups,
            agents,
            desk.arriving(),
            roster.shifts(),
            end=roster.end,
            sink=sink,
            on_time=_reporter(progress, roster.start, roster.end),
        )
        engine.run()
    _write_the_rest(desk, directory)
    result = _result(desk, events_file.rows)
    for warning in result.warnings:
        logger.warning(warning)
    source_info = pa.table(
        {
            field.name: pa.array([getattr(result, field.name)], field.type)
            for field in SOURCE_INFO.schema
        }
    )
    pq.write_table(source_info, directory / f"{SOURCE_INFO.name}.parquet")
    return result


def _write_the_rest(desk: _Desk, directory: Path) -> None:
    """Work out what came of the tickets, and write all tables but the events."""
    parameters, states, tickets = desk.parameters, desk.states, desk.tickets()
    states.finish(len(tickets))
    left = departures(
        tickets, states, parameters, desk.demand.customers, desk.roster.start, desk.roster.end
    )
    scores = rate(tickets, states, parameters)
    is_rated = scores.is_answered & (scores.rated_at < desk.roster.end)
    writing.write_agents(desk.roster.agents, parameters, directory)
    writing.write_sla_policies(parameters, directory)
    writing.write_tickets(tickets, states, left, desk.roster.agents, parameters, directory)
    writing.write_costs(tickets.ticket_id, states.handle_seconds, parameters, directory)
    writing.write_ratings(
        tickets.ticket_id[is_rated],
        scores.score[is_rated],
        scores.rated_at[is_rated],
        tickets.outcome_draw[is_rated, COMMENT_DRAW],
        parameters.satisfaction.comment_share,
        directory,
    )
    found = truth.truth(
        parameters,
        tickets,
        states,
        scores,
        left,
        desk.demand.planted,
        desk.groups,
        desk.offered_seconds,
    )
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (directory / "truth.json").write_text(text + "\n", encoding="utf-8")


def _result(desk: _Desk, events: int) -> SimulationResult:
    parameters = desk.parameters
    loads = truth.loads(parameters, desk.groups, desk.offered_seconds)
    warnings = tuple(
        f"{name} is offered {load['offered_load']:.0%} of the work that its staff can do; "
        "its queue grows to the end of the simulation"
        for name, load in loads.items()
        if load["offered_load"] > OVERLOAD
    )
    return SimulationResult(
        source=SOURCE,
        description=(
            f"Simulated support desk: {parameters.tickets:,} tickets a year over "
            f"{parameters.days} days, seed {parameters.seed}"
        ),
        as_of=parameters.as_of,
        rows_read=events,
        rows_rejected=0,
        tickets=len(desk.ticket_ids),
        offered_load={name: load["offered_load"] for name, load in loads.items()},
        utilisation={name: load["utilisation"] for name, load in loads.items()},
        warnings=warnings,
    )


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
