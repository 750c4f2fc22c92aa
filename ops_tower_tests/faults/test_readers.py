"""Readers reopen the published file without pause while versions come and go.

In full, each version comes from a run of its own seed; in the short form from a made desk.
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from ops_tower.published import versions
from ops_tower_tests.dashboard import desk
from ops_tower_tests.faults.homes import publish_a_version
from ops_tower_tests.faults.runner import SMALL_DESK, Runs
from ops_tower_tests.faults.scale import SCALE


def publish_another(runs: Runs, home: Path, number: int) -> None:
    """A new version, of other tickets than every one before."""
    if SCALE.is_full:
        code, said = runs.run("run", "--home", home, *SMALL_DESK, "--seed", str(number))
        assert code == 0, said
    else:
        as_of = desk.MONDAY + timedelta(days=number)
        desk.publish(home, as_of, run_id=str(number), seed=number)


def test_no_reader_meets_an_error_or_two_versions_on_one_page(runs: Runs, tmp_path: Path) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    publish_a_version(home)
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "ops_tower_tests.faults.reader", home, stop],
            stdout=subprocess.PIPE,
        )
        for _ in range(SCALE.readers)
    ]
    try:
        for number in range(1, SCALE.publications + 1):
            publish_another(runs, home, number)
    finally:
        stop.touch()
        told = [json.loads(reader.communicate(timeout=120)[0]) for reader in readers]
    assert [reader["errors"][:3] for reader in told if reader["errors"]] == []
    contents: dict[str, set[str]] = {}
    for reader in told:
        for version, digests in reader["read"].items():
            contents.setdefault(version, set()).update(digests)
    # A page of two versions would be a second content of one of them.
    assert [version for version, digests in contents.items() if len(digests) != 1] == []
    assert len(set.union(*contents.values())) == len(contents), "the versions are not alike"
    # Proof that they read at all, and through changes of the version.
    pages = sum(reader["pages"] for reader in told)
    assert pages >= SCALE.readers
    assert len(contents) > SCALE.publications / 2
    assert len(versions(home / "published")) == 3
    print(f"{pages} pages of {len(contents)} versions by {len(told)} readers")  # noqa: T201
