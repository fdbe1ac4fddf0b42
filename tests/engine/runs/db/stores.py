"""Databases to try things on: SQLite, and PostgreSQL where it is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database's address; on PostgreSQL it is emptied again."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    address = request.getfixturevalue("database")
    empty(address)
    yield address
    empty(address)


def empty(address: str) -> None:
    """Drop every table there is, of whatever schema."""
    engine, found = create_engine(address), MetaData()
    found.reflect(engine)
    found.drop_all(engine)
    engine.dispose()
