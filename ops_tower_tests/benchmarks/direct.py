"""The analyses called directly, one after the other, on a warehouse's marts: no orchestrator.

`python -m ops_tower_tests.benchmarks.direct WAREHOUSE` prints the wall and the CPU seconds of
reading the marts and calling every analysis, imports of theirs included, Dagster's load not.
"""

import inspect
import sys
import time
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pandas as pd


def analyses() -> Iterator[dg.AssetsDefinition]:
    """The definitions whose bodies call the analyses, parents first."""
    from ops_tower.definitions import defs  # noqa: PLC0415, reads the environment when called

    loaded = defs()
    seen: set[str] = set()
    for layer in loaded.resolve_asset_graph().toposorted_asset_keys_by_level:
        for key in layer:
            definition = loaded.resolve_assets_def(key)
            if key.path[0] == "analysis" and definition.op.name not in seen:
                seen.add(definition.op.name)
                yield definition


def call(definition: dg.AssetsDefinition, frames: dict[str, pd.DataFrame], path: str) -> None:
    """Call one body with its frames, read from the warehouse where no analysis made them."""
    body = definition.op.compute_fn.decorated_fn  # type: ignore[union-attr]
    wanted = inspect.signature(body).parameters
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values())
    inputs: dict[str, Any] = {}
    for name, key in definition.keys_by_input_name.items():
        if not takes_any and name not in wanted:
            continue  # an order between steps, not a frame
        if key.path[-1] not in frames:
            with duckdb.connect(path, read_only=True) as connection:
                frames[key.path[-1]] = connection.execute(f"from {'.'.join(key.path)}").df()
        inputs[name] = frames[key.path[-1]]
    if not takes_any and wanted.keys() - inputs.keys():
        return  # it reads the home, which is no analysis
    made = body(**inputs)
    results = made if isinstance(made, tuple) else (made,)
    names = [key.path[-1] for key in definition.keys_by_output_name.values()]
    frames.update(zip(names, results, strict=True))


def main(path: str) -> None:
    """Call them all, then say what it took."""
    definitions = list(analyses())
    wall, cpu = time.perf_counter(), time.process_time()
    frames: dict[str, pd.DataFrame] = {}
    for definition in definitions:
        call(definition, frames, path)
    print(time.perf_counter() - wall, time.process_time() - cpu)  # noqa: T201, its one output


if __name__ == "__main__":
    main(sys.argv[1])
