"""The default desk holds what it promises: each figure in its range, each finding to be found.

The figures are computed by a plain reader of the raw tables (desk_figures). With
OPS_TOWER_LARGE_TESTS set, five more seeds and the other presets are held to them too.
"""

import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from ops_tower.sources.simulator import SimulatorParameters, preset, simulate
from ops_tower.sources.simulator.rates import holidays_of, planted_days
from ops_tower_tests.sources.desk_figures import (
    Figures,
    figures_of,
    lag_correlation,
    little_ratios,
)

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC
LARGE = pytest.mark.skipif(
    "OPS_TOWER_LARGE_TESTS" not in os.environ, reason="takes minutes: set OPS_TOWER_LARGE_TESTS"
)
SEEDS = [7, *(pytest.param(seed, marks=LARGE) for seed in (1, 2, 3, 4, 5))]


Desk = tuple[SimulatorParameters, Path, Figures]
Desks = Callable[..., Desk]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Desks:
    """Simulates a desk by seed and preset, once each, and reads its figures."""

    @cache
    def desk(seed: int, name: str = "default") -> Desk:
        parameters = preset(name, as_of=AS_OF, seed=seed)
        folder = tmp_path_factory.mktemp(f"{name}-{seed}")
        simulate(parameters, folder)
        return parameters, folder, figures_of(parameters, folder)

    return desk


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_holds_fifty_thousand_tickets_and_a_quarter_of_a_million_events(
    desks: Desks, seed: int
) -> None:
    _, folder, _ = desks(seed)
    assert (
        49_000 <= len(pd.read_parquet(folder / "tickets.parquet", columns=["ticket_id"])) <= 51_000
    )
    events = pd.read_parquet(folder / "ticket_events.parquet", columns=["event_id"])
    assert 240_000 <= len(events) <= 260_000


@pytest.mark.parametrize("seed", SEEDS)
def test_sla_attainment_is_high_but_lowest_on_urgent_incidents(desks: Desks, seed: int) -> None:
    _, _, figures = desks(seed)
    assert 0.85 <= figures.attainment <= 0.90
    assert figures.cells.index[0] == ("urgent", "incident")
    assert figures.cells.iloc[1] - figures.cells.iloc[0] > 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_tier_2_is_the_bottleneck_by_cycle_volume_and_breach(desks: Desks, seed: int) -> None:
    _, _, figures = desks(seed)
    assert figures.groups["score"].idxmax() == "Tier 2 Specialists"
    assert figures.groups["score"].nlargest(2).iloc[1] < 80


@pytest.mark.parametrize("seed", SEEDS)
def test_an_escalation_adds_three_to_five_hours(desks: Desks, seed: int) -> None:
    _, _, figures = desks(seed)
    assert 3.0 <= figures.escalation_hours <= 5.0


@pytest.mark.parametrize("seed", SEEDS)
def test_most_tickets_keep_to_the_documented_path(desks: Desks, seed: int) -> None:
    _, _, figures = desks(seed)
    assert 0.60 <= figures.happy_path <= 0.70


@pytest.mark.parametrize("seed", SEEDS)
def test_volume_has_a_weekly_season_and_its_planted_days_stand_out(desks: Desks, seed: int) -> None:
    parameters, _, figures = desks(seed)
    volume = figures.daily_volume
    assert lag_correlation(volume, 7) > 0.5
    days = planted_days(parameters.first_day, AS_OF.date(), seed, parameters.demand)
    assert 11 <= len(days) <= 13
    others = volume.drop([pd.Timestamp(day.day) for day in days], errors="ignore")
    others = others[[day.date() not in holidays_of(day.year) for day in others.index]]
    usual = others.groupby(others.index.weekday).agg(["mean", "std"])
    for day in days:
        mean, std = usual.loc[day.day.weekday()]
        assert volume[pd.Timestamp(day.day)] > mean + 3 * std


@pytest.mark.parametrize("seed", SEEDS)
def test_littles_law_holds_in_each_group_and_month(desks: Desks, seed: int) -> None:
    ratios = little_ratios(*desks(seed)[:2])
    assert len(ratios) == 3 * 11
    assert ratios["window"].to_numpy() == pytest.approx(1.0, abs=0.02)
    # Waits over a weekend at the end of a month belong to two months. They are few in the first
    # group, and they cancel out over the year in all.
    plain = ratios.set_index("group")["plain"]
    assert plain["Tier 1 Support"].to_numpy() == pytest.approx(1.0, abs=0.05)
    assert plain.groupby("group").mean().to_numpy() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_tier_2_works_beyond_nine_tenths_of_its_time(desks: Desks, seed: int) -> None:
    _, folder, _ = desks(seed)
    truth = pd.read_json(folder / "truth.json", typ="series")
    load = {name: group["offered_load"] for name, group in truth["realised"]["groups"].items()}
    assert 0.88 < load.pop("Tier 2 Specialists") < 1.0
    assert max(load.values()) < 0.8
    assert truth["planted"]["bottleneck_group"] == "Tier 2 Specialists"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_effects_on_satisfaction_are_in_the_scores(desks: Desks, seed: int) -> None:
    _, folder, _ = desks(seed)
    truth = pd.read_json(folder / "truth.json", typ="series")
    planted = truth["planted"]["csat_effects"]
    for fitted in (
        truth["realised"]["satisfaction"][f"fitted_{who}"] for who in ("all", "answered")
    ):
        for name, effect in planted.items():
            assert fitted[name] == pytest.approx(effect, abs=0.15)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        pytest.param("tier-1-bottleneck", "Tier 1 Support", marks=LARGE),
        pytest.param("engineering-bottleneck", "Engineering", marks=LARGE),
        pytest.param("no-bottleneck", None, marks=LARGE),
    ],
)
def test_the_bottleneck_moves_with_the_preset(desks: Desks, name: str, group: str | None) -> None:
    _, folder, figures = desks(7, name)
    truth = pd.read_json(folder / "truth.json", typ="series")
    assert truth["planted"]["bottleneck_group"] == group
    if group:
        assert figures.groups["score"].idxmax() == group
        assert figures.groups["score"].nlargest(2).iloc[1] < 80
    else:
        rates = figures.groups["breach_rate"]
        assert figures.groups["score"].idxmax() == "Tier 1 Support", "volume alone"
        assert rates["Tier 1 Support"] == rates.min()
