"""Dagster's record of events in SQLite, with connections that stay open.

Belongs here: what storing an event costs. Dagster's own class makes an engine, a connection and a
compiled statement for every event, and the last connection to close flushes the file: a run of the
daily job stores a thousand events and spent a sixth of its time on that. `dagster.yaml` names this
class, so the command line, the webserver and the daemon all use it, over the same files.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS

FILES_KEPT_OPEN: Final = 4  # the index, the run under way, and what a person looks at beside it


class OpenEventLogStorage(SqliteEventLogStorage):
    """`SqliteEventLogStorage` with one connection per file, kept for as long as it is in use.

    With `synchronous` at normal, a crash of the machine can lose the last events, but no file; a
    crash of the process loses nothing.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401, Dagster's own
        """As Dagster's, with no file open yet."""
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        super().__init__(*arguments, **named)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "OpenEventLogStorage":  # noqa: ANN401
        """As Dagster's, which names its own class."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> sa.Engine:
        """The engine of a file, the least recently used one closed if there are too many."""
        if shard not in self._engines:
            engine = sa.create_engine(
                self.conn_string_for_shard(shard),
                poolclass=sa.StaticPool,
                # The lock lets one thread at a time through.
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            sa.event.listen(engine, "connect", _flush_at_checkpoints_only)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > FILES_KEPT_OPEN:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def wipe(self) -> None:
        """Forget all events; the files go, so no connection to them may stay."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close the files, which folds what was written into each of them."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _flush_at_checkpoints_only(connection: Any, _record: object) -> None:  # noqa: ANN401, sqlite3's
    connection.execute("pragma synchronous = normal")
