"""The public face of runs: what pages and the command line may ask for. No torch here, and every call is cheap."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.core.errors import InputError
from engine.portfolio.card import AUTO
from engine.runs import garbage
from engine.runs.config import Config
from engine.runs.db import queue, repository
from engine.runs.db.cluster_names import Names
from engine.runs.db.records import DatasetRecord, FailedImport, Import, ImportState, Record, Recording, RunRecord
from engine.runs.db.run_key import Settings
from engine.runs.db.schema import Store
from engine.runs.db.share_links import Links
from engine.runs.db.validation import completed
from engine.runs.executors import Executor, executor
from engine.runs.files import originals, recordings, trajectories
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.cache import BoundedCache, reading
from engine.runs.files.uploads import Source
from engine.runs.imports import Imports
from engine.runs.requests.evaluations import Evaluations
from engine.runs.requests.exports import Exports
from engine.runs.requests.layouts import Layouts
from engine.runs.requests.predictions import Predictions

if TYPE_CHECKING:
    import pandas as pd

    from engine.intake import Raw, ReadOptions
    from engine.results import Result

COLLECT_EVERY = 600.0
"""Seconds between two collections of garbage."""


class Workspace:
    """Everything one installation holds. Safe to use from several threads.

    Datasets, runs and results are asked for here; the rest belongs to a collaborator.

    Parameters
    ----------
    config
        Where the installation keeps its things, and how much of them.

    Attributes
    ----------
    links
        Secret links to runs.
    names
        The user's own names for groups.
    predictions, exports, evaluations, layouts
        What is requested for finished runs: the groups of other files, files, evaluations and further maps.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(config.store)
        self.artifacts = Artifacts(config.artifacts)
        self.cache = BoundedCache(config.cache)
        self._imports = Imports(self.store, self.artifacts, config.max_upload)
        self._executor: Executor | None = None
        self._collect_at = 0.0
        self.links = Links(self.store)
        self.names = Names(self.store, self.result)
        self.predictions = Predictions(self.store, self.artifacts, config.max_upload, self.cache)
        self.exports = Exports(self.store, self.artifacts)
        self.evaluations = Evaluations(self.store, self.artifacts, self.result)
        self.layouts = Layouts(self.store, self.artifacts, self.result)

    @classmethod
    def open(cls, environment: Mapping[str, str] | None = None) -> "Workspace":
        """Open the workspace that the environment names.

        Parameters
        ----------
        environment
            CONSTELLA_HOME, CONSTELLA_STORE, CONSTELLA_ARTIFACTS and what else `Config.of` reads; None for that of this process.

        Raises
        ------
        InputError
            Where a setting is not understood, or the store cannot be opened.
        """
        return cls(Config.of(os.environ if environment is None else environment))

    def add(self, source: Source, name: str | None = None, options: "ReadOptions | None" = None) -> Import:
        """Copy what a user brings and queue it to be read by a worker. The same content comes in once.

        Parameters
        ----------
        source
            A file's content, a path to a file or folder, the name of a sample, or several files as (name, content).
        name
            What the dataset is to be called; left out, it is the file's name.
        options
            How it is read where its content leaves that open.

        Raises
        ------
        InputError
            Where the source is empty, larger than `config.max_upload`, or does not fit on the disk.
        """
        return self._imports.add(source, name, options)

    def upload(self, source: Source, name: str | None = None) -> Import:
        """`add` that returns at once: the source is hashed and copied by a thread, and `importing` says how far it is.

        Raises
        ------
        InputError
            Where the source is empty or larger than `config.max_upload`. What goes wrong later, a full disk, is the sentence
            of `importing`.
        """
        return self._imports.upload(source, name)

    def read_as_series(self, dataset_id: str, how: Mapping[str, Any]) -> Import:
        """Queue a table to be read once more as series; the table stays as it is.

        Parameters
        ----------
        dataset_id
            The table.
        how
            How rows become series, see `engine.intake.as_series`.

        Raises
        ------
        InputError
            Where there is no such dataset.
        """
        return self._imports.read_as_series(self.dataset(dataset_id), how)

    def read_again(self, dataset_id: str, options: "ReadOptions") -> Import:
        """Queue the file of a dataset to be read once more with other options; what it becomes replaces a dataset without runs.

        Parameters
        ----------
        dataset_id
            The dataset; it stays while runs need it.
        options
            How the file is read.

        Raises
        ------
        InputError
            Where there is no such dataset, or its file was not kept.
        """
        return self._imports.read_again(self.dataset(dataset_id), options)

    def stop_import(self, import_id: str) -> None:
        """Stop reading what was uploaded; nothing of it is kept. Without effect once it is read, or while it is copied."""
        self._imports.stop(import_id)

    def importing(self, import_id: str) -> ImportState:
        """Where an import stands: copying (with its progress), queued, running, done or failed.

        Raises
        ------
        InputError
            Where no import has this id.
        """
        return self._imports.state(import_id)

    def failed_imports(self) -> list[FailedImport]:
        """New files that could not be read and whose upload is kept for another try, the latest first."""
        return self._imports.all_failed()

    def failed_import(self, import_id: str) -> FailedImport | None:
        """An import that failed and can be tried again; None where its file is not kept."""
        return self._imports.failed(import_id)

    def retry_import(self, import_id: str, options: "ReadOptions") -> Import:
        """Queue a file that could not be read to be read with other options.

        Parameters
        ----------
        import_id
            The import that failed; its upload stays until the file was read.
        options
            How the file is read.

        Raises
        ------
        InputError
            Where its upload is not kept any more.
        """
        failed = self._imports.failed(import_id)
        if failed is None:
            raise InputError("The upload of this file is no longer kept here. Add the file again.")
        return self.read_again(failed.dataset, options) if failed.dataset else self._imports.retry(failed, options)

    def forget_import(self, import_id: str) -> None:
        """Delete an import that failed, with its upload."""
        self._imports.forget(import_id)

    def datasets(self) -> list[DatasetRecord]:
        """Every dataset, newest first."""
        with self.store.read() as connection:
            return repository.all_datasets(connection)

    def dataset(self, dataset_id: str) -> DatasetRecord:
        """One dataset by its id.

        Raises
        ------
        InputError
            Where there is none.
        """
        with self.store.read() as connection:
            row = repository.dataset_row(connection, dataset_id)
        if row is None:
            raise InputError("This dataset does not exist (any more). Choose another or add it again.")
        return DatasetRecord(**row)

    def newest_dataset(self) -> DatasetRecord | None:
        """The dataset that was added last; None where there is none."""
        with self.store.read() as connection:
            return repository.newest_dataset(connection)

    def raw(self, dataset_id: str) -> "Raw":
        """The data of a dataset before preparation; cached in memory, within `config.cache` bytes.

        Raises
        ------
        InputError
            Where there is no such dataset, or its files are damaged.
        """
        from engine.intake import Raw

        self.dataset(dataset_id)
        folder = f"datasets/{dataset_id}"
        return self.cache.get(folder, lambda: self.artifacts.with_folder(folder, reading(Raw.load)))

    def delete_dataset(self, dataset_id: str) -> None:
        """Delete a dataset with its files.

        Raises
        ------
        InputError
            While runs still need it.
        """
        with self.store.write() as connection:
            needed = len(repository.runs_of(connection, dataset_id))
            if needed:
                runs = "1 run needs" if needed == 1 else f"{needed} runs need"
                raise InputError(f"{runs} this dataset. Delete them first.")
            repository.remove_dataset(connection, dataset_id)
        self.cache.drop(f"datasets/{dataset_id}")
        self.artifacts.delete(f"datasets/{dataset_id}")
        originals.delete(self.artifacts, dataset_id)
        self._collect_at = 0.0

    def submit(self, settings: Settings) -> RunRecord:
        """Queue a run, unless there is one of the same settings.

        Parameters
        ----------
        settings
            What decides the result. An empty preparation means the suggested one, missing knobs their defaults.

        Returns
        -------
        RunRecord
            The run of these settings. One that is done stays as it is; one that failed or was stopped is queued again.

        Raises
        ------
        InputError
            Where the method or the data do not allow the settings.
        """
        dataset = self.dataset(settings.dataset)
        card, settings = completed(settings, dataset)
        run = self.store.change(
            lambda connection: repository.open_run(connection, settings, f"{card.called} on {dataset.name}")
        )
        return self.run(run)

    def run(self, run_id: str) -> RunRecord:
        """One run by its id.

        Raises
        ------
        InputError
            Where there is none.
        """
        with self.store.read() as connection:
            return repository.as_run(repository.need_run(connection, run_id))

    def is_current(self, run: RunRecord) -> bool:
        """False where the code of the run's method has changed since: the same settings would be trained anew."""
        settings = Settings(run.dataset, run.method, run.n_clusters, run.preparation, run.knobs, run.seed)
        if run.search is not None and run.state == "done":
            asked = run.search["asked"]
            settings = replace(
                settings,
                method=AUTO,
                n_clusters=asked["k"],
                preparation=asked["preparation"],
                knobs=asked["knobs"],
            )
        return settings.key() == run.key

    def runs(
        self, states: Sequence[str] = (), *, dataset: str = "", method: str = "", limit: int | None = None
    ) -> list[RunRecord]:
        """Runs, newest first.

        Parameters
        ----------
        states : sequence of str
            Only runs in one of these states; any, if empty.
        dataset, method : str
            Only runs of this dataset or method, by id; any, if empty.
        limit : int or None
            At most this many, the newest; None for all.
        """
        with self.store.read() as connection:
            return repository.find_runs(connection, states, dataset=dataset, method=method, limit=limit)

    def run_states(self) -> dict[str, str]:
        """The state of every run by its id, newest first."""
        with self.store.read() as connection:
            return repository.run_states(connection)

    def newest_run(self, states: Sequence[str] = ()) -> RunRecord | None:
        """The newest run in one of these states, or in any where none is named; None where there is none."""
        with self.store.read() as connection:
            return repository.newest_run(connection, states)

    def position(self, run_id: str) -> int:
        """Number of runs that are before this one in the queue; 0 is next or at work."""
        with self.store.read() as connection:
            return queue.jobs_ahead(connection, "train", run_id)

    def stop(self, run_id: str) -> None:
        """Stop a run: at once while it waits, within two seconds while it trains. Ended runs stay as they are.

        Raises
        ------
        InputError
            Where there is no such run.
        """
        self.run(run_id)
        self.store.change(lambda connection: repository.ask_to_stop(connection, run_id))

    def retry(self, run_id: str) -> RunRecord:
        """Queue a failed or stopped run again; it goes on from its last checkpoint where it has one.

        Raises
        ------
        InputError
            Where there is no such run.
        """
        if self.run(run_id).state in ("failed", "stopped"):
            self.store.change(lambda connection: repository.reopen(connection, run_id))
        return self.run(run_id)

    def delete(self, run_id: str) -> None:
        """Delete a run with all its files; a worker that is at it drops it."""
        self.store.change(lambda connection: repository.remove_run(connection, run_id))
        self.cache.drop(f"runs/{run_id}/")
        self.artifacts.delete(f"runs/{run_id}")
        self._collect_at = 0.0

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name.

        Raises
        ------
        InputError
            Where there is no such run.
        """
        self.run(run_id)
        self.store.change(
            lambda connection: repository.set_run(connection, run_id, {"name": name.strip() or "Untitled"})
        )

    def history(self, run_id: str, since: int = 0) -> list[Record]:
        """Records of a training, epoch by epoch.

        Parameters
        ----------
        run_id
            The run.
        since
            Only records after the one with this "seq".

        Returns
        -------
        list of dict
            Each has seq, stage (its id), stage_title, epoch, epochs (of all stages of that id), stages_done, progress (0 to 1),
            seconds, terms, report, sizes, changed and frame (the number of its frame in the recording, or None).
        """
        with self.store.read() as connection:
            return repository.history(connection, run_id, since)

    def recording(self, run_id: str, since: int = 0) -> Recording:
        """Labels and positions to play a training back.

        Parameters
        ----------
        run_id
            The run.
        since
            Number of the first frame.

        Raises
        ------
        Damaged
            Where a frame is not what was written.
        """
        return recordings.read(self.artifacts, run_id, since)

    def trajectory(self, run_id: str, member: int, n: int) -> "trajectories.Trajectory":
        """The groups of one member over a training, as far as its recording shows them.

        Parameters
        ----------
        run_id
            A finished run.
        member
            Index of the member, 0 to n - 1.
        n
            Number of the run's members.

        Raises
        ------
        Damaged
            Where a frame is not what was written.
        """
        return trajectories.read(self.artifacts, run_id, member, n)

    def frame(self, run_id: str) -> Recording:
        """The newest frame of a run's recording; empty before there is one."""
        return recordings.read(self.artifacts, run_id, -1)

    def result(self, run_id: str) -> "Result":
        """Load the result of a finished run, its groups under the user's own names where there are any.

        Parameters
        ----------
        run_id
            The run.

        Returns
        -------
        Result
            Cached in memory, within `config.cache` bytes.

        Raises
        ------
        InputError
            Where the run is not finished or its files are damaged.
        """
        from engine.results import load_result

        with self.store.read() as connection:
            row = repository.need_result(connection, run_id)
        revision = f"runs/{run_id}/result/{row['result']}"
        stored = self.cache.get(revision, lambda: reading(load_result)(self._reader(run_id)))
        given = self.names.of_run(run_id)  # each time, so that every tab and every process shows the newest
        return stored.renamed(given) if given else stored

    def embedding(self, run_id: str) -> Any:
        """Load the embedding of a finished run, which a result leaves on disk.

        Returns
        -------
        ndarray
            float32 [n, d], d at most 50.

        Raises
        ------
        InputError
            Where the run is not finished or its files are damaged.
        """
        from engine.results import load_embedding

        return load_embedding(self.result(run_id), self._reader(run_id))

    def trouble(self, run_id: str) -> str:
        """The traceback of a failed run, for whoever runs this server; empty where there is none."""
        name = f"runs/{run_id}/trouble.txt"
        return self.artifacts.read(name).decode() if self.artifacts.exists(name) else ""

    def original(self, dataset_id: str) -> "originals.Original | None":
        """What a dataset was read from; None for samples, and where the files were not stored."""
        return originals.find(self.artifacts, dataset_id)

    def original_file(self, dataset_id: str, path: str, most: int) -> bytes | None:
        """One file of what a dataset was read from, by its path there; None where it is not stored, or too large."""
        original = self.original(dataset_id)
        return None if original is None else originals.read_file(self.artifacts, original, path, most)

    @contextmanager
    def rows_as_written(self, dataset_id: str) -> Iterator["pd.DataFrame"]:
        """The rows of a dataset, each cell as it is written in the file that was uploaded, as long as the context lasts.

        Parameters
        ----------
        dataset_id
            The dataset.

        Yields
        ------
        DataFrame
            One row for each of `raw(dataset_id).rows`; these themselves where the file is not there or holds values, not text.

        Raises
        ------
        InputError
            As `raw`.
        """
        raw, original = self.raw(dataset_id), self.original(dataset_id)
        folder, files = ("", ()) if original is None else (original.folder, original.files)
        with originals.rows_as_written(self.artifacts, raw, folder, files) as rows:
            yield rows

    def ensure_workers(self, *, warm: bool = True) -> None:
        """Start workers where work waits and none lives, and give back the work of the dead.

        The first call also starts idle ones, so that they are warm when they are needed, unless told not to.
        """
        if self._executor is None:
            self._executor = executor(self.config, self.store)
        self._executor.ensure(warm=warm)

    def collect_garbage(self) -> None:
        """Delete what nothing refers to any more, every `COLLECT_EVERY` seconds and soon after something was deleted.

        Meant to be called again and again; nearly always it has nothing to do.
        """
        if time.monotonic() >= self._collect_at:
            self._collect_at = time.monotonic() + COLLECT_EVERY
            garbage.try_to_collect(self.store, self.artifacts, self.config)

    def close(self) -> None:
        """Close the connections to the store; workers go on."""
        self.store.close()

    def _reader(self, run_id: str) -> Callable[[str], bytes]:
        return lambda name: self.artifacts.read(f"runs/{run_id}/result/{name}")
