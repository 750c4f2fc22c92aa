"""Where tickets pile up: the process marts, read as a process."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import alignment, bottlenecks, conformance, process_mining, waits
from ops_tower.analysis import rework as repeating
from ops_tower.defs.inputs import analysis, marts, outputs

GROUP = "process_mining"


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=marts("mart_process_transitions"))
def process_transitions(mart_process_transitions: pd.DataFrame) -> pd.DataFrame:
    """One row per directly-follows pair, timers told from waiting; the bottleneck page reads it."""
    return process_mining.transition_matrix(mart_process_transitions)


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=marts("mart_process_variants"))
def process_variants(mart_process_variants: pd.DataFrame) -> pd.DataFrame:
    """One row per variant, the most frequent first; the bottleneck page reads it."""
    return process_mining.variants(mart_process_variants)


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=analysis("process_variants"))
def process_coverage(process_variants: pd.DataFrame) -> pd.DataFrame:
    """One row each for the frequent variants, the long tail and all, so that no tail is dropped."""
    return process_mining.coverage(process_variants)


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=marts("mart_group_performance", "mart_capacity", "mart_source"),
)
def group_bottlenecks(
    mart_group_performance: pd.DataFrame, mart_capacity: pd.DataFrame, mart_source: pd.DataFrame
) -> pd.DataFrame:
    """One row per group by cycle time x volume x breach rate; the bottleneck page reads it."""
    source = mart_source.iloc[0]
    return bottlenecks.group_bottlenecks(
        mart_group_performance, mart_capacity, source["first_event_at"], source["as_of"]
    )


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_process_variants") | analysis("process_transitions"),
    outs=outputs(
        conformance="One row per measure of how finished tickets fit the documented path.",
        conformance_deviations="One row per kind of deviation and activity.",
        conformance_variants="One row per finished variant: its distance from the path.",
    ),
)
def conformance_to_path(
    mart_process_variants: pd.DataFrame, process_transitions: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Alignment of each variant with the documented path, or with the most frequent variant."""
    path = conformance.choose_path(
        mart_process_variants, process_transitions, alignment.documented_paths()
    )
    return conformance.conformance(mart_process_variants, process_transitions, path)


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=marts("mart_handovers"))
def handovers(mart_handovers: pd.DataFrame) -> pd.DataFrame:
    """One row per pair of groups between which tickets were passed on, and how many came back."""
    return repeating.handovers(mart_handovers)


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=marts("mart_activities", "mart_handovers", "mart_rework") | analysis("process_transitions"),
)
def rework(
    process_transitions: pd.DataFrame,
    mart_activities: pd.DataFrame,
    mart_handovers: pd.DataFrame,
    mart_rework: pd.DataFrame,
) -> pd.DataFrame:
    """One row per kind of rework and activity or group; the advice reads it."""
    return repeating.rework(process_transitions, mart_activities, mart_handovers, mart_rework)


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=marts("mart_transition_waits"))
def process_waits(mart_transition_waits: pd.DataFrame) -> pd.DataFrame:
    """One row per pair of activities and cause of the hours between; the advice reads it."""
    return waits.waiting_split(mart_transition_waits)
