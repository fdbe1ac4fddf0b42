"""Layouts of the map that are made on request, each once, because a run never changes. What is made joins the result."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.core.errors import InputError
from engine.runs.db.schema import Store
from engine.runs.files.artifacts import Artifacts
from engine.runs.requests import base
from engine.runs.requests.base import Requests

if TYPE_CHECKING:
    from engine.results import Result

NAMES = ("tsne2",)
"""What can be asked for; each becomes a map of the result of that name. UMAP is made without being asked for."""


class Layouts(Requests):
    """Maps that are made on request, of a workspace's finished runs.

    Parameters
    ----------
    store, artifacts
        As for `Requests`.
    result
        Opens the result of a run.
    """

    kind = "tsne"

    def __init__(self, store: Store, artifacts: Artifacts, result: "Callable[[str], Result]") -> None:
        super().__init__(store, artifacts)
        self._result = result

    def ask(self, run_id: str, name: str) -> None:
        """Request one of `NAMES`, unless the result has it or it is under way.

        Raises
        ------
        InputError
            Where there is no such layout, or the run has no result.
        """
        if name not in NAMES:
            raise InputError(f"There is no layout {name!r}. Choose one of {', '.join(NAMES)}.")
        if name not in self._result(run_id).maps:
            self._begin(base.name(run_id, name), name, {}, anew=True)
