"""A ticket's time line: its status, the clocks that ran and paused, and what happened when."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
from story import Bar

from charts import figure

# Mid-tones for both backgrounds; a status keeps its colour, a clock is full or faint.
_COLORS: Final = {
    "new": "#5FA8D8",
    "open": "#3E8BD0",
    "pending": "#B8922A",
    "hold": "#8372BD",
    "solved": "#1F9E7A",
    "closed": "#7A8797",
    "counts": "#D9722E",
    "pauses": "rgba(133, 146, 163, 0.30)",
}
# Within a day the hour, and the day below it where it begins; beyond it the day alone.
_DAY: Final = 24 * 60 * 60 * 1000
_TICKS: Final = [
    {"dtickrange": [None, _DAY - 1], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [_DAY, None], "value": "%-d %b"},
]


def timeline(bars: Sequence[Bar], moments: pd.DataFrame) -> go.Figure:
    """Lanes of time from left to right, moments as marks above them."""
    names = list(dict.fromkeys(bar.lane for bar in bars))
    chart = figure(
        46 * (len(names) + 1) + 70,
        barmode="overlay",
        showlegend=True,
        legend={"orientation": "h", "y": -0.2, "x": 0},
        xaxis={"type": "date", "showgrid": True, "nticks": 8, "tickformatstops": _TICKS},
        yaxis={
            "autorange": "reversed",
            "automargin": True,
            "categoryorder": "array",
            "categoryarray": ["Events", *names],
        },
        bargap=0.35,
    )
    chart.add_scatter(
        x=moments["at"],
        y=["Events"] * len(moments),
        name="Events",
        mode="markers",
        marker={"size": 11, "symbol": "diamond"},
        text=moments["what"],
        hovertemplate="%{text}<br>%{x|%a %-d %b %Y, %H:%M:%S}<extra></extra>",
        showlegend=False,
    )
    for kind in dict.fromkeys(bar.kind for bar in bars):
        own = [bar for bar in bars if bar.kind == kind]
        chart.add_bar(
            base=[bar.from_at for bar in own],
            x=[(bar.to_at - bar.from_at).total_seconds() * 1000 for bar in own],
            y=[bar.lane for bar in own],
            orientation="h",
            name={"counts": "clock runs", "pauses": "clock pauses"}.get(kind, kind),
            marker={"color": _COLORS.get(kind, "#7A8797"), "line": {"width": 0}},
            customdata=[
                [bar.label, f"{bar.from_at:%-d %b %H:%M}", f"{bar.to_at:%-d %b %H:%M}"]
                for bar in own
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} to %{customdata[2]}<extra></extra>",
        )
    return chart


def timeline_in_words(moments: pd.DataFrame) -> str:
    """The moments for a screen reader."""
    rows = [f"{row.what} {row.at:%-d %b %Y %H:%M}" for row in moments.itertuples()]
    return f"Time line: {'; '.join(rows)}."
