"""Settings: flags and variables are one thing, and what is wrong with them is said."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from ops_tower.command_group import misuse_of_settings
from ops_tower.settings import PROJECT_ROOT, Limit, Settings, unknown_variables


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OPS_TOWER_{name.upper()}", raising=False)


def test_the_home_is_the_data_folder_of_the_checkout_unless_set() -> None:
    assert Settings().home == PROJECT_ROOT / "data"


def test_a_relative_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPS_TOWER_HOME", "desk")
    assert Settings().home == tmp_path / "desk"


def test_several_event_logs_and_columns_come_from_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPS_TOWER_EVENT_LOG", "/a.csv,/b.csv")
    monkeypatch.setenv("OPS_TOWER_COLUMNS", '{"activity": ["name", "state"]}')
    settings = Settings()
    assert settings.event_log == (Path("/a.csv"), Path("/b.csv"))
    assert settings.columns == {"activity": ("name", "state")}


def test_a_zoned_as_of_becomes_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_TOWER_AS_OF", "2026-03-01T02:00:00+02:00")
    assert Settings().as_of == datetime(2026, 3, 1)  # noqa: DTZ001, UTC without a marker


def test_the_last_midnight_is_one_in_utc() -> None:
    end = Settings.last_midnight()
    assert (end.hour, end.minute, end.second, end.microsecond, end.tzinfo) == (0, 0, 0, 0, None)


@pytest.mark.parametrize(
    ("name", "value"), [("TICKETS", "0"), ("SEED", "-1"), ("SOURCE", "jira"), ("AS_OF", "soon")]
)
def test_a_value_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"OPS_TOWER_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_check_takes_a_limit_and_a_severity_or_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPS_TOWER_CHECKS__ROW_LOSS", "0.3 error")
    monkeypatch.setenv("OPS_TOWER_CHECKS__QUIET_HOURS", "96")
    checks = Settings().checks
    assert checks.row_loss == Limit(0.3, "error")
    assert checks.quiet_hours == Limit(96, "error")
    assert checks.rejected_share == Limit(0.05, "warn")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ROW_LOSS", "much"), ("ROW_LOSS", "0.1 loud"), ("ROW_LOS", "0.1"), ("ROW_LOSS", "")],
)
def test_a_check_that_is_misspelt_or_has_no_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"OPS_TOWER_CHECKS__{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_zone_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_TOWER_SCHEDULE_TIME_ZONE", "Mars/Olympus")
    with pytest.raises(ValidationError, match="not a time zone"):
        Settings()


def test_a_database_without_its_driver_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPS_TOWER_DAGSTER_POSTGRES_URL", "postgresql://tower:hunter2@host/db")
    with pytest.raises(ValidationError, match=r"postgresql\+psycopg2") as caught:
        Settings()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(misuse_of_settings(caught.value))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("OPS_TOWER_TICKET", "did you mean OPS_TOWER_TICKETS?"),
        ("ops_tower_time_zon", "did you mean OPS_TOWER_TIME_ZONE?"),
        ("OPS_TOWER_CHECK__ROW_LOSS", "did you mean OPS_TOWER_CHECKS__ROW_LOSS?"),
        ("OPS_TOWER_X", "see docs/operating.md."),
    ],
)
def test_a_variable_that_is_no_setting_is_named_with_the_nearest_that_is(
    name: str, hint: str
) -> None:
    assert unknown_variables([name]) == [f"{name} is no setting and is not read: {hint}"]


def test_variables_that_are_read_somewhere_are_not_complained_of() -> None:
    page = (PROJECT_ROOT / "docs" / "operating.md").read_text()
    told = re.findall(r"\bOPS_TOWER_[A-Z_]+[A-Z]", page)
    assert len(told) > 20
    of_tests = ("OPS_TOWER_FAULTS", "OPS_TOWER_LARGE_TESTS", "OPS_TOWER_REAL_LOGS")
    assert unknown_variables([*told, *of_tests, "ops_tower_home", "PATH"]) == []
