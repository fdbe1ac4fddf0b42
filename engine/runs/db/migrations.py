"""Brings a store of an earlier version to this one, keeping everything in it.

To change the schema: change the tables in `schema.py` and append a function to `MIGRATIONS` that does the same to a store
that exists. A migration is SQL that SQLite and PostgreSQL both read. It names tables and columns as they are at its point in
the list, so it never uses the tables of `schema.py`, which only know the newest schema. New tables need no SQL: they are made
after the migrations. All of it is one transaction under the schema's lock, so a store is never half-way.
"""

from collections.abc import Callable

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

Migration = Callable[[Connection], None]


def migrate(connection: Connection, version: int) -> None:
    """Apply every migration that a store of schema `found` still needs."""
    for migration in MIGRATIONS[version - 1 :]:
        migration(connection)
    _release_workers(connection)


def _release_workers(connection: Connection) -> None:
    """Workers of the earlier version cannot go on; their jobs are given back as those of the dead, at no charge."""
    _run(connection, "UPDATE jobs SET crashes = crashes - 1 WHERE state = 'running'", "DELETE FROM workers")


def _to_2_standard_names(connection: Connection) -> None:
    """Requests, links, passwords and heartbeats under the names that the field has for them."""
    for old, new in (("errands", "requests"), ("locks", "share_passwords"), ("views", "share_views")):
        _rename_table(connection, old, new)
    _rename_table(connection, "shares", "share_links")
    _rename_table(connection, "names", "cluster_names", indexed=False)
    columns = {
        "requests": {"doing": "stage"},
        "share_passwords": {"wrong": "failed_attempts", "closed": "locked_until"},
        "jobs": {"deaths": "crashes"},
        "workers": {"born": "process_start", "ooms": "oom_kills", "beat": "heartbeat"},
    }
    for table, renamed in columns.items():
        for old, new in renamed.items():
            _rename_column(connection, table, old, new)
    kinds = {"apply": "predict", "examine": "evaluate", "layout": "tsne", "project": "umap"}
    for old, new in kinds.items():
        _run(connection, f"UPDATE jobs SET kind = '{new}' WHERE kind = '{old}'")
        if _has(connection, "requests"):
            _run(connection, f"UPDATE requests SET kind = '{new}' WHERE kind = '{old}'")
    _run(connection, "UPDATE jobs SET lane = 'evaluate' WHERE lane = 'examine'")


def _to_3_stage_titles(connection: Connection) -> None:
    """The title of a run's stage apart from its id, which was not stored."""
    _rename_column(connection, "runs", "stage", "stage_title")
    _run(connection, "ALTER TABLE runs ADD COLUMN stage TEXT NOT NULL DEFAULT ''")


def _to_4_searches(connection: Connection) -> None:
    """What a search for the best method tried, beside the run that it ends in."""
    _run(connection, "ALTER TABLE runs ADD COLUMN search JSON")


MIGRATIONS: tuple[Migration, ...] = (_to_2_standard_names, _to_3_stage_titles, _to_4_searches)
"""In order; the first takes schema 1 to schema 2."""

SCHEMA = 1 + len(MIGRATIONS)
"""The schema that this version reads and writes."""


def _rename_table(connection: Connection, old: str, new: str, *, indexed: bool = True) -> None:
    """Rename a table; one that the store is too old to have is made under its new name afterwards."""
    if not _has(connection, old):
        return
    _run(connection, f"ALTER TABLE {old} RENAME TO {new}")
    if indexed:
        _run(connection, f"DROP INDEX IF EXISTS ix_{old}_run", f"CREATE INDEX ix_{new}_run ON {new} (run)")


def _rename_column(connection: Connection, table: str, old: str, new: str) -> None:
    if _has(connection, table):
        _run(connection, f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def _has(connection: Connection, table: str) -> bool:
    return inspect(connection).has_table(table)


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(text(statement))
