"""Figures of Quality Outcomes: scores, rates with intervals, what drivers add."""

import pandas as pd
import plotly.graph_objects as go
from quality import DRIVERS

from charts import GREY, figure


def scores(scores: pd.DataFrame) -> go.Figure:
    """How often each score was given."""
    total = max(int(scores["ratings"].sum()), 1)
    chart = figure(
        230,
        xaxis={"tickvals": [1, 2, 3, 4, 5], "showgrid": False},
        yaxis={"tickformat": ",d", "nticks": 4},
        bargap=0.25,
    )
    chart.add_bar(
        x=scores["score"],
        y=scores["ratings"],
        text=[f"{ratings / total:.0%}" for ratings in scores["ratings"]],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="Score %{x}: %{y:,} ratings<extra></extra>",
    )
    return chart


def scores_in_words(scores: pd.DataFrame) -> str:
    """The same for a screen reader."""
    rows = [f"{row.score}: {row.ratings:,}" for row in scores.itertuples()]
    return f"Ratings by score, {', '.join(rows)}."


def rates(rates: pd.DataFrame) -> go.Figure:
    """A dot per row with its 95% interval."""
    chart = _dots(len(rates), ".0%")
    chart.update_xaxes(rangemode="tozero")
    _add_dots(chart, rates, "", ".1%")
    return chart


def rates_in_words(rates: pd.DataFrame, what: str) -> str:
    """The same for a screen reader."""
    rows = [
        f"{row.name_} {row.value:.1%} ({row.lower:.1%} to {row.upper:.1%})"
        for row in rates.rename(columns={"name": "name_"}).itertuples()
    ]
    return f"{what}: {'; '.join(rows)}."


def churn(rates: pd.DataFrame) -> go.Figure:
    """Per tier, the chance to leave within 90 days of any day, of a ticket, of a bad ticket."""
    tiers = rates["name"].nunique()
    chart = _dots(3 * tiers, ".0%")
    chart.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.15, "x": 0})
    chart.update_xaxes(rangemode="tozero")
    offsets = {"any day": -0.22, "after a ticket": 0.0, "after a bad ticket": 0.22}
    place = {name: number for number, name in enumerate(dict.fromkeys(rates["name"]))}
    for kind, own in rates.groupby("kind", sort=False):
        shifted = own.assign(at=[place[name] + offsets[str(kind)] for name in own["name"]])
        _add_dots(chart, shifted, str(kind), ".1%", y="at")
    chart.update_yaxes(tickvals=list(place.values()), ticktext=list(place))
    return chart


def effects(drivers: pd.DataFrame, unit: str) -> go.Figure:
    """What one more of each driver adds, with its 95% interval; the line is no effect."""
    known = drivers.assign(
        name=drivers["driver"].map(DRIVERS).fillna(drivers["driver"]),
        value=drivers["effect"],
        lower=drivers["lower_95"],
        upper=drivers["upper_95"],
    )
    chart = _dots(len(known), "+.2~f")
    chart.update_xaxes(zeroline=False, title={"text": unit})
    chart.add_vline(x=0, line={"width": 1.5, "dash": "dot", "color": GREY})
    _add_dots(chart, known, "", "+.2f")
    return chart


def effects_in_words(drivers: pd.DataFrame, unit: str) -> str:
    """The same for a screen reader."""
    rows = [
        f"{DRIVERS.get(row.driver, row.driver)} {row.effect:+.2f}"
        f" ({row.lower_95:+.2f} to {row.upper_95:+.2f})"
        for row in drivers.itertuples()
    ]
    return f"What one more adds, in {unit}: {'; '.join(rows)}."


def _dots(rows: int, tick_format: str) -> go.Figure:
    return figure(
        38 * rows + 70,
        xaxis={"tickformat": tick_format, "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False},
    )


def _add_dots(
    chart: go.Figure, rows: pd.DataFrame, name: str, value_format: str, y: str = "name"
) -> None:
    what = f" {name}" if name else ""
    chart.add_scatter(
        x=rows["value"],
        y=rows[y],
        name=name,
        mode="markers",
        marker={"size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["upper"] - rows["value"],
            "arrayminus": rows["value"] - rows["lower"],
            "thickness": 2,
            "width": 5,
        },
        customdata=rows[["name", "lower", "upper"]],
        hovertemplate=f"%{{customdata[0]}}{what}: %{{x:{value_format}}}<br>95% interval "
        f"%{{customdata[1]:{value_format}}} to %{{customdata[2]:{value_format}}}<extra></extra>",
    )
