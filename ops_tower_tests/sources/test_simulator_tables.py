"""The tables of a simulated desk: whole, coherent, and the same every time."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_tower.sources.admission import admit
from ops_tower.sources.contract import SOURCE_INFO, TABLES
from ops_tower.sources.simulator import SimulationResult, SimulatorParameters, simulate
from ops_tower.sources.simulator.roster import Roster
from ops_tower_tests.sources.desk_figures import figures_of

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC
OPEN = ("new", "open", "pending", "hold")


class Desk:
    """One simulated desk, read back from its files."""

    def __init__(self, parameters: SimulatorParameters, folder: Path) -> None:
        self.parameters = parameters
        self.folder = folder
        self.result: SimulationResult = simulate(parameters, folder)
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
        for name in (*TABLES, SOURCE_INFO.name):
            setattr(self, name, pd.read_parquet(folder / f"{name}.parquet"))

    agents: pd.DataFrame
    sla_policies: pd.DataFrame
    tickets: pd.DataFrame
    ticket_events: pd.DataFrame
    ticket_costs: pd.DataFrame
    satisfaction_ratings: pd.DataFrame
    source_info: pd.DataFrame


def parameters_of(**values: Any) -> SimulatorParameters:  # noqa: ANN401 - any parameter
    small = {"as_of": AS_OF, "tickets": 20_000, "days": 60}
    return SimulatorParameters.model_validate(small | values)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        yield Desk(parameters_of(), Path(folder))


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_same_parameters_give_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    simulate(desk.parameters, tmp_path)
    assert digests(tmp_path) == digests(desk.folder)
    assert set(digests(tmp_path)) == {
        "truth.json",
        *(f"{name}.parquet" for name in (*TABLES, SOURCE_INFO.name)),
    }


def test_another_seed_gives_other_bytes_in_every_table_that_chance_touches(
    desk: Desk, tmp_path: Path
) -> None:
    simulate(desk.parameters.model_copy(update={"seed": 8}), tmp_path)
    same = {
        name for name, digest in digests(tmp_path).items() if digests(desk.folder)[name] == digest
    }
    assert same == {"sla_policies.parquet"}


def test_each_file_has_the_contracts_schema(desk: Desk) -> None:
    for table in (*TABLES.values(), SOURCE_INFO):
        assert pq.read_schema(desk.folder / f"{table.name}.parquet").equals(table.schema)


def test_the_contract_admits_every_row(desk: Desk, tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    simulate(desk.parameters, incoming)
    admission = admit(incoming, tmp_path / "raw")
    assert admission.rows_rejected == 0
    assert admission.rows["ticket_events"] == desk.result.rows_read


def test_numbers_name_the_day_and_people_read_them(desk: Desk) -> None:
    ticket = desk.tickets.iloc[-1]
    assert str(ticket.ticket_id).startswith(f"{ticket.created_at:%Y%m%d}")
    day, number = ticket.external_id.split("/")
    assert f"{day.replace('-', '')}{number}" == str(ticket.ticket_id)


def check_tickets_agree_with_their_events(desk: Desk) -> None:
    """What `tickets` says is what the events say, and no event comes before creation."""
    events, tickets = desk.ticket_events, desk.tickets.set_index("ticket_id")
    assert events["source_position"].is_unique
    assert events["event_at"].is_monotonic_increasing
    by_ticket = events.groupby("ticket_id")
    first, last = by_ticket.first(), by_ticket.last()
    assert (first["activity"] == "Created").all()
    assert (events["activity"] == "Created").sum() == len(tickets)
    pd.testing.assert_series_equal(
        first["event_at"], tickets["created_at"].sort_index(), check_names=False
    )
    pd.testing.assert_series_equal(first["priority"], tickets["priority"].sort_index())
    pd.testing.assert_series_equal(last["status"], tickets["status"].sort_index())
    pd.testing.assert_series_equal(last["group_name"], tickets["group_name"].sort_index())
    solved = events[events["status"] == "solved"].groupby("ticket_id")["event_at"].last()
    closed = events[events["status"] == "closed"].groupby("ticket_id")["event_at"].last()
    is_solved = tickets["status"].isin(["solved", "closed"])
    expected = solved.reindex(tickets.index).where(is_solved)
    pd.testing.assert_series_equal(expected, tickets["solved_at"], check_names=False)
    pd.testing.assert_series_equal(
        closed.reindex(tickets.index), tickets["closed_at"], check_names=False
    )
    assert (events["event_at"] < desk.parameters.as_of).all()


def check_agents_do_one_thing_at_a_time_within_their_shifts(desk: Desk) -> None:
    """Work intervals of an agent do not overlap, lie in a shift and belong to the agent's group."""
    work = desk.ticket_events.dropna(subset="handle_seconds").copy()
    work["end"] = work["event_at"].to_numpy().astype("M8[s]").astype(np.int64)
    work["start"] = work["end"] - work["handle_seconds"].astype(np.int64)
    roster = Roster(desk.parameters)
    shifts = {agent.agent_id: [] for agent in roster.agents}
    for shift in roster.shifts():
        shifts[roster.agents[shift.agent].agent_id].append((shift.start, shift.end))
    assert (work["handle_seconds"] > 0).all()
    for agent, own in work.sort_values("end").groupby("agent_id"):
        assert (own["start"].to_numpy()[1:] >= own["end"].to_numpy()[:-1]).all()
        starts, ends = np.array(shifts[int(agent)]).T
        shift = np.searchsorted(starts, own["start"], side="right") - 1
        assert (shift >= 0).all()
        assert (own["end"].to_numpy() <= ends[shift]).all()


