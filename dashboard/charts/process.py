"""Figures of Bottleneck Analysis: waiting by step, the flow in layers, the transition matrix."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
from process import Link

from charts import MOST_ROWS, figure

# Mid-tones that stand out against both backgrounds; a flow diagram takes no colours from the theme.
_NODES: Final = (
    "#3E8BD0",
    "#D9722E",
    "#1F9E7A",
    "#B0679A",
    "#B8922A",
    "#5FA8D8",
    "#9A6B3F",
    "#7A8797",
    "#8372BD",
    "#C2553F",
)
_TOP: Final = 10
_LONG_STEP: Final = 30


def waits(waiting: pd.DataFrame) -> go.Figure:
    """The steps that hold most waiting, as bars; a click on one chooses it."""
    top = waiting.head(_TOP)
    chart = figure(
        34 * len(top) + 40,
        xaxis={"tickformat": ".0%", "range": [0, float(top["share"].max()) * 1.15], "nticks": 5},
        yaxis={
            "autorange": "reversed",
            "automargin": True,
            "tickvals": list(top["step"]),
            "ticktext": [_in_two_lines(step) for step in top["step"]],
        },
        bargap=0.3,
    )
    chart.add_bar(
        x=top["share"],
        y=top["step"],
        orientation="h",
        text=[f"{share:.1%}" for share in top["share"]],
        textposition="outside",
        cliponaxis=False,
        customdata=top[["transitions", "mean_hours"]],
        hovertemplate="%{y}<br>%{x:.1%} of waiting hours<br>%{customdata[0]:,} times, "
        "%{customdata[1]:,.1f} h each<extra></extra>",
    )
    return chart


def waits_in_words(waiting: pd.DataFrame) -> str:
    """The same for a screen reader."""
    rows = [f"{row.step} {row.share:.1%}" for row in waiting.head(_TOP).itertuples()]
    return f"Share of waiting hours by step: {'; '.join(rows)}."


def groups(flows: pd.DataFrame, step: pd.Series) -> go.Figure:
    """The hours of one step by the group that held the ticket."""
    own = _of_step(flows, step)
    chart = figure(
        36 * len(own) + 40,
        xaxis={"visible": False, "range": [0, float(own["total_hours"].max()) * 1.25 or 1.0]},
        yaxis={"autorange": "reversed", "automargin": True},
        bargap=0.35,
    )
    chart.add_bar(
        x=own["total_hours"],
        y=own["group_name"],
        orientation="h",
        text=[f"{hours:,.0f} h" for hours in own["total_hours"]],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,.0f} hours<extra></extra>",
    )
    return chart


def groups_in_words(flows: pd.DataFrame, step: pd.Series) -> str:
    """The same for a screen reader."""
    rows = [
        f"{row.group_name} {row.total_hours:,.0f} hours"
        for row in _of_step(flows, step).itertuples()
    ]
    return f"{step['step']} by group: {'; '.join(rows)}."


def causes(causes: pd.DataFrame) -> go.Figure:
    """What a step's hours were spent on."""
    trace = {
        "type": "bar",
        "x": causes["share"],
        "y": causes["cause"],
        "orientation": "h",
        "text": [f"{share:.0%}" for share in causes["share"]],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": causes["hours"],
        "hovertemplate": "%{y}: %{customdata:,.0f} hours<extra></extra>",
    }
    return figure(
        30 * len(causes) + 36,
        [trace],
        xaxis={"visible": False, "range": [0, 1.15]},
        yaxis={"autorange": "reversed", "automargin": True},
        bargap=0.35,
    )


def causes_in_words(causes: pd.DataFrame) -> str:
    """The same for a screen reader."""
    return "; ".join(f"{row.cause} {row.share:.0%}" for row in causes.itertuples()) + "."


