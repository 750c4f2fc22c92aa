"""The frame around every page: which version it reads, how fresh that is, what shows without one.

Belongs here: resolving the published version once per run, the freshness badge, the headline, the
empty states and the refresh. Does not belong here: figures, what pages are made
of (`parts`), and the ways between them (`navigation`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import filters
import look
import navigation
import parts
import runs
import streamlit as st
from queries import Desk, Scope
from streamlit.delta_generator import DeltaGenerator

from ops_tower import last_run, published
from ops_tower.analysis import thresholds

if TYPE_CHECKING:
    import plotly.graph_objects as go

_PAUSE_SECONDS: Final = 0.03
"""Figures come no later than with twice as much, and with a third of it later: measured."""
_FIRST_PAUSE_SECONDS: Final = 0.35
"""A new visitor's browser has still to load what the cards are drawn with."""
_PLOTLY_SECONDS: Final = 1.6
"""So long does a new visitor's browser load and read Plotly; with less, charts come later."""

Level = Literal["fresh", "late", "stale"]
_LOOK: Final = {
    "fresh": ("green", ":material/check_circle:"),
    "late": ("orange", ":material/schedule:"),
    "stale": ("red", ":material/warning:"),
}


@dataclass(frozen=True)
class Freshness:
    """How old the data is, as a level and in words."""

    level: Level
    age: str

    @property
    def allows_countdowns(self) -> bool:
        """Whether minutes left may still be shown as a promise."""
        return self.level != "stale"


@dataclass(frozen=True)
class Page:
    """What a page is given: home, version, scope, age of the data, and the headline's place."""

    title: str
    home: Path
    desk: Desk
    scope: Scope
    freshness: Freshness
    top: DeltaGenerator
    is_first: bool

    def headline(self, sentence: str) -> None:
        """Name the page and answer its question, above the filters.

        Of an answer in several sentences the first is the title and the rest stands below it.
        """
        title, stop, rest = parts.plain(sentence).partition(". ")
        with self.top:
            st.caption(f"**{self.title}** · {navigation.PAGES[self.title].question}")
            st.title(title + stop.strip(), anchor=False)
            if rest:
                st.markdown(rest)

    def let_paint(self) -> None:
        """Let the browser paint the figures before heavier things follow.

        It draws all that came within a moment in one go: without a pause, figures that were there
        after 70 ms would show after 200, together with the last chart; on a visitor's first page
        after three seconds, while Plotly loads. The pause blocks nobody else.
        """
        time.sleep(_FIRST_PAUSE_SECONDS if self.is_first else _PAUSE_SECONDS)

    def let_draw(self) -> None:
        """Let a new visitor's browser draw the charts that it shows before what is further down.

        Whatever comes while Plotly loads is drawn before the first chart is: that took half a
        second, for tables that nobody had scrolled to.
        """
        if self.is_first:
            time.sleep(_PLOTLY_SECONDS)

    def chart(
        self,
        key: str,
        figure: Callable[[], "go.Figure"],
        words: Callable[[], str],
        *depends: str | float,
    ) -> None:
        """Draw a figure that is looked at but not clicked.

        It is made once for a version and a scope; who asks for the same again gets it as it was
        sent, because making a figure costs more than all queries of a page.

        Args:
            key: names the chart, once a page.
            figure: makes it.
            words: says what it shows, for a screen reader.
            depends: what else of the page the figure follows.
        """
        parts.chart(self._follows(key, depends), key, figure, words)

    def figure(
        self, key: str, figure: Callable[[], "go.Figure"], *depends: str | float
    ) -> "go.Figure":
        """A figure for a chart that is clicked, by the arguments of `chart`; made once as well."""
        return parts.figure(self._follows(key, depends), figure)

    def _follows(self, key: str, depends: tuple[str | float, ...]) -> str:
        return repr((self.desk.version, self.scope, self.title, key, depends))


def freshness(as_of: datetime, now: datetime) -> Freshness:
    """Judge the data's age by the wall clock, which nothing else on a page may read."""
    age = now - as_of
    if age <= thresholds.FRESH_FOR:
        level: Level = "fresh"
    elif age <= thresholds.STALE_AFTER:
        level = "late"
    else:
        level = "stale"
    return Freshness(level, _age_text(age))


def wall_clock() -> datetime:
    """Now, naive UTC, for freshness only."""
    return datetime.now(UTC).replace(tzinfo=None)


