"""From the chosen source to `raw/`: extract into a folder of candidates, then admit them.

Belongs here: which source the settings name and what it is asked for. Does not belong here: how a
source reads (`event_log`, `simulator`), or which rows are refused (`admission`).
"""

import shutil
from collections.abc import Callable

from ops_tower.settings import Settings
from ops_tower.sources.admission import Admission, admit
from ops_tower.sources.errors import SourceError


def land(
    settings: Settings, progress: Callable[[float], None] | None = None
) -> tuple[Admission, tuple[str, ...]]:
    """Fill `raw/` from the source that `settings` name; on any error it stays as it was.

    Returns:
        What was admitted, and what the source decided where its files left a choice, in sentences.

    Raises:
        SourceError: the source cannot be read, or holds no row that can be used.
    """
    incoming = settings.places.incoming
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    try:
        notes = _extract(settings, progress)
        return admit(incoming, settings.places.raw), notes
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _extract(settings: Settings, progress: Callable[[float], None] | None) -> tuple[str, ...]:
    if settings.source == "simulator":
        from ops_tower.sources.simulator import SimulatorParameters, simulate  # noqa: PLC0415

        parameters = SimulatorParameters.load(
            settings.parameters,
            tickets=settings.tickets,
            seed=settings.seed,
            as_of=settings.simulation_end(),
        )
        simulate(parameters, settings.places.incoming, progress=progress)
        return ()
    from ops_tower.sources.event_log import read_event_log  # noqa: PLC0415

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
    return (*log.notes, f"Activities that end a case: {ends}.")
