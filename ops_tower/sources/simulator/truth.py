"""The planted truth: what the parameters put into the data, and what chance made of it.

Belongs here: the content of truth.json, against which analyses are marked. The pipeline never
reads it. `planted` repeats the parameters that plant something, under plain names; `realised` is
what this run holds, counted by the simulator itself and not by way of the raw tables.
"""

from typing import Any, Final

import numpy as np

from ops_tower.sources.contract import PRIORITIES, TICKET_TYPES
from ops_tower.sources.simulator.demand_parameters import PlantedDay
from ops_tower.sources.simulator.engine import Group
from ops_tower.sources.simulator.outcomes import Results
from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.rates import SECONDS_PER_DAY, SECONDS_PER_HOUR
from ops_tower.sources.simulator.states import NEVER
from ops_tower.sources.simulator.steps import Step, event_code
from ops_tower.sources.simulator.streams import Array, Floats, Mask

BOTTLENECK_LOAD: Final = 0.85
"""Offered load from which on waiting outweighs working, and a group counts as the bottleneck."""

EFFECTS: Final = ("per_escalation", "per_reassignment", "per_reopen", "per_day")
"""What moves a score, by the names of the parameters."""

Loads = dict[str, dict[str, float]]


def loads(parameters: SimulatorParameters, groups: list[Group], offered_seconds: Floats) -> Loads:
    """How busy each group was, by name.

    `available_hours` is presence less breaks, and the sum of busy and idle hours. `offered_load`
    is the work that arrived over it, `utilisation` the work that was done over it.
    """
    found: Loads = {}
    for planned, group, offered in zip(
        parameters.groups, groups, offered_seconds.tolist(), strict=True
    ):
        present = sum(group.present_seconds.values())
        available = present - sum(group.break_seconds.values())
        found[planned.name] = {
            "agents": planned.staff(parameters.scale),
            "present_hours": present / SECONDS_PER_HOUR,
            "available_hours": available / SECONDS_PER_HOUR,
            "busy_hours": group.busy_seconds / SECONDS_PER_HOUR,
            "idle_hours": group.idle_seconds / SECONDS_PER_HOUR,
            "offered_load": _ratio(offered, available),
            "utilisation": _ratio(group.busy_seconds, available),
        }
    return found


def truth(
    results: Results, groups: list[Group], load: Loads, days: list[PlantedDay]
) -> dict[str, Any]:
    """Everything that analyses may be marked against, ready for JSON."""
    parameters, left = results.parameters, results.departures
    return {
        "parameters": parameters.model_dump(mode="json"),
        "planted": _planted(parameters, days, load),
        "realised": {
            "tickets": len(results.tickets),
            "events": int(results.steps_taken.sum()),
            "groups": load,
            "available_hours_by_month": _available_by_month(parameters, groups),
            "flow": _flow(results),
            "escalation_adds_cycle_hours": _escalation_effect(results),
            "satisfaction": _satisfaction(results),
            "churn": {
                "departures": left.total,
                "caused_by_bad_experience": left.caused,
                "bad_experiences": int(left.is_bad_experience.sum()),
            },
        },
    }


def _planted(
    parameters: SimulatorParameters, days: list[PlantedDay], load: Loads
) -> dict[str, Any]:
    flow, satisfaction, churn = parameters.flow, parameters.satisfaction, parameters.churn
    busiest = max(load, key=lambda name: load[name]["offered_load"])
    has_bottleneck = load[busiest]["offered_load"] >= BOTTLENECK_LOAD
    return {
        "bottleneck_group": busiest if has_bottleneck else None,
        "anomaly_days": [day.model_dump(mode="json") for day in days],
        "growth_per_year": parameters.demand.growth_per_year,
        "escalation_shares": {group.name: group.escalation_share for group in parameters.groups},
        "ping_pong_shares": {group.name: group.ping_pong_share for group in parameters.groups},
        "skipped_first_reply_share": flow.skipped_first_reply_share,
        "skipped_reply_share": flow.skipped_reply_share,
        "merge_share": flow.merge_share,
        "reopen_share": flow.reopen_share,
        "auto_close_hours": flow.auto_close_hours,
        "csat_effects": {name: getattr(satisfaction, name) for name in EFFECTS},
        "answer_shares_by_score": list(satisfaction.answer_shares),
        "churn_per_year": churn.per_year,
        "churn_per_bad_experience": churn.per_bad_experience,
    }


