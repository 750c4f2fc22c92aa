"""Figures, from frames that a page has already read.

Belongs here: Plotly figures and the sentence that describes each to someone who cannot see it.
Does not belong here: SQL, judgements. Series take their colours from the theme, in its order; only
what is grey in both modes is named here: a figure does not know the mode that it is shown in.
"""

from typing import Final

import pandas as pd
import plotly.graph_objects as go
from measures import Measure, Unit, text

GREY: Final = "#8592A3"
FAINT: Final = "rgba(133, 146, 163, 0.30)"
HEIGHT: Final = 210

TOOLBAR: Final = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
"""One tool only: the chart as a picture. Everything else on Plotly's bar is noise on a trend."""

_FORMATS: Final[dict[Unit, str]] = {
    "tickets": ",.0f",
    "share": ".1%",
    "hours": ",.1f",
    "usd": "$,.2f",
    "score": ".2f",
}


def trend(measure: Measure, daily: pd.Series, trailing: pd.Series) -> go.Figure:
    """Daily values as faint bars or dots, the trailing week as the line, the target dotted.

    Args:
        measure: what is shown; its target, if any, becomes the dotted line.
        daily: one value per day, indexed by date, NaN where nothing was counted.
        trailing: the same index, over the week that ends on each day.
    """
    figure = go.Figure(layout=_layout(measure.unit))
    value_format = _FORMATS[measure.unit]
    hover = f"%{{x|%a %-d %b}}<br>%{{y:{value_format}}}"
    # The line comes first, for the theme's first colour, and is drawn above what comes later.
    figure.add_scatter(
        x=trailing.index,
        y=trailing,
        name="At day's end" if measure.is_stock else "7 days",
        mode="lines",
        line={"width": 2.5},
        zorder=2,
        hovertemplate=f"{hover}{'' if measure.is_stock else ' over 7 days'}<extra></extra>",
    )
    if measure.unit == "tickets" and not measure.is_stock:
        figure.add_bar(
            x=daily.index,
            y=daily,
            name="Day",
            marker={"color": FAINT, "line": {"width": 0}},
            hovertemplate=f"{hover} that day<extra></extra>",
        )
    elif not measure.is_stock:
        figure.add_scatter(
            x=daily.index,
            y=daily,
            name="Day",
            mode="markers",
            marker={"color": FAINT, "size": 6},
            hovertemplate=f"{hover} that day<extra></extra>",
        )
    if measure.target is not None:
        ends = [daily.index[0], daily.index[-1]]
        figure.add_scatter(
            x=ends,
            y=[measure.target] * 2,
            name="Target",
            mode="lines",
            line={"width": 1.5, "dash": "dot", "color": GREY},
            hovertemplate=f"Target %{{y:{value_format}}}<extra></extra>",
        )
    if measure.unit == "tickets":
        figure.update_yaxes(rangemode="tozero")
    return figure


def trend_title(measure: Measure) -> str:
    """The chart's name, with its unit and its target."""
    unit = {"tickets": "", "share": "", "hours": "hours", "usd": "", "score": "1 to 5"}[
        measure.unit
    ]
    target = "" if measure.target is None else f"target {text(measure.target, measure.unit)}"
    details = ", ".join(part for part in (unit, target) if part)
    return f"**{measure.label}**" + (f" :gray[{details}]" if details else "")


def _layout(unit: Unit) -> go.Layout:
    return go.Layout(
        height=HEIGHT,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        showlegend=False,
        hovermode="closest",
        xaxis={"tickformat": "%-d %b", "nticks": 6, "showgrid": False},
        yaxis={"tickformat": _FORMATS[unit], "nticks": 5, "automargin": True},
        bargap=0.25,
    )
