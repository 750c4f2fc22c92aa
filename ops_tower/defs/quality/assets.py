"""What is unusual, and what adds to cycle time and takes from satisfaction."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import anomalies as watching
from ops_tower.analysis import drivers as regression
from ops_tower.defs.inputs import holiday_dates, marts, outputs

GROUP = "quality"


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_daily_ops", "mart_holidays", "mart_source"),
    outs=outputs(
        anomalies="One row per day, metric and group far from its weekday's usual.",
        anomaly_watch="One row per metric and group: how many days could be judged.",
    ),
)
def unusual_days(
    mart_daily_ops: pd.DataFrame, mart_holidays: pd.DataFrame, mart_source: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rolling z-scores against the same weekday of the weeks before."""
    return watching.find_anomalies(
        mart_daily_ops, mart_source.iloc[0]["as_of"], holiday_dates(mart_holidays)
    )


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=marts("mart_driver_cells"))
def drivers(mart_driver_cells: pd.DataFrame) -> pd.DataFrame:
    """One row per outcome and driver: what one more of it adds; the quality page reads it."""
    return regression.drivers_from_cells(mart_driver_cells)
