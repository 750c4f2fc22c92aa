"""What tests of faults share: the process that runs are forked from, and a home with a version."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_tower_tests.faults.homes import publish_a_version
from ops_tower_tests.faults.runner import Runs


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Forks runs."""
    started = Runs(tmp_path_factory.mktemp("said"))
    yield started
    started.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which a version is published already."""
    publish_a_version(tmp_path / "home")
    return tmp_path / "home"
