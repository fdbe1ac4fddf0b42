"""Which options of reading can matter for a file, by its name: for files that could not be read, which say nothing more."""

from __future__ import annotations

from engine.intake.files.sniff import TEXTS, TEXTUAL, ending

_GRID = ("header", "rows", "transpose", "decimal", "day_first", "kind")
_BY_ENDING = {
    **dict.fromkeys((*TEXTUAL, *TEXTS, "log", "dat", "data", "asc"), ("encoding", "delimiter", *_GRID)),
    **dict.fromkeys(("json", "jsonl", "ndjson"), ("encoding", "kind")),
    **dict.fromkeys(("xlsx", "xlsm", "xlsb", "xls", "ods", "html", "htm", "xml"), ("sheet", *_GRID)),
    **dict.fromkeys(("sqlite", "db"), ("sheet", "kind")),
    **dict.fromkeys(("npy", "npz", "mat", "h5", "hdf5", "h5ad"), ("sheet", "axes", "kind")),
}


def open_options(name: str) -> tuple[str, ...]:
    """Names of the fields of `ReadOptions` that can be chosen for a file of this name; none for pictures and sounds.

    Examples
    --------
    >>> from engine.intake import open_options
    >>> open_options("cells.npz")
    ('sheet', 'axes', 'kind')
    """
    stem, _, last = name.rpartition(".")
    return _BY_ENDING.get(ending(stem if last.lower() in ("bz2", "xz", "zst") else name), ())
