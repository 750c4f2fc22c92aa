"""Every parameter as a commented TOML file: `python -m ops_tower_tests.sources.parameter_file`.

Belongs here: the way from the parameter models to TOML. The file is docs/desk.toml; a test holds it
to the models, so that the page of parameters can't grow stale.
"""

import json
import sys
import textwrap
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ops_tower.settings import PROJECT_ROOT
from ops_tower.sources.simulator import SimulatorParameters

FILE = PROJECT_ROOT / "docs/desk.toml"
AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC
WIDTH = 96
HEAD = """\
# Every parameter of the simulated desk, with its default. Copy the lines that you change into a
# file of your own, below the heading in brackets under which they stand here, and run
#
#     ops-tower run --parameters your-desk.toml
#
# What your file does not name keeps its default. --tickets, --seed and --as-of win over the file.
"""


def parameter_file() -> str:
    """The text of the file."""
    return HEAD + "\n".join(_section(SimulatorParameters(as_of=AS_OF), "", set()))


def _section(model: BaseModel, name: str, described: set[str]) -> list[str]:
    """Lines of a model: its own values, then its tables; nothing is described twice."""
    lines = [f"\n[{name}]"] if name else [""]
    inner: list[tuple[str, BaseModel]] = []
    for field, info in type(model).model_fields.items():
        value = getattr(model, field)
        if isinstance(value, BaseModel):
            inner.append((f"{name}.{field}".lstrip("."), value))
            continue
        about = info.description or _inherited(type(model), field)
        if about and f"{field}: {about}" not in described:
            described.add(f"{field}: {about}")
            lines += [f"# {line}" for line in textwrap.wrap(about, WIDTH)]
        shown = "# " if value is None or field == "as_of" else ""
        lines.append(f"{shown}{field} = {_toml(value)}")
    for path, value in inner:
        lines += _section(value, path, described)
    return lines if name else [*lines, ""]


def _inherited(model: type[BaseModel], field: str) -> str | None:
    """What the nearest ancestor says of a field that a model only gives another default."""
    for ancestor in model.__mro__:
        fields = getattr(ancestor, "model_fields", {})
        if field in fields and fields[field].description:
            return str(fields[field].description)
    return None


def _toml(value: Any) -> str:  # noqa: ANN401 - whatever a parameter holds
    if value is None:
        return "[]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, BaseModel):
        return _toml(dict(value))
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, tuple) else json.dumps(value)


def main(target: Path = FILE) -> None:
    """Write the file."""
    target.write_text(parameter_file(), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:]))
