"""The planted truth: what the parameters put into the data, and what chance made of it.

Belongs here: the content of truth.json, against which analyses are marked. The pipeline never
reads it. `planted` repeats the parameters that plant an effect, under plain names; `realised` holds
what this run really contains, counted by the simulator itself.
"""

from typing import Any

import numpy as np

from ops_tower.sources.contract import PRIORITIES, TICKET_TYPES
from ops_tower.sources.simulator.demand import SECONDS_PER_DAY, SECONDS_PER_HOUR, Arrivals, Floats
from ops_tower.sources.simulator.engine import Group
from ops_tower.sources.simulator.itinerary import Step, event_code
from ops_tower.sources.simulator.outcomes import NEVER, Departures, Mask, Scores, TicketStates
from ops_tower.sources.simulator.parameters import PlantedDay, SimulatorParameters


BOTTLENECK_LOAD = 0.82
"""Above this load, waiting in line outweighs working; below it, no group counts as the bottleneck."""


def loads(
    parameters: SimulatorParameters, groups: list[Group], offered_seconds: Floats
) -> dict[str, dict[str, float]]:
    """How busy each group was; times in hours.

    `available_hours` is presence less breaks. `offered_load` is the work that arrived over it,
    `utilisation` the work done over it.
    """
    found = {}
    for parameter, group, offered in zip(
        parameters.groups, groups, offered_seconds.tolist(), strict=True
    ):
        present = sum(group.present_seconds.values())
        available = present - sum(group.break_seconds.values())
        found[parameter.name] = {
            "agents": parameter.agents * parameters.scale,
            "present_hours": present / SECONDS_PER_HOUR,
            "available_hours": available / SECONDS_PER_HOUR,
            "busy_hours": group.busy_seconds / SECONDS_PER_HOUR,
            "idle_hours": group.idle_seconds / SECONDS_PER_HOUR,
            "offered_load": _ratio(offered, available),
            "utilisation": _ratio(group.busy_seconds, available),
        }
    return found


def truth(  # noqa: PLR0913 - the truth about everything
    parameters: SimulatorParameters,
    tickets: Arrivals,
    states: TicketStates,
    scores: Scores,
    left: Departures,
    planted_days: list[PlantedDay],
    groups: list[Group],
    offered_seconds: Floats,
) -> dict[str, Any]:
    """Everything that analyses may be marked against, ready for JSON."""
    load = loads(parameters, groups, offered_seconds)
    return {
        "parameters": parameters.model_dump(mode="json"),
        "planted": _planted(parameters, planted_days, load),
        "realised": {
            "tickets": len(tickets),
            "events": int(states.steps_taken.sum()),
            "groups": load,
            "flow": _flow(parameters, states),
            "escalation": _escalation_effect(tickets, states),
            "satisfaction": _satisfaction(tickets, states, scores, parameters),
            "churn": {
                "departures": left.total,
                "caused_by_bad_experience": left.caused,
                "bad_experiences": int(left.is_bad_experience.sum()),
            },
        },
    }


def _planted(
    parameters: SimulatorParameters, days: list[PlantedDay], load: dict[str, dict[str, float]]
) -> dict[str, Any]:
    flow, satisfaction = parameters.flow, parameters.satisfaction
    worst = max(load, key=lambda name: load[name]["offered_load"])
    return {
        "bottleneck_group": worst if load[worst]["offered_load"] > BOTTLENECK_LOAD else None,
        "anomaly_days": [day.model_dump(mode="json") for day in days],
        "growth_per_year": parameters.demand.growth_per_year,
        "escalation_shares": {g.name: g.escalation_share for g in parameters.groups},
        "ping_pong_shares": {g.name: g.ping_pong_share for g in parameters.groups},
        "skipped_first_reply_share": flow.skipped_first_reply_share,
        "skipped_reply_share": flow.skipped_reply_share,
        "merge_share": flow.merge_share,
        "reopen_share": flow.reopen_share,
        "auto_close_hours": flow.auto_close_hours,
        "csat_effects": {
            "per_escalation": satisfaction.per_escalation,
            "per_reopen": satisfaction.per_reopen,
            "per_reassignment": satisfaction.per_reassignment,
            "per_day": satisfaction.per_day,
        },
        "answer_shares_by_score": list(satisfaction.answer_shares),
        "churn_per_bad_experience": parameters.churn.per_bad_experience,
        "churn_per_year": parameters.churn.per_year,
    }


