"""Checks of what is ahead: a forecast that jumps from one day to the next deserves a look."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import audit
from ops_tower.defs.inputs import marts
from ops_tower.defs.judging import answer, published_before
from ops_tower.settings import Settings


@dg.asset_check(
    asset=["analysis", "volume_forecast"], additional_ins=marts("mart_source"), blocking=True
)
def forecast_did_not_jump(
    settings: dg.ResourceParam[Settings], volume_forecast: pd.DataFrame, mart_source: pd.DataFrame
) -> dg.AssetCheckResult:
    """The forecast for the same days is about what the published one says, for each group."""
    limit = settings.checks.forecast_drift
    source = mart_source["source"].iloc[0]
    before = published_before(settings, "analysis.volume_forecast", source)
    return answer(audit.forecast_drift(volume_forecast, before, limit.value), limit)
