"""What assets share: the settings, the warehouse as an I/O manager, the executor, progress.

Belongs here: how frames are stored and read. Does not belong here: any asset.
"""

from collections.abc import Iterator, Sequence

import dagster as dg
import pandas as pd
from dagster_duckdb import DuckDBIOManager
from dagster_duckdb_pandas.duckdb_pandas_type_handler import DuckDBPandasTypeHandler

from ops_tower.defs.metadata import table_metadata
from ops_tower.home_lock import exclusive
from ops_tower.instance import close_journals, declare_dead, eased_sqlite
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


class FrameIOManager(DuckDBIOManager):
    """The warehouse: asset `analysis/x` is table `analysis.x`, read and written as a frame."""

    @staticmethod
    def type_handlers() -> Sequence[DuckDBPandasTypeHandler]:
        """Frames only."""
        return [FrameHandler()]

    @staticmethod
    def default_load_type() -> type:
        """Inputs arrive as frames."""
        return pd.DataFrame


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
    with exclusive(settings.home), eased_sqlite():
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
