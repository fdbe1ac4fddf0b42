"""How what was read is stored: small tables and arrays packed, large ones so that they are mapped when they are opened."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from engine.intake.mapped import WORDS, is_large, is_long, words_of

GROUP = 1_000_000
"""Rows that are written together."""
MOST_FILES = 2000
"""Columns up to which each has a file of its own."""
TYPES = {"U8": "u1", "F32": "<f4", "F64": "<f8"}
"""Types of arrays that are mapped, as safetensors calls them and as NumPy does."""
LENGTH = 8
"""Bytes in which safetensors says how long its header is, and of which the header is a multiple."""


def save_rows(rows: pd.DataFrame, folder: Path) -> None:
    """Write a table into a folder; each column of a long one that is of numbers, dates or words into a file of its own."""
    alone = range(rows.shape[1]) if is_long(len(rows)) and rows.shape[1] <= MOST_FILES else ()
    written = [i for i in alone if _save_column(rows.iloc[:, i], folder / "rows", i)]
    _write_parquet(rows.drop(columns=rows.columns[written]), folder / "rows.parquet")


def load_rows(folder: Path, names: list[str]) -> pd.DataFrame:
    """The table of columns `names` that `save_rows` wrote; what has a file of its own is mapped, not read."""
    packed = pd.read_parquet(folder / "rows.parquet")
    columns = {name: _load_column(folder / "rows", i) for i, name in enumerate(names)}
    if all(column is None for column in columns.values()):
        return packed
    return pd.DataFrame(
        {name: packed[name] if column is None else column for name, column in columns.items()}, copy=False
    )


def _save_column(values: pd.Series[Any], folder: Path, place: int) -> bool:
    """Whether a column could be written into a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    if values.dtype == WORDS:
        words = pa.chunked_array(pa.array(values.array))
        schema = pa.schema({"": words.type})
        with pa.OSFile(os.fspath(folder / f"{place}.arrow"), "wb") as file, pa.ipc.new_file(file, schema) as writer:
            for chunk in words.chunks:
                writer.write_batch(pa.record_batch([chunk], schema=schema))
        return True
    if not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "iufbM":
        return False
    np.save(folder / f"{place}.npy", np.ascontiguousarray(values.to_numpy()))
    return True


def _load_column(folder: Path, place: int) -> pd.Series[Any] | None:
    numbers, words = folder / f"{place}.npy", folder / f"{place}.arrow"
    if numbers.exists():
        return pd.Series(np.asarray(np.load(numbers, mmap_mode="r")), copy=False)
    if words.exists():
        return words_of(pa.ipc.open_file(pa.memory_map(os.fspath(words))).read_all().column(0))
    return None


def _write_parquet(rows: pd.DataFrame, path: Path) -> None:
    """Write a table in groups of rows, so that no second copy of a large one is made."""
    schema = pa.Schema.from_pandas(rows, preserve_index=False)
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, max(len(rows), 1), GROUP):
            part = rows.iloc[start : start + GROUP]
            writer.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))


def save_values(values: np.ndarray, path: Path) -> None:
    """Write an array of any shape as safetensors; no copy is made of a large one."""
    names = {np.dtype(kind): name for name, kind in TYPES.items()}
    if not is_large(values.nbytes) or values.dtype not in names or not values.flags.c_contiguous:
        save_file({"values": np.ascontiguousarray(values)}, path)
        return
    about = {"dtype": names[values.dtype], "shape": values.shape, "data_offsets": [0, values.nbytes]}
    header = json.dumps({"values": about}).encode()
    header += b" " * (-len(header) % LENGTH)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(LENGTH, "little") + header)
        values.tofile(file)


def load_values(path: Path) -> np.ndarray:
    """The array that `save_values` wrote, of any shape; a large one is mapped, not read."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH), "little")
        about = json.loads(file.read(length))["values"] if length <= path.stat().st_size else {}
    kind, start = TYPES.get(about.get("dtype", "")), LENGTH + length
    if kind is None or not is_large(path.stat().st_size) or start % np.dtype(kind).itemsize:
        return load_file(path)["values"]
    return np.asarray(np.memmap(path, kind, "r", start, tuple(about["shape"])))


def save_graph(graph: Any, path: Path) -> None:
    """Write a sparse matrix [n, n] in rows (CSR)."""
    save_file({"weights": graph.data, "targets": graph.indices, "starts": graph.indptr}, path)


def load_graph(path: Path) -> Any:
    """The sparse matrix that `save_graph` wrote."""
    from scipy import sparse

    parts = load_file(path)
    n = len(parts["starts"]) - 1
    return sparse.csr_array((parts["weights"], parts["targets"], parts["starts"]), (n, n))
