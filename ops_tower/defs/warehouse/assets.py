"""The dbt project as assets: each model and seed an asset, each data test a check.

Belongs here: how dbt's events become Dagster's. A data test that fails with severity error fails
this step, so nothing downstream of the warehouse runs; one with severity warn is a failed check.
"""

import errno
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import (
    DagsterDbtTranslator,
    dbt_assets,
    group_from_dbt_resource_props_fallback_to_directory,
)
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from ops_tower import warehouse
from ops_tower.defs.metadata import describe
from ops_tower.defs.retrying import LOCKED, retried
from ops_tower.settings import Settings


class FolderTranslator(DagsterDbtTranslator):
    """Groups assets by their folder in the dbt project."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """`staging`, `intermediate` or `marts`; what stands in no folder is a seed."""
        return group_from_dbt_resource_props_fallback_to_directory(dbt_resource_props) or "seeds"


def build_warehouse_assets(manifest: Path) -> dg.AssetsDefinition:
    """The dbt project that `manifest` describes, as one step that builds and tests all of it."""
    translator = FolderTranslator()

    @dbt_assets(manifest=manifest, dagster_dbt_translator=translator, name="dbt_build")
    def dbt_build(
        context: dg.AssetExecutionContext, locked_settings: dg.ResourceParam[Settings]
    ) -> Iterator[Any]:
        with retried(context):
            messages = _build(context, locked_settings)
        with duckdb.connect(str(locked_settings.places.warehouse), read_only=True) as tables:
            for message in filter(partial(_is_shown, context), messages):
                for event in message.to_default_asset_events(manifest, translator, context):
                    yield _with_rows(event, message, tables)
        failures = [str(message).strip() for message in messages if _has_failed(message)]
        if failures:
            raise dg.Failure(
                f"dbt build: {len(failures)} failed; nothing is published. {'; '.join(failures)}",
                allow_retries=False,
            )

    return dbt_build


def _with_rows(
    event: Any,  # noqa: ANN401, one of the five kinds of event that dagster-dbt yields
    message: DbtCoreCliEventMessage,
    tables: duckdb.DuckDBPyConnection,
) -> Any:  # noqa: ANN401
    """`event` with the size and first rows of its mart; dbt's own row counts take seconds."""
    relation = message.raw_event["data"]["node_info"]["node_relation"]
    if not isinstance(event, dg.Output) or relation["schema"] != "marts":
        return event
    metadata = {**event.metadata, **describe(tables, relation["relation_name"])}
    return dg.Output(event.value, output_name=event.output_name, metadata=metadata)


def _build(context: dg.AssetExecutionContext, settings: Settings) -> list[DbtCoreCliEventMessage]:
    from google.protobuf.json_format import MessageToDict  # noqa: PLC0415, comes with dbt

    results: list[DbtCoreCliEventMessage] = []

    def keep_results(event: Any) -> None:  # noqa: ANN401, dbt's generated protobuf class
        if event.info.name.endswith("Result"):
            raw = MessageToDict(event, preserving_proto_field_name=True)
            if "node_info" in raw["data"]:
                results.append(DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={}))

    # Unit tests judge the models' code, not the data: `make test` runs them.
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if context.is_subset:
        arguments += ["--select", *_selected_models(context)]
    for note in warehouse.make_ready(settings.places):
        context.log.warning(note)
    ok = warehouse.invoke(arguments, settings.places, keep_results)
    if any(LOCKED in str(result) for result in results if _has_failed(result)):
        raise BlockingIOError(
            errno.EBUSY, f"another program holds {settings.places.warehouse}: close it"
        )
    if not ok and not any(_has_failed(result) for result in results):
        raise warehouse.WarehouseError("dbt build failed without naming a node: see dbt.log")
    return results


def _selected_models(context: dg.AssetExecutionContext) -> list[str]:
    return sorted(key.path[-1] for key in context.selected_asset_keys)


def _is_shown(context: dg.AssetExecutionContext, message: DbtCoreCliEventMessage) -> bool:
    """Whether Dagster knows the node; a test of a macro stands at no model, so it knows it not."""
    node = message.raw_event["data"]["node_info"]
    checks = {key.name for key in context.selected_asset_check_keys}
    return node["resource_type"] != "test" or node["node_name"] in checks


def _has_failed(message: DbtCoreCliEventMessage) -> bool:
    status = message.raw_event["data"].get("node_info", {}).get("node_status")
    return status in {"error", "fail"}


@dg.definitions
def defs() -> dg.Definitions:
    """The dbt assets of the home that the settings name; parses the project if it changed."""
    path = warehouse.manifest(Settings().places)
    return dg.Definitions(assets=[build_warehouse_assets(path)])
