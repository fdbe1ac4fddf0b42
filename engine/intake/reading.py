"""inspect(): whatever a user brings, read and profiled, without any preparation.

The way of a file: `_read` finds out what was brought, `engine.intake.formats` in which format it is and reads it to a table,
pictures, series or texts, and `profiled` describes its columns and suggests what each is for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake import samples
from engine.intake.columns.profile import profiled
from engine.intake.files.archive import LooseFiles, files_in, is_clutter
from engine.intake.formats import ZIP, Allowed, read_file, read_files, read_zip
from engine.intake.frames import from_frame
from engine.intake.graph import as_graph
from engine.intake.layout.large_files import read_large
from engine.intake.layout.widths import check_width
from engine.intake.limits import check_size, upload_limit
from engine.intake.media.arrays import from_array
from engine.intake.media.pixel_columns import from_pixel_columns
from engine.intake.media.sequences import as_series, with_series_noted
from engine.intake.media.vectors import expand_vectors
from engine.intake.options import ReadOptions
from engine.intake.public_sets import find as find_public_set
from engine.intake.public_sets import public_sets
from engine.intake.public_sets import read as read_public_set
from engine.intake.raw import Content, Raw
from engine.intake.wording import italic, joined

Source = str | Path | Sequence[str | Path] | np.ndarray | pd.DataFrame


def inspect(
    source: Source,
    *,
    name: str | None = None,
    limit: int | None = None,
    options: ReadOptions | Mapping[str, Any] | None = None,
    report: Callable[[float], None] = lambda share: None,
) -> Raw:
    """Read a file, folder, list of files, sample, array or data frame, and profile its columns.

    Parameters
    ----------
    source
        A path to a file or folder, several paths, the name of a sample (see `samples`) or of a public set (see `public_sets`), a
        data frame, or an array of numbers [n, features], [n, h, w], [n, h, w, c] or [n, channels, time].
    name
        What the user calls it; its ending counts where the content leaves the format open. By default the file's own name.
    limit
        The most bytes to read, packed and unpacked; by default CONSTELLA_MAX_UPLOAD or 1 GiB.
    options
        How it is read where its content leaves that open, as `ReadOptions` or its fields by name.
    report
        Called now and then, while a large file is read, with the share, 0 to 1, that was read.

    Returns
    -------
    Raw
        The rows, their profile and, for pictures and series, their values; nothing is scaled or filled yet.

    Raises
    ------
    InputError
        For whatever cannot be read: a sentence for the user with what is wrong, where, and what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect
    >>> raw = inspect(pd.DataFrame({"height": [1.6, 1.8, 1.7], "eyes": ["blue", "brown", "blue"]}))
    >>> raw.kind, len(raw)
    ('table', 3)
    >>> [(column.name, column.dtype, column.role) for column in raw.columns]
    [('height', 'number', 'feature'), ('eyes', 'category', 'feature')]
    """
    chosen = options if isinstance(options, ReadOptions) else ReadOptions.from_json(options or {})
    allowed = Allowed(upload_limit(limit), replace(chosen, series=None), report)
    content, called, fingerprint = _read(source, name, allowed)
    content = as_graph(content, called) if chosen.kind == "graph" else content
    check_width(content.rows.shape[1], called)
    content = from_pixel_columns(expand_vectors(content), called, chosen)
    raw = profiled(content, called, _with_options(fingerprint, allowed.options), allowed.options)
    raw = with_series_noted(raw)
    return raw if chosen.series is None else as_series(raw, chosen.series)


def _with_options(fingerprint: str, options: ReadOptions) -> str:
    """A fingerprint of content and options: the same file read in another way is other data."""
    decided = {name: value for name, value in options.to_json().items() if name != "formats"}
    if not decided:
        return fingerprint
    return hashlib.sha256(f"{fingerprint} read {json.dumps(decided, sort_keys=True)}".encode()).hexdigest()


def _read(source: Source, name: str | None, allowed: Allowed) -> tuple[Content, str, str]:
    """What was brought, read; what it is called; and the sha256 of its content."""
    if isinstance(source, pd.DataFrame):
        return (
            from_frame(_some_rows(source, name or "the table"), options=allowed.options),
            name or "table",
            _frame_hash(source),
        )
    if isinstance(source, np.ndarray):
        return from_array(source, name or "the array", allowed.options), name or "array", _array_hash(source)
    if isinstance(source, str) and source in samples.NAMES:
        return samples.read(source)
    if isinstance(source, str) and not Path(source).exists() and (chosen := find_public_set(source)) is not None:
        return read_public_set(chosen, allowed.report)
    paths = [Path(path) for path in ([source] if isinstance(source, str | Path) else source)]
    _check_there(paths)
    if len(paths) != 1:
        return _loose_files([(path.name, path) for path in paths], name or f"{len(paths):,} files", allowed)
    if paths[0].is_dir():
        return _loose_files(_in_folder(paths[0]), name or paths[0].name, allowed)
    return _one_file(paths[0], name or paths[0].name, allowed)


def _some_rows(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if not len(frame) or not frame.shape[1]:
        raise InputError(f"{italic(name)} is empty: there is nothing to group.")
    return frame


def _check_there(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            names, public = (joined([found.name for found in sets], 9) for sets in (samples.samples(), public_sets()))
            raise InputError(
                f"There is no file {italic(str(path))}, and no data set of that name; the samples are {names}, the public data "
                f"sets {public}."
            )


def _in_folder(folder: Path) -> list[tuple[str, Path]]:
    inside = [(path.relative_to(folder).as_posix(), path) for path in files_in(folder)]
    return [(inner, path) for inner, path in inside if not is_clutter(inner)]


def _one_file(path: Path, name: str, allowed: Allowed) -> tuple[Content, str, str]:
    check_size(path, name, allowed.limit)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        if stream.read(4) in ZIP:
            return read_zip(stream, path.stat().st_size, name, allowed), name, digest
    large = read_large(path, name, allowed.options, allowed.report)
    return read_file(path.read_bytes(), name, allowed) if large is None else large, name, digest


def _loose_files(paths: Sequence[tuple[str, Path]], name: str, allowed: Allowed) -> tuple[Content, str, str]:
    files, digest = LooseFiles(paths, name, allowed.limit), hashlib.sha256()
    for inner, data in files.read():
        digest.update(f"{inner}\0{len(data or b'')}\0".encode())
        digest.update(data or b"")
    return read_files(files, name, allowed), name, digest.hexdigest()


def _array_hash(array: np.ndarray) -> str:
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data if array.size else b"")
    return digest.hexdigest()


def _frame_hash(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for name, column in frame.items():
        digest.update(f"{name}\0{column.dtype}\0".encode())
        digest.update(_cells_hash(column).tobytes())
    return digest.hexdigest()


def _cells_hash(column: pd.Series[Any]) -> np.ndarray:
    try:
        return pd.util.hash_pandas_object(column, index=False).to_numpy()
    except TypeError:  # sets, lists and other cells without a hash
        return pd.util.hash_pandas_object(column.astype("str"), index=False).to_numpy()
