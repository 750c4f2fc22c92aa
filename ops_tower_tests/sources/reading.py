"""Read a log as a run does, and look at the raw tables that come of it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ops_tower.sources.admission import Admission, admit
from ops_tower.sources.event_log import EventLog, read_event_log

REAL_LOGS = Path(
    os.environ.get("OPS_TOWER_REAL_LOGS", Path(__file__).resolve().parents[3] / "shared/data")
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """A raw folder and the two counts that were given on the way to it."""

    folder: Path
    log: EventLog
    admission: Admission

    def table(self, name: str) -> list[Row]:
        """The rows of one raw file."""
        return rows_of(self.folder / f"{name}.parquet")

    @property
    def events(self) -> list[Row]:
        """The admitted events, in their source's order."""
        return self.table("ticket_events")

    @property
    def tickets(self) -> list[Row]:
        """The admitted tickets."""
        return self.table("tickets")

    @property
    def rejected(self) -> list[Row]:
        """The refused rows."""
        return self.table("rejected")

    @property
    def info(self) -> Row:
        """The one row of source_info."""
        return self.table("source_info")[0]

    def times(self) -> list[datetime]:
        """When the admitted events happened, in their source's order."""
        return [event["event_at"] for event in self.events]

    def refusals(self) -> list[tuple[int, str]]:
        """The source row and rule of each refused row."""
        return [(row["source_row"], row["rule"]) for row in self.rejected]


def rows_of(path: Path) -> list[Row]:
    """The rows of a Parquet file."""
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows


def read(
    home: Path,
    *files: Path,
    columns: Mapping[str, Sequence[str]] | None = None,
    **options: Any,  # noqa: ANN401
) -> Raw:
    """Read the files and admit what they give into `home`/raw."""
    incoming = home / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    log = read_event_log(files, columns or {}, incoming, **options)
    admission = admit(incoming, home / "raw")
    return Raw(home / "raw", log, admission)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write text without changing its line ends."""
    path.write_bytes(text.encode(encoding))
    return path


def real_log(name: str) -> Path:
    """A public log of a real desk; the test is skipped where it is not at hand."""
    path = REAL_LOGS / name
    if not path.exists():
        pytest.skip(f"{path} is missing; set OPS_TOWER_REAL_LOGS to the folder that holds it")
    return path


def xes(*traces: str, attributes: str = "") -> str:
    """An XES document of these traces."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
        f"{attributes}{''.join(traces)}</log>\n"
    )


def trace(*events: str, name: str | None = None, more: str = "") -> str:
    """A trace of these events."""
    named = f'<string key="concept:name" value="{name}"/>' if name else ""
    return f"<trace>{named}{more}{''.join(events)}</trace>"


def event(activity: str, time: str | None, more: str = "") -> str:
    """An event of XES."""
    at = f'<date key="time:timestamp" value="{time}"/>' if time else ""
    return f'<event><string key="concept:name" value="{activity}"/>{at}{more}</event>'
