"""Chance: where every random number of the simulation comes from.

Belongs here: random streams by key, and ways to draw that more than one module uses.
Does not belong here: what a draw decides.
"""

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Stream(IntEnum):
    """Second word of every random key, so that no two purposes share a stream."""

    ARRIVALS = 0
    PLANTED_DAYS = 1
    AGENTS = 2
    SICKNESS = 3
    CHURN = 4


def random_stream(seed: int, stream: Stream, *key: int) -> np.random.Generator:
    """A random stream of its own for each seed, purpose and key (a day, a seat)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream, *key])))


def evenly_spread(random: np.random.Generator, size: int, columns: int) -> Floats:
    """Uniforms of shape (size, columns) in which each column covers 0 to 1 in even steps.

    Latin hypercube sampling: each ticket by itself is as random as ever, but a day of a hundred
    tickets holds its share of every type, instead of that share give or take a fifth. A desk of
    four specialists would otherwise be overworked in one seed and idle in the next.

    Source: McKay, Beckman and Conover, A comparison of three methods for selecting values of input
    variables, Technometrics 21 (1979).
    """
    strata = random.permuted(np.tile(np.arange(size)[:, None], columns), axis=0)
    return (strata + random.random((size, columns))) / max(size, 1)
