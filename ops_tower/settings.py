"""Every path and knob, and the only reader of the environment.

Belongs here: what a person may set, its default and its meaning. A flag of the command line sets
the variable of the same name (`--tickets` is `OPS_TOWER_TICKETS`), so that the schedule,
`dagster dev`, dbt and the dashboard see the same values.
Does not belong here: what is done with them.
"""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX: Final = "OPS_TOWER_"
OF_THE_TESTS: Final = ("FAULTS", "LARGE_TESTS", "REAL_LOGS")  # read by them alone
DAILY_JOB: Final = "ops_daily_pipeline"
AS_OF_YEARS: Final = (1975, 2095)  # leaves room for history before and forecasts after
UNUSABLE_IN_PATHS: Final = frozenset("*?[]{}'\"\n\r")  # patterns and quotes to dbt or DuckDB
PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent


class Home:
    """Where everything lies under one home folder."""

    def __init__(self, root: Path) -> None:
        """Name the places under `root`; nothing is created."""
        self.root = root
        self.raw = root / "raw"
        self.incoming = root / "raw.incoming"
        self.warehouse = root / "ops.duckdb"
        self.published = root / "published"
        self.alerts_log = root / "alerts.log"
        self.reports = root / "reports"
        self.notices = root / "notices.jsonl"
        self.log = root / "ops-tower.log"
        self.dbt_target = root / "dbt" / "target"
        self.dbt_logs = root / "dbt" / "logs"
        self.dbt_spill = root / "dbt" / "spill"
        self.dagster = root / "dagster"


class Limit(NamedTuple):
    """Where a check begins to fail, and whether that blocks publishing (error) or not (warn)."""

    value: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    severity: Literal["warn", "error"]


