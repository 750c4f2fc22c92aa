"""The command line: run, look, serve.

Belongs here: flags, exit codes, and what a person reads on the terminal. Every flag becomes the
setting of the same name, in the environment, so that all parts of a run see the same values.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from ops_tower.settings import DAILY_JOB, PROJECT_ROOT, Settings

if TYPE_CHECKING:
    import dagster as dg

app = typer.Typer(
    help="A control tower for customer support.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Home = Annotated[Path | None, typer.Option(help="Folder that holds all data; default: data/.")]


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
        event_log=event_log and ",".join(str(path.resolve()) for path in event_log),
        columns=column and json.dumps(_columns(column)),
        time_zone=time_zone,
        end_activities=end_activity and json.dumps(end_activity),
    )
    failures = _execute(settings)
    if failures:
        for failure in failures:
            _err.print(failure, style="red", markup=False)
        _err.print("Nothing was published; what was published before is still there.")
        raise typer.Exit(1)
    _print_answers(settings)


@app.command()
def dashboard(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8501,
) -> None:
    """Serve the dashboard of what was published last."""
    _settings(home=home)
    folder = PROJECT_ROOT / "dashboard"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    raise typer.Exit(subprocess.run([*command, *options], cwd=folder, check=False).returncode)  # noqa: S603


@app.command()
def dagster(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Serve Dagster's user interface and run its daemon: the graph, its runs and the schedule."""
    from ops_tower.instance import prepare  # noqa: PLC0415, seconds to import

    places = _settings(home=home).places
    prepare(places.dagster)
    environment = {**os.environ, "DAGSTER_HOME": str(places.dagster)}
    command = [sys.executable, "-m", "dagster", "dev", "--workspace", "workspace.yaml"]
    options = ["--host", "127.0.0.1", "--port", str(port)]
    os.chdir(PROJECT_ROOT)
    os.execve(sys.executable, [*command, *options], environment)  # noqa: S606


@app.command()
def status(home: Home = None) -> None:
    """Say what is published, how old it is, and how the last runs went."""
    from ops_tower.health import summarise  # noqa: PLC0415, imports duckdb

    for line in summarise(_settings(home=home)):
        _out.print(line, markup=False)


@app.command()
def doctor(home: Home = None) -> None:
    """Look at everything that a run needs; exit 1 if something is not well."""
    from ops_tower.health import examine  # noqa: PLC0415, imports duckdb

    sick = 0
    for finding in examine(_settings(home=home)):
        mark = "[green]✓[/green]" if finding.is_well else "[red]✗[/red]"
        _out.print(f"{mark} {finding.name}: {escape(finding.seen)}")
        if not finding.is_well:
            sick += 1
            _out.print(f"    {finding.advice}", markup=False)
    raise typer.Exit(1 if sick else 0)


def _settings(**flags: object) -> Settings:
    """The settings after `flags`, which are put into the environment for all other readers."""
    for name, value in flags.items():
        if value is not None:
            os.environ[f"OPS_TOWER_{name.upper()}"] = str(value)
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "-".join(str(part) for part in problem["loc"][:1]).replace("_", "-")
            _err.print(f"--{name}: {problem['msg']} (given: {problem['input']})", style="red")
        raise typer.Exit(2) from None
    os.environ["OPS_TOWER_HOME"] = str(settings.home)
    return settings


def _columns(pairs: list[str]) -> dict[str, list[str]]:
    """`["activity=a", "activity=b"]` as `{"activity": ["a", "b"]}`."""
    roles: dict[str, list[str]] = {}
    for pair in pairs:
        role, equals, name = pair.partition("=")
        if not (role and equals and name):
            _err.print(f"--column {pair}: write ROLE=COLUMN, such as case=ticket_id.", style="red")
            raise typer.Exit(2)
        roles.setdefault(role, []).append(name)
    return roles


def _execute(settings: Settings) -> list[str]:
    """Run the job with Dagster's own record of it in the home; a line per failure."""
    from ops_tower.definitions import defs  # noqa: PLC0415, seconds to import
    from ops_tower.instance import open_instance  # noqa: PLC0415

    with open_instance(settings.places.dagster) as instance:
        job = defs().resolve_job_def(DAILY_JOB)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"progress": {}}},
        )
        return [] if result.success else list(_failures(result))


def _failures(result: "dg.ExecuteInProcessResult") -> list[str]:
    from ops_tower.failures import root_cause  # noqa: PLC0415

    return [
        f"{event.step_key}: {root_cause(event.step_failure_data.error)}"
        for event in result.all_events
        if event.is_step_failure and event.step_failure_data.error
    ]


def _print_answers(settings: Settings) -> None:
    from ops_tower.published import connect, current  # noqa: PLC0415, imports duckdb

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
    _out.print(
        f"{source}: {tickets:,} tickets, {events:,} events, as of {as_of:%Y-%m-%d %H:%M} UTC"
    )
    if refused:
        where = settings.places.raw / "rejected.parquet"
        _out.print(f"{refused:,} of {read:,} rows were refused: {where} says which and why")
    for question, answer in answers:
        _out.print(f"\n[bold]{question}[/bold]\n  {answer}")
    _out.print(f"\nPublished: {version}")
