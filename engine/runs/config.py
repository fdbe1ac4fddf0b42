"""Where this installation keeps its things, by environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import InputError
from engine.core.home import home as home_of

DEFAULT_MAX_UPLOAD = 2**30
DEFAULT_CACHE = 2**30
DEFAULT_PRETRAINED = 5 * 2**30


@dataclass(frozen=True)
class Config:
    """Where one installation keeps its things, and how much of them.

    Parameters
    ----------
    home
        Folder of the installation.
    store
        URL of the database.
    artifacts
        Folder or fsspec address of the files.
    executor
        What starts workers.
    max_upload
        Bytes of one upload.
    cache
        Bytes of the datasets and results that a process caches in memory.
    pretrained
        Bytes of the pretrained weights that runs share.
    import_memory
        Bytes of memory that reading one file may take; None: half of what the machine has to spare.
    """

    home: Path
    store: str
    artifacts: str
    executor: str
    max_upload: int
    cache: int = DEFAULT_CACHE
    pretrained: int = DEFAULT_PRETRAINED
    import_memory: int | None = None

    @staticmethod
    def of(environment: Mapping[str, str]) -> "Config":
        """Read the configuration from environment variables, all optional.

        Parameters
        ----------
        environment
            CONSTELLA_HOME, _STORE, _ARTIFACTS, _EXECUTOR, _MAX_UPLOAD, _CACHE, _PRETRAINED and _IMPORT_MEMORY; sizes in bytes.

        Raises
        ------
        InputError
            Where a size is no whole number.
        """
        home = home_of(environment)
        return Config(
            home=home,
            store=environment.get("CONSTELLA_STORE") or f"sqlite:///{home / 'store.db'}",
            artifacts=environment.get("CONSTELLA_ARTIFACTS") or str(home / "artifacts"),
            executor=environment.get("CONSTELLA_EXECUTOR") or "local",
            max_upload=_bytes(environment, "CONSTELLA_MAX_UPLOAD", DEFAULT_MAX_UPLOAD),
            cache=_bytes(environment, "CONSTELLA_CACHE", DEFAULT_CACHE),
            pretrained=_bytes(environment, "CONSTELLA_PRETRAINED", DEFAULT_PRETRAINED),
            import_memory=_bytes(environment, "CONSTELLA_IMPORT_MEMORY", 0) or None,
        )

    def environment(self) -> dict[str, str]:
        """The same as variables, for a process that is to work in the same place."""
        return dict(os.environ) | {
            "CONSTELLA_HOME": str(self.home),
            "CONSTELLA_STORE": self.store,
            "CONSTELLA_ARTIFACTS": self.artifacts,
            "CONSTELLA_EXECUTOR": self.executor,
            "CONSTELLA_MAX_UPLOAD": str(self.max_upload),
            "CONSTELLA_CACHE": str(self.cache),
            "CONSTELLA_PRETRAINED": str(self.pretrained),
            "CONSTELLA_IMPORT_MEMORY": str(self.import_memory or 0),
        }


def _bytes(environment: Mapping[str, str], name: str, usual: int) -> int:
    given = environment.get(name) or str(usual)
    if not given.isdigit():
        raise InputError(f"{name} is {given!r}; it must be a whole number of bytes.")
    return int(given)
