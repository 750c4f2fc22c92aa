"""What Recommendations reads: the rules that fired, those that stayed silent, attainment since."""

from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from queries import Desk, read


def recommendations(desk: Desk) -> pd.DataFrame:
    """One row per rule that fired, in the order of effect over effort."""
    return read(desk.version, "from analysis.recommendations order by rank")


def silent_rules(desk: Desk) -> pd.DataFrame:
    """One row per rule that found nothing, with its question and why."""
    return read(desk.version, "from analysis.silent_rules order by rule_id")


def attainment(desk: Desk, group: str, at: datetime) -> float | None:
    """Share of a group's tickets (`All`: of all) that met their targets in 30 days before `at`."""
    parameters = {"group": group, "first": (at - timedelta(days=30)).date(), "end": at.date()}
    value = read(desk.version, _ATTAINMENT, parameters)["attainment"].iloc[0]
    return None if pd.isna(value) else float(value)


_ATTAINMENT: Final = """
select sum(met) / sum(judged) as attainment
from marts.mart_sla
where denominator = 'ticket' and date >= $first and date < $end
  and ($group = 'All' or group_name = $group)
"""
