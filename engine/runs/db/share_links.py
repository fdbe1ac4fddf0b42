"""Secret links to a run: unguessable, read-only, revocable."""

import hashlib
import hmac
import secrets
import time
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.core.errors import InputError
from engine.runs.db import repository
from engine.runs.db.records import Record, Share
from engine.runs.db.schema import Store, runs, share_links, share_passwords, share_views

MOST_WRONG = 10
"""Wrong passwords in a row after which a link stays closed for a while."""
CLOSED_SECONDS = 900.0


class Links:
    """The secret links of a workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def share(
        self,
        run_id: str,
        *,
        raw_data: bool = False,
        expires: float | None = None,
        password: str = "",
        view: Record | None = None,
    ) -> str:
        """Make a secret link to a run.

        Parameters
        ----------
        run_id
            The run.
        raw_data
            Whether its readers see the rows of the dataset too.
        expires
            When it closes by itself, in seconds since 1970 (UTC); None for never.
        password
            What readers are asked for; empty for none.
        view
            What the page shows at first: choices in the address, by name.

        Returns
        -------
        str
            The token: 256 random bits, safe in an address.

        Raises
        ------
        InputError
            Where there is no such run.
        """
        token = secrets.token_urlsafe(32)
        values = {"token": token, "run": run_id, "created": time.time(), "expires": expires, "raw_data": raw_data}

        def made(connection: Connection) -> None:
            repository.need_run(connection, run_id)
            connection.execute(insert(share_links).values(**values, revoked=False))
            if view:
                connection.execute(insert(share_views).values(token=token, run=run_id, state=view))
            if password:
                connection.execute(insert(share_passwords).values(token=token, run=run_id, **_lock(password)))

        self._store.change(made)
        return token

    def find(self, token: str) -> Share:
        """What a link opens.

        Parameters
        ----------
        token
            Of the link.

        Returns
        -------
        Share
            Its password has still to be asked for where it is `locked`.

        Raises
        ------
        InputError
            Where the link is unknown, revoked or expired, or its run was deleted.
        """
        with self._store.read() as connection:
            row = connection.execute(_all().where(share_links.c.token == token)).mappings().first()
            if row is None:
                raise InputError("This link opens nothing. Check that all of it was copied.")
            if row["revoked"]:
                raise InputError("This link was closed by the person who made it. Ask them for a new one.")
            if row["expires"] is not None and row["expires"] <= time.time():
                raise InputError("This link has expired. Ask the person who made it for a new one.")
            if connection.execute(select(runs.c.id).where(runs.c.id == row["run"])).first() is None:
                raise InputError("The run behind this link was deleted.")
        return _share(row)

    def of_run(self, run_id: str) -> list[Share]:
        """Every link to a run that still opens, newest first."""
        with self._store.read() as connection:
            rows = connection.execute(_all().where(share_links.c.run == run_id, share_links.c.revoked.is_(False)))
            links = [_share(row) for row in rows.mappings().all()]
        alive = [item for item in links if item.expires is None or item.expires > time.time()]
        return sorted(alive, key=lambda item: -item.created)

    def unlock(self, token: str, password: str) -> None:
        """Check the password of a link.

        Raises
        ------
        InputError
            Where it is wrong, or too many wrong ones were tried.
        """
        refusal = self._store.change(lambda connection: _refusal(connection, token, password))
        if refusal:  # only now: the wrong attempt has to be counted
            raise InputError(refusal)

    def revoke(self, token: str) -> None:
        """Close a link for good.

        Raises
        ------
        InputError
            Where it is unknown.
        """
        closed = update(share_links).where(share_links.c.token == token).values(revoked=True)
        if not self._store.change(lambda connection: connection.execute(closed).rowcount):
            raise InputError("This link opens nothing, so there is nothing to revoke.")


def _refusal(connection: Connection, token: str, password: str) -> str:
    """ "" where the password is the link's, else a sentence; after too many wrong ones the link stays closed for a while."""
    row = (
        connection.execute(select(share_passwords).where(share_passwords.c.token == token).with_for_update())
        .mappings()
        .first()
    )
    if row is None:
        return ""
    if row["locked_until"] > time.time():
        return "Too many wrong passwords were tried. Wait a quarter of an hour, then try again."
    right = hmac.compare_digest(_digest(password, row["salt"]), row["digest"])
    wrong = 0 if right else row["failed_attempts"] + 1
    full = wrong >= MOST_WRONG
    values = {"failed_attempts": 0 if full else wrong, "locked_until": time.time() + CLOSED_SECONDS if full else 0.0}
    connection.execute(update(share_passwords).where(share_passwords.c.token == token).values(**values))
    return "" if right else "This is not the password of this link. Ask the person who sent it."


def _lock(password: str) -> dict[str, str]:
    """A password's salted hash (scrypt, RFC 7914); nothing else is kept of it."""
    salt = secrets.token_hex(16)
    return {"salt": salt, "digest": _digest(password, salt)}


def _all() -> Select[Any]:
    joined = share_links.outerjoin(share_views, share_views.c.token == share_links.c.token).outerjoin(
        share_passwords, share_passwords.c.token == share_links.c.token
    )
    return select(share_links, share_views.c.state, share_passwords.c.salt).select_from(joined)


def _share(row: RowMapping) -> Share:
    known = {column.name: row[column.name] for column in share_links.c}
    return Share(**known, locked=row["salt"] is not None, view=row["state"] or {})


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
