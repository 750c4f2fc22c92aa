"""Every knob of the simulated desk, in one validated object that a TOML file can fill.

Belongs here: names, units, defaults and limits of the parameters, and nothing that computes with
them. The defaults describe a business-software desk of about twenty people; docs/simulator.md says
where each figure comes from. Shares and effects named here are the planted truth.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

REFERENCE_TICKETS = 50_000
"""Yearly tickets for which `agents` and `organizations` are stated; other sizes scale them."""

MINUTES_PER_DAY = 1_440

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NonNegative = Annotated[float, Field(ge=0.0)]

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
TicketType = Literal["question", "incident", "problem", "task"]
Priority = Literal["low", "normal", "high", "urgent"]
Channel = Literal["email", "web", "chat", "api", "phone"]
Tier = Literal["enterprise", "business", "starter"]
Metric = Literal[
    "first_reply_time",
    "next_reply_time",
    "periodic_update_time",
    "pausable_update_time",
    "requester_wait_time",
    "agent_work_time",
    "total_resolution_time",
]

WEEKDAYS: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKEND: tuple[Weekday, ...] = ("Sat", "Sun")


class ParameterModel(BaseModel):
    """Frozen, and strict about names: a misspelt key in a file is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _shares_sum_to_one(shares: Mapping[Any, float], what: str) -> None:
    total = sum(shares.values())
    if abs(total - 1.0) > 1e-6:  # noqa: PLR2004 - rounding of decimal shares, nothing to name
        raise ValueError(f"{what} must sum to 1, but they sum to {total:.6g}: {dict(shares)}")


class OpenHours(ParameterModel):
    """One opening interval in the desk's local time, the same on each of its days."""

    days: tuple[Weekday, ...] = Field(min_length=1)
    opens: time
    closes: time = Field(description="Exclusive; 00:00 means the end of the day.")

    @property
    def opens_minute(self) -> int:
        """Minutes from local midnight to opening."""
        return self.opens.hour * 60 + self.opens.minute

    @property
    def closes_minute(self) -> int:
        """Minutes from local midnight to closing, 1440 for the end of the day."""
        return (self.closes.hour * 60 + self.closes.minute) or MINUTES_PER_DAY

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens_minute >= self.closes_minute:
            raise ValueError(f"opens {self.opens} must be before closes {self.closes}")
        return self


EXTENDED = (
    OpenHours(days=("Mon", "Tue", "Wed", "Thu", "Fri"), opens=time(7), closes=time(21)),
    OpenHours(days=("Sat",), opens=time(9), closes=time(15)),
)
BUSINESS = (OpenHours(days=("Mon", "Tue", "Wed", "Thu", "Fri"), opens=time(8), closes=time(18)),)
ALWAYS = (OpenHours(days=WEEKDAYS, opens=time(0), closes=time(0)),)


class HandleMinutes(ParameterModel):
    """Mean minutes of an agent's work that end in each kind of event, for a ticket of factor 1."""

    first_reply: Positive = 6.0
    reply: Positive = 6.0
    internal_note: Positive = 4.0
    on_hold: Positive = 4.0
    escalate: Positive = 6.0
    reassign: Positive = 4.0
    solve: Positive = 9.0
    merge: Positive = 2.0


