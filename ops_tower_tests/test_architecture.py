"""Who may import whom: the one-way flow, held by reading the imports."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted([*ROOT.glob("ops_tower/**/*.py"), *ROOT.glob("dashboard/**/*.py")])


def imported_names(path: Path) -> Iterator[str]:
    """Every module that `path` imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_under(folder: str) -> list[Path]:
    return [path for path in MODULES if path.is_relative_to(ROOT / folder)]


def imports(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in imported_names(path))


def test_the_layers_are_found_at_all() -> None:
    assert {"ops_tower/analysis", "ops_tower/sources", "ops_tower/defs", "dashboard"} <= {
        str(path.relative_to(ROOT).parent) for path in MODULES
    }


@pytest.mark.parametrize("package", ["dagster", "streamlit", "duckdb", "ops_tower.settings", "dbt"])
def test_analysis_knows_only_frames(package: str) -> None:
    assert not [path for path in modules_under("ops_tower/analysis") if imports(path, package)]


@pytest.mark.parametrize("package", ["dagster", "streamlit", "dbt"])
def test_sources_know_no_orchestrator_and_no_page(package: str) -> None:
    assert not [path for path in modules_under("ops_tower/sources") if imports(path, package)]


def test_nothing_outside_defs_imports_defs() -> None:
    outside = [path for path in MODULES if not path.is_relative_to(ROOT / "ops_tower/defs")]
    assert not [path for path in outside if imports(path, "ops_tower.defs")]


def test_the_dashboard_reads_the_published_file_and_never_the_pipeline() -> None:
    for package in ("dagster", "dbt", "ops_tower.sources", "ops_tower.warehouse"):
        assert not [path for path in modules_under("dashboard") if imports(path, package)]


def test_no_part_of_the_pipeline_reads_the_planted_truth() -> None:
    knowing = {
        str(path.relative_to(ROOT))
        for path in [*MODULES, *ROOT.glob("dbt_project/**/*.sql")]
        if re.search(r"truth\.json|TRUTH_FILE", path.read_text())
        and not path.is_relative_to(ROOT / "ops_tower/sources/simulator")
    }
    assert knowing == {"ops_tower/sources/contract.py", "ops_tower/sources/admission.py"}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if "os.environ.get" in path.read_text() or "os.getenv" in path.read_text()
    }
    # warehouse.py lends dbt its variables for one call and puts the old ones back.
    assert readers <= {"ops_tower/settings.py", "ops_tower/warehouse.py"}


def test_the_product_never_imports_the_oracle() -> None:
    assert not [path for path in MODULES if imports(path, "pm4py")]
