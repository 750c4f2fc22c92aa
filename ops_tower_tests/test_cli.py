"""The command line's manners: one clear line for what cannot be used, and an exit code to match."""

import pytest
from typer.testing import CliRunner

from ops_tower.cli import app
from ops_tower.settings import Settings


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # A flag becomes a variable of this process: each one is set here so that it is put back after.
    for name in Settings.model_fields:
        variable = f"OPS_TOWER_{name.upper()}"
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--source", "jira"], "--source"),
        (["--tickets", "0"], "--tickets"),
        (["--as-of", "soon"], "--as-of"),
        (["--column", "case"], "ROLE=COLUMN"),
    ],
)
def test_a_flag_without_a_usable_value_exits_with_2_and_names_the_flag(
    arguments: list[str], complaint: str
) -> None:
    result = CliRunner().invoke(app, ["run", *arguments])
    assert result.exit_code == 2
    assert complaint in result.output
    assert "Traceback" not in result.output
    assert len(result.output.strip().splitlines()) == 1
