"""A reader that reopens the published file without pause, as twenty dashboards would.

Run as a program: `python -m ops_tower_tests.faults.reader HOME STOP`; it ends when the file STOP is
there and prints what it read of each version, how many pages it loaded, and what went wrong.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ops_tower.published import connect, current


def load_page(home: Path, held: dict[Path, Any]) -> tuple[str, str]:
    """One page load: resolve once, and read every table to its last row.

    Some connections are kept open for a while, as a cache does: in one process an old connection
    must not make a new version look old.

    Returns:
        The version's name and a digest of all that it holds.
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
        read = [
            cursor.execute(f'select sum(hash(t)) from {schema}."{table}" as t').fetchall()
            for schema, table in tables
        ]
        ((run_id,),) = cursor.execute("select run_id from analysis.run_info").fetchall()
    if version.name != f"ops-{run_id}.duckdb":
        raise LookupError(f"{version.name} speaks of {run_id}")
    return version.name, str(read)


def main() -> None:
    """Read until told to stop."""
    home, stop = map(Path, sys.argv[1:])
    os.nice(19)  # twenty of these would leave the publisher no time on a small machine
    held: dict[Path, Any] = {}
    pages, read, errors = 0, dict[str, set[str]](), list[str]()
    while not stop.exists():
        try:
            version, digest = load_page(home, held)
            read.setdefault(version, set()).add(digest)
            pages += 1
        except Exception as error:  # noqa: BLE001, every kind is counted
            errors.append(f"{type(error).__name__}: {error}")
    told = {version: sorted(digests) for version, digests in read.items()}
    sys.stdout.write(json.dumps({"pages": pages, "read": told, "errors": errors}))


if __name__ == "__main__":
    main()
