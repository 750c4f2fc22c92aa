"""What the numbers mean, once more: slow, plain Python that reads one ticket at a time.

Belongs here: the definitions of the seven SLA metrics, of replies, finishes and the backlog, as one
would explain them, with no thought for speed and nothing shared with the SQL. Does not belong here:
the business clock (`naive_clock`), random tickets (`random_desk`), or the comparison
(`test_sla_parity`).
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from ops_tower_tests.dbt.naive_clock import Schedule

UNSOLVED = ("new", "open", "pending", "hold")


@dataclass(frozen=True)
class Event:
    """One thing that happened to a ticket; `None` is what its source leaves unsaid."""

    at: datetime
    position: int
    status: str | None = None
    actor: str | None = None
    is_public: bool | None = None
    group: str | None = None
    priority: str | None = None


@dataclass(frozen=True)
class Ticket:
    """One ticket: its events in any order, and what it looks like now."""

    ticket_id: int
    events: tuple[Event, ...]
    status: str = "open"
    priority: str | None = None
    policy: int | None = 1


@dataclass(frozen=True)
class Target:
    """Time allowed, in seconds, and whether on the business clock."""

    seconds: int
    is_business_hours: bool


@dataclass(frozen=True)
class Desk:
    """The rules of a desk: schedules by group, targets by (policy, metric, priority), the now."""

    schedules: Mapping[str, Schedule]
    group_schedules: Mapping[str, str]
    targets: Mapping[tuple[int, str, str], Target]
    as_of: datetime
    default_schedule: str = "always"
    is_last_schedule_alone: bool = False


@dataclass
class Stretch:
    """The time from one event to the next, as the first of the two left the ticket."""

    event: Event
    start: datetime
    end: datetime
    status: str
    status_before: str
    group: str
    priority: str | None
    schedule: Schedule
    is_first: bool
    is_last: bool

    @cached_property
    def elapsed(self) -> int:
        return int((self.end - self.start).total_seconds())

    @cached_property
    def open_seconds(self) -> int:
        return self.schedule.seconds(self.start, self.end)

    @property
    def is_unsolved(self) -> bool:
        return self.status in UNSOLVED

    def is_comment(self, actor: str) -> bool:
        return self.event.actor == actor and bool(self.event.is_public)

    @property
    def is_solve(self) -> bool:
        return not self.is_unsolved and (self.is_first or self.status_before in UNSOLVED)

    @property
    def is_reopen(self) -> bool:
        return self.is_unsolved and not self.is_first and self.status_before not in UNSOLVED


@dataclass(frozen=True)
class Metric:
    """When an SLA metric starts, counts and ends, each as a question about a stretch's event."""

    name: str
    counts_while: tuple[str, ...]
    is_one_instance: bool = False

    def starts(self, stretch: Stretch) -> bool:
        if not stretch.is_unsolved:
            return False
        match self.name:
            case "first_reply_time":
                return stretch.is_first
            case "next_reply_time":
                return stretch.is_comment("end_user") and not stretch.is_first
            case "periodic_update_time" | "pausable_update_time":
                return stretch.is_comment("agent") or stretch.is_reopen
            case _:
                return stretch.is_first or stretch.is_reopen

    def ends(self, stretch: Stretch) -> bool:
        match self.name:
            case "first_reply_time":
                return stretch.is_comment("agent")
            case "next_reply_time" | "periodic_update_time" | "pausable_update_time":
                return stretch.is_comment("agent") or stretch.is_solve
            case _:
                return stretch.is_solve


METRICS = (
    Metric("first_reply_time", (*UNSOLVED, "solved")),
    Metric("next_reply_time", (*UNSOLVED, "solved")),
    Metric("periodic_update_time", UNSOLVED),
    Metric("pausable_update_time", ("new", "open", "hold")),
    Metric("requester_wait_time", ("new", "open", "hold"), is_one_instance=True),
    Metric("agent_work_time", ("new", "open"), is_one_instance=True),
    Metric("total_resolution_time", UNSOLVED, is_one_instance=True),
)


def whole_second(instant: datetime) -> datetime:
    """The second in which an instant falls."""
    return instant.replace(microsecond=0)


def stretches(ticket: Ticket, desk: Desk) -> list[Stretch]:
    """Cut a ticket's life at its events; what an event leaves unsaid is as it was."""

    def order(event: Event) -> tuple[datetime, int, int]:
        rank = 0 if event.status == "new" else 1 if event.actor == "end_user" else 2
        return event.at, rank, event.position

    events = sorted(ticket.events, key=order)
    priorities = [event.priority for event in events if event.priority]
    status = group = None
    priority = priorities[0] if priorities else ticket.priority
    result: list[Stretch] = []
    for number, event in enumerate(events):
        is_last = number == len(events) - 1
        before = status or "open"
        status, group = event.status or status, event.group or group
        priority = event.priority or priority
        now = status or (ticket.status if is_last else "open")
        if is_last:
            end = event.at if now == "closed" else max(desk.as_of, event.at)
        else:
            end = events[number + 1].at
        held = group or "Unassigned"
        result.append(
            Stretch(
                event=event,
                start=whole_second(event.at),
                end=whole_second(end),
                status=now,
                status_before=before,
                group=held,
                priority=priority,
                schedule=_schedule(held, desk),
                is_first=number == 0,
                is_last=is_last,
            )
        )
    if desk.is_last_schedule_alone:
        for stretch in result:
            stretch.schedule = result[-1].schedule
    return result


def _schedule(group: str, desk: Desk) -> Schedule:
    return desk.schedules[desk.group_schedules.get(group, desk.default_schedule)]


