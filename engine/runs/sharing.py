"""Secret links to a run: unguessable, read-only, revocable. Every function is part of the transaction it is given."""

import hashlib
import hmac
import secrets
import time
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.errors import InputError
from engine.runs.records import Record, Share
from engine.runs.store import locks, runs, shares, views

MOST_WRONG = 10
"""Wrong passwords in a row after which a link stays closed for a while."""
CLOSED_SECONDS = 900.0


def share(connection: Connection, run: str, raw_data: bool, expires: float | None) -> str:
    """A new token of 256 random bits."""
    token = secrets.token_urlsafe(32)
    values = {"token": token, "run": run, "created": time.time(), "expires": expires, "raw_data": raw_data}
    connection.execute(insert(shares).values(**values, revoked=False))
    return token


def show_as(connection: Connection, token: str, run: str, view: Record) -> None:
    """Let a link open exactly this view of its run."""
    connection.execute(insert(views).values(token=token, run=run, state=view))


def lock(connection: Connection, token: str, run: str, password: str) -> None:
    """Let a link ask for a password, of which only a salted hash is kept (scrypt, RFC 7914)."""
    salt = secrets.token_hex(16)
    connection.execute(insert(locks).values(token=token, run=run, salt=salt, digest=_digest(password, salt)))


def unlock(connection: Connection, token: str, password: str) -> str:
    """ "" where the password is the link's, else a sentence; after too many wrong ones the link stays closed for a while."""
    row = connection.execute(select(locks).where(locks.c.token == token).with_for_update()).mappings().first()
    if row is None:
        return ""
    if row["closed"] > time.time():
        return "Too many wrong passwords were tried. Wait a quarter of an hour, then try again."
    right = hmac.compare_digest(_digest(password, row["salt"]), row["digest"])
    wrong = 0 if right else row["wrong"] + 1
    full = wrong >= MOST_WRONG
    values = {"wrong": 0 if full else wrong, "closed": time.time() + CLOSED_SECONDS if full else 0.0}
    connection.execute(update(locks).where(locks.c.token == token).values(**values))
    return "" if right else "This is not the password of this link. Ask the person who sent it."


def find(connection: Connection, token: str) -> Share:
    """What a token opens; InputError with the reason where it opens nothing."""
    row = connection.execute(_all().where(shares.c.token == token)).mappings().first()
    if row is None:
        raise InputError("This link opens nothing. Check that all of it was copied.")
    if row["revoked"]:
        raise InputError("This link was closed by the person who made it. Ask them for a new one.")
    if row["expires"] is not None and row["expires"] <= time.time():
        raise InputError("This link has expired. Ask the person who made it for a new one.")
    if connection.execute(select(runs.c.id).where(runs.c.id == row["run"])).first() is None:
        raise InputError("The run behind this link was deleted.")
    return _share(row)


def of_run(connection: Connection, run: str) -> list[Share]:
    """Links to a run that still open, newest first."""
    rows = connection.execute(_all().where(shares.c.run == run, shares.c.revoked.is_(False)))
    found = [_share(row) for row in rows.mappings().all()]
    alive = [item for item in found if item.expires is None or item.expires > time.time()]
    return sorted(alive, key=lambda item: -item.created)


def revoke(connection: Connection, token: str) -> None:
    """Close a link for good."""
    closed = connection.execute(update(shares).where(shares.c.token == token).values(revoked=True))
    if not closed.rowcount:
        raise InputError("This link opens nothing, so there is nothing to revoke.")


def _all() -> Select[Any]:
    joined = shares.outerjoin(views, views.c.token == shares.c.token).outerjoin(locks, locks.c.token == shares.c.token)
    return select(shares, views.c.state, locks.c.salt).select_from(joined)


def _share(row: RowMapping) -> Share:
    known = {column.name: row[column.name] for column in shares.c}
    return Share(**known, locked=row["salt"] is not None, view=row["state"] or {})


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
