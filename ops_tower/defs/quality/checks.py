"""Checks of what is unusual."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import audit
from ops_tower.defs.inputs import marts
from ops_tower.defs.judging import answer
from ops_tower.settings import Settings


@dg.asset_check(asset=["analysis", "anomalies"], additional_ins=marts("mart_source"), blocking=True)
def few_days_are_unusual(
    settings: dg.ResourceParam[Settings], anomalies: pd.DataFrame, mart_source: pd.DataFrame
) -> dg.AssetCheckResult:
    """Few of the last seven days were far from their weekday's usual."""
    limit = settings.checks.anomaly_days
    as_of = mart_source.iloc[0]["as_of"]
    return answer(audit.anomaly_days(anomalies, as_of, limit.value), limit)
