"""What was decided about recommendations: who, when, and on which evidence.

Belongs here: the log `decisions.jsonl` in the home, one JSON object per line, only appended to. It
is the one thing that the dashboard writes. Does not belong here: layout, SQL.
"""

import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

Verdict = Literal["accepted", "dismissed"]
FILE: Final = "decisions.jsonl"


@dataclass(frozen=True)
class Decision:
    """One decision, with the evidence as it stood; times are ISO, naive UTC."""

    rule_id: str
    title: str
    owner_group: str
    verdict: Verdict
    who: str
    note: str
    decided_at: str
    as_of: str
    run_id: str
    evidence: str


def record(home: Path, decision: Decision) -> None:
    """Append a decision; two readers who decide at once both get their line."""
    home.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(decision), ensure_ascii=False) + "\n"
    with (home / FILE).open("a", encoding="utf-8") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.write(line)


def taken(home: Path) -> list[Decision]:
    """All decisions, the oldest first.

    Raises:
        ValueError: a line is no decision; the message names it.
    """
    path = home / FILE
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(Decision(**json.loads(line)))
        except (TypeError, json.JSONDecodeError) as error:
            message = f"{path}, line {number} is no decision: repair or remove it"
            raise ValueError(message) from error
    return found


def latest(decisions: list[Decision]) -> dict[str, Decision]:
    """The last decision on each rule, by rule."""
    return {decision.rule_id: decision for decision in decisions}
