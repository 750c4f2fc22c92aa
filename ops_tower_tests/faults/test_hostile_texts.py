"""Texts that are SQL, HTML, formulas or a megabyte long are shown as text, and nothing runs."""

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from ops_tower import as_text
from ops_tower.failures import LONGEST_LINE, line, printable
from ops_tower.settings import Settings
from ops_tower.sources.errors import SourceError
from ops_tower_tests.faults.test_hostile_rows import counted


@pytest.mark.parametrize(
    "text", ["=cmd()", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"]
)
def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    frame = pd.DataFrame({"subject": [text, "plain", None], "figure": [-1, 2, -3]})
    safe = as_text.spreadsheet(frame)
    assert safe["subject"].tolist() == [f"'{text}", "plain", None]
    assert safe["figure"].tolist() == [-1, 2, -3]
    matrix = as_text.spreadsheet(pd.DataFrame({text: [1], "plain": [2]}))
    assert matrix.columns.tolist() == [f"'{text}", "plain"]
    indexed = as_text.spreadsheet(frame.head(1).set_index("subject"))
    assert indexed.index.tolist() == [f"'{text}"]
    assert indexed.index.name == "subject"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](http://h/p.png)", r"!\[x\](http://h/p.png)"),
        ("<script>", r"\<script>"),
        ("$x$ costs *much*", r"\$x\$ costs \*much\*"),
        ("a\n\n# b", "a # b"),
        ("# heading", r"\# heading"),
        ("few_rows _are_", r"few_rows \_are\_"),
        (":red[x]", r":red\[x\]"),
    ],
)
def test_markdown_makes_nothing_of_a_text(text: str, shown: str) -> None:
    assert as_text.markdown(text) == shown


def test_a_message_is_one_line_without_control_characters() -> None:
    assert (
        printable("\x1b]0;title\x07")
        == "\N{REPLACEMENT CHARACTER}]0;title\N{REPLACEMENT CHARACTER}"
    )
    assert len(line("x\n" * 1_000_000)) <= LONGEST_LINE + 2


def landed(folder: Path, name: str, content: bytes) -> tuple[int, int, int]:
    log = folder / name
    log.write_bytes(content)
    return counted(folder, log)


BOMB = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<log><trace><string key="concept:name" value="&b;"/></trace></log>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<log><trace><string key="concept:name" value="x"/>&a;</trace></log>"""


@pytest.mark.parametrize("document", [BOMB, OUTSIDE])
def test_an_xes_file_with_entities_is_refused(tmp_path: Path, document: str) -> None:
    with pytest.raises(SourceError, match="remove its DOCTYPE"):
        landed(tmp_path, "log.xes", document.encode())


def test_a_gzip_file_that_swells_beyond_measure_is_let_go(tmp_path: Path) -> None:
    row = b"1,Opened,2026-03-01 10:00:00\n"
    swollen = b"case_id,activity,timestamp\n" + row * (300_000_000 // len(row))
    with pytest.raises(SourceError, match="times its size"):
        landed(tmp_path, "log.csv.gz", gzip.compress(swollen, 9))


def test_a_name_of_a_megabyte_is_refused_and_a_subject_is_kept(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    rows = [
        "case_id,activity,timestamp,subject",
        f"1,Opened,2026-03-01 10:00:00,{long}",
        f"1,{long},2026-03-01 11:00:00,",
    ]
    assert landed(tmp_path, "log.csv", "\n".join(rows).encode()) == (2, 1, 1)
    raw = tmp_path / "home" / "raw"
    assert pq.read_table(raw / "tickets.parquet")["subject"][0].as_py() == long
    (refused,) = pq.read_table(raw / "rejected.parquet").to_pylist()
    assert refused["rule"] == "activity_too_long"
    assert len(refused["reason"]) < 200
    assert long in refused["row_json"]


def test_a_file_name_that_is_a_pattern_reads_that_file_alone(tmp_path: Path) -> None:
    for name, cases in (("a*.parquet", ["1"]), ("ab.parquet", ["2", "3"])):
        rows = {"case_id": cases, "activity": "x", "timestamp": "2026-03-01 10:00:00"}
        frame = pd.DataFrame(rows)
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), tmp_path / name)
    assert counted(tmp_path, tmp_path / "a*.parquet") == (1, 1, 0)


@pytest.mark.parametrize("name", ["a*b", "a'b", "{{ a }}", "a[b]"])
def test_a_home_whose_name_is_a_pattern_or_holds_quotes_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ValidationError, match="choose another"):
        Settings.model_validate({"home": tmp_path / name})
