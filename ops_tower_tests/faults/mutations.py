"""Event logs with things wrong in them: in cells, rows, columns, encoding, and now and then bytes.

Belongs here: a sound log, what is changed in it, and the formats in which it is written. Does not
belong here: what must hold of a log that was read.
"""

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

Rows = list[list[str]]
HEADER: Final = ["case_id", "activity", "timestamp", "group", "resource", "event_id", "subject"]
TEXTS: Final = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "\x00", "NULL", "=cmd()", "a\nb", '"', "'; drop table events; --", "x" * 600]
    ),
)
TIMES: Final = st.one_of(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)).map(str),  # noqa: DTZ001
    st.sampled_from(["2026-03-01 10:00:00", "2026-03-01T10:00:00Z", "31/12/2026", "1767225600"]),
    TEXTS,
)


def sound_rows() -> Rows:
    """Thirty cases of four events, without the header."""
    return [
        [
            *(str(case), activity, f"2026-03-{case % 28 + 1:02} {8 + step:02}:00:00"),
            *("Désk", "Ann", str(case * 10 + step), "a\nb"),
        ]
        for case in range(30)
        for step, activity in enumerate(("Opened", "Answered", 'Said "no", twice', "Closed"))
    ]


def _swap(rows: Rows, first: int, second: int) -> None:
    for row in rows:
        if max(first, second) < len(row):
            row[first], row[second] = row[second], row[first]


# What may be wrong with a log: rows (the header leads), a row, a column, and a text to put there.
EDITS: Final[dict[str, Callable[[Rows, int, int, str], object]]] = {
    "a cell is something else": lambda rows, row, column, text: rows[row].__setitem__(
        slice(column, column + 1), [text]
    ),
    "a row is gone": lambda rows, row, _column, _text: rows.pop(row),
    "a row stands there twice": lambda rows, row, _column, _text: rows.insert(row, rows[row][:]),
    "a row stands elsewhere": lambda rows, row, _column, _text: rows.append(rows.pop(row)),
    "a row is cut short": lambda rows, row, column, _text: rows[row].__delitem__(
        slice(column, None)
    ),
    "a row is too long": lambda rows, row, _column, text: rows[row].append(text),
    "columns are swapped": lambda rows, row, column, _text: _swap(rows, column, row % len(HEADER)),
    "a column is called otherwise": lambda rows, _row, column, text: rows[0].__setitem__(
        column, text
    ),
}


@dataclass(frozen=True)
class Form:
    """How a log is written down, and what befalls its bytes."""

    kind: str
    encoding: str
    delimiter: str
    line_end: str
    damage: tuple[float, bytes, int] | None

    @property
    def file_name(self) -> str:
        return f"log.{self.kind}"

    def write(self, rows: Rows) -> bytes:
        """The file's bytes."""
        kind = self.kind.removesuffix(".gz")
        content = {"csv": self._csv, "xes": self._xes, "parquet": _parquet}[kind](rows)
        content = gzip.compress(content, mtime=0) if self.kind.endswith(".gz") else content
        if self.damage is None:
            return content
        place, inserted, removed = self.damage
        at = int(place * len(content))
        return content[:at] + inserted + content[at + removed :]

    def _csv(self, rows: Rows) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end).writerows(rows)
        return out.getvalue().encode(self.encoding, errors="replace")

    def _xes(self, rows: Rows) -> bytes:
        keys = {"activity": "concept:name", "group": "org:group", "resource": "org:resource"}
        traces: dict[str, list[str]] = {}
        for row in rows[1:]:
            cells = dict(zip(rows[0], row, strict=False))
            events = traces.setdefault(cells.get("case_id", ""), [])
            named = "".join(
                f"<string key={quoteattr(keys.get(name, name))} value={quoteattr(text)}/>"
                for name, text in cells.items()
                if name not in {"case_id", "timestamp"}
            )
            at = quoteattr(cells.get("timestamp", "").replace(" ", "T", 1))
            events.append(f'<event>{named}<date key="time:timestamp" value={at}/></event>')
        body = "".join(
            f'<trace><string key="concept:name" value={quoteattr(case)}/>{"".join(events)}</trace>'
            for case, events in traces.items()
        )
        text = f"<?xml version='1.0' encoding='{self.encoding}'?><log>{body}</log>"
        return text.encode(self.encoding, errors="xmlcharrefreplace")


def _parquet(rows: Rows) -> bytes:
    width = len(rows[0])
    columns: Sequence[Sequence[str | None]] = [
        [row[place] if place < len(row) else None for row in rows[1:]] for place in range(width)
    ]
    out = io.BytesIO()
    arrays = [
        pa.array([text and text.encode(errors="replace").decode() for text in column], pa.string())
        for column in columns
    ]
    pq.write_table(pa.Table.from_arrays(arrays, names=rows[0]), out)
    return out.getvalue()


KINDS: Final = ("csv", "csv.gz", "parquet", "xes", "xes.gz")
PLAIN: Final = Form("csv", "utf-8", ",", "\n", None)
DAMAGE: Final = st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 60))
FORMS: Final = st.builds(
    Form,
    kind=st.sampled_from(KINDS),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    # Now and then: a file with damaged bytes is mostly refused as a whole.
    damage=st.integers(0, 11).flatmap(lambda number: DAMAGE if number == 7 else st.none()),
)
EDITED: Final = st.lists(
    st.tuples(
        st.sampled_from(sorted(EDITS)),
        st.integers(1, 100),
        st.integers(0, len(HEADER) - 1),
        st.one_of(TEXTS, TIMES),
    ),
    min_size=1,
    max_size=4,
)


def mutated(edits: list[tuple[str, int, int, str]]) -> Rows:
    """The sound log with its header, after `edits`."""
    rows = [HEADER[:], *sound_rows()]
    for name, row, column, text in edits:
        EDITS[name](rows, row, column, text)
    return rows
