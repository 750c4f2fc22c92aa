"""What is about to breach: the open targets at risk, and the log that tells others of them."""

import dagster as dg
import pandas as pd

from ops_tower.alerts_log import append_new
from ops_tower.analysis import breach_risk
from ops_tower.defs.inputs import analysis, marts
from ops_tower.settings import Settings

GROUP = "alerts"


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=marts("mart_open_targets", "mart_sla", "mart_source"),
)
def sla_alerts(
    mart_open_targets: pd.DataFrame, mart_sla: pd.DataFrame, mart_source: pd.DataFrame
) -> pd.DataFrame:
    """One row per open target that is breached or at risk; the queue page reads it."""
    return breach_risk.sla_alerts(mart_open_targets, mart_sla, mart_source.iloc[0]["as_of"])


@dg.asset(
    group_name=GROUP,
    ins=analysis("sla_alerts"),
    deps=["published_file"],
    kinds={"file"},
)
def alerts_log(
    settings: dg.ResourceParam[Settings], sla_alerts: pd.DataFrame
) -> dg.MaterializeResult[None]:
    """`alerts.log`: a JSON line per alert and severity, written once; log shippers read it."""
    written = append_new(sla_alerts, settings.places.alerts_log)
    return dg.MaterializeResult(metadata={"alerts": len(sla_alerts), "written": written})
