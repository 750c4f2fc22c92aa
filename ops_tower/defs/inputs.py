"""How an asset names the frames that it reads."""

from datetime import date

import dagster as dg
import pandas as pd


def marts(*names: str) -> dict[str, dg.AssetIn]:
    """Inputs of the same names from the marts that dbt built."""
    return {name: dg.AssetIn(["marts", name]) for name in names}


def analysis(*names: str) -> dict[str, dg.AssetIn]:
    """Inputs of the same names from other analyses."""
    return {name: dg.AssetIn(["analysis", name]) for name in names}


def tables(*names: str) -> dict[str, dg.AssetIn]:
    """Inputs from both: names that start with `mart_` are marts, the others analyses."""
    are_marts = [name for name in names if name.startswith("mart_")]
    return marts(*are_marts) | analysis(*(name for name in names if name not in are_marts))


def holiday_dates(mart_holidays: pd.DataFrame) -> frozenset[date]:
    """The dates of `mart_holidays`, as the analyses take them."""
    return frozenset(pd.to_datetime(mart_holidays["date"]).dt.date)


def outputs(**grains: str) -> dict[str, dg.AssetOut]:
    """Outputs of a step that makes several analyses at once, each with its grain in a sentence."""
    return {
        name: dg.AssetOut(key_prefix="analysis", description=grain)
        for name, grain in grains.items()
    }
