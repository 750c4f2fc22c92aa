"""What the theme cannot say about how pages look, as one style sheet.

Belongs here: cards, charts on a phone, and what is drawn while a page is made anew. Does not belong
here: colours, which stand in the theme (`.streamlit/config.toml`) and are named here.
"""

import re
from functools import cache
from typing import Final

import streamlit as st

_SHEET: Final = """
.stHtml dl.cards {display: grid; gap: 1rem; margin: 0; padding: 0;
  --share: calc((100% - (var(--columns) - 1) * 1rem) / var(--columns));
  grid-template-columns: repeat(auto-fit, minmax(min(max(135px, var(--share)), 100%), 1fr))}
.cards > div {position: relative; display: flex; flex-direction: column; gap: 0.3rem;
  padding: 0.9rem 1rem; border: 1px solid <borderColor>; border-radius: 0.6rem}
.cards.frameless > div {padding: 0; border: 0}
.cards dt {display: flex; align-items: center; gap: 0.4rem; font-size: 0.875rem}
.cards dd {margin: 0; font-size: 0.875rem; color: <grayTextColor>}
.cards dd.value {color: inherit; font-size: 1.6rem; font-weight: 650; line-height: 1.25}
.cards dd.change span {margin-right: 0.4rem; padding: 0.1rem 0.45rem; border-radius: 1rem}
.cards .plain {color: <grayTextColor>; background: <grayBackgroundColor>}
.cards .good {color: <greenTextColor>; background: <greenBackgroundColor>}
.cards .bad {color: <redTextColor>; background: <redBackgroundColor>}
.cards .up::before {content: "↑ " / ""}
.cards .down::before {content: "↓ " / ""}
.cards img {display: block; width: 100%; margin-top: 0.3rem}
.cards button {width: 1.1rem; height: 1.1rem; padding: 0; flex: none; cursor: help;
  font: inherit; font-size: 0.7rem; line-height: 1; color: <grayTextColor>;
  background: none; border: 1px solid currentColor; border-radius: 50%}
.cards button:is(:hover, :focus)::after {content: attr(aria-label); position: absolute; z-index: 2;
  top: 2.4rem; left: -1px; right: -1px; padding: 0.6rem 0.8rem; font-size: 0.8rem;
  line-height: 1.4; text-align: left; color: <textColor>; background: <secondaryBackgroundColor>;
  border: 1px solid <borderColor>; border-radius: 0.6rem}
@media print {.cards button {display: none}}

/* A phone is too narrow for some charts: there they are moved sideways, like tables. */
@media (max-width: 640px) {
  [class*="st-key-wide_"] {overflow-x: auto}
  [class*="st-key-wide_"] > * {min-width: 720px}
}

/* Streamlit fades what a run has not drawn yet after half a second, and readies a layer for each
   part at every click. Pages take less than that, and a slow one shows that it runs. */
.stElementContainer[data-stale=true] {opacity: 1 !important; transition: none !important}
"""


@cache
def sheet() -> str:
    """The style sheet as HTML; a colour is both that of the light and that of the dark theme."""
    return f"<style>{re.sub('<([A-Za-z]+)>', _color, _SHEET)}</style>"


def _color(name: re.Match[str]) -> str:
    light, dark = (st.get_option(f"theme.{mode}.{name[1]}") for mode in ("light", "dark"))
    return f"light-dark({light}, {dark})"
