"""Checks of the raw layer: what was refused, and whether anything is there at all."""

import dagster as dg
import pyarrow.parquet as pq

from ops_tower.settings import Settings
from ops_tower.sources.contract import SOURCE_INFO, TABLES


@dg.asset_check(asset=["raw", "ticket_events"], blocking=True)
def raw_tables_follow_the_contract(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Each raw file can be read and has the contract's columns, in order, with their types."""
    wrong = []
    for table in (*TABLES.values(), SOURCE_INFO):
        found = pq.read_schema(settings.places.raw / f"{table.name}.parquet").remove_metadata()
        if found != table.schema:
            wrong.append(f"{table.name}: {found}")
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": "\n".join(wrong) or "none"})


@dg.asset_check(asset=["raw", "rejected_rows"])
def few_rows_are_refused(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """The share of rows that the contract refused is within the set limit."""
    info = pq.read_table(settings.places.raw / "source_info.parquet").to_pylist()[0]
    share = info["rows_rejected"] / max(info["rows_read"], 1)
    return dg.AssetCheckResult(
        passed=share <= settings.max_rejected_share,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "rows_read": info["rows_read"],
            "rows_rejected": info["rows_rejected"],
            "share": share,
            "limit": settings.max_rejected_share,
        },
    )
