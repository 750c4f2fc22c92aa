"""Every limit that turns a figure into a judgement, in one place.

Belongs here: targets, ages and counts at which a page changes its colour or its words. Does not
belong here: colours (the theme has them) and the words themselves.
"""

from datetime import timedelta
from typing import Final

SLA_TARGETS: Final = {"urgent": 0.95, "high": 0.92, "normal": 0.90, "low": 0.85}
"""Share of judged tickets that should meet all their targets; as in the warehouse's seed."""

CSAT_TARGET: Final = 4.0
"""Mean score that customers should give, on the scale from 1 to 5."""

NOISE: Final = {"share": 0.005, "score": 0.05}
"""Changes below half a point of a share, or a twentieth of a score point, are called none."""

RELATIVE_NOISE: Final = 0.01
"""The same for everything that changes in percent."""

FRESH_FOR: Final = timedelta(hours=26)
"""A daily run and two hours of grace."""

STALE_AFTER: Final = timedelta(hours=48)
"""Two daily runs were missed: countdowns would mislead from here on."""

REFRESH_SECONDS: Final = 5
"""How often an open page looks whether a new version was published."""

TRAILING_DAYS: Final = 7
"""A trend's smoothed line runs over a whole week, so that weekends cancel out."""

SOON_MINUTES: Final = 60
"""A target with less time left needs someone now."""
