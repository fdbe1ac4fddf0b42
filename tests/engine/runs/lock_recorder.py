"""Writes down which tables a transaction locks, in which order, whatever the database."""

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Delete, Engine, Insert, Select, Update, event
from sqlalchemy.engine import Connection

from engine.runs.db.schema import LOCK_ORDER, metadata


class LockRecorder:
    """While it is entered, `violations` collects what locks out of order; `seen` all orders that there were."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.seen: set[tuple[str, ...]] = set()
        self._locked: WeakKeyDictionary[Connection, list[str]] = WeakKeyDictionary()

    def __enter__(self) -> "LockRecorder":
        event.listen(Engine, "before_execute", self._record)
        event.listen(Engine, "begin", self._begin)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_execute", self._record)
        event.remove(Engine, "begin", self._begin)

    def _begin(self, connection: Connection) -> None:
        self._locked[connection] = []

    def _record(self, connection: Connection, statement: Any, *_: object) -> None:
        table = locked_by(statement)
        locked = self._locked.setdefault(connection, [])
        if table not in LOCK_ORDER or table in locked:
            return
        locked.append(table)
        self.seen.add(tuple(locked))
        if sorted(locked, key=LOCK_ORDER.index) != locked:
            self.violations.append(" -> ".join(locked))


def locked_by(statement: Any) -> str | None:
    """The table in which a statement locks rows; None where it only reads."""
    if isinstance(statement, Insert | Update | Delete):
        table: Any = statement.table
    elif isinstance(statement, Select) and statement._for_update_arg is not None:
        table = statement.get_final_froms()[0]
    else:
        return None
    return str(table.name) if table.metadata is metadata else None
