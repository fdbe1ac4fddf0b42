"""What the guest of a secret link may do: read one run. Everything else is refused here, whatever a page asks for."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NoReturn

from engine.core.errors import InputError
from engine.runs.db.records import DatasetRecord, Record, Recording, Request, RunRecord, Share
from engine.runs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from engine.intake import Raw
    from engine.results import Result
    from engine.runs.files.trajectories import Trajectory

REFUSED = "A shared link is for looking: this is only for the owner of the result."
LOCKED = "This result asks for a password first."


class Refused(InputError):
    """A guest asked for what only the owner may have."""


class GuestWorkspace:
    """A workspace as the guest of one secret link has it: one run to read, and nothing to change.

    It answers what pages read of a `Workspace` about the run of the link. Every other attribute of `Workspace`, and every
    other run or dataset, raises `Refused`, also what is added to `Workspace` later. The link is looked up at each call, so
    that one which was withdrawn or has expired stops at once.

    Parameters
    ----------
    workspace : Workspace
        Where the run is.
    token : str
        The token of the link.

    Raises
    ------
    InputError
        Where the link opens nothing, here and at every call.
    """

    def __init__(self, workspace: Workspace, token: str) -> None:
        self._workspace, self._token = workspace, token
        self._unlocked = False
        self.config = workspace.config
        self.names = _GuestNames(self)
        self.evaluations = _GuestEvaluations(self)
        workspace.links.find(token)

    def __getattr__(self, name: str) -> NoReturn:
        # Python looks here only for what is not defined below.
        if name.startswith("__"):
            raise AttributeError(name)
        raise Refused(REFUSED)

    @property
    def link(self) -> Share:
        """The link as it is now; InputError where it opens nothing any more."""
        return self._workspace.links.find(self._token)

    @property
    def locked(self) -> bool:
        """Whether the password has still to be given."""
        return self.link.locked and not self._unlocked

    def unlock(self, password: str) -> None:
        """Open a link that asks for a password.

        Raises
        ------
        InputError
            Where it is not the password.
        """
        self._workspace.links.unlock(self._token, password)
        self._unlocked = True

    def run(self, run_id: str) -> RunRecord:
        """The run of the link."""
        return self._of(run_id).run(run_id)

    def dataset(self, dataset_id: str) -> DatasetRecord:
        """The record of the dataset that the run was trained on."""
        return self._of_dataset(dataset_id).dataset(dataset_id)

    def raw(self, dataset_id: str) -> "Raw":
        """The data themselves, if the link was made to show them."""
        if not self.link.raw_data:
            raise Refused(REFUSED)
        return self._of_dataset(dataset_id).raw(dataset_id)

    def rows_as_written(self, dataset_id: str) -> AbstractContextManager["pd.DataFrame"]:
        """The rows as they are written in the owner's file, if the link was made to show them."""
        if not self.link.raw_data:
            raise Refused(REFUSED)
        return self._of_dataset(dataset_id).rows_as_written(dataset_id)

    def original_file(self, dataset_id: str, path: str, most: int) -> bytes | None:
        """One file of the owner's data, if the link was made to show them."""
        if not self.link.raw_data:
            raise Refused(REFUSED)
        return self._of_dataset(dataset_id).original_file(dataset_id, path, most)

    def result(self, run_id: str) -> "Result":
        """What the run found."""
        return self._of(run_id).result(run_id)

    def history(self, run_id: str, since: int = 0) -> list[Record]:
        """What training told."""
        return self._of(run_id).history(run_id, since)

    def recording(self, run_id: str, since: int = 0) -> Recording:
        """Labels and positions to play the training back."""
        return self._of(run_id).recording(run_id, since)

    def frame(self, run_id: str) -> Recording:
        """The newest frame alone."""
        return self._of(run_id).frame(run_id)

    def trajectory(self, run_id: str, member: int, n: int) -> "Trajectory":
        """How one member came to its group."""
        return self._of(run_id).trajectory(run_id, member, n)

    def _of(self, run_id: str) -> Workspace:
        """The workspace, if this is the run of the link."""
        link = self.link
        if link.run != run_id:
            raise Refused(REFUSED)
        if link.locked and not self._unlocked:
            raise Refused(LOCKED)
        return self._workspace

    def _of_dataset(self, dataset_id: str) -> Workspace:
        """The workspace, if this is the dataset of the run of the link."""
        if self.run(self.link.run).dataset != dataset_id:
            raise Refused(REFUSED)
        return self._workspace


class _Part:
    """A part of the workspace, of which a guest may read what a subclass defines."""

    def __init__(self, guest: GuestWorkspace) -> None:
        self._guest = guest

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Refused(REFUSED)

    def _of(self, run_id: str) -> Workspace:
        return self._guest._of(run_id)


class _GuestNames(_Part):
    """The names of the groups."""

    def of_run(self, run_id: str) -> dict[int, str]:
        """The names that the owner gave, by label."""
        return self._of(run_id).names.of_run(run_id)


class _GuestEvaluations(_Part):
    """What was asked about the result."""

    def find(self, run_id: str, what: str) -> Request | None:
        """Where an evaluation stands; None where it was not requested."""
        return self._of(run_id).evaluations.find(run_id, what)


BY_STORE: dict[type | str, Callable[[Any], Any]] = {
    Workspace: lambda workspace: workspace.config.store,
    GuestWorkspace: lambda guest: guest.config.store,
}
"""How caches tell workspaces apart, their owners' or guests': by the store they read."""
