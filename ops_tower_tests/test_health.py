"""Status and doctor: what is seen, and what to do about what is not well."""

from pathlib import Path

from ops_tower.health import Finding, examine, summarise
from ops_tower.settings import Settings


def findings(home: Path, **settings: object) -> dict[str, Finding]:
    return {
        finding.name: finding
        for finding in examine(Settings.model_validate({"home": home, **settings}))
    }


def test_a_new_home_is_well_and_says_what_is_not_there_yet(tmp_path: Path) -> None:
    seen = findings(tmp_path / "new")
    assert all(finding.is_well for finding in seen.values())
    assert "will be made" in seen["home"].seen
    assert "ops-tower run" in seen["published"].seen


def test_a_corrupt_warehouse_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "ops.duckdb").write_bytes(b"not a database" * 1000)
    warehouse = findings(tmp_path)["warehouse"]
    assert not warehouse.is_well
    assert "set aside and built anew" in warehouse.advice


def test_a_corrupt_published_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "ops-a.duckdb").write_bytes(b"not a database" * 1000)
    (folder / "current").symlink_to("ops-a.duckdb")
    published = findings(tmp_path)["published"]
    assert not published.is_well
    assert "ops-a.duckdb" in published.advice


def test_an_event_log_that_is_not_there_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone.csv"
    source = findings(tmp_path, source="event-log", event_log=(gone,))["source"]
    assert not source.is_well
    assert str(gone) in source.advice


def test_status_of_an_empty_home_says_what_to_run(tmp_path: Path) -> None:
    assert summarise(Settings(home=tmp_path)) == [
        f"Nothing is published in {tmp_path}: run `ops-tower run`."
    ]
