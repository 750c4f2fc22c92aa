"""Simulated desks taken through the warehouse: what analyses read, beside what was planted."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from ops_tower import warehouse
from ops_tower.settings import Settings
from ops_tower.sources.landing import land


class Desk(NamedTuple):
    """Marts by name, and truth.json."""

    marts: Mapping[str, pd.DataFrame]
    truth: Mapping[str, Any]


def simulated(
    tickets: int, seed: int, as_of: datetime, marts: Sequence[str], parameters: str = ""
) -> Desk:
    """Simulate a desk and build these marts of it.

    Args:
        tickets: a year.
        seed: of the simulator.
        as_of: naive UTC.
        marts: their names.
        parameters: TOML for what departs from the default desk.
    """
    with tempfile.TemporaryDirectory(prefix="ops-tower-desk-") as folder:
        file = Path(folder) / "desk.toml"
        file.write_text(parameters)
        settings = Settings(
            home=Path(folder) / "home", tickets=tickets, seed=seed, as_of=as_of, parameters=file
        )
        land(settings)
        places = settings.places
        selected = [part for mart in marts for part in ("--select", f"+{mart}")]
        kinds = ["--exclude-resource-types", "test", "unit_test"]
        if not warehouse.invoke(["build", *selected, *kinds], places):
            raise RuntimeError(f"dbt did not build {', '.join(marts)}.")
        with duckdb.connect(str(places.warehouse), read_only=True) as connection:
            frames = {mart: connection.table(f"marts.{mart}").df() for mart in marts}
        return Desk(frames, json.loads((places.raw / "truth.json").read_text()))
