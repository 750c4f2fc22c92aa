"""Named desks: the default one, and others whose bottleneck stands elsewhere or nowhere.

Belongs here: parameters that differ from the defaults, nothing that computes.

Each preset moves staff, or work, until one group alone is offered about nine tenths of the work
that it can do; the others stay well below. An analysis that looks for the bottleneck can be marked
against all of them.
"""

from typing import Any, Final

from ops_tower.sources.errors import SourceError
from ops_tower.sources.simulator.parameters import SimulatorParameters

PRESETS: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "tier-1-bottleneck": {"tier_1": {"agents": 9.3}, "tier_2": {"agents": 6.0}},
    "tier-2-bottleneck": {},
    # Most of what the specialists get is the engineers' to solve.
    "engineering-bottleneck": {
        "tier_2": {"escalation_share": 0.6},
        "engineering": {"agents": 5.2},
    },
    "no-bottleneck": {"tier_2": {"agents": 6.0}},
}


def preset(name: str, **overrides: Any) -> SimulatorParameters:  # noqa: ANN401 - any field's type
    """The parameters of a named desk.

    Args:
        name: One of PRESETS.
        **overrides: Top-level fields of SimulatorParameters, such as `as_of`, which is required,
            `tickets` or `seed`.

    Raises:
        SourceError: There is no such preset, or a value is refused.
    """
    if name not in PRESETS:
        raise SourceError(f"There is no preset {name!r}; choose from {', '.join(PRESETS)}.")
    return SimulatorParameters.load(None, **(PRESETS[name] | overrides))
