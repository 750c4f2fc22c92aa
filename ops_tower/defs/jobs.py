"""The job that runs the whole graph; `ops-tower run` and the daily schedule share it."""

import dagster as dg

from ops_tower.settings import DAILY_JOB

daily = dg.define_asset_job(
    DAILY_JOB,
    selection=dg.AssetSelection.all(),
    description="Every asset and every check, from the source to the published file.",
)
