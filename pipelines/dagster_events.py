"""Dagster's SQLite event log, with its connections kept open. Named in dagster.yaml; nothing of ours calls it.

Dagster's own class makes an engine, a connection and a compiled statement anew for each event, and each closing writes the
file through to the disk: a third of what a small run costs this process. What is stored, and where, stays Dagster's.
The method overridden is private, so Dagster's version is pinned and every test of a run goes through this class.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

_WAIT_SECONDS = 30  # for another process (Dagster's pages beside a run), as Dagster's own class waits


class KeptConnections(SqliteEventLogStorage):
    """One connection per file: the index across runs, and the run looked at last."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """None: the files lie where Dagster's own class keeps them, in whatever home this is."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> KeptConnections:
        return cls(str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        # Dagster's lock lets one thread in at a time, so one connection serves them all.
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            for other in set(self._engines) - {INDEX_SHARD_NAME}:
                self._engines.pop(other).dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": _WAIT_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _spare_the_disk)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
        return self._engines[shard]

    def dispose(self) -> None:
        """Close the files; Dagster calls this when it lets the instance go."""
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()


def _spare_the_disk(connection: Any, _record: Any) -> None:
    """With a write-ahead log a power cut can then lose the last events, never damage the file."""
    connection.execute("pragma synchronous = normal")
