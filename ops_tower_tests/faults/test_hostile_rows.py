"""Bad rows and mutated files: what was read is accepted or refused, and an error is one line."""

import csv
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_tower.settings import Settings
from ops_tower.sources.errors import SourceError
from ops_tower.sources.landing import land
from ops_tower_tests.faults import mutations
from ops_tower_tests.faults.mutations import HEADER, TEXTS, TIMES
from ops_tower_tests.faults.scale import SCALE

ROWS = st.one_of(
    st.tuples(TEXTS, TEXTS, TIMES, TEXTS, TEXTS, TEXTS, TEXTS).map(list),
    st.lists(TEXTS, max_size=9),
)
BATCH = 500


def counted(folder: Path, log: Path) -> tuple[int, int, int]:
    """Land a log: rows that it says were read, and event rows accepted and refused."""
    chosen = Settings.model_validate(
        {"home": folder / "home", "source": "event-log", "event_log": (log,)}
    )
    land(chosen)
    with duckdb.connect() as connection:
        row = connection.execute(
            """
            select
              (select rows_read from read_parquet($raw || '/source_info.parquet')),
              (select count(*) from read_parquet($raw || '/ticket_events.parquet')),
              (select count(*) from read_parquet($raw || '/rejected.parquet')
               where table_name = 'ticket_events')
            """,
            {"raw": str(chosen.places.raw)},
        ).fetchone()
    assert row is not None
    return row


def holds(folder: Path, log: Path, rows: int | None = None) -> bool:
    """Whether the log was landed, after checking that nothing of it was lost or escaped."""
    try:
        read, accepted, refused = counted(folder, log)
    except SourceError as error:
        complaint = str(error)
    else:
        complaint = ""
    if complaint:
        assert "\n" not in complaint
        assert log.name in complaint
        return False
    assert accepted + refused == read
    assert rows is None or read == rows
    return True


def quietly(examples: int) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=checks
    )


def test_of_generated_bad_rows_each_is_accepted_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    seen = landed = 0

    @quietly(max(2, SCALE.rows // 25))
    @given(st.lists(ROWS, min_size=20, max_size=60))
    def check(rows: list[list[str]]) -> None:
        nonlocal seen, landed
        folder = tmp_path_factory.mktemp("rows")
        log = folder / "log.csv"
        with log.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(HEADER)
            writer.writerow(["1", "Opened", "2026-03-01 10:00:00", "Desk", "Ann", "1", "Hello"])
            writer.writerows(rows)
        # A row without any field is an empty line, which a CSV may have anywhere.
        landed += holds(folder, log, 1 + sum(bool(row) for row in rows))
        seen += len(rows)

    check()
    assert seen >= SCALE.rows
    assert landed, "no file was landed at all: these rows test nothing"
    print(f"{seen} rows")  # noqa: T201


def test_a_mutated_file_is_landed_whole_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    for kind in mutations.KINDS:
        form = replace(mutations.PLAIN, kind=kind)
        assert lands(tmp_path_factory, form, []), f"{kind} is to be sound before it is mutated"
    outcomes = []

    @quietly(SCALE.files)
    @given(mutations.FORMS, mutations.EDITED)
    def check(form: mutations.Form, edits: list[tuple[str, int, int, str]]) -> None:
        outcomes.append(lands(tmp_path_factory, form, edits))

    check()
    assert len(outcomes) >= SCALE.files
    assert sum(outcomes) >= len(outcomes) / 2, "most are refused outright: too much is broken"
    print(f"{len(outcomes)} files, {sum(outcomes)} landed")  # noqa: T201


def lands(
    folders: pytest.TempPathFactory,
    form: mutations.Form,
    edits: list[tuple[str, int, int, str]],
) -> bool:
    folder = folders.mktemp("mutated")
    log = folder / form.file_name
    log.write_bytes(form.write(mutations.mutated(edits)))
    return holds(folder, log)
