"""Where this installation keeps its things, by environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import InputError

DEFAULT_MAX_UPLOAD = 2**30


@dataclass(frozen=True)
class Config:
    """Folder, database, artifacts, executor and upload limit of one installation."""

    home: Path
    store: str
    artifacts: str
    executor: str
    max_upload: int

    @staticmethod
    def of(environment: Mapping[str, str]) -> "Config":
        """From CONSTELLA_HOME, _STORE, _ARTIFACTS, _EXECUTOR and _MAX_UPLOAD, all optional."""
        home = Path(environment.get("CONSTELLA_HOME") or "data/store").absolute()
        limit = environment.get("CONSTELLA_MAX_UPLOAD") or str(DEFAULT_MAX_UPLOAD)
        if not limit.isdigit():
            raise InputError(f"CONSTELLA_MAX_UPLOAD is {limit!r}; it must be a whole number of bytes.")
        return Config(
            home=home,
            store=environment.get("CONSTELLA_STORE") or f"sqlite:///{home / 'store.db'}",
            artifacts=environment.get("CONSTELLA_ARTIFACTS") or str(home / "artifacts"),
            executor=environment.get("CONSTELLA_EXECUTOR") or "local",
            max_upload=int(limit),
        )

    def environment(self) -> dict[str, str]:
        """The same as variables, for a process that is to work in the same place."""
        return dict(os.environ) | {
            "CONSTELLA_HOME": str(self.home),
            "CONSTELLA_STORE": self.store,
            "CONSTELLA_ARTIFACTS": self.artifacts,
            "CONSTELLA_EXECUTOR": self.executor,
            "CONSTELLA_MAX_UPLOAD": str(self.max_upload),
        }
