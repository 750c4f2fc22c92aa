"""The files under `deploy/`: programs, options, settings and addresses that they name are real."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]
from dagster._cli import create_dagster_cli
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.cli import create_dagster_daemon_cli
from dagster_webserver.cli import dagster_webserver
from typer.main import get_command
from typer.testing import CliRunner

from ops_tower import definitions
from ops_tower.cli import app
from ops_tower.settings import PROJECT_ROOT, Checks, Settings

DEPLOY = PROJECT_ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
COMMON = DEPLOY / "systemd" / "ops-tower-.service.d" / "common.conf"
LOOPBACK = "127.0.0.1"
SOCKET = "/run/ops-tower/code.sock"
# The programs themselves read the command lines: Dagster offers no public way to its parsers.
PROGRAMS = {
    "ops-tower": lambda: get_command(app),
    "dagster": create_dagster_cli,
    "dagster-daemon": create_dagster_daemon_cli,
    "dagster-webserver": lambda: dagster_webserver,
}


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())[
        "services"
    ]
    return found


def unit_commands(unit: Path) -> list[list[str]]:
    return [
        shlex.split(text)
        for text in re.findall(r"^ExecStart\w*=(.+)$", unit.read_text(), re.MULTILINE)
    ]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of a unit or a container, by where it stands."""
    for unit in UNITS:
        yield from ((unit.name, [Path(first).name, *rest]) for first, *rest in unit_commands(unit))
    for name, service in services().items():
        yield f"compose {name}", service["command"]
        if "healthcheck" in service:
            yield f"compose {name} health", service["healthcheck"]["test"][1:]


def here(command: list[str]) -> list[str]:
    """The command with this checkout in place of the folder where it is installed."""
    return [part.replace("/opt/ops-tower", str(PROJECT_ROOT)) for part in command]


def options(command: list[str]) -> dict[str, Any]:
    """What the program itself makes of its command line, without running it."""
    program, *arguments = here(command)
    current: click.Command = PROGRAMS[program]()
    context = current.make_context(program, arguments.copy())
    while subcommands := getattr(current, "commands", None):
        name, *arguments = arguments
        current = subcommands[name]
        context = current.make_context(name, arguments.copy(), parent=context)
    return context.params


@pytest.mark.parametrize(("place", "command"), [pytest.param(*c, id=c[0]) for c in commands()])
def test_each_program_knows_every_option_that_its_service_gives_it(
    place: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT_ROOT)
    given = [part for part in command if part.startswith("--")]
    understood = options(command)
    assert len([value for value in understood.values() if value]) >= len(given), place


def test_both_ways_run_the_same_four_services() -> None:
    four = {"code", "daemon", "webserver", "dashboard"}
    assert {unit.stem.removeprefix("ops-tower-") for unit in UNITS} == four
    assert set(services()) == four | {"prepare"}


def test_units_listen_on_loopback_and_the_code_server_on_a_socket_alone() -> None:
    listening = {
        unit.stem.removeprefix("ops-tower-"): options([Path(first).name, *rest])
        for unit in UNITS
        for first, *rest in unit_commands(unit)[-1:]
    }
    assert listening["dashboard"]["address"] == LOOPBACK
    assert listening["webserver"]["host"] == LOOPBACK
    assert (listening["code"]["socket"], listening["code"]["port"]) == (SOCKET, None)


@pytest.mark.parametrize("command", ["dashboard", "dagster"])
def test_the_command_line_serves_on_loopback_unless_told_otherwise(command: str) -> None:
    assert options(["ops-tower", command])["address"] == LOOPBACK
    assert options(["ops-tower", command, "--address", "192.0.2.1"])["address"] == "192.0.2.1"


def test_containers_are_published_on_loopback_alone() -> None:
    ports = {name: service.get("ports", []) for name, service in services().items()}
    assert ports == {
        "prepare": [],
        "code": [],
        "daemon": [],
        "webserver": ["127.0.0.1:3000:3000"],
        "dashboard": ["127.0.0.1:8501:8501"],
    }
    assert not [name for name, service in services().items() if "network_mode" in service]


def test_the_workspace_names_the_socket_and_the_location_of_the_code_server() -> None:
    (origin,) = WorkspaceFileTarget([str(DEPLOY / "workspace.yaml")]).create_origins()
    assert (origin.socket, origin.location_name) == (SOCKET, "ops_tower")  # type: ignore[attr-defined]
    code = options(dict(commands())["ops-tower-code.service"])
    assert code["location_name"] == "ops_tower"
    assert code["module_name"] == definitions.__name__


def test_prepare_makes_the_folder_that_the_services_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_TOWER_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["prepare"])
    assert result.output == f"DAGSTER_HOME={tmp_path}/dagster\n"
    assert (tmp_path / "dagster" / "dagster.yaml").exists()
    said = [COMMON.read_text(), (DEPLOY / "Dockerfile").read_text()]
    assert all("DAGSTER_HOME=/var/lib/ops-tower/dagster" in text for text in said)


def test_every_unit_shares_the_hardening() -> None:
    assert all(unit.name.startswith("ops-tower-") for unit in UNITS)
    common = COMMON.read_text().splitlines()
    for line in ("User=ops-tower", "NoNewPrivileges=true", "ProtectSystem=strict", "UMask=0077"):
        assert line in common
    for service in services().values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_every_variable_named_is_a_setting() -> None:
    known = {f"OPS_TOWER_{name.upper()}" for name in Settings.model_fields}
    known |= {f"OPS_TOWER_CHECKS__{name.upper()}" for name in Checks.model_fields}
    pages = [PROJECT_ROOT / "docs" / "deploying.md", *DEPLOY.rglob("*")]
    named = {
        name
        for path in pages
        if path.is_file()
        for name in re.findall(r"\bOPS_TOWER_[A-Z_]+[A-Z]", path.read_text())
    }
    assert named <= known
    assert {"OPS_TOWER_HOME", "OPS_TOWER_SOURCE"} <= named


def test_the_settings_as_they_are_delivered_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (DEPLOY / "ops-tower.env").read_text().splitlines()
    # The second try is with every line that is only suggested.
    for text in (lines, [line.removeprefix("# ") for line in lines]):
        pairs = [
            line.split("=", 1) for line in text if line.startswith("OPS_TOWER_") and "=" in line
        ]
        for name, value in pairs:
            monkeypatch.setenv(name, value)
        assert Settings().schedule_hour == 5


def test_what_the_image_copies_is_there_and_let_through() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    copies = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    for source in " ".join(copies).split():
        assert (PROJECT_ROOT / source).exists(), source
        assert f"!{source}" in ignored, source
