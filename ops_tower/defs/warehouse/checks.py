"""Checks that join the data tests of the dbt project: what the marts say of the desk itself."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import audit
from ops_tower.defs.inputs import marts
from ops_tower.defs.judging import answer
from ops_tower.settings import Settings


@dg.asset_check(
    asset=["marts", "mart_sla"],
    additional_ins=marts("mart_source") | {"targets": dg.AssetIn(["seeds", "sla_policy_targets"])},
    blocking=True,
)
def sla_reaches_its_targets(
    settings: dg.ResourceParam[Settings],
    mart_sla: pd.DataFrame,
    mart_source: pd.DataFrame,
    targets: pd.DataFrame,
) -> dg.AssetCheckResult:
    """Attainment of the last 28 days reaches its target, for each priority and each group."""
    limit = settings.checks.sla_shortfall
    as_of = mart_source.iloc[0]["as_of"]
    return answer(audit.sla_shortfall(mart_sla, targets, as_of, limit.value), limit)