def sla_targets(ticket: Ticket, desk: Desk) -> Iterator[dict[str, Any]]:
    """Every instance of every metric of one ticket, judged; nothing without a policy."""
    if ticket.policy is None:
        return
    life = stretches(ticket, desk)
    for metric in METRICS:
        for number, instance in enumerate(_instances(metric, life), start=1):
            yield {
                "ticket_id": ticket.ticket_id,
                "metric": metric.name,
                "instance": number,
                **_judge(metric, instance, ticket.policy, desk),
            }


def _instances(metric: Metric, life: list[Stretch]) -> list[list[Stretch]]:
    """The stretches of each instance: an event ends what runs before it starts anew."""
    instances: list[list[Stretch]] = []
    running: list[Stretch] | None = None
    waiting: list[Stretch] = []
    for stretch in life:
        if metric.ends(stretch):
            running = None
        if running is None and metric.starts(stretch):
            if metric.is_one_instance and instances:
                # The solved time that a reopening cut short is part of the one instance: a pause.
                instances[0].extend(waiting)
                running = instances[0]
            else:
                running = []
                instances.append(running)
            waiting = []
        if running is None:
            waiting.append(stretch)
        else:
            running.append(stretch)
    return instances


@dataclass(frozen=True)
class Entry:
    """One stretch of an instance: the target in force, and what counted before it and in it."""

    stretch: Stretch
    target: Target | None
    is_counted: bool
    before: int
    gained: int

    @property
    def reaches_target(self) -> bool:
        return self.target is not None and self.before + self.gained >= self.target.seconds


def _entries(metric: Metric, instance: list[Stretch], policy: int, desk: Desk) -> list[Entry]:
    entries = []
    counted = 0
    for stretch in instance:
        target = desk.targets.get((policy, metric.name, stretch.priority or ""))
        is_counted = stretch.status in metric.counts_while
        is_business = target is not None and target.is_business_hours
        gained = stretch.open_seconds if is_business else stretch.elapsed
        entries.append(Entry(stretch, target, is_counted, counted, gained if is_counted else 0))
        counted += entries[-1].gained
    return entries


def _judge(metric: Metric, instance: list[Stretch], policy: int, desk: Desk) -> dict[str, Any]:
    """What has become of one instance, as the row that describes it."""
    entries = _entries(metric, instance, policy, desk)
    reaching = next((entry for entry in entries if entry.reaches_target), None)
    deciding, last = reaching or entries[-1], instance[-1]
    target = deciding.target
    due = _due(deciding, desk) if reaching or deciding.is_counted else None
    ended = None if last.is_last else last.end
    is_breached = reaching is not None and due is not None and (ended is None or ended > due)
    is_met: bool | None = None
    state: str | None = None
    if target is None:
        pass
    elif is_breached:
        state, is_met = "breached", False
    elif ended is not None:
        state, is_met = "met", True
    elif last.status == "closed":
        state = "cancelled"
    else:
        state = "active" if last.status in metric.counts_while else "paused"
    counting = [entry.stretch for entry in entries if entry.is_counted]
    return {
        "priority": deciding.stretch.priority,
        "group_name": deciding.stretch.group,
        "target_seconds": target.seconds if target else None,
        "is_business_hours": target.is_business_hours if target else False,
        "started_at": instance[0].start,
        "ended_at": ended,
        "due_at": due,
        "breached_at": due if is_breached else None,
        "state": state,
        "is_met": is_met,
        "calendar_seconds": sum(stretch.elapsed for stretch in counting),
        "business_seconds": sum(stretch.open_seconds for stretch in counting),
        "counted_seconds": sum(entry.gained for entry in entries),
    }


def _due(entry: Entry, desk: Desk) -> datetime | None:
    """The instant at which the target's time has counted, in this stretch or were it to go on."""
    if entry.target is None:
        return None
    start, left = entry.stretch.start, max(entry.target.seconds - entry.before, 0)
    if entry.target.is_business_hours:
        horizon = desk.as_of + timedelta(days=120)
        return entry.stretch.schedule.instant_after(start, left, horizon)
    return start + timedelta(seconds=left)


def first_reply(ticket: Ticket, desk: Desk) -> tuple[datetime, int] | None:
    """When an agent first replied in public after the creation, and the open seconds until then."""
    life = stretches(ticket, desk)
    seconds = 0
    for before, stretch in itertools.pairwise(life):
        seconds += before.open_seconds
        if stretch.is_comment("agent"):
            return stretch.event.at, seconds
    return None


def finish(ticket: Ticket, desk: Desk) -> tuple[datetime, int] | None:
    """When the ticket was last solved, if it still is, and the open seconds until then."""
    life = stretches(ticket, desk)
    if life[-1].is_unsolved:
        return None
    last = max(number for number, stretch in enumerate(life) if stretch.is_solve)
    return life[last].event.at, sum(stretch.open_seconds for stretch in life[:last])


def backlog(ticket: Ticket, desk: Desk) -> Iterator[tuple[date, str, float]]:
    """Each day at whose end the ticket stands unsolved, the group that holds it then, its age."""
    life = stretches(ticket, desk)
    created = life[0].start
    day = created.date()
    while day <= desk.as_of.date():
        tomorrow = day + timedelta(days=1)
        midnight = datetime.combine(tomorrow, datetime.min.time())
        now = [stretch for stretch in life if stretch.start < midnight][-1]
        if now.is_unsolved:
            yield day, now.group, (min(midnight, desk.as_of) - created) / timedelta(days=1)
        day = tomorrow
