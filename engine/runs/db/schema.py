"""The store: tables, and the two ways to reach them. Every change is one transaction."""

import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError

from engine.core.errors import InputError
from engine.runs.db.migrations import SCHEMA, migrate
from engine.runs.files.artifacts import FULL

T = TypeVar("T")

SCHEMA_LOCK = 0xC057E11A
"""Any number that no other program locks in the same database."""
BUSY_SECONDS = 15.0

metadata = MetaData()

schema = Table("schema", metadata, Column("version", Integer, primary_key=True))

imports = Table(
    "imports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sentence", Text, nullable=False, default=""),
    Column("dataset", String(64)),
    Column("created", Float, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("n", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("preparation", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("dataset", String(64), nullable=False, index=True),
    Column("preparation", JSON, nullable=False),
    Column("method", String(64), nullable=False),
    Column("n_clusters", Integer),
    Column("knobs", JSON, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("stopping", Boolean, nullable=False, default=False),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("stage", Text, nullable=False, default=""),
    Column("stage_title", Text, nullable=False, default=""),
    Column("stages_done", Integer, nullable=False, default=0),
    Column("epoch", Integer, nullable=False, default=0),
    Column("epochs", Integer, nullable=False, default=0),
    Column("progress", Float, nullable=False, default=0.0),
    Column("eta", Float),
    Column("eta_at", Float),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("sentence", Text, nullable=False, default=""),
    Column("fault", String(8), nullable=False, default=""),
    Column("summary", JSON, nullable=False, default=dict),
    Column("timings", JSON, nullable=False, default=dict),
    Column("result", Text),
    Column("search", JSON),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("lane", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("target", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("worker", String(32)),
    Column("crashes", Integer, nullable=False, default=0),
    Column("created", Float, nullable=False),
    UniqueConstraint("kind", "target"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("lane", String(16), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_start", String(64), nullable=False, default=""),
    Column("oom_kills", Integer, nullable=False, default=0),
    Column("started", Float, nullable=False),
    Column("heartbeat", Float, nullable=False),
    UniqueConstraint("host", "lane", "slot"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("record", JSON, nullable=False),
)

share_links = Table(
    "share_links",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("created", Float, nullable=False),
    Column("expires", Float),
    Column("raw_data", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False, default=False),
)

share_views = Table(
    "share_views",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("state", JSON, nullable=False),
)

share_passwords = Table(
    "share_passwords",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("salt", String(32), nullable=False),
    Column("digest", String(128), nullable=False),
    Column("failed_attempts", Integer, nullable=False, default=0),
    Column("locked_until", Float, nullable=False, default=0.0),
)

cluster_names = Table(
    "cluster_names",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("label", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("source", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("stage", Text, nullable=False, default=""),
    Column("progress", Float, nullable=False, default=0.0),
    Column("sentence", Text, nullable=False, default=""),
    Column("summary", JSON, nullable=False, default=dict),
    Column("created", Float, nullable=False),
)


LOCK_ORDER = (
    "workers",
    "jobs",
    "runs",
    "requests",
    "imports",
    "datasets",
    "snapshots",
    "share_links",
    "share_views",
    "share_passwords",
    "cluster_names",
)
"""The order in which a transaction may lock rows: by table as listed, within a table by primary key.

Inserts, updates, deletes and `SELECT ... FOR UPDATE` lock; a table that was locked before may be locked again. Transactions
that keep to one order never wait for each other in a circle. Workers begin with the job, so whoever changes a run, request or
import that may have a job locks the job first. `tests/engine/runs/conftest.py` holds every test to this.
"""

RETRIES = 6
"""How often a transaction is tried where the database asks to try again."""
TRY_AGAIN = ("40001", "40P01")
"""SQLSTATEs of PostgreSQL: serialization failure, deadlock detected."""


class Store:
    """A database by SQLAlchemy URL: `sqlite:///path` (in WAL mode) or `postgresql+psycopg://...`."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self.sqlite = self._engine.dialect.name == "sqlite"
        self._file = self._engine.url.database if self.sqlite else None
        if self.sqlite:
            _as_wal(self._engine)
        self._reads = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        try:
            self._make_tables()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it happens or nothing does. On SQLite writers queue up, so none fails half-way."""
        with self._engine.begin() as connection:
            yield connection

    def change(self, action: Callable[[Connection], T]) -> T:
        """One transaction; it is tried again where it collides with another process's.

        Parameters
        ----------
        action : callable
            Is given the transaction's connection. It may be called several times, so it changes nothing but rows, or does the
            same each time.

        Returns
        -------
        Whatever the action returned when the transaction went through.

        Raises
        ------
        InputError
            Where the disk is full.
        IntegrityError
            Where a row's key is taken, and still is at the second look.
        """
        collisions = 0
        for attempt in range(RETRIES):
            try:
                with self.write() as connection:
                    return action(connection)
            except IntegrityError:  # two processes entered the same row: the second looks again
                collisions += 1
                if collisions > 1:
                    raise
            except DBAPIError as fault:
                if disk_full(fault):
                    raise InputError(FULL) from fault
                if not retryable(fault) or attempt + 1 == RETRIES:
                    raise
                time.sleep(random.uniform(0.01, 0.05 * 2**attempt))
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that only reads and never waits for a writer."""
        with self._reads.connect() as connection:
            yield connection

    def compact(self) -> None:
        """Leave nothing of what was deleted in the files: in free pages (of earlier versions) and in the write-ahead log."""
        if not self._file:
            return
        with (
            contextlib.suppress(sqlite3.OperationalError),  # somebody writes; the next time will do
            contextlib.closing(sqlite3.connect(self._file, timeout=1.0, isolation_level=None)) as connection,
        ):
            if connection.execute("PRAGMA freelist_count").fetchone()[0]:
                connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def _make_tables(self) -> None:
        try:
            with self.write() as connection:
                if not self.sqlite:  # where writers do not take turns anyway, those who make tables must
                    connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
                _upgrade(connection)
        except DBAPIError as fault:
            raise _closed(repr(self._engine.url), fault.orig) from fault


def _engine(url: str) -> Engine:
    """The database at an address, not asked for anything yet; InputError where that cannot be."""
    try:
        address = make_url(url)
    except ArgumentError as fault:
        raise InputError("CONSTELLA_STORE is no SQLAlchemy URL, such as sqlite:///path.") from fault
    if address.get_backend_name() != "sqlite":
        try:
            return create_engine(address, pool_pre_ping=True)
        except (ImportError, NoSuchModuleError) as fault:
            raise _closed(repr(address), f"its driver is not installed ({fault})") from fault
    if address.database:
        try:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise _closed(repr(address), fault) from fault
    return create_engine(address, connect_args={"timeout": BUSY_SECONDS})


def _closed(address: str, reason: object) -> InputError:
    text = " ".join(str(reason).split()).rstrip(".")
    return InputError(f"The store at {address} cannot be opened: {text}. Look at CONSTELLA_HOME and CONSTELLA_STORE.")


def _upgrade(connection: Connection) -> None:
    """Make the tables, or bring those of an earlier version to this one's schema."""
    schema.create(connection, checkfirst=True)
    version = connection.execute(select(schema.c.version)).scalar()
    if version is None:
        connection.execute(insert(schema).values(version=SCHEMA))
    elif version > SCHEMA:
        raise InputError(
            f"The store was made by a newer version of Constella (schema {version}; this one reads up to {SCHEMA}). "
            "Install that version, or choose another store."
        )
    elif version < SCHEMA:
        migrate(connection, version)
        connection.execute(update(schema).values(version=SCHEMA))
    metadata.create_all(connection)


def _as_wal(engine: Engine) -> None:
    """Readers never wait, writers take turns: WAL, a busy timeout, and the write lock taken at BEGIN.

    A transaction that reads first and asks for the write lock later can fail at once, whatever the timeout; BEGIN
    IMMEDIATE waits its turn instead.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")  # what was deleted is overwritten, names of patients included

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def disk_full(fault: BaseException) -> bool:
    """True where the store refused a write because its disk is full."""
    return isinstance(fault, OperationalError) and "disk is full" in str(fault.orig)


def retryable(fault: DBAPIError) -> bool:
    """True where the database gave a transaction up so that another could go on, and asks to try it again."""
    return getattr(fault.orig, "sqlstate", None) in TRY_AGAIN
