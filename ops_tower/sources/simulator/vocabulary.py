"""The words and kinds of values that parameters are made of.

Belongs here: limits on numbers, tables keyed by a vocabulary, and the base of all parameter models.
Does not belong here: any default of the desk.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ops_tower.sources.contract import PRIORITIES, SLA_METRICS, TICKET_TYPES

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

WEEKDAYS: Final[tuple[Weekday, ...]] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKEND: Final[tuple[Weekday, ...]] = ("Sat", "Sun")
CHANNELS: Final = ("email", "web", "chat", "api", "phone")
TIERS: Final = ("enterprise", "business", "starter")

ROUNDING: Final = 1e-6  # decimal shares may miss 1 by this much


class ParameterModel(BaseModel):
    """Frozen, and strict about names: a misspelt key in a file is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _keyed(words: tuple[str, ...], *, is_complete: bool = True) -> Callable[[Any], Any]:
    """A check that a table has a value for each word, or at least for no other word."""

    def check(table: Mapping[str, Any]) -> Mapping[str, Any]:
        unknown, missing = sorted({*table} - {*words}), [w for w in words if w not in table]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is unknown here; the keys are {words}")
        if is_complete and missing:
            raise ValueError(f"give a value for {', '.join(missing)} too; the keys are {words}")
        return table

    return check


def _sums_to_one(table: Mapping[str, float]) -> Mapping[str, float]:
    total = sum(table.values())
    if abs(total - 1.0) > ROUNDING:
        raise ValueError(f"the shares must sum to 1, but they sum to {total:.6g}")
    return table


Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Month = Annotated[int, Field(ge=1, le=12)]

_by_type = AfterValidator(_keyed(TICKET_TYPES))
_by_priority = AfterValidator(_keyed(PRIORITIES))
_by_channel = AfterValidator(_keyed(CHANNELS))
_by_tier = AfterValidator(_keyed(TIERS))
_whole = AfterValidator(_sums_to_one)

TypeMix = Annotated[dict[str, Share], _by_type, _whole]
TierMix = Annotated[dict[str, Share], _by_tier, _whole]
PriorityMixes = Annotated[dict[str, Annotated[dict[str, Share], _by_priority, _whole]], _by_type]
ChannelMixes = Annotated[dict[str, Annotated[dict[str, Share], _by_channel, _whole]], _by_type]
FactorByType = Annotated[dict[str, Positive], _by_type]
OddsByType = Annotated[dict[str, NonNegative], _by_type]
OddsByPriority = Annotated[dict[str, NonNegative], _by_priority]
ShareByPriority = Annotated[dict[str, Share], _by_priority]
MinutesByPriority = Annotated[dict[str, NonNegative], _by_priority]
FactorByTier = Annotated[dict[str, Positive], _by_tier]
ShareByTier = Annotated[dict[str, Share], _by_tier]
CountByTier = Annotated[dict[str, Annotated[int, Field(ge=1)]], _by_tier]
Targets = Annotated[
    dict[
        str,
        Annotated[dict[str, Positive], AfterValidator(_keyed(PRIORITIES, is_complete=False))],
    ],
    AfterValidator(_keyed(SLA_METRICS, is_complete=False)),
]