class GroupParameters(ParameterModel):
    """One group of agents: who they are, when they work, how long work takes, where it goes.

    The three groups form a ladder; a ticket enters at the first and may be escalated to the next.
    """

    name: str = Field(min_length=1)
    agents: NonNegative = Field(description="Full-time equivalents at 50,000 tickets a year.")
    agents_from: dict[date, NonNegative] = Field(
        default_factory=dict,
        description="Changes of `agents`, each from its date on: the roster door for what-if runs.",
    )
    schedule: tuple[OpenHours, ...] = Field(min_length=1)
    closed_on_holidays: bool = True
    holiday_staffing: Share = Field(
        0.5, description="Share of agents on duty on a holiday, if open."
    )
    weekend_share: Share = Field(0.0, description="Share of agents on duty on an open weekend day.")
    shift_hours: Positive = Field(8.0, le=24.0, description="Paid length of a shift.")
    offline_share: Share = Field(
        0.24, le=0.8, description="Part of a shift spent on breaks, meetings and training."
    )
    rush_queue: NonNegative = Field(
        3.0, description="Tickets waiting per agent on shift from which on a rush is declared."
    )
    rush_offline_part: Share = Field(
        0.4, description="Part of the offline time that is left in a rush; meetings are put off."
    )
    leave_share: Share = Field(
        0.05, le=0.9, description="Part of the days spent on planned leave."
    )
    sick_share: Share = Field(0.03, le=0.9, description="Part of the days lost without notice.")
    attrition_per_year: NonNegative = Field(0.15, description="Expected departures per agent-year.")
    pace_spread: NonNegative = Field(
        0.12, le=1.0, description="Sigma of the lognormal spread of agents' paces, mean 1."
    )
    topics_known: Share = Field(0.6, description="Share of the topics that an agent masters.")
    unknown_topic_slowdown: float = Field(
        1.2, ge=1.0, description="Factor on handling time for a topic not mastered."
    )
    hourly_cost_usd: NonNegative
    handle_minutes: HandleMinutes
    handle_spread: NonNegative = Field(
        0.6, le=2.0, description="Sigma of the lognormal handling time around its mean."
    )
    longest_sitting_minutes: Positive = Field(
        180.0, description="Work is cut to this length, and to the group's shortest shift."
    )
    internal_note_share: Share = Field(0.02, description="Tickets that get an internal note here.")
    customer_loop_share: Share = Field(
        0.2, description="Probability of each further question to the customer, at most two."
    )
    hold_share: Share = Field(0.02, description="Tickets that wait on a third party here.")
    escalation_share: Share = Field(0.0, description="Tickets handed to the next group.")
    ping_pong_share: Share = Field(
        0.0, description="Tickets escalated to this group that it sends back, to return later."
    )

    @field_validator("schedule")
    @classmethod
    def _one_interval_a_day(cls, schedule: tuple[OpenHours, ...]) -> tuple[OpenHours, ...]:
        days = [day for hours in schedule for day in hours.days]
        if len(days) != len(set(days)):
            raise ValueError("give each weekday at most one opening interval")
        return schedule

    @model_validator(mode="after")
    def _weekends_are_staffed(self) -> Self:
        open_days = {day for hours in self.schedule for day in hours.days}
        if open_days & set(WEEKEND) and not self.weekend_share:
            raise ValueError(
                f"{self.name} is open at the weekend but weekend_share is 0: nobody would be there"
            )
        return self


class Tier1Parameters(GroupParameters):
    """Defaults of the first group: generalists on long opening hours."""

    name: str = "Tier 1 Support"
    agents: NonNegative = 13.0
    schedule: tuple[OpenHours, ...] = EXTENDED
    closed_on_holidays: bool = False
    weekend_share: Share = 0.2
    hourly_cost_usd: NonNegative = 34.0
    handle_minutes: HandleMinutes = HandleMinutes()
    internal_note_share: Share = 0.02
    customer_loop_share: Share = 0.30
    hold_share: Share = 0.02
    escalation_share: Share = 0.18


class Tier2Parameters(GroupParameters):
    """Defaults of the second group: few specialists, office hours, near capacity."""

    name: str = "Tier 2 Specialists"
    agents: NonNegative = 4.0
    schedule: tuple[OpenHours, ...] = BUSINESS
    hourly_cost_usd: NonNegative = 52.0
    handle_minutes: HandleMinutes = HandleMinutes(
        first_reply=10, reply=12, internal_note=8, on_hold=6, escalate=15, reassign=6, solve=29
    )
    internal_note_share: Share = 0.08
    customer_loop_share: Share = 0.06
    hold_share: Share = 0.01
    escalation_share: Share = 0.10
    ping_pong_share: Share = 0.08


class EngineeringParameters(GroupParameters):
    """Defaults of the third group: engineers who give part of their week to support."""

    name: str = "Engineering"
    agents: NonNegative = 2.0
    schedule: tuple[OpenHours, ...] = BUSINESS
    hourly_cost_usd: NonNegative = 88.0
    handle_minutes: HandleMinutes = HandleMinutes(
        first_reply=15, reply=15, internal_note=12, on_hold=8, escalate=15, reassign=8, solve=55
    )
    handle_spread: NonNegative = Field(0.7, le=2.0)
    internal_note_share: Share = 0.25
    customer_loop_share: Share = 0.05
    hold_share: Share = 0.05
    ping_pong_share: Share = 0.06


class PlantedDay(ParameterModel):
    """A day with extra tickets: an outage brings incidents, a campaign brings questions."""

    day: date = Field(description="The day in UTC.")
    kind: Literal["outage", "campaign"]
    factor: float = Field(gt=1.0, description="The day's volume over what it would have been.")