def _limit(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401, what a person wrote
    """`"0.1 error"` as a limit; `"0.1"` alone keeps the severity that the check has by default."""
    if not isinstance(value, str):
        return value
    number, _, severity = value.strip().partition(" ")
    default = Checks.model_fields[info.field_name or ""].default
    return number, severity.strip() or default.severity


_Limit = Annotated[Limit, BeforeValidator(_limit), NoDecode]


class Checks(BaseModel):
    """The limits of our own checks; the data tests in the dbt project have theirs beside them.

    Each is a variable such as `OPS_TOWER_CHECKS__QUIET_HOURS="96 warn"`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    quiet_hours: _Limit = Field(
        Limit(72, "error"), description="Hours without an event before as-of, if never so long."
    )
    rejected_share: _Limit = Field(
        Limit(0.05, "warn"), description="Share of read rows that the contract refused."
    )
    row_loss: _Limit = Field(
        Limit(0.5, "warn"), description="Share of tickets or events gone since the last run."
    )
    sla_shortfall: _Limit = Field(
        Limit(0.02, "warn"), description="Share of tickets by which attainment misses its target."
    )
    anomaly_days: _Limit = Field(
        Limit(1, "warn"), description="Days of the last 7 with an anomaly in any metric."
    )
    forecast_drift: _Limit = Field(
        Limit(0.25, "warn"), description="Relative change of the volume forecast for the same days."
    )
    conformance_drift: _Limit = Field(
        Limit(0.05, "warn"), description="Change of the share of tickets that follow the path."
    )


class Settings(BaseSettings):
    """What can be set, from `OPS_TOWER_…` variables or the command line's flags."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="ignore",
        # What was given may hold a secret; the command line shows it where it does not.
        hide_input_in_errors=True,
    )

    home: Path = Field(PROJECT_ROOT / "data", description="Folder that holds all data.")
    source: Literal["simulator", "event-log"] = Field(
        "simulator", description="Where tickets come from."
    )
    parameters: Path | None = Field(None, description="TOML file with the simulator's parameters.")
    tickets: int | None = Field(
        None, ge=1, description="Tickets that the simulator makes in a year; wins over the file."
    )
    seed: int | None = Field(None, ge=0, description="Seed of the simulator; wins over the file.")
    as_of: datetime | None = Field(
        None,
        description="The data's now; default: the parameters' own or last midnight UTC, or the "
        "log's last event.",
    )
    event_log: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Event log files to read, separated by commas."
    )
    columns: dict[str, tuple[str, ...]] = Field(
        {}, description="Which column of the log plays which role, as JSON."
    )
    time_zone: str = Field("UTC", description="Zone of the log's timestamps that name none.")
    end_activities: tuple[str, ...] = Field(
        (), description="Activities that close a case, as JSON; inferred from the log if empty."
    )
    schedule_hour: int = Field(5, ge=0, le=23, description="Hour of the daily run.")
    schedule_time_zone: str = Field("UTC", description="Zone of that hour.")
    keep_published: int = Field(
        3, ge=2, description="Published files that are kept, with the one before for slow readers."
    )
    checks: Checks = Field(Checks(), description="Limits and severities of the checks.")

    notify: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Where failed checks and runs are told: apprise addresses, comma-separated."
    )
    remind_after_hours: float = Field(
        22, gt=0, description="Hours after which a problem that lasts is named again."
    )
    dagster_url: str = Field(
        "http://127.0.0.1:3000", description="Where people reach Dagster; for links in notices."
    )
    dagster_postgres_url: SecretStr | None = Field(
        None, description="PostgreSQL that keeps Dagster's record; default: files in the home."
    )
    require_login: bool = Field(
        default=False,
        description="Whether the dashboard shows anything only to those who have logged in.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="What a run says on the terminal: for people, or a JSON object a line."
    )

    @field_validator("event_log", "notify", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.startswith("["):  # as the command line hands them on: a name may hold a comma
            return tuple(json.loads(value))
        return tuple(part for part in value.split(",") if part)

    @field_validator("home", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if str(value) == "":
            raise ValueError("an empty path is no folder")
        return value

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        home = value.expanduser().resolve()
        place = next(place for place in (home, *home.parents) if place.exists())
        if unusable := sorted(set(str(home)) & UNUSABLE_IN_PATHS):
            raise ValueError(f"the path holds {' '.join(map(repr, unusable))}: choose another")
        if not place.is_dir():
            raise ValueError(f"{place} is not a folder: name another")
        return home

    @field_validator("dagster_postgres_url", mode="after")
    @classmethod
    def _driver_named(cls, value: SecretStr | None) -> SecretStr | None:
        # Dagster reads the variable itself, and SQLAlchemy's default is a driver that it lacks.
        if value and not value.get_secret_value().startswith("postgresql+psycopg2://"):
            raise ValueError("write it as postgresql+psycopg2://user:password@host/database")
        return value

    @field_validator("time_zone", "schedule_time_zone", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not a time zone: use a name such as UTC or Europe/Rome") from None
        return value

    @field_validator("as_of", mode="after")
    @classmethod
    def _naive_utc(cls, value: datetime | None) -> datetime | None:
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    @field_validator("as_of", mode="after")
    @classmethod
    def _plausible(cls, value: datetime | None) -> datetime | None:
        if value is not None and not AS_OF_YEARS[0] <= value.year <= AS_OF_YEARS[1]:
            first, last = AS_OF_YEARS
            raise ValueError(f"the year is to lie between {first} and {last}")
        return value

    @cached_property
    def places(self) -> Home:
        """The folders and files under `home`."""
        return Home(self.home)

    @staticmethod
    def last_midnight() -> datetime:
        """The simulator's as-of where neither flag nor file names one: the last midnight UTC.

        The one place where the wall clock enters a figure.
        """
        return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def unknown_variables(names: Iterable[str] | None = None) -> list[str]:
    """A sentence for each variable that looks like a setting and is none, with the nearest name.

    Nothing reads such a variable, so a misspelt setting would keep its default in silence.

    Args:
        names: of variables; by default those of this process.
    """
    known = {name.upper() for name in Settings.model_fields}
    known |= {f"CHECKS__{name.upper()}" for name in Checks.model_fields}
    said = []
    for name in sorted(os.environ if names is None else names):
        bare = name.upper().removeprefix(PREFIX)
        if bare != name.upper() and bare not in known.union(OF_THE_TESTS):
            nearest = get_close_matches(bare, sorted(known), n=1)
            hint = f"did you mean {PREFIX}{nearest[0]}?" if nearest else "see docs/operating.md."
            said.append(f"{name} is no setting and is not read: {hint}")
    return said
