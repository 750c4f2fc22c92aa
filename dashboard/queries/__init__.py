"""Every question that the dashboard asks of the published file, as SQL; a module per page.

Belongs here: SQL over the schemas `marts` and `analysis`, and the cached connection that runs it.
Each function takes the desk whose version the page has resolved, so that one page never mixes two.
Does not belong here: what the figures mean (`measures`), how they look (`charts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import pandas as pd
import streamlit as st

from ops_tower import published

Value: TypeAlias = str | int | float | date | list[str] | None

PRIORITY_ORDER: Final = ("urgent", "high", "normal", "low")


@dataclass(frozen=True)
class Scope:
    """What the reader chose to look at; an empty choice means everything."""

    window_days: int = 30
    groups: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.groups or self.priorities or self.types)

    @property
    def parameters(self) -> dict[str, Value]:
        """The choice as bound parameters of a query."""
        return {
            "groups": list(self.groups),
            "priorities": list(self.priorities),
            "types": list(self.types),
        }


@dataclass(frozen=True)
class Desk:
    """The published version that a page reads, and what it says about itself."""

    version: str
    run_id: str
    source: str
    description: str
    as_of: datetime
    first_day: date
    tickets: int
    has_targets: bool
    groups: tuple[str, ...]
    priorities: tuple[str, ...]
    types: tuple[str, ...]


def among(column: str, choice: str) -> str:
    """A condition: `column` is among the bound list `choice`, or that list is empty."""
    return f"(len(${choice}::varchar[]) = 0 or list_contains(${choice}::varchar[], {column}))"


@st.cache_resource(max_entries=3, show_spinner=False)
def _connection(version: str) -> duckdb.DuckDBPyConnection:
    return published.connect(Path(version))


@st.cache_data(max_entries=2000, show_spinner=False)
def _read(
    follows: str,  # noqa: ARG001  (all of it as one text: Streamlit looks each argument up anew)
    _version: str,
    _sql: str,
    _parameters: dict[str, Value],
) -> pd.DataFrame:
    with _connection(_version).cursor() as cursor:
        return cursor.execute(_sql, _parameters).df()


class LayoutError(Exception):
    """The version was written with other tables than these queries read."""


def read(version: str, sql: str, parameters: Mapping[str, Value] | None = None) -> pd.DataFrame:
    """Run one query on one version; a cursor of its own keeps readers out of each other's results.

    Args:
        version: path of the published file.
        sql: the query; `$name` marks a bound value.
        parameters: values by name; those that the query does not mention are left out.

    Raises:
        LayoutError: the version lacks a table or a column.
        duckdb.IOException: the version is gone.
    """
    named = {name: value for name, value in (parameters or {}).items() if f"${name}" in sql}
    try:
        return _read(repr((version, sql, named)), version, sql, named)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise LayoutError(str(error)) from error


@st.cache_resource(max_entries=3, show_spinner=False)
def about(version: str) -> Desk:
    """What the version says about itself, and the values that its filters offer.

    Raises:
        LayoutError: the version is not of the layout that these queries read.
    """
    layout = int(read(version, "select layout from analysis.run_info")["layout"].iloc[0])
    if layout != published.LAYOUT:
        raise LayoutError(f"{version} has layout {layout}, not {published.LAYOUT}")
    run = read(version, _ABOUT).iloc[0]
    choices = read(version, _CHOICES)

    def values(dimension: str) -> tuple[str, ...]:
        return tuple(choices.loc[choices["dimension"] == dimension, "value"])

    known = values("priority")
    return Desk(
        version=version,
        run_id=str(run["run_id"]),
        source=str(run["source"]),
        description=str(run["description"]),
        as_of=run["as_of"].to_pydatetime(),
        first_day=run["first_event_at"].date(),
        tickets=int(run["tickets"]),
        has_targets=bool(run["has_targets"]),
        groups=values("group"),
        priorities=tuple(name for name in PRIORITY_ORDER if name in known),
        types=values("type"),
    )


_ABOUT: Final = """
select run_id, run.source, source.description, run.as_of, source.first_event_at, run.tickets,
  exists (from marts.mart_sla) as has_targets
from analysis.run_info as run cross join marts.mart_source as source
"""

_CHOICES: Final = """
select distinct 'group' as dimension, group_name as value from marts.mart_daily_ops
union all
select distinct 'priority', priority from marts.mart_ticket_outcomes where priority is not null
union all
select distinct 'type', ticket_type from marts.mart_ticket_outcomes where ticket_type is not null
order by all
"""
