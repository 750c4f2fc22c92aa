"""The command line: run, look, serve.

Belongs here: flags, exit codes, and what a person reads on the terminal. Every flag becomes the
setting of the same name, in the environment, so that all parts of a run see the same values.
"""

import gc
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape

from ops_tower.command_group import OneLineGroup, misuse_of_settings
from ops_tower.failures import line, printable
from ops_tower.settings import DAILY_JOB, PROJECT_ROOT, Settings, unknown_variables

app = typer.Typer(
    cls=OneLineGroup,
    help="A control tower for customer support.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

LOOPBACK = "127.0.0.1"
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
Address = Annotated[
    str, typer.Option(help="Address to listen on; beyond this machine, put a login in front.")
]
Home = Annotated[str | None, typer.Option(help="Folder that holds all data; default: data/.")]


@app.command()
def run(  # noqa: PLR0913, PLR0917, one parameter per flag
    home: Home = None,
    source: Annotated[str | None, typer.Option(help="simulator or event-log.")] = None,
    tickets: Annotated[int | None, typer.Option(help="Simulator: tickets in a year.")] = None,
    seed: Annotated[int | None, typer.Option(help="Simulator: seed.")] = None,
    parameters: Annotated[Path | None, typer.Option(help="Simulator: TOML file.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The data's now, as a date or time.")] = None,
    event_log: Annotated[
        list[Path] | None, typer.Option(help="XES, CSV or Parquet file; may be repeated.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="ROLE=COLUMN, such as case=id; repeat a role to join its columns."),
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="Zone of times that name none.")] = None,
    end_activity: Annotated[
        list[str] | None, typer.Option(help="Activity that closes a case; may be repeated.")
    ] = None,
) -> None:
    """Run the whole graph in this process and say the five answers."""
    settings = _settings(
        home=home,
        source=source or ("event-log" if event_log else None),
        tickets=tickets,
        seed=seed,
        parameters=parameters and parameters.resolve(),
        as_of=as_of,
        event_log=event_log and json.dumps([str(path.resolve()) for path in event_log]),
        columns=column and json.dumps(_columns(column)),
        time_zone=time_zone,
        end_activities=end_activity and json.dumps(end_activity),
    )
    for sentence in unknown_variables():
        _err.print(line(sentence), style="yellow", markup=False)
    failures = _execute(settings)
    if failures:
        for failure in failures:
            _err.print(failure, style="red", markup=False)
        _err.print("Nothing was published; what was published before is still there.")
        raise typer.Exit(1)
    _print_answers(settings)


@app.command()
def dashboard(home: Home = None, port: Port = 8501, address: Address = LOOPBACK) -> None:
    """Serve the dashboard of what was published last."""
    _settings(home=home)
    _require_free(address, port)
    folder = PROJECT_ROOT / "dashboard"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = [f"--server.address={address}", f"--server.port={port}", "--server.headless=true"]
    raise typer.Exit(subprocess.run([*command, *options], cwd=folder, check=False).returncode)  # noqa: S603


@app.command()
def dagster(home: Home = None, port: Port = 3000, address: Address = LOOPBACK) -> None:
    """Serve Dagster's user interface and run its daemon: the graph, its runs and the schedule."""
    from ops_tower.instance import prepare  # noqa: PLC0415, seconds to import

    settings = _settings(home=home)
    _require_free(address, port)
    environment = {**os.environ, "DAGSTER_HOME": str(prepare(settings))}
    command = [sys.executable, "-m", "dagster", "dev", "--workspace", "workspace.yaml"]
    options = ["--host", address, "--port", str(port)]
    os.chdir(PROJECT_ROOT)
    os.execve(sys.executable, [*command, *options], environment)  # noqa: S606


@app.command()
def prepare(home: Home = None) -> None:
    """Make the home's Dagster folder ready for services that start Dagster's own programs."""
    from ops_tower import instance  # noqa: PLC0415, seconds to import

    _say(f"DAGSTER_HOME={instance.prepare(_settings(home=home))}")


@app.command()
def status(home: Home = None) -> None:
    """Say what is published, how old it is, and how the last runs went."""
    from ops_tower.health import summarise  # noqa: PLC0415, imports duckdb

    for text in summarise(_settings(home=home)):
        _say(text)


@app.command()
def doctor(home: Home = None) -> None:
    """Look at everything that a run needs; exit 1 if something is not well."""
    from ops_tower.health import examine  # noqa: PLC0415, imports duckdb

    sick = 0
    for finding in examine(_settings(home=home)):
        mark = "[green]✓[/green]" if finding.is_well else "[red]✗[/red]"
        _out.print(f"{mark} {finding.name}: {escape(printable(finding.seen))}")
        if not finding.is_well:
            sick += 1
            _say(f"    {finding.advice}")
    raise typer.Exit(1 if sick else 0)


def _settings(**flags: object) -> Settings:
    """The settings after `flags`, which are put into the environment for all other readers."""
    for name, value in flags.items():
        if value is not None:
            os.environ[f"OPS_TOWER_{name.upper()}"] = str(value)
    try:
        settings = Settings()
    except (ValidationError, SettingsError) as error:
        for misuse in misuse_of_settings(error):
            _err.print(misuse, style="red", markup=False)
        raise typer.Exit(2) from None
    os.environ["OPS_TOWER_HOME"] = str(settings.home)
    return settings


def _require_free(address: str, port: int) -> None:
    """Say now what a server would say only after seconds, and at length."""
    try:
        with socket.create_server((address, port)):
            return
    except OSError as error:
        text = line(f"Cannot listen on {address}:{port} ({error.strerror or error}).")
        _err.print(f"{text} Choose another with --port or --address.", style="red", markup=False)
    raise typer.Exit(2)


def _columns(pairs: list[str]) -> dict[str, list[str]]:
    """`["activity=a", "activity=b"]` as `{"activity": ["a", "b"]}`."""
    roles: dict[str, list[str]] = {}
    for pair in pairs:
        role, equals, name = pair.partition("=")
        if not (role and equals and name):
            text = line(f"--column {pair}: write ROLE=COLUMN, such as case=ticket_id.")
            _err.print(text, style="red", markup=False)
            raise typer.Exit(2)
        roles.setdefault(role, []).append(name)
    return roles


def _execute(settings: Settings) -> list[str]:
    """Run the job with Dagster's own record of it in the home; a line per failure."""
    from ops_tower.definitions import defs  # noqa: PLC0415, seconds to import
    from ops_tower.instance import open_instance  # noqa: PLC0415
    from ops_tower.outcome import reasons  # noqa: PLC0415

    with open_instance(settings) as instance:
        job = defs().resolve_job_def(DAILY_JOB)
        # All this stays to the end: looking through it for garbage again and again costs seconds.
        gc.freeze()
        try:
            result = job.execute_in_process(instance=instance, raise_on_error=False)
        finally:
            gc.unfreeze()
        if result.success:
            return []
        return reasons(result.all_events) or ["The run failed without saying why."]


def _print_answers(settings: Settings) -> None:
    from ops_tower.analysis.words import counted  # noqa: PLC0415, imports pandas
    from ops_tower.published import connect, current  # noqa: PLC0415, imports duckdb
    from ops_tower.reports import brief_file  # noqa: PLC0415

    version = current(settings.home)
    if version is None:
        raise RuntimeError("The run succeeded without a published file: this is a bug.")
    with connect(version) as connection:
        answers = connection.execute(
            "select question, answer from analysis.answers order by rank"
        ).fetchall()
        source, as_of, tickets, events, read, refused = connection.execute(
            """
            select source, as_of, tickets, events, rows_read, rows_rejected
            from marts.mart_source
            """
        ).fetchall()[0]
    _out.print()
    _say(
        f"{source}: {counted(tickets, 'ticket')}, {counted(events, 'event')}, "
        f"as of {as_of:%Y-%m-%d %H:%M} UTC"
    )
    if refused:
        where = settings.places.raw / "rejected.parquet"
        _say(f"{refused:,} of {read:,} rows were refused: {where} says which and why")
    for question, answer in answers:
        _out.print(f"\n[bold]{question}[/bold]")
        _say(f"  {answer}")
    _say(f"\nMonday brief: {brief_file(settings.places.reports, as_of, 'html')}")
    _say(f"Published: {version}")


def _say(text: str) -> None:
    """Print what holds words of the data: nothing in it is markup, nor steers the terminal."""
    _out.print(printable(text), markup=False)
