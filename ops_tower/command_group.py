"""How the command line ends when something is wrong: one clear line, and never a traceback.

Belongs here: the last catch. Does not belong here: any command, or the words of a reason
(`failures`).
"""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from ops_tower.failures import explain, line
from ops_tower.settings import Settings

SECRETS = ("notify", "dagster_postgres_url")
INTERRUPTED = 130
MISUSED = 2


class OneLineGroup(TyperGroup):
    """The commands, with every error as one line on standard error and an exit code to match."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002, Typer's own signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Run the command that `args` name; as a program, end the process with its exit code."""
        try:
            code = super().main(
                args,
                prog_name,
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except (Abort, KeyboardInterrupt):
            code = _say("Interrupted.", INTERRUPTED)
        except TyperException as error:
            code = _say(_misuse(error), getattr(error, "exit_code", MISUSED))
        except Exception as error:  # noqa: BLE001, the last catch: nobody is left to raise to
            code = _say(_unexpected(error), 1)
        if not standalone_mode:
            return code
        sys.exit(code if isinstance(code, int) else 0)


def misuse_of_settings(error: ValidationError | SettingsError) -> list[str]:
    """A line for each setting without a usable value, by the name of its flag."""
    if isinstance(error, SettingsError):
        # Its message names the field in quotes; its cause says what is wrong with the JSON.
        field = str(error).split('"')[1::2][:1]
        return [f"{_flag(*field)}: write it as JSON ({error.__cause__})."]
    return [
        _complaint(problem["loc"], problem["msg"], problem["input"]) for problem in error.errors()
    ]


def _complaint(place: tuple[int | str, ...], message: str, given: object) -> str:
    names = [part for part in place if isinstance(part, str)]
    # A group of settings has no flag; its members are variables.
    name = _flag(*names) if len(names) == 1 else f"OPS_TOWER_{'__'.join(names).upper()}"
    shown = "" if names[0] in SECRETS else f" (given: {line(str(given))})"
    return f"{name}: {message.removeprefix('Value error, ')}{shown}"


def _flag(*name: int | str) -> str:
    return "--" + "-".join(map(str, name)).replace("_", "-")


def _misuse(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "ops-tower"
    said = getattr(error, "format_message", error.__str__)()
    if not said.strip() or type(error).__name__ == "NoArgsIsHelpError":
        return str(said) or str(error)
    return f"{line(str(said)).rstrip('.')}. See {command} --help."


def _unexpected(error: BaseException) -> str:
    """What went wrong, and where the details are: a person who reports it is asked for them."""
    details = "".join(traceback.format_exception(error))
    for folder in (_home(), Path(gettempdir())):
        try:
            path = folder / "ops-tower-error.log"
            path.write_text(details, encoding="utf-8")
        except OSError:
            continue
        return f"{explain(error)} (details: {path})"
    return explain(error)


def _home() -> Path:
    try:
        return Settings().home
    except (ValidationError, SettingsError):
        return Path(gettempdir())


def _say(text: str, code: int) -> int:
    sys.stderr.write(text + "\n")
    return code
