"""A change of attainment is split exactly into mix and rate."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_tower.analysis.changes import sla_change
from ops_tower_tests.analysis.marts import AS_OF, SLA, mart

BEFORE, NOW = pd.Timestamp("2025-12-23"), pd.Timestamp("2025-12-30")


def cell(date: pd.Timestamp, judged: int, met: int, **more: object) -> dict:
    return {"denominator": "ticket", "date": date, "judged": judged, "met": met, **more}


def change(*rows: dict) -> pd.DataFrame:
    return sla_change(mart(SLA, rows), AS_OF)


def test_the_same_tickets_treated_worse_are_a_rate_effect() -> None:
    result = change(cell(BEFORE, 100, 90), cell(NOW, 100, 70))
    assert result[["mix_effect", "rate_effect"]].iloc[0].tolist() == pytest.approx([0, -0.2])


def test_more_of_the_hard_tickets_treated_alike_are_a_mix_effect() -> None:
    result = change(
        cell(BEFORE, 90, 90),
        cell(BEFORE, 10, 5, priority="urgent"),
        cell(NOW, 60, 60),
        cell(NOW, 40, 20, priority="urgent"),
    )
    assert result["rate_effect"].tolist() == pytest.approx([0, 0])
    assert result["mix_effect"].sum() == pytest.approx(0.80 - 0.95)
    assert (result["mix_effect"] < 0).all()


def test_a_kind_of_ticket_that_is_new_is_all_mix() -> None:
    result = change(cell(BEFORE, 50, 40), cell(NOW, 50, 40), cell(NOW, 50, 10, priority="urgent"))
    urgent = result.set_index("priority").loc["urgent"]
    assert urgent["rate_effect"] == 0
    assert urgent["effect"] < 0
    assert pd.isna(urgent["attainment_before"])


def test_a_kind_of_ticket_that_is_gone_is_all_mix() -> None:
    result = change(
        cell(BEFORE, 50, 40), cell(BEFORE, 50, 10, priority="urgent"), cell(NOW, 50, 40)
    )
    urgent = result.set_index("priority").loc["urgent"]
    assert urgent["rate_effect"] == 0
    assert urgent["effect"] > 0
    assert pd.isna(urgent["attainment_now"])


def test_only_the_two_windows_and_tickets_as_denominator_count() -> None:
    rows = [cell(BEFORE, 100, 90), cell(NOW, 100, 70)]
    others = [
        cell(pd.Timestamp("2026-01-01"), 999, 0),  # the day of as-of is not over
        cell(pd.Timestamp("2025-12-28"), 999, 0),  # a Sunday, of neither
        cell(pd.Timestamp("2025-12-25"), 999, 0),  # Thursday: this week's is not over
        cell(pd.Timestamp("2025-12-21"), 999, 0),
        cell(NOW, 999, 0, denominator="target"),
    ]
    pd.testing.assert_frame_equal(change(*rows, *others), change(*rows))
    assert change(*rows)["first_day_now"].iloc[0] == pd.Timestamp("2025-12-29")


def test_a_window_without_judged_tickets_has_no_change() -> None:
    assert len(change(cell(NOW, 100, 70))) == 0
    assert len(change()) == 0


CELLS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from("ab"),
        st.sampled_from("xy"),
        st.integers(1, 99),
        st.floats(0, 1),
    ),
    min_size=1,
)


@given(CELLS)
def test_the_effects_sum_to_the_change_exactly(cells: list[tuple]) -> None:
    rows = [
        cell(NOW if is_now else BEFORE, n, round(n * share), group_name=group, priority=priority)
        for is_now, group, priority, n, share in cells
    ]
    rows += [cell(BEFORE, 10, 7), cell(NOW, 10, 6)]
    result = change(*rows)
    frame = mart(SLA, rows)
    rate = {date: own["met"].sum() / own["judged"].sum() for date, own in frame.groupby("date")}
    assert result["effect"].sum() == pytest.approx(rate[NOW] - rate[BEFORE], abs=1e-12)
    assert result["desk_now"].iloc[0] == pytest.approx(rate[NOW])
