"""The frame around every page: which version it reads, how fresh that is, what shows without one.

Belongs here: resolving the published version once per run, the freshness badge, the headline, the
empty states and the refresh. Does not belong here: figures.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import filters
import pandas as pd
import queries
import streamlit as st
import thresholds
from queries import Desk, Scope
from streamlit.delta_generator import DeltaGenerator

from ops_tower import published

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
    """What a page is given: version, scope, age of the data, and the headline's place."""

    desk: Desk
    scope: Scope
    freshness: Freshness
    top: DeltaGenerator

    def headline(self, name: str, sentence: str) -> None:
        """Name the page and answer its question, above the filters."""
        with self.top:
            st.caption(name)
            st.title(sentence.replace("$", "\\$"), anchor=False)


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


def open_page(desk: Desk) -> Page:
    """Draw the top of the page and return what the page needs; the headline is filled in by it."""
    top = st.container(gap="xxsmall")
    age = freshness(desk.as_of, wall_clock())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        scope = filters.draw(desk)
        color, icon = _LOOK[age.level]
        st.badge(
            f"Data as of {desk.as_of:%a %-d %b %Y, %H:%M} UTC",
            icon=icon,
            color=color,
            help=f"{age.age} old. Green up to 26 hours, orange up to 48, red beyond.",
        )
    if scope.is_narrowed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/filter_alt: Only {filters.words(scope)}", width="content")
            st.button("Show everything", type="tertiary", on_click=filters.reset, key="reset_line")
    if age.level == "stale":
        st.warning(
            f"The newest event behind these figures is {age.age} old, so nothing here counts down."
            " Run `ops-tower run` to bring them up to date.",
            icon=":material/history:",
        )
    return Page(desk, scope, age, top)


def no_data(home: Path) -> None:
    """Say that nothing is published yet, and what to run."""
    st.title("Nothing is published yet", anchor=False)
    st.markdown(
        f"The dashboard reads the newest published file under `{home}`, and there is none."
        " One run makes it; this page notices and opens by itself."
    )
    st.markdown("**A year of a generated help desk**, to look around:")
    st.code(f"ops-tower run --home {home}", language=None)
    st.markdown("**Your own tickets**, from an event log as CSV, Parquet or XES:")
    st.code(
        f"ops-tower run --home {home} --source event-log --event-log tickets.csv \\\n"
        "  --column case=ticket --column activity=action --column timestamp=time",
        language=None,
    )


def no_rows(what: str) -> None:
    """Say that the reader's choice leaves nothing, and offer the way back."""
    st.info(f"No {what} for this choice of filters.", icon=":material/filter_alt_off:")
    st.button("Show everything", on_click=filters.reset, key="reset_empty")


def csv(frame: pd.DataFrame, name: str, label: str) -> None:
    """Offer a table as CSV, made only when it is asked for."""
    st.download_button(
        label,
        lambda: frame.to_csv(index=frame.index.name is not None),
        f"{name}.csv",
        "text/csv",
        key=f"csv_{name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


@st.fragment(run_every=thresholds.REFRESH_SECONDS)
def follow(home: Path, seen: Path | None) -> None:
    """Rerun the whole page once a version other than the one it read is published."""
    if published.current(home) != seen:
        st.rerun()


def resolve(home: Path) -> tuple[Path | None, Desk | None]:
    """The published version and what it says about itself, resolved once for this run."""
    version = published.current(home)
    return version, queries.about(str(version)) if version else None


def _age_text(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 48:  # noqa: PLR2004  (two days read better as hours)
        return f"{max(hours, 0)} hours"
    days = hours // 24
    return f"{days:,} days" if days < 730 else f"{days // 365} years"  # noqa: PLR2004
