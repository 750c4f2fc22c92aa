"""What is ahead: the volume, how far to trust its forecast, and the people for it."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import backlog, capacity, forecasting
from ops_tower.defs.inputs import analysis, holiday_dates, marts, outputs

GROUP = "planning"


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_daily_ops", "mart_holidays", "mart_source"),
    outs=outputs(
        volume_forecast="One row per group and day ahead: new tickets, with bands.",
        forecast_backtest="One row per group: how the model did on days that it had not seen.",
    ),
)
def forecast(
    mart_daily_ops: pd.DataFrame, mart_holidays: pd.DataFrame, mart_source: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Holt-Winters for 30 days, judged by a rolling backtest against seasonal naive."""
    return forecasting.forecast_volume(
        mart_daily_ops, mart_source.iloc[0]["as_of"], holidays=holiday_dates(mart_holidays)
    )


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=marts("mart_daily_ops", "mart_capacity", "mart_holidays", "mart_source")
    | analysis("volume_forecast", "forecast_backtest"),
)
def capacity_gap(  # noqa: PLR0913, PLR0917 - one argument per frame that the plan rests on
    volume_forecast: pd.DataFrame,
    forecast_backtest: pd.DataFrame,
    mart_daily_ops: pd.DataFrame,
    mart_capacity: pd.DataFrame,
    mart_holidays: pd.DataFrame,
    mart_source: pd.DataFrame,
) -> pd.DataFrame:
    """One row per group and month: agent-days needed and there; the capacity page reads it."""
    return capacity.capacity_gap(
        volume_forecast,
        forecast_backtest,
        mart_daily_ops,
        mart_capacity,
        mart_source.iloc[0]["as_of"],
        holiday_dates(mart_holidays),
    )


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_daily_ops", "mart_capacity", "mart_target_risk", "mart_holidays", "mart_source")
    | analysis("volume_forecast", "forecast_backtest"),
    outs=outputs(
        backlog_projection="One row per group and day ahead: days of work that wait, and the SLA.",
        backlog_outlook="One row per group: when its backlog outgrows the SLA, and how likely.",
    ),
)
def backlog_ahead(  # noqa: PLR0913, PLR0917 - as above, and the targets
    volume_forecast: pd.DataFrame,
    forecast_backtest: pd.DataFrame,
    mart_daily_ops: pd.DataFrame,
    mart_capacity: pd.DataFrame,
    mart_target_risk: pd.DataFrame,
    mart_holidays: pd.DataFrame,
    mart_source: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast work comes in, planned staff work it off; the capacity page reads it."""
    projection = backlog.project_backlog(
        volume_forecast,
        forecast_backtest,
        mart_daily_ops,
        mart_capacity,
        backlog.sla_windows(mart_target_risk),
        mart_source.iloc[0]["as_of"],
        holiday_dates(mart_holidays),
    )
    return projection, backlog.outlook(projection)
