"""`kill -9` at random moments: what readers see stays whole, and the next run is clean."""

import random
import time
from pathlib import Path

from ops_tower_tests.faults.homes import alerts_parse, published_whole, strangers
from ops_tower_tests.faults.runner import SMALL_DESK, Runs
from ops_tower_tests.faults.scale import SCALE

FIRST_GUESS_CPU_SECONDS = 20.0


def test_a_run_killed_at_any_moment_leaves_a_whole_version_and_a_clean_next_run(
    runs: Runs, home: Path
) -> None:
    moments = random.Random(20261124)  # noqa: S311, moments of a test
    whole_run = FIRST_GUESS_CPU_SECONDS
    killed = 0
    while killed < SCALE.kills:
        before = published_whole(home)
        moment = moments.uniform(0, whole_run)
        run = runs.start("run", "--home", home, *SMALL_DESK)
        while run.is_alive() and run.cpu_seconds() < moment:
            time.sleep(0.002)
        if run.kill() != -9:
            whole_run *= 0.9  # it had ended by itself: the guess was too long
            continue
        killed += 1
        at = f"kill {killed}, after {moment:.2f} of {whole_run:.1f} s: {run.said()[-200:]}"
        after = published_whole(home)
        assert after == before or (home / "published" / before).exists(), at
        alerts_parse(home)
        next_run = runs.start("run", "--home", home, *SMALL_DESK)
        while next_run.is_alive():
            whole_run = max(next_run.cpu_seconds(), 1.0)
            time.sleep(0.05)
        code, said = next_run.wait(), next_run.said()
        assert code == 0, f"{at}\n{said}"
        assert "Traceback" not in said, at
        assert published_whole(home) not in {before, after}, at
        alerts_parse(home)
        # What a killed run leaves is gone once the next one has ended.
        assert not list(strangers(home)), at
        print(at.splitlines()[0])  # noqa: T201, the record of a full run
