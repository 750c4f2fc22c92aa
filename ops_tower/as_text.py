"""Words of the data where something else is spoken: as text, never as markup or as a formula.

Subjects, names of groups and activities are written by anybody. Belongs here: one rule per language
in which they are shown. Does not belong here: SQL, where values are bound, and the terminal
(`failures.printable`).
"""

import re
from typing import Final

import pandas as pd

_MARKS: Final = re.compile(r"([\\`*~$\[\]<]|_(?!\w)|(?<!\w)_)|^([#>=+-])")
_FORMULA: Final = re.compile(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")


def markdown(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown would make into something else.

    No link, no picture (which a reader's browser would fetch from elsewhere), no formula, no HTML.
    """
    return _MARKS.sub(r"\\\1\2", " ".join(text.split()))


def spreadsheet(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its texts such that a spreadsheet that opens it as CSV computes none of them.

    Excel and others run what begins with `=`, `+`, `-`, `@` or a control character, which may call
    programs or send cells away. An apostrophe in front makes it text, as OWASP advises. So it is
    with names of columns, which are activities in a matrix. Figures stay figures.
    """
    texts = frame.select_dtypes(["object", "string", "category"])
    index = frame.index
    if index.name is not None and not pd.api.types.is_numeric_dtype(index):
        index = index.map(_inert)
    safe = frame.assign(**{str(name): texts[name].map(_inert) for name in texts})
    return safe.set_axis(index).rename(columns=_inert)


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.search(value) else value
