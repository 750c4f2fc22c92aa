"""What a home holds and whether it can work: what `ops-tower status` and `ops-tower doctor` say.

Belongs here: findings, each with what to do. Does not belong here: mending anything.
"""

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import duckdb

from ops_tower import last_run, notices
from ops_tower.home_lock import HomeInUseError, exclusive
from ops_tower.published import connect, current, versions
from ops_tower.settings import PROJECT_ROOT, Settings, unknown_variables
from ops_tower.warehouse import PROJECT_DIR

PACKAGES: Final = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "streamlit")
LEAST_FREE_GIB: Final = 2.0  # room for a year of 50,000 tickets, its warehouse and three versions
RUNS_SHOWN: Final = 5
DAEMON_SILENT_SECONDS: Final = 120  # it gives a sign of life every 30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was seen, what to do if it is not well, and whether it is."""

    name: str
    seen: str
    advice: str = ""
    is_well: bool = True


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a run needs, in the order in which it needs it."""
    yield Finding("Python", f"{platform.python_version()} on {platform.system()}")
    yield from _packages()
    yield Finding(
        "dbt project",
        str(PROJECT_DIR),
        f"Run from a checkout: {PROJECT_ROOT} has no dbt_project.",
        is_well=(PROJECT_DIR / "dbt_project.yml").exists(),
    )
    yield _writable(settings.home)
    free = shutil.disk_usage(_existing(settings.home)).free / 2**30
    yield Finding(
        "disk",
        f"{free:.1f} GiB free",
        f"Free some room: a run wants {LEAST_FREE_GIB:.0f} GiB.",
        is_well=free >= LEAST_FREE_GIB,
    )
    yield _lock(settings.home)
    yield _warehouse(settings.places.warehouse)
    yield _published(settings.home)
    yield _source(settings)
    yield from _rights(settings)
    yield _last_run(settings.home)
    yield _record(settings)
    yield from _channels(settings)
    yield Finding("settings", _differing(settings))
    if unknown := unknown_variables():
        advice = "Correct or remove them; docs/operating.md lists all."
        yield Finding("variables", " ".join(unknown), advice, is_well=False)


def _rights(settings: Settings) -> Iterator[Finding]:
    """What lies in the home and was made by somebody else."""
    if not settings.home.exists():
        return
    places = [path for path in settings.home.iterdir() if not path.is_symlink()]
    closed = [path.name for path in places if not os.access(path, os.R_OK | os.W_OK)]
    yield Finding(
        "rights",
        f"{', '.join(closed)} cannot be written" if closed else "all of the home can be written",
        f"Give {getuser()} the right to write them, such as with chown.",
        is_well=not closed,
    )


def _last_run(home: Path) -> Finding:
    run = last_run.read(home)
    if run is None:
        return Finding("last run", "none has ended yet")
    if run.is_published:
        return Finding("last run", f"published at {run.ended_at:%Y-%m-%d %H:%M} UTC")
    return Finding(
        "last run",
        f"published nothing at {run.ended_at:%Y-%m-%d %H:%M} UTC: {run.reason}",
        "See to the reason and run again; what was published before is still there.",
        is_well=False,
    )


def _record(settings: Settings) -> Finding:
    """Dagster's storage, and whether a daemon is there to start the daily run."""
    if not (settings.places.dagster / "dagster.yaml").exists():
        return Finding("Dagster", "no record yet")
    from ops_tower.instance import InstanceError, open_instance  # noqa: PLC0415, seconds to import

    try:
        with open_instance(settings) as instance:
            beats = [beat.timestamp for beat in instance.get_daemon_heartbeats().values()]
    except InstanceError as error:
        return Finding("Dagster", "its record cannot be read", str(error), is_well=False)
    where = "PostgreSQL" if settings.dagster_postgres_url else "files in the home"
    hour = f"{settings.schedule_hour:02}:00 {settings.schedule_time_zone}"
    if beats and datetime.now(UTC).timestamp() - max(beats) < DAEMON_SILENT_SECONDS:
        return Finding("Dagster", f"record in {where}; a daemon runs, and starts the run at {hour}")
    return Finding("Dagster", f"record in {where}; no daemon runs, so nothing starts at {hour}")


def _channels(settings: Settings) -> Iterator[Finding]:
    """The channels for notices: whether apprise knows them, and whether the last word arrived."""
    if not settings.notify:
        yield Finding("notices", "no channel is set (OPS_TOWER_NOTIFY)")
        return
    urls = [url.get_secret_value() for url in settings.notify]
    unknown = [
        name for name, url in notices.channels(urls).items() if notices.open_channel(url) is None
    ]
    failed = notices.unreached(notices.read(settings.places.notices))
    seen = [f"{len(urls)} channels"]
    seen += [f"apprise does not know {', '.join(unknown)}"] if unknown else []
    seen += [f"{', '.join(failed)} did not take the last message"] if failed else []
    yield Finding(
        "notices",
        "; ".join(seen),
        "Correct OPS_TOWER_NOTIFY: https://appriseit.com has the address of each kind.",
        is_well=not unknown and not failed,
    )


def _differing(settings: Settings) -> str:
    """What is set otherwise than by default; pydantic masks the secrets."""
    differing = [
        f"{name}={getattr(settings, name)}"
        for name, field in type(settings).model_fields.items()
        if name != "home" and getattr(settings, name) != field.default
    ]
    return ", ".join(differing) or "all by default"