class DemandParameters(ParameterModel):
    """When tickets arrive. Every rate belongs to the calendar, none to the as-of instant."""

    growth_per_year: float = Field(0.02, gt=-0.9, description="Growth, level 1 in mid 2026.")
    month_factors: tuple[Positive, ...] = Field(
        (0.97, 0.98, 0.985, 0.99, 0.995, 1.0, 0.995, 1.0, 1.01, 1.025, 1.03, 1.0),
        min_length=12,
        max_length=12,
        description="Yearly season, at the middle of each month; in between, interpolated.",
    )
    weekday_factors: tuple[NonNegative, ...] = Field(
        (1.07, 1.06, 1.04, 1.02, 0.96, 0.16, 0.12), min_length=7, max_length=7
    )
    hour_factors: tuple[NonNegative, ...] = Field(
        (2, 1, 1, 1, 1, 2, 5, 18, 45, 82, 96, 96, 86, 90, 95, 88, 72, 44, 20, 13, 9, 6, 4, 3),
        min_length=24,
        max_length=24,
        description="Relative arrivals in each local hour of a day.",
    )
    machine_share: Share = Field(
        0.05, description="Tickets opened by monitoring, at any hour: incidents by the API."
    )
    holiday_factor: NonNegative = Field(0.45, description="Arrivals on a US federal holiday.")
    day_noise: NonNegative = Field(
        0.04, le=0.5, description="Sigma of a day's own lognormal factor beyond Poisson noise."
    )
    outage_days_per_quarter: int = Field(1, ge=0, le=5)
    outage_factor: float = Field(1.9, gt=1.0)
    outage_urgency: Positive = Field(
        2.0, description="Factor on the odds of high and urgent for the tickets of an outage."
    )
    campaign_days_per_quarter: int = Field(1, ge=0, le=5)
    campaign_factor: float = Field(1.7, gt=1.0)
    planted_days: tuple[PlantedDay, ...] | None = Field(
        None, description="Given days in place of those drawn per quarter."
    )

    @model_validator(mode="after")
    def _somebody_writes(self) -> Self:
        if not sum(self.hour_factors) or not sum(self.weekday_factors):
            raise ValueError("hour_factors and weekday_factors each need at least one above 0")
        return self


class MixParameters(ParameterModel):
    """What the tickets are: types, priorities, channels, customers, and how these hang together."""

    types: dict[TicketType, Share] = {
        "question": 0.52,
        "incident": 0.28,
        "problem": 0.07,
        "task": 0.13,
    }
    priorities: dict[TicketType, dict[Priority, Share]] = {
        "question": {"low": 0.40, "normal": 0.50, "high": 0.095, "urgent": 0.005},
        "incident": {"low": 0.08, "normal": 0.46, "high": 0.33, "urgent": 0.13},
        # A problem is the cause behind incidents; while it burns, it is worked as an incident.
        "problem": {"low": 0.15, "normal": 0.60, "high": 0.25, "urgent": 0.0},
        "task": {"low": 0.45, "normal": 0.47, "high": 0.08, "urgent": 0.0},
    }
    channels: dict[TicketType, dict[Channel, Share]] = {
        "question": {"email": 0.46, "web": 0.30, "chat": 0.18, "api": 0.0, "phone": 0.06},
        "incident": {"email": 0.34, "web": 0.28, "chat": 0.16, "api": 0.06, "phone": 0.16},
        "problem": {"email": 0.52, "web": 0.34, "chat": 0.05, "api": 0.04, "phone": 0.05},
        "task": {"email": 0.50, "web": 0.38, "chat": 0.06, "api": 0.03, "phone": 0.03},
    }
    tiers: dict[Tier, Share] = {"enterprise": 0.26, "business": 0.44, "starter": 0.30}
    tier_urgency: dict[Tier, Positive] = Field(
        default={"enterprise": 1.4, "business": 1.0, "starter": 0.7},
        description="Factor on the odds of high and urgent for customers of each tier.",
    )
    organizations: dict[Tier, int] = Field(
        default={"enterprise": 160, "business": 640, "starter": 1_200},
        description="Customers of each tier at 50,000 tickets a year.",
    )
    handle_by_type: dict[TicketType, Positive] = {
        "question": 0.85,
        "incident": 1.10,
        "problem": 1.35,
        "task": 1.0,
    }
    escalation_by_type: dict[TicketType, NonNegative] = Field(
        default={"question": 0.6, "incident": 1.4, "problem": 2.6, "task": 0.7},
        description="Relative odds that a ticket of each type is handed on.",
    )
    escalation_by_priority: dict[Priority, NonNegative] = {
        "low": 0.8,
        "normal": 1.0,
        "high": 1.2,
        "urgent": 1.4,
    }

    @model_validator(mode="after")
    def _complete_and_whole(self) -> Self:
        _shares_sum_to_one(self.types, "mix.types")
        _shares_sum_to_one(self.tiers, "mix.tiers")
        for kind in self.types:
            for name in ("priorities", "channels"):
                table: dict[TicketType, dict[Any, float]] = getattr(self, name)
                if kind not in table:
                    raise ValueError(f"mix.{name} lacks the ticket type {kind!r}")
                _shares_sum_to_one(table[kind], f"mix.{name}.{kind}")
        return self


