"""Figures of Quality Outcomes: scores, rates with intervals, what drivers add."""

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go
from quality import DRIVERS

from charts import GREY, MOST_ROWS, figure

_FROM_ZERO: Final = {"rangemode": "tozero"}


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
    rates = rates.head(MOST_ROWS)
    return _dots(len(rates), [_trace(rates, "", ".1%")], {"tickformat": ".0%", **_FROM_ZERO})


def rates_in_words(rates: pd.DataFrame, what: str) -> str:
    """The same for a screen reader."""
    rows = [
        f"{row.name_} {row.value:.1%} ({row.lower:.1%} to {row.upper:.1%})"
        for row in rates.head(MOST_ROWS).rename(columns={"name": "name_"}).itertuples()
    ]
    return f"{what}: {'; '.join(rows)}."


def churn(rates: pd.DataFrame) -> go.Figure:
    """Per tier, the chance to leave within 90 days of any day, of a ticket, of a bad ticket."""
    offsets = {"any day": -0.22, "after a ticket": 0.0, "after a bad ticket": 0.22}
    place = {name: number for number, name in enumerate(dict.fromkeys(rates["name"]))}
    traces = [
        _trace(
            own.assign(at=[place[name] + offsets[str(kind)] for name in own["name"]]),
            str(kind),
            ".1%",
            at="at",
        )
        for kind, own in rates.groupby("kind", sort=False)
    ]
    return _dots(
        3 * len(place),
        traces,
        {"tickformat": ".0%", **_FROM_ZERO},
        {"tickvals": list(place.values()), "ticktext": list(place)},
        showlegend=True,
        legend={"orientation": "h", "y": 1.15, "x": 0},
    )


def effects(drivers: pd.DataFrame, unit: str) -> go.Figure:
    """What one more of each driver adds, with its 95% interval; the line is no effect."""
    known = drivers.assign(
        name=drivers["driver"].map(DRIVERS).fillna(drivers["driver"]),
        value=drivers["effect"],
        lower=drivers["lower_95"],
        upper=drivers["upper_95"],
    )
    none = {"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1}
    return _dots(
        len(known),
        [_trace(known, "", "+.2f")],
        {"tickformat": ".2~f", "zeroline": False, "title": {"text": unit}},
        shapes=[none | {"line": {"width": 1.5, "dash": "dot", "color": GREY}}],
    )


def effects_in_words(drivers: pd.DataFrame, unit: str) -> str:
    """The same for a screen reader."""
    rows = [
        f"{DRIVERS.get(row.driver, row.driver)} {row.effect:+.2f}"
        f" ({row.lower_95:+.2f} to {row.upper_95:+.2f}"
        f"{', no effect found' if row.lower_95 <= 0 <= row.upper_95 else ''})"
        for row in drivers.itertuples()
    ]
    return f"What one more adds, in {unit}: {'; '.join(rows)}."


def _dots(
    rows: int,
    traces: list[dict[str, Any]],
    across: dict[str, Any],
    down: dict[str, Any] | None = None,
    **layout: Any,  # noqa: ANN401  (Plotly's own options)
) -> go.Figure:
    return figure(
        38 * rows + 70,
        traces,
        xaxis={"nticks": 6} | across,
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False, "zeroline": False}
        | (down or {}),
        **layout,
    )


def _trace(rows: pd.DataFrame, name: str, value_format: str, at: str = "name") -> dict[str, Any]:
    what = f" {name}" if name else ""
    return {
        "type": "scatter",
        "x": rows["value"],
        "y": rows[at],
        "name": name,
        "mode": "markers",
        "marker": {"size": 11},
        "cliponaxis": False,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rows["upper"] - rows["value"],
            "arrayminus": rows["value"] - rows["lower"],
            "thickness": 2,
            "width": 5,
        },
        "customdata": rows[["name", "lower", "upper"]],
        "hovertemplate": f"%{{customdata[0]}}{what}: %{{x:{value_format}}}<br>95% interval "
        f"%{{customdata[1]:{value_format}}} to %{{customdata[2]:{value_format}}}<extra></extra>",
    }