def _flow(parameters: SimulatorParameters, states: TicketStates) -> dict[str, Any]:
    taken = states.steps_taken
    is_finished = states.is_finished
    reached = [int((states.top_group >= index).sum()) for index in range(len(parameters.groups))]
    names = [group.name for group in parameters.groups]
    merged = int(taken[event_code(0, Step.MERGED)])
    solves = sum(int(taken[event_code(g, Step.SOLVED)]) for g in range(len(names)))
    return {
        "finished_tickets": int(is_finished.sum()),
        "conforming_share": _ratio(states.is_conforming[is_finished].sum(), is_finished.sum()),
        "tickets_reaching_group": dict(zip(names, reached, strict=True)),
        "ping_pong_by_group": {
            names[index]: int(taken[event_code(index, Step.REASSIGNED)])
            for index in range(1, len(names))
        },
        "merged_tickets": merged,
        "skipped_first_reply_share": _ratio(
            (~states.has_first_reply & is_finished).sum() - merged, is_finished.sum() - merged
        ),
        "reopens": int(states.reopens.sum()),
        "reopens_per_solve": _ratio(states.reopens.sum(), solves),
    }


def _escalation_effect(tickets: Arrivals, states: TicketStates) -> dict[str, float | None]:
    """Least squares of cycle hours (creation to last solve) on escalations, priority and type."""
    is_solved = states.solved_at != NEVER
    hours = (states.solved_at - tickets.created)[is_solved] / SECONDS_PER_HOUR
    coefficients = _least_squares(
        hours, [states.escalations[is_solved]], _mix_controls(tickets, is_solved)
    )
    return {"adds_cycle_hours": coefficients[0] if coefficients else None}


def _satisfaction(
    tickets: Arrivals, states: TicketStates, scores: Scores, parameters: SimulatorParameters
) -> dict[str, Any]:
    """Scores of all solved tickets, and the effects as a regression would find them.

    The regressors are those of the model, capped like there. `fitted_answered` differs from
    `fitted_all` by the response bias, besides noise.
    """
    is_solved = states.solved_at != NEVER
    satisfaction = parameters.satisfaction
    days = (states.solved_at - tickets.created) / SECONDS_PER_DAY
    effects = {
        "per_escalation": states.escalations.astype(np.float64),
        "per_reopen": states.reopens.astype(np.float64),
        "per_reassignment": states.reassignments.astype(np.float64),
        "per_day": np.minimum(days, satisfaction.days_counted),
    }

    def fitted(chosen: Mask) -> dict[str, float] | None:
        found = _least_squares(scores.score[chosen], [e[chosen] for e in effects.values()], [])
        return dict(zip(effects, found, strict=True)) if found else None

    answered = scores.is_answered
    return {
        "mean_score_all": _ratio(scores.score[is_solved].sum(), is_solved.sum()),
        "mean_score_answered": _ratio(scores.score[answered].sum(), answered.sum()),
        "answered_share": _ratio(answered.sum(), is_solved.sum()),
        "fitted_all": fitted(is_solved),
        "fitted_answered": fitted(answered),
    }


def _mix_controls(tickets: Arrivals, chosen: Mask) -> list[Floats]:
    """Indicators of priority and type, each without its first value."""
    return [
        (values[chosen] == index).astype(np.float64)
        for values, words in ((tickets.priority, PRIORITIES), (tickets.type, TICKET_TYPES))
        for index in range(1, len(words))
    ]


def _least_squares(y: Floats, wanted: list[Any], controls: list[Floats]) -> list[float]:
    """Coefficients of the wanted regressors; none if there are too few rows to tell."""
    columns = [np.ones(len(y)), *wanted, *controls]
    if len(y) <= len(columns):
        return []
    solution = np.linalg.lstsq(np.stack(columns, axis=1), np.asarray(y, np.float64), rcond=None)[0]
    return [float(value) for value in solution[1 : 1 + len(wanted)]]


def _ratio(part: float | np.integer[Any], whole: float | np.integer[Any]) -> float:
    return float(part) / float(whole) if whole else 0.0
