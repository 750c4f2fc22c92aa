"""How much of each fault is tried: the one switch between the default run and `make faults`."""

import os
from dataclasses import dataclass
from typing import Final

import pytest


@dataclass(frozen=True)
class Scale:
    """Counts of what is tried, and whether tests that take whole runs are run at all."""

    is_full: bool
    kills: int
    publications: int
    readers: int
    files: int
    rows: int


FULL: Final = Scale(is_full=True, kills=50, publications=30, readers=20, files=200, rows=10_000)
SHORT: Final = Scale(is_full=False, kills=1, publications=4, readers=4, files=12, rows=2_000)
SCALE: Final = FULL if os.environ.get("OPS_TOWER_FAULTS") == "full" else SHORT

takes_whole_runs = pytest.mark.skipif(
    not SCALE.is_full, reason="takes whole runs: `make faults` tries it"
)
