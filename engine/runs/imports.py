"""What users bring, until it is a dataset: copied under the hash of its content, then read by a worker."""

import hashlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from engine.core.errors import InputError
from engine.runs import processes
from engine.runs.db import repository
from engine.runs.db.records import DatasetRecord, Import, ImportState, Record
from engine.runs.db.schema import Store
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.uploads import Source, Tell, Upload

REPORT = 0.25
"""Seconds between two reports of how much of an upload was copied."""
INTERRUPTED = "The server was stopped while it copied this file. Add the file again."
OURS = "Something went wrong on our side while the file was copied. The details are in the server's log."

_log = logging.getLogger("constella.imports")


class Imports:
    """The imports of one workspace."""

    def __init__(self, store: Store, artifacts: Artifacts, max_upload: int) -> None:
        self._store, self._artifacts, self._max_upload = store, artifacts, max_upload

    def add(self, source: Source, name: str | None = None) -> Import:
        """Copy a source and queue it to be read; `Workspace.add` says what may be given and what is raised."""
        return self._add(Upload(source, name, self._max_upload))

    def upload(self, source: Source, name: str | None = None) -> Import:
        """The same, in a thread of its own: hashing and copying go on after this has returned."""
        upload = Upload(source, name, self._max_upload)
        if upload.sample:
            return self._add(upload)
        item, values = secrets.token_hex(16), {"name": upload.name, "source": {"copier": _this_process()}}
        self._store.change(lambda connection: repository.add_import(connection, item, {**values, "state": "copying"}))
        threading.Thread(target=self._copy, args=(item, upload), name=f"upload-{item[:8]}", daemon=True).start()
        return Import(item, upload.name)

    def read_as_series(self, dataset: DatasetRecord, how: Mapping[str, Any]) -> Import:
        """Queue a table to be read once more as series."""
        source = {"dataset": dataset.id, "reading": dict(how)}
        item = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()
        self._store.change(lambda connection: repository.open_import(connection, item, dataset.name, source))
        return Import(item, dataset.name)

    def state(self, import_id: str) -> ImportState:
        """Where an import stands; InputError where it is unknown."""
        with self._store.read() as connection:
            row = repository.import_row(connection, import_id)
            if row is not None and row["state"] == "copied":
                row = repository.import_row(connection, row["source"]["import"])
        if row is None:
            raise InputError("This upload is not known here. Add the file again.")
        if row["state"] == "copying" and not _alive(row["source"]["copier"]):
            return ImportState("failed", INTERRUPTED, None)
        return repository.import_state(row)

    def _add(self, upload: Upload, tell: Tell = lambda share: None) -> Import:
        item = upload.hash(lambda share: tell(share / 2))
        if not self._known(item):
            _check_sample(upload.sample)
            stored = upload.keep(self._artifacts, f"uploads/{item}", lambda share: tell((1 + share) / 2))
            self._store.change(lambda connection: repository.open_import(connection, item, upload.name, stored))
        return Import(item, upload.name)

    def _copy(self, item: str, upload: Upload) -> None:
        """Add an upload, and lead whoever asks for `item` to the import of its content."""
        try:
            known = self._add(upload, _Reporter(self._store, item))
            self._end(item, state="copied", name="", source={"import": known.id})  # a name lives in one row
        except InputError as fault:
            self._end(item, state="failed", sentence=str(fault))
        except Exception:
            _log.exception("the upload %s could not be copied", item)
            self._end(item, state="failed", sentence=OURS)

    def _end(self, item: str, **values: Any) -> None:
        try:
            self._store.change(lambda connection: repository.set_import(connection, item, values))
        except Exception:  # a full disk may keep even this from being written down
            _log.exception("the end of the upload %s could not be stored", item)

    def _known(self, item: str) -> bool:
        """Whether an import is under way, or has made a dataset that is still there."""
        with self._store.read() as connection:
            row = repository.import_row(connection, item)
            if row is None or row["state"] == "failed":
                return False
            return row["dataset"] is None or repository.dataset_row(connection, row["dataset"]) is not None


class _Reporter:
    """Writes the share of an upload that was copied into its row, now and then."""

    def __init__(self, store: Store, item: str) -> None:
        self._store, self._item, self._last = store, item, time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._last < REPORT:
            return
        self._last = time.monotonic()
        source = {"copier": _this_process(), "share": share}
        self._store.change(lambda connection: repository.set_import(connection, self._item, {"source": source}))


def _this_process() -> Record:
    pid = os.getpid()
    return {"host": processes.HOST, "pid": pid, "born": processes.born(pid)}


def _alive(process: Record) -> bool:
    """Whether a process still works; those of other hosts are taken at their word."""
    return process["host"] != processes.HOST or processes.lives(process["pid"], process["born"])


def _check_sample(name: str | None) -> None:
    if name is None:
        return
    from engine.intake import samples

    names = [sample.name for sample in samples()]
    if name not in names:
        raise InputError(f"There is no file {name!r}, and no sample of that name. The samples are {', '.join(names)}.")
