"""What the page on the data reads: the source, the forecasts' record, how flags ended."""

from collections.abc import Sequence
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


def outcomes(desk: Desk, tickets: Sequence[int]) -> pd.DataFrame:
    """How each target of these tickets ended: ticket_id, metric, instance, is_met, judged_at."""
    return read(desk.version, _OUTCOMES, {"tickets": [str(ticket) for ticket in tickets]})


def breaches(desk: Desk, since: pd.Timestamp) -> pd.DataFrame:
    """Targets that ran out after an instant: ticket_id, metric, instance."""
    return read(desk.version, _BREACHES, {"since": since.to_pydatetime()})


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

_OUTCOMES: Final = """
select ticket_id, metric, instance, is_met, judged_at
from marts.mart_sla_targets
where is_met is not null and list_contains($tickets::bigint[], ticket_id)
"""

_BREACHES: Final = """
select ticket_id, metric, instance
from marts.mart_sla_targets
where breached_at > $since
"""
