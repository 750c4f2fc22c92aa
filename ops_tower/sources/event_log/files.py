"""Bring the files of an event log, whatever their format, into one shape: staged Parquet.

Belongs here: telling formats apart, decompressing, decoding, and reading CSV; every error of a file
as such. A staged file has its columns as `c0`, `c1`, … (a log may name two columns alike but for
their case, an engine may not) and the number of each row in `source_row`.
Does not belong here: XES (`xes`), and what any column means (`mapping`, `rows`).
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log.xes import stage_xes

_HEAD_BYTES: Final = 1 << 20
_LEAST_SUSPICIOUS_BYTES: Final = 256 << 20
_MOST_SWELLING: Final = 300
_BLOCK_BYTES: Final = 16 << 20  # also the longest row that can be read
_DELIMITERS: Final = (",", ";", "\t", "|")
_SNIFFED_RECORDS: Final = 50
_LINE_BREAK: Final = re.compile(r"[\r\n]")


@dataclass(frozen=True)
class MalformedRow:
    """A row of text that has not as many fields as the header."""

    source_row: int
    text: str
    reason: str


@dataclass(frozen=True)
class StagedFile:
    """One file of the log, ready for SQL."""

    source: Path
    parquet: tuple[Path, ...]
    columns: tuple[str, ...]  # the log's own names, in order; the i-th is staged as c<i>
    rows: int  # data rows in the source, malformed ones included
    malformed: tuple[MalformedRow, ...] = ()
    is_staged: bool = True  # false for a Parquet source, which is read where it lies


@dataclass
class StagingState:
    """What one file hands on to the next: cases without a name are numbered through all files."""

    folder: Path
    unnamed_cases: int = 0
    files: int = 0
    report: Callable[[float], None] = field(default=lambda _share: None)


def stage(path: Path, state: StagingState) -> StagedFile:
    """Read one file into staged Parquet.

    Raises:
        SourceError: the file is not there, empty, damaged, or of no format that is known.
    """
    with _clear_errors(path):
        if path.is_dir():
            raise SourceError(f"{path} is a folder: name the log's files.")
        size = path.stat().st_size
        if size == 0:
            raise SourceError(f"{path} is empty.")
        head = _head(path)
        if not head:
            raise SourceError(f"{path} is empty.")
        state.files += 1
        if head.startswith(b"PAR1"):
            return _describe_parquet(path, state)
        encoding = _encoding(head, path)
        text = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff")
        if text.lstrip().startswith("<"):
            return _stage_xes(path, state)
        return _stage_csv(path, encoding, text, state)


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """Say in one line what is wrong with a file, whichever library noticed it."""
    try:
        yield
    except SourceError:
        raise
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"{path} is not a whole gzip file ({error}): copy or download it again."
        ) from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from None


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", _Inflated(path.open("rb"), path)) if is_gzip else path.open("rb")


class _Inflated(gzip.GzipFile):
    """A gzip file that is let go once it has swollen beyond what a log can have been packed to.

    Logs shrink to a tenth, very even ones to a hundredth; a file made to fill a disk, to a
    thousandth.
    """

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__(fileobj=file)
        self.myfileobj = cast("io.FileIO", file)  # so that it is closed with this
        self._path = path
        self._most = max(_LEAST_SUSPICIOUS_BYTES, _MOST_SWELLING * path.stat().st_size)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if self.tell() > self._most:
            raise SourceError(
                f"{self._path} holds more than {_MOST_SWELLING} times its size, which no log does:"
                " unpack it and look at it."
            )
        return data


def _head(path: Path) -> bytes:
    with _open(path) as file:
        return file.read(_HEAD_BYTES)


def _encoding(head: bytes, path: Path) -> str:
    """UTF-8 or UTF-16, by byte order mark or by where the zero bytes of plain text stand."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[: 1 << 12]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd == 0:
        return "utf-8-sig"
    if even == 0 and odd > len(sample) // 4:
        return "utf-16-le"
    if odd == 0 and even > len(sample) // 4:
        return "utf-16-be"
    raise SourceError(f"{path} is neither XES, CSV nor Parquet: it holds binary data.")


def _describe_parquet(path: Path, state: StagingState) -> StagedFile:
    try:
        with pq.ParquetFile(path) as file:
            names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} is not a whole Parquet file: {one_line(error)}") from None
    return StagedFile(path, (_plainly_named(path, state),), names, rows, is_staged=False)


def _plainly_named(path: Path, state: StagingState) -> Path:
    """The file under a name in which the engine sees no pattern: `*` would read its neighbours."""
    link = state.folder / f"{state.files}.source.parquet"
    link.symlink_to(path.resolve())
    return link


