"""Files that are made of finished runs, each once, because a run never changes."""

from engine.runs.db.records import Request
from engine.runs.requests import base
from engine.runs.requests.base import Requests


class Exports(Requests):
    """The files that workers made, or are to make, of a workspace's finished runs."""

    kind = "export"

    def ask(self, run_id: str, format: str) -> Request:
        """Request a file of a finished run.

        Parameters
        ----------
        run_id
            The run.
        format
            One of `engine.runs.workers.export_job.MADE`.

        Raises
        ------
        InputError
            Where the run has no result.
        """
        return self._begin(base.name(run_id, format), format, {})

    def read(self, request_id: str) -> bytes:
        """The content of a file that is done.

        Raises
        ------
        InputError
            Where it is not done, or was damaged.
        """
        request = self._done(request_id)
        return self._artifacts.read_folder(base.folder(self._artifacts, request_id))(str(request.summary["file"]))
