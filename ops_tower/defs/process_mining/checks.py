"""Checks of the process: a share of conforming tickets that jumps is news, or a broken log."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import audit
from ops_tower.defs.inputs import marts
from ops_tower.defs.judging import answer, published_before
from ops_tower.settings import Settings


@dg.asset_check(
    asset=["analysis", "conformance"], additional_ins=marts("mart_source"), blocking=True
)
def conformance_did_not_jump(
    settings: dg.ResourceParam[Settings], conformance: pd.DataFrame, mart_source: pd.DataFrame
) -> dg.AssetCheckResult:
    """About as many tickets follow the documented path as in the published run."""
    limit = settings.checks.conformance_drift
    source = mart_source["source"].iloc[0]
    before = published_before(settings, "analysis.conformance", source)
    return answer(audit.conformance_drift(conformance, before, limit.value), limit)
