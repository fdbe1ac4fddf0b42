"""Zip archives, opened with distrust: no path out of the archive, no bomb, no entry believed before it is read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from engine.core.errors import InputError
from engine.intake.limits import Meter, read_counted
from engine.intake.wording import mark

MOST_ENTRIES = 2_000_000


class Archive:
    """A zip file read entry by entry; every byte that comes out is counted against the limit, once for each pass."""

    def __init__(self, stream: BinaryIO, name: str, packed: int, limit: int) -> None:
        self.name, self.packed, self.limit = name, packed, limit
        try:
            self.zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise InputError(
                f"{mark(name)} is a damaged zip: it may not have been copied completely. Pack it again."
            ) from error
        self.entries = [entry for entry in self.zip.infolist() if not entry.is_dir()]
        for entry in self.zip.infolist():
            self._check_path(entry.filename)
        if len(self.entries) > MOST_ENTRIES:
            raise InputError(f"{mark(name)} holds {len(self.entries):,} files; at most {MOST_ENTRIES:,} can be read.")

    def _check_path(self, path: str) -> None:
        parts = PurePosixPath(path.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or path[1:2] == ":":
            raise InputError(
                f"{mark(self.name)} holds an entry that points outside of it ({mark(path)}), so nothing of it was read: "
                "pack the folder again."
            )

    def names(self) -> list[str]:
        """Paths of the files inside, without what operating systems add (__MACOSX, Thumbs.db, hidden files)."""
        return [entry.filename for entry in self.entries if not is_clutter(entry.filename)]

    def read(self) -> Iterator[tuple[str, bytes | None]]:
        """Each file inside with its bytes; None where an entry is damaged or has a password."""
        meter = Meter(self.name, self.packed, self.limit)
        for entry in self.entries:
            if not is_clutter(entry.filename):
                yield entry.filename, self._bytes(entry, meter)

    def _bytes(self, entry: zipfile.ZipInfo, meter: Meter) -> bytes | None:
        try:
            with self.zip.open(entry) as stream:
                return read_counted(stream, meter)  # type: ignore[arg-type]
        except InputError:
            raise
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
            return None
        except Exception as error:
            if type(error).__module__ in ("zlib", "lzma", "_lzma"):
                return None
            raise


def is_clutter(path: str) -> bool:
    """Files that operating systems leave in folders and archives."""
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1:] in (
        ("Thumbs.db",),
        ("desktop.ini",),
    )
