"""What is ahead: the volume, how far to trust its forecast, and the people for it."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import capacity, forecasting
from ops_tower.defs.inputs import analysis, marts, outputs

GROUP = "planning"


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_daily_ops", "mart_source"),
    outs=outputs(
        volume_forecast="One row per group and day ahead: new tickets, with bands.",
        forecast_backtest="One row per group: how the model did on days that it had not seen.",
    ),
)
def forecast(
    mart_daily_ops: pd.DataFrame, mart_source: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Holt-Winters for 30 days, judged by a rolling backtest against seasonal naive."""
    return forecasting.forecast_volume(mart_daily_ops, mart_source.iloc[0]["as_of"])


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=marts("mart_daily_ops", "mart_capacity", "mart_source")
    | analysis("volume_forecast", "forecast_backtest"),
)
def capacity_gap(
    volume_forecast: pd.DataFrame,
    forecast_backtest: pd.DataFrame,
    mart_daily_ops: pd.DataFrame,
    mart_capacity: pd.DataFrame,
    mart_source: pd.DataFrame,
) -> pd.DataFrame:
    """One row per group and month: agent-days needed and there; the capacity page reads it."""
    return capacity.capacity_gap(
        volume_forecast,
        forecast_backtest,
        mart_daily_ops,
        mart_capacity,
        mart_source.iloc[0]["as_of"],
    )
