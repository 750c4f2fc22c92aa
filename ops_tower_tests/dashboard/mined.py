"""What process mining finds on the tiny desk: a few rows a table, written by hand."""

from ops_tower.analysis import (
    conformance,
    process_mining,
    rework,
    waits,
)
from ops_tower.analysis.frames import Output

_CONFORMANCE: list[dict[str, object]] = [
    {"measure": "conforming_share", "value": 0.8, "detail": "support desk: Created > Solved."},
    {"measure": "mean_fitness", "value": 0.95},
]
_DEVIATIONS: list[dict[str, object]] = [
    {"kind": "inserted", "activity": "Escalated", "tickets": 20, "hours": 70.0, "share": 0.2}
]
_ALIGNED: list[dict[str, object]] = [
    {
        "variant": "Created > First reply > Solved > Closed",
        "is_conforming": True,
        "deviations": "",
    },
    {
        "variant": "Created > First reply > Escalated > Solved > Closed",
        "is_conforming": False,
        "deviations": "inserted Escalated",
    },
]
_TRANSITIONS: list[dict[str, object]] = [
    {
        "from_activity": source,
        "to_activity": target,
        "transitions": times,
        "cases": times,
        "mean_hours": hours / times,
        "median_hours": 1.0,
        "p90_hours": 5.0,
        "total_hours": hours,
        "is_timer": is_timer,
        "share_of_hours": hours / 9900,
        "share_of_hours_without_timers": None if is_timer else hours / 300,
        "median_business_hours": 0.5,
        "bottleneck_rank": rank,
    }
    for source, target, times, hours, is_timer, rank in (
        ("First reply", "Solved", 80, 160.0, False, 1),
        ("Escalated", "Solved", 20, 80.0, False, 2),
        ("Created", "First reply", 100, 50.0, False, 3),
        ("First reply", "Escalated", 20, 10.0, False, 4),
        ("Solved", "Closed", 100, 9600.0, True, None),
    )
]
_VARIANTS: list[dict[str, object]] = [
    {
        "variant_rank": rank,
        "variant": variant,
        "cases": cases,
        "share": cases / 100,
        "cumulative_share": covered,
        "median_cycle_hours": 98.0,
    }
    for rank, variant, cases, covered in (
        (1, "Created > First reply > Solved > Closed", 80, 0.8),
        (2, "Created > First reply > Escalated > Solved > Closed", 20, 1.0),
    )
]
_HANDOVERS: list[dict[str, object]] = [
    {
        "from_group": "Tier 1 Support",
        "to_group": "Tier 2 Specialists",
        "handovers": 20,
        "tickets": 20,
        "share": 0.1,
        "held_hours": 80.0,
    }
]
_REWORK: list[dict[str, object]] = [
    {
        "kind": "reopen",
        "subject": "Engineering",
        "tickets": 30,
        "share": 0.25,
        "lower_95": 0.2,
        "upper_95": 0.3,
        "hours": 100.0,
    }
]
_WAITS: list[dict[str, object]] = [
    {
        "from_activity": "First reply",
        "to_activity": "Solved",
        "cause": cause,
        "hours": hours,
        "share_of_transition": hours / 160,
    }
    for cause, hours in (("customer", 120.0), ("work", 40.0), ("queue", 0.0))
]

ROWS: list[tuple[Output, list[dict[str, object]]]] = [
    (conformance.CONFORMANCE, _CONFORMANCE),
    (conformance.DEVIATIONS, _DEVIATIONS),
    (conformance.ALIGNED_VARIANTS, _ALIGNED),
    (process_mining.TRANSITIONS, _TRANSITIONS),
    (process_mining.VARIANTS, _VARIANTS),
    (rework.HANDOVERS, _HANDOVERS),
    (rework.REWORK, _REWORK),
    (waits.PROCESS_WAITS, _WAITS),
]
