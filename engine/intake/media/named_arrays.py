"""Several named arrays, as an NPZ or MAT file holds them: which one holds the data, which the labels, by what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.core.errors import InputError
from engine.intake.wording import count, italic, joined, listed, number

X_KEYS = ("x", "data", "images", "features", "samples", "embeddings", "vectors", "arr_0")
Y_KEYS = ("y", "labels", "label", "target", "targets", "classes", "arr_1")
NAME_KEYS = ("class_names", "target_names", "feature_names", "label_names")
SPLITS = ("train", "training", "val", "valid", "validation", "test", "testing")
CLEARLY = 4  # times that the largest of several arrays has the numbers of the next to be taken for the data
MOST_CLASSES = 1000
MOST_CELLS = 2**26  # of a sparse matrix, once every cell is written out
MOST_COLUMNS = 20_000


@dataclass
class Chosen:
    """The array with the data, the labels and what else stands beside each row; notes say what was left out."""

    x: np.ndarray
    key: str
    y: np.ndarray | None = None
    beside: dict[str, np.ndarray] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    others: tuple[str, ...] = ()


def choose(arrays: Mapping[str, np.ndarray], name: str, wanted: str | None = None) -> Chosen:
    """What each of the arrays is for; `wanted` names the one with the data.

    InputError if none, or more than one, could be the data, or labels do not fit them.
    """
    arrays, notes = _joined_splits(dict(arrays))
    key = _data_key(arrays, name, wanted)
    if key is None:
        x, columns = _columns(arrays, name)
        chosen = Chosen(x, "", names={"feature_names": columns}, notes=notes)
        rest = {other: values for other, values in arrays.items() if other not in columns}
    else:
        candidates = [other for other in _candidates(arrays) if other != key]
        chosen = Chosen(arrays[key], key, notes=notes, others=(key, *candidates))
        rest = {other: values for other, values in arrays.items() if other != key}
    names = {other: rest.pop(other) for other in list(rest) if other.lower() in NAME_KEYS}
    chosen.names |= {other.lower(): [str(v) for v in a.ravel()] for other, a in names.items() if a.ndim <= 1}
    _add_labels(chosen, rest, name)
    _add_beside(chosen, rest)
    return chosen


def _candidates(arrays: Mapping[str, np.ndarray]) -> list[str]:
    """Arrays of numbers with two axes or more."""
    return [key for key, values in arrays.items() if values.dtype.kind in "biuf" and values.ndim >= 2 and values.size]


def _data_key(arrays: Mapping[str, np.ndarray], name: str, wanted: str | None) -> str | None:
    """The key of the data; None where equally long columns make up a table."""
    if wanted is not None:
        if wanted not in arrays:
            raise InputError(f"{italic(name)} has no array {italic(wanted)}; it has {listed(list(arrays), 12)}.")
        return wanted
    found = _candidates(arrays)
    usual = sorted((key for key in found if key.lower() in X_KEYS), key=lambda key: X_KEYS.index(key.lower()))
    if usual:
        return usual[0]
    if len(found) == 1:
        return found[0]
    sizes = sorted((arrays[key].size for key in found), reverse=True)
    if len(found) > 1 and sizes[0] >= CLEARLY * sizes[1]:
        return max(found, key=lambda key: arrays[key].size)
    if not found and (_equally_long(arrays) or any(key.lower() in X_KEYS for key in arrays)):
        single = [key for key in arrays if key.lower() in X_KEYS and arrays[key].ndim == 1]
        return single[0] if len(_equally_long(arrays)) < 2 and single else None
    keys = joined([italic(key) for key in arrays]) or "nothing"
    raise InputError(f"{italic(name)} holds {keys}: name the array with the data x, and the one with labels y.")


def _equally_long(arrays: Mapping[str, np.ndarray]) -> list[str]:
    """Columns of numbers, one array each, that are no labels: the keys of those with the commonest length."""
    lines = {key: len(a) for key, a in arrays.items() if a.ndim == 1 and a.dtype.kind in "biuf" and len(a) > 1}
    lines = {key: n for key, n in lines.items() if not (key.lower() in Y_KEYS and _is_classes(arrays[key]))}
    usual = max(lines.values(), key=list(lines.values()).count, default=0)
    return [key for key, n in lines.items() if n == usual]


def _columns(arrays: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, list[str]]:
    columns = _equally_long(arrays)
    if not columns:
        raise InputError(f"{italic(name)} holds no array of numbers: there is nothing to group.")
    return np.stack([arrays[key].astype(np.float64) for key in columns], axis=1), columns


def _joined_splits(arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], list[str]]:
    """x_train and x_test as one x, and the like; `part` says from which each row came."""
    parts: dict[str, dict[str, str]] = {}
    for key in arrays:
        words = re.split(r"[_\-. ]", key)
        split = [word for word in words if word.lower() in SPLITS]
        if len(split) == 1 and len(words) > 1:
            parts.setdefault("_".join(word for word in words if word not in split), {})[split[0]] = key
    whole = {
        stem: of for stem, of in parts.items() if len(of) > 1 and _fit_together([arrays[key] for key in of.values()])
    }
    if not any(arrays[key].ndim > 1 for of in whole.values() for key in of.values()):
        return arrays, []
    merged = {key: a for key, a in arrays.items() if not any(key in of.values() for of in whole.values())}
    for stem, of in whole.items():
        merged[stem] = np.concatenate([arrays[of[split]] for split in _in_order(of)])
    longest = max(whole.values(), key=lambda of: max(arrays[key].ndim for key in of.values()))
    merged["part"] = np.concatenate([np.full(len(arrays[longest[split]]), split) for split in _in_order(longest)])
    pairs = [listed([of[split] for split in _in_order(of)]) for of in whole.values()]
    return merged, [f"{joined(pairs)} were put together, one below the other."]


def _in_order(of: Mapping[str, str]) -> list[str]:
    return sorted(of, key=lambda split: SPLITS.index(split.lower()))


def _fit_together(arrays: list[np.ndarray]) -> bool:
    first = arrays[0]
    return first.ndim > 0 and all(a.shape[1:] == first.shape[1:] and a.dtype.kind == first.dtype.kind for a in arrays)


def _add_labels(chosen: Chosen, rest: dict[str, np.ndarray], name: str) -> None:
    of_split = {key: _without_split(key) for key in rest if rest[key].ndim and len(rest[key]) == len(chosen.x)}
    named = {key: of_split.get(key, key.lower()) for key in rest}
    keys = sorted((key for key in rest if named[key] in Y_KEYS), key=lambda key: Y_KEYS.index(named[key]))
    for key in keys:
        y = rest[key]
        if y.ndim and len(y) != len(chosen.x) and chosen.x.shape[-1] == len(y):
            chosen.x = np.moveaxis(chosen.x, -1, 0)
            chosen.notes.append(f"The last axis of {italic(chosen.key)} counts its members, as {italic(key)} does.")
        fits = bool(y.ndim) and len(y) == len(chosen.x)
        if not fits and y.dtype.kind in "US":
            continue  # the names of classes, not those of rows
        if not fits:
            labels = count(len(y) if y.ndim else 1, "label")
            raise InputError(
                f"{italic(name)} has {len(chosen.x):,} rows, but {labels}: there must be one for each row."
            )
        if key.lower() == "arr_1" and not _is_classes(y):
            continue
        chosen.y = _classes(rest.pop(key))
        return
    single = [key for key, y in rest.items() if y.shape == (len(chosen.x),) and key != "part" and _is_classes(y)]
    if len(single) == 1:
        chosen.y = rest.pop(single[0])
        chosen.notes.append(f"{italic(single[0])} was taken for the known answer.")


def _without_split(key: str) -> str:
    """The name of an array without the part of the data that it is of: labels for train_labels."""
    return "_".join(word for word in re.split(r"[_\-. ]", key.lower()) if word not in SPLITS)


def _is_classes(y: np.ndarray) -> bool:
    """Whether an array could hold classes: words or whole numbers of which most come several times."""
    if y.ndim != 1:
        return y.ndim == 2 and y.dtype.kind in "iub"
    if y.dtype.kind not in "iubUS" or len(y) < 2:
        return (
            y.dtype.kind == "f"
            and bool(np.isfinite(y).all() and (y == np.rint(y)).all())
            and len(np.unique(y)) <= len(y) / 2
        )
    return 1 < len(np.unique(y)) <= max(2, min(MOST_CLASSES, len(y) // 2))


def _classes(y: np.ndarray) -> np.ndarray:
    """One class for each row where labels are columns of 0 and 1 (one-hot)."""
    if (
        y.ndim == 2
        and y.shape[1] > 1
        and y.dtype.kind in "biuf"
        and np.isin(y, (0, 1)).all()
        and (y.sum(axis=1) == 1).all()
    ):
        classes: np.ndarray = y.argmax(axis=1)
        return classes
    return y


def _add_beside(chosen: Chosen, rest: Mapping[str, np.ndarray]) -> None:
    """Arrays with a value for each row stand beside the data; the others are left out and named."""
    for key, values in rest.items():
        if values.shape == (len(chosen.x),) and values.dtype.kind in "biufUS":
            chosen.beside[key] = values
    gone = [key for key, values in rest.items() if key not in chosen.beside and values.size > 1]
    if chosen.key and len(_candidates(rest)) and chosen.key.lower() not in X_KEYS:
        chosen.notes.append(f"{italic(chosen.key)} was taken for the data.")
    if gone:
        chosen.notes.append(f"{listed(gone)} {'was' if len(gone) == 1 else 'were'} left out.")


def is_sparse(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the parts of a sparse matrix as scipy.sparse.save_npz writes them."""
    return {"format", "shape", "data"} <= set(arrays) and arrays["shape"].shape == (2,) and arrays["format"].ndim == 0


