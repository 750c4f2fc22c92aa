"""What Dagster shows of a table: its size and its first rows, safe to render."""

import duckdb
import pandas as pd

from ops_tower.defs.metadata import PREVIEW_ROWS, describe, preview


def test_a_preview_is_a_markdown_table_of_the_first_rows() -> None:
    lines = preview(pd.DataFrame({"a": range(20)})).splitlines()
    assert lines[:3] == ["| a |", "| --- |", "| 0 |"]
    assert len(lines) == 2 + PREVIEW_ROWS


def test_what_a_customer_wrote_stays_in_its_cell() -> None:
    text = preview(pd.DataFrame({"subject": ["a | b\n<script>" + "x" * 100]}))
    last = text.splitlines()[-1]
    assert len(text.splitlines()) == 3
    assert last.startswith("| a \\| b \\<script>xxx")
    assert last.endswith("…  |".replace("  ", " "))


def test_a_relation_is_counted_whole_and_shown_in_part() -> None:
    with duckdb.connect() as connection:
        metadata = describe(connection, "range(100) as numbers(n)")
    assert metadata["dagster/row_count"] == 100
