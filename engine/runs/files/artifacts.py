"""Where large things live: a folder or any fsspec address. Files appear whole or not at all; nothing is ever pickled."""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

import fsspec
from fsspec.implementations.local import LocalFileSystem

from engine.core.errors import InputError

T = TypeVar("T")
SUMS = "sums.json"
MARK = b"cstlseal"
SEAL = hashlib.sha256().digest_size + len(MARK)
"""Bytes at the end of a sealed file: the SHA-256 of what is before them, and the mark."""
_PIECE = 1 << 20
LARGE = 1 << 26
"""Bytes of a file from which on parts of it are checked when it is opened, and not all of it."""
PARTS, PART = 64, 1 << 16
"""How many parts that are, and the bytes of each."""
FULL = "The disk is full, so nothing was stored. Free some space (delete old runs or datasets), then start again."


CHANGED = "was changed or damaged after it was written"


class Damaged(InputError):
    """A stored file is not what was written."""


@dataclass(frozen=True)
class StoredFile:
    """A stored file: its name, bytes, and when it was written, in seconds since 1970."""

    name: str
    size: int
    modified: float


class Artifacts:
    """Files by name under one address, e.g. a local folder, `s3://bucket/constella` or `memory://`.

    Everything is sealed with its SHA-256 and checked when it is read: single files by the seal at their end, folders by a list
    of checksums, because their files are also read where they lie. Files of versions without seals stay readable.
    """

    def __init__(self, url: str) -> None:
        self._files, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")
        self.local = isinstance(self._files, LocalFileSystem)

    def write(self, name: str, content: bytes) -> None:
        """Store a file in one step, sealed.

        Parameters
        ----------
        name
            Its path below the address, e.g. "runs/1a2b/recipe.json".
        content
            What is in it.

        Raises
        ------
        InputError
            Where the disk is full.
        """
        self._write(name, content, hashlib.sha256(content).digest() + MARK)

    def add_file(self, name: str, source: Path) -> None:
        """Store a sealed copy of a local file, however large, in one step."""
        if not self.local:
            with tempfile.TemporaryDirectory(prefix="constella-") as folder:
                copy = Path(folder) / "copy"
                with copy.open("wb") as file:
                    _copy_sealed(source, file)
                self._files.put_file(str(copy), self._path(name))
            return
        with self._whole(name) as file:
            _copy_sealed(source, file)

    def fetch_file(self, name: str, target: Path) -> None:
        """Copy a stored file to a local path; `Damaged` where it is not what was written."""
        self._files.get_file(self._path(name), str(target))
        if not _unseal_file(target):
            target.unlink()
            raise Damaged(_damaged(name, CHANGED))

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises
        ------
        FileNotFoundError
            Where there is none.
        Damaged
            Where it is not what was written.
        """
        content = self._read(name)
        if not content.endswith(MARK):
            return content  # of a version that sealed nothing
        body = memoryview(content)[:-SEAL]
        if hashlib.sha256(body).digest() != content[-SEAL : -len(MARK)]:
            raise Damaged(_damaged(name, CHANGED))
        return bytes(body)

    def open(self, name: str) -> IO[bytes]:
        """A stored file to read from at any place, seal included and unchecked; FileNotFoundError where there is none."""
        file: IO[bytes] = self._files.open(self._path(name), "rb")
        return file

    def exists(self, name: str) -> bool:
        """True where a file or folder of this name is stored."""
        return bool(self._files.exists(self._path(name)))

    def names(self, folder: str) -> list[str]:
        """Files directly in a folder, sorted; empty where the folder is not there."""
        path = self._path(folder)
        if not self._files.isdir(path):
            return []
        entries = (PurePosixPath(str(entry)).name for entry in self._files.ls(path, detail=False))
        return sorted(name for name in entries if not name.endswith(".part"))

    def files(self, folder: str) -> list[StoredFile]:
        """Every file in a folder, however deep; parts of files that are being written, or never were complete, included."""
        entries = self._files.find(self._path(folder), detail=True)
        return [
            StoredFile(path.removeprefix(f"{self._root}/"), int(entry["size"]), self._modified(path))
            for path, entry in entries.items()
        ]

    def folders(self, folder: str) -> list[str]:
        """Names of the folders directly in a folder, sorted."""
        path = self._path(folder)
        if not self._files.isdir(path):
            return []
        entries = self._files.ls(path, detail=True)
        return sorted(PurePosixPath(str(entry["name"])).name for entry in entries if entry["type"] == "directory")

    def unfinished(self) -> list[Path]:
        """Local files whose writing has not come to its end, or never will."""
        return list(Path(self._root).rglob("*.part")) if self.local else []

    def delete(self, name: str) -> None:
        """Remove a file or a whole folder; nothing happens where there is none."""
        path = self._path(name)
        if self._files.exists(path):
            self._files.rm(path, recursive=True)

    def write_folder(self, name: str, save: Callable[[Callable[[str, bytes], None]], Any]) -> None:
        """Call `save(write)` and seal what it wrote with a list of checksums; what is not sealed does not count."""
        sums: dict[str, str] = {}

        def write(item: str, content: bytes) -> None:
            self._write(f"{name}/{item}", content)
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
                content = self._read(f"{name}/{item}")
            except FileNotFoundError:
                raise Damaged(_damaged(f"{name}/{item}", "is missing")) from None
            if hashlib.sha256(content).hexdigest() != sums[item].partition(" ")[0]:
                raise Damaged(_damaged(f"{name}/{item}", CHANGED))
            return content

        return read

    def put_folder(self, name: str, source: Path) -> None:
        """Store every file of a local folder, however large, sealed."""
        sums: dict[str, str] = {}
        try:
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    item = path.relative_to(source).as_posix()
                    sums[item] = self._put(f"{name}/{item}", path)
            self.write(f"{name}/{SUMS}", json.dumps(sums, sort_keys=True).encode())
        except BaseException:
            self.delete(name)
            raise

    def with_folder(self, name: str, use: Callable[[Path], T]) -> T:
        """Call `use` with a sealed folder as a local one, checked file by file; of large files, parts are.

        What `use` returns may lie in files of the folder that it has mapped.
        """
        sums = self._sums(name)
        with tempfile.TemporaryDirectory(prefix="constella-", ignore_cleanup_errors=True) as spare:
            here = Path(self._path(name)) if self.local else Path(spare)
            for item, known in sums.items():
                if not self.local:
                    (here / item).parent.mkdir(parents=True, exist_ok=True)
                    self._fetch(f"{name}/{item}", here / item)
                self._check(f"{name}/{item}", here / item, known)
            return use(here)

    def _put(self, name: str, source: Path) -> str:
        """Store a copy of a local file without a seal; its checksums, of all of it and, where it is large, of parts."""
        digest = hashlib.sha256()
        with contextlib.ExitStack() as stack:
            target = stack.enter_context(self._whole(name)) if self.local else None
            for piece in _pieces(stack.enter_context(source.open("rb"))):
                digest.update(piece)
                if target is not None:
                    target.write(piece)
        if target is None:
            self._files.makedirs(str(PurePosixPath(self._path(name)).parent), exist_ok=True)
            self._files.put_file(str(source), self._path(name))
        large = source.stat().st_size >= LARGE
        return f"{digest.hexdigest()} {_sampled(source)}" if large else digest.hexdigest()

    def _fetch(self, name: str, target: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._files.get_file(self._path(name), str(target))

    def _check(self, name: str, path: Path, known: str) -> None:
        """`Damaged` where a local file has not the known checksums."""
        if not path.exists():
            raise Damaged(_damaged(name, "is missing"))
        whole, _, parts = known.partition(" ")
        if parts and _sampled(path) != parts:
            raise Damaged(_damaged(name, CHANGED))
        if not parts:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != whole:
                    raise Damaged(_damaged(name, CHANGED))

    def _write(self, name: str, *pieces: bytes) -> None:
        if self.local:
            with self._whole(name) as file:
                for piece in pieces:
                    file.write(piece)
            return
        path = self._path(name)  # object stores make an object visible only when it is complete
        self._files.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        self._files.pipe_file(path, b"".join(pieces))

    @contextlib.contextmanager
    def _whole(self, name: str) -> Iterator[IO[bytes]]:
        """A local file to write that gets its name once it is complete."""
        path, part = self._path(name), self._path(f"{name}.{secrets.token_hex(4)}.part")
        try:
            self._files.makedirs(os.path.dirname(path), exist_ok=True)
            with self._files.open(part, "wb") as file:
                yield file
            os.replace(part, path)
        except BaseException as fault:
            self._discard(part)
            if isinstance(fault, OSError):
                raise_if_full(fault)
            raise

    def _read(self, name: str) -> bytes:
        return bytes(self._files.cat_file(self._path(name)))

    def _modified(self, path: str) -> float:
        with contextlib.suppress(FileNotFoundError):  # it may be gone by now
            return float(self._files.modified(path).timestamp())
        return time.time()

    def _sums(self, name: str) -> dict[str, str]:
        try:
            return dict(json.loads(self.read(f"{name}/{SUMS}")))
        except FileNotFoundError:
            raise Damaged(_damaged(name, "is missing or was never finished")) from None
        except ValueError:
            raise Damaged(_damaged(f"{name}/{SUMS}", CHANGED)) from None

    def _path(self, name: str) -> str:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            raise InputError(f"{name!r} is no name for a stored file.")
        return f"{self._root}/{name}"

    def _discard(self, path: str) -> None:
        with contextlib.suppress(OSError):  # perhaps it was never made
            self._files.rm(path)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _sampled(path: Path) -> str:
    """A checksum of a file's length and of parts of it, from its first byte to its last."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for i in range(PARTS):
            file.seek((size - PART) * i // (PARTS - 1))
            digest.update(file.read(PART))
    return digest.hexdigest()


def _copy_sealed(source: Path, target: IO[bytes]) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as file:
        for piece in _pieces(file):
            digest.update(piece)
            target.write(piece)
    target.write(digest.digest() + MARK)


def _unseal_file(path: Path) -> bool:
    """Take the seal off a local file; False where it does not fit. Files without one stay as they are."""
    size = path.stat().st_size - SEAL
    with path.open("r+b") as file:
        file.seek(max(0, size))
        seal = file.read()
        if not seal.endswith(MARK):
            return True
        file.seek(0)
        digest, left = hashlib.sha256(), size
        while left > 0:
            piece = file.read(min(_PIECE, left))
            digest.update(piece)
            left -= len(piece)
        file.truncate(max(0, size))
    return digest.digest() == seal[: -len(MARK)]


def raise_if_full(fault: OSError) -> None:
    """Raise InputError, with a sentence, where an error says "no space left" or "quota exceeded"."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        raise InputError(FULL) from fault


def _damaged(name: str, what: str) -> str:
    return f"The stored file {name} {what}. Delete the run or dataset it belongs to and make it again."
