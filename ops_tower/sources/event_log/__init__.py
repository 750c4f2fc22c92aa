"""The event-log source: XES, CSV or Parquet files of any desk, as candidates for the raw tables.

Belongs here: the steps from files to candidates. Each step has its module: `files` and `xes` read,
`mapping` finds the columns, `rows` and `times` make events of them, `tables` makes tickets of
those.
Does not belong here: the contract's rules, which are run by `admission.admit` afterwards.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.sources.admission import ORIGINS, ORIGINS_FILE
from ops_tower.sources.contract import SOURCE_INFO
from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log import files as log_files
from ops_tower.sources.event_log import mapping, rows, tables, times

_STAGING_SHARE = 0.7  # of the progress that is reported


@dataclass(frozen=True)
class EventLog:
    """What was read: event rows offered and refused, cases, as-of, and what was decided."""

    rows_read: int
    rows_rejected: int
    cases: int
    as_of: datetime
    end_activities: tuple[str, ...]
    notes: tuple[str, ...]


def read_event_log(  # noqa: PLR0913 - each is a setting of its own
    files: Sequence[Path],
    columns: Mapping[str, Sequence[str]],
    directory: Path,
    *,
    as_of: datetime | None = None,
    time_zone: str = "UTC",
    end_activities: Sequence[str] = (),
    progress: Callable[[float], None] | None = None,
) -> EventLog:
    """Read an event log and write its candidate tables.

    Args:
        files: XES, CSV or Parquet, each plain or gzip; events of equal time keep the order of the
            files and of the rows within them.
        columns: the log's columns by role (`mapping.USUAL_NAMES` lists the roles and what is taken
            where none is named); several for `activity` are joined by ` / `.
        directory: an existing folder; it gets a Parquet file per table that the log can fill.
        as_of: the data's now, naive UTC; the last event's time if none is given.
        time_zone: IANA zone of times that name none.
        end_activities: activities that close a case; found in the log if none is named.
        progress: called with the share done, from 0 to 1.

    Returns:
        The counts and decisions. Rows read are the events written plus the rows refused.

    Raises:
        SourceError: a file or a column is not there or cannot be read, or no row can be used.
    """
    report = progress or (lambda _share: None)
    times.require_time_zone(time_zone)
    with tempfile.TemporaryDirectory(dir=directory, prefix="reading-") as scratch:
        staged = [file for file in _stage(files, Path(scratch), report) if file.rows]
        if not staged:
            raise SourceError(f"{', '.join(map(str, files))}: there are no events in it.")
        found = [mapping.resolve(columns, file.columns, file.source) for file in staged]
        # In memory is half the work of a file; what does not fit is spilled beside the candidates.
        with duckdb.connect(config={"temp_directory": f"{scratch}/spill"}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            try:
                counts = rows.collect(connection, staged, found, time_zone)
            except duckdb.Error as error:
                # Staged files are ours and whole; a Parquet source shows its damage only here.
                damaged = [str(file.source) for file in staged if not file.is_staged]
                if not damaged:
                    raise
                raise SourceError(
                    f"{', '.join(damaged)} cannot be read as Parquet: {log_files.one_line(error)}."
                ) from None
            if counts.read == counts.refused:
                raise SourceError(_why_nothing_is_left(connection, staged, counts.read))
            now = as_of or rows.one_row(connection, "SELECT max(event_at) FROM events")[0]
            tables.number_cases(connection, now)
            ends = tables.find_end_activities(connection, end_activities)
            tables.write_tables(connection, ends, directory)
            (cases,) = rows.one_row(connection, "SELECT count(*) FROM cases")
    _write_origins(staged, directory)
    _write_source_info(staged, counts, now, directory)
    report(1.0)
    return EventLog(counts.read, counts.refused, cases, now, ends, counts.notes)


def _stage(
    files: Sequence[Path], scratch: Path, report: Callable[[float], None]
) -> list[log_files.StagedFile]:
    state = log_files.StagingState(scratch)
    staged = []
    for number, path in enumerate(files):

        def report_file(share: float, number: int = number) -> None:
            report(_STAGING_SHARE * (number + share) / len(files))

        state.report = report_file
        staged.append(log_files.stage(path, state))
        report_file(1.0)
    if not staged:
        raise SourceError("No event log is named.")
    return staged


def _why_nothing_is_left(
    connection: duckdb.DuckDBPyConnection, staged: Sequence[log_files.StagedFile], read: int
) -> str:
    names = ", ".join(str(file.source) for file in staged)
    reasons = connection.execute(
        "SELECT rule, count(*) AS rows, min(reason) FROM refused "
        "GROUP BY rule ORDER BY rows DESC, rule LIMIT 3"
    ).fetchall()
    why = "; ".join(f"{count} {rule} ({reason})" for rule, count, reason in reasons)
    return f"None of the {read} rows of {names} can be used: {why}."


def _write_origins(staged: Sequence[log_files.StagedFile], directory: Path) -> None:
    """Leave for admission which positions came from which file."""
    rows_of_files, first = [], 1
    for file in staged:
        rows_of_files.append((file.source.name, first, file.rows))
        first += file.rows
    columns = zip(*rows_of_files, strict=True)
    pq.write_table(
        pa.table([list(column) for column in columns], schema=ORIGINS), directory / ORIGINS_FILE
    )


def _write_source_info(
    staged: Sequence[log_files.StagedFile],
    counts: rows.RowCounts,
    as_of: datetime,
    directory: Path,
) -> None:
    row = {
        "source": "event-log",
        "description": ", ".join(file.source.name for file in staged),
        "as_of": as_of,
        "rows_read": counts.read,
        "rows_rejected": counts.refused,
    }
    pq.write_table(
        pa.Table.from_pylist([row], schema=SOURCE_INFO.schema),
        directory / f"{SOURCE_INFO.name}.parquet",
    )
