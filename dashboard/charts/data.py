"""Figures of the page on the data: whether risks came true as often as they said."""

import pandas as pd
import plotly.graph_objects as go

from charts import GREY, figure


def calibration(bins: pd.DataFrame) -> go.Figure:
    """Breaches that came over breaches foreseen, per tenth; on the dotted line both agree."""
    agree = {
        "type": "scatter",
        "x": [0, 1],
        "y": [0, 1],
        "mode": "lines",
        "line": {"width": 1.5, "dash": "dot", "color": GREY},
        "hoverinfo": "skip",
    }
    came = {
        "type": "scatter",
        "x": bins["predicted"],
        "y": bins["observed"],
        "mode": "markers+lines",
        "marker": {"size": 9},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": bins["upper_95"] - bins["observed"],
            "arrayminus": bins["observed"] - bins["lower_95"],
        },
        "customdata": bins["moments"],
        "hovertemplate": "Foreseen %{x:.0%}, came %{y:.0%}<br>%{customdata:,} moments"
        "<extra></extra>",
    }
    return figure(
        300,
        [came, agree],
        xaxis={"tickformat": ".0%", "range": [0, 1], "title": {"text": "foreseen"}},
        yaxis={"tickformat": ".0%", "range": [0, 1], "title": {"text": "came"}},
    )


def calibration_in_words(bins: pd.DataFrame) -> str:
    """The same for a screen reader."""
    rows = [f"{row.predicted:.0%} foreseen, {row.observed:.0%} came" for row in bins.itertuples()]
    return f"Breaches by foreseen probability: {'; '.join(rows)}."