def _stage_xes(path: Path, state: StagingState) -> StagedFile:
    size = path.stat().st_size
    with path.open("rb") as raw:
        file: IO[bytes] = raw
        if raw.read(2) == b"\x1f\x8b":
            raw.seek(0)
            file = cast("IO[bytes]", _Inflated(raw, path))
        else:
            raw.seek(0)
        staged = stage_xes(
            path,
            file,
            state.folder / f"{state.files}",
            first_unnamed_case=state.unnamed_cases + 1,
            report=lambda: state.report(raw.tell() / size),
        )
    state.unnamed_cases += staged.unnamed_cases
    return StagedFile(path, staged.parts, staged.columns, staged.rows)


def _stage_csv(path: Path, encoding: str, text: str, state: StagingState) -> StagedFile:
    """Stream a CSV through Arrow, all fields as text; empty fields are missing."""
    delimiter, names = _header(text, path)
    physical = [f"c{index}" for index in range(len(names))]
    malformed: list[MalformedRow] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        reason = f"the row has {row.actual_columns} fields, the header {row.expected_columns}"
        malformed.append(MalformedRow(row.number - 1, row.text, reason))  # the header is row 1
        return "skip"

    target = state.folder / f"{state.files}.parquet"
    schema = pa.schema([(name, pa.string()) for name in physical] + [("source_row", pa.int64())])
    rows = 0
    try:
        with _open(path) as file, pq.ParquetWriter(target, schema) as writer:
            quotes = _QuoteCounter(file, encoding)
            reader = pacsv.open_csv(
                pa.PythonFile(quotes, "r"),
                read_options=pacsv.ReadOptions(
                    use_threads=False,  # rows are numbered only where one thread reads them
                    block_size=_BLOCK_BYTES,
                    column_names=physical,
                    skip_rows_after_names=1,
                    encoding="utf8" if encoding == "utf-8-sig" else encoding,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(physical, pa.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
            skipped = 0
            last_fields: list[str | None] = []
            for batch in reader:
                numbers = _numbers_around(
                    rows + 1, batch.num_rows, [row.source_row for row in malformed[skipped:]]
                )
                writer.write_batch(
                    pa.RecordBatch.from_arrays([*batch.columns, numbers], schema=schema)
                )
                if batch.num_rows:
                    last_fields = [column[-1].as_py() for column in batch.columns]
                    rows = numbers[-1].as_py()
                    skipped = sum(row.source_row <= rows for row in malformed)
    except pa.ArrowInvalid as error:
        raise SourceError(f"{path}: {_csv_error(error)}") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path} is not valid {encoding} text: save it as UTF-8.") from None
    if malformed and malformed[-1].source_row > rows:
        rows, last_fields = malformed[-1].source_row, [malformed[-1].text]
    if quotes.is_odd and any(_LINE_BREAK.search(field) for field in last_fields if field):
        raise SourceError(f"{path}: the quote that opens in row {rows} is never closed.")
    return StagedFile(path, (target,), names, rows, tuple(malformed))


class _QuoteCounter(io.RawIOBase):
    """Passes a file's bytes on, sees that they are text, and whether their quotes come in pairs.

    A quote that is never closed takes all the rest of the file into its field, which the reader
    finds nothing wrong with. Of bytes that are no text it finds some only where it can tell nobody.
    """

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self.is_odd = False
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._decoder.decode(data, final=not data)
        self.is_odd ^= bool(data.count(b'"') % 2)
        return data


def _numbers_around(first: int, count: int, taken: list[int]) -> pa.Array:
    """The next `count` row numbers from `first` on, leaving out those of malformed rows."""
    numbers = np.arange(first, first + count + len(taken), dtype=np.int64)
    return pa.array(numbers[~np.isin(numbers, taken)][:count])


def _header(text: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """The delimiter that splits the first records most evenly, and the names in the header."""
    best: tuple[float, int, str, list[str]] = (0.0, 0, ",", [])
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        records: list[list[str]] = []
        # A quote that is never closed makes a field too long; what came before tells enough.
        with suppress(csv.Error):
            for record in reader:
                if record:
                    records.append(record)
                if len(records) > _SNIFFED_RECORDS:
                    break
        if not records:
            continue
        width = len(records[0])
        even = sum(len(record) == width for record in records) / len(records)
        if width > 1 and (even, width) > best[:2]:
            best = (even, width, delimiter, records[0])
        elif not best[3]:
            best = (0.0, 0, delimiter, records[0])
    _, _, delimiter, names = best
    if not names:
        raise SourceError(f"{path} is empty.")
    return delimiter, tuple(name.strip() for name in names)


def _csv_error(error: pa.ArrowInvalid) -> str:
    message = one_line(error)
    if "UTF8" in message:
        return "it is not valid UTF-8 text: save it as UTF-8."
    if "straddl" in message or "out of sync" in message:
        return "a quoted field is never closed, or a row is longer than 16 MB."
    if "Empty CSV" in message:
        return "it is empty."
    return f"it cannot be read as CSV: {message}."


def one_line(error: Exception) -> str:
    """What an error says, as the end of a sentence."""
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else repr(error)
