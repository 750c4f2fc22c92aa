"""The last assets: what passed its checks becomes the one file that readers open, and a log."""

from datetime import UTC, datetime

import dagster as dg
import pandas as pd

from ops_tower import last_run
from ops_tower.alerts_log import append
from ops_tower.analysis.alert_ledger import news
from ops_tower.analysis.thresholds import FRESH_FOR, STALE_AFTER
from ops_tower.defs.inputs import analysis, marts
from ops_tower.defs.retrying import retried
from ops_tower.flagged_targets import outcomes
from ops_tower.published import ANALYSIS_TABLES, LAYOUT, publish
from ops_tower.reports import write_brief
from ops_tower.settings import Settings


@dg.asset(
    key_prefix="analysis",
    group_name="published",
    ins=marts("mart_source"),
)
def run_info(context: dg.AssetExecutionContext, mart_source: pd.DataFrame) -> pd.DataFrame:
    """One row: which run this is, what it speaks of and up to when; the dashboard's badge."""
    source = mart_source.iloc[0]
    return pd.DataFrame(
        {
            "run_id": [context.run.run_id],
            "source": [source["source"]],
            "as_of": [source["as_of"]],
            "published_at": [pd.Timestamp(datetime.now(UTC).replace(tzinfo=None))],
            "tickets": [source["tickets"]],
            "events": [source["events"]],
            "layout": [LAYOUT],
        }
    )


@dg.asset(
    group_name="published",
    deps=[dg.AssetKey(["analysis", table]) for table in ANALYSIS_TABLES],
    kinds={"duckdb"},
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=STALE_AFTER, warn_window=FRESH_FOR),
)
def published_file(
    context: dg.AssetExecutionContext, locked_settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """One read-only file per run with all marts and analyses; the dashboard reads it alone."""
    places = locked_settings.places
    with retried(context):
        version = publish(
            places.warehouse, places.published, context.run.run_id, locked_settings.keep_published
        )
    now = datetime.now(UTC).replace(tzinfo=None)
    last_run.write(locked_settings.home, last_run.LastRun(context.run.run_id, now))
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(version)),
            "size_bytes": version.stat().st_size,
        }
    )


@dg.asset(
    group_name="published",
    ins=analysis("sla_alerts", "run_info"),
    deps=["published_file"],
    kinds={"file"},
)
def alerts_log(
    locked_settings: dg.ResourceParam[Settings], sla_alerts: pd.DataFrame, run_info: pd.DataFrame
) -> dg.MaterializeResult[None]:
    """`alerts.log`: a JSON line per alert raised, escalated or resolved; log shippers read it."""
    places, as_of = locked_settings.places, run_info.iloc[0]["as_of"].to_pydatetime()
    written = append(
        places.alerts_log,
        lambda past: news(past, sla_alerts, outcomes(places.warehouse, past), as_of),
    )
    return dg.MaterializeResult(metadata={"alerts": len(sla_alerts), "written": written})


@dg.asset(
    group_name="published",
    ins=analysis("monday_brief", "run_info"),
    deps=["published_file"],
    kinds={"file"},
)
def reports(
    locked_settings: dg.ResourceParam[Settings],
    monday_brief: pd.DataFrame,
    run_info: pd.DataFrame,
) -> dg.MaterializeResult[None]:
    """`reports/`: the Monday brief as Markdown and HTML, two files per day of the data."""
    texts = dict(zip(monday_brief["form"], monday_brief["text"], strict=True))
    files = write_brief(locked_settings.places.reports, run_info.iloc[0]["as_of"], texts)
    return dg.MaterializeResult(
        metadata={path.suffix[1:]: dg.MetadataValue.path(str(path)) for path in files}
    )
