"""Parameters of the three groups: who the agents are, when they work, how long work takes.

Belongs here: names, units, defaults and limits, and nothing that computes with them.
"""

from datetime import date, time
from typing import Final, Self

from pydantic import Field, field_validator, model_validator

from ops_tower.sources.simulator.vocabulary import (
    WEEKDAYS,
    WEEKEND,
    NonNegative,
    ParameterModel,
    Positive,
    Share,
    Weekday,
)

MINUTES_PER_DAY: Final = 1_440


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

    first_reply: Positive = 7.0
    reply: Positive = 6.0
    internal_note: Positive = 4.0
    on_hold: Positive = 4.0
    escalate: Positive = 2.0
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
    fewest_agents: NonNegative = Field(
        1.0, description="Where scaling down stops: an open queue needs somebody there."
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
        4.0, description="Tickets waiting per agent on shift from which on a rush is declared."
    )
    rush_offline_part: Share = Field(
        0.4, description="Part of the offline time that is left in a rush; meetings are put off."
    )
    leave_share: Share = Field(0.05, le=0.9, description="Part of the days spent on planned leave.")
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

    def staff(self, scale: float, day: date | None = None) -> float:
        """Full-time equivalents at `scale` times 50,000 tickets: on a day, or the most ever.

        Staff follows the work, but a queue that is open needs somebody there: scaling down stops
        at `fewest_agents`, unless `agents` itself is fewer.
        """
        if day is None:
            planned = max(self.agents, *self.agents_from.values(), 0.0)
        else:
            changes = [change for change in self.agents_from if change <= day]
            planned = self.agents_from[max(changes)] if changes else self.agents
        return max(planned * scale, min(planned, self.fewest_agents))

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
    fewest_agents: NonNegative = 3.0
    schedule: tuple[OpenHours, ...] = EXTENDED
    closed_on_holidays: bool = False
    weekend_share: Share = 0.2
    hourly_cost_usd: NonNegative = 34.0
    handle_minutes: HandleMinutes = HandleMinutes()
    internal_note_share: Share = 0.02
    customer_loop_share: Share = 0.30
    hold_share: Share = 0.02
    escalation_share: Share = 0.21


class Tier2Parameters(GroupParameters):
    """Defaults of the second group: few specialists, office hours, near capacity."""

    name: str = "Tier 2 Specialists"
    agents: NonNegative = 4.0
    schedule: tuple[OpenHours, ...] = BUSINESS
    hourly_cost_usd: NonNegative = 52.0
    handle_minutes: HandleMinutes = HandleMinutes(
        first_reply=8, reply=8, internal_note=6, on_hold=5, escalate=13, reassign=5, solve=28.8
    )
    handle_spread: NonNegative = Field(0.45, le=2.0)
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
