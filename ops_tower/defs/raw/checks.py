"""Checks of the raw layer, in one step: nothing is built on files that are broken or stale."""

from collections.abc import Iterator

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ops_tower.analysis import audit
from ops_tower.defs.judging import answer, published_before
from ops_tower.published import literal
from ops_tower.settings import Limit, Settings
from ops_tower.sources.contract import SOURCE_INFO, TABLES

EVENTS = dg.AssetKey(["raw", "ticket_events"])
REJECTED = dg.AssetKey(["raw", "rejected_rows"])
INFO = dg.AssetKey(["raw", "source_info"])

# By the hour, so that the order of millions of events is that of some thousand rows.
NEWEST_AND_QUIET = """
    with hours as (select distinct date_trunc('hour', event_at) as hour from read_parquet({file})),
    gaps as (select hour - lag(hour) over (order by hour) as gap from hours)
    select (select max(event_at) from read_parquet({file})),
        coalesce((select max(epoch(gap)) / 3600 from gaps), 0)
"""


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            "raw_tables_follow_the_contract",
            asset=EVENTS,
            blocking=True,
            description="Each raw file can be read and has the contract's columns and types.",
        ),
        dg.AssetCheckSpec(
            "events_are_fresh",
            asset=EVENTS,
            blocking=True,
            description="The newest event is as new as the data's own now lets one expect.",
        ),
        dg.AssetCheckSpec(
            "few_rows_are_refused",
            asset=REJECTED,
            blocking=True,
            description="The contract refused few enough of the rows that were read.",
        ),
        dg.AssetCheckSpec(
            "rows_did_not_collapse",
            asset=INFO,
            blocking=True,
            description="No table has lost more rows since the published run than can be meant.",
        ),
    ],
    can_subset=True,
)
def raw_checks(
    context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]
) -> Iterator[dg.AssetCheckResult]:
    """Structure first; where that is broken nothing else can be looked at."""
    asked = {key.name for key in context.selected_asset_check_keys}
    for result in _results(settings):
        if result.check_name in asked:
            yield result


def _results(settings: Settings) -> Iterator[dg.AssetCheckResult]:
    raw, limits = settings.places.raw, settings.checks
    structure = _structure(settings)
    yield answer(structure, Limit(0, "error"), EVENTS, "raw_tables_follow_the_contract")
    if not structure.is_well:
        return
    info = pq.read_table(raw / "source_info.parquet").to_pandas().iloc[0]
    with duckdb.connect() as connection:
        file = literal(raw / "ticket_events.parquet")
        newest, quiet = connection.execute(NEWEST_AND_QUIET.format(file=file)).df().iloc[0]
    yield answer(
        audit.freshness(newest, info["as_of"], float(quiet), limits.quiet_hours.value),
        limits.quiet_hours,
        EVENTS,
        "events_are_fresh",
    )
    read, rejected = int(info["rows_read"]), int(info["rows_rejected"])
    yield answer(
        audit.rejected_share(read, rejected, limits.rejected_share.value),
        limits.rejected_share,
        REJECTED,
        "few_rows_are_refused",
    )
    rows = {
        "tickets": pq.read_metadata(raw / "tickets.parquet").num_rows,
        "events": pq.read_metadata(raw / "ticket_events.parquet").num_rows,
    }
    before = published_before(settings, "analysis.run_info", info["source"])
    counted = None if before is None else {name: int(before[name].iloc[0]) for name in rows}
    yield answer(
        audit.row_loss(rows, counted, limits.row_loss.value),
        limits.row_loss,
        INFO,
        "rows_did_not_collapse",
    )


def _structure(settings: Settings) -> audit.Verdict:
    wrong = []
    for table in (*TABLES.values(), SOURCE_INFO):
        try:
            found = pq.read_schema(settings.places.raw / f"{table.name}.parquet").remove_metadata()
        except (OSError, pa.ArrowInvalid) as error:
            wrong.append(f"{table.name} cannot be read ({str(error).splitlines()[0]})")
            continue
        if found != table.schema:
            wrong.append(f"{table.name} has other columns or types than the contract")
    sentence = "; ".join(wrong) + ": run again." if wrong else "All raw files are as agreed."
    return audit.Verdict(not wrong, sentence, {"files_wrong": len(wrong)})
