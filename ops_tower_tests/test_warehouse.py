"""The warehouse before dbt opens it: leftovers cleared, a damaged one set aside."""

from pathlib import Path

import duckdb
import pytest

from ops_tower.settings import Home
from ops_tower.warehouse import WarehouseError, _is_whole, make_ready


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with duckdb.connect(str(tmp_path / "ops.duckdb")) as connection:
        connection.execute("create table figures as select range as x from range(100000)")
    return Home(tmp_path)


def test_a_sound_warehouse_stays_and_what_was_spilled_goes(home: Home) -> None:
    home.dbt_spill.mkdir(parents=True)
    (home.dbt_spill / "duckdb_temp_storage-0.tmp").write_bytes(b"x")
    aside = home.warehouse.with_name("ops.duckdb.damaged")
    aside.write_bytes(b"x")
    assert list(make_ready(home)) == []
    assert not home.dbt_spill.exists()
    assert not aside.exists()
    with duckdb.connect(str(home.warehouse)) as connection:
        assert connection.execute("select count(*) from figures").fetchone() == (100000,)


@pytest.mark.parametrize("damage", ["header", "half", "empty"])
def test_a_damaged_warehouse_is_set_aside_with_a_word(home: Home, damage: str) -> None:
    whole = home.warehouse.read_bytes()
    changed = {"header": b"\0" * 8192 + whole[8192:], "half": whole[:6000], "empty": b"x"}
    home.warehouse.write_bytes(changed[damage])
    home.warehouse.with_name("ops.duckdb.wal").write_bytes(b"\xff" * 5000)
    (note,) = make_ready(home)
    assert "built anew" in note
    assert str(home.warehouse.with_name("ops.duckdb.damaged")) in note
    assert not home.warehouse.exists()
    assert not home.warehouse.with_name("ops.duckdb.wal").exists()
    assert list(make_ready(home)) == []


def test_a_warehouse_that_another_program_holds_is_not_set_aside(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: str) -> None:
        raise duckdb.IOException("IO Error: Could not set lock on file: held by process 1")

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(WarehouseError, match="close it and run again"):
        list(make_ready(home))
    assert home.warehouse.exists()


def test_a_manifest_that_dbt_could_not_finish_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    assert not _is_whole(path)
    path.write_text('{"nodes": {"a": {}}')
    assert not _is_whole(path)
    path.write_text('{"nodes": {"a": {}}}')
    assert _is_whole(path)
