"""The public face of runs: what pages and the command line may ask for. No torch here, and every call is cheap."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.errors import InputError
from engine.runs import errands, examinations, films, labeling, ledger, originals, queue, sharing
from engine.runs.artifacts import FULL, Artifacts, Damaged
from engine.runs.completion import completed
from engine.runs.executors import Executor, executor
from engine.runs.places import Places
from engine.runs.records import (
    DatasetRecord,
    Errand,
    Examination,
    Film,
    Import,
    ImportState,
    Record,
    RunRecord,
    Share,
)
from engine.runs.settings import Settings
from engine.runs.store import Store, disk_full
from engine.runs.uploads import Source, Upload

if TYPE_CHECKING:
    from engine.intake import Raw
    from engine.results import Result
    from engine.results.placement import Placement

T = TypeVar("T")
KEPT_DATA, KEPT_RESULTS = 4, 12
"""Datasets and results that a process keeps in memory; a page may compare several results."""


class Workspace:
    """Everything one installation holds: datasets, runs, results and links. Safe to use from several threads."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.store = Store(places.store)
        self.artifacts = Artifacts(places.artifacts)
        self._executor: Executor | None = None
        self._raws: _Kept[Raw] = _Kept(KEPT_DATA)
        self._results: _Kept[Result] = _Kept(KEPT_RESULTS)
        self._placements: _Kept[Placement] = _Kept(KEPT_DATA)

    @classmethod
    def open(cls, environment: Mapping[str, str] | None = None) -> "Workspace":
        """The workspace that the environment names (CONSTELLA_HOME, CONSTELLA_STORE, CONSTELLA_ARTIFACTS)."""
        return cls(Places.of(os.environ if environment is None else environment))

    def add(self, source: Source, name: str | None = None) -> Import:
        """Copy a file, a folder, several files or a sample's name, and queue it to be read.

        The same content comes in once. Raises InputError for what is empty, too large, or finds the disk full.
        """
        upload = Upload(source, name, self.places.max_upload)
        item = upload.hash()
        state = self._import_state(item)
        if state is None or state.state == "failed" or (state.dataset and not self._has_dataset(state.dataset)):
            _check_sample(upload.sample)
            stored = upload.keep(self.artifacts, f"uploads/{item}")
            self._change(lambda connection: ledger.open_import(connection, item, upload.name, stored))
        return Import(item, upload.name)

    def importing(self, import_id: str) -> ImportState:
        """Where an import stands."""
        state = self._import_state(import_id)
        if state is None:
            raise InputError("This upload is not known here. Add the file again.")
        return state

    def datasets(self) -> list[DatasetRecord]:
        """Every dataset, newest first."""
        with self.store.read() as connection:
            return ledger.all_datasets(connection)

    def dataset(self, dataset_id: str) -> DatasetRecord:
        """One dataset; InputError where there is none."""
        with self.store.read() as connection:
            row = ledger.dataset_row(connection, dataset_id)
        if row is None:
            raise InputError("This dataset does not exist (any more). Choose another or add it again.")
        return DatasetRecord(**row)

    def raw(self, dataset_id: str) -> "Raw":
        """What arrived, before preparation; the last few are kept in memory."""
        from engine.intake import Raw

        self.dataset(dataset_id)
        return self._raws.get(
            dataset_id, lambda: self.artifacts.with_folder(f"datasets/{dataset_id}", _reading(Raw.load))
        )

    def delete_dataset(self, dataset_id: str) -> None:
        """Forget a dataset; InputError while runs still need it."""
        with self.store.write() as connection:
            needed = len(ledger.runs_of(connection, dataset_id))
            if needed:
                runs = "1 run needs" if needed == 1 else f"{needed} runs need"
                raise InputError(f"{runs} this dataset. Delete them first.")
            ledger.remove_dataset(connection, dataset_id)
        self._raws.drop(dataset_id)
        self.artifacts.delete(f"datasets/{dataset_id}")
        originals.delete(self.artifacts, dataset_id)

    def submit(self, settings: Settings) -> RunRecord:
        """The run of these settings: one that is done opens at once, one that failed or was stopped is queued again.

        An empty preparation means the suggested one, missing knobs their defaults. InputError for settings that the method
        or the data do not allow.
        """
        dataset = self.dataset(settings.dataset)
        card, settings = completed(settings, dataset)
        run = self._change(lambda connection: ledger.open_run(connection, settings, f"{card.called} on {dataset.name}"))
        return self.run(run)

    def run(self, run_id: str) -> RunRecord:
        """One run; InputError where there is none."""
        return ledger.as_run(self._row(run_id))

    def runs(self) -> list[RunRecord]:
        """Every run, newest first."""
        with self.store.read() as connection:
            return ledger.all_runs(connection)

    def position(self, run_id: str) -> int:
        """How many runs are before this one; 0 is next or at work."""
        with self.store.read() as connection:
            return queue.position(connection, "train", run_id)

    def stop(self, run_id: str) -> None:
        """Stop a run: at once while it waits, within two seconds while it trains. Ended runs stay as they are."""
        self.run(run_id)
        self._change(lambda connection: ledger.ask_to_stop(connection, run_id))

    def retry(self, run_id: str) -> RunRecord:
        """Queue a failed or stopped run again; it goes on from its last checkpoint where it has one."""
        if self.run(run_id).state in ("failed", "stopped"):
            self._change(lambda connection: ledger.reopen(connection, run_id))
        return self.run(run_id)

    def delete(self, run_id: str) -> None:
        """Forget a run with all it made; a worker that is at it drops it."""
        self._change(lambda connection: ledger.remove_run(connection, run_id))
        self.artifacts.delete(f"runs/{run_id}")

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        self.run(run_id)
        self._change(lambda connection: ledger.set_run(connection, run_id, {"name": name.strip() or "Untitled"}))

    def name_group(self, run_id: str, label: int, name: str) -> None:
        """Give one group of a finished run the user's own name; an empty one brings back the proposed name."""
        self.name_groups(run_id, {label: name})

    def name_groups(self, run_id: str, names: Mapping[int, str]) -> None:
        """The same for several groups at once: all of them or none; InputError for unknown groups and long names."""
        known = {group.label: group.proposed or group.name for group in self.result(run_id).groups}
        strange = [label for label in names if label not in known]
        if strange:
            raise InputError(f"There is no group {strange[0] + 1} in this result; it has {len(known)}.")
        clean = {label: labeling.cleaned(name) for label, name in names.items()}
        # Who writes the proposed name wants the proposed name.
        given = {label: "" if name == known[label] else name for label, name in clean.items()}
        self._change(lambda connection: labeling.rename(connection, run_id, given))

    def history(self, run_id: str, since: int = 0) -> list[Record]:
        """What training told, epoch by epoch, after record `since` (its "seq").

        A record has seq, stage, epoch, epochs (of all stages of that name), stages_done, progress, seconds, terms, report,
        sizes, changed and frame (the number of its frame in the film, or None).
        """
        with self.store.read() as connection:
            return ledger.history(connection, run_id, since)

    def film(self, run_id: str, since: int = 0) -> Film:
        """Labels and positions to play the training back, from frame number `since` on."""
        return films.read(self.artifacts, run_id, since)

    def frame(self, run_id: str) -> Film:
        """The film's newest frame alone; empty before there is one."""
        return films.read(self.artifacts, run_id, -1)

    def result(self, run_id: str) -> "Result":
        """What a finished run found, its groups under the user's own names where they were given any.

        InputError where the run is not finished or its files are damaged.
        """
        from engine.results import Result

        row = self._row(run_id)
        if row["state"] != "done" or not row["result"]:
            raise InputError(f"This run has no result yet: it is {row['state']}.")
        revision = f"{run_id}/{row['result']}"
        stored = self._results.get(revision, lambda: _reading(Result.load)(self._reader(run_id)))
        # Names are read each time, so that every tab and every process shows the newest.
        with self.store.read() as connection:
            given = labeling.of_run(connection, run_id)
        return stored.renamed(given) if given else stored

    def examine(self, run_id: str, part: str) -> None:
        """Have a worker find out whether a finished run can be relied on: its "stability", a "scan" of numbers of groups, or
        its "robustness". What is found joins the result."""
        if getattr(self.result(run_id), part, None) is None:
            self._change(lambda connection: examinations.ask(connection, run_id, part))

    def examination(self, run_id: str) -> Examination | None:
        """How far the examination of a run is; None where nobody asked for one."""
        with self.store.read() as connection:
            row = examinations.find(connection, run_id)
        return None if row is None else examinations.as_record(row)

    def stop_examination(self, run_id: str) -> None:
        """Stop the examination of a run; what it has found already stays."""
        self._change(lambda connection: examinations.ask_to_stop(connection, run_id))

    def embedding(self, run_id: str) -> Any:
        """The run's embedding, float32 [n, <= 50], which a result leaves on disk until it is asked for."""
        from engine.results import load_embedding

        return load_embedding(self.result(run_id), self._reader(run_id))

    def trouble(self, run_id: str) -> str:
        """The traceback of a failed run, for whoever runs this server; empty where there is none."""
        name = f"runs/{run_id}/trouble.txt"
        return self.artifacts.read(name).decode() if self.artifacts.exists(name) else ""

    def apply(self, run_id: str, source: Source, name: str | None = None) -> Errand:
        """Copy another file and queue it to be placed in a finished run's groups; the same content is placed once.

        Raises InputError as `add` does, and where the run has no result.
        """
        upload = Upload(source, name, self.places.max_upload)
        if upload.sample:
            raise InputError(f"There is no file {upload.sample!r}.")
        self.run(run_id)
        errand, told = errands.name(run_id, upload.hash()[:20]), {"files": upload.files}
        known = self._errand(errand)
        if known is None or known.state == "failed":  # then what was copied went
            upload.keep(self.artifacts, f"{errands.place(errand)}/upload")
        self._change(lambda connection: errands.begin(connection, errand, "apply", upload.name, told))
        return self.errand(errand)

    def applied(self, run_id: str) -> list[Errand]:
        """The files that were placed in a run's groups, newest first, those that did not fit among them."""
        with self.store.read() as connection:
            return errands.of_run(connection, run_id, "apply")

    def placement(self, errand_id: str) -> "Placement":
        """Where the rows of a file belong; InputError where it was not placed."""
        from engine.results.placement import Placement

        self._finished(errand_id)
        read = self.artifacts.read_folder(f"{errands.place(errand_id)}/rows")
        return self._placements.get(errand_id, lambda: _reading(Placement.load)(read))

    def new_raw(self, errand_id: str) -> "Raw":
        """What was in a file that was placed."""
        from engine.intake import Raw

        self._finished(errand_id)
        place = f"{errands.place(errand_id)}/raw"
        return self._raws.get(errand_id, lambda: self.artifacts.with_folder(place, _reading(Raw.load)))

    def export(self, run_id: str, format: str) -> Errand:
        """Queue a finished run to be made into a file of a format of `engine.runs.exporting.MADE`; each is made once."""
        errand = errands.name(run_id, format)
        self._change(lambda connection: errands.begin(connection, errand, "export", format, {}))
        return self.errand(errand)

    def exported(self, run_id: str, format: str) -> Errand | None:
        """Where the making of a file stands; None where nobody asked for it."""
        return self._errand(errands.name(run_id, format))

    def export_file(self, errand_id: str) -> bytes:
        """The file that was made."""
        errand = self._finished(errand_id)
        return self.artifacts.read_folder(errands.place(errand_id))(str(errand.summary["file"]))

    def errand(self, errand_id: str) -> Errand:
        """Where something stands that was asked for; InputError where it is unknown."""
        found = self._errand(errand_id)
        if found is None:
            raise InputError(errands.GONE)
        return found

    def forget(self, errand_id: str) -> None:
        """Delete what was made of a file or into a file; a worker that is at it drops it."""
        self._change(lambda connection: errands.remove(connection, errand_id))
        self._raws.drop(errand_id)
        self._placements.drop(errand_id)
        self.artifacts.delete(errands.place(errand_id))

    def original(self, dataset_id: str) -> "originals.Original | None":
        """The file or files that a dataset was read from; None for samples and where they were not kept."""
        return originals.find(self.artifacts, dataset_id)

    def share(
        self,
        run_id: str,
        *,
        raw_data: bool = False,
        expires: float | None = None,
        password: str = "",
        view: Record | None = None,
    ) -> str:
        """A new secret link's token; `expires` is a time in seconds since 1970, `view` what the link shows at first."""
        self.run(run_id)

        def made(connection: Connection) -> str:
            token = sharing.share(connection, run_id, raw_data, expires)
            if view:
                sharing.show_as(connection, token, run_id, view)
            if password:
                sharing.lock(connection, token, run_id, password)
            return token

        return self._change(made)

    def unlock(self, token: str, password: str) -> None:
        """Check the password of a link; InputError with a sentence where it is wrong."""
        refusal = self._change(lambda connection: sharing.unlock(connection, token, password))
        if refusal:
            raise InputError(refusal)

    def shared(self, token: str) -> Share:
        """What a secret link opens; InputError where it is unknown, revoked or expired. Ask for the password if it is locked."""
        with self.store.read() as connection:
            return sharing.find(connection, token)

    def shares(self, run_id: str) -> list[Share]:
        """Every link to a run that still opens, newest first."""
        with self.store.read() as connection:
            return sharing.of_run(connection, run_id)

    def revoke(self, token: str) -> None:
        """Close a link for good; InputError where it is unknown."""
        self._change(lambda connection: sharing.revoke(connection, token))

    def ensure_workers(self, *, warm: bool = True) -> None:
        """Start workers where work waits and none lives, and give back the work of the dead.

        The first call also starts idle ones, so that they are warm when they are needed, unless told not to.
        """
        if self._executor is None:
            self._executor = executor(self.places, self.store)
        self._executor.ensure(warm=warm)

    def close(self) -> None:
        """Give connections back; workers go on."""
        self.store.close()

    def _errand(self, errand_id: str) -> Errand | None:
        with self.store.read() as connection:
            return errands.find(connection, errand_id)

    def _finished(self, errand_id: str) -> Errand:
        errand = self.errand(errand_id)
        if errand.state != "done":
            raise InputError(f"{errand.name} is not ready: {errand.sentence or errand.doing or 'it waits'}.")
        return errand

    def _reader(self, run_id: str) -> Callable[[str], bytes]:
        return lambda name: self.artifacts.read(f"runs/{run_id}/result/{name}")

    def _row(self, run_id: str) -> Any:
        with self.store.read() as connection:
            row = ledger.run_row(connection, run_id)
        if row is None:
            raise InputError("This run does not exist (any more). Open another one from the list of runs.")
        return row

    def _import_state(self, item: str) -> ImportState | None:
        with self.store.read() as connection:
            row = ledger.import_row(connection, item)
        return None if row is None else ledger.import_state(row)

    def _has_dataset(self, dataset: str) -> bool:
        with self.store.read() as connection:
            return ledger.dataset_row(connection, dataset) is not None

    def _change(self, action: Callable[[Any], T]) -> T:
        """One transaction; where two processes enter the same row at the same moment, the second looks again."""
        for last in (False, True):
            try:
                with self.store.write() as connection:
                    return action(connection)
            except IntegrityError:
                if last:
                    raise
            except DBAPIError as fault:
                if disk_full(fault):
                    raise InputError(FULL) from fault
                raise
        raise AssertionError("unreachable")


def _check_sample(name: str | None) -> None:
    if name is None:
        return
    from engine.intake import samples

    names = [sample.name for sample in samples()]
    if name not in names:
        raise InputError(f"There is no file {name!r}, and no sample of that name. The samples are {', '.join(names)}.")


class _Kept(OrderedDict[str, T]):
    """The most recently used few."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most, self._lock = most, threading.Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:  # type: ignore[override]
        with self._lock:
            if key not in self:
                self[key] = make()
            self.move_to_end(key)
            while len(self) > self._most:
                self.popitem(last=False)
            return self[key]

    def drop(self, key: str) -> None:
        with self._lock:
            self.pop(key, None)


def _reading(load: Callable[[Any], T]) -> Callable[[Any], T]:
    """`load`, with one sentence for whatever it finds unreadable."""

    def read(source: Any) -> T:
        try:
            return load(source)
        except InputError:
            raise
        except (ValueError, KeyError, OSError, EOFError) as fault:
            raise Damaged(
                "What was stored cannot be read any more: its files are damaged or of another version. "
                "Make the run or dataset again."
            ) from fault

    return read
