"""From settings to raw tables: whose word holds, and what a person hears."""

import json
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ops_tower.health import examine
from ops_tower.settings import Settings
from ops_tower.sources.errors import SourceError
from ops_tower.sources.landing import land, simulator_parameters

DESK = """\
tickets = 900
seed = 5
days = 20
as_of = 2026-11-23T00:00:00
[tier_1]
agents = 0.2
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    file = tmp_path / "desk.toml"
    file.write_text(DESK)
    return file


def test_the_file_holds_over_defaults_and_flags_over_the_file(desk: Path, tmp_path: Path) -> None:
    def found(**flags: object) -> tuple[int, int, datetime]:
        settings = Settings.model_validate({"home": tmp_path, "parameters": desk} | flags)
        parameters = simulator_parameters(settings)
        return parameters.tickets, parameters.seed, parameters.as_of

    midnight, other = datetime(2026, 11, 23), datetime(2026, 2, 1)  # noqa: DTZ001 - naive UTC
    assert found() == (900, 5, midnight)
    assert found(tickets=70, as_of=other) == (70, 5, other)
    assert found(seed=0) == (900, 0, midnight)


def test_without_file_and_flags_the_desk_is_the_default_up_to_the_last_midnight(
    tmp_path: Path,
) -> None:
    parameters = simulator_parameters(Settings(home=tmp_path))
    assert (parameters.tickets, parameters.seed) == (50_000, 7)
    assert parameters.as_of == Settings.last_midnight()


def test_an_overloaded_desk_lands_with_a_warning_that_names_its_load(
    desk: Path, tmp_path: Path
) -> None:
    seen: list[float] = []
    landed = land(Settings(home=tmp_path, parameters=desk), seen.append)
    (warning,) = landed.warnings
    assert warning.startswith("Tier 1 Support is offered ")
    assert "% of the work that its staff can do" in warning
    assert landed.admission.rows_rejected == 0
    assert seen
    assert seen[-1] > 0.9
    truth = json.loads((tmp_path / "raw/truth.json").read_text())
    assert truth["realised"]["tickets"] == landed.admission.rows["tickets"]
    assert truth["realised"]["groups"]["Tier 1 Support"]["offered_load"] > 1.0
    (info,) = pq.read_table(tmp_path / "raw/source_info.parquet").to_pylist()
    assert info["description"] == "Simulated support desk: 900 tickets a year over 20 days, seed 5"


def test_a_refused_parameter_leaves_the_raw_tables_as_they_were(desk: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, parameters=desk)
    land(settings)
    before = {path.name: path.read_bytes() for path in settings.places.raw.iterdir()}
    desk.write_text(DESK + "shift_hours = -8\n")
    with pytest.raises(SourceError, match=r"tier_1\.shift_hours: Input should be greater than 0"):
        land(settings)
    assert {path.name: path.read_bytes() for path in settings.places.raw.iterdir()} == before
    assert not settings.places.incoming.exists()


def test_the_doctor_says_which_parameter_is_wrong(desk: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, parameters=desk)
    (well,) = (finding for finding in examine(settings) if finding.name == "source")
    assert (well.is_well, well.seen) == (True, "simulator, 900 tickets a year")
    desk.write_text(DESK.replace("agents", "agnets"))
    (sick,) = (finding for finding in examine(settings) if finding.name == "source")
    assert not sick.is_well
    assert "tier_1.agnets" in sick.seen
