"""The pages, and the ways from one to another: a link, a click on a bar, a chosen row.

Belongs here: each page's name, question and filters, and going there with the reader's
choice. Does not belong here: what stands on a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import filters
import streamlit as st


@dataclass(frozen=True)
class Entry:
    """One page of the navigation: its name in the URL, its question and filters."""

    name: str
    question: str
    filters: frozenset[str]

    @property
    def script(self) -> str:
        """Where Streamlit finds the page, from the dashboard's folder."""
        return f"app_pages/{self.name}.py"


PAGES: Final = {
    "Executive Overview": Entry(
        "executive_overview",
        "Are we hitting SLA, and what moved?",
        filters.ALL,
    ),
    "Queue Performance": Entry(
        "queue_performance",
        "Which queue is tightest, and which tickets need someone now?",
        filters.ALL,
    ),
    "Bottleneck Analysis": Entry(
        "bottleneck_analysis",
        "Where do tickets pile up, and which way do they take?",
        filters.NO_WINDOW,
    ),
    "Capacity Planning": Entry(
        "capacity_planning",
        "Will we have enough people next month?",
        filters.GROUPS,
    ),
    "Quality Outcomes": Entry(
        "quality_outcomes",
        "What is hurting CSAT?",
        filters.ALL,
    ),
    "Recommendations": Entry(
        "recommendations",
        "What should we do about it?",
        filters.NONE,
    ),
    "Tickets": Entry(
        "tickets",
        "Which tickets are behind a figure, and why did one breach?",
        filters.ALL,
    ),
    "Data": Entry(
        "about_the_data",
        "Where do the figures come from, and how good are they?",
        filters.NONE,
    ),
}
"""The pages by title, in the order of the navigation."""


def go_to(title: str, state: dict[str, Any]) -> None:
    """Go to a page with the given widget values, from a callback.

    The filters are on every page: their values are set, and they write themselves into the URL.
    Widgets of the other page do not exist yet, so they take theirs from the URL.

    Args:
        title: the page, by its title in `PAGES`.
        state: values by key; a value that is not named stays as it is.
    """
    for name in filters.ALL & state.keys():
        st.session_state[name] = state[name]
    own = {name: value for name, value in state.items() if name not in filters.ALL and value}
    st.switch_page(PAGES[title].script, query_params=own)


def link(label: str, title: str, key: str, **state: object) -> None:
    """A button that leads to another page, with the reader's filters."""
    st.button(
        label,
        key=key,
        type="tertiary",
        icon=":material/arrow_forward:",
        on_click=go_to,
        args=(title, state),
    )


def open_row(key: str, states: Sequence[dict[str, Any]]) -> None:
    """Open the tickets behind the row that was chosen, from a table's callback.

    Args:
        key: the table's key.
        states: widget values of the ticket list for each row, in their order.
    """
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        go_to("Tickets", states[rows[0]])