def check_work_in_is_work_out_plus_open(desk: Desk) -> None:
    """Tickets that came equal tickets closed, solved and still open; costs hold all the work."""
    status = desk.tickets["status"].value_counts()
    finished = desk.truth["realised"]["flow"]["finished_tickets"]
    assert status.reindex(["solved", "closed"]).sum() == finished
    assert status.reindex(OPEN).sum() == len(desk.tickets) - finished
    events = desk.ticket_events
    group_of = desk.agents.set_index("agent_id")["group_name"]
    work = events.dropna(subset="handle_seconds")
    minutes = (
        work.groupby(["ticket_id", work["agent_id"].map(group_of)])["handle_seconds"].sum() / 60
    )
    costs = desk.ticket_costs.set_index(["ticket_id", "group_name"])
    assert costs.index.is_unique
    assert np.allclose(
        costs["handle_minutes"].sort_index().to_numpy(float), minutes.sort_index().to_numpy(float)
    )
    rates = {group.name: group.hourly_cost_usd / 60 for group in desk.parameters.groups}
    rate = costs.index.get_level_values("group_name").map(rates).to_numpy(float)
    assert np.allclose(
        costs["cost_usd"].to_numpy(float), costs["handle_minutes"].to_numpy(float) * rate, atol=1e-3
    )


def check_utilisation_is_busy_over_available_time(desk: Desk) -> None:
    """Busy and idle time add up to the time available; events hold all work but the unfinished."""
    events = desk.ticket_events.dropna(subset="handle_seconds")
    group_of = desk.agents.set_index("agent_id")["group_name"]
    handled = events.groupby(events["agent_id"].map(group_of))["handle_seconds"].sum() / 3600
    for name, load in desk.truth["realised"]["groups"].items():
        assert load["busy_hours"] + load["idle_hours"] == pytest.approx(load["available_hours"])
        if load["available_hours"]:
            ratio = load["busy_hours"] / load["available_hours"]
            assert desk.result.utilisation[name] == pytest.approx(ratio)
        unfinished = load["busy_hours"] - handled.get(name, 0.0)
        assert 0 <= unfinished <= 3.0 * max(1.0, np.ceil(load["agents"]))


