"""How a check of ours is declared and answered: `analysis.audit` judges, the settings weigh it.

All of them may block: one whose severity is error stops what lies downstream, so that nothing is
published; one whose severity is warn is told and does not.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pandas as pd

from ops_tower.analysis.audit import Verdict
from ops_tower.defs.metadata import preview
from ops_tower.published import current, read
from ops_tower.settings import Limit, Settings

SEVERITIES: Mapping[str, dg.AssetCheckSeverity] = {
    "warn": dg.AssetCheckSeverity.WARN,
    "error": dg.AssetCheckSeverity.ERROR,
}


def answer(
    verdict: Verdict, limit: Limit, asset: dg.AssetKey | None = None, check: str | None = None
) -> dg.AssetCheckResult:
    """The verdict as Dagster keeps it: its sentence, its figures, its limit and its worst rows.

    Args:
        verdict: what was found.
        limit: what it was held against, and how much it matters.
        asset: which asset was looked at, in a step that answers several checks.
        check: the check's name, in such a step.
    """
    metadata: dict[str, Any] = {**verdict.figures, "limit": limit.value}
    if verdict.worst is not None and len(verdict.worst):
        metadata["worst"] = dg.MetadataValue.md(preview(verdict.worst))
    return dg.AssetCheckResult(
        passed=bool(verdict.is_well),  # engines and frames have truths of their own types
        severity=SEVERITIES[limit.severity],
        description=verdict.sentence,
        metadata=metadata,
        asset_key=asset,
        check_name=check,
    )


def published_before(settings: Settings, table: str, source: str) -> pd.DataFrame | None:
    """A table of what is published while a run is under way; None if it is of another source.

    Args:
        settings: whose home is looked at.
        table: with its schema, such as `analysis.run_info`.
        source: where this run's tickets come from, such as `event-log`.
    """
    version = current(settings.home)
    if version is None:
        return None
    info = read(version, "from analysis.run_info")
    if info.empty or info["source"].iloc[0] != source:
        return None
    return read(version, f"from {table}")
