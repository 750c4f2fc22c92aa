"""Results keep their shape, whatever is in them."""

import duckdb
import pandas as pd
import pytest

from ops_tower.analysis.frames import Output

EXAMPLE = Output(
    "example",
    "One row per kind.",
    {"a": "text", "b": "integer", "c": "number", "d": "flag", "e": "time"},
)
TYPES = ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP"]


def stored_types(frame: pd.DataFrame) -> list[str]:
    """Types that DuckDB gives the columns of a frame."""
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        described = connection.execute("DESCRIBE SELECT * FROM frame").fetchall()
    return [row[1] for row in described]


def test_an_empty_result_is_stored_with_the_declared_types() -> None:
    assert stored_types(EXAMPLE.frame()) == TYPES
    assert stored_types(EXAMPLE.frame([])) == TYPES


def test_a_result_of_nulls_is_stored_with_the_declared_types() -> None:
    assert stored_types(EXAMPLE.frame([dict.fromkeys("abcde")])) == TYPES


def test_columns_come_in_the_declared_order_and_others_are_dropped() -> None:
    frame = EXAMPLE.frame(
        pd.DataFrame({"z": [1], "e": [pd.Timestamp("2026-01-01")], "d": [True], "c": [1.5]})
        .assign(b=2.0, a="x")
        .set_index("z")
    )
    assert list(frame) == list("abcde")
    assert frame.iloc[0].tolist() == ["x", 2, 1.5, True, pd.Timestamp("2026-01-01")]
    assert list(frame.index) == [0]


def test_a_forgotten_column_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match="example lacks c"):
        EXAMPLE.frame([{"a": "x", "b": 1, "d": True, "e": None}])
