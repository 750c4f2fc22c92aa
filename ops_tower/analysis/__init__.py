"""Pure functions, frames in and frames out: no Dagster, no Streamlit, no SQL on events.

What each module takes from the marts and gives back (its outputs' columns stand beside it):

    process_mining.transition_matrix(mart_process_transitions) -> process_transitions
    process_mining.variants(mart_process_variants) -> process_variants
    bottlenecks.group_bottlenecks(mart_group_performance, mart_capacity, first_at, last_at)
        -> group_bottlenecks
    alignment.documented_paths() -> paths
    conformance.choose_path(mart_process_variants, process_transitions, paths) -> path
    conformance.conformance(mart_process_variants, process_transitions, path)
        -> conformance, conformance_deviations, conformance_variants
    forecasting.forecast_volume(mart_daily_ops, as_of, holidays)
        -> volume_forecast, forecast_backtest
    anomalies.find_anomalies(mart_daily_ops, as_of, holidays) -> anomalies, anomaly_watch
    capacity.capacity_gap(volume_forecast, forecast_backtest, mart_daily_ops, mart_capacity, as_of,
        holidays) -> capacity_gap
    backlog.project_backlog(volume_forecast, forecast_backtest, mart_daily_ops, mart_capacity,
        backlog.sla_windows(mart_target_risk), as_of, holidays) -> backlog_projection
    backlog.outlook(backlog_projection) -> backlog_outlook
    breach_history.judge(mart_target_risk, as_of)
        -> breach_risk_judgement, breach_risk_calibration, is_better
    breach_risk.open_target_risk(mart_open_targets, mart_sla, as_of, mart_target_risk)
        -> open_target_risk
    breach_risk.sla_alerts(open_target_risk, as_of) -> sla_alerts
    changes.sla_change(mart_sla, as_of) -> sla_change
    rework.handovers(mart_handovers) -> handovers
    rework.rework(process_transitions, mart_activities, mart_handovers, mart_rework) -> rework
    waits.waiting_split(mart_transition_waits) -> process_waits
    nonresponse.answer_weights(mart_driver_cells of CSAT, design) -> weights of the answers
    drivers.drivers_from_cells(mart_driver_cells) -> drivers
    recommendations.recommend(findings) -> recommendations, silent_rules
    answers.five_answers(frames by table name) -> five sentences
"""
