"""What is about to breach: the open targets at risk."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import breach_risk
from ops_tower.defs.inputs import marts

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
