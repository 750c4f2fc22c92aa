"""Admit candidate rows into `raw/`: check them against the contract, set aside what it refuses.

Belongs here: running the contract's rules on DuckDB, and replacing the raw folder as a whole.
Does not belong here: the rules themselves (`contract`), and how a source makes its candidates.
"""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.sources.contract import (
    DUPLICATE_KEY,
    REJECTED_ROWS,
    RULES,
    SOURCE_INFO,
    TABLES,
    TICKET_WITHOUT_EVENTS,
    TRUTH_FILE,
    Table,
)
from ops_tower.sources.errors import SourceError

REJECTED_FILE: Final = "rejected.parquet"

# A source that numbers its events through several files may leave this beside its candidates; a
# refused event is then reported by the file and row from which it was read.
ORIGINS: Final = pa.schema(
    [("source_file", pa.string()), ("first_position", pa.int64()), ("rows", pa.int64())]
)
ORIGINS_FILE: Final = "source_files.parquet"

_ROW_GROUP: Final = 122_880  # the engine's own size


@dataclass(frozen=True)
class Admission:
    """What was admitted: rows per raw table, and refused rows per table and rule."""

    rows: Mapping[str, int]
    rejected: Mapping[tuple[str, str], int]

    @property
    def rows_rejected(self) -> int:
        """Refused rows over all tables, by the source's reader and by the contract."""
        return sum(self.rejected.values())


def admit(incoming: Path, raw: Path) -> Admission:
    """Check the candidates in `incoming` and make of them the new `raw`, wholly or not at all.

    Args:
        incoming: folder with `<table>.parquet` for any of the six tables (a missing one becomes an
            empty one), `source_info.parquet`, and optionally `rejected_rows.parquet` with the rows
            that the source's reader refused; a truth file goes along unread. Files that need no
            change are moved out of it; it must lie on the same file system as `raw`, or they are
            copied.
        raw: folder that is replaced. Until everything is checked and written it stays as it was.

    Returns:
        The counts. For each table, rows admitted plus rows refused are the rows that came in.

    Raises:
        SourceError: a candidate is not what the contract describes, or not one event is left.
    """
    _restore(raw)
    prepared = _beside(raw, "next")
    shutil.rmtree(prepared, ignore_errors=True)
    prepared.mkdir(parents=True)
    try:
        spill = prepared / "spill"
        with duckdb.connect(config={"temp_directory": str(spill)}) as connection:
            check = _Check(connection, incoming, prepared)
            admission = check.run()
        shutil.rmtree(spill, ignore_errors=True)
        for table in check.unchanged:
            shutil.move(incoming / f"{table}.parquet", prepared / f"{table}.parquet")
        if (incoming / TRUTH_FILE).exists():
            shutil.move(incoming / TRUTH_FILE, prepared / TRUTH_FILE)
        _replace(raw, prepared)
    finally:
        shutil.rmtree(prepared, ignore_errors=True)
    return admission


def write_rows(connection: duckdb.DuckDBPyConnection, query: str, table: Table, path: Path) -> None:
    """Stream a query's rows into a Parquet file of exactly the table's columns and types.

    Through Arrow, since the engine's own writer marks columns without a gap as required.
    """
    rows = connection.cursor().sql(f"SELECT {_columns(table)} FROM ({query})")
    with pq.ParquetWriter(path, table.schema) as writer:
        for batch in rows.to_arrow_reader(_ROW_GROUP):
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=table.schema))


