"""Runs that the dashboard is asked for: the first one of an empty home, and the record of the last.

Belongs here: starting the command line as a process of its own, and reading what it said. Does not
belong here: anything that a run does; a page never builds figures itself.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import streamlit as st

LOG: Final = "first-run.log"
_COMMAND: Final = [sys.executable, "-c", "from ops_tower.cli import app; app()"]


@st.cache_resource(show_spinner=False)
def _processes() -> dict[Path, subprocess.Popen[bytes]]:
    return {}


def start(home: Path) -> None:
    """Start the first run of a home in the background, unless one of ours is still going."""
    if is_running(home):
        return
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOG).open("wb") as log:
        _processes()[home] = subprocess.Popen(  # noqa: S603  (our own command, no shell)
            [*_COMMAND, "run", "--home", str(home)], stdout=log, stderr=subprocess.STDOUT
        )


def is_running(home: Path) -> bool:
    """Whether a run that this server started is still going."""
    process = _processes().get(home)
    return process is not None and process.poll() is None


def has_failed(home: Path) -> bool:
    """Whether the run that this server started last has ended without success."""
    process = _processes().get(home)
    return process is not None and process.poll() not in (None, 0)


def said(home: Path, lines: int = 12) -> str:
    """The last lines that the first run has said."""
    path = home / LOG
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def status(home: Path) -> str:
    """What `ops-tower status` says of the home: versions, last runs, checks that failed."""
    result = subprocess.run(  # noqa: S603  (our own command, no shell)
        [*_COMMAND, "status", "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return (result.stdout + result.stderr).strip()
