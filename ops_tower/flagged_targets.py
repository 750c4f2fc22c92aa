"""How the targets that were ever flagged stand in the warehouse now.

Belongs here: the two reads that the alert ledger needs, on the engine, because the warehouse holds
every target and the ledger a handful. Does not belong here: what is made of them
(`analysis.alert_ledger`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from ops_tower.analysis.alert_ledger import KEY, key


def outcomes(warehouse: Path, events: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """State and breach instant of each target that `events` speak of, where it still exists."""
    flagged = pd.DataFrame(sorted({key(event) for event in events}), columns=list(KEY))
    types = {"ticket_id": "int64", "metric": "string", "instance": "int64"}
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("flagged", flagged.astype(types))
        return connection.execute(_OUTCOMES).df()


def breaches(warehouse: Path, since: datetime) -> pd.DataFrame:
    """How many targets breached after `since`, by the Monday of the week."""
    with duckdb.connect(str(warehouse)) as connection:
        return connection.execute(_BREACHES, [since]).df()


_OUTCOMES: Final = """
select ticket_id, metric, instance, state, breached_at
from marts.mart_sla_targets
semi join flagged using (ticket_id, metric, instance)
"""

_BREACHES: Final = """
select date_trunc('week', breached_at) as week, count(*) as breaches
from marts.mart_sla_targets
where breached_at > ?
group by all
"""
