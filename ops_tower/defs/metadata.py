"""What Dagster shows beside a materialisation: how many rows, and the first of them."""

from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from ops_tower.as_text import markdown

PREVIEW_ROWS = 8
PREVIEW_CELL = 60  # characters; a table in the user interface wraps beyond that


def preview(frame: pd.DataFrame) -> str:
    """The first rows as a Markdown table; what a customer wrote cannot break out of its cell."""
    header = [str(name) for name in frame.columns]
    rows = [[_cell(value) for value in row] for row in frame.head(PREVIEW_ROWS).to_numpy()]
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def table_metadata(frame: pd.DataFrame, rows: int) -> dict[str, Any]:
    """Metadata of a table of `rows` rows that starts with `frame`."""
    return {"dagster/row_count": rows, "preview": dg.MetadataValue.md(preview(frame))}


def describe(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, Any]:
    """Metadata of a table, a view or a `read_parquet(…)` that `connection` can read."""
    counted = connection.execute(f"select count(*) from {relation}").fetchone()
    head = connection.execute(f"from {relation} limit {PREVIEW_ROWS}").df()
    return table_metadata(head, counted[0] if counted else 0)


def _cell(value: object) -> str:
    text = str(value)
    text = text if len(text) <= PREVIEW_CELL else text[: PREVIEW_CELL - 1] + "…"
    return markdown(text).replace("|", "\\|")
