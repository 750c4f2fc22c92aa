"""Every way to misuse the command line that we could think of ends in one clear line."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from ops_tower.cli import app
from ops_tower.settings import Settings
from ops_tower_tests.command_line import ops_tower
from ops_tower_tests.faults.scale import takes_whole_runs

Case = tuple[list[str], str]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # A flag becomes a variable of this process: each one is set here so that it is put back after.
    for variable in (
        "DAGSTER_HOME",
        *(f"OPS_TOWER_{name.upper()}" for name in Settings.model_fields),
    ):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)


def misuse(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def said_in_one_line(result: Result, complaint: str, code: int) -> None:
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert complaint in result.output
    assert len(result.output.strip().splitlines()) == 1, result.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["frobnicate"], "No such command"),
        (["run", "--frob"], "No such option"),
        (["run", "extra"], "unexpected extra argument"),
        (["status", "extra"], "unexpected extra argument"),
        (["doctor", "--port", "1"], "No such option"),
        (["run", "--tickets"], "requires an argument"),
        (["run", "--tickets", "many"], "--tickets"),
        (["run", "--tickets", "-5"], "--tickets"),
        (["run", "--tickets", "1e3"], "--tickets"),
        (["run", "--seed", "x"], "--seed"),
        (["run", "--seed", "-1"], "--seed"),
        (["run", "--source", "jira"], "--source"),
        (["run", "--source", "[/]"], "given: [/]"),
        (["run", "--source", "\x1b[31mred"], "given: \N{REPLACEMENT CHARACTER}[31mred"),
        (["run", "--as-of", ""], "--as-of"),
        (["run", "--as-of", "2026-13-01"], "--as-of"),
        (["run", "--as-of", "tomorrow"], "--as-of"),
        (["run", "--as-of", "0001-01-01"], "between 1975 and 2095"),
        (["run", "--as-of", "9999-12-31"], "between 1975 and 2095"),
        (["run", "--home", ""], "an empty path is no folder"),
        (["run", "--home", "/dev/null"], "/dev/null is not a folder"),
        (["status", "--home", "/dev/null/deeper"], "/dev/null is not a folder"),
        (["doctor", "--home", "/dev/null"], "/dev/null is not a folder"),
        (["dashboard", "--home", "/dev/null"], "/dev/null is not a folder"),
        (["dagster", "--home", "/dev/null"], "/dev/null is not a folder"),
        (["run", "--column", "case"], "ROLE=COLUMN"),
        (["run", "--column", "=x"], "ROLE=COLUMN"),
        (["run", "--column", "[/]"], "--column [/]"),
        (["run", "--time-zone", "Mars/Phobos"], "Europe/Rome"),
        (["run", "--time-zone", ""], "Europe/Rome"),
        (["run", "--time-zone", "x'; drop table events; --"], "Europe/Rome"),
        (["dashboard", "--port", "x"], "--port"),
        (["dashboard", "--port", "99999"], "65535"),
        (["dashboard", "--port", "0"], "--port"),
        (["dagster", "--port", "-1"], "--port"),
        (["dagster", "--port", "70000"], "65535"),
        (["dashboard", "--address", "198.51.100.7"], "Choose another with --port or --address"),
    ],
)
def test_a_flag_that_cannot_be_used_is_said_in_one_line(
    arguments: list[str], complaint: str
) -> None:
    said_in_one_line(misuse(*arguments), complaint, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLUMNS", "not json"),
        ("COLUMNS", "[1]"),
        ("END_ACTIVITIES", "x"),
        ("SCHEDULE_HOUR", "25"),
        ("SCHEDULE_TIME_ZONE", "Nowhere"),
        ("KEEP_PUBLISHED", "0"),
        ("REMIND_AFTER_HOURS", "soon"),
        ("AS_OF", "{}"),
        ("EVENT_LOG", "[1"),
    ],
)
def test_a_variable_that_cannot_be_used_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"OPS_TOWER_{name}", value)
    said_in_one_line(misuse("status"), f"--{name.lower().replace('_', '-')}", 2)


def test_a_variable_that_nothing_reads_is_said_in_one_line_by_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops_tower.cli._execute", lambda _settings: ["The run was let be."])
    monkeypatch.setenv("OPS_TOWER_TICKET", "300")
    said = misuse("run", "--home", tmp_path).output.splitlines()
    warning = "OPS_TOWER_TICKET is no setting and is not read: did you mean OPS_TOWER_TICKETS?"
    assert said[:2] == [warning, "The run was let be."]


@pytest.mark.parametrize("value", ["nan", "-1", "0.3 eror", ""])
def test_a_limit_that_could_never_be_passed_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OPS_TOWER_CHECKS__REJECTED_SHARE", value)
    said_in_one_line(misuse("status"), "OPS_TOWER_CHECKS__REJECTED_SHARE", 2)


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said_in_one_line(misuse("dashboard", "--port", str(port)), "Choose another", 2)
        said_in_one_line(misuse("dagster", "--port", str(port)), "Choose another", 2)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "current").symlink_to("ops-x.duckdb")
    return folder / "ops-x.duckdb"


def test_status_says_what_to_do_about_a_published_file_that_cannot_be_read(
    tmp_path: Path, published: Path
) -> None:
    published.write_bytes(b"junk" * 5000)
    said_in_one_line(misuse("status", "--home", tmp_path), f"Delete {published}", 0)
    published.unlink()
    duckdb.connect(str(published)).close()
    said_in_one_line(misuse("status", "--home", tmp_path), f"Delete {published}", 0)


def test_a_pointer_to_itself_is_nothing_published(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "current").symlink_to("current")
    said_in_one_line(misuse("status", "--home", tmp_path), "Nothing is published", 0)


@pytest.mark.parametrize(
    ("config", "complaint"), [("a: [", "mend it"), ("telemtry: {}", "unexpected config entry")]
)
def test_a_broken_configuration_of_dagster_is_said_in_one_line(
    tmp_path: Path, config: str, complaint: str
) -> None:
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "dagster.yaml").write_text(config)
    said_in_one_line(misuse("status", "--home", tmp_path), complaint, 1)


def test_a_damaged_record_of_runs_is_said_in_one_line_and_the_details_are_kept(
    tmp_path: Path,
) -> None:
    history = tmp_path / "dagster" / "history"
    history.mkdir(parents=True)
    (tmp_path / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    (history / "runs.db").write_bytes(b"junk" * 4000)
    said_in_one_line(misuse("status", "--home", tmp_path), "move that folder away", 1)
    assert "Traceback" in (tmp_path / "ops-tower-error.log").read_text()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def unusable_sources(folder: Path) -> Iterator[Case]:
    """Arguments of runs that come as far as their source, and a word of the complaint."""
    log = "case_id,activity,timestamp\n1,a,2026-01-01 00:00:00\n1,b,2026-01-01 01:00:00\n"
    good = str(write(folder, "good.csv", log))
    yield ["--source", "event-log"], "--event-log FILE"
    yield ["--event-log", str(folder / "none.csv")], "does not exist"
    yield ["--event-log", str(folder)], "is a folder"
    files: list[tuple[str, str | bytes, str]] = [
        ("binary.csv", bytes(range(256)) * 100, "binary data"),
        ("empty.csv", "", "is empty"),
        ("header.csv", log.splitlines()[0] + "\n", "no events"),
        ("bad.parquet", b"PAR1" + b"x" * 100 + b"PAR1", "not a whole Parquet file"),
        ("bad.gz", b"\x1f\x8b\x08\x00junk", "not a whole gzip file"),
        ("other.xes", "<?xml version='1.0'?><foo/>", "not an event log"),
    ]
    for name, content, complaint in files:
        yield ["--event-log", str(write(folder, name, content))], complaint
    yield ["--event-log", good, "--column", "foo=case_id"], "is no role"
    yield ["--event-log", good, "--column", "case=nope"], "has no column 'nope'"
    yield ["--event-log", good, "--end-activity", "zzz"], "There are: a, b"
    yield ["--event-log", good, "--as-of", "2020-01-01"], "none of 2 event rows can be used"
    yield ["--tickets", "99999999999999999999"], "less than or equal to"
    tomls: list[tuple[str, str | bytes, str]] = [
        ("bad.toml", "= nope", "cannot be read as TOML"),
        ("unknown.toml", "frobnicate = 3\n", "frobnicate"),
        ("binary.toml", b"\xff\xfe\x00", "cannot be read as TOML"),
    ]
    for name, content, complaint in tomls:
        yield ["--parameters", str(write(folder, name, content))], complaint
    yield ["--parameters", str(folder / "none.toml")], "cannot be read as TOML"


@takes_whole_runs
def test_a_source_that_cannot_be_used_is_said_in_one_line_and_nothing_is_published(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    for arguments, complaint in unusable_sources(tmp_path):
        result = ops_tower("run", "--home", home, *arguments)
        assert result.returncode == 1, (arguments, result.stderr)
        assert "Traceback" not in result.stderr + result.stdout, arguments
        *_, reason, outcome = result.stderr.strip().splitlines()
        assert complaint in reason, arguments
        assert "Nothing was published" in outcome
    shutil.rmtree(home / "dagster")


def test_a_file_name_may_hold_a_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_TOWER_EVENT_LOG", json.dumps(["/logs/may,june.csv"]))
    assert Settings().event_log == (Path("/logs/may,june.csv"),)
