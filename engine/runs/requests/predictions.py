"""Other files placed in the groups of finished runs."""

from typing import TYPE_CHECKING

from engine.core.errors import InputError
from engine.runs.db import repository
from engine.runs.db.records import Request
from engine.runs.db.schema import Store
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.cache import BoundedCache, reading
from engine.runs.files.uploads import Source, Upload
from engine.runs.requests import base
from engine.runs.requests.base import Requests

if TYPE_CHECKING:
    from engine.intake import Raw
    from engine.results.evaluate.assignment import Assignment


class Predictions(Requests):
    """The files that were brought to a workspace's finished runs, and where their rows belong."""

    kind = "predict"

    def __init__(self, store: Store, artifacts: Artifacts, max_upload: int, cache: BoundedCache) -> None:
        super().__init__(store, artifacts)
        self._max_upload, self._cache = max_upload, cache

    def ask(self, run_id: str, source: Source, name: str | None = None) -> Request:
        """Copy another file and queue it to be placed in a finished run's groups; the same content is placed once.

        InputError for what is empty, too large, or finds the disk full, and where the run has no result.
        """
        upload = Upload(source, name, self._max_upload)
        if upload.sample:
            raise InputError(f"There is no file {upload.sample!r}.")
        with self._store.read() as connection:
            repository.need_result(connection, run_id)
        what = upload.hash()[:20]
        known = self.find(run_id, what)
        if known is None or known.state in ("failed", "stopped"):  # a failure takes the copy along
            upload.keep(self._artifacts, f"{base.place(base.name(run_id, what))}/upload")
        return self._begin(base.name(run_id, what), upload.name, {"files": upload.files})

    def read(self, request_id: str) -> "Assignment":
        """Where the rows of a file belong; InputError where it was not placed."""
        from engine.results.evaluate.assignment import Assignment

        self._done(request_id)
        folder = f"{base.place(request_id)}/rows"
        read = self._artifacts.read_folder(folder)
        return self._cache.get(folder, lambda: reading(Assignment.load)(read))

    def raw(self, request_id: str) -> "Raw":
        """What was in a file that was placed."""
        from engine.intake import Raw

        self._done(request_id)
        folder = f"{base.place(request_id)}/raw"
        return self._cache.get(folder, lambda: self._artifacts.with_folder(folder, reading(Raw.load)))

    def forget(self, request_id: str) -> None:
        """Delete a file with its placement; a worker that is at it drops it."""
        super().forget(request_id)
        self._cache.drop(f"{base.place(request_id)}/")
