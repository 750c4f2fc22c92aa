"""`reports/`: written reports as files, for mail, wiki and paper.

Belongs here: their names and that a reader never meets half a file. Does not belong here: what
they say (`analysis.brief`).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

ENDINGS: Final = {"markdown": ".md", "html": ".html"}


def brief_file(folder: Path, as_of: datetime, form: str) -> Path:
    """Where the brief of the data's day lies; `form` is a key of `ENDINGS`."""
    return folder / f"monday-brief-{as_of:%Y-%m-%d}{ENDINGS[form]}"


def write_brief(folder: Path, as_of: datetime, texts: Mapping[str, str]) -> list[Path]:
    """Write the brief in each form; the same day's is replaced, those of other days stay.

    Returns:
        The files, in the order of `texts`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for form, text in texts.items():
        path = brief_file(folder, as_of, form)
        unfinished = path.with_name(f".{path.name}.unfinished")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
        files.append(path)
    return files
