"""The raw tables, as the chosen source gave them and the contract admitted them."""

from collections.abc import Iterator

import dagster as dg
import duckdb

from ops_tower.defs.metadata import describe
from ops_tower.defs.retrying import retried
from ops_tower.progress import bar
from ops_tower.published import literal
from ops_tower.settings import Settings
from ops_tower.sources.admission import REJECTED_FILE
from ops_tower.sources.contract import REJECTED_ROWS, SOURCE_INFO, TABLES, Table
from ops_tower.sources.landing import land

RAW = (*TABLES.values(), REJECTED_ROWS, SOURCE_INFO)


def _file_name(table: Table) -> str:
    return REJECTED_FILE if table is REJECTED_ROWS else f"{table.name}.parquet"


def _spec(table: Table) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["raw", table.name], description=table.grain, group_name="raw", kinds={"parquet"}
    )


@dg.multi_asset(specs=[_spec(table) for table in RAW])
def raw_tables(
    context: dg.AssetExecutionContext, locked_settings: dg.ResourceParam[Settings]
) -> Iterator[dg.MaterializeResult[None]]:
    """Read the source and replace all raw tables, or none of them."""
    with bar(f"reading the {locked_settings.source}") as progress, retried(context):
        landed = land(locked_settings, progress)
    for note in landed.notes:
        context.log.info(note)
    for warning in landed.warnings:
        context.log.warning(warning)
    with duckdb.connect() as connection:
        for table in RAW:
            file = locked_settings.places.raw / _file_name(table)
            yield dg.MaterializeResult(
                asset_key=["raw", table.name],
                metadata=describe(connection, f"read_parquet({literal(file)})"),
            )
