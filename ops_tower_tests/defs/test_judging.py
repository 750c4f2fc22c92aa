"""Verdicts as Dagster keeps them."""

import dagster as dg
import numpy as np

from ops_tower.analysis.audit import Verdict
from ops_tower.defs.judging import answer
from ops_tower.settings import Limit


def test_a_truth_of_numpy_is_an_answer_too() -> None:
    verdict = Verdict(np.bool_(1), "Well.", {})  # type: ignore[arg-type]
    result = answer(verdict, Limit(1, "error"), dg.AssetKey("a"), "b")
    assert result.passed is True
