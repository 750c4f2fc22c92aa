"""The six trends of the Executive Overview."""

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go
from overview import Overview

from charts import FAINT, GREY, figure
from ops_tower.analysis.measures import Measure, Unit, text

HEIGHT: Final = 210
_LEAST_LEFT: Final = 44
_DIGIT: Final = 8
"""Room for the ticks, in pixels: that of most, and of a digit where there are more."""
_FORMATS: Final[dict[Unit, str]] = {
    "tickets": ",.0f",
    "share": ".1%",
    "hours": ",.1f",
    "usd": "$,.2f",
    "score": ".2f",
}

_TICKS: Final = _FORMATS | {"share": ".0%", "hours": ",~f", "usd": "$,~f", "score": ".1f"}
"""Ticks are round numbers: places beyond them would be noise."""


def trend(view: Overview, measure: Measure) -> go.Figure:
    """Daily values as faint bars or dots, the trailing week as the line, the target dotted.

    Args:
        view: has the days.
        measure: what is shown; its target, if any, becomes the dotted line.
    """
    daily, trailing = view.daily(measure), view.trailing(measure)
    value_format = _FORMATS[measure.unit]
    hover = f"%{{x|%a %-d %b}}<br>%{{y:{value_format}}}"
    # The line comes first, for the theme's first colour, and is drawn above what comes later.
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": trailing.index,
            "y": trailing,
            "mode": "lines",
            "line": {"width": 2.5},
            "zorder": 2,
            "hovertemplate": f"{hover}{'' if measure.is_stock else ' over 7 days'}<extra></extra>",
        }
    ]
    if not measure.is_stock:
        is_count = measure.unit == "tickets"
        look = {"type": "bar"} if is_count else {"type": "scatter", "mode": "markers"}
        marker = {"line": {"width": 0}} if is_count else {"size": 6}
        traces.append(
            {
                **look,
                "x": daily.index,
                "y": daily,
                "marker": {"color": FAINT, **marker},
                "hovertemplate": f"{hover} that day<extra></extra>",
            }
        )
    if measure.target is not None:
        traces.append(
            {
                "type": "scatter",
                "x": [daily.index[0], daily.index[-1]],
                "y": [measure.target] * 2,
                "mode": "lines",
                "line": {"width": 1.5, "dash": "dot", "color": GREY},
                "hovertemplate": f"Target %{{y:{value_format}}}<extra></extra>",
            }
        )
    # Margins that Plotly finds out for itself are found by drawing everything twice.
    longest = max(len(text(one, measure.unit)) for one in (daily.max(), trailing.max()))
    vertical: dict[str, Any] = {"range": _range(measure, trailing)}
    if measure.unit == "tickets":
        # Half a ticket is no tick.
        is_small = max(daily.max(), trailing.max()) < 5  # noqa: PLR2004
        vertical = {"rangemode": "tozero", "dtick": 1 if is_small else None}
    return figure(
        HEIGHT,
        traces,
        xaxis={"tickformat": "%-d %b", "nticks": 6, "showgrid": False, "automargin": False},
        yaxis={
            "tickformat": _TICKS[measure.unit],
            "nticks": 5,
            "automargin": False,
            **vertical,
        },
        margin={"l": max(_LEAST_LEFT, _DIGIT * longest), "r": 8, "t": 8, "b": 24},
        bargap=0.25,
    )


def title(measure: Measure) -> str:
    """The chart's name, with its unit and its target."""
    unit = {"tickets": "per day", "hours": "hours", "score": "1 to 5"}.get(measure.unit, "")
    if measure.is_stock:
        unit = "at day's end"
    target = "" if measure.target is None else f"target {text(measure.target, measure.unit)}"
    details = ", ".join(part for part in (unit, target) if part)
    return f"**{measure.label}**" + (f" :gray[{details}]" if details else "")


def _range(measure: Measure, trailing: pd.Series) -> list[float]:
    """Room for the line and the target, and as much again: an odd Sunday must not flatten them."""
    ends = [*trailing.dropna(), *([] if measure.target is None else [measure.target])]
    low, high = min(ends), max(ends)
    room = 0.5 * (high - low) or abs(high) * 0.1 or 1.0
    return [low - room, high + room]
