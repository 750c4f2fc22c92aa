"""The list of mutations fits the project as it stands; `make mutations` tries them."""

import shutil
from pathlib import Path

import pytest

from ops_tower_tests.dbt import test_sla_parity
from ops_tower_tests.dbt.mutations import MUTATIONS, PARITY, Mutation, break_rule
from ops_tower_tests.dbt.random_desk import PROJECT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_a_mutation_changes_the_rule_and_names_a_test_that_there_is(
    mutation: Mutation, tmp_path: Path
) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "broken")
    break_rule(mutation, project)
    assert (project / mutation.file).read_text() != (PROJECT / mutation.file).read_text()

    unit_tests = "".join(path.read_text() for path in PROJECT.glob("models/*/*.yml"))
    names = {test.__name__ for test in PARITY if hasattr(test_sla_parity, test.__name__)}
    assert mutation.caught_by in names or f"  - name: {mutation.caught_by}\n" in unit_tests


def test_each_rule_is_broken_once() -> None:
    assert len({mutation.rule for mutation in MUTATIONS}) == len(MUTATIONS) >= 10