def flow(links: Sequence[Link]) -> go.Figure:
    """Tickets from left to right, a layer per step; the same activity has the same colour."""
    nodes = sorted(
        {(link.step, link.source) for link in links}
        | {(link.step + 1, link.target) for link in links}
    )
    place = {node: number for number, node in enumerate(nodes)}
    names = list(dict.fromkeys(name for _, name in nodes))
    color = {name: _NODES[number % len(_NODES)] for number, name in enumerate(names)}
    deepest = max(step for step, _ in nodes)
    chart = figure(460, margin={"l": 4, "r": 4, "t": 12, "b": 12})
    chart.add_sankey(
        arrangement="snap",
        node={
            "label": [name for _, name in nodes],
            "color": [color[name] for _, name in nodes],
            "x": [0.001 + 0.998 * step / deepest for step, _ in nodes],
            "y": _heights(nodes, links),
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}: %{value:,} tickets<extra></extra>",
        },
        link={
            "source": [place[link.step, link.source] for link in links],
            "target": [place[link.step + 1, link.target] for link in links],
            "value": [link.tickets for link in links],
            "color": [_faded(color[link.source]) for link in links],
            "hovertemplate": "%{source.label} → %{target.label}: %{value:,} tickets<extra></extra>",
        },
    )
    return chart


def flow_in_words(links: Sequence[Link]) -> str:
    """The widest links for a screen reader."""
    widest = sorted(links, key=lambda link: -link.tickets)[:8]
    rows = [f"{link.source} to {link.target} {link.tickets:,}" for link in widest]
    return f"Flow of tickets, widest links: {'; '.join(rows)}."


def heatmap(matrix: pd.DataFrame, *, by_hours: bool) -> go.Figure:
    """From each row's activity to each column's, in the order of the process."""
    unit = "h on average" if by_hours else "times"
    labels = matrix.map(lambda value: "" if pd.isna(value) else _short(value))
    chart = figure(
        60 + 36 * len(matrix),
        xaxis={"side": "top", "tickangle": -50, "showgrid": False, "automargin": True},
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True},
    )
    # Counts and hours reach over several magnitudes; their root keeps the small in sight.
    chart.add_heatmap(
        z=matrix**0.5,
        x=list(matrix.columns),
        y=list(matrix.index),
        text=labels,
        texttemplate="%{text}",
        customdata=matrix,
        xgap=2,
        ygap=2,
        showscale=False,
        hoverongaps=False,
        hovertemplate="%{y} → %{x}: %{customdata:,.1f} " + unit + "<extra></extra>",
    )
    return chart


def heatmap_in_words(matrix: pd.DataFrame, *, by_hours: bool) -> str:
    """The largest cells for a screen reader."""
    unit = "hours on average" if by_hours else "times"
    largest = matrix.stack().sort_values(ascending=False).head(5)  # noqa: PD013
    rows = [f"{source} to {target} {_short(value)}" for (source, target), value in largest.items()]
    return f"Transitions in the order of the process, largest, {unit}: {'; '.join(rows)}."


def _heights(nodes: Sequence[tuple[int, str]], links: Sequence[Link]) -> list[float]:
    """Middle of each node in its layer, the busiest on top: left alone, layers overlap the edge."""
    came, went = dict.fromkeys(nodes, 0), dict.fromkeys(nodes, 0)
    for link in links:
        went[link.step, link.source] += link.tickets
        came[link.step + 1, link.target] += link.tickets
    size = {node: max(came[node], went[node]) for node in nodes}
    layers: dict[int, list[tuple[int, str]]] = {}
    for node in sorted(nodes, key=lambda node: -size[node]):
        layers.setdefault(node[0], []).append(node)
    most, tallest = max(map(len, layers.values())), sum(size[node] for node in layers[0])
    gap = 0.05 if most < 12 else 0.5 / most  # noqa: PLR2004  (half the height stays for nodes)
    scale = (0.98 - gap * most) / tallest
    middle = {}
    for layer in layers.values():
        top = 0.01
        for node in layer:
            middle[node] = top + size[node] * scale / 2
            top += size[node] * scale + gap
    return [middle[node] for node in nodes]


def _of_step(flows: pd.DataFrame, step: pd.Series) -> pd.DataFrame:
    is_step = (flows["from_activity"] == step["from_activity"]) & (
        flows["to_activity"] == step["to_activity"]
    )
    return flows[is_step].sort_values("total_hours", ascending=False).head(MOST_ROWS)


def _faded(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.30)"


def _in_two_lines(step: str) -> str:
    """A step whose name is long leaves the bars no room on a phone."""
    return step.replace(" → ", "<br>→ ") if len(step) > _LONG_STEP else step


def _short(value: float) -> str:
    if value >= 1000:  # noqa: PLR2004  (thousands)
        return f"{value / 1000:.0f}k" if value >= 10_000 else f"{value / 1000:.1f}k"  # noqa: PLR2004
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"  # noqa: PLR2004