def open_page(home: Path, desk: Desk, title: str) -> Page:
    """Draw the top of the page and return what the page needs; the page fills in its headline.

    Args:
        home: the home folder, for what is not in the published file.
        desk: the version that the page reads.
        title: the page, by its title in `PAGES`.
    """
    used = navigation.PAGES[title].filters
    is_first = "has_visited" not in st.session_state
    st.session_state["has_visited"] = True
    st.html(look.sheet())
    top = st.container(gap="xxsmall")
    age = freshness(desk.as_of, wall_clock())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        scope = filters.draw(desk, used)
        color, icon = _LOOK[age.level]
        st.badge(
            f"Data as of {desk.as_of:%a %-d %b %Y, %H:%M} UTC",
            icon=icon,
            color=color,
            help=f"{age.age} old. Green up to 26 hours, orange up to 48, red beyond.",
        )
        _unpublished(home)
    if scope.is_narrowed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f":material/filter_alt: Only {parts.plain(filters.words(scope))}", width="content"
            )
            st.button("Show everything", type="tertiary", on_click=filters.reset, key="reset_line")
    if age.level == "stale":
        st.warning(
            _stale_text(desk, age),
            icon=":material/history:",
        )
    return Page(title, home, desk, scope, age, top, is_first)


def _unpublished(home: Path) -> None:
    """Say that a newer run exists whose answers these are not, and why."""
    last = last_run.read(home)
    if last is not None and not last.is_published:
        st.badge(
            "Last run published nothing",
            icon=":material/error:",
            color="red",
            help=parts.plain(f"{last.ended_at:%a %-d %b %Y, %H:%M} UTC: {last.reason}"),
        )


def no_data(home: Path) -> None:
    """Say that nothing is published yet, and what to run."""
    st.title("Nothing is published yet", anchor=False)
    st.markdown(
        f"The dashboard reads the newest published file under `{home}`, and there is none."
        " One run makes it; this page notices and opens by itself."
    )
    st.markdown("**A year of a generated help desk**, to look around:")
    st.code(f"ops-tower run --home {home}", language=None)
    if runs.is_running(home):
        st.caption("The run is going; a year takes about a minute.")
        _running(home)
    else:
        if runs.has_failed(home):
            st.error("The run did not succeed.", icon=":material/error:")
            st.code(runs.said(home), language=None)
        st.button(
            "Run it now",
            icon=":material/play_arrow:",
            key="first_run",
            on_click=runs.start,
            args=(home,),
        )
    st.markdown("**Your own tickets**, from an event log as CSV, Parquet or XES:")
    st.code(
        f"ops-tower run --home {home} --source event-log --event-log tickets.csv \\\n"
        "  --column case=ticket --column activity=action --column timestamp=time",
        language=None,
    )


def other_layout(home: Path) -> None:
    """Say that the published file was written by another version of Ops Tower, and what to run."""
    st.title("This file was published by another version of Ops Tower", anchor=False)
    st.markdown(
        "It lacks what this dashboard reads. Run `ops-tower run` again, with the options of the"
        " last time; this page notices the new file and opens by itself."
    )
    st.code(f"ops-tower run --home {home}", language=None)


def no_rows(what: str, scope: Scope) -> None:
    """Say that the reader's choice leaves nothing, and offer the way back."""
    choice = "filters" if scope.is_narrowed else "window: a longer one may have some"
    st.info(f"No {what} for this choice of {choice}.", icon=":material/filter_alt_off:")
    if scope.is_narrowed:
        st.button("Show everything", on_click=filters.reset, key="reset_empty")


@st.fragment(run_every=thresholds.REFRESH_SECONDS)
def _running(home: Path) -> None:
    """Show what the first run says while it goes, and the whole page again once it has ended."""
    if not runs.is_running(home):
        st.rerun()
    st.code(runs.said(home) or "Starting …", language=None)


@st.fragment(run_every=thresholds.REFRESH_SECONDS)
def follow(home: Path, seen: Path | None) -> None:
    """Rerun the whole page once a version other than the one it read is published."""
    if published.current(home) != seen:
        st.rerun()


def _stale_text(desk: Desk, age: Freshness) -> str:
    if desk.source == "event-log":
        return f"This log ended {age.age} ago, so nothing here counts down."
    return (
        f"The newest event behind these figures is {age.age} old, so nothing here counts down."
        " Run `ops-tower run` to bring them up to date."
    )


def _age_text(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 48:  # noqa: PLR2004  (two days read better as hours)
        return f"{max(hours, 0)} hours"
    days = hours // 24
    return f"{days:,} days" if days < 730 else f"{days // 365} years"  # noqa: PLR2004
