"""One miner, one log, one process: `python -m ops_tower_tests.benchmarks.miners NAME FOLDER`.

Belongs here: the shortest way with each tool from the raw table `ticket_events` as Parquet to
transitions and variants as frames. Each runs in a process of its own, which pays for its own
imports. Does not belong here: making logs (desk_log), timing and tables (process).
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

EVENTS: Final = Path("raw", "ticket_events.parquet")
MODELS: Final = "models.json"
COLUMNS: Final = ["ticket_id", "activity", "event_at"]


def ops_tower(folder: Path) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """The SQL of the dbt models up to both results, as dbt compiled it, with its own settings."""
    import duckdb  # noqa: PLC0415 - its import is part of the cost

    compiled = json.loads((folder / MODELS).read_text())
    with duckdb.connect(str(folder / "ops.duckdb"), config=compiled["settings"]) as warehouse:
        for model in compiled["models"]:
            schema = model["relation"].split(".")[1]
            warehouse.execute(f"create schema if not exists {schema}")
            warehouse.execute(
                f"create or replace {model['kind']} {model['relation']} as {model['sql']}"
            )
        transitions, variants = (
            warehouse.execute(f"from {relation}").df() for relation in compiled["results"]
        )
    return transitions, variants


def pm4py(folder: Path) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Counts, mean, median (it has no other quantile), and variants."""
    import pandas as pd  # noqa: PLC0415 - as above
    import pm4py  # noqa: PLC0415 - as above

    log = pm4py.format_dataframe(
        pd.read_parquet(folder / EVENTS, columns=COLUMNS),
        case_id="ticket_id",
        activity_key="activity",
        timestamp_key="event_at",
    )
    counts, _, _ = pm4py.discover_dfg(log)
    times, _, _ = pm4py.discover_performance_dfg(log, perf_aggregation_key="all")
    transitions = pd.DataFrame(
        {"pair": pair, "transitions": counts[pair], **times[pair]} for pair in counts
    )
    found = pm4py.get_variants(log)
    return transitions, pd.DataFrame({"variant": list(found), "cases": list(found.values())})


def r4pm(folder: Path) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Counts (it times no transitions) and variants, of a log handed over from Polars."""
    import pandas as pd  # noqa: PLC0415 - as above
    import polars as pl  # noqa: PLC0415 - as above
    import r4pm  # noqa: PLC0415 - as above

    log = r4pm.import_item_from_df(
        "EventLog",
        pl.read_parquet(folder / EVENTS, columns=COLUMNS)
        .sort("event_at", maintain_order=True)
        .select(
            pl.col("ticket_id").cast(pl.String).alias("case:concept:name"),
            pl.col("activity").alias("concept:name"),
            pl.col("event_at").dt.replace_time_zone("UTC").alias("time:timestamp"),
        ),
    )
    follows = r4pm.bindings.discover_dfg(log)["directly_follows_relations"]
    found = r4pm.bindings.get_variants(r4pm.bindings.log_to_activity_projection(log))
    transitions = pd.DataFrame(
        {"pair": [tuple(pair) for pair, _ in follows], "transitions": [n for _, n in follows]}
    )
    return transitions, pd.DataFrame(
        {
            "variant": [tuple(own["activities"]) for own in found],
            "cases": [own["count"] for own in found],
        }
    )


MINERS: Final = {"ops_tower": ops_tower, "pm4py": pm4py, "r4pm": r4pm}


def main(name: str, folder: Path) -> None:
    """Mine the log in `folder`; print what must be equal for all tools, as one line of JSON."""
    transitions, variants = MINERS[name](folder)
    sys.stdout.write(
        "\n"
        + json.dumps(
            {
                "pairs": len(transitions),
                "transitions": int(transitions["transitions"].sum()),
                "most": int(transitions["transitions"].max()),
                "variants": len(variants),
                "cases": int(variants["cases"].sum()),
                "largest": int(variants["cases"].max()),
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
