"""How far to trust a share.

Belongs here: intervals of counts and shares. Does not belong here: bands of forecasts.
"""

import numpy as np
import pandas as pd

Z_95 = 1.959964


def wilson(successes: pd.Series, trials: pd.Series) -> pd.DataFrame:
    """Share of successes with its 95 % interval; honest near 0 and 1 and with few trials.

    Args:
        successes: counts, at most `trials`.
        trials: counts; 0 gives NULL throughout.

    Returns:
        `share`, `lower_95`, `upper_95` in [0, 1], indexed like `trials`.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    n = trials.to_numpy(float, na_value=np.nan)
    n = np.where(n > 0, n, np.nan)
    share = successes.to_numpy(float, na_value=np.nan) / n
    scale = 1 + Z_95**2 / n
    middle = (share + Z_95**2 / (2 * n)) / scale
    half = Z_95 / scale * np.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2))
    # Rounding may leave a bound a hair beyond the share of 0 or 1 that it must enclose.
    return pd.DataFrame(
        {
            "share": share,
            "lower_95": np.minimum((middle - half).clip(0, 1), share),
            "upper_95": np.maximum((middle + half).clip(0, 1), share),
        },
        index=trials.index,
    )
