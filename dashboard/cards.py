"""Rows of cards: a figure with its name, its meaning, how it moved, and its line.

Belongs here: the one piece of HTML that a row of them is. Does not belong here: what they show, and
how they look (`look`).

Streamlit draws six metrics with their lines from thirty parts, each laid out anew after every
click: half of what a browser does before new figures stand there (docs/decisions.md).
"""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

Tone = Literal["good", "bad", "plain"]
_MISSING: Final = "—"


@dataclass(frozen=True)
class Card:
    """A figure as it is printed.

    Args:
        label: its name.
        value: the figure; None is shown as a dash.
        meaning: what it counts, over what; shown on demand.
        change: how it moved, signed.
        tone: whether that is good.
        arrow: which way it moved; none if it hardly did.
        verdict: the same in a word, so that no one has to read it from a colour.
        picture: an SVG image.
        words: what the picture shows.
    """

    label: str
    value: str | None
    meaning: str = ""
    change: str | None = None
    tone: Tone = "plain"
    arrow: Literal["up", "down"] | None = None
    verdict: str = ""
    picture: str | None = None
    words: str = ""


def draw(*cards: Card, columns: int = 6, is_framed: bool = True) -> None:
    """Draw cards in a row, or in as many rows as a narrow place needs.

    Args:
        cards: from left to right.
        columns: how many stand beside each other at most.
        is_framed: whether each has a frame; within another frame it needs none.
    """
    st.html(as_html(cards, columns, "cards" if is_framed else "cards frameless"))


def as_html(cards: Sequence[Card], columns: int, classes: str) -> str:
    """Cards as a list of terms; nothing in them can be taken for markup."""
    drawn = "".join(_card(one) for one in cards)
    return f'<dl class="{classes}" style="--columns: {columns}">{drawn}</dl>'


def _card(card: Card) -> str:
    parts = [f"<dt>{_text(card.label)}"]
    if card.meaning:
        parts.append(f'<button type="button" aria-label="{_text(card.meaning)}">?</button>')
    value = _MISSING if card.value is None else card.value
    parts.append(f'</dt><dd class="value">{_text(value)}</dd>')
    if card.change or card.verdict:
        look = f"{card.tone} {card.arrow or ''}".strip()
        change = f'<span class="{look}">{_text(card.change)}</span>' if card.change else ""
        parts.append(f'<dd class="change">{change}{_text(card.verdict)}</dd>')
    if card.picture:
        parts.append(f"<dd>{_image(card.picture, card.words)}</dd>")
    return f"<div>{''.join(parts)}</div>"


def _image(picture: str, words: str) -> str:
    data = base64.b64encode(picture.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{_text(words)}"/>'


def _text(words: str) -> str:
    return html.escape(words)
