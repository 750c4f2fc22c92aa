"""From the chosen source to `raw/`: extract into a folder of candidates, then admit them.

Belongs here: which source the settings name and what it is asked for. Does not belong here: how a
source reads (`event_log`, `simulator`), or which rows are refused (`admission`).
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_tower.settings import Settings
from ops_tower.sources.admission import Admission, admit
from ops_tower.sources.errors import SourceError

if TYPE_CHECKING:
    from ops_tower.sources.simulator import SimulatorParameters

Sentences = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Landed:
    """What was admitted, and what the source has to say about it."""

    admission: Admission
    notes: Sentences = ()
    """What it decided where its files left a choice."""
    warnings: Sentences = ()
    """What a person should look at before trusting the figures."""


def land(settings: Settings, progress: Callable[[float], None] | None = None) -> Landed:
    """Fill `raw/` from the source that `settings` name; on any error it stays as it was.

    Raises:
        SourceError: the source cannot be read, or holds no row that can be used.
    """
    incoming = settings.places.incoming
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    extract = _simulate if settings.source == "simulator" else _read_event_log
    try:
        notes, warnings = extract(settings, progress)
        return Landed(admit(incoming, settings.places.raw), notes, warnings)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def simulator_parameters(settings: Settings) -> "SimulatorParameters":
    """The simulated desk that `settings` ask for: flags before the file, the file before defaults.

    Raises:
        SourceError: the file cannot be read, or a value is refused.
    """
    from ops_tower.sources.simulator import SimulatorParameters  # noqa: PLC0415, imports pandas

    return SimulatorParameters.load(
        settings.parameters,
        otherwise={"as_of": settings.last_midnight()},
        tickets=settings.tickets,
        seed=settings.seed,
        as_of=settings.as_of,
    )


def _simulate(
    settings: Settings, progress: Callable[[float], None] | None
) -> tuple[Sentences, Sentences]:
    from ops_tower.sources.simulator import simulate  # noqa: PLC0415, imports pandas

    result = simulate(simulator_parameters(settings), settings.places.incoming, progress=progress)
    return (), result.warnings


def _read_event_log(
    settings: Settings, progress: Callable[[float], None] | None
) -> tuple[Sentences, Sentences]:
    from ops_tower.sources.event_log import read_event_log  # noqa: PLC0415, imports duckdb

    if not settings.event_log:
        raise SourceError("No event log is named: add --event-log FILE.")
    log = read_event_log(
        settings.event_log,
        settings.columns,
        settings.places.incoming,
        as_of=settings.as_of,
        time_zone=settings.time_zone,
        end_activities=settings.end_activities,
        progress=progress,
    )
    ends = ", ".join(log.end_activities) or "none"
    return (*log.notes, f"Activities that end a case: {ends}."), ()
