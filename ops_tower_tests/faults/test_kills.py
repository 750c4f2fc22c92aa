"""`kill -9` at random moments: what readers see stays whole, and the next run is clean.

The moments are spread evenly over the run's own work, and a part of them over the short while in
which it publishes. Most runs are forked after their imports, so that every kill falls into the run
itself; every fifth is the real command, from its first import on, and so is the run after it.
"""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from ops_tower_tests.faults.homes import (
    alerts_parse,
    lives_on_record,
    publish_a_version,
    published_whole,
    strangers,
)
from ops_tower_tests.faults.runner import Run, Runs
from ops_tower_tests.faults.scale import SCALE

MISSES = 8
LANES = 2 if SCALE.is_full else 1  # one per core; each has a home of its own


@dataclass(frozen=True)
class Kill:
    """When a run is killed: at a share of its work, or of the time from publishing to its end."""

    share: float
    is_publishing: bool
    is_command: bool


def kills(count: int) -> list[Kill]:
    """So many kills, every fifth while it publishes; each share lies in a part of its own."""
    moments = random.Random(20261124)  # noqa: S311, moments of a test
    publishing = max(1, count // 5)
    planned = []
    for number, is_publishing in [(publishing, True), (count - publishing, False)]:
        for part in range(number):
            share = (part + moments.random()) / number
            planned.append(Kill(share, is_publishing, is_command=part % 5 == 4))
    moments.shuffle(planned)
    return planned


@dataclass
class Lane:
    """A home in which runs are killed one after the other, and what a whole run takes there."""

    runs: Runs
    home: Path
    cpu_seconds: dict[bool, float] = field(default_factory=lambda: {False: 15.0, True: 22.0})
    publishing_seconds: dict[bool, float] = field(default_factory=lambda: {False: 0.5, True: 2.0})
    days: int = 0
    left: set[Path] = field(default_factory=set)

    def start(self, kill: Kill) -> Run:
        """A run of the day after the last one's, so that each has alerts of its own to log."""
        self.days += 1
        self.left = self.unfinished()
        as_of = date(2026, 3, 2) + timedelta(days=self.days)
        return self.runs.start(
            *(
                "run",
                "--home",
                self.home,
                "--tickets",
                "1000",
                "--seed",
                "1",
                "--as-of",
                str(as_of),
            ),
            as_command=kill.is_command,
        )

    def unfinished(self) -> set[Path]:
        """Versions that are being written, or were when a run was killed."""
        return set((self.home / "published").glob(".ops-*.unfinished"))

    def is_publishing(self) -> bool:
        """Whether the run that was started last writes a version: it has not got its name yet."""
        return bool(self.unfinished() - self.left)

    def kill(self, kill: Kill) -> Run | None:
        """A run that was killed at its moment; None if it had ended before."""
        run = self.start(kill)
        if kill.is_publishing:
            while run.is_alive() and not self.is_publishing():
                time.sleep(0.002)
            time.sleep(kill.share * self.publishing_seconds[kill.is_command])
        else:
            while (
                run.is_alive()
                and run.cpu_seconds() < kill.share * self.cpu_seconds[kill.is_command]
            ):
                time.sleep(0.002)
        spent = run.cpu_seconds()
        if run.kill() == -9:
            return run
        # The guess was too long. The same share of a shorter one is tried again.
        if kill.is_publishing:
            self.publishing_seconds[kill.is_command] *= 0.8
        else:
            self.cpu_seconds[kill.is_command] = min(spent, 0.95 * self.cpu_seconds[kill.is_command])
        return None

    def finish(self, kill: Kill) -> Run:
        """A run that nobody killed, ended; what it took is what the next kills go by."""
        run = self.start(kill)
        began = 0.0
        while run.is_alive():
            if not began and self.is_publishing():
                began = time.monotonic()
            self.cpu_seconds[kill.is_command] = max(run.cpu_seconds(), 1.0)
            time.sleep(0.01)
        if began:
            self.publishing_seconds[kill.is_command] = time.monotonic() - began
        return run


def names_of_versions(home: Path) -> set[str]:
    return {path.name for path in (home / "published").glob("ops-*.duckdb")}


def endure(lane: Lane, kill: Kill) -> str:
    """Kill a run, look at what is left, run again, look again; a line of the record."""
    home = lane.home
    for _ in range(MISSES):
        before, known = published_whole(home), names_of_versions(home)
        killed = lane.kill(kill)
        if killed is not None:
            break
    else:
        raise AssertionError(f"{kill}: {MISSES} runs ended before their moment came")
    at = f"{kill}: {killed.said()[-200:]}"
    after = published_whole(home)
    assert after == before or after not in known, at
    assert before in names_of_versions(home), at
    alerts_parse(home)
    run = lane.finish(kill)
    assert run.wait() == 0, f"{at}\n{run.said()}"
    assert "Traceback" not in run.said(), at
    assert published_whole(home) not in known | {after}, at
    alerts_parse(home)
    # What a killed run leaves is gone once the next one has ended.
    assert not list(strangers(home)), at
    assert len(names_of_versions(home)) <= 3, at
    assert not list(lives_on_record(home)), at
    return f"{kill}: {'the new' if after != before else 'the old'} version"


def test_a_run_killed_at_any_moment_leaves_a_whole_version_and_a_clean_next_run(
    tmp_path: Path,
) -> None:
    planned = kills(SCALE.kills)

    def work(number: int) -> list[str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        publish_a_version(folder / "home")
        runs = Runs(folder)
        try:
            lane = Lane(runs, folder / "home")
            lines = [endure(lane, kill) for kill in planned[number::LANES]]
            assert alerts_parse(lane.home) or not SCALE.is_full, (
                "there was no line that a kill could have cut"
            )
            return lines
        finally:
            runs.close()

    with ThreadPoolExecutor(LANES) as pool:
        told = [line for lines in pool.map(work, range(LANES)) for line in lines]
    assert len(told) == SCALE.kills
    print("\n".join(told))  # noqa: T201, the record of a full run
