"""Files that are made of finished runs, each once, because a run never changes."""

from engine.runs import errands
from engine.runs.errands import Errands
from engine.runs.records import Errand


class Exports(Errands):
    """The files that workers made, or are to make, of a workspace's finished runs."""

    kind = "export"

    def ask(self, run_id: str, format: str) -> Errand:
        """Queue a finished run to be made into a file of a format of `engine.runs.exporting.MADE`."""
        return self._begin(errands.name(run_id, format), format, {})

    def read(self, errand_id: str) -> bytes:
        """The file that was made; InputError where it was not."""
        errand = self._done(errand_id)
        return self._artifacts.read_folder(errands.place(errand_id))(str(errand.summary["file"]))
