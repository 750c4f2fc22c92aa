"""How good the flags were: what the alert log promised, beside how the targets ended.

Belongs here: joining past flags with later outcomes, and the sums that judge them. Does not belong
here: the probabilities themselves (`ops_tower.analysis.breach_risk`), SQL, layout.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pandas as pd

_KEY: Final = ["ticket_id", "metric", "instance"]


class Record(NamedTuple):
    """Flags that have been judged since: how many, how many breached, how well foretold."""

    flagged: int
    breached: int
    unflagged: int
    brier: float
    median_lead_hours: float
    since: pd.Timestamp


def flags(lines: Sequence[dict[str, object]]) -> pd.DataFrame:
    """The first flag of each target that could still be met then, from the lines of the log."""
    frame = pd.DataFrame(line for line in lines if line["event"] != "resolved")
    if frame.empty:
        return pd.DataFrame(columns=[*_KEY, "breach_probability", "flagged_at"])
    frame["flagged_at"] = pd.to_datetime(frame["flagged_at"])
    open_then = frame[frame["severity"] != "breached"]
    return open_then.sort_values("flagged_at").drop_duplicates(_KEY)


def judge(flags: pd.DataFrame, outcomes: pd.DataFrame, breaches: pd.DataFrame) -> Record | None:
    """Set flags beside outcomes; None while no flag has been judged.

    Args:
        flags: as `flags` returns them.
        outcomes: ticket_id, metric, instance, is_met, judged_at of the flagged tickets.
        breaches: targets that ran out since the first flag, flagged or not.
    """
    judged = flags.merge(outcomes, on=_KEY)
    judged = judged[judged["judged_at"] > judged["flagged_at"]]
    if judged.empty:
        return None
    is_breached = ~judged["is_met"].astype(bool)
    error = judged["breach_probability"].astype(float) - is_breached.astype(float)
    lead = (judged["judged_at"] - judged["flagged_at"])[is_breached].dt.total_seconds() / 3600
    known = pd.MultiIndex.from_frame(flags[_KEY])
    unflagged = ~pd.MultiIndex.from_frame(breaches[_KEY]).isin(known)
    return Record(
        len(judged),
        int(is_breached.sum()),
        int(unflagged.sum()),
        float((error**2).mean()),
        float(lead.median()) if len(lead) else float("nan"),
        flags["flagged_at"].min(),
    )
