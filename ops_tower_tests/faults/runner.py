"""Runs that can be killed: one process that has imported everything forks another for each run.

Half of a short run would be spent on imports, where a kill finds nothing to break. A forked run
starts after them, so that every kill falls into the run itself, and it is the command line's own
code, from its flags to its exit code.

Belongs here: starting runs under hard conditions, and ending them. Does not belong here: what must
hold afterwards.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SMALL_DESK: Final = ("--tickets", "300", "--seed", "1", "--as-of", "2026-03-02")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """A run under way, or ended."""

    runs: "Runs"
    pid: int
    output: Path

    def wait(self) -> int:
        """Its exit code, below zero the signal that ended it."""
        return int(self.runs.ask({"wait": self.pid}))

    def kill(self) -> int:
        """End it as `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def is_alive(self) -> bool:
        """Whether it is neither ended nor waiting to be asked how."""
        return self._stat()[0] not in "ZX"

    def cpu_seconds(self) -> float:
        """What it has worked so far: a measure of its progress on a busy machine too."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def said(self) -> str:
        """All that it has printed."""
        return self.output.read_text(errors="replace")

    def wait_until(self, holds: Callable[[], bool], seconds: float = 300) -> None:
        """Wait until `holds` says yes."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.is_alive(), self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.005)

    def _stat(self) -> list[str]:
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text()
        except FileNotFoundError:
            return ["X", *["0"] * 20]
        return text.rpartition(") ")[2].split()


class Runs:
    """The process that runs are forked from."""

    def __init__(self, folder: Path) -> None:
        """Start it; what runs print is kept in `folder`."""
        self._folder = folder
        self._number = 0
        environment = {key: value for key, value in os.environ.items() if "OPS_TOWER" not in key}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def start(self, *arguments: str | Path, **conditions: object) -> Run:
        """Start `ops-tower` with `arguments`.

        Args:
            arguments: of the command line.
            conditions: `environment`, a mapping; `largest_file`, in bytes; `user`, a number;
                `clock_shift`, in seconds; `dbt_project`, the path of another one; `as_command`:
                whether it begins with the command's own first import.
        """
        self._number += 1
        output = self._folder / f"{self._number}.txt"
        output.touch()
        order = {"arguments": [str(one) for one in arguments], "output": str(output)}
        return Run(self, int(self.ask(order | conditions)), output)

    def run(self, *arguments: str | Path, **conditions: object) -> tuple[int, str]:
        """Run `ops-tower` to its end: its exit code and what it printed."""
        run = self.start(*arguments, **conditions)
        return run.wait(), run.said()

    def ask(self, order: Mapping[str, object]) -> str:
        """Send an order and read its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process that runs are forked from has died"
        return answer.strip()

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _serve() -> None:
    """Import everything, then fork runs and wait for them as the orders say."""
    import statsmodels.tsa.holtwinters  # noqa: F401, PLC0415

    import ops_tower.cli  # noqa: PLC0415
    import ops_tower.defs.warehouse.assets  # noqa: PLC0415
    import ops_tower.sources.simulator  # noqa: F401, PLC0415

    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                _be(order)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _be(order: Mapping[str, Any]) -> None:
    """Become the run that `order` describes; never returns."""
    code: object = 70
    try:
        os.setsid()
        file = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.environ.update(order.get("environment", {}), COLUMNS="200")
        if "largest_file" in order:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
        if "user" in order:
            os.setgid(order["user"])
            os.setuid(order["user"])
        if order.get("as_command"):
            command = Path(sys.executable).with_name("ops-tower")
            os.execv(command, [str(command), *order["arguments"]])  # noqa: S606
        if "clock_shift" in order:
            import time_machine  # noqa: PLC0415

            time_machine.travel(time.time() + order["clock_shift"], tick=True).start()
        if "dbt_project" in order:
            from ops_tower import warehouse  # noqa: PLC0415

            warehouse.PROJECT_DIR = Path(order["dbt_project"])  # type: ignore[misc]
        from ops_tower.cli import app  # noqa: PLC0415

        app(order["arguments"])
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001, what a person would see is part of the test
        import traceback  # noqa: PLC0415

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 71)


if __name__ == "__main__":
    _serve()
