"""The tables of schema 1, as the first versions made them, to try that their stores open and keep everything."""

from sqlalchemy import JSON, Boolean, Column, Float, Integer, MetaData, String, Table, Text, UniqueConstraint

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
    Column("deaths", Integer, nullable=False, default=0),
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
    Column("born", String(64), nullable=False, default=""),
    Column("ooms", Integer, nullable=False, default=0),
    Column("started", Float, nullable=False),
    Column("beat", Float, nullable=False),
    UniqueConstraint("host", "lane", "slot"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("record", JSON, nullable=False),
)

shares = Table(
    "shares",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("created", Float, nullable=False),
    Column("expires", Float),
    Column("raw_data", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False, default=False),
)

views = Table(
    "views",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("state", JSON, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("salt", String(32), nullable=False),
    Column("digest", String(128), nullable=False),
    Column("wrong", Integer, nullable=False, default=0),
    Column("closed", Float, nullable=False, default=0.0),
)

names = Table(
    "names",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("label", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)

errands = Table(
    "errands",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("run", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("source", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("doing", Text, nullable=False, default=""),
    Column("progress", Float, nullable=False, default=0.0),
    Column("sentence", Text, nullable=False, default=""),
    Column("summary", JSON, nullable=False, default=dict),
    Column("created", Float, nullable=False),
)
