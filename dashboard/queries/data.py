"""What the page on the data reads: the source, the forecasts' record, how flags ended."""

from pathlib import Path
from typing import Final

import duckdb
import pandas as pd
import streamlit as st

from queries import Desk, read


def source(desk: Desk) -> pd.Series:
    """Where the data came from and how much of it there is; one row."""
    return read(desk.version, "from marts.mart_source").iloc[0]


def published_at(desk: Desk) -> pd.Timestamp:
    """When the version was published, naive UTC."""
    return pd.Timestamp(read(desk.version, "from analysis.run_info")["published_at"].iloc[0])


def backtests(desk: Desk) -> pd.DataFrame:
    """One row per group: how the forecast did on days that it had not seen."""
    return read(desk.version, "from analysis.forecast_backtest order by group_name")


def watch(desk: Desk) -> pd.DataFrame:
    """One row per watched metric and group: days judged, days that stood out, or why none."""
    return read(desk.version, "from analysis.anomaly_watch order by metric, group_name")


def flags(desk: Desk) -> pd.Series:
    """What came of all flags that were raised in time; one that came too late has no lead."""
    # As objects: a row of one kind of number would make the counts fractions.
    return read(desk.version, _FLAGS).astype(object).iloc[0]


def flag_weeks(desk: Desk) -> pd.DataFrame:
    """One row per week since the first flag: how well its breaches were foreseen."""
    return read(desk.version, "from analysis.alert_weeks order by week desc")


def judgement(desk: Desk) -> pd.DataFrame:
    """How well the breaches of the last quarter were foreseen, indexed by measure."""
    return read(desk.version, "from analysis.breach_risk_judgement").set_index("measure")


def calibration(desk: Desk) -> pd.DataFrame:
    """Per tenth of probability: breaches foreseen, breaches that came, with their interval."""
    sql = "from analysis.breach_risk_calibration where moments > 0 order by lower_probability"
    return read(desk.version, sql)


def rejected(home: Path) -> pd.DataFrame:
    """Refused rows of the newest landing, per table and rule: how many, and one reason.

    They are not in the published file, so they are read from the raw layer beside it.
    """
    path = home / "raw" / "rejected.parquet"
    if not path.exists():
        return pd.DataFrame(columns=["table_name", "rule", "refused_rows", "example"])
    return _rejected(str(path), path.stat().st_mtime_ns)


@st.cache_data(max_entries=4, show_spinner=False)
def _rejected(path: str, changed_ns: int) -> pd.DataFrame:  # noqa: ARG001  (a part of the key)
    with duckdb.connect() as connection:
        return connection.execute(_REJECTED, {"path": path}).df()


_REJECTED: Final = """
select
  table_name, rule, count(*) as refused_rows,
  arg_min(concat_ws(', ', source_file, 'row ' || source_row, reason), source_row) as example
from read_parquet($path)
group by all
order by refused_rows desc, table_name, rule
"""

_FLAGS: Final = """
with decided as (
  select *, lead_minutes is not null as is_breached
  from analysis.alert_ledger
  where lead_minutes is not null or outcome = 'met'
)
select
  count(*) as flagged,
  count_if(is_breached)::bigint as breached,
  (select sum(missed) from analysis.alert_weeks)::bigint as missed,
  avg((breach_probability - is_breached::int) ** 2) as brier,
  median(lead_minutes) / 60 as median_lead_hours,
  (select min(raised_at) from analysis.alert_ledger) as since
from decided
"""
