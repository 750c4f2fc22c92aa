"""Figures, from frames that a page has already read; a module per page.

Belongs here: Plotly figures, each as wide as its place and as plain as its message. Does not belong
here: SQL, judgements. Series take their colours from the theme, in its order; only what is grey in
both modes is named here, because a figure does not know the mode that it is shown in.
"""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

GREY: Final = "#8592A3"
FAINT: Final = "rgba(133, 146, 163, 0.30)"
BAND: Final = "rgba(133, 146, 163, 0.22)"
MOST_ROWS: Final = 12
"""A chart by group shows so many rows at most: some desks have hundreds of groups."""


def shortened(rows: int) -> str:
    """How many rows a chart by group shows, where it does not show all."""
    return f" The first {MOST_ROWS} of {rows:,}; the CSV has all." if rows > MOST_ROWS else ""


def figure(
    height: int,
    traces: Sequence[dict[str, Any]] = (),
    **layout: Any,  # noqa: ANN401  (Plotly's own options)
) -> go.Figure:
    """A figure without margins, legend or zoom.

    Args:
        height: in pixels.
        traces: the data, as Plotly names it; all at once costs half of one after the other.
        layout: what differs from the plain one.
    """
    plain = {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
    }
    return go.Figure(data=list(traces), layout=plain | layout)
