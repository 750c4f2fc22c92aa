"""The whole dbt project on a small desk: every model, data test and unit test."""

from pathlib import Path

from ops_tower.settings import Settings
from ops_tower.sources.landing import land
from ops_tower_tests.benchmarks.pipeline import bare_dbt_build


def test_every_model_data_test_and_unit_test_holds_on_a_simulated_desk(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, tickets=400, seed=3)
    land(settings)
    bare_dbt_build(settings.places)
