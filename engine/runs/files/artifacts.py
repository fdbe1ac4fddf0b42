"""Where large things live: a folder or any fsspec address. Files appear whole or not at all; nothing is ever pickled."""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import fsspec
from fsspec.implementations.local import LocalFileSystem

from engine.core.errors import InputError

T = TypeVar("T")
SUMS = "sums.json"
FULL = "The disk is full, so nothing was stored. Free some space (delete old runs or datasets), then start again."


class Damaged(InputError):
    """A stored file is not what was written."""


class Artifacts:
    """Files by name under one address, e.g. a local folder, `s3://bucket/constella` or `memory://`."""

    def __init__(self, url: str) -> None:
        self._files, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")
        self.local = isinstance(self._files, LocalFileSystem)

    def write(self, name: str, content: bytes) -> None:
        """Store a file under its name in one step; InputError where the disk is full."""
        path, part = self._path(name), self._path(f"{name}.{secrets.token_hex(4)}.part")
        try:
            if not self.local:  # object stores make an object visible only when it is complete
                self._files.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
                self._files.pipe_file(path, content)
                return
            self._files.makedirs(os.path.dirname(path), exist_ok=True)
            with self._files.open(part, "wb") as file:
                file.write(content)
            os.replace(part, path)
        except OSError as fault:
            self._discard(part)
            raise_if_full(fault)
            raise

    def add_file(self, name: str, source: Path) -> None:
        """Store a copy of a local file, however large, in one step."""
        path, part = self._path(name), self._path(f"{name}.{secrets.token_hex(4)}.part")
        try:
            if not self.local:
                self._files.put_file(str(source), path)
                return
            self._files.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copyfile(source, part)
            os.replace(part, path)
        except OSError as fault:
            self._discard(part)
            raise_if_full(fault)
            raise

    def fetch_file(self, name: str, target: Path) -> None:
        """Copy a stored file to a local path."""
        self._files.get_file(self._path(name), str(target))

    def read(self, name: str) -> bytes:
        """A file's content; FileNotFoundError where there is none."""
        content = self._files.cat_file(self._path(name))
        return bytes(content)

    def exists(self, name: str) -> bool:
        """True where a file or folder of this name is stored."""
        return bool(self._files.exists(self._path(name)))

    def move(self, name: str, target: str) -> None:
        """Give a stored folder another name; FileExistsError where there is one of that name."""
        if self.exists(target):
            raise FileExistsError(target)
        self._files.makedirs(str(PurePosixPath(self._path(target)).parent), exist_ok=True)
        self._files.mv(self._path(name), self._path(target), recursive=True)

    def names(self, folder: str) -> list[str]:
        """Files directly in a folder, sorted; empty where the folder is not there."""
        path = self._path(folder)
        if not self._files.isdir(path):
            return []
        found = (PurePosixPath(str(entry)).name for entry in self._files.ls(path, detail=False))
        return sorted(name for name in found if not name.endswith(".part"))

    def delete(self, name: str) -> None:
        """Remove a file or a whole folder; nothing happens where there is none."""
        path = self._path(name)
        if self._files.exists(path):
            self._files.rm(path, recursive=True)

    def write_folder(self, name: str, save: Callable[[Callable[[str, bytes], None]], Any]) -> None:
        """Call `save(write)` and seal what it wrote with a list of checksums; what is not sealed does not count."""
        sums: dict[str, str] = {}

        def write(item: str, content: bytes) -> None:
            self.write(f"{name}/{item}", content)
            sums[item] = hashlib.sha256(content).hexdigest()

        try:
            save(write)
            self.write(f"{name}/{SUMS}", json.dumps(sums, sort_keys=True).encode())
        except BaseException:
            self.delete(name)
            raise

    def read_folder(self, name: str) -> Callable[[str], bytes]:
        """A reader for a sealed folder; it raises `Damaged` for a file that is not what was written."""
        sums = self._sums(name)

        def read(item: str) -> bytes:
            if item not in sums:
                raise FileNotFoundError(item)
            try:
                content = self.read(f"{name}/{item}")
            except FileNotFoundError:
                raise Damaged(_damaged(f"{name}/{item}", "is missing")) from None
            if hashlib.sha256(content).hexdigest() != sums[item]:
                raise Damaged(_damaged(f"{name}/{item}", "was changed or damaged after it was written"))
            return content

        return read

    def put_folder(self, name: str, source: Path) -> None:
        """Store every file of a local folder, sealed."""

        def save(write: Callable[[str, bytes], None]) -> None:
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    write(path.relative_to(source).as_posix(), path.read_bytes())

        self.write_folder(name, save)

    def with_folder(self, name: str, use: Callable[[Path], T]) -> T:
        """Call `use` with a sealed folder as a local one, checked file by file."""
        read = self.read_folder(name)
        with tempfile.TemporaryDirectory() as spare:
            here = Path(self._path(name)) if self.local else Path(spare)
            for item in self._sums(name):
                content = read(item)
                if not self.local:
                    (here / item).parent.mkdir(parents=True, exist_ok=True)
                    (here / item).write_bytes(content)
            return use(here)

    def _sums(self, name: str) -> dict[str, str]:
        try:
            return dict(json.loads(self.read(f"{name}/{SUMS}")))
        except FileNotFoundError:
            raise Damaged(_damaged(name, "is missing or was never finished")) from None
        except ValueError:
            raise Damaged(_damaged(f"{name}/{SUMS}", "was changed or damaged after it was written")) from None

    def _path(self, name: str) -> str:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            raise InputError(f"{name!r} is no name for a stored file.")
        return f"{self._root}/{name}"

    def _discard(self, path: str) -> None:
        with contextlib.suppress(OSError):  # perhaps it was never made
            self._files.rm(path)


def raise_if_full(fault: OSError) -> None:
    """Turn "no space left" and "quota exceeded" into a sentence."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        raise InputError(FULL) from fault


def _damaged(name: str, what: str) -> str:
    return f"The stored file {name} {what}. Delete the run or dataset it belongs to and make it again."
