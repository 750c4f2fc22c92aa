"""What each page must show, as plain SQL over the published file.

Belongs here: cards with how they are printed, and tables with one sum over each. Does not belong
here: how a page is read.
"""

FIGURES = {
    "Queue Performance": {
        "Open tickets": (
            "{:,}",
            "select count(*) from marts.mart_ticket_outcomes where not is_finished",
        ),
        "At risk": (
            "{:,}",
            """select count(distinct ticket_id) from analysis.sla_alerts
            where severity <> 'breached'""",
        ),
        "Breached and open": (
            "{:,}",
            """select count(distinct ticket_id) from analysis.sla_alerts
            where severity = 'breached'""",
        ),
    },
    "Bottleneck Analysis": {
        "Times": (
            "{:,}",
            """select sum(transitions)::bigint from marts.mart_process_flows
            where from_activity = 'First reply' and to_activity = 'Solved'""",
        ),
        "Conforming": (
            "{:.1%}",
            "select value from analysis.conformance where measure = 'conforming_share'",
        ),
        "Mean fitness": (
            "{:.3f}",
            "select value from analysis.conformance where measure = 'mean_fitness'",
        ),
    },
    "Capacity Planning": {
        "Tier 2 Specialists, agent-days": (
            "{:.0f} short",
            """select gap_agent_days from analysis.capacity_gap
            where group_name = 'Tier 2 Specialists'""",
        ),
    },
    "Quality Outcomes": {
        "CSAT": (
            "{:.2f}",
            """select avg(csat_score) from marts.mart_ticket_outcomes
            where csat_rated_at >= date '2026-01-31'""",
        ),
        "Reopened": (
            "{:.1%}",
            """select avg((reopens > 0)::int) from marts.mart_ticket_outcomes
            where is_finished and finished_at >= date '2026-01-31'""",
        ),
    },
    "Data": {
        "Open tickets": ("{:,}", "select open_tickets from marts.mart_source"),
        "Rows refused": ("{:,}", "select rows_rejected from marts.mart_source"),
        "AUC": (
            "{:.2f}",
            "select value from analysis.breach_risk_judgement where measure = 'auc'",
        ),
    },
}
"""Cards by page and label: how they are printed, and what they say."""

TABLES = {
    "Executive Overview": {
        "daily_figures": (
            "created_tickets",
            "select sum(created_tickets)::double from marts.mart_daily_ops",
        ),
        "sla_split": (
            "missed",
            """select count(*)::double from marts.mart_ticket_outcomes
            where not is_sla_met and sla_judged_at >= date '2026-01-31'""",
        ),
    },
    "Queue Performance": {
        "queues": (
            "bottleneck_score",
            "select sum(bottleneck_score) from analysis.group_bottlenecks",
        ),
        "open_tickets": (
            "tickets",
            """select count(*)::double from marts.mart_ticket_outcomes
            where not is_finished""",
        ),
    },
    "Bottleneck Analysis": {
        "waiting_by_step": (
            "total_hours",
            """select sum(total_hours) from marts.mart_process_flows
            where (from_activity, to_activity) <> ('Solved', 'Closed')""",
        ),
        "variants": (
            "cases",
            "select sum(cases)::double from analysis.process_variants",
        ),
        "rework": (
            "hours",
            "select sum(hours) from analysis.rework",
        ),
        "handovers": (
            "handovers",
            "select sum(handovers)::double from analysis.handovers",
        ),
        "deviations": (
            "tickets",
            "select sum(tickets)::double from analysis.conformance_deviations",
        ),
    },
    "Capacity Planning": {
        "forecast": (
            "forecast",
            """select sum(forecast) from analysis.volume_forecast
            where group_name = 'All'""",
        ),
        "capacity_plan": (
            "needed_agent_days",
            "select sum(needed_agent_days) from analysis.capacity_gap",
        ),
        "backlog_ahead": (
            "backlog_days",
            "select sum(backlog_days) from analysis.backlog_projection",
        ),
    },
    "Quality Outcomes": {
        "scores": (
            "ratings",
            """select count(*)::double from marts.mart_ticket_outcomes
            where csat_rated_at >= date '2026-01-31'""",
        ),
        "drivers": (
            "effect",
            "select sum(effect) from analysis.drivers",
        ),
    },
    "Recommendations": {
        "recommendations": (
            "effect_high",
            "select sum(effect_high) from analysis.recommendations",
        ),
    },
    "Tickets": {
        "tickets": (
            "ticket_id",
            """select sum(ticket_id)::double from marts.mart_ticket_outcomes
            where created_at >= date '2026-01-31'""",
        ),
    },
    "Data": {
        "backtests": (
            "mase",
            "select sum(mase) from analysis.forecast_backtest",
        ),
    },
}
"""Tables by page and name of their CSV: a column, and what it adds up to."""
