"""Cards: what their HTML says, and how it looks."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import look
import pytest
from cards import Card, as_html

from ops_tower.analysis import measures
from ops_tower_tests.dashboard.conftest import Start, Visit

HOSTILE = "<img src=x onerror=\"pwned()\"> & 'A'"


def test_nothing_in_a_card_becomes_markup() -> None:
    card = Card(
        *(HOSTILE, HOSTILE, HOSTILE, HOSTILE), verdict=HOSTILE, picture="<svg/>", words=HOSTILE
    )
    (drawn,) = ET.fromstring(as_html([card], 6, "cards"))  # noqa: S314  (what we made ourselves)
    assert [part.tag for part in drawn.iter()] == [
        *("div", "dt", "button", "dd", "dd", "span", "dd", "img")
    ]
    shown = [drawn.findtext("dt"), drawn.findtext("dd"), drawn.findtext("dd/span")]
    assert shown == [HOSTILE] * 3
    assert [one.get(name) for one in drawn.iter() for name in ("aria-label", "alt")].count(
        HOSTILE
    ) == 2


def test_a_figure_that_is_not_there_is_a_dash_and_nothing_else_is_drawn() -> None:
    (drawn,) = ET.fromstring(as_html([Card("Lead", None)], 6, "cards"))  # noqa: S314
    assert [(part.tag, part.text) for part in drawn] == [("dt", "Lead"), ("dd", "—")]


def test_a_change_looks_good_or_bad_by_its_measure_and_flat_ones_have_no_arrow(
    start: Start,
) -> None:
    (drawn,) = (piece.value for piece in start().html if piece.value.startswith("<dl"))
    looks = re.findall(r'<span class="([a-z ]+)">([^<]+)</span>([a-z]*)', drawn)
    assert looks == [
        ("plain up", "+28.6%", "more"),
        ("bad down", "-6.6 pts", "worse"),
        ("good down", "-11.5%", "better"),
        ("plain", "+0.0%", "steady"),
        ("good down", "-11.5%", "better"),
        ("plain", "+0.00", "steady"),
    ]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_meaning_shows_to_a_pointer_and_to_a_keyboard(
    visit: Callable[..., Visit], address: str, mode: str
) -> None:
    reader = visit(mode, 390)
    reader.open(address)
    button = reader.page.locator(".cards button").first
    after = "button => getComputedStyle(button, '::after').content"
    assert button.evaluate(after) == "none"
    button.focus()
    assert button.evaluate(after) == f'"{measures.VOLUME.definition}"'
    reader.page.locator("h1").click()
    assert button.evaluate(after) == "none"
    button.hover()
    assert button.evaluate(after) == f'"{measures.VOLUME.definition}"'
    assert not reader.errors


def test_colours_are_those_of_the_theme_in_either_mode(
    visit: Callable[..., Visit], address: str
) -> None:
    shown = {}
    for mode in ("light", "dark"):
        reader = visit(mode)
        reader.open(address)
        bad = reader.page.locator(".cards .bad").first
        shown[mode] = bad.evaluate("change => getComputedStyle(change).color")
    assert shown == {"light": "rgb(154, 53, 8)", "dark": "rgb(255, 180, 138)"}
    (sheet,) = (
        text for text in reader.page.locator("style").all_text_contents() if "dl.cards" in text
    )
    colours = re.findall(r"light-dark\((.*?)\)", sheet)
    assert len(colours) == look.sheet().count("light-dark(")
    assert [one for one in colours if not re.fullmatch("#[0-9A-F]{6}, #[0-9A-F]{6}", one)] == []
