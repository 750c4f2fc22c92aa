"""How an asset names the frames that it reads."""

import dagster as dg


def marts(*names: str) -> dict[str, dg.AssetIn]:
    """Inputs of the same names from the marts that dbt built."""
    return {name: dg.AssetIn(["marts", name]) for name in names}


def analysis(*names: str) -> dict[str, dg.AssetIn]:
    """Inputs of the same names from other analyses."""
    return {name: dg.AssetIn(["analysis", name]) for name in names}


def outputs(**grains: str) -> dict[str, dg.AssetOut]:
    """Outputs of a step that makes several analyses at once, each with its grain in a sentence."""
    return {
        name: dg.AssetOut(key_prefix="analysis", description=grain)
        for name, grain in grains.items()
    }
