"""Parameters of the simulator: what a file may say, and what is refused with which words."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ops_tower.sources.contract import PRIORITIES, SLA_METRICS, TICKET_TYPES
from ops_tower.sources.errors import SourceError
from ops_tower.sources.simulator import PRESETS, SimulatorParameters, preset
from ops_tower_tests.sources import parameter_file

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC


def test_a_file_changes_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(
        "tickets = 9_000\n[tier_2]\nagents = 6.5\n[tier_2.agents_from]\n2026-10-05 = 8\n"
        "[tier_2.handle_minutes]\nsolve = 20\n[demand]\ngrowth_per_year = 0.3\n"
    )
    found = SimulatorParameters.load(file, as_of=AS_OF, seed=3)
    default = SimulatorParameters(as_of=AS_OF)
    assert (found.tickets, found.seed, found.tier_2.agents) == (9_000, 3, 6.5)
    assert found.tier_2.agents_from == {date(2026, 10, 5): 8.0}
    assert found.tier_2.schedule == default.tier_2.schedule
    assert found.tier_2.handle_minutes.solve == 20.0
    assert found.tier_1 == default.tier_1
    assert found.demand.growth_per_year == 0.3
    assert found.scale == pytest.approx(0.18)


def test_the_documented_file_is_every_parameter_at_its_default() -> None:
    text = parameter_file.FILE.read_text(encoding="utf-8")
    assert text == parameter_file.parameter_file(), (
        "run `python -m ops_tower_tests.sources.parameter_file`"
    )
    found = SimulatorParameters.load(parameter_file.FILE, as_of=AS_OF)
    assert found == SimulatorParameters(as_of=AS_OF)
    for name in SimulatorParameters.model_fields:
        assert f"\n[{name}]" in text or f"{name} = " in text


def test_arguments_win_over_the_file_but_none_does_not(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text("tickets = 9_000\nseed = 5\n")
    found = SimulatorParameters.load(file, as_of=AS_OF, tickets=100, seed=None)
    assert (found.tickets, found.seed) == (100, 5)


def test_an_as_of_with_a_zone_is_brought_to_utc() -> None:
    rome = timezone(timedelta(hours=1))
    local = SimulatorParameters(as_of=datetime(2026, 11, 23, 1, tzinfo=rome))
    assert local.as_of == AS_OF
    assert SimulatorParameters(as_of=AS_OF.replace(tzinfo=UTC)).as_of == AS_OF


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tickets": 0}, "tickets: Input should be greater than or equal to 1"),
        ({"tier_1": {"agents": -1}}, "tier_1.agents: Input should be greater than or equal to 0"),
        ({"tier_1": {"agents": 0}}, "Tier 1 Support has no agents but tickets reach it"),
        ({"engineering": {"agents": 0}}, "set the escalation_share of the group before it to 0"),
        ({"tier_1": {"escalation_share": 1.2}}, "tier_1.escalation_share"),
        ({"engineering": {"escalation_share": 0.1}}, "the last group and can't escalate further"),
        ({"tier_2": {"agnets": 3}}, "tier_2.agnets: Extra inputs are not permitted"),
        ({"time_zone": "Mars/Base"}, "'Mars/Base' is no IANA time zone"),
        ({"tier_1": {"name": "Engineering"}}, "each group needs a name of its own"),
        ({"tier_1": {"weekend_share": 0}}, "open at the weekend but weekend_share is 0"),
        (
            {"tier_2": {"schedule": [{"days": ["Mon"], "opens": "18:00", "closes": "08:00"}]}},
            "must be before closes",
        ),
        (
            {"mix": {"types": {"question": 0.5, "incident": 0.2, "problem": 0.1, "task": 0.1}}},
            "mix.types: the shares must sum to 1, but they sum to 0.9",
        ),
        ({"mix": {"tiers": {"enterprise": 1.0}}}, "give a value for business, starter too"),
        ({"flow": {"patience_minutes": {"vip": 1}}}, "vip is unknown here; the keys are"),
        ({"demand": {"hour_factors": [0] * 24}}, "each need at least one above 0"),
        (
            {"demand": {"outage_factor": 0.5}},
            "demand.outage_factor: Input should be greater than 1",
        ),
        ({"policy": {"target_minutes": {"reply": {"low": 5}}}}, "reply is unknown here"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError) as error:
        SimulatorParameters.load(None, as_of=AS_OF, **values)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_as_of_is_an_error_since_nothing_reads_the_wall_clock() -> None:
    with pytest.raises(SourceError, match="as_of: Field required"):
        SimulatorParameters.load(None, tickets=100)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text("tickets = = 3")
    with pytest.raises(SourceError, match=r"desk\.toml cannot be read as TOML"):
        SimulatorParameters.load(file, as_of=AS_OF)
    with pytest.raises(SourceError, match=r"none\.toml cannot be read"):
        SimulatorParameters.load(tmp_path / "none.toml", as_of=AS_OF)


def test_a_group_that_nobody_reaches_needs_no_agents() -> None:
    found = SimulatorParameters.load(
        None, as_of=AS_OF, tier_2={"escalation_share": 0}, engineering={"agents": 0}
    )
    assert found.engineering.agents == 0.0


def test_staff_follows_the_tickets_but_stops_at_the_fewest_that_cover_a_queue() -> None:
    group = SimulatorParameters.load(
        None, as_of=AS_OF, tier_2={"agents": 4, "agents_from": {"2026-10-05": 0.5}}
    ).tier_2
    october, november = date(2026, 10, 4), date(2026, 11, 1)
    assert group.staff(2.0) == group.staff(2.0, october) == 8.0
    assert group.staff(1.0, november) == 0.5, "what was asked for is never added to"
    assert group.staff(0.5, october) == 2.0
    assert group.staff(0.01, october) == 1.0
    assert group.staff(0.01, november) == 0.5


def test_each_preset_is_valid_and_an_unknown_one_lists_those_that_are() -> None:
    for name in PRESETS:
        assert preset(name, as_of=AS_OF, tickets=100).tickets == 100
    with pytest.raises(SourceError, match="tier-1-bottleneck"):
        preset("tier-9-bottleneck", as_of=AS_OF)


def test_the_vocabulary_of_the_defaults_is_the_contracts() -> None:
    found = SimulatorParameters(as_of=AS_OF)
    assert tuple(found.mix.types) == TICKET_TYPES
    assert set(found.policy.target_minutes) <= set(SLA_METRICS)
    assert set(found.flow.patience_minutes) == set(PRIORITIES)
