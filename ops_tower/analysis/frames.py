"""The shape of a result: exact columns and types, the same with a million rows as with none.

Belongs here: how an analysis declares its output and how rows are brought into that form.
Does not belong here: what any output means; each module declares its own next to the function.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

# An `object` column without values reaches DuckDB as a column of type NULL, and a Categorical as
# an ENUM, so text is pandas' own string type and everything that may be missing is nullable.
DTYPES: Final = {
    "text": "string",
    "integer": "Int64",
    "number": "float64",
    "flag": "boolean",
    "time": "datetime64[us]",
}


@dataclass(frozen=True)
class Output:
    """One result table: its name, its grain in a sentence, and its columns with their kinds.

    A kind is a key of `DTYPES`. The order of `columns` is the order in the table.
    """

    name: str
    grain: str
    columns: Mapping[str, str]

    def frame(
        self, rows: pd.DataFrame | Iterable[Mapping[str, object]] | None = None
    ) -> pd.DataFrame:
        """Bring rows into this output's columns, order and types.

        Args:
            rows: a frame or an iterable of mappings; further columns are dropped, None is no rows.

        Returns:
            A frame with exactly `columns`, indexed 0..n-1.

        Raises:
            KeyError: if a declared column is missing; a forgotten column is a bug, not a NULL.
        """
        if rows is None:
            frame = pd.DataFrame(columns=list(self.columns))
        elif isinstance(rows, pd.DataFrame):
            frame = rows
        else:
            listed = list(rows)
            frame = pd.DataFrame(listed) if listed else pd.DataFrame(columns=list(self.columns))
        if missing := [column for column in self.columns if column not in frame]:
            raise KeyError(f"{self.name} lacks {', '.join(missing)}")
        return pd.DataFrame(
            {
                column: _as_kind(frame[column], kind).reset_index(drop=True)
                for column, kind in self.columns.items()
            }
        )


def _as_kind(values: pd.Series, kind: str) -> pd.Series:
    """Cast one column; decimals and 128-bit sums of an engine arrive as float or object."""
    if kind == "integer":
        return pd.to_numeric(values).round().astype("Int64")
    if kind == "number":
        return pd.to_numeric(values.astype("object").where(values.notna(), None)).astype("float64")
    if kind == "time":
        return pd.to_datetime(values).astype("datetime64[us]")
    if kind == "flag":
        return values.astype("boolean")
    return values.astype("string")


def total(values: pd.Series) -> float:
    """Sum a column that may be missing throughout, as float; missing counts as nothing."""
    return float(pd.to_numeric(values, errors="coerce").fillna(0).sum())


def ratio(numerator: float, denominator: float) -> float:
    """Divide, or NaN where there is nothing to divide by; never a made-up 0."""
    return numerator / denominator if denominator else float("nan")