class _Check:
    """One admission under way: the candidates as views, the refusals as a table."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, incoming: Path, prepared: Path
    ) -> None:
        self._db = connection
        self._incoming = incoming
        self._prepared = prepared
        self.unchanged: list[str] = []

    def run(self) -> Admission:
        """Judge every table, write what needs writing; moving the unchanged is left to do."""
        for table in (*TABLES.values(), REJECTED_ROWS, SOURCE_INFO):
            self._open(table)
        self._require_one_source()
        self._db.execute(
            "CREATE TABLE refusals "
            "(table_name VARCHAR, file_row_number BIGINT, rule VARCHAR, reason VARCHAR)"
        )
        self._judge(TABLES["tickets"])
        self._db.execute(
            f"""
            CREATE TABLE ticket AS
            SELECT ticket_id, created_at,
                file_row_number IN ({_refused("tickets")}) AS is_refused
            FROM tickets
            WHERE ticket_id IS NOT NULL
            QUALIFY 1 = row_number() OVER (
                PARTITION BY ticket_id ORDER BY is_refused, file_row_number
            )
            """
        )
        self._judge(TABLES["ticket_events"])
        self._refuse_tickets_without_events()
        for name in ("agents", "sla_policies", "ticket_costs", "satisfaction_ratings"):
            self._judge(TABLES[name])
        return self._write()

    def _open(self, table: Table) -> None:
        """Make a view of a candidate file; an absent one is an empty one, except the source's."""
        path = self._incoming / f"{table.name}.parquet"
        if not path.exists():
            if table is SOURCE_INFO:
                raise SourceError(f"{path.name} is missing: a source has to say what it read.")
            pq.write_table(table.schema.empty_table(), path)
        expected = _types(self._db, table)
        try:
            found = _types(self._db, path)
        except duckdb.Error as error:
            raise SourceError(
                f"{path.name} cannot be read as Parquet: {_one_line(error)}"
            ) from None
        wrong = [f"{name} is missing" for name in expected if name not in found]
        wrong += [
            f"{name} is not a column of {table.name}" for name in found if name not in expected
        ]
        wrong += [
            f"{name} is {found[name]} where {type_} is expected"
            for name, type_ in expected.items()
            if name in found and found[name] != type_
        ]
        if wrong:
            raise SourceError(f"{path.name} does not follow the contract: {'; '.join(wrong)}.")
        self._db.execute(
            f"CREATE VIEW {table.name} AS "
            f"SELECT {_columns(table)}, file_row_number "
            f"FROM read_parquet({_quoted(path)}, file_row_number = true)"
        )

    def _require_one_source(self) -> None:
        rows = self._db.execute("SELECT count(*), count(as_of) FROM source_info").fetchone()
        if rows != (1, 1):
            raise SourceError("source_info.parquet needs exactly one row, with its as_of.")

    def _judge(self, table: Table) -> None:
        """Add the refused rows of one table, each with the first rule that holds."""
        if self._count(table.name) == 0:
            return
        rules = [rule for rule in RULES if rule.table == table.name]
        key = ", ".join(table.key)
        duplicate = DUPLICATE_KEY.format(key="_".join(table.key))
        names = " ".join(f"WHEN {rule.refuses} THEN '{rule.name}'" for rule in rules)
        reasons = " ".join(f"WHEN {rule.refuses} THEN {rule.reason}" for rule in rules)
        any_rule = " OR ".join(f"({rule.refuses})" for rule in rules)
        hangs_on_ticket = table.name != "tickets" and "ticket_id" in table.schema.names
        join = "LEFT JOIN ticket ON ticket.ticket_id = this.ticket_id" if hangs_on_ticket else ""
        self._db.execute(
            f"""
            INSERT INTO refusals
            SELECT '{table.name}', this.file_row_number, CASE {names} END, CASE {reasons} END
            FROM {table.name} AS this {join}
            CROSS JOIN (SELECT as_of FROM source_info) AS source
            WHERE {any_rule}
            """
        )
        distinct = self._db.execute(
            f"SELECT count(*) = count(DISTINCT ({key})) FROM {table.name}"
        ).fetchone()
        if distinct != (True,):
            self._db.execute(
                f"""
                INSERT INTO refusals
                SELECT '{table.name}', file_row_number, '{duplicate}',
                    'an earlier row has the same {key}'
                FROM {table.name} AS this
                WHERE file_row_number NOT IN ({_refused(table.name)})
                QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY file_row_number) > 1
                """
            )

    def _refuse_tickets_without_events(self) -> None:
        self._db.execute(
            f"""
            INSERT INTO refusals
            SELECT 'tickets', file_row_number, '{TICKET_WITHOUT_EVENTS}',
                'no event of ticket ' || ticket_id || ' was admitted'
            FROM tickets
            WHERE file_row_number NOT IN ({_refused("tickets")})
                AND ticket_id NOT IN (
                    SELECT ticket_id FROM ticket_events
                    WHERE ticket_id IS NOT NULL
                        AND file_row_number NOT IN ({_refused("ticket_events")})
                )
            """
        )
        self._db.execute(
            f"""
            UPDATE ticket SET is_refused = true
            WHERE ticket_id IN (
                SELECT ticket_id FROM tickets
                WHERE file_row_number IN ({_refused("tickets", TICKET_WITHOUT_EVENTS)})
            )
            """
        )

    def _write(self) -> Admission:
        """Write the changed tables, the refused rows and the source's line; count everything."""
        self._collect_rejected()
        rejected = Counter[tuple[str, str]]()
        for table_name, rule, count in self._db.execute(
            "SELECT table_name, rule, count(*) FROM rejected GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            rejected[table_name, rule] = count
        rows = {name: self._write_table(table) for name, table in TABLES.items()}
        if rows["ticket_events"] == 0:
            raise SourceError(self._why_nothing_is_left())
        self._copy(
            f"SELECT * REPLACE ({rejected.total()}::BIGINT AS rows_rejected) FROM source_info",
            SOURCE_INFO,
            "source_info.parquet",
        )
        self._copy("SELECT * FROM rejected", REJECTED_ROWS, REJECTED_FILE)
        rows |= {SOURCE_INFO.name: 1, REJECTED_ROWS.name: rejected.total()}
        return Admission(rows, dict(rejected))

    def _collect_rejected(self) -> None:
        """One table of all that was refused: the reader's rows, then the contract's."""
        self._db.execute(
            f"CREATE TABLE rejected AS SELECT {_columns(REJECTED_ROWS)} FROM rejected_rows "
            "ORDER BY file_row_number"
        )
        origins = self._incoming / ORIGINS_FILE
        if not origins.exists():
            pq.write_table(ORIGINS.empty_table(), origins)
        refused = self._db.execute("SELECT DISTINCT table_name FROM refusals").fetchall()
        for table in (table for table in TABLES.values() if (table.name,) in refused):
            found = (
                f"SELECT refusals.*, {'source_position' if table.name == 'ticket_events' else -1} "
                f"AS position, to_json(struct_pack({_columns(table)})) AS row_json "
                f"FROM refusals JOIN {table.name} USING (file_row_number) "
                f"WHERE table_name = '{table.name}'"
            )
            self._db.execute(
                f"""
                INSERT INTO rejected
                SELECT table_name,
                    coalesce(origin.source_file, '{table.name}.parquet'),
                    coalesce(position - first_position + 1, found.file_row_number + 1),
                    rule, reason, row_json
                FROM ({found}) AS found
                LEFT JOIN read_parquet({_quoted(origins)}) AS origin
                    ON position >= origin.first_position
                    AND position < origin.first_position + origin.rows
                ORDER BY found.file_row_number
                """
            )

    def _write_table(self, table: Table) -> int:
        """Write the admitted rows, unless the candidate can stay as it is; return their number."""
        refused = self._count(f"({_refused(table.name)})")
        count = self._count(table.name)
        path = self._incoming / f"{table.name}.parquet"
        if refused == 0 and pq.read_schema(path).remove_metadata() == table.schema:
            self.unchanged.append(table.name)
        else:
            self._copy(
                f"SELECT {_columns(table)} FROM {table.name} "
                f"WHERE file_row_number NOT IN ({_refused(table.name)}) ORDER BY file_row_number",
                table,
                path.name,
            )
        return count - refused

    def _copy(self, query: str, table: Table, file_name: str) -> None:
        write_rows(self._db, query, table, self._prepared / file_name)

    def _count(self, relation: str) -> int:
        row = self._db.execute(f"SELECT count(*) FROM {relation}").fetchone()
        return int(row[0]) if row else 0

    def _why_nothing_is_left(self) -> str:
        info = self._db.execute("SELECT description, rows_read FROM source_info").fetchone()
        description, rows_read = info or ("the source", 0)
        if not rows_read:
            return f"{description}: no events were read; nothing was replaced."
        reasons = self._db.execute(
            "SELECT rule, count(*) AS rows, min(reason) FROM rejected "
            "WHERE table_name = 'ticket_events' GROUP BY rule ORDER BY rows DESC, rule LIMIT 3"
        ).fetchall()
        why = "; ".join(f"{rows} {rule} ({reason})" for rule, rows, reason in reasons)
        return f"{description}: none of {rows_read} event rows can be used: {why}."


def _refused(table: str, rule: str | None = None) -> str:
    by_rule = f" AND rule = '{rule}'" if rule else ""
    return f"SELECT file_row_number FROM refusals WHERE table_name = '{table}'{by_rule}"


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _types(connection: duckdb.DuckDBPyConnection, source: Table | Path) -> dict[str, str]:
    """Each column's DuckDB type, of a contract's table or of a file."""
    if isinstance(source, Path):
        relation = connection.sql(f"FROM read_parquet({_quoted(source)})")
    else:
        relation = connection.from_arrow(source.schema.empty_table())
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _beside(raw: Path, role: str) -> Path:
    return raw.with_name(f".{raw.name}.{role}")


def _restore(raw: Path) -> None:
    """Put right what a crash between the two renames of `_replace` left behind."""
    previous = _beside(raw, "previous")
    if previous.exists():
        if raw.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(raw)


def _replace(raw: Path, prepared: Path) -> None:
    previous = _beside(raw, "previous")
    if raw.exists():
        raw.rename(previous)
    try:
        prepared.rename(raw)
    except OSError:
        _restore(raw)
        raise
    shutil.rmtree(previous, ignore_errors=True)
