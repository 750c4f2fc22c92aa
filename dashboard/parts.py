"""What pages are made of: charts, charts that lead to tickets, tables and their CSV.

Belongs here: each drawn in one way, so that all pages look and behave alike. Does not belong here:
what they show.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import navigation
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ops_tower import as_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

TOOLBAR: Final = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
"""One tool only: the chart as a picture. Everything else on Plotly's bar is noise."""

_ROW_PIXELS: Final = 33
"""A row of a table, at the theme's size of font."""


def plain(text: str) -> str:
    """Text whose signs mean nothing to Markdown: two dollars are not a formula."""
    return as_text.markdown(text)


@st.cache_data(max_entries=1000, show_spinner=False)
def chart(
    follows: str,  # noqa: ARG001
    _key: str,
    _figure: Callable[[], "go.Figure"],
    _words: Callable[[], str],
) -> None:
    """Draw a figure that is looked at but not clicked, made once for all that it follows.

    What it follows comes as one text: Streamlit looks each argument of a cached function up anew.
    """
    st.plotly_chart(_figure(), key=f"chart_{_key}", config=TOOLBAR, alt=_words())


@st.cache_resource(max_entries=300, show_spinner=False)
def figure(follows: str, _figure: Callable[[], "go.Figure"]) -> "go.Figure":  # noqa: ARG001
    """A figure that can be clicked, made once for all that it follows; nobody changes it."""
    return _figure()


def wide(key: str) -> DeltaGenerator:
    """A place for a chart that a phone is too narrow for: there it is moved sideways, like a table.

    Args:
        key: names the place, once a page.
    """
    return st.container(key=f"wide_{key}")


def drill(
    figure: "go.Figure",
    key: str,
    alt: str,
    target: Callable[[Mapping[str, Any]], dict[str, object]],
) -> None:
    """Draw a figure whose points lead to the tickets behind them.

    Args:
        figure: bars or dots; other kinds of figures send no clicks.
        key: names the chart, once a page.
        alt: the figure in words.
        target: widget values of the ticket list for a clicked point; none if it leads nowhere.
    """
    name = f"chart_{key}"

    def follow() -> None:
        points = st.session_state[name]["selection"]["points"]
        state = target(points[0]) if points else {}
        if state:
            navigation.go_to("Tickets", state)

    st.plotly_chart(
        figure, key=name, config=TOOLBAR, alt=alt, on_select=follow, selection_mode="points"
    )


def table(frame: pd.DataFrame, key: str, columns: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401  (Streamlit's own options)
    """Draw a table that can be sorted and searched; what is not there is a dash."""
    options = {"height": height(frame, 10)} | options
    return st.dataframe(
        frame, hide_index=True, key=key, column_config=columns, placeholder="—", **options
    )


def lacks(text: str, *tables: str) -> None:
    """Say what the source does not hold, and which tables of a source would."""
    st.info(f"{text} {supplied_by(*tables)}", icon=":material/info:")


def supplied_by(*tables: str) -> str:
    """Which tables hold what is missing, in a sentence for a reader who looks for it."""
    named = " and ".join(f"`{table}`" for table in tables)
    return f"It comes with a source that fills {named}; an event log holds none of it."


def height(frame: pd.DataFrame, rows: int) -> int | Literal["content"]:
    """Height of a table that shows so many rows at most, and none of them cut in two."""
    return "content" if len(frame) <= rows else 2 + _ROW_PIXELS * (1 + rows)


def csv(frame: pd.DataFrame, name: str, label: str) -> None:
    """Offer a table as CSV, made only when it is asked for."""
    st.download_button(
        label,
        lambda: as_text.spreadsheet(frame).to_csv(index=frame.index.name is not None),
        f"{name}.csv",
        "text/csv",
        key=f"csv_{name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
