"""The shared filters: four choices that follow the reader from page to page, in the URL.

Belongs here: the widgets, their names in the URL, the scope that they make and the dates that it
spans. Does not belong here: what a page does with a scope.
"""

from datetime import date, timedelta
from typing import Final

import streamlit as st
from queries import Desk, Scope

from ops_tower import as_text

WINDOWS: Final = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
DEFAULT_WINDOW: Final = "30d"
_LISTS: Final = ("group", "priority", "type")
ALL: Final = frozenset({"window", *_LISTS})
NO_WINDOW: Final = frozenset(_LISTS)
GROUPS: Final = frozenset({"group"})
NONE: Final = frozenset[str]()
_MOST_PILLS: Final = 12
"""More than so many are searched in a list: some desks have hundreds of groups."""


def draw(desk: Desk, used: frozenset[str]) -> Scope:
    """Draw the window and the filter menu, and return what is chosen.

    A filter that the page does not follow keeps its value and its place in the URL, cannot be
    turned, and leaves the page's scope open.

    Args:
        desk: the version, whose values are on offer.
        used: names out of `ALL` that the page follows.
    """
    window = st.segmented_control(
        "Window",
        tuple(WINDOWS),
        default=DEFAULT_WINDOW,
        required=True,
        key="window",
        bind="query-params",
        label_visibility="collapsed",
        disabled="window" not in used,
    )
    with st.popover(_menu_label(used), icon=":material/tune:"):
        scope = Scope(
            WINDOWS[window or DEFAULT_WINDOW],
            _choice("Groups", desk.groups, "group", used),
            _choice("Priorities", desk.priorities, "priority", used),
            _choice("Types", desk.types, "type", used),
        )
        offered = {"priority": desk.priorities, "type": desk.types}
        if nameless := [role for role, values in offered.items() if not values]:
            columns = " ".join(f"--column {role}=…" for role in nameless)
            st.markdown(
                f"This source names no {' and no '.join(nameless)}. Where an event log has a column"
                f" for it, name it: `{columns}`."
            )
        if not used.issuperset(_LISTS):
            st.caption("What is greyed out does not apply to this page.")
        st.button(
            "Show everything",
            icon=":material/restart_alt:",
            on_click=reset,
            disabled=not scope.is_narrowed,
            key="reset_menu",
        )
    return scope


def reset() -> None:
    """Choose everything again; the window stays."""
    for name in _LISTS:
        st.session_state[name] = []


def span(desk: Desk, scope: Scope) -> tuple[date, date]:
    """First and last day of the window, within the data; a day counts once any of it has passed."""
    last = (desk.as_of - timedelta(microseconds=1)).date()
    return max(last - timedelta(days=scope.window_days - 1), desk.first_day), last


def last_monday(desk: Desk) -> date:
    """The Monday that opened the newest week of the data; at Monday midnight, a week ago."""
    last = (desk.as_of - timedelta(microseconds=1)).date()
    return last - timedelta(days=last.weekday())


def words(scope: Scope) -> str:
    """The narrowed scope in words; empty when nothing is left out."""
    return " · ".join(
        ", ".join(part) for part in (scope.groups, scope.priorities, scope.types) if part
    )


def _choice(
    label: str, options: tuple[str, ...], key: str, used: frozenset[str]
) -> tuple[str, ...]:
    if len(options) < 2:  # noqa: PLR2004  (one value leaves nothing to choose)
        return ()
    is_off = key not in used
    shared = {
        "key": key,
        "bind": "query-params",
        "disabled": is_off,
    }
    chosen = (
        st.pills(label, options, selection_mode="multi", format_func=as_text.markdown, **shared)
        if len(options) <= _MOST_PILLS
        else st.multiselect(label, options, placeholder="All", **shared)
    )
    return () if is_off else tuple(option for option in options if option in (chosen or ()))


def _menu_label(used: frozenset[str]) -> str:
    chosen = sum(len(st.session_state.get(name) or ()) for name in used.intersection(_LISTS))
    return f"Filters ({chosen})" if chosen else "Filters"
