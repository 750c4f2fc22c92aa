"""The figures that a simulated desk promises, computed plainly from its raw tables.

A second reader beside the warehouse: pandas and a step function for the business clock, no SQL and
nothing of the simulator but the opening hours in its parameters.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.sources.simulator import SimulatorParameters
from ops_tower.sources.simulator.rates import holidays_of

Ints = npt.NDArray[np.int64]

HAPPY_PATH = re.compile(r"Created>First reply(>Customer replied>Replied)*>Solved(>Closed)?")
COUNTED = {
    "first_reply_time": ("new", "open", "pending", "hold"),
    "requester_wait_time": ("new", "open", "hold"),
    "total_resolution_time": ("new", "open", "pending", "hold"),
}
HEADLINE = ("first_reply_time", "total_resolution_time")


class BusinessClock:
    """Open seconds of one group's schedule, as a step function of time."""

    def __init__(self, parameters: SimulatorParameters, group: int) -> None:
        planned = parameters.groups[group]
        zone = ZoneInfo(parameters.time_zone)
        hours = {day: h for h in planned.schedule for day in h.days}
        first = (parameters.as_of - timedelta(days=parameters.days + 7)).date()
        opens, closes = [], []
        for offset in range(parameters.days + 14):
            day = first + timedelta(days=offset)
            own = hours.get(day.strftime("%a"))  # type: ignore[call-overload]
            if own and not (planned.closed_on_holidays and day in holidays_of(day.year)):
                opens.append(_instant(day, own.opens_minute, zone))
                closes.append(_instant(day, own.closes_minute, zone))
        self._opens, self._closes = np.array(opens), np.array(closes)
        self._before = np.cumsum([0, *(self._closes - self._opens)[:-1]])

    def read(self, at: Ints) -> Ints:
        """Open seconds from the clock's beginning to each instant."""
        index = np.searchsorted(self._opens, at, side="right") - 1
        return self._before[index] + np.minimum(at, self._closes[index]) - self._opens[index]


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int((midnight + timedelta(minutes=minute)).timestamp())


@dataclass(frozen=True)
class Figures:
    """What the table of promises names."""

    attainment: float
    """Tickets that met first reply and resolution over tickets judged."""
    cells: pd.Series
    """Attainment by priority and type, the lowest first."""
    groups: pd.DataFrame
    """By group: tickets, median hours held, breach rate over all targets, score (worst 100)."""
    escalation_hours: float
    """What an escalation adds to hours from creation to last solve, all else held fixed."""
    happy_path: float
    daily_volume: pd.Series


def figures_of(parameters: SimulatorParameters, folder: Path) -> Figures:
    """Read the raw tables in a folder and compute the figures."""
    tickets = pd.read_parquet(folder / "tickets.parquet").set_index("ticket_id").sort_index()
    events = pd.read_parquet(folder / "ticket_events.parquet")
    events = events.sort_values(["ticket_id", "source_position"], ignore_index=True)
    policy = pd.read_parquet(folder / "sla_policies.parquet").set_index(["metric", "priority"])
    stays = _stays(events, parameters)
    targets = _targets(stays, tickets, policy)
    headline = targets[targets["metric"].isin(HEADLINE)]
    # A ticket is judged once it has breached, or met both.
    per_ticket = headline.groupby("ticket_id")["met"].agg(["min", "size"])
    judged = per_ticket[(per_ticket["size"] == len(HEADLINE)) | (per_ticket["min"] == 0)]
    met = judged["min"].astype(bool)
    cells = met.groupby([tickets["priority"], tickets["type"]]).mean().sort_values()
    paths = events.groupby("ticket_id")["activity"].agg(">".join)
    is_finished = tickets["solved_at"].notna() | tickets["closed_at"].notna()
    return Figures(
        attainment=float(met.mean()),
        cells=cells,
        groups=_groups(stays, targets, tickets[is_finished].index),
        escalation_hours=_escalation_hours(events, tickets),
        happy_path=float(paths[is_finished].map(HAPPY_PATH.fullmatch).notna().mean()),
        daily_volume=tickets["created_at"].dt.normalize().value_counts().sort_index(),
    )


