"""Files on their way in: copied at once, named by the hash of their content."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from engine.core.errors import InputError
from engine.core.formatting import format_bytes
from engine.runs.db.records import Record
from engine.runs.files.artifacts import Artifacts

Source = bytes | Path | str | Sequence[tuple[str, bytes]]
"""A file's content, a path to a file or folder, the name of a sample, or several files by name."""
Tell = Callable[[float], None]
"""Called now and then with the share, 0 to 1, that is done."""

_PIECE = 1 << 20
_LONGEST, _DEEPEST = 200, 10
"""Bytes of a file's name, and folders within each other; file systems take 255 bytes, and 4096 of a path."""
_READER = 1
"""Raise it when files are to be read anew although their content is known."""


def _silent(share: float) -> None:
    """Report nothing."""


class Upload:
    """What a user gave, before it was looked into.

    Parameters
    ----------
    source
        A file's content, a path, the name of a sample, or several files as (name, content).
    name
        What it is to be called; None for the file's name.
    limit
        Bytes that are accepted.

    Raises
    ------
    InputError
        Where there is no such file, or it is empty or larger than the limit.
    """

    def __init__(self, source: Source, name: str | None, limit: int) -> None:
        self.sample = source if isinstance(source, str) and not Path(source).exists() else None
        self._parts = [] if self.sample else _parts(source, name)
        self.name = name or self.sample or _title(source, self._parts)
        self._size = 0 if self.sample else _checked_size(self._parts, limit, self.name)

    @property
    def files(self) -> list[str]:
        """Names of the files; empty for a sample."""
        return [name for name, _ in self._parts]

    def hash(self, tell: Tell = _silent) -> str:
        """sha256 of names and content; a sample's is that of its name.

        Parameters
        ----------
        tell
            Called with the share, 0 to 1, that is done.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        digest, done = hashlib.sha256(f"reader {_READER} sample {self.sample}".encode()), 0
        for name, content in self._parts:
            kind = "".join(PurePosixPath(name).suffixes) if len(self._parts) == 1 else name
            digest.update(f"\0{kind.lower()}\0".encode())
            for piece in _pieces(content):
                digest.update(piece)
                done += len(piece)
                tell(done / self._size)
        return digest.hexdigest()

    def store(self, artifacts: Artifacts, folder: str, tell: Tell = _silent) -> Record:
        """Copy the content into a stored folder.

        Parameters
        ----------
        artifacts
            Where to.
        folder
            The stored folder.
        tell
            Called with the share, 0 to 1, that is done.

        Returns
        -------
        dict
            What a worker needs to know to find it.

        Raises
        ------
        InputError
            Where the disk is full.
        """
        if self.sample:
            return {"sample": self.sample}
        for i, (_, content) in enumerate(self._parts):
            if isinstance(content, Path):
                artifacts.add_file(f"{folder}/{i}", content)
            else:
                artifacts.write(f"{folder}/{i}", content)
            tell((i + 1) / len(self._parts))
        return {"files": self.files}


def unpack(artifacts: Artifacts, stored: str, source: Record, folder: Path) -> Path:
    """Lay an upload's files into a folder under their own names; returns the one file, or the folder that holds all."""
    inside = [tuple(path.split("/")) for path in stored_names(source)[0]]
    for i, parts in enumerate(inside):
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        artifacts.fetch_file(f"{stored}/{i}", path)
    if len(inside) == 1:
        return folder.joinpath(*inside[0])
    roots = {parts[0] if len(parts) > 1 else "" for parts in inside}
    return folder / roots.pop() if len(roots) == 1 else folder


def stored_names(source: Record) -> tuple[list[str], list[str]]:
    """Under which paths an upload's files are laid out, all different, and a sentence where files of one name were renamed."""
    from engine.intake.naming import unique_paths

    return unique_paths(["/".join(_inside(name)) for name in source.get("files", ())])


def _parts(source: Source, name: str | None) -> list[tuple[str, bytes | Path]]:
    if isinstance(source, bytes):
        return [(name or "data", source)]
    if not isinstance(source, (str, Path)):
        return [(part, content) for part, content in source]
    path = Path(source)
    if not path.exists():
        raise InputError(f"There is no file {str(path)!r}.")
    if path.is_dir():
        from engine.intake.files.archive import files_in

        return [(item.relative_to(path.parent).as_posix(), item) for item in files_in(path)]
    return [(path.name, path)]


def _title(source: Source, parts: Sequence[tuple[str, bytes | Path]]) -> str:
    if isinstance(source, (str, Path)):
        return Path(source).name
    return parts[0][0] if len(parts) == 1 else f"{len(parts)} files"


def _checked_size(parts: Sequence[tuple[str, bytes | Path]], limit: int, name: str) -> int:
    """Bytes of all parts; InputError where there are none, or too many."""
    if not parts:
        raise InputError("There are no files in what you gave. Choose at least one.")
    size = sum(content.stat().st_size if isinstance(content, Path) else len(content) for _, content in parts)
    if size == 0:
        raise InputError(f"{name} is empty (0 bytes). Choose a file with data in it.")
    if size > limit:
        raise InputError(
            f"{name} has {format_bytes(size)}, more than the {format_bytes(limit)} that are taken here. "
            "Split it, or ask whoever runs this server to raise CONSTELLA_MAX_UPLOAD."
        )
    return size


def _pieces(content: bytes | Path) -> Iterator[bytes | memoryview]:
    if isinstance(content, bytes):
        view = memoryview(content)
        yield from (view[start : start + _PIECE] for start in range(0, len(view), _PIECE))
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _inside(name: str) -> tuple[str, ...]:
    """Path parts that cannot leave a folder, and that every file system takes."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    parts = parts if len(parts) <= _DEEPEST else [*parts[: _DEEPEST // 2], *parts[-_DEEPEST // 2 :]]
    return tuple(_short(part.replace("\0", "_")) for part in parts) or ("data",)


def _short(name: str) -> str:
    """A name of at most `_LONGEST` bytes, with the ending that it has."""
    stem, dot, ending = name.encode("utf-8", "replace").decode().rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = stem + dot + ending, "", ""
    room = _LONGEST - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending
