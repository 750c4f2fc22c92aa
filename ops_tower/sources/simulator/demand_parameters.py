"""Parameters of the tickets: when they arrive, what they are, what happens between agents' work.

Belongs here: names, units, defaults and limits, and nothing that computes with them. Most figures
here are planted truth: what an analysis of the data should find again.
"""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from ops_tower.sources.simulator.vocabulary import (
    ChannelMixes,
    CountByTier,
    FactorByTier,
    FactorByType,
    MinutesByPriority,
    Month,
    NonNegative,
    OddsByPriority,
    OddsByType,
    ParameterModel,
    Positive,
    PriorityMixes,
    Share,
    ShareByPriority,
    TierMix,
    TypeMix,
)


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
    outage_months: tuple[Month, ...] = Field(
        (1, 3, 5, 7, 9, 11), description="Months that have one outage, on a working day."
    )
    outage_factor: float = Field(1.7, gt=1.0)
    alarm_urgency: Positive = Field(
        2.0, description="Factor on the odds of high and urgent, from monitoring and in outages."
    )
    campaign_months: tuple[Month, ...] = Field(
        (2, 4, 6, 8, 10, 12), description="Months that have one campaign, on a working day."
    )
    campaign_factor: float = Field(1.6, gt=1.0)
    planted_days: tuple[PlantedDay, ...] | None = Field(
        None, description="Given days in place of those drawn per month."
    )

    @model_validator(mode="after")
    def _somebody_writes(self) -> Self:
        if not sum(self.hour_factors) or not sum(self.weekday_factors):
            raise ValueError("hour_factors and weekday_factors each need at least one above 0")
        return self


class MixParameters(ParameterModel):
    """What the tickets are: types, priorities, channels, customers, and how these hang together."""

    types: TypeMix = Field(
        {
            "question": 0.52,
            "incident": 0.28,
            "problem": 0.07,
            "task": 0.13,
        }
    )
    priorities: PriorityMixes = Field(
        {
            "question": {"low": 0.40, "normal": 0.50, "high": 0.092, "urgent": 0.008},
            "incident": {"low": 0.08, "normal": 0.46, "high": 0.33, "urgent": 0.13},
            # A problem is the cause behind incidents; while it burns, it is worked as an incident.
            "problem": {"low": 0.15, "normal": 0.60, "high": 0.25, "urgent": 0.0},
            "task": {"low": 0.45, "normal": 0.47, "high": 0.08, "urgent": 0.0},
        }
    )
    channels: ChannelMixes = Field(
        {
            "question": {"email": 0.46, "web": 0.30, "chat": 0.18, "api": 0.0, "phone": 0.06},
            "incident": {"email": 0.34, "web": 0.28, "chat": 0.16, "api": 0.06, "phone": 0.16},
            "problem": {"email": 0.52, "web": 0.34, "chat": 0.05, "api": 0.04, "phone": 0.05},
            "task": {"email": 0.50, "web": 0.38, "chat": 0.06, "api": 0.03, "phone": 0.03},
        }
    )
    tiers: TierMix = Field({"enterprise": 0.26, "business": 0.44, "starter": 0.30})
    tier_urgency: FactorByTier = Field(
        default={"enterprise": 1.4, "business": 1.0, "starter": 0.7},
        description="Factor on the odds of high and urgent for customers of each tier.",
    )
    organizations: CountByTier = Field(
        default={"enterprise": 160, "business": 640, "starter": 1_200},
        description="Customers of each tier at 50,000 tickets a year.",
    )
    handle_by_type: FactorByType = Field(
        {
            "question": 0.85,
            "incident": 1.10,
            "problem": 1.35,
            "task": 1.0,
        }
    )
    escalation_by_type: OddsByType = Field(
        default={"question": 0.6, "incident": 1.4, "problem": 2.6, "task": 0.7},
        description="Relative odds that a ticket of each type is handed on.",
    )
    escalation_by_priority: OddsByPriority = Field(
        {
            "low": 0.8,
            "normal": 1.0,
            "high": 1.2,
            "urgent": 1.4,
        }
    )


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
    silence_shares: ShareByPriority = Field(
        default={"low": 0.33, "normal": 0.33, "high": 0.0, "urgent": 0.0},
        description="Tickets that a customer leaves unanswered; they are solved after a wait.",
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
    patience_minutes: MinutesByPriority = Field(
        default={"urgent": 0, "high": 90, "normal": 360, "low": 720},
        description="A queue serves in order of the arrival in it plus this patience.",
    )
