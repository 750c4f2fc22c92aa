"""What a run says while it works: to people, a line per finished step; to machines, JSON lines.

The record with all metadata is Dagster's; this is the short of it.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import dagster as dg
from rich.console import Console
from rich.progress import Progress

from ops_tower.failures import printable
from ops_tower.settings import Settings

LOG_BYTES: Final = 5_000_000  # some twenty runs
LOG_FILES_KEPT: Final = 2

_console = Console(stderr=True, highlight=False)


class ProgressHandler(logging.Handler):
    """Prints a line when a step succeeds or fails, and what a step has to say."""

    def __init__(self) -> None:
        """Start with no step under way."""
        super().__init__()
        self._started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Print what a person wants to know of `record`, if anything."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None:
            if logging.INFO <= record.levelno <= logging.WARNING:
                message = getattr(record, "dagster_meta", {}).get("orig_message", record.msg)
                style = "yellow" if record.levelno == logging.WARNING else "dim"
                _console.print(f"    {printable(str(message))}", style=style, markup=False)
            return
        step = event.step_key or ""
        if event.event_type == dg.DagsterEventType.STEP_START:
            self._started[step] = record.created
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            seconds = record.created - self._started.pop(step, record.created)
            name = step.replace("__", "/")
            _console.print(f"  [green]✓[/green] {name} [dim]{seconds:.1f} s[/dim]")
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            _console.print(f"  [red]✗[/red] {step.replace('__', '/')}")


class JsonLines(logging.Formatter):
    """One JSON object per line and event, for log shippers."""

    def format(self, record: logging.LogRecord) -> str:
        """`record` with its run, its step and what Dagster calls the event; UTC throughout."""
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "run_id": meta.get("run_id"),
            "job": meta.get("job_name"),
            "step": event.step_key if event else meta.get("step_key"),
            "event": event.event_type_value if event else None,
            "message": meta.get("orig_message") or record.getMessage(),
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})


class LogFile(RotatingFileHandler):
    """The home's log, of bounded size; opened when there is something to write."""

    def __init__(self, path: Path) -> None:
        """Write to `path`, and keep `LOG_FILES_KEPT` full ones beside it."""
        super().__init__(
            path, maxBytes=LOG_BYTES, backupCount=LOG_FILES_KEPT, encoding="utf-8", delay=True
        )
        self.setFormatter(JsonLines())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the library's name
        """Go on: a run does not fail because its log cannot be written; what fails it says why."""

    def close(self) -> None:
        """Let go of the file, and of what a full disk left unwritten."""
        with suppress(OSError):
            super().close()


def open_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    """The job's logger: what the settings ask for on the terminal, and all of it in the home."""
    settings = Settings()
    logger = logging.getLogger("ops_tower.run")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    for handler in [*logger.handlers]:
        logger.removeHandler(handler)
        handler.close()
    if settings.log_format == "json":
        terminal: logging.Handler = logging.StreamHandler(sys.stderr)
        terminal.setFormatter(JsonLines())
        logger.addHandler(terminal)
    else:
        logger.addHandler(ProgressHandler())
    logger.addHandler(LogFile(settings.places.log))
    return logger


@contextmanager
def bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar for one long step, gone when it ends; nothing where no person is watching."""
    with Progress(console=_console, transient=True, disable=not _console.is_terminal) as progress:
        task = progress.add_task(f"  {title}", total=1.0)
        yield lambda share: progress.update(task, completed=share)
