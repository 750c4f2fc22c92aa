"""Published figures of two real desks."""

import pandas as pd
import pytest

from ops_tower.analysis.conformance import choose_path, conformance
from ops_tower.analysis.process_mining import transition_matrix, variants
from ops_tower_tests.analysis.real_logs import events, process_marts, real_log


@pytest.fixture(scope="module")
def helpdesk() -> tuple[pd.DataFrame, pd.DataFrame]:
    return process_marts(events(real_log("helpdesk")))


def test_helpdesks_auto_close_is_its_one_timer(
    helpdesk: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    matrix = transition_matrix(helpdesk[0])
    assert len(matrix) == 55
    assert matrix["transitions"].sum() == 16_768
    timers = matrix[matrix["is_timer"].astype(bool)]
    assert timers[["from_activity", "to_activity"]].to_numpy().tolist() == [
        ["Resolve ticket", "Closed"]
    ]
    assert timers["share_of_hours"].iloc[0] == pytest.approx(0.7155, abs=5e-5)
    assert timers["timer_evidence"].iloc[0].startswith("28.1% on 360.00 h, ")


def test_helpdesks_first_bottlenecks_are_those_published(
    helpdesk: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    ranked = transition_matrix(helpdesk[0]).dropna(subset="bottleneck_rank").head(3)
    assert ranked[["from_activity", "to_activity"]].to_numpy().tolist() == [
        ["Assign seriousness", "Take in charge ticket"],
        ["Take in charge ticket", "Resolve ticket"],
        ["Wait", "Resolve ticket"],
    ]
    shares = ranked["share_of_hours_without_timers"].tolist()
    assert shares == pytest.approx([0.292, 0.229, 0.168], abs=5e-4)
    assert ranked["transitions"].iloc[0] == 4160
    assert ranked["median_hours"].iloc[0] == pytest.approx(6.09, abs=5e-3)


def test_helpdesks_variants_are_those_published(
    helpdesk: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    result = variants(helpdesk[1])
    assert len(result) == 226
    assert result["cases"].sum() == 4580
    assert result["cases"].tolist()[:3] == [2366, 552, 228]
    assert result["cumulative_share"].iloc[-1] == 1.0


def test_helpdesk_is_measured_against_its_most_frequent_variant(
    helpdesk: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    matrix = transition_matrix(helpdesk[0])
    path = choose_path(helpdesk[1], matrix, ())
    result = conformance(helpdesk[1], matrix, path).measures.set_index("measure")["value"]
    assert result["judged_tickets"] == 4580
    assert result["conforming_share"] == pytest.approx(2366 / 4580)


def test_volvos_closed_problems_have_183_variants() -> None:
    transitions, histories = process_marts(events(real_log("bpic2013_closed")))
    assert len(variants(histories)) == 183
    assert histories["cases"].sum() == 1487
    assert transition_matrix(transitions)["transitions"].sum() == 6660 - 1487
