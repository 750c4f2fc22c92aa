"""What to do: advice with evidence, effect and effort, ranked, and the rules that found nothing.

Belongs here: the ranking and the two result frames. Does not belong here: the rules (rules).
"""

from typing import Final

import pandas as pd

from ops_tower.analysis.frames import Output
from ops_tower.analysis.rules import RULES, Advice, Findings, Silence

__all__ = ["RECOMMENDATIONS", "SILENT_RULES", "Findings", "recommend"]

EFFORT_POINTS: Final = {"low": 1.0, "medium": 3.0, "high": 8.0}
CONFIDENCE_WEIGHTS: Final = {"high": 1.0, "medium": 0.6, "low": 0.3}
RECOMMENDATIONS: Final = Output(
    "recommendations",
    "One row per rule that fired, the most effect for the effort first.",
    {
        "rank": "integer",
        "title": "text",
        "owner_group": "text",
        "evidence": "text",
        "effect_low": "number",
        "effect_high": "number",
        "effect_unit": "text",
        "effort": "text",
        "confidence": "text",
        "rule_id": "text",
        "effect_hours_low": "number",
        "effect_hours_high": "number",
        "assumption": "text",
        "rank_score": "number",
    },
)

SILENT_RULES: Final = Output(
    "silent_rules",
    "One row per rule that did not fire, and why.",
    {"rule_id": "text", "question": "text", "reason": "text"},
)


def recommend(findings: Findings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask every rule, rank what fired, and list what stayed silent.

    The rank score is the middle of the effect in tickets a month, times the confidence (1, 0.6,
    0.3), over the effort (1, 3, 8). Effects of different rules overlap and must not be added up.

    Args:
        findings: the result frames of this run.

    Returns:
        `recommendations` (effects per month; hours NULL where a rule cannot say) and
        `silent_rules`. Every rule is in exactly one of the two.
    """
    said = [(rule.__name__, rule.__doc__ or "", rule(findings)) for rule in RULES]
    fired = [(rule_id, advice) for rule_id, _, advice in said if isinstance(advice, Advice)]
    fired.sort(key=lambda pair: (-_rank_score(pair[1]), pair[0]))
    ranked = [
        {
            "rank": place,
            "title": advice.title,
            "owner_group": advice.owner_group,
            "evidence": advice.evidence,
            "effect_low": advice.tickets[0],
            "effect_high": advice.tickets[1],
            "effect_unit": "tickets a month",
            "effort": advice.effort,
            "confidence": advice.confidence,
            "rule_id": rule_id,
            "effect_hours_low": advice.hours[0],
            "effect_hours_high": advice.hours[1],
            "assumption": advice.assumption,
            "rank_score": _rank_score(advice),
        }
        for place, (rule_id, advice) in enumerate(fired, start=1)
    ]
    silent = [
        {"rule_id": rule_id, "question": question.splitlines()[0], "reason": advice.reason}
        for rule_id, question, advice in said
        if isinstance(advice, Silence)
    ]
    return RECOMMENDATIONS.frame(ranked), SILENT_RULES.frame(silent)


def _rank_score(advice: Advice) -> float:
    """Middle of the effect, weighed by confidence, over effort."""
    middle = sum(advice.tickets) / 2
    return middle * CONFIDENCE_WEIGHTS[advice.confidence] / EFFORT_POINTS[advice.effort]
