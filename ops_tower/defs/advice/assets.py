"""What to do, and the five answers in words."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import answers as speaking
from ops_tower.analysis import brief, changes
from ops_tower.analysis import recommendations as rules
from ops_tower.defs.inputs import analysis, marts, outputs, tables

GROUP = "advice"


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_sla", "mart_source", "mart_daily_ops")
    | analysis(
        "group_bottlenecks",
        "capacity_gap",
        "sla_alerts",
        "process_transitions",
        "conformance_deviations",
        "drivers",
        "anomalies",
        "rework",
        "process_waits",
    ),
    outs=outputs(
        recommendations="One row per rule that fired, the most effect for the effort first.",
        silent_rules="One row per rule that did not fire, and why.",
    ),
)
def advice(
    mart_sla: pd.DataFrame, mart_source: pd.DataFrame, **findings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every rule asked, those that fired ranked by effect over effort."""
    source = mart_source.iloc[0]
    return rules.recommend(
        rules.Findings(
            bottlenecks=findings["group_bottlenecks"],
            capacity_gap=findings["capacity_gap"],
            alerts=findings["sla_alerts"],
            transitions=findings["process_transitions"],
            deviations=findings["conformance_deviations"],
            drivers=findings["drivers"],
            anomalies=findings["anomalies"],
            sla=mart_sla,
            first_at=source["first_event_at"],
            as_of=source["as_of"],
            rework=findings["rework"],
            waits=findings["process_waits"],
            daily=findings["mart_daily_ops"],
        )
    )


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=marts("mart_sla", "mart_source"))
def sla_change(mart_sla: pd.DataFrame, mart_source: pd.DataFrame) -> pd.DataFrame:
    """One row per group and priority: its part in the change of attainment since Monday."""
    return changes.sla_change(mart_sla, mart_source.iloc[0]["as_of"])


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=tables(*speaking.NEEDED),
)
def answers(**frames: pd.DataFrame) -> pd.DataFrame:
    """One row per question of a Monday morning, answered in words; all readers speak it."""
    spoken = speaking.five_answers(frames)
    return pd.DataFrame(
        [(rank, *answer) for rank, answer in enumerate(spoken, start=1)],
        columns=["rank", "question", "answer"],
    )


@dg.asset(key_prefix="analysis", group_name=GROUP, ins=tables(*brief.NEEDED))
def monday_brief(**frames: pd.DataFrame) -> pd.DataFrame:
    """One row per written form of the Monday brief; `reports/` and the dashboard hand it out."""
    written = brief.weekly_brief(frames)
    return pd.DataFrame(
        {
            "form": ["markdown", "html"],
            "text": [brief.markdown(written), brief.html(written)],
        }
    )
