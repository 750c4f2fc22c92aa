"""A dashboard that people click in while runs go on in the same home."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ops_tower.published import current
from ops_tower_tests.command_line import ops_tower
from ops_tower_tests.dashboard.conftest import Visit, serve

PAGES = ("Queue Performance", "Bottleneck Analysis", "Executive Overview")


def write_log(path: Path, tickets: int) -> Path:
    """A CSV file of so many tickets of two events each, the last in an hour of its own."""
    lines = ["case_id,activity,timestamp,group"]
    for ticket in range(tickets):
        lines += [
            f"{ticket},Created,2026-03-{1 + ticket % 28:02} 09:00:00,desk",
            f"{ticket},Closed,2026-03-{1 + ticket % 28:02} 10:00:00,desk",
        ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_runs_and_clicks_do_not_hinder_each_other(
    tmp_path: Path, visit: Callable[..., Visit]
) -> None:
    home = tmp_path / "home"
    first = ops_tower("run", "--home", home, "--event-log", write_log(tmp_path / "1.csv", 31))
    assert first.returncode == 0, first.stderr
    shown = current(home)
    command = [Path(sys.executable).parent / "ops-tower", "run", "--home", home, "--event-log"]
    with serve(home, tmp_path / "server.log") as address:
        reader = visit()
        reader.open(address)
        reader.wait_for_first_card("31")
        with subprocess.Popen(
            [*command, write_log(tmp_path / "2.csv", 47)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as run:
            clicks = 0
            while run.poll() is None:
                reader.turn_to(PAGES[clicks % len(PAGES)])
                assert reader.page.get_by_test_id("stException").count() == 0
                clicks += 1
            assert run.returncode == 0, run.stderr.read() if run.stderr else ""
        assert clicks > len(PAGES), "the run was over before anyone could click"
        reader.turn_to("Executive Overview")
        reader.wait_for_first_card("47")
        assert not reader.errors
    assert current(home) != shown
