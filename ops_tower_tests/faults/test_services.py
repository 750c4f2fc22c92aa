"""The services of an installation, each a process of its own, started by the lines of its unit."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ops_tower import last_run
from ops_tower.settings import DAILY_JOB
from ops_tower_tests.defs.test_served import LAUNCH, is_up, query, statuses, wait_until
from ops_tower_tests.faults.homes import publish_a_version, published_whole
from ops_tower_tests.faults.scale import takes_whole_runs
from ops_tower_tests.test_deploy import DEPLOY, SOCKET, here, unit_commands
from ops_tower_tests.test_pipeline import write_log
from ops_tower_tests.webhook import webhook

PORT = "3000"  # as the webserver's unit has it
DAEMON = "{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"


@contextmanager
def services(home: Path, folder: Path, **settings: str) -> Iterator[str]:
    """Code server, daemon and webserver on `home`; the webserver's URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    # The path of a socket may have 108 characters.
    with tempfile.TemporaryDirectory(prefix="ops-tower-") as run, ExitStack() as ends:
        workspace = Path(run) / "workspace.yaml"
        door = f"{run}/code.sock"
        workspace.write_text((DEPLOY / "workspace.yaml").read_text().replace(SOCKET, door))
        replaced = {SOCKET: door, str(DEPLOY / "workspace.yaml"): str(workspace), PORT: port}
        environment = {key: value for key, value in os.environ.items() if "OPS_TOWER" not in key}
        environment |= {"OPS_TOWER_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
        for name in ("code", "daemon", "webserver"):
            for program, *arguments in unit_commands(
                DEPLOY / "systemd" / f"ops-tower-{name}.service"
            ):
                command = [str(Path(sys.executable).with_name(Path(program).name))]
                command += [replaced.get(part, part) for part in here(arguments)]
                output = ends.enter_context((folder / f"{name}.log").open("a"))
                options = {
                    "env": environment | settings,
                    "stdout": output,
                    "stderr": subprocess.STDOUT,
                }
                if "prepare" in command:
                    subprocess.run(command, check=True, **options)  # type: ignore[call-overload]
                    continue
                started = subprocess.Popen(command, start_new_session=True, **options)  # type: ignore[call-overload]
                ends.callback(end, started)
                if name == "code":
                    wait_until(Path(door).exists, 60)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_up(url, started, folder / "webserver.log"), 120)
        yield url


def end(service: subprocess.Popen[bytes]) -> None:
    """End a service as systemd does: politely, then with all that it started."""
    service.terminate()
    try:
        service.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(service.pid, signal.SIGKILL)
        service.wait()


@takes_whole_runs
def test_a_run_started_in_the_webserver_goes_through_the_daemon_and_its_failure_reaches_people(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    publish_a_version(home)
    before = published_whole(home)
    log = write_log(tmp_path / "log.csv")
    with webhook() as (channel, hook):
        settings = {
            "OPS_TOWER_SOURCE": "event-log",
            "OPS_TOWER_EVENT_LOG": str(log),
            "OPS_TOWER_AS_OF": "2026-06-01",
            "OPS_TOWER_NOTIFY": channel,
        }
        with services(home, tmp_path, **settings) as url:
            wait_until(lambda: are_healthy(url), 120)
            launched = query(url, LAUNCH, job=DAILY_JOB)["launchRun"]
            assert launched["__typename"] == "LaunchRunSuccess", launched
            run_id = launched["run"]["runId"]
            wait_until(lambda: statuses(url)[run_id] in {"SUCCESS", "FAILURE"}, 240)
            assert statuses(url)[run_id] == "FAILURE", "its events are stale"
            failure = "[new] the run: failed, nothing was published: raw/ticket_events"
            wait_until(lambda: any(failure in each["message"] for each in hook.received), 120)
    messages = [each["message"] for each in hook.received]
    assert sum(text.endswith(f"/runs/{run_id}") for text in messages) == 1
    # The third sensor saw how old the desk is that was published before.
    assert any("[new] the age of what is published" in text for text in messages)
    last = last_run.read(home)
    assert last is not None
    assert last.run_id == run_id
    assert published_whole(home) == before


def are_healthy(url: str) -> bool:
    """Whether each daemon that the home needs gives signs of life."""
    found = query(url, DAEMON)["instance"]["daemonHealth"]["allDaemonStatuses"]
    needed = [daemon for daemon in found if daemon["required"]]
    return bool(needed) and all(daemon["healthy"] for daemon in needed)
