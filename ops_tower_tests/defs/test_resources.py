"""The I/O manager: a frame is stored as it is, whatever was stored under its name before."""

from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from ops_tower.defs.resources import FrameIOManager, with_sql_types


def store(frame: pd.DataFrame, database: Path) -> None:
    @dg.asset(key_prefix="analysis")
    def findings() -> pd.DataFrame:
        return frame

    result = dg.materialize(
        [findings], resources={"io_manager": FrameIOManager(database=str(database))}
    )
    assert result.success


def stored(database: Path) -> tuple[dict[str, str], list[tuple[object, ...]]]:
    with duckdb.connect(str(database)) as connection:
        relation = connection.sql("from analysis.findings")
        types = [str(kind) for kind in relation.types]
        return dict(zip(relation.columns, types, strict=True)), relation.fetchall()


def test_an_empty_frame_replaces_yesterdays_rows_and_keeps_its_columns(tmp_path: Path) -> None:
    database = tmp_path / "ops.duckdb"
    store(pd.DataFrame({"name": ["a"], "hours": [1.5]}), database)
    empty = pd.DataFrame({"name": pd.Series(dtype=object), "hours": pd.Series(dtype=float)})
    store(empty, database)
    assert stored(database) == ({"name": "VARCHAR", "hours": "DOUBLE"}, [])


def test_a_frame_with_other_columns_replaces_the_table(tmp_path: Path) -> None:
    database = tmp_path / "ops.duckdb"
    store(pd.DataFrame({"name": ["a"]}), database)
    store(pd.DataFrame({"rank": [1], "title": ["b"]}), database)
    assert stored(database) == ({"rank": "BIGINT", "title": "VARCHAR"}, [(1, "b")])


def test_text_without_a_value_stays_text_and_times_have_microseconds() -> None:
    frame = pd.DataFrame(
        {"note": [None, None], "at": pd.to_datetime(["2026-01-01", None]).astype("datetime64[ns]")}
    )
    types = with_sql_types(frame).dtypes.astype(str).to_dict()
    assert types == {"note": "string", "at": "datetime64[us]"}


def test_an_object_that_is_not_text_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="parts"):
        with_sql_types(pd.DataFrame({"parts": [["a", "b"]]}))


def test_a_run_opens_the_warehouse_once_and_lets_go_of_it_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dg.asset(key_prefix="analysis")
    def findings() -> pd.DataFrame:
        return pd.DataFrame({"name": ["a"]})

    @dg.asset(key_prefix="analysis", ins={"findings": dg.AssetIn(["analysis", "findings"])})
    def advice(findings: pd.DataFrame) -> pd.DataFrame:
        return findings.assign(rank=1)

    opened = []
    connect = duckdb.connect
    monkeypatch.setattr(
        duckdb, "connect", lambda *given, **named: opened.append(given) or connect(*given, **named)
    )
    database = tmp_path / "ops.duckdb"
    resources = {"io_manager": FrameIOManager(database=str(database))}
    assert dg.materialize([findings, advice], resources=resources).success
    assert opened == [(str(database),)]
    with connect(str(database), read_only=True) as reader:  # another configuration: nobody holds it
        assert reader.execute("select name, rank from analysis.advice").fetchall() == [("a", 1)]
