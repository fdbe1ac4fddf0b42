"""What users bring, until it is a dataset: copied under the hash of its content, then read by a worker."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection, RowMapping

from engine.core.errors import InputError
from engine.runs import background_copy
from engine.runs.db import queue, repository
from engine.runs.db.records import DatasetRecord, FailedImport, Import, ImportState, Record
from engine.runs.db.schema import Store
from engine.runs.files import originals
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.uploads import Source, Tell, Upload

if TYPE_CHECKING:
    from engine.intake import ReadOptions


class Imports:
    """The imports of one workspace."""

    def __init__(self, store: Store, artifacts: Artifacts, max_upload: int) -> None:
        self._store, self._artifacts, self._max_upload = store, artifacts, max_upload

    def add(self, source: Source, name: str | None = None, options: "ReadOptions | None" = None) -> Import:
        """Copy a source and queue it to be read; `Workspace.add` says what may be given and what is raised."""
        return self._add(Upload(source, name, self._max_upload), options=options)

    def upload(self, source: Source, name: str | None = None) -> Import:
        """The same, in a thread of its own: hashing and copying go on after this has returned."""
        upload = Upload(source, name, self._max_upload)
        if upload.sample:
            return self._add(upload)
        item, copier = secrets.token_hex(16), background_copy.this_process()
        values = {"name": upload.name, "source": {"copier": copier}, "state": "copying"}
        self._store.change(lambda connection: repository.add_import(connection, item, values))
        background_copy.start(
            item,
            copy=lambda tell: self._copy(item, upload, tell),
            report=lambda share: self._set(item, source={"copier": copier, "share": share}),
            fail=lambda sentence: self._set(item, state="failed", sentence=sentence),
        )
        return Import(item, upload.name)

    def read_as_series(self, dataset: DatasetRecord, how: Mapping[str, Any]) -> Import:
        """Queue a table to be read once more as series."""
        return self._again(dataset.name, {"dataset": dataset.id, "reading": dict(how)})

    def read_again(self, dataset: DatasetRecord, options: "ReadOptions") -> Import:
        """Queue the file of a dataset to be read once more with other options; InputError where it was not kept."""
        if dataset.sample:
            source: Record = {"sample": dataset.name}
        else:
            original = originals.find(self._artifacts, dataset.id)
            if original is None:
                raise InputError(
                    "The file of this dataset was not kept, so it cannot be read again. Upload it once more."
                )
            source = {"files": list(original.files), "folder": original.folder}
        return self._again(dataset.name, source | {"again": dataset.id, "options": options.to_json()})

    def _again(self, name: str, source: Record) -> Import:
        item = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()
        self._store.change(lambda connection: repository.open_import(connection, item, name, source))
        return Import(item, name)

    def all_failed(self) -> list[FailedImport]:
        """New files that could not be read, and whose upload is still here; the latest first."""
        with self._store.read() as connection:
            kept = repository.kept_uploads(connection)
            rows = [row for row in repository.failed_imports(connection) if row["id"] in kept]
        return [_as_failed(row) for row in rows if self._artifacts.exists(f"uploads/{row['id']}/0")]

    def failed(self, import_id: str) -> FailedImport | None:
        """An import that failed and can be tried again; None where its upload is not kept."""
        with self._store.read() as connection:
            row = _led_to(connection, repository.import_row(connection, import_id))
        if row is None or row["state"] != "failed" or row["sentence"] == queue.STOPPED or "files" not in row["source"]:
            return None
        folder = row["source"].get("folder", f"uploads/{row['id']}")
        return _as_failed(row) if self._artifacts.exists(f"{folder}/0") else None

    def retry(self, failed: FailedImport, options: "ReadOptions") -> Import:
        """Queue an upload that could not be read to be read with other options; it stays until that has worked."""
        with self._store.read() as connection:
            row = repository.import_row(connection, failed.id)
        before = row["source"] if row is not None else {}
        first = before.get("failed", failed.id)
        source = {"files": list(failed.files), "folder": f"uploads/{first}", "failed": first}
        return self._again(failed.name, source | {"options": options.to_json()})

    def forget(self, import_id: str) -> None:
        """Delete an import that failed, with its upload."""
        self._store.change(lambda connection: repository.remove_import(connection, import_id))
        self._artifacts.delete(f"uploads/{import_id}")

    def stop(self, import_id: str) -> None:
        """Stop reading what was uploaded; nothing of it is kept."""
        with self._store.read() as connection:
            row = repository.import_row(connection, import_id)
        if row is not None and row["state"] == "copied":
            import_id = row["source"]["import"]
        self._store.change(lambda connection: queue.stop_import(connection, import_id))

    def state(self, import_id: str) -> ImportState:
        """Where an import stands; InputError where it is unknown."""
        with self._store.read() as connection:
            row = _led_to(connection, repository.import_row(connection, import_id))
        if row is None:
            raise InputError("This upload is not known here. Add the file again.")
        if row["state"] == "copying" and not background_copy.lives(row["source"]["copier"]):
            return ImportState("failed", background_copy.INTERRUPTED, None)
        return repository.import_state(row)

    def _add(self, upload: Upload, tell: Tell = lambda share: None, options: "ReadOptions | None" = None) -> Import:
        item = upload.hash(lambda share: tell(share / 2))
        chosen = {"options": options.to_json()} if options is not None and options.to_json() else {}
        if chosen:
            item = hashlib.sha256(f"{item} {json.dumps(chosen, sort_keys=True)}".encode()).hexdigest()
        if not self._known(item):
            _check_sample(upload.sample)
            stored = upload.store(self._artifacts, f"uploads/{item}", lambda share: tell((1 + share) / 2))
            source = stored | chosen
            self._store.change(lambda connection: repository.open_import(connection, item, upload.name, source))
        return Import(item, upload.name)

    def _copy(self, item: str, upload: Upload, tell: Tell) -> None:
        """Add an upload, and lead whoever asks for `item` to the import of its content."""
        known = self._add(upload, tell)
        self._set(item, state="copied", name="", source={"import": known.id})  # a name lives in one row

    def _set(self, item: str, **values: Any) -> None:
        self._store.change(lambda connection: repository.set_import(connection, item, values))

    def _known(self, item: str) -> bool:
        """Whether an import is under way, or has made a dataset that is still there."""
        with self._store.read() as connection:
            row = repository.import_row(connection, item)
            if row is None or row["state"] == "failed":
                return False
            return row["dataset"] is None or repository.dataset_row(connection, row["dataset"]) is not None


def _led_to(connection: Connection, row: RowMapping | None) -> RowMapping | None:
    """The import of what a page uploaded, once that is copied; any other as it is."""
    return repository.import_row(connection, row["source"]["import"]) if row and row["state"] == "copied" else row


def _as_failed(row: RowMapping) -> FailedImport:
    source = row["source"]
    return FailedImport(
        id=row["id"],
        name=row["name"],
        sentence=row["sentence"],
        created=row["created"],
        files=tuple(source["files"]),
        options=source.get("options", {}),
        dataset=source.get("again", ""),
    )


def _check_sample(name: str | None) -> None:
    if name is None:
        return
    from engine.intake import public_sets, samples
    from engine.intake.public_sets import find

    names, public = ([found.name for found in sets] for sets in (samples(), public_sets()))
    if name not in names and find(name) is None:
        raise InputError(
            f"There is no file {name!r}, and no data set of that name. The samples are {', '.join(names)}, the public data sets "
            f"{', '.join(public)}."
        )
