"""Figures of Queue Performance: what makes a group's score, and how old its open tickets are."""

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from charts import MOST_ROWS, figure

PARTS: Final = {"cycle_part": "Cycle time", "volume_part": "Volume", "breach_part": "Breach rate"}
AGES: Final = ("under 1 day", "1 to 3 days", "3 to 7 days", "7 days or more")


def parts(group: pd.Series) -> go.Figure:
    """The parts of one group's score, each as a share of the highest of all groups."""
    known = {label: group[name] for name, label in PARTS.items() if pd.notna(group[name])}
    chart = figure(
        150,
        xaxis={"range": [0, 1.12], "tickformat": ".0%", "nticks": 5},
        yaxis={"autorange": "reversed"},
    )
    chart.add_bar(
        x=list(known.values()),
        y=list(known),
        orientation="h",
        text=[f"{part:.0%}" for part in known.values()],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%} of the highest group's<extra></extra>",
    )
    return chart


def parts_in_words(group: pd.Series) -> str:
    """The same for a screen reader."""
    known = [f"{label} {group[name]:.0%}" for name, label in PARTS.items() if pd.notna(group[name])]
    return f"{group['group_name']}, parts beside the highest group: {', '.join(known)}."


def ages(open_tickets: pd.DataFrame) -> go.Figure:
    """Open tickets per group, stacked by age; the oldest in the strongest colour."""
    open_tickets = open_tickets.head(MOST_ROWS)
    chart = figure(
        60 + 42 * len(open_tickets),
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": -0.25, "traceorder": "normal"},
        xaxis={"tickformat": ",d", "rangemode": "tozero"},
        yaxis={"autorange": "reversed"},
        bargap=0.35,
    )
    for age, color in zip(AGES, ("#9CC3E6", "#4A92CC", "#E0A100", "#D55E00"), strict=True):
        chart.add_bar(
            x=open_tickets[age],
            y=open_tickets["group_name"],
            orientation="h",
            name=age,
            marker_color=color,
            hovertemplate="%{y}: %{x:,} tickets, " + age + "<extra></extra>",
        )
    return chart


def ages_in_words(open_tickets: pd.DataFrame) -> str:
    """The same for a screen reader."""
    rows = [
        f"{row.group_name} {row.tickets:,}, the oldest {row.oldest_days:.1f} days"
        for row in open_tickets.head(MOST_ROWS).itertuples()
    ]
    return f"Open tickets by group: {'; '.join(rows)}."