def _stays(events: pd.DataFrame, parameters: SimulatorParameters) -> pd.DataFrame:
    """Each event with the time to the next one, on the calendar and on the holder's clock."""
    at = events["event_at"].to_numpy("M8[s]").astype(np.int64)
    ids = events["ticket_id"].to_numpy()
    end = int(np.datetime64(parameters.as_of, "s").astype(np.int64))
    until = np.where(np.append(ids[1:] != ids[:-1], True), end, np.append(at[1:], end))
    business = np.zeros(len(at), np.int64)
    for index, group in enumerate(parameters.groups):
        held = (events["group_name"] == group.name).to_numpy()
        clock = BusinessClock(parameters, index)
        business[held] = clock.read(until[held]) - clock.read(at[held])
    return events.assign(calendar=until - at, business=business)


def _targets(stays: pd.DataFrame, tickets: pd.DataFrame, policy: pd.DataFrame) -> pd.DataFrame:
    """One row per ticket and target that is judged: met or not, and who held it at that moment."""
    found = []
    priority = stays["ticket_id"].map(tickets["priority"])
    is_reply = (stays["actor_role"] == "agent") & stays["is_public"].isin([True])
    for metric, statuses in COUNTED.items():
        rows = policy.loc[metric].reindex(priority)
        seconds = np.where(rows["is_business_hours"], stays["business"], stays["calendar"])
        counted = np.where(stays["status"].isin(statuses), seconds, 0)
        if metric == "first_reply_time":
            replied = is_reply.groupby(stays["ticket_id"]).cummax()
            counted = np.where(replied, 0, counted)
        own = stays[["ticket_id", "group_name"]].assign(
            counted=counted, target=rows["target_seconds"].to_numpy()
        )
        own["running"] = own.groupby("ticket_id")["counted"].cumsum()
        own["is_over"] = own["running"] >= own["target"]
        last = own.groupby("ticket_id").last()
        holder = own[own["is_over"]].groupby("ticket_id")["group_name"].first()
        is_breached = last["running"] > last["target"]
        if metric == "first_reply_time":
            is_ended = is_reply.groupby(stays["ticket_id"]).any()
            end_holder = own[is_reply].groupby("ticket_id")["group_name"].first()
        else:
            is_ended = tickets["solved_at"].notna() | tickets["closed_at"].notna()
            end_holder = last["group_name"]
        judged = is_breached | is_ended
        group = holder.reindex(last.index).where(is_breached, end_holder.reindex(last.index))
        found.append(
            pd.DataFrame(
                {"metric": metric, "met": (~is_breached).astype(int), "group_name": group}
            )[judged]
        )
    return pd.concat(found).reset_index(names="ticket_id")


def _groups(stays: pd.DataFrame, targets: pd.DataFrame, finished: pd.Index) -> pd.DataFrame:
    unsolved = stays[~stays["status"].isin(["solved", "closed"])]
    held = unsolved.groupby(["group_name", "ticket_id"])["calendar"].sum() / 3600
    is_finished = held.index.get_level_values("ticket_id").isin(finished)
    frame = pd.DataFrame(
        {
            "tickets": stays.groupby("group_name")["ticket_id"].nunique(),
            "median_hours": held[is_finished].groupby("group_name").median(),
            "breach_rate": 1 - targets.groupby("group_name")["met"].mean(),
        }
    )
    score = frame.prod(axis=1)
    return frame.assign(score=100 * score / score.max())


