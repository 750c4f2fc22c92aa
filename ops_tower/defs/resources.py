"""What assets share: the settings, the warehouse as an I/O manager, the executor, progress.

Belongs here: how frames are stored and read. Does not belong here: any asset.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
from dagster._core.storage.db_io_manager import DbIOManager
from dagster_duckdb import DuckDBIOManager
from dagster_duckdb.io_manager import DuckDbClient
from dagster_duckdb_pandas.duckdb_pandas_type_handler import DuckDBPandasTypeHandler
from pydantic import PrivateAttr

from ops_tower.defs.metadata import table_metadata
from ops_tower.home_lock import exclusive
from ops_tower.instance import close_journals, declare_dead
from ops_tower.progress import open_logger
from ops_tower.settings import Settings


class FrameHandler(DuckDBPandasTypeHandler):
    """Stores a frame as a table of its own columns, also when it is empty.

    The stock handler writes no table for an empty frame and inserts into the columns that an
    earlier run left; both would publish yesterday's rows or types.
    """

    def handle_output(self, context, table_slice, obj, connection):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Replace the table by `obj`, then let the stock handler report its size."""
        frame = with_sql_types(obj)
        connection.register("frame", frame)
        connection.execute(
            f'create or replace table {table_slice.schema}."{table_slice.table}" as from frame'
        )
        connection.unregister("frame")
        context.add_output_metadata(table_metadata(frame, len(frame)))


class HeldWarehouse(DuckDbClient):
    """Connections to one file that stays open from the first frame to the run's end.

    Opening the warehouse takes some twenty milliseconds and closing it folds its log into it, and a
    run reads and writes a hundred frames. While it is held, whoever opens it in this process shares
    the instance at no cost, if they ask for no other configuration.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is open before a frame is asked for: dbt opens the file in its own way."""
        self._path = path
        self._held: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def connect(self, context: object, table_slice: object) -> Iterator[duckdb.DuckDBPyConnection]:  # type: ignore[override]  # noqa: ARG002, Dagster's
        """A connection of its own for each frame."""
        if self._held is None:
            self._held = duckdb.connect(str(self._path))
        with self._held.cursor() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file; the next frame opens it again."""
        if self._held is not None:
            self._held.close()
            self._held = None


class FrameIOManager(DuckDBIOManager):
    """The warehouse: asset `analysis/x` is table `analysis.x`, read and written as a frame."""

    _warehouse: HeldWarehouse | None = PrivateAttr(default=None)

    def create_io_manager(self, context: dg.InitResourceContext) -> DbIOManager:  # noqa: ARG002
        """Frames in, frames out, over a file that stays open for the run."""
        self._warehouse = HeldWarehouse(Path(self.database))
        return DbIOManager(
            db_client=self._warehouse,
            database=self.database,
            type_handlers=self.type_handlers(),
            default_load_type=pd.DataFrame,
        )

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Close the file, so that the home is whole when its lock is let go."""
        if self._warehouse is not None:
            self._warehouse.close()

    @staticmethod
    def type_handlers() -> Sequence[DuckDBPandasTypeHandler]:
        """Frames only."""
        return [FrameHandler()]


def with_sql_types(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with text as text and timestamps in microseconds.

    DuckDB guesses the type of an object column from its values, so a column without any would
    become an integer.

    Raises:
        TypeError: an object column holds something else than text.
    """
    types: dict[str, str] = {}
    for name, dtype in frame.dtypes.items():
        if pd.api.types.is_object_dtype(dtype):
            if pd.api.types.infer_dtype(frame[name], skipna=True) not in {"string", "empty"}:
                raise TypeError(f"Column {name} holds objects: give it a type of its own.")
            types[str(name)] = "string"
        elif pd.api.types.is_datetime64_dtype(dtype):
            types[str(name)] = "datetime64[us]"
    return frame.astype(types)


@dg.resource(description="The settings, with the home locked from a run's first step to its last.")
def locked_settings(context: dg.InitResourceContext) -> Iterator[Settings]:
    """What a step that writes asks for, so that two runs never write one home.

    Whoever holds the home knows that no other run lives in it, and says so of those that died.

    Raises:
        HomeInUseError: another process holds the home.
    """
    settings = Settings()
    with exclusive(settings.home):
        if context.instance and context.run_id:
            declare_dead(context.instance, besides=context.run_id)
            close_journals(settings.places.dagster, besides=context.run_id)
        yield settings


@dg.definitions
def defs() -> dg.Definitions:
    """Resources by name, and one process for all steps: a step's own process costs more than it."""
    settings = Settings()
    return dg.Definitions(
        resources={
            "settings": settings,
            "locked_settings": locked_settings,
            "io_manager": FrameIOManager(database=str(settings.places.warehouse)),
        },
        executor=dg.in_process_executor,
        loggers={"progress": dg.LoggerDefinition(open_logger)},
    )
