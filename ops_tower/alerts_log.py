"""`alerts.log`: one JSON line per alert and severity, appended once, for people and log shippers.

Belongs here: what is written and when a line is new. Does not belong here: what deserves an alert
(`analysis.breach_risk`).
"""

import json
import os
from pathlib import Path
from typing import Final

import pandas as pd

# The same target with the same severity is one alert, however many runs see it.
KEY: Final = ("ticket_id", "metric", "instance", "severity")


def append_new(alerts: pd.DataFrame, log: Path) -> int:
    """Append the alerts that `log` does not hold yet.

    Args:
        alerts: `sla_alerts`, any rows.
        log: the file; made if missing. A last line that a crash cut short is closed, not repaired.

    Returns:
        How many lines were written, all in one write.
    """
    known = {_key(line) for line in read(log)}
    lines = json.loads(alerts.to_json(orient="records", date_format="iso", date_unit="s"))
    new = [line for line in lines if _key(line) not in known]
    if new:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in new)
        _append(log, text)
    return len(new)


def read(log: Path) -> list[dict[str, object]]:
    """The alerts in `log`, oldest first; what a crash left half-written is passed over."""
    if not log.exists():
        return []
    found = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def _key(line: dict[str, object]) -> tuple[object, ...]:
    return tuple(line.get(name) for name in KEY)


def _append(log: Path, text: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
