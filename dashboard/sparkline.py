"""A trend as one line of inline SVG, and as a sentence.

Belongs here: what must be on the page together with the figures, before any library has loaded.
Does not belong here: charts with axes.
"""

import math
from typing import Final

import pandas as pd

from ops_tower.analysis.measures import Measure, text

COLOR: Final = "#2E86D1"
"""Stands out against the light and the dark background alike."""

WIDTH: Final = 160
HEIGHT: Final = 40
EDGE: Final = 4
"""Size of the image and its inner edge, in pixels before scaling."""


def svg(line: pd.Series) -> str | None:
    """A line without axes, its last point marked; it needs no library and comes with the figures.

    Args:
        line: values in order; a NaN is passed over.

    Returns:
        An SVG image; None when there are not two values.
    """
    known = [(place, amount) for place, amount in enumerate(line) if not math.isnan(amount)]
    if len(known) < 2:  # noqa: PLR2004  (one point is no line)
        return None
    low, high = min(amount for _, amount in known), max(amount for _, amount in known)
    across, up = (WIDTH - 2 * EDGE) / (len(line) - 1), (HEIGHT - 2 * EDGE) / ((high - low) or 1.0)
    points = [
        f"{EDGE + place * across:.1f},{HEIGHT - EDGE - (amount - low) * up:.1f}"
        for place, amount in known
    ]
    x, y = points[-1].split(",")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}"><polyline points="{" ".join(points)}" fill="none"'
        f' stroke="{COLOR}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>'
        f'<circle cx="{x}" cy="{y}" r="3" fill="{COLOR}"/></svg>'
    )


def in_words(measure: Measure, trailing: pd.Series) -> str:
    """The same trend for a screen reader: ends, extremes and target."""
    known = trailing.dropna()
    if known.empty:
        return f"{measure.label}: nothing was counted."
    ends = f"from {text(known.iloc[0], measure.unit)} to {text(known.iloc[-1], measure.unit)}"
    extremes = f"between {text(known.min(), measure.unit)} and {text(known.max(), measure.unit)}"
    target = (
        "" if measure.target is None else f" The target is {text(measure.target, measure.unit)}."
    )
    days = f"{known.index[0]:%-d %B} to {known.index[-1]:%-d %B}"
    return f"{measure.label}, {days}: {ends}, {extremes}.{target}"
