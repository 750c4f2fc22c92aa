"""The whole dbt project on a small desk: every model, data test and unit test, each described."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ops_tower.settings import Home, Settings
from ops_tower.sources.landing import land
from ops_tower_tests.benchmarks.pipeline import bare_dbt_build

Node = dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which dbt has built and tested everything, on a few simulated tickets."""
    settings = Settings(home=tmp_path_factory.mktemp("desk"), tickets=400, seed=3)
    land(settings)
    bare_dbt_build(settings.places)
    return settings.places


@pytest.fixture(scope="module")
def manifest(home: Home) -> dict[str, dict[str, Node]]:
    content: dict[str, dict[str, Node]] = json.loads(_read(home.dbt_target, "manifest"))
    return content


def _read(folder: Path, name: str) -> str:
    return (folder / f"{name}.json").read_text()


def test_every_model_data_test_and_unit_test_holds_on_a_simulated_desk(home: Home) -> None:
    results = json.loads(_read(home.dbt_target, "run_results"))["results"]
    ran = [result for result in results if result["status"] != "no-op"]
    assert {result["status"] for result in ran} == {"success", "pass"}
    assert sum(result["unique_id"].startswith("test.") for result in ran) >= 80


def test_every_table_and_column_is_described_and_none_that_is_not_there(
    home: Home, manifest: dict[str, dict[str, Node]]
) -> None:
    nodes = [
        node for node in manifest["nodes"].values() if node["resource_type"] in {"model", "seed"}
    ]
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        built = warehouse.execute(
            """select schema_name || '.' || table_name, list(column_name order by column_name)
               from duckdb_columns() group by all"""
        ).fetchall()
    described = {
        f"{node['schema']}.{node['name']}": sorted(
            name for name, column in node["columns"].items() if column["description"]
        )
        for node in nodes
        if node["description"]
    }
    assert described == {table: columns for table, columns in built if table in described}
    assert len(described) == len(nodes)


def test_every_model_that_does_more_than_rename_has_a_unit_test(
    manifest: dict[str, dict[str, Node]],
) -> None:
    models = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] != "staging"
    }
    assert models == {test["model"] for test in manifest["unit_tests"].values()}


def test_every_mart_is_under_contract_and_shown_on_a_page(
    manifest: dict[str, dict[str, Node]],
) -> None:
    marts = {
        identifier: node
        for identifier, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    assert all(mart["contract"]["enforced"] for mart in marts.values())
    shown = {
        parent
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
    }
    assert {mart for mart in marts if mart not in shown} == {
        # It speaks of single agents; no page does.
        "model.ops_tower.mart_agent_productivity"
    }