def _escalation_hours(events: pd.DataFrame, tickets: pd.DataFrame) -> float:
    solved = tickets[tickets["solved_at"].notna()]
    hours = (solved["solved_at"] - solved["created_at"]).dt.total_seconds() / 3600
    counts = pd.crosstab(events["ticket_id"], events["activity"]).reindex(solved.index)
    wanted = counts[["Escalated", "Reopened", "Reassigned"]].to_numpy(float)
    mix = pd.get_dummies(solved[["priority", "type"]], drop_first=True, dtype=float)
    design = np.column_stack([wanted, np.ones(len(solved)), mix])
    return float(np.linalg.lstsq(design, hours.to_numpy(), rcond=None)[0][0])


def little_ratios(parameters: SimulatorParameters, folder: Path) -> pd.DataFrame:
    """Little's law by month and group: a census of the queue over arrivals times mean stay.

    L is the mean of a census taken on the hour: each ticket counts for whoever holds it by its last
    event. `plain` divides it by arrivals and the mean stay of those who arrived in the month, as
    the law has it in the long run. `window` counts a stay only as far as it lies in the month,
    which is what the law says of a window that does not begin and end empty.

    Source: Kim and Whitt, Statistical analysis with Little's law, Operations Research 61 (2013).
    """
    events = pd.read_parquet(folder / "ticket_events.parquet")
    events = events.sort_values(["ticket_id", "source_position"], ignore_index=True)
    visits = _visits(_stays(events, parameters))
    census = _census(events, parameters)
    first = pd.Timestamp(parameters.as_of) - timedelta(days=parameters.days)
    months = pd.date_range(first, parameters.as_of, freq="MS")
    rows = []
    for begins, ends in pairwise(months):
        low, high = begins.timestamp(), ends.timestamp()
        length = high - low
        for group, own in visits.groupby("group"):
            mean = census.loc[(census.index >= begins) & (census.index < ends), group].mean()
            is_new = own["start"].between(low, high, inclusive="left")
            stay = own["end"] - own["start"]
            inside = own["end"].clip(low, high) - own["start"].clip(low, high)
            rows.append(
                {
                    "group": group,
                    "arrivals": int(is_new.sum()),
                    "plain": mean * length / stay[is_new].sum(),
                    "window": mean * length / inside.sum(),
                }
            )
    return pd.DataFrame(rows)


def _visits(stays: pd.DataFrame) -> pd.DataFrame:
    """Unbroken stays of unsolved tickets in a group: group, start and end in seconds."""
    stays = stays[~stays["status"].isin(["solved", "closed"])]
    start = stays["event_at"].to_numpy("M8[s]").astype(np.int64)
    frame = stays[["ticket_id", "group_name"]].assign(start=start, end=start + stays["calendar"])
    before = frame.shift()
    is_new = (frame[["ticket_id", "group_name"]] != before[["ticket_id", "group_name"]]).any(axis=1)
    is_new |= frame["start"] != before["end"]
    visits = frame.groupby(is_new.cumsum())
    return visits.agg(group=("group_name", "first"), start=("start", "min"), end=("end", "max"))


def _census(events: pd.DataFrame, parameters: SimulatorParameters) -> pd.DataFrame:
    """Unsolved tickets by group on every hour, from one pass over the events in order of time."""
    is_unsolved = ~events["status"].isin(["solved", "closed"])
    holder = events["group_name"].where(is_unsolved)
    before = holder.groupby(events["ticket_id"]).shift()
    came, went = (pd.crosstab(events["event_at"], groups) for groups in (holder, before))
    change = came.sub(went, fill_value=0).sort_index().cumsum()
    start = pd.Timestamp(parameters.as_of) - timedelta(days=parameters.days)
    hours = pd.date_range(start, parameters.as_of, freq="h", inclusive="left")
    return change.reindex(hours, method="ffill").fillna(0)


def lag_correlation(values: pd.Series, lag: int) -> float:
    """Autocorrelation of a series at a lag, as the textbooks define it."""
    centred = values.to_numpy(float) - values.mean()
    return float((centred[lag:] * centred[:-lag]).sum() / (centred**2).sum())
