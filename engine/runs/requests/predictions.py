"""Other files placed in the groups of finished runs."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import update
from sqlalchemy.engine import Connection

from engine.core.errors import InputError
from engine.runs import background_copy
from engine.runs.db import repository
from engine.runs.db.records import Request
from engine.runs.db.schema import Store, requests
from engine.runs.files import originals
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.cache import BoundedCache, reading
from engine.runs.files.uploads import Source, Tell, Upload
from engine.runs.requests import base
from engine.runs.requests.base import Requests

if TYPE_CHECKING:
    import pandas as pd

    from engine.intake import Raw
    from engine.results.evaluate.assignment import Assignment


class Predictions(Requests):
    """Files that were brought to a workspace's finished runs, and the groups of their rows.

    Parameters
    ----------
    store, artifacts
        As for `Requests`.
    max_upload
        Largest upload in bytes.
    cache
        Of what was read from disk.
    """

    kind = "predict"

    def __init__(self, store: Store, artifacts: Artifacts, max_upload: int, cache: BoundedCache) -> None:
        super().__init__(store, artifacts)
        self._max_upload, self._cache = max_upload, cache

    def ask(self, run_id: str, source: Source, name: str | None = None) -> Request:
        """Copy another file and queue it to be placed in a finished run's groups; the same content is placed once.

        Parameters
        ----------
        run_id
            The finished run.
        source
            A file's content, a path to a file or folder, or several files as (name, content).
        name
            What the request is to be called; left out, it is the file's name.

        Raises
        ------
        InputError
            Where the source is empty, larger than `config.max_upload` or does not fit on the disk, and where the run has no
            result.
        """
        self._need_result(run_id)
        upload = _upload(source, name, self._max_upload)
        request_id = _id(run_id, upload)
        self._keep(request_id, upload)
        return self._begin(request_id, upload.name, {"files": upload.files})

    def upload(self, run_id: str, source: Source, name: str) -> Request:
        """`ask` that returns at once: the source is hashed and copied by a thread, and the request says how far it is.

        Once copied, the request leads to that of the file's content: `get` follows, and `copied_to` says which it is.

        Raises
        ------
        InputError
            Where the run has no result. What is wrong with the source, or goes wrong later, is the request's sentence.
        """
        self._need_result(run_id)
        upload_id = base.name(run_id, f"copy-{secrets.token_hex(8)}")
        try:
            upload = _upload(source, name, self._max_upload)
        except InputError as fault:
            self._enter(upload_id, name, state="failed", sentence=str(fault))
            return self.get(upload_id)
        copier = {"copier": background_copy.this_process()}
        self._enter(upload_id, name, state="copying", stage="Copying the file", source=copier)
        background_copy.start(
            upload_id,
            copy=lambda tell: self._copy(upload_id, upload, tell),
            report=lambda share: self._set_copying(upload_id, progress=share),
            fail=lambda sentence: self._set_copying(upload_id, state="failed", sentence=sentence, stage=""),
        )
        return self.get(upload_id)

    def get(self, request_id: str) -> Request:
        """A request by its id; that of an upload leads, once it is copied, to that of its content.

        Raises
        ------
        InputError
            Where there is none.
        """
        request = super().get(request_id)
        return _checked(super().get(request.source["request"]) if request.state == "copied" else request)

    def of_run(self, run_id: str) -> list[Request]:
        """All files that were brought to a run, newest first, with those that could not be placed."""
        return [_checked(request) for request in super().of_run(run_id) if request.state != "copied"]

    def copied_to(self, request_id: str) -> str | None:
        """The id of the request that an upload leads to; None before it is copied, and where it is unknown."""
        with self._store.read() as connection:
            request = base.find(connection, request_id)
        return request.source["request"] if request is not None and request.state == "copied" else None

    def read(self, request_id: str) -> "Assignment":
        """The groups of a file's rows.

        Raises
        ------
        InputError
            Where the request is not done, or its files are damaged.
        """
        from engine.results.evaluate.assignment import Assignment

        self._done(request_id)
        folder = f"{base.folder(self._artifacts, request_id)}/rows"
        read = self._artifacts.read_folder(folder)
        return self._cache.get(folder, lambda: reading(Assignment.load)(read))

    def raw(self, request_id: str) -> "Raw":
        """The rows of a file, before preparation.

        Raises
        ------
        InputError
            Where the request is not done, or its files are damaged.
        """
        from engine.intake import Raw

        self._done(request_id)
        folder = f"{base.folder(self._artifacts, request_id)}/raw"
        return self._cache.get(folder, lambda: self._artifacts.with_folder(folder, reading(Raw.load)))

    @contextmanager
    def rows_as_written(self, request_id: str) -> Iterator["pd.DataFrame"]:
        """The rows of a file, each cell as it is written there, as long as the context lasts.

        Raises
        ------
        InputError
            As `raw`.
        """
        raw, files = self.raw(request_id), tuple(self.get(request_id).source.get("files", ()))
        stored = f"{base.folder(self._artifacts, request_id)}/upload"
        with originals.rows_as_written(self._artifacts, raw, stored, files) as rows:
            yield rows

    def forget(self, request_id: str) -> None:
        """Delete a file and the groups of its rows; a worker that is at it drops it."""
        request_id = self.copied_to(request_id) or request_id
        folder = base.folder(self._artifacts, request_id)
        super().forget(request_id)
        self._cache.drop(f"{folder}/")

    def stop(self, request_id: str) -> None:
        """Stop it, at once while it is copied or waits."""
        super().stop(self.copied_to(request_id) or request_id)

    def _need_result(self, run_id: str) -> None:
        with self._store.read() as connection:
            repository.need_result(connection, run_id)

    def _enter(self, request_id: str, name: str, **values: Any) -> None:
        self._store.change(lambda connection: base.enter(connection, self.kind, request_id, name=name, **values))

    def _set_copying(self, upload_id: str, **values: Any) -> None:
        self._store.change(lambda connection: _set_copying(connection, upload_id, **values))

    def _copy(self, upload_id: str, upload: Upload, tell: Tell) -> None:
        """Keep an upload's content, queue it, and lead whoever asks for the upload to the request of its content."""
        request_id = _id(upload_id.partition(".")[0], upload, lambda share: tell(share / 2))
        try:
            self._keep(request_id, upload, lambda share: tell((1 + share) / 2))
            self._store.change(lambda connection: self._lead(connection, upload_id, request_id, upload))
        except Exception:
            if not self._wanted(request_id):
                self._artifacts.delete(f"{base.folder(self._artifacts, request_id)}/upload")
            raise

    def _lead(self, connection: Connection, upload_id: str, request_id: str, upload: Upload) -> None:
        base.begin(connection, self.kind, request_id, (upload.name, {"files": upload.files}), anew=False)
        _set_copying(connection, upload_id, state="copied", stage="", name="", source={"request": request_id})

    def _keep(self, request_id: str, upload: Upload, tell: Tell = lambda share: None) -> None:
        """Copy an upload unless its content is there or under way."""
        if not self._wanted(request_id):
            upload.store(self._artifacts, f"{base.folder(self._artifacts, request_id)}/upload", tell)

    def _wanted(self, request_id: str) -> bool:
        """Whether a request has the content it is about; a failure takes it along."""
        with self._store.read() as connection:
            known = base.find(connection, request_id)
        return known is not None and known.state not in ("failed", "stopped")


def _upload(source: Source, name: str | None, limit: int) -> Upload:
    upload = Upload(source, name, limit)
    if upload.sample:
        raise InputError(f"There is no file {upload.sample!r}.")
    return upload


def _id(run_id: str, upload: Upload, tell: Tell = lambda share: None) -> str:
    """The id of the request to place an upload's content in a run's groups."""
    return base.name(run_id, upload.hash(tell)[:20])


def _set_copying(connection: Connection, request_id: str, **values: Any) -> None:
    """Change a request that is being copied; `Abandoned` where it was stopped or deleted."""
    mine = update(requests).where(requests.c.id == request_id, requests.c.state == "copying")
    if connection.execute(mine.values(**values)).rowcount == 0:
        raise background_copy.Abandoned(request_id)


def _checked(request: Request) -> Request:
    """A request as it is, or as failed where the process that copied it has died."""
    if request.state != "copying" or background_copy.lives(request.source["copier"]):
        return request
    return replace(request, state="failed", sentence=background_copy.INTERRUPTED, stage="")
