"""How the last run of a home ended: a small file that readers can afford to open on every page.

Belongs here: what it holds, and how it is written and read. Does not belong here: the history of
runs (Dagster's record, `status`), or who decides that a run failed (`defs/`).
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

FILE: Final = "last_run.json"


@dataclass(frozen=True)
class LastRun:
    """One finished run; `reason` is empty if it published, else says in a line why it did not."""

    run_id: str
    ended_at: datetime
    reason: str = ""

    @property
    def is_published(self) -> bool:
        """Whether what this run found is what readers see."""
        return not self.reason


def write(home: Path, run: LastRun) -> None:
    """Put `run` in the place of the one before, whole or not at all."""
    unfinished = home / f".{FILE}.unfinished"
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(asdict(run) | {"ended_at": run.ended_at.isoformat()}, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(home / FILE)


def read(home: Path) -> LastRun | None:
    """The last finished run; None before the first, and where the file is not one of ours."""
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
        return LastRun(
            str(found["run_id"]), datetime.fromisoformat(found["ended_at"]), str(found["reason"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
