"""How tests start `ops-tower` and look at what it published: as a stranger would."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from ops_tower.published import connect, current
from ops_tower.settings import PROJECT_ROOT

REAL_LOGS = Path(os.environ.get("OPS_TOWER_REAL_LOGS", PROJECT_ROOT.parent / "shared" / "data"))


def ops_tower(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with no `OPS_TOWER_…` variable set."""
    environment = {key: value for key, value in os.environ.items() if "OPS_TOWER" not in key}
    return subprocess.run(
        [Path(sys.executable).parent / "ops-tower", *map(str, arguments)],
        cwd=cwd,
        env=environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def open_published(home: Path) -> duckdb.DuckDBPyConnection:
    """A connection to what `home` published last."""
    version = current(home)
    assert version is not None, f"nothing is published in {home}"
    return connect(version)
