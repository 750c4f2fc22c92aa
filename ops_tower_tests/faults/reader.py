"""A reader that reopens the published file without pause, as twenty dashboards would.

Run as a program: `python -m ops_tower_tests.faults.reader HOME STOP`; it ends when the file STOP is
there and prints how many pages it loaded, of how many versions, and what went wrong.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ops_tower.published import connect, current


def load_page(home: Path, held: dict[Path, Any]) -> str:
    """One page load: resolve once, read every table, and see that all speak of one run.

    Some connections are kept open for a while, as a cache does: in one process an old connection
    must not make a new version look old.
    """
    version = current(home)
    if version is None:
        raise LookupError("nothing is published")
    connection = held.get(version)
    if connection is None:
        connection = held[version] = connect(version)
        for old in list(held)[:-3]:
            held.pop(old).close()
    with connection.cursor() as cursor:
        tables = cursor.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
        found = {
            stamp
            for schema, table in tables
            for (stamp,) in cursor.execute(
                f'select distinct published_as from {schema}."{table}"'
            ).fetchall()
        }
    if found != {version.stem.removeprefix("ops-")}:
        raise LookupError(f"{version.name} speaks of {sorted(found)}")
    return version.name


def main() -> None:
    """Read until told to stop."""
    home, stop = map(Path, sys.argv[1:])
    os.nice(19)  # twenty of these would leave the publisher no time on a small machine
    held: dict[Path, Any] = {}
    pages, versions, errors = 0, set[str](), list[str]()
    while not stop.exists():
        try:
            versions.add(load_page(home, held))
            pages += 1
        except Exception as error:  # noqa: BLE001, every kind is counted
            errors.append(f"{type(error).__name__}: {error}")
    sys.stdout.write(json.dumps({"pages": pages, "versions": len(versions), "errors": errors}))


if __name__ == "__main__":
    main()
