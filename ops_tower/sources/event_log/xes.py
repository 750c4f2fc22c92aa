"""Read XES, the XML format of event logs (IEEE 1849), into staged Parquet.

Belongs here: XES's elements and nothing else. Does not belong here: what a key means.

Expat streams the file, so that memory holds one part at a time. r4pm, which reads XES in Rust, was
measured against it: a third of the CPU time, but it takes times without a zone as UTC, drops the
text of a time that it cannot parse, fails on an empty trace, holds the whole log in memory, and
needs polars (170 MB) to hand its frame over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.sources.errors import SourceError

CASE_PREFIX: Final = "case:"
_PART_EVENTS: Final = 50_000
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_TOKEN: Final = 16 << 20  # as in a CSV
_TRACE_DEPTH: Final = 2
_KEY_VALUE: Final = ["key", "value"]


@dataclass(frozen=True)
class StagedXes:
    """The parts that were written, and the log's keys: the i-th stands in column c<i>."""

    parts: tuple[Path, ...]
    columns: tuple[str, ...]
    rows: int
    unnamed_cases: int


class _Collector:
    """Makes events of what expat reports; attributes of attributes are passed over.

    An event is a mapping of its keys; those of its trace are added when the trace ends, since a
    trace may state its attributes after its events.
    """

    def __init__(self, path: Path, first_unnamed_case: int) -> None:
        self.unnamed_cases = 0
        self._path = path
        self._next_unnamed_case = first_unnamed_case
        self._events: list[dict[str, str]] = []
        self._whole = 0  # events whose trace has ended

    def attach(self, parser: expat.XMLParserType) -> None:  # noqa: C901 - one dispatch
        """Set the parser's handlers.

        They are closures over plain variables, and the commonest element is looked at first: they
        are called for every attribute of every event.
        """
        events = self._events
        parser.ordered_attributes = True  # lists are cheaper than mappings
        depth = 0
        event_depth = 0  # of the event that is open, 0 if none is
        event: dict[str, str] = {}
        trace: dict[str, str] | None = None

        def start(name: str, attributes: list[str]) -> None:
            nonlocal depth, event_depth, event, trace
            depth += 1
            if event_depth:
                if depth == event_depth + 1:
                    if attributes[::2] == _KEY_VALUE:
                        event[attributes[1]] = attributes[3]
                    else:
                        event.update(_pair(attributes))
            elif _is(name, "event"):
                if depth == _TRACE_DEPTH + (trace is not None):  # without a trace: of no case
                    event, event_depth = {}, depth
            elif depth == _TRACE_DEPTH + 1 and trace is not None:
                trace.update(_pair(attributes))
            elif depth == _TRACE_DEPTH and _is(name, "trace"):
                trace = {}
            elif depth == 1 and not _is(name, "log"):
                raise SourceError(
                    f"{self._path} is XML but not an event log: its root is <{name}>."
                )

        def end(_name: str) -> None:
            nonlocal depth, event_depth, trace
            if depth == event_depth:
                events.append(event)
                event_depth = 0
                if trace is None:
                    self._whole = len(events)
            elif depth == _TRACE_DEPTH and trace is not None and not event_depth:
                self._end_trace(trace)
                trace = None
            depth -= 1

        def refuse_entity(*_declared: object) -> None:
            raise SourceError(
                f"{self._path} declares XML entities, which no event log needs and which can be"
                " made to swell without end: remove its DOCTYPE."
            )

        parser.EntityDeclHandler = refuse_entity
        parser.StartElementHandler = start
        parser.EndElementHandler = end

    def take(self, at_least: int = 0) -> list[dict[str, str]]:
        """Hand over the events whose traces have ended, if there are enough of them."""
        if self._whole < at_least:
            return []
        whole = self._events[: self._whole]
        del self._events[: self._whole]
        self._whole = 0
        return whole

    def _end_trace(self, trace: dict[str, str]) -> None:
        if not trace.get("concept:name", "").strip():
            trace["concept:name"] = f"unnamed case {self._next_unnamed_case}"
            self._next_unnamed_case += 1
            self.unnamed_cases += 1
        of_case = {CASE_PREFIX + key: value for key, value in trace.items()}
        for event in self._events[self._whole :]:
            event.update(of_case)
        self._whole = len(self._events)


def _pair(attributes: list[str]) -> dict[str, str]:
    """An attribute's key and value, in whatever order; nothing where it lacks one (a list)."""
    given = dict(zip(attributes[::2], attributes[1::2], strict=True))
    return {given["key"]: given["value"]} if {"key", "value"} <= given.keys() else {}


def stage_xes(
    path: Path,
    file: IO[bytes],
    folder: Path,
    *,
    first_unnamed_case: int,
    report: Callable[[], None],
) -> StagedXes:
    """Stream `file` into Parquet parts in `folder`.

    Args:
        path: the file's name, for messages.
        file: its bytes, decompressed.
        folder: where the parts go; it is created.
        first_unnamed_case: number of the first trace that has no concept:name.
        report: called now and then.

    Returns:
        The parts and the keys, those of traces as `case:<key>`.

    Raises:
        SourceError: the XML is broken or is not a log.
    """
    folder.mkdir()
    columns: dict[str, int] = {}
    parts: list[Path] = []
    rows = 0
    collector = _Collector(path, first_unnamed_case)
    for part in _parts(collector, path, file, report):
        for event in part:
            if not event.keys() <= columns.keys():
                for key in event:
                    columns.setdefault(key, len(columns))
        target = folder / f"{len(parts)}.parquet"
        arrays = {
            f"c{index}": pa.array([event.get(key) for event in part], pa.string())
            for key, index in columns.items()
        }
        arrays["source_row"] = pa.array(range(rows + 1, rows + len(part) + 1), pa.int64())
        pq.write_table(pa.table(arrays), target)
        parts.append(target)
        rows += len(part)
    return StagedXes(tuple(parts), tuple(columns), rows, collector.unnamed_cases)


def _parts(
    collector: _Collector, path: Path, file: IO[bytes], report: Callable[[], None]
) -> Iterator[list[dict[str, str]]]:
    parser = expat.ParserCreate()
    collector.attach(parser)
    fed = 0
    try:
        while chunk := file.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)  # noqa: FBT003 - expat knows no keywords
            fed += len(chunk)
            if fed - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN:
                raise SourceError(f"{path} holds a value longer than 16 MB: shorten it.")
            report()
            if part := collector.take(at_least=_PART_EVENTS):
                yield part
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise SourceError(f"{path} is not well-formed XML: {error}.") from None
    yield collector.take()


def _is(name: str, element: str) -> bool:
    """Whether a name, with or without a namespace's prefix, is that of `element`."""
    return name == element or name.endswith(f":{element}")
