"""Bad rows and mutated files: what was read is accepted or refused, and an error is one line."""

import csv
import gzip
import io
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_tower.settings import Settings
from ops_tower.sources.errors import SourceError
from ops_tower.sources.landing import land
from ops_tower_tests.faults.scale import SCALE

HEADER = ["case_id", "activity", "timestamp", "group", "resource", "event_id", "subject"]
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "\x00", "NULL", "=cmd()", "a\nb", '"', "'; drop table events; --", "x" * 600]
    ),
)
TIMES = st.one_of(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)).map(str),  # noqa: DTZ001
    st.sampled_from(["2026-03-01 10:00:00", "2026-03-01T10:00:00Z", "31/12/2026", "1767225600"]),
    TEXTS,
)
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


def sound_csv() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for case in range(30):
        for step, activity in enumerate(("Opened", "Answered", 'Said "no", twice', "Closed")):
            at = f"2026-03-{case % 28 + 1:02} {8 + step:02}:00:00"
            writer.writerow([case, activity, at, "Désk", "Ann", case * 10 + step, "a\nb"])
    return out.getvalue().encode()


def sound_xes() -> bytes:
    events = "".join(
        f'<event><string key="concept:name" value="step {step}"/>'
        f'<date key="time:timestamp" value="2026-03-01T0{step}:00:00Z"/></event>'
        for step in range(5)
    )
    trace = f'<trace><string key="concept:name" value="a &amp; b"/>{events}</trace>'
    return f"<?xml version='1.0'?><log>{trace * 10}</log>".encode()


def sound_parquet(folder: Path) -> bytes:
    path = folder / "sound.parquet"
    (folder / "sound.csv").write_bytes(sound_csv())
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from read_csv('{folder / 'sound.csv'}', all_varchar = true)) to '{path}'"
        )
    return path.read_bytes()


def test_a_mutated_file_is_landed_whole_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    base = tmp_path_factory.mktemp("sound")
    sound = {
        "log.csv": sound_csv(),
        "log.xes": sound_xes(),
        "log.parquet": sound_parquet(base),
        "log.csv.gz": gzip.compress(sound_csv()),
        "log.xes.gz": gzip.compress(sound_xes()),
    }
    for name, content in sound.items():
        (base / name).write_bytes(content)
        assert holds(base, base / name), f"{name} is to be sound before it is mutated"
    outcomes = []

    @quietly(SCALE.files)
    @given(
        st.sampled_from(sorted(sound)),
        st.lists(
            st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 60)),
            min_size=1,
            max_size=6,
        ),
        st.floats(0.2, 1),
    )
    def check(name: str, edits: list[tuple[float, bytes, int]], kept: float) -> None:
        content = bytearray(sound[name])
        for place, inserted, removed in edits:
            at = int(place * len(content))
            content[at : at + removed] = inserted
        folder = tmp_path_factory.mktemp("mutated")
        log = folder / name
        log.write_bytes(content[: max(1, int(kept * len(content)))])
        outcomes.append(holds(folder, log))

    check()
    assert len(outcomes) >= SCALE.files
    print(f"{len(outcomes)} files, {sum(outcomes)} landed")  # noqa: T201