class FlowParameters(ParameterModel):
    """What happens between the agents' work: customers, third parties, timers, shortcuts."""

    skipped_first_reply_share: Share = Field(
        0.05, description="Tickets solved, or handed on, without a first reply of their own."
    )
    skipped_reply_share: Share = Field(
        0.15, description="Customer replies that are answered by the next step, not by a reply."
    )
    outage_escalation: Share = Field(
        0.1, description="Factor on escalation in an outage, which the status page answers."
    )
    merge_share: Share = Field(0.012, description="Tickets merged into another as duplicates.")
    reopen_share: Share = Field(
        0.05, description="Probability that a solve is reopened, twice at most."
    )
    silence_shares: dict[Priority, Share] = Field(
        default={"low": 0.32, "normal": 0.32, "high": 0.0, "urgent": 0.0},
        description="Tickets whose customer leaves the first reply unanswered; solved after a wait.",
    )
    silence_hours: Positive = Field(20.0, description="Median wait for a silent customer.")
    silence_spread: NonNegative = Field(0.25, le=3.0)
    customer_delay_hours: Positive = Field(
        3.0, description="Median time until the customer answers."
    )
    customer_delay_spread: NonNegative = Field(1.1, le=3.0)
    hold_delay_hours: Positive = Field(20.0, description="Median wait on a third party.")
    hold_delay_spread: NonNegative = Field(0.8, le=3.0)
    reopen_delay_hours: Positive = Field(14.0, description="Median time until a solve is reopened.")
    reopen_delay_spread: NonNegative = Field(0.9, le=3.0)
    auto_close_hours: Positive = Field(
        96.0, description="From the last solve to the closing timer."
    )
    handle_distribution: Literal["lognormal", "exponential"] = "lognormal"
    patience_minutes: dict[Priority, NonNegative] = Field(
        default={"urgent": 0, "high": 90, "normal": 360, "low": 720},
        description="A queue serves the smallest arrival in the queue plus patience: due-date order.",
    )


class SatisfactionParameters(ParameterModel):
    """Expected score (1 to 5) as a sum of effects of what happened, and who answers the survey."""

    best: float = Field(4.62, ge=1.0, le=5.0, description="Expected score of a flawless ticket.")
    per_escalation: float = -0.25
    per_reopen: float = -0.70
    per_reassignment: float = Field(-0.20, description="Per time that a group sends it back.")
    per_day: float = Field(-0.12, description="Per 24 hours from creation to the last solve.")
    days_counted: Positive = Field(30.0, description="Longer waits hurt no more than this.")
    extreme_share: Share = Field(
        0.3, description="Customers who only know the best and the worst score."
    )
    answer_shares: tuple[Share, ...] = Field(
        (0.44, 0.36, 0.30, 0.32, 0.36),
        min_length=5,
        max_length=5,
        description="Probability that a customer answers, for scores 1 to 5: the response bias.",
    )
    answer_delay_hours: Positive = Field(6.0, description="Median time from solve to rating.")
    comment_share: Share = 0.25


class ChurnParameters(ParameterModel):
    """How customers leave: a base rate by tier, and what a bad experience adds."""

    per_year: dict[Tier, Share] = {"enterprise": 0.05, "business": 0.10, "starter": 0.18}
    bad_experience_hours: Positive = Field(
        72.0, description="A ticket is a bad experience if solved later than this, or reopened."
    )
    per_bad_experience: dict[Tier, Share] = Field(
        default={"enterprise": 0.006, "business": 0.012, "starter": 0.025},
        description="Probability that a bad experience makes its customer leave.",
    )
    within_days: Positive = Field(60.0, description="Latest departure after a bad experience.")


