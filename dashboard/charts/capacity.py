"""Figures of Capacity Planning: tickets so far and ahead, and who is short of people."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from charts import BAND, FAINT, GREY, MOST_ROWS, figure


def volume(actuals: pd.DataFrame, ahead: pd.DataFrame) -> go.Figure:
    """New tickets per day: past days as bars, the forecast as a line in its 80% band."""
    chart = figure(
        300,
        xaxis={"tickformat": "%-d %b", "nticks": 8, "showgrid": False},
        yaxis={"tickformat": ",d", "rangemode": "tozero", "nticks": 6},
        showlegend=True,
        legend={"orientation": "h", "y": 1.12, "x": 0},
        bargap=0.2,
    )
    if len(ahead):
        chart.add_scatter(
            x=ahead["date"],
            y=ahead["forecast"],
            name="Forecast",
            mode="lines",
            line={"width": 2.5},
            zorder=3,
            hovertemplate="%{x|%a %-d %b}<br>%{y:,.0f} expected<extra></extra>",
        )
        chart.add_scatter(
            x=pd.concat([ahead["date"], ahead["date"][::-1]]),
            y=pd.concat([ahead["upper_80"], ahead["lower_80"][::-1]]),
            name="80% band",
            mode="none",
            fill="toself",
            fillcolor=BAND,
            hoverinfo="skip",
        )
        chart.add_vline(x=ahead["date"].iloc[0], line={"width": 1, "dash": "dot", "color": GREY})
    chart.add_bar(
        x=actuals["date"],
        y=actuals["tickets"],
        name="Came in",
        marker={"color": FAINT, "line": {"width": 0}},
        hovertemplate="%{x|%a %-d %b}<br>%{y:,.0f} came in<extra></extra>",
    )
    return chart


def volume_in_words(actuals: pd.DataFrame, ahead: pd.DataFrame) -> str:
    """The same for a screen reader."""
    past = f"{actuals['tickets'].sum():,.0f} new tickets in the last {len(actuals)} days"
    if ahead.empty:
        return f"{past}; no forecast."
    return f"{past}; {ahead['forecast'].sum():,.0f} expected in the next {len(ahead)}."


def gaps(plan: pd.DataFrame) -> go.Figure:
    """Agent-days short (right) or to spare (left) per group, with the forecast's 80% band."""
    known = plan[plan["gap_agent_days"].notna()].head(MOST_ROWS)
    chart = figure(
        44 * len(known) + 50,
        xaxis={"zeroline": True, "zerolinewidth": 2, "tickformat": ",d", "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True},
        bargap=0.4,
    )
    chart.add_bar(
        x=known["gap_agent_days"],
        y=known["group_name"],
        orientation="h",
        error_x={
            "type": "data",
            "symmetric": False,
            "array": known["upper_80"] - known["gap_agent_days"],
            "arrayminus": known["gap_agent_days"] - known["lower_80"],
            "color": GREY,
            "thickness": 2,
        },
        customdata=known[["lower_80", "upper_80"]],
        hovertemplate="%{y}: %{x:.0f} agent-days, 80% band %{customdata[0]:.0f} to "
        "%{customdata[1]:.0f}<extra></extra>",
    )
    return chart


def gaps_in_words(plan: pd.DataFrame) -> str:
    """The same for a screen reader."""
    known = plan[plan["gap_agent_days"].notna()].head(MOST_ROWS)
    rows = [
        f"{row.group_name} {abs(row.gap_agent_days):.0f}"
        f" {'short' if row.gap_agent_days > 0 else 'to spare'}"
        for row in known.itertuples()
    ]
    return f"Agent-days next month by group: {'; '.join(rows)}."


def backlog(ahead: pd.DataFrame) -> go.Figure:
    """One group's waiting work per day ahead with its 80% band; dotted, what targets allow."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": ahead["date"],
            "y": ahead["backlog_days"],
            "mode": "lines",
            "line": {"width": 2.5},
            "zorder": 2,
            "customdata": ahead["backlog_tickets"],
            "hovertemplate": "%{x|%a %-d %b}<br>%{y:.1f} days of work, about %{customdata:,.0f}"
            " tickets<extra></extra>",
        },
        {
            "type": "scatter",
            "x": pd.concat([ahead["date"], ahead["date"][::-1]]),
            "y": pd.concat([ahead["upper_80"], ahead["lower_80"][::-1]]),
            "mode": "none",
            "fill": "toself",
            "fillcolor": BAND,
            "hoverinfo": "skip",
        },
    ]
    if ahead["window_days"].notna().all():
        traces.append(
            {
                "type": "scatter",
                "x": ahead["date"],
                "y": ahead["window_days"],
                "mode": "lines",
                "line": {"width": 1.5, "dash": "dot", "color": GREY},
                "hovertemplate": "Targets allow %{y:.1f} days<extra></extra>",
            }
        )
    return figure(
        190,
        traces,
        xaxis={"tickformat": "%-d %b", "nticks": 4, "showgrid": False},
        yaxis={"rangemode": "tozero", "nticks": 4, "automargin": True},
    )


def backlog_in_words(ahead: pd.DataFrame) -> str:
    """The same for a screen reader."""
    first, last = ahead.iloc[0], ahead.iloc[-1]
    return (
        f"Work waiting in {first['group_name']}: {first['backlog_days']:.1f} days on"
        f" {first['date']:%-d %B}, {last['backlog_days']:.1f} on {last['date']:%-d %B}."
    )
