"""Dagster's own servers on a home: what a person does in the user interface, and beside it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops_tower.published import current
from ops_tower.settings import DAILY_JOB
from ops_tower_tests.command_line import ops_tower
from ops_tower_tests.test_pipeline import write_log

RUNS = "{ runsOrError { ... on Runs { results { runId status jobName } } } }"
LAUNCH = """
mutation($job: String!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "ops_tower", repositoryName: "__repository__", jobName: $job
    }
    runConfigData: {}
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("served") / "log.csv")


@pytest.fixture(scope="module")
def home(log: Path) -> Path:
    return log.parent / "home"


@pytest.fixture(scope="module")
def address(home: Path, log: Path) -> Iterator[str]:
    """What `ops-tower dagster` serves on a free port, until the module's tests are over."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).parent / "ops-tower", "dagster"]
    settings = {"OPS_TOWER_SOURCE": "event-log", "OPS_TOWER_EVENT_LOG": str(log)}
    output = log.with_name("dagster.log")
    with output.open("w") as terminal:
        server = subprocess.Popen(
            [*command, "--home", home, "--port", str(port)],
            env=os.environ | settings,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(url, server, output), 120)
        yield url
    finally:
        # Webserver, daemon and code server are children that outlive a signal to their parent.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def is_up(url: str, server: subprocess.Popen[bytes], output: Path) -> bool:
    assert server.poll() is None, output.read_text()[-2000:]
    try:
        return bool(query(url, "{ version }"))
    except OSError:
        return False


def query(url: str, text: str, **variables: str) -> Any:  # noqa: ANN401
    """What the user interface's own door answers."""
    body = json.dumps({"query": text, "variables": variables}).encode()
    request = urllib.request.Request(  # noqa: S310, loopback
        f"{url}/graphql", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)["data"]


def wait_until(holds: Any, seconds: float) -> None:  # noqa: ANN401
    """Ask until the answer is yes."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.5)


def statuses(url: str) -> dict[str, str]:
    """Each run that the user interface lists, and how it went."""
    return {run["runId"]: run["status"] for run in query(url, RUNS)["runsOrError"]["results"]}


def test_a_run_of_the_command_line_is_seen_by_the_servers_beside_it(
    address: str, home: Path, log: Path
) -> None:
    result = ops_tower("run", "--home", home, "--event-log", log)
    assert result.returncode == 0, result.stderr
    assert list(statuses(address).values()) == ["SUCCESS"]


def test_the_job_started_in_the_user_interface_publishes(address: str, home: Path) -> None:
    before = current(home)
    launched = query(address, LAUNCH, job=DAILY_JOB)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    wait_until(lambda: statuses(address)[run_id] in {"SUCCESS", "FAILURE"}, 180)
    assert statuses(address)[run_id] == "SUCCESS"
    assert current(home) == home / "published" / f"ops-{run_id}.duckdb" != before
