"""Every knob of the simulated desk, in one validated object that a TOML file can fill.

Belongs here: the whole, what comes of tickets in the end, and the reading of files. The parameters
of groups and of tickets have modules of their own. The defaults describe a business-software desk
of about twenty people; docs/simulator.md says where they come from.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator

from ops_tower.sources.errors import SourceError
from ops_tower.sources.simulator.demand_parameters import (
    DemandParameters,
    FlowParameters,
    MixParameters,
)
from ops_tower.sources.simulator.group_parameters import (
    EngineeringParameters,
    GroupParameters,
    Tier1Parameters,
    Tier2Parameters,
)
from ops_tower.sources.simulator.vocabulary import (
    ParameterModel,
    Positive,
    Share,
    ShareByTier,
    Targets,
)

REFERENCE_TICKETS: Final = 50_000
"""Yearly tickets for which `agents` and `organizations` are stated; other sizes scale them."""


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

    per_year: ShareByTier = Field({"enterprise": 0.05, "business": 0.10, "starter": 0.18})
    bad_experience_hours: Positive = Field(
        72.0, description="A ticket is a bad experience if solved later than this, or reopened."
    )
    per_bad_experience: ShareByTier = Field(
        default={"enterprise": 0.006, "business": 0.012, "starter": 0.025},
        description="Probability that a bad experience makes its customer leave.",
    )
    within_days: Positive = Field(60.0, description="Latest departure after a bad experience.")


class PolicyParameters(ParameterModel):
    """The one SLA policy: minutes allowed per metric and priority."""

    name: str = "Standard"
    target_minutes: Targets = Field(
        {
            "first_reply_time": {"urgent": 60, "high": 120, "normal": 300, "low": 480},
            "next_reply_time": {"urgent": 120, "high": 240, "normal": 480, "low": 600},
            "requester_wait_time": {"urgent": 240, "high": 120, "normal": 240, "low": 420},
            "total_resolution_time": {"urgent": 480, "high": 300, "normal": 750, "low": 1_140},
        }
    )
    calendar_clock: tuple[str, ...] = Field(
        ("urgent",), description="Priorities on the calendar clock; the others count open hours."
    )


class SimulatorParameters(ParameterModel):
    """The whole desk. Only `as_of` has no default: the simulator never reads the wall clock."""

    as_of: datetime = Field(description="End of the simulation, UTC; the data's own now.")
    tickets: int = Field(50_000, ge=1, le=20_000_000, description="Tickets per year; staff scales.")
    seed: int = Field(7, ge=0)
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
    def first_day(self) -> date:
        """The UTC day on which the simulation starts."""
        return (self.as_of - timedelta(days=self.days)).date()

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
            if is_reached and not group.staff(self.scale):
                raise ValueError(
                    f"{group.name} has no agents but tickets reach it: give it agents, "
                    "or set the escalation_share of the group before it to 0"
                )
        return self

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        *,
        otherwise: Mapping[str, Any] = MappingProxyType({}),
        **overrides: Any,  # noqa: ANN401 - any field's type
    ) -> Self:
        """Read parameters from a TOML file, with keyword arguments on top.

        Args:
            path: A file whose tables are named like the fields of this class; None for defaults.
            otherwise: Top-level fields that hold where the file does not name them.
            **overrides: Top-level fields, such as `tickets` or `as_of`, that win over the file;
                None leaves the file's value.

        Raises:
            SourceError: The file is no TOML, or a value is refused; the message names the field.
        """
        values = dict(otherwise)
        if path is not None:
            try:
                values |= tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise SourceError(f"{path} cannot be read as TOML: {error}") from error
        values |= {name: value for name, value in overrides.items() if value is not None}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SourceError(_in_one_line(error)) from error


def _in_one_line(error: ValidationError) -> str:
    """What is wrong with which parameter, without the library's own wording around it."""
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or 'the parameters'}: "
        f"{fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors()
    ]
    return "The simulator's parameters are not valid. " + "; ".join(faults)
