"""What Recommendations says: effects as ranges, where the evidence stands, what came of decisions.

Belongs here: wording and comparing. Does not belong here: the rules (`ops_tower.analysis`), SQL,
layout.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import pandas as pd
from decisions import Decision

EVIDENCE: Final = {
    "staff_is_short": "Capacity Planning",
    "bottleneck_breaches": "Queue Performance",
    "targets_about_to_breach": "Queue Performance",
    "lowest_sla_cell": "Executive Overview",
    "recent_anomaly": "Executive Overview",
    "longest_wait": "Bottleneck Analysis",
    "nobody_on_shift": "Bottleneck Analysis",
    "ping_pong": "Bottleneck Analysis",
    "frequent_deviation": "Bottleneck Analysis",
    "costly_escalations": "Quality Outcomes",
    "costly_reopens": "Quality Outcomes",
}
"""The page that shows what a rule rests on, by rule."""

Attainment = Callable[[str, datetime], float | None]


def outcomes(
    decisions: Sequence[Decision],
    recommendations: pd.DataFrame,
    silent: pd.DataFrame,
    attainment: Attainment,
    as_of: datetime,
) -> pd.DataFrame:
    """Each decision beside what its rule says now and how its group's SLA moved, newest first."""
    now = dict(zip(recommendations["rule_id"], recommendations["evidence"], strict=True))
    quiet = dict(zip(silent["rule_id"], silent["reason"], strict=True))
    rows = []
    for one in reversed(decisions):
        today = now.get(one.rule_id)
        since = f"Still: {today}" if today else f"Silent: {quiet.get(one.rule_id, 'rule is gone')}"
        rows.append(
            {
                "Decided": f"{datetime.fromisoformat(one.decided_at):%-d %b %Y}",
                "Who": one.who,
                "What": f"{one.verdict}: {one.title}",
                "Note": one.note or "—",
                "Evidence then": one.evidence,
                "The rule now": since,
                "SLA of the owner": _moved(
                    attainment(one.owner_group, datetime.fromisoformat(one.as_of)),
                    attainment(one.owner_group, as_of),
                ),
            }
        )
    return pd.DataFrame(rows)


def _moved(then: float | None, now: float | None) -> str:
    if then is None or now is None:
        return "not judged"
    return f"{then:.1%}, now {now:.1%}"
