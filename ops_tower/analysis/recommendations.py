"""What to do: advice with evidence, effect and effort, ranked, and the rules that found nothing.

Belongs here: the ranking and the two result frames. Does not belong here: the rules (rules).
"""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from ops_tower.analysis.findings import TICKETS, Advice, Findings, Silence
from ops_tower.analysis.frames import Output
from ops_tower.analysis.rules import RULES

__all__ = ["RECOMMENDATIONS", "SILENT_RULES", "Findings", "effect_in_words", "recommend"]

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
        "effect_usd_low": "number",
        "effect_usd_high": "number",
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

    A miss, an hour and a dollar are not alike, so each effect is first laid beside what the desk
    has of it in a month. The rank score is the largest of these shares, in percent and from the
    middle of its range, times the confidence (1, 0.6, 0.3), over the effort (1, 3, 8). Effort is
    low if a lead does it alone, medium if a group changes its ways, high if it takes new people or
    new hours. Effects of different rules overlap and must not be added up.

    Args:
        findings: the result frames of this run.

    Returns:
        `recommendations` (effects a month; hours of waiting and USD NULL where a rule cannot say,
        USD negative where it costs) and
        `silent_rules`. Every rule is in exactly one of the two.
    """
    said = [(rule.__name__, rule.__doc__ or "", rule(findings)) for rule in RULES]
    fired = [(rule_id, advice) for rule_id, _, advice in said if isinstance(advice, Advice)]
    fired.sort(key=lambda pair: (-_rank_score(pair[1], findings), pair[0]))
    ranked = [
        {
            "rank": place,
            "title": advice.title,
            "owner_group": advice.owner_group,
            "evidence": advice.evidence,
            "effect_low": advice.tickets[0],
            "effect_high": advice.tickets[1],
            "effect_unit": advice.unit,
            "effort": advice.effort,
            "confidence": advice.confidence,
            "rule_id": rule_id,
            "effect_hours_low": advice.hours[0],
            "effect_hours_high": advice.hours[1],
            "effect_usd_low": advice.usd[0],
            "effect_usd_high": advice.usd[1],
            "assumption": advice.assumption,
            "rank_score": _rank_score(advice, findings),
        }
        for place, (rule_id, advice) in enumerate(fired, start=1)
    ]
    silent = [
        {"rule_id": rule_id, "question": question.splitlines()[0], "reason": advice.reason}
        for rule_id, question, advice in said
        if isinstance(advice, Silence)
    ]
    return RECOMMENDATIONS.frame(ranked), SILENT_RULES.frame(silent)


def effect_in_words(row: Mapping[Any, Any]) -> str:
    """The effect of a recommendation as ranges: tickets, hours of waiting, money."""
    fewer = "" if row["effect_unit"] == TICKETS else "fewer "
    told = [f"{_range(row['effect_low'], row['effect_high'])} {fewer}{row['effect_unit']}"]
    if pd.notna(row["effect_hours_low"]):
        hours = _range(row["effect_hours_low"], row["effect_hours_high"])
        told.append(f"{hours} hours of waiting")
    low, high = row["effect_usd_low"], row["effect_usd_high"]
    if pd.notna(low):
        is_cost = high <= 0
        ends = (-high, -low) if is_cost else (low, high)
        told.append(f"{_range(*ends)} USD {'spent' if is_cost else 'saved'}")
    return ", ".join(told)


def _range(low: float, high: float) -> str:
    if high < 0.05:  # noqa: PLR2004, it would read 0.0
        return "next to no"
    places = 0 if high >= 10 else 1  # noqa: PLR2004, a tenth matters only among few
    ends = [f"{end:,.{places}f}" for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _rank_score(advice: Advice, findings: Findings) -> float:
    """Largest share of the desk's month that goes, in percent, by confidence, over effort."""
    effects = {advice.unit: advice.tickets, "hours": advice.hours, "usd": advice.usd}
    shares = [0.0]
    for unit, (low, high) in effects.items():
        whole = findings.a_month(unit)
        if whole and low + high > 0:  # NaN is not
            shares.append(100 * (low + high) / 2 / whole)
    return max(shares) * CONFIDENCE_WEIGHTS[advice.confidence] / EFFORT_POINTS[advice.effort]
