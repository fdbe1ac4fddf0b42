"""Where workers come from: this machine, or a cluster by address."""

from typing import Protocol

from engine.errors import InputError
from engine.runs.executors.local import Local
from engine.runs.places import Places
from engine.runs.store import Store


class Executor(Protocol):
    """Keeps workers alive."""

    def ensure(self, *, warm: bool) -> None:
        """Start workers where work waits and none lives, and give back the work of the dead."""


def executor(places: Places, store: Store) -> Executor:
    """The executor that CONSTELLA_EXECUTOR names."""
    if places.executor != "local":
        raise InputError(f"CONSTELLA_EXECUTOR is {places.executor!r}; only 'local' is known to this version.")
    return Local(places, store)
