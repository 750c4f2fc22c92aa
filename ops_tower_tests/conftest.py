"""What all tests share: the order in which they run."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages come last: Playwright keeps an event loop running, which Dagster's own would meet."""
    items.sort(key=lambda item: "dashboard" in item.path.parts)