CHECKS = (
    check_tickets_agree_with_their_events,
    check_agents_do_one_thing_at_a_time_within_their_shifts,
    check_work_in_is_work_out_plus_open,
    check_utilisation_is_busy_over_available_time,
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_plain_desk_keeps_its_books(check: Any, desk: Desk) -> None:  # noqa: ANN401 - a check
    check(desk)


@st.composite
def odd_parameters(draw: st.DrawFn) -> SimulatorParameters:
    """Desks of all kinds: one agent, no Engineering, nothing escalated, round the clock."""
    always = [
        {
            "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
            "opens": "00:00",
            "closes": "00:00",
        }
    ]
    share = st.sampled_from([0.0, 0.1, 0.5, 1.0])
    is_round_the_clock = draw(st.booleans())
    tickets = draw(st.sampled_from([60, 600, 6_000]))
    scale = 50_000 / tickets  # so that `agents` below are heads

    def group(**own: Any) -> dict[str, Any]:  # noqa: ANN401 - any parameter
        values = {
            "agents": draw(st.sampled_from([0.3, 1.0, 2.5])) * scale,
            "fewest_agents": 0.0,
            "internal_note_share": draw(share),
            "customer_loop_share": draw(share),
            "hold_share": draw(share),
            "offline_share": draw(st.sampled_from([0.0, 0.3])),
            "pace_spread": draw(st.sampled_from([0.0, 0.4])),
            "attrition_per_year": draw(st.sampled_from([0.0, 4.0])),
        }
        if is_round_the_clock:
            values |= {"schedule": always, "weekend_share": 0.6, "closed_on_holidays": False}
        return values | own

    has_escalations, has_engineering = draw(st.booleans()), draw(st.booleans())
    reaches = has_escalations and has_engineering
    return SimulatorParameters.model_validate(
        {
            "as_of": draw(st.sampled_from([AS_OF, datetime(2026, 3, 10, 15, 30)])),  # noqa: DTZ001
            "days": draw(st.sampled_from([1, 25])),
            "tickets": tickets,
            "seed": draw(st.integers(0, 1_000)),
            "time_zone": draw(st.sampled_from(["America/New_York", "Asia/Kolkata", "UTC"])),
            "tier_1": group(escalation_share=draw(share) if has_escalations else 0.0),
            "tier_2": group(
                escalation_share=draw(share) if reaches else 0.0, ping_pong_share=draw(share)
            ),
            "engineering": group(ping_pong_share=draw(share))
            if has_engineering
            else {"agents": 0.0},
            "flow": {
                "skipped_first_reply_share": draw(share),
                "skipped_reply_share": draw(share),
                "merge_share": draw(share),
                "reopen_share": draw(share),
                "handle_distribution": draw(st.sampled_from(["lognormal", "exponential"])),
            },
        }
    )


@given(parameters=odd_parameters())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
def test_any_desk_keeps_its_books(parameters: SimulatorParameters) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(parameters, Path(folder))
        if len(desk.tickets):
            for check in CHECKS:
                check(desk)


def test_a_desk_without_a_single_ticket_still_writes_every_table(tmp_path: Path) -> None:
    nobody = pd.DataFrame({"created_at": pd.to_datetime([])})
    simulate(parameters_of(days=3), tmp_path, injected=nobody)
    for table in TABLES.values():
        assert pq.read_schema(tmp_path / f"{table.name}.parquet").equals(table.schema)
    assert len(pd.read_parquet(tmp_path / "ticket_events.parquet")) == 0
    assert len(pd.read_parquet(tmp_path / "agents.parquet")) > 0


def test_overload_is_announced_with_its_size_and_the_run_ends(tmp_path: Path) -> None:
    third = {"agents": 13.0 / 4.5, "fewest_agents": 0.0}
    result = simulate(parameters_of(tier_1=third), tmp_path)
    assert result.offered_load["Tier 1 Support"] == pytest.approx(3.0, rel=0.15)
    assert result.utilisation["Tier 1 Support"] > 0.95
    (warning,) = result.warnings
    assert warning.startswith("Tier 1 Support is offered ")
    assert f"{result.offered_load['Tier 1 Support']:.0%}" in warning
    backlog = pd.read_parquet(tmp_path / "tickets.parquet")["status"].isin(OPEN)
    assert backlog.mean() > 0.5


def test_progress_grows_from_nought_towards_one(tmp_path: Path) -> None:
    seen: list[float] = []
    simulate(parameters_of(), tmp_path, progress=seen.append)
    assert seen == sorted(seen)
    assert 0.0 <= seen[0] < 0.05
    assert 0.95 < seen[-1] <= 1.0
    assert 50 < len(seen) <= 101


def test_more_staff_clears_the_queue_sooner_for_the_very_same_tickets(tmp_path: Path) -> None:
    injected = pd.DataFrame(
        {"created_at": pd.date_range("2026-10-01", "2026-11-20", periods=2_000)}
    )
    hours = {}
    for agents in (4.0, 8.0):
        folder = tmp_path / str(agents)
        folder.mkdir()
        simulate(parameters_of(tier_2={"agents": agents}), folder, injected=injected)
        tickets = pd.read_parquet(folder / "tickets.parquet").set_index("ticket_id")
        hours[agents] = tickets["solved_at"] - tickets["created_at"]
    both = pd.DataFrame(hours).dropna()
    assert len(both) > 1_900
    assert both[8.0].mean() < both[4.0].mean()
    assert (both[8.0] <= both[4.0]).mean() > 0.7


def test_every_scale_keeps_the_load_alike(tmp_path: Path) -> None:
    loads = []
    for tickets in (20_000, 60_000):
        folder = tmp_path / str(tickets)
        folder.mkdir()
        loads.append(simulate(parameters_of(tickets=tickets), folder).offered_load)
    small, large = loads
    assert small["Tier 1 Support"] == pytest.approx(large["Tier 1 Support"], rel=0.12)
    assert small["Tier 2 Specialists"] == pytest.approx(large["Tier 2 Specialists"], rel=0.15)


@pytest.mark.parametrize("tickets", [500, 2_000, 10_000])
def test_a_small_desk_has_somebody_there_and_answers_as_well_as_a_large_one(
    tickets: int, tmp_path: Path
) -> None:
    desk = Desk(parameters_of(tickets=tickets, days=365), tmp_path)
    assert max(desk.result.offered_load.values()) < 0.8
    figures = figures_of(desk.parameters, tmp_path)
    assert 0.8 <= figures.attainment <= 0.92
    assert figures.groups["median_hours"].max() < 8
    on_duty = desk.agents[desk.agents["is_active"]].groupby("group_name")["fte"].sum()
    assert on_duty.to_dict() == {
        "Tier 1 Support": 3.0,
        "Tier 2 Specialists": 1.0,
        "Engineering": 1.0,
    }


def test_ratings_come_after_the_solve_from_tickets_that_were_solved(desk: Desk) -> None:
    rated = desk.satisfaction_ratings.merge(desk.tickets, on="ticket_id")
    assert len(rated) == len(desk.satisfaction_ratings)
    assert rated["ticket_id"].is_unique
    assert rated["score"].between(1, 5).all()
    is_known = rated["solved_at"].notna()
    assert is_known.all(), "a reopened ticket is rated once it is solved again"
    assert (rated["rated_at"] > rated["solved_at"]).all()
    assert (rated["rated_at"] < AS_OF).all()
    share = rated["comment"].notna().mean()
    assert share == pytest.approx(desk.parameters.satisfaction.comment_share, abs=0.05)


def test_no_ticket_comes_from_an_organisation_that_has_left(desk: Desk) -> None:
    tickets = desk.tickets
    left = tickets[tickets["organization_churned_at"].notna()]
    assert len(left) > 20
    assert (left["organization_churned_at"] > left["created_at"]).all()
    own = ["organization_id", "organization_name", "organization_tier", "organization_churned_at"]
    organizations = tickets[own].drop_duplicates()
    assert organizations["organization_id"].is_unique
    assert organizations["organization_name"].is_unique
