"""What is about to breach, how well breaches are foreseen, and what came of what was flagged."""

import dagster as dg
import pandas as pd

from ops_tower import alerts_log, flagged_targets
from ops_tower.analysis import alert_ledger, breach_history, breach_risk
from ops_tower.defs.inputs import analysis, marts, outputs
from ops_tower.settings import Settings

GROUP = "alerts"


@dg.multi_asset(
    group_name=GROUP,
    ins=marts("mart_open_targets", "mart_sla", "mart_target_risk", "mart_source"),
    outs=outputs(
        open_target_risk="One row per open ticket and running target: time left, chance of breach.",
        sla_alerts="One row per open target that is breached or at risk; the queue page reads it.",
    ),
)
def breach_risk_now(
    mart_open_targets: pd.DataFrame,
    mart_sla: pd.DataFrame,
    mart_target_risk: pd.DataFrame,
    mart_source: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How each open target stands, and which of them are alerts."""
    as_of = mart_source.iloc[0]["as_of"]
    risk = breach_risk.open_target_risk(mart_open_targets, mart_sla, as_of, mart_target_risk)
    return risk, breach_risk.sla_alerts(risk, as_of)


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


@dg.multi_asset(
    group_name=GROUP,
    ins=analysis("sla_alerts") | marts("mart_source"),
    deps=[["marts", "mart_sla_targets"]],
    outs=outputs(
        alert_ledger="One row per alert that was ever raised, and what came of its target.",
        alert_weeks="One row per week since the first alert: how well breaches were foreseen.",
    ),
)
def alert_account(
    settings: dg.ResourceParam[Settings], sla_alerts: pd.DataFrame, mart_source: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The events in `alerts.log` and those of this run, set beside how the targets ended."""
    places, as_of = settings.places, mart_source.iloc[0]["as_of"].to_pydatetime()
    past = alerts_log.read(places.alerts_log)
    outcomes = flagged_targets.outcomes(places.warehouse, past)
    events = past + alert_ledger.news(past, sla_alerts, outcomes, as_of)
    outcomes = flagged_targets.outcomes(places.warehouse, events)
    accounted = alert_ledger.ledger(events, outcomes)
    since = accounted["raised_at"].min() if len(accounted) else as_of
    fell = flagged_targets.breaches(places.warehouse, since)
    return accounted, alert_ledger.weeks(accounted, fell)
