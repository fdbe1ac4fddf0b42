"""The light lane's work: reading what a user brought into a dataset."""

import contextlib
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Connection

from engine import intake
from engine.core.errors import InputError
from engine.intake import Raw
from engine.intake.limits import free_memory
from engine.runs.db import queue, repository
from engine.runs.db.records import DatasetRecord, ImportState, Record
from engine.runs.files import originals
from engine.runs.files.artifacts import SUMS
from engine.runs.files.uploads import stored_names, unpack
from engine.runs.workers.job_context import JobContext
from engine.runs.workers.memory_limit import memory_limit

LONGEST = 3600.0
"""Seconds that reading one file may take."""
LEAST_MEMORY = 2**30
REPORT_SECONDS = 1.0
"""Seconds between two reports of how much was read."""
DOWNLOADING = "Downloading and reading"
TOO_LARGE = (
    "Reading this file takes more than {most} of memory, the most that one file may have here. Bring fewer rows or columns, or "
    "ask whoever runs this server to raise CONSTELLA_IMPORT_MEMORY."
)


def work(context: JobContext) -> None:
    """Read an upload, a sample, or a table once more as series; keep it as a dataset named by its content, and the upload."""
    item = context.job.target
    upload = f"uploads/{item}"
    with context.store.read() as connection:
        row = repository.import_row(connection, item)
    if row is None:
        raise queue.JobLost(item)
    source = row["source"]
    if "folder" in source:  # read once more: each dataset has a copy of the file of its own
        _copy(context, source, upload)
    context.note_progress(allow=LONGEST)
    with memory_limit(_memory(context), TOO_LARGE):
        raw = _read(context, item, row["name"], source)
    if context.stop.is_set():
        raise InputError(queue.STOPPED)
    context.note_progress()
    record = _described(raw, "sample" in source)
    _keep(context, raw, record.id)
    # Everything is in place before the store says so: killed at any moment, the import can be done again.
    if "files" in source:
        originals.keep(context.artifacts, upload, record.id, row["name"], source)
    context.store.change(lambda connection: _finish(connection, context, record))
    original = originals.find(context.artifacts, record.id)
    if original is None or original.folder != upload:  # the same rows were there already, from another file
        context.artifacts.delete(upload)
    if source.get("again", record.id) != record.id:
        _replace(context, source["again"])
    if "failed" in source:  # it was read at last: the upload of the first try has served
        context.store.change(lambda connection: repository.remove_import(connection, source["failed"]))
        context.artifacts.delete(source["folder"])


class _Progress:
    """Writes how much of a file was read, now and then; ends the reading where somebody asked for that."""

    def __init__(self, context: JobContext, source: Record) -> None:
        self._context, self._source, self._last = context, source, time.monotonic()

    def __call__(self, share: float) -> None:
        if self._context.stop.is_set():
            raise InputError(queue.STOPPED)
        if time.monotonic() - self._last < REPORT_SECONDS:
            return
        self._last, item = time.monotonic(), self._context.job.target
        values: Record = {"source": {**self._source, "share": round(share, 3)}}
        values |= {"sentence": DOWNLOADING} if "sample" in self._source else {}
        self._context.change(lambda connection: repository.set_import(connection, item, values))


def _memory(context: JobContext) -> int:
    """Bytes that reading a file may take."""
    free = free_memory()
    usual = LEAST_MEMORY if free is None else max(LEAST_MEMORY, free // 2)
    return context.workspace.config.import_memory or usual


def _copy(context: JobContext, source: Record, upload: str) -> None:
    if not context.artifacts.exists(f"{source['folder']}/0"):
        raise InputError("The upload of this file is no longer kept here. Add the file again.")
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        for i in range(len(source["files"])):
            part = Path(folder) / str(i)
            context.artifacts.fetch_file(f"{source['folder']}/{i}", part)
            context.artifacts.add_file(f"{upload}/{i}", part)


def _replace(context: JobContext, dataset: str) -> None:
    """Delete a dataset that was read once more, unless runs need it or somebody else has deleted it."""
    with contextlib.suppress(InputError):
        context.workspace.delete_dataset(dataset)


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """Say why nothing could be read. The latest uploads that failed are kept for a while, to be read another way."""
    context.store.change(lambda connection: _end(connection, context, ImportState("failed", sentence, None)))
    with context.store.read() as connection:
        failed = {row["id"] for row in repository.failed_imports(connection)}
        kept = repository.kept_uploads(connection) - ({context.job.target} if fault == "ours" else set())
    for item in {context.job.target, *failed} - kept:
        context.artifacts.delete(f"uploads/{item}")


def _finish(connection: Connection, context: JobContext, record: DatasetRecord) -> None:
    _end(connection, context, ImportState("done", "", record.id))
    repository.add_dataset(connection, record)


def _end(connection: Connection, context: JobContext, state: ImportState) -> None:
    queue.finish(connection, context.worker, context.job)
    repository.end_import(connection, context.job.target, state)


def _read(context: JobContext, item: str, name: str, source: Record) -> Raw:
    if "dataset" in source:
        return intake.as_series(context.workspace.raw(source["dataset"]), source["reading"])
    progress = _Progress(context, source)
    if "sample" in source:
        return intake.inspect(source["sample"], options=source.get("options"), report=progress)
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        path = unpack(context.artifacts, f"uploads/{item}", source, Path(folder))
        raw = intake.inspect(path, name=name, options=source.get("options"), report=progress)
    return replace(raw, notes=(*stored_names(source)[1], *raw.notes))


def _described(raw: Raw, sample: bool) -> DatasetRecord:
    preparation = intake.suggest(raw)
    features, _ = intake.suggested_features(raw, preparation)
    return DatasetRecord(
        id=raw.fingerprint[:20],
        name=raw.name,
        kind=raw.kind,
        n=len(raw),
        columns=len(raw.columns),
        created=time.time(),
        sample=sample,
        preparation=replace(preparation, features=features).to_json(),
    )


def _keep(context: JobContext, raw: Raw, dataset: str) -> None:
    stored = f"datasets/{dataset}"
    if context.artifacts.exists(f"{stored}/{SUMS}"):
        return
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        raw.save(Path(folder))
        context.artifacts.put_folder(stored, Path(folder))