def dense(arrays: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, list[str]]:
    """A sparse matrix with every cell written out, and what was left out; InputError where it is damaged or too large."""
    rows, columns = (int(n) for n in arrays["shape"])
    most = min(MOST_COLUMNS, MOST_CELLS // max(rows, 1))
    if most < 2 or columns > MOST_CELLS:
        raise InputError(
            f"{italic(name)} is a sparse matrix of {rows:,} x {columns:,}, too large to write out every cell: "
            f"bring fewer rows, at most {number(MOST_CELLS // 2)}, or fewer columns."
        )
    matrix = sparse_matrix(arrays, name)
    notes = [f"{italic(name)} is a sparse matrix of {rows:,} x {columns:,}; cells without an entry are 0."]
    if columns > most:
        filled = np.asarray((matrix != 0).sum(axis=0)).ravel()
        kept = np.sort(np.argsort(-filled, kind="stable")[:most])
        matrix = matrix.tocsc()[:, kept]
        notes.append(
            f"The {most:,} columns with the most entries were kept, the other {columns - most:,} were left out."
        )
    return matrix.toarray(), notes


def sparse_matrix(arrays: Mapping[str, np.ndarray], name: str) -> Any:
    """The matrix of its parts; InputError where it is damaged."""
    from scipy import sparse

    kind = arrays["format"].item()
    kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    shape = tuple(int(n) for n in arrays["shape"])
    try:
        if kind in ("csr", "csc", "bsr"):
            matrix = getattr(sparse, f"{kind}_matrix")(
                (arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape
            )
            matrix.check_format(full_check=True)
        elif kind == "coo":
            matrix = sparse.coo_matrix((arrays["data"], (arrays["row"], arrays["col"])), shape=shape)
        elif kind == "dia":
            matrix = sparse.dia_matrix((arrays["data"], arrays["offsets"]), shape=shape)
        else:
            raise InputError(f"{italic(name)} is a sparse matrix of the unknown format {italic(kind)}: save it as CSR.")
        return matrix.tocsr()
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise InputError(
            f"{italic(name)} is a damaged sparse matrix: save it again with scipy.sparse.save_npz."
        ) from error