class PolicyParameters(ParameterModel):
    """The one SLA policy: minutes allowed per metric and priority."""

    name: str = "Standard"
    target_minutes: dict[Metric, dict[Priority, Positive]] = {
        "first_reply_time": {"urgent": 60, "high": 120, "normal": 300, "low": 480},
        "next_reply_time": {"urgent": 120, "high": 240, "normal": 480, "low": 600},
        "requester_wait_time": {"urgent": 240, "high": 150, "normal": 300, "low": 480},
        "total_resolution_time": {"urgent": 480, "high": 300, "normal": 780, "low": 1_200},
    }
    calendar_clock: tuple[Priority, ...] = Field(
        ("urgent",), description="Priorities on the calendar clock; the others count open hours."
    )


class SimulatorParameters(ParameterModel):
    """The whole desk. Only `as_of` has no default: the simulator never reads the wall clock."""

    as_of: datetime = Field(description="End of the simulation, UTC; the data's own now.")
    tickets: int = Field(50_000, ge=1, le=20_000_000, description="Tickets per year; staff scales.")
    seed: int = Field(20_260, ge=0)
    days: int = Field(365, ge=1, le=3_660, description="Length of the simulation.")
    time_zone: str = "America/New_York"
    agent_time_zones: tuple[str, ...] = Field(
        ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
        min_length=1,
        description="Zones in which agents live; late shifts go to the zone where they are early.",
    )
    topics: tuple[str, ...] = Field(
        ("billing", "integrations", "reporting", "permissions", "mobile app"), min_length=1
    )
    tier_1: Tier1Parameters = Tier1Parameters()
    tier_2: Tier2Parameters = Tier2Parameters()
    engineering: EngineeringParameters = EngineeringParameters()
    demand: DemandParameters = DemandParameters()
    mix: MixParameters = MixParameters()
    flow: FlowParameters = FlowParameters()
    satisfaction: SatisfactionParameters = SatisfactionParameters()
    churn: ChurnParameters = ChurnParameters()
    policy: PolicyParameters = PolicyParameters()

    @property
    def groups(self) -> tuple[GroupParameters, ...]:
        """The three groups in the order of escalation."""
        return (self.tier_1, self.tier_2, self.engineering)

    @property
    def scale(self) -> float:
        """Factor on staff and customers that keeps the load alike at any number of tickets."""
        return self.tickets / REFERENCE_TICKETS

    @field_validator("as_of")
    @classmethod
    def _naive_utc(cls, as_of: datetime) -> datetime:
        return as_of if as_of.tzinfo is None else as_of.astimezone(UTC).replace(tzinfo=None)

    @field_validator("time_zone", "agent_time_zones")
    @classmethod
    def _known_zones(cls, zones: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for zone in (zones,) if isinstance(zones, str) else zones:
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ValueError(f"{zone!r} is no IANA time zone, such as Europe/Rome") from error
        return zones

    @model_validator(mode="after")
    def _each_step_has_staff(self) -> Self:
        groups = self.groups
        if len({group.name for group in groups}) < len(groups):
            raise ValueError("each group needs a name of its own")
        if groups[-1].escalation_share:
            raise ValueError(f"{groups[-1].name} is the last group and can't escalate further")
        is_reached = True
        for group, is_escalated_to in zip(
            groups, (True, *(group.escalation_share > 0 for group in groups)), strict=False
        ):
            is_reached = is_reached and is_escalated_to
            staff = max(group.agents, *group.agents_from.values(), 0.0)
            if is_reached and not staff:
                raise ValueError(
                    f"{group.name} has no agents but tickets reach it: give it agents, "
                    "or set the escalation_share of the group before it to 0"
                )
        return self

    @classmethod
    def load(cls, path: Path | None = None, **overrides: Any) -> Self:  # noqa: ANN401
        """Read parameters from a TOML file, with keyword arguments on top.

        Args:
            path: A file whose tables are named like the fields of this class; None for defaults.
            **overrides: Top-level fields, such as `tickets` or `as_of`, that win over the file;
                None leaves the file's value.

        Raises:
            ValueError: The file is no TOML, or a value is refused; the message names the field.
        """
        values: dict[str, Any] = {}
        if path is not None:
            try:
                values = tomllib.loads(path.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise ValueError(f"{path} is not valid TOML: {error}") from error
        values |= {name: value for name, value in overrides.items() if value is not None}
        return cls.model_validate(values)
