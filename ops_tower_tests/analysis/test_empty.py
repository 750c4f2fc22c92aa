"""Empty marts give empty, well-typed, storable results: never a crash, never a made-up number."""

from collections.abc import Callable

import duckdb
import pandas as pd
import pytest

from ops_tower.analysis import (
    anomalies,
    backlog,
    bottlenecks,
    breach_history,
    breach_risk,
    capacity,
    changes,
    conformance,
    drivers,
    forecasting,
    process_mining,
    rework,
    waits,
)
from ops_tower.analysis.frames import DTYPES, Output
from ops_tower_tests.analysis import marts
from ops_tower_tests.analysis.marts import AS_OF, FIRST_AT, mart

STORED = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "time": "TIMESTAMP",
}

CASES: dict[str, tuple[Callable[[], object], tuple[Output, ...]]] = {
    "transitions": (
        lambda: process_mining.transition_matrix(mart(marts.TRANSITIONS)),
        (process_mining.TRANSITIONS,),
    ),
    "variants": (
        lambda: process_mining.variants(mart(marts.VARIANTS)),
        (process_mining.VARIANTS,),
    ),
    "bottlenecks": (
        lambda: bottlenecks.group_bottlenecks(
            mart(marts.PERFORMANCE), mart(marts.CAPACITY), FIRST_AT, AS_OF
        ),
        (bottlenecks.GROUP_BOTTLENECKS,),
    ),
    "conformance": (
        lambda: conformance.conformance(
            mart(marts.VARIANTS), process_mining.TRANSITIONS.frame(), None
        ),
        (conformance.CONFORMANCE, conformance.DEVIATIONS, conformance.ALIGNED_VARIANTS),
    ),
    "forecast": (
        lambda: forecasting.forecast_volume(mart(marts.DAILY), AS_OF),
        (forecasting.VOLUME_FORECAST, forecasting.FORECAST_BACKTEST),
    ),
    "anomalies": (
        lambda: anomalies.find_anomalies(mart(marts.DAILY), AS_OF),
        (anomalies.ANOMALIES, anomalies.WATCHED),
    ),
    "capacity": (
        lambda: capacity.capacity_gap(
            forecasting.VOLUME_FORECAST.frame(),
            forecasting.FORECAST_BACKTEST.frame(),
            mart(marts.DAILY),
            mart(marts.CAPACITY),
            AS_OF,
        ),
        (capacity.CAPACITY_GAP,),
    ),
    "backlog": (
        lambda: backlog.project_backlog(
            forecasting.VOLUME_FORECAST.frame(),
            forecasting.FORECAST_BACKTEST.frame(),
            mart(marts.DAILY),
            mart(marts.CAPACITY),
            {},
            AS_OF,
        ),
        (backlog.BACKLOG_PROJECTION,),
    ),
    "backlog outlook": (
        lambda: backlog.outlook(backlog.BACKLOG_PROJECTION.frame()),
        (backlog.BACKLOG_OUTLOOK,),
    ),
    "breach history": (
        lambda: breach_history.judge(mart(marts.TARGET_RISK), AS_OF)[:2],
        (breach_history.JUDGEMENT, breach_history.CALIBRATION),
    ),
    "open targets": (
        lambda: breach_risk.open_target_risk(
            mart(marts.OPEN_TARGETS), mart(marts.SLA), AS_OF, mart(marts.TARGET_RISK)
        ),
        (breach_risk.OPEN_TARGET_RISK,),
    ),
    "alerts": (
        lambda: breach_risk.sla_alerts(breach_risk.OPEN_TARGET_RISK.frame(), AS_OF),
        (breach_risk.SLA_ALERTS,),
    ),
    "changes": (lambda: changes.sla_change(mart(marts.SLA), AS_OF), (changes.SLA_CHANGE,)),
    "handovers": (lambda: rework.handovers(mart(marts.HANDOVERS)), (rework.HANDOVERS,)),
    "rework": (
        lambda: rework.rework(
            process_mining.TRANSITIONS.frame(),
            mart(marts.ACTIVITIES),
            mart(marts.HANDOVERS),
            mart(marts.REWORK),
        ),
        (rework.REWORK,),
    ),
    "waits": (lambda: waits.waiting_split(mart(marts.WAITS)), (waits.PROCESS_WAITS,)),
    "drivers": (
        lambda: drivers.drivers_from_cells(mart(marts.DRIVER_CELLS)),
        (drivers.DRIVERS,),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_empty_marts_give_results_of_the_declared_types(case: str) -> None:
    function, outputs = CASES[case]
    result = function()
    frames = [result] if isinstance(result, pd.DataFrame) else list(result)
    assert len(frames) == len(outputs)
    for frame, output in zip(frames, outputs, strict=True):
        assert frame.dtypes.astype(str).str.replace("[python]", "").to_dict() == {
            column: DTYPES[kind] for column, kind in output.columns.items()
        }
        with duckdb.connect() as connection:
            connection.register("frame", frame)
            described = connection.execute("DESCRIBE SELECT * FROM frame").fetchall()
        assert [row[1] for row in described] == [STORED[kind] for kind in output.columns.values()]


def test_one_ticket_alone_passes_through_every_function() -> None:
    transitions = process_mining.transition_matrix(mart(marts.TRANSITIONS))
    variants = mart(marts.VARIANTS, [{"variant": "A", "activities": 1, "cases": 1}])
    path = conformance.choose_path(variants, transitions, ())
    assert path is not None
    assert conformance.conformance(variants, transitions, path).measures["value"].iloc[0] == 1.0
    daily = mart(marts.DAILY, [{"created_tickets": 1.0}])
    assert len(forecasting.forecast_volume(daily, AS_OF).volume) == 0
    assert len(anomalies.find_anomalies(daily, AS_OF).found) == 0
    assert drivers.drivers_from_cells(mart(marts.DRIVER_CELLS, [{}]))["effect"].isna().all()
    risk = breach_risk.open_target_risk(
        mart(marts.OPEN_TARGETS, [{}]), mart(marts.SLA), AS_OF, mart(marts.TARGET_RISK)
    )
    assert risk["severity"].tolist() == ["on_track"]
    assert risk["breach_probability"].isna().all()
    assert len(breach_risk.sla_alerts(risk, AS_OF)) == 0
