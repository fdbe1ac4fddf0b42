"""Several files at once: zip archives, opened with distrust (no path out of the archive, no bomb), and loose files.

Both have `names`, all different, `notes` on what was renamed for that, and `read()`, each name with its bytes.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.core.errors import InputError
from engine.intake.files.zip_names import entry_names
from engine.intake.limits import Meter, read_counted
from engine.intake.naming import unique_paths
from engine.intake.wording import italic, size

MOST_ENTRIES = 2_000_000


class Files(Protocol):
    """Several files by name."""

    names: list[str]
    notes: list[str]

    def read(self) -> Iterator[tuple[str, bytes | None]]:
        """Each file's name with its bytes; None where it is damaged or has a password."""


class LooseFiles:
    """Files of a folder or an upload, under names that are all different; InputError if there are none, or too large ones."""

    def __init__(self, paths: Sequence[tuple[str, Path]], name: str, limit: int) -> None:
        if not paths:
            raise InputError(f"{italic(name)} is empty: there is nothing to read in it.")
        total = sum(path.stat().st_size for _, path in paths)
        if total > limit:
            raise InputError(
                f"{italic(name)} has {size(total)}, and one upload may have at most {size(limit)}: bring fewer files."
            )
        self._paths = [path for _, path in paths]
        self.names, self.notes = unique_paths([inner for inner, _ in paths])

    def read(self) -> Iterator[tuple[str, bytes | None]]:
        """Each file's name with its bytes."""
        for name, path in zip(self.names, self._paths, strict=True):
            yield name, path.read_bytes()


def files_in(folder: Path) -> list[Path]:
    """All files in a folder, in order, without those that are links to what is outside of it."""
    whole = folder.resolve()
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.resolve().is_relative_to(whole)]


class Archive:
    """A zip file read entry by entry, without links and what operating systems add (__MACOSX, Thumbs.db, hidden files).

    Every byte that comes out is counted against the limit, once for each pass.
    """

    def __init__(self, stream: BinaryIO, name: str, packed: int, limit: int) -> None:
        self.name, self.packed, self.limit = name, packed, limit
        try:
            self.zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise InputError(
                f"{italic(name)} is a damaged zip: it may not have been copied completely. Pack it again."
            ) from error
        spelled = entry_names(self.zip.infolist())
        for path in {*self.zip.namelist(), *spelled}:
            check_path(path, name)
        pairs = zip(self.zip.infolist(), spelled, strict=True)
        named = [(entry, path) for entry, path in pairs if _is_file(entry) and not is_clutter(path)]
        self._entries = [entry for entry, _ in named]
        if len(self._entries) > MOST_ENTRIES:
            raise InputError(
                f"{italic(name)} holds {len(self._entries):,} files; at most {MOST_ENTRIES:,} can be read."
            )
        self.names, self.notes = unique_paths([path for _, path in named])

    def read(self) -> Iterator[tuple[str, bytes | None]]:
        """Each file inside with its bytes; None where an entry is damaged or has a password."""
        meter = Meter(self.name, self.packed, self.limit)
        for name, entry in zip(self.names, self._entries, strict=True):
            yield name, self._bytes(entry, meter)

    def _bytes(self, entry: zipfile.ZipInfo, meter: Meter) -> bytes | None:
        try:
            with self.zip.open(entry) as stream:
                return read_counted(stream, meter)
        except InputError:
            raise
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
            return None
        except Exception as error:
            if type(error).__module__ in ("zlib", "lzma", "_lzma"):
                return None
            raise


class Tar:
    """A tar read entry by entry; links and devices in it are left out, and paths that point out of it are refused."""

    def __init__(self, data: bytes, name: str, limit: int) -> None:
        try:
            self._tar = tarfile.TarFile(fileobj=io.BytesIO(data))
            members = [entry for entry in self._tar.getmembers() if entry.isfile()]
        except (tarfile.TarError, OSError, ValueError, EOFError) as error:
            raise InputError(
                f"{italic(name)} is a damaged tar: it may not have been copied completely. Pack it again."
            ) from error
        for entry in members:
            check_path(entry.name, name)
        self._entries = [entry for entry in members if not is_clutter(entry.name)]
        if not self._entries:
            raise InputError(f"{italic(name)} is an empty tar: there is nothing to read in it.")
        self._meter = Meter(name, len(data), limit)
        self.names, self.notes = unique_paths([entry.name for entry in self._entries])

    def read(self) -> Iterator[tuple[str, bytes | None]]:
        """Each file inside with its bytes; None where an entry is cut off."""
        for name, entry in zip(self.names, self._entries, strict=True):
            stream = self._tar.extractfile(entry)
            try:
                yield name, None if stream is None else read_counted(stream, self._meter)
            except (tarfile.TarError, OSError, EOFError):
                yield name, None


def _is_file(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry of a zip is a file, and no folder and no link."""
    return not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16)


def check_path(path: str, name: str) -> None:
    """InputError for an entry of an archive whose path points out of it."""
    plain = path.replace("\\", "/")
    if plain.startswith("/") or ".." in plain.split("/") or path[1:2] == ":":
        raise InputError(
            f"{italic(name)} holds an entry that points outside of it ({italic(path)}), so nothing of it was read: "
            "pack the folder again."
        )


def is_clutter(path: str) -> bool:
    """Files that operating systems leave in folders and archives."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return hidden or parts[-1:] in (["Thumbs.db"], ["desktop.ini"])