def _available_by_month(
    parameters: SimulatorParameters, groups: list[Group]
) -> dict[str, dict[str, float]]:
    """Hours on shift less breaks, by group and month in which the shift began."""
    return {
        planned.name: {
            f"{month // 12}-{month % 12 + 1:02d}": (present - group.break_seconds.get(month, 0))
            / SECONDS_PER_HOUR
            for month, present in sorted(group.present_seconds.items())
        }
        for planned, group in zip(parameters.groups, groups, strict=True)
    }


def _flow(results: Results) -> dict[str, Any]:
    """Which ways the tickets went. Merged tickets are finished, yet never due a first reply."""
    taken, states = results.steps_taken, results.states
    names = [group.name for group in results.parameters.groups]
    is_finished = states.is_finished
    reached = [int((states.top_group >= index).sum()) for index in range(len(names))]
    sent_back = [int(taken[event_code(index, Step.REASSIGNED)]) for index in range(len(names))]
    solves = sum(int(taken[event_code(index, Step.SOLVED)]) for index in range(len(names)))
    merged = int(taken[event_code(0, Step.MERGED)])
    answerable = int(is_finished.sum()) - merged
    return {
        "finished_tickets": int(is_finished.sum()),
        "conforming_share": _ratio(states.is_conforming[is_finished].sum(), is_finished.sum()),
        "tickets_reaching_group": dict(zip(names, reached, strict=True)),
        "tickets_sent_back_by_group": dict(zip(names, sent_back, strict=True)),
        "merged_tickets": merged,
        "skipped_first_reply_share": _ratio(
            (is_finished & ~states.has_first_reply).sum() - merged, answerable
        ),
        "reopens": int(states.reopens.sum()),
        "reopens_per_solve": _ratio(states.reopens.sum(), solves),
    }


def _escalation_effect(results: Results) -> float | None:
    """Calendar hours from creation to last solve that go with an escalation.

    By least squares on escalations, with indicators of priority and type.
    """
    tickets, states = results.tickets, results.states
    is_solved = states.solved_at != NEVER
    hours = (states.solved_at - tickets.created)[is_solved] / SECONDS_PER_HOUR
    controls = [
        values[is_solved] == index
        for values, words in ((tickets.priority, PRIORITIES), (tickets.type, TICKET_TYPES))
        for index in range(1, len(words))
    ]
    found = _least_squares(hours, [states.escalations[is_solved], *controls])
    return found[0] if found else None


def _satisfaction(results: Results) -> dict[str, Any]:
    """Scores of all solved tickets, and the effects as a regression would find them.

    The regressors are those of the model. `fitted_all` differs from the planted effects by noise
    alone, `fitted_answered` by the response bias too.
    """
    tickets, states, scores = results.tickets, results.states, results.scores
    is_solved = states.solved_at != NEVER
    days = (states.solved_at - tickets.created) / SECONDS_PER_DAY
    days = np.minimum(days, results.parameters.satisfaction.days_counted)
    regressors = (states.escalations, states.reassignments, states.reopens, days)

    def fitted(chosen: Mask) -> dict[str, float] | None:
        found = _least_squares(scores.score[chosen], [values[chosen] for values in regressors])
        return dict(zip(EFFECTS, found, strict=True)) if found else None

    answered = scores.is_answered
    return {
        "mean_score_all": _ratio(scores.score[is_solved].sum(), is_solved.sum()),
        "mean_score_answered": _ratio(scores.score[answered].sum(), answered.sum()),
        "answered_share": _ratio(answered.sum(), is_solved.sum()),
        "fitted_all": fitted(is_solved),
        "fitted_answered": fitted(answered),
    }


def _least_squares(y: Array, regressors: list[Array]) -> list[float]:
    """Coefficients beside an intercept; none if there are too few rows to tell."""
    columns = [np.ones(len(y)), *regressors]
    if len(y) <= len(columns):
        return []
    design = np.stack(columns, axis=1).astype(np.float64)
    return [float(value) for value in np.linalg.lstsq(design, y, rcond=None)[0][1:]]


def _ratio(part: float | np.integer[Any], whole: float | np.integer[Any]) -> float:
    return float(part) / float(whole) if whole else 0.0
