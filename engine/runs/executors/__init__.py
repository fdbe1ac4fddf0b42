"""Where workers come from: this machine, or a cluster by address."""

from typing import Protocol

from engine.core.errors import InputError
from engine.runs.config import Config
from engine.runs.db.schema import Store
from engine.runs.executors.local import Local


class Executor(Protocol):
    """Keeps workers alive."""

    def ensure(self, *, warm: bool) -> None:
        """Start workers where work waits and none lives, and give back the work of the dead."""


def executor(config: Config, store: Store) -> Executor:
    """The executor that CONSTELLA_EXECUTOR names.

    Raises
    ------
    InputError
        Where this version does not know it.
    """
    if config.executor != "local":
        raise InputError(f"CONSTELLA_EXECUTOR is {config.executor!r}; only 'local' is known to this version.")
    return Local(config, store)
