"""How figures are said in sentences, the same everywhere.

Belongs here: numbers, months and lists as a person says them. Does not belong here: what is said.
"""

from collections.abc import Sequence

import pandas as pd


def counted(number: float, noun: str, plural: str | None = None) -> str:
    """A number with its noun: "1 ticket", "2,000 tickets"."""
    shown = f"{number:,.0f}"
    return f"{shown} {noun if shown == '1' else plural or noun + 's'}"


def listed(parts: Sequence[str]) -> str:
    """Parts as a list in a sentence: "a", "a and b", "a, b and c"."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def month_name(month: str) -> str:
    """A month such as "2026-03" as "March 2026"."""
    return f"{pd.Timestamp(f'{month}-01'):%B %Y}"
