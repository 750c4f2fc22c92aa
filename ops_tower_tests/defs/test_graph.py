"""The graph as Dagster sees it, held against a short file that a change to it must change too.

`python -m ops_tower_tests.defs.test_graph` writes the file anew.
"""

import os
import tempfile
from pathlib import Path

import dagster as dg
import pytest

SNAPSHOT = Path(__file__).with_name("graph.txt")


def describe(defs: dg.Definitions) -> str:
    """Assets by group with their parents, checks per asset, jobs and schedules, as text."""
    graph = defs.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        checks = len(node.check_keys)
        counted = f" [{checks} checks]" if checks else ""
        lines.append(f"{node.group_name}: {key.to_user_string()}{counted} <- {parents or '-'}")
    lines += [f"job: {job.name}" for job in defs.jobs or []]
    for schedule in defs.schedules or []:
        assert isinstance(schedule, dg.ScheduleDefinition)
        lines.append(f"schedule: {schedule.name} {schedule.cron_schedule} -> {schedule.job_name}")
    return "\n".join(sorted(lines)) + "\n"


def load(home: Path) -> dg.Definitions:
    """The definitions of a home, which the environment names."""
    os.environ["OPS_TOWER_HOME"] = str(home)
    from ops_tower.definitions import defs  # noqa: PLC0415, reads the environment when called

    return defs()


def test_the_graph_is_as_the_snapshot_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_TOWER_HOME", str(tmp_path))
    assert describe(load(tmp_path)) == SNAPSHOT.read_text()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        SNAPSHOT.write_text(describe(load(Path(folder))))
