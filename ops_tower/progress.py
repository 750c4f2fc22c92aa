"""What a run says on the terminal while it works: one line per finished step, and its notes.

The full log, each event with its metadata, is Dagster's; this is the short of it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg
from rich.console import Console
from rich.progress import Progress

from ops_tower.failures import printable

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


def open_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    """The logger that the command line asks for; one handler, however many runs."""
    logger = logging.getLogger("ops_tower.run")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(ProgressHandler())
    return logger


@contextmanager
def bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar for one long step, gone when it ends; nothing where no person is watching."""
    with Progress(console=_console, transient=True, disable=not _console.is_terminal) as progress:
        task = progress.add_task(f"  {title}", total=1.0)
        yield lambda share: progress.update(task, completed=share)
