"""The owner's key: whoever has it is the owner of this installation, from wherever they come."""

import hashlib
import hmac
import logging
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from engine.core.errors import InputError
from engine.runs.config import Config

FILE = "owner-key"
SHORTEST = 16
"""Characters that a key of one's own needs at least."""
_log = logging.getLogger("constella.access")


class OwnerKey:
    """A secret, and what is signed with it.

    Parameters
    ----------
    secret : str
        The key as its owner types it.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "OwnerKey":
        """The key of an installation: CONSTELLA_KEY, else the one in CONSTELLA_HOME, which is made where there is none.

        Where the folder cannot be written to, the key lasts as long as the process.

        Returns
        -------
        OwnerKey

        Raises
        ------
        InputError
            Where CONSTELLA_KEY is shorter than `SHORTEST`.
        """
        given = environment.get("CONSTELLA_KEY", "")
        if given:
            if len(given) < SHORTEST:
                raise InputError(f"CONSTELLA_KEY has {len(given)} characters; it needs at least {SHORTEST}.")
            return cls(given)
        path = Config.of(environment).home / FILE
        try:
            return cls(_stored(path) or _made(path))
        except OSError as fault:
            _log.warning("The owner's key cannot be kept in %s (%s): the next start has another.", path, fault.strerror)
            return cls(secrets.token_urlsafe(32))

    def matches(self, given: str) -> bool:
        """Whether this is the key, compared in constant time."""
        return hmac.compare_digest(given.strip().encode(), self.secret.encode())

    def sign(self, purpose: str, text: str) -> str:
        """`text` with a signature that holds for this purpose alone."""
        return f"{text}.{self._signature(purpose, text)}"

    def verified(self, purpose: str, signed: str) -> str | None:
        """The text that was signed for this purpose; None where the signature is not ours."""
        text, _, signature = signed.rpartition(".")
        fits = hmac.compare_digest(signature.encode(), self._signature(purpose, text).encode())
        return text if fits else None

    def _signature(self, purpose: str, text: str) -> str:
        return hmac.new(self.secret.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def _stored(path: Path) -> str:
    """The key in a file, which only its owner may read from then on; empty where there is none."""
    if not path.exists():
        return ""
    path.chmod(0o600)
    return path.read_text().strip()


def _made(path: Path) -> str:
    """A new key in a file; where two processes start at once, both get the key of the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}-")  # readable by its owner alone
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        _publish(Path(temporary), path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return _stored(path)


def _publish(temporary: Path, path: Path) -> None:
    """Give the file its name, unless the name is taken by a key; an empty file is no key."""
    if path.exists() and not path.read_text().strip():
        path.unlink()
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        os.replace(temporary, path)
