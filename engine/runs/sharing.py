"""Secret links to a run: unguessable, read-only, revocable. Every function is part of the transaction it is given."""

import secrets
import time

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from engine.errors import InputError
from engine.runs.records import Share
from engine.runs.store import runs, shares


def share(connection: Connection, run: str, raw_data: bool, expires: float | None) -> str:
    """A new token of 256 random bits."""
    token = secrets.token_urlsafe(32)
    values = {"token": token, "run": run, "created": time.time(), "expires": expires, "raw_data": raw_data}
    connection.execute(insert(shares).values(**values, revoked=False))
    return token


def find(connection: Connection, token: str) -> Share:
    """What a token opens; InputError with the reason where it opens nothing."""
    row = connection.execute(select(shares).where(shares.c.token == token)).mappings().first()
    if row is None:
        raise InputError("This link opens nothing. Check that all of it was copied.")
    if row["revoked"]:
        raise InputError("This link was closed by the person who made it. Ask them for a new one.")
    if row["expires"] is not None and row["expires"] <= time.time():
        raise InputError("This link has expired. Ask the person who made it for a new one.")
    if connection.execute(select(runs.c.id).where(runs.c.id == row["run"])).first() is None:
        raise InputError("The run behind this link was deleted.")
    return Share(**row)


def of_run(connection: Connection, run: str) -> list[Share]:
    """Links to a run that still open, newest first."""
    rows = connection.execute(select(shares).where(shares.c.run == run, shares.c.revoked.is_(False)))
    found = [Share(**row) for row in rows.mappings().all()]
    alive = [item for item in found if item.expires is None or item.expires > time.time()]
    return sorted(alive, key=lambda item: -item.created)


def revoke(connection: Connection, token: str) -> None:
    """Close a link for good."""
    closed = connection.execute(update(shares).where(shares.c.token == token).values(revoked=True))
    if not closed.rowcount:
        raise InputError("This link opens nothing, so there is nothing to revoke.")
