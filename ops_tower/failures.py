"""What a person reads of a step that failed: the reason, without the wrapping around it."""

from typing import Final, Protocol

# Errors whose message is written for people and says what to do; their class adds nothing.
SPOKEN: Final = ("SourceError", "WarehouseError", "HomeInUseError", "Failure")


class StepError(Protocol):
    """What Dagster keeps of an exception: its class, its message, and what caused it."""

    @property
    def cls_name(self) -> str | None: ...  # noqa: D102, read from Dagster's record
    @property
    def message(self) -> str: ...  # noqa: D102
    @property
    def cause(self) -> "StepError | None": ...  # noqa: D102


def root_cause(error: StepError) -> str:
    """The first error written for people down the chain of causes, else the deepest one."""
    while error.cause is not None and error.cls_name not in SPOKEN:
        error = error.cause
    message = error.message.strip()
    return message.partition(": ")[2] if error.cls_name in SPOKEN else message
