"""What is about to breach, and how well breaches are foreseen."""

import dagster as dg
import pandas as pd

from ops_tower.analysis import breach_history, breach_risk
from ops_tower.defs.inputs import marts, outputs

GROUP = "alerts"


@dg.asset(
    key_prefix="analysis",
    group_name=GROUP,
    ins=marts("mart_open_targets", "mart_sla", "mart_target_risk", "mart_source"),
)
def sla_alerts(
    mart_open_targets: pd.DataFrame,
    mart_sla: pd.DataFrame,
    mart_target_risk: pd.DataFrame,
    mart_source: pd.DataFrame,
) -> pd.DataFrame:
    """One row per open target that is breached or at risk; the queue page reads it."""
    return breach_risk.sla_alerts(
        mart_open_targets, mart_sla, mart_source.iloc[0]["as_of"], mart_target_risk
    )


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_target_risk", "mart_source"),
    outs=outputs(
        breach_risk_judgement="One row per measure of how well breaches were foreseen.",
        breach_risk_calibration="One row per tenth of probability: breaches foreseen and seen.",
    ),
)
def breach_risk_test(
    mart_target_risk: pd.DataFrame, mart_source: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Breach probabilities learnt from the weeks before the last quarter, held against it."""
    judged = breach_history.judge(mart_target_risk, mart_source.iloc[0]["as_of"])
    return judged.measures, judged.calibration