def _packages() -> Iterator[Finding]:
    for package in PACKAGES:
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(package, "not installed", "Run `make setup`.", is_well=False)


def _existing(path: Path) -> Path:
    """`path`, or the nearest folder above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def _writable(home: Path) -> Finding:
    place = _existing(home)
    return Finding(
        "home",
        f"{home}" + ("" if place == home else " (will be made)"),
        f"Nobody may write {place}: give yourself the right, or choose another with --home.",
        is_well=os.access(place, os.W_OK | os.X_OK),
    )


def _lock(home: Path) -> Finding:
    if not os.access(home, os.W_OK):
        return Finding("lock", "no home to lock yet")
    try:
        with exclusive(home, patience=0):
            return Finding("lock", "free")
    except HomeInUseError as error:
        return Finding("lock", str(error))


def _warehouse(path: Path) -> Finding:
    if not path.exists():
        return Finding("warehouse", "none yet")
    try:
        with duckdb.connect(str(path), read_only=True):
            return Finding("warehouse", f"{path.stat().st_size / 2**20:.0f} MiB")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        return Finding(
            "warehouse",
            reason,
            "Run again: it is set aside and built anew, and what is published stays.",
            is_well="lock" in reason.lower(),
        )


def _published(home: Path) -> Finding:
    live = current(home)
    if live is None:
        return Finding("published", "nothing yet: run `ops-tower run`")
    try:
        with connect(live) as connection:
            row = connection.execute("select as_of from analysis.run_info").fetchone()
    except duckdb.Error as error:
        return Finding(
            "published",
            str(error).splitlines()[0],
            f"Delete {live} and run `ops-tower run`.",
            is_well=False,
        )
    return Finding("published", f"{live.name}, as of {row[0] if row else 'unknown'}")


def _source(settings: Settings) -> Finding:
    if settings.source == "simulator":
        return _simulator(settings)
    missing = [str(path) for path in settings.event_log if not path.exists()]
    return Finding(
        "source",
        f"event log, {len(settings.event_log)} files",
        f"Not there: {', '.join(missing)}." if missing else "Name a file with --event-log.",
        is_well=bool(settings.event_log) and not missing,
    )


def _simulator(settings: Settings) -> Finding:
    from ops_tower.sources.errors import SourceError  # noqa: PLC0415
    from ops_tower.sources.landing import simulator_parameters  # noqa: PLC0415

    try:
        parameters = simulator_parameters(settings)
    except SourceError as error:
        return Finding("source", f"simulator. {error}", "Correct that value.", is_well=False)
    return Finding("source", f"simulator, {parameters.tickets:,} tickets a year")


def summarise(settings: Settings, now: datetime | None = None) -> list[str]:
    """What is published, how old it is, the versions kept, and the last runs; a line each."""
    live, finding = current(settings.home), _published(settings.home)
    if live is None:
        lines = [f"Nothing is published in {settings.home}: run `ops-tower run`."]
    elif not finding.is_well:
        lines = [f"What is published cannot be read: {finding.seen} {finding.advice}"]
    else:
        moment = now or datetime.now(UTC).replace(tzinfo=None)
        with connect(live) as connection:
            row = connection.execute(
                "select source, as_of, published_at, tickets, events from analysis.run_info"
            ).fetchone()
        if row is None:
            raise RuntimeError(f"{live} names no run: this is a bug.")
        source, as_of, published_at, tickets, events = row
        hours = (moment - published_at).total_seconds() / 3600
        lines = [
            f"Published {hours:.1f} hours ago: {live.name}",
            f"{source}: {tickets:,} tickets, {events:,} events, as of {as_of:%Y-%m-%d %H:%M} UTC",
            f"Versions kept: {len(versions(live.parent))}",
        ]
    last = last_run.read(settings.home)
    if last is not None and not last.is_published:
        lines.append(f"The last run published nothing: {last.reason}")
    if failed := notices.unreached(notices.read(settings.places.notices)):
        lines.append(f"The last notice did not reach {', '.join(failed)}: see OPS_TOWER_NOTIFY")
    return [*lines, *_last_runs(settings)]


def _last_runs(settings: Settings) -> Iterator[str]:
    """The last runs and the checks that failed in them, as Dagster's record has them."""
    if not (settings.places.dagster / "dagster.yaml").exists():
        return
    import dagster as dg  # noqa: PLC0415, seconds to import

    from ops_tower.instance import open_instance  # noqa: PLC0415

    with open_instance(settings) as instance:
        for record in instance.get_run_records(limit=RUNS_SHOWN):
            run = record.dagster_run
            started = record.create_timestamp.strftime("%Y-%m-%d %H:%M")
            failed = [
                f"{check.asset_key.to_user_string()}: {check.check_name}"
                for entry in instance.get_records_for_run(
                    run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
                ).records
                if (event := entry.event_log_entry.dagster_event) is not None
                and not (check := event.asset_check_evaluation_data).passed
            ]
            checks = f"; failed checks: {', '.join(failed)}" if failed else ""
            yield f"{started} {run.status.value.lower()} {run.run_id[:8]}{checks}"
