"""HDF5: AnnData (H5AD), MAT version 7.3, and arrays by name."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.limits import Meter
from engine.intake.media.arrays import from_array, from_arrays
from engine.intake.naming import unique_names
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.readers.matlab import numeric
from engine.intake.wording import italic, size

MOST_ARRAYS = 200
TRANSPOSED = b"MATLAB"  # MATLAB stores the last axis first


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """Cells by genes of AnnData with what is known of each cell, else the arrays of the file. InputError where it is damaged."""
    import h5py

    meter = Meter(name, len(data), 2 * limit)
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _check_own(file, name)
            if "X" in file and "obs" in file and "var" in file:
                return _annotated(file, meter)
            arrays: dict[str, np.ndarray] = {}
            file.visititems(lambda path, item: _collect(path, item, arrays, meter))
    except InputError:
        raise
    except (OSError, KeyError, ValueError, RuntimeError, TypeError, AttributeError) as error:
        raise InputError(f"{italic(name)} is a damaged HDF5 file: save or download it again.") from error
    turned = TRANSPOSED in data[:128]
    found = {key: array.T if turned else array for key, array in arrays.items()}
    found = {key: array.ravel() if array.ndim == 2 and 1 in array.shape else array for key, array in found.items()}
    return from_arrays(numeric(found, name), name, options)


def _check_own(file: Any, name: str) -> None:
    """InputError where the file takes values from other files of this machine: by links, or as parts of an array."""
    import h5py

    def outside(_: str, item: Any) -> bool | None:
        linked = isinstance(item, h5py.ExternalLink)
        parts = isinstance(item, h5py.Dataset) and (item.external is not None or item.is_virtual)
        return True if linked or parts else None

    if file.visititems_links(outside) or file.visititems(outside):
        raise InputError(
            f"{italic(name)} takes values from other files, which are not opened: write all into one file."
        )


def _collect(path: str, item: Any, arrays: dict[str, np.ndarray], meter: Meter) -> None:
    import h5py

    if (
        isinstance(item, h5py.Dataset)
        and item.dtype.kind in "biuf"
        and len(arrays) < MOST_ARRAYS
        and "#refs#" not in path
    ):
        arrays[path] = _values(item, meter)


def _values(item: Any, meter: Meter) -> np.ndarray:
    """A stored array; InputError before more is unpacked than may be."""
    meter.add(int(item.size) * item.dtype.itemsize)
    values: np.ndarray = item[()]
    return values


def _annotated(file: Any, meter: Meter) -> Content:
    """AnnData: X [cells, genes], and a column for each thing that is known of the cells."""
    cells = _frame(file["obs"], meter)
    genes = [str(value) for value in _frame(file["var"], meter).index]
    matrix = _matrix(file["X"], (len(cells), len(genes)), meter)
    names, notes = unique_names(genes)
    content = from_array(matrix, meter.name, "table", names)
    known = cells[[column for column in cells.columns if str(column) not in content.rows]].reset_index(drop=True)
    known.insert(0, "cell", cells.index.astype(str))
    content.rows = pd.concat([known, content.rows], axis=1)
    content.notes[:0] = [f"{italic(meter.name)} holds {len(cells):,} cells and {len(genes):,} genes.", *notes]
    return content


def _matrix(item: Any, shape: tuple[int, int], meter: Meter) -> np.ndarray:
    """X as a dense matrix, from dense, CSR or CSC storage."""
    import h5py
    from scipy import sparse

    if shape[0] * shape[1] * 8 > meter.limit:
        raise InputError(
            f"{italic(meter.name)} unpacks to {shape[0]:,} x {shape[1]:,} numbers, more than {size(meter.limit)}: "
            "keep the genes that vary most."
        )
    if isinstance(item, h5py.Dataset):
        return _values(item, meter)
    parts = tuple(_values(item[key], meter) for key in ("data", "indices", "indptr"))
    encoding = item.attrs.get("encoding-type", b"csr_matrix")
    kind = encoding.decode() if isinstance(encoding, bytes) else str(encoding)
    maker = sparse.csc_matrix if kind.startswith("csc") else sparse.csr_matrix
    found = maker(parts, shape=shape)
    found.check_format()
    dense: np.ndarray = found.toarray()
    return dense


def _frame(group: Any, meter: Meter) -> pd.DataFrame:
    """A data frame as AnnData stores it: a compound dataset, or a group of columns with the name of its index."""
    import h5py

    if isinstance(group, h5py.Dataset):
        table = pd.DataFrame({key: _words(group[key]) for key in group.dtype.names})
        return table.set_index(table.columns[0])
    key = group.attrs.get("_index", "_index")
    key = key.decode() if isinstance(key, bytes) else str(key)
    index = pd.Index(_words(_values(group[key], meter)))
    columns = {str(column): _column(group[column], meter) for column in group if column not in (key, "__categories")}
    return pd.DataFrame(
        {column: values for column, values in columns.items() if len(values) == len(index)}, index=index
    )


def _column(item: Any, meter: Meter) -> np.ndarray:
    """A column; categories are stored as codes and their names."""
    import h5py

    if isinstance(item, h5py.Group):
        if "categories" not in item or "codes" not in item:
            return np.empty(0)
        names, codes = _words(_values(item["categories"], meter)), _values(item["codes"], meter)
        named: np.ndarray = np.array([*names.tolist(), None], dtype=object)[codes]
        return named
    return _words(_values(item, meter))


def _words(values: np.ndarray) -> np.ndarray:
    """Strings where bytes are stored."""
    if values.dtype.kind not in "OS":
        return values
    return np.array(
        [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values], dtype=object
    )
