"""The analyses called directly, one after the other, on a warehouse's marts: no orchestrator.

`python -m ops_tower_tests.benchmarks.direct WAREHOUSE` prints as JSON the seconds of each step and
of reading the marts, first imports of theirs included, Dagster's load not, and the CPU seconds.
"""

import inspect
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

READING = "reading marts"


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


def call(
    definition: dg.AssetsDefinition, frames: dict[str, pd.DataFrame], path: str
) -> tuple[float, float] | None:
    """Call one body with its frames, read from the warehouse where no analysis made them.

    Returns:
        Seconds of reading and of the body; None if it reads the home, which is no analysis.
    """
    started = time.perf_counter()
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
        return None
    read = time.perf_counter()
    made = body(**inputs)
    done = time.perf_counter()
    results = made if isinstance(made, tuple) else (made,)
    names = [key.path[-1] for key in definition.keys_by_output_name.values()]
    frames.update(zip(names, results, strict=True))
    return read - started, done - read


def main(path: str) -> None:
    """Call them all, then say what it took."""
    definitions = list(analyses())
    cpu = time.process_time()
    frames: dict[str, pd.DataFrame] = {}
    seconds = {READING: 0.0}
    for definition in definitions:
        took = call(definition, frames, path)
        if took is not None:
            seconds[READING] += took[0]
            seconds[definition.op.name] = took[1]
    told = {"seconds": seconds, "cpu_seconds": time.process_time() - cpu}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
