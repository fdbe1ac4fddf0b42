"""Rows by the columns in which they agree: the places that Gower's similarity gives them.

J. C. Gower, Biometrics 1971, "A General Coefficient of Similarity and Some of Its Properties"; W. S. Torgerson, Psychometrika
1952, "Multidimensional Scaling: I. Theory and Method"; C. K. I. Williams, M. Seeger, NIPS 2000, "Using the Nyström Method to
Speed Up Kernel Machines".

Two rows differ by the mean over the columns that both fill: by 1 where words differ, and by the difference of numbers in
standard deviations, where Gower divides by the range, which a single outlier decides. Classical scaling finds places whose
squared distances are these dissimilarities: of all rows up to `LANDMARKS`, beyond that of so many drawn at random, among which
the others get theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import eigh

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent

if TYPE_CHECKING:
    import pandas as pd

LANDMARKS = 2000
DIMENSIONS = 32
BLOCK = 512
"""Rows that are compared with all landmarks at once."""
BLANK, UNSEEN = -1, -2
"""Codes of words: none at all, and one that no landmark has."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows as arrays.

    Parameters
    ----------
    numbers : ndarray of shape (n, a), float32
        In standard deviations, NaN where there is none.
    words : ndarray of shape (n, b), int32
        Codes from 0, `BLANK` or `UNSEEN`.
    """

    numbers: np.ndarray
    words: np.ndarray

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, places: Any) -> Rows:
        return Rows(self.numbers[places], self.words[places])


def dissimilarities(x: Rows, y: Rows) -> Floats:
    """By how much each row of `x` differs from each of `y`, float32 [n, m]; NaN where they fill no column in common.

    Examples
    --------
    >>> x = Rows(np.array([[0.0], [0.5], [np.nan]], np.float32), np.array([[0], [1], [0]]))
    >>> dissimilarities(x, x).tolist()
    [[0.0, 0.75, 0.0], [0.75, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    total = np.zeros((len(x), len(y)), np.float32)
    shared = np.full_like(total, x.numbers.shape[1] + x.words.shape[1])
    for apart, blank in _by_column(x, y):
        if blank is not None:
            apart = np.where(blank, 0, apart)
            shared -= blank
        total += apart
    return np.divide(total, shared, out=np.full_like(total, np.nan), where=shared > 0)


def _by_column(x: Rows, y: Rows) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """The differences [n, m] in each column, and where one of both is blank, None where no one is."""
    for one, other in zip(x.numbers.T, y.numbers.T, strict=True):
        yield np.abs(one[:, None] - other), _either(np.isnan(one), np.isnan(other))
    for one, other in zip(x.words.T, y.words.T, strict=True):
        yield one[:, None] != other, _either(one == BLANK, other == BLANK)


def _either(one: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    return one[:, None] | other if one.any() or other.any() else None


class Neighbors(Encoder):
    """Classical scaling of Gower's dissimilarities, continued to other rows by Nyström's formula."""

    card = EncoderCard(
        id="neighbors",
        name="Similar rows",
        idea="Rows are close to each other that agree in most columns; a different word counts as much as a different number.",
        kinds=frozenset({"table"}),
        source="Gower, Biometrics 1971; Torgerson, Psychometrika 1952; Williams and Seeger, NIPS 2000",
        seconds=1.0,
    )

    def __init__(self, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> None:
        self._arrays, self._settings = dict(arrays), dict(settings)
        self._landmarks = Rows(self._arrays["numbers"], self._arrays["words"])

    @classmethod
    def fit(cls, values: pd.DataFrame, tell: Tell = silent) -> tuple[Neighbors, Floats]:
        """The places of n rows.

        Raises
        ------
        InputError
            Where no two rows differ.
        """
        n = len(values)
        drawn = np.sort(np.random.default_rng(0).permutation(n)[:LANDMARKS])
        names = [str(name) for name in values]
        numeric = [str(name) for name in values if values[name].dtype.kind == "f"]
        texts = [name for name in names if name not in numeric]
        chosen = values.iloc[drawn]
        levels = {name: sorted({word for word in chosen[name] if isinstance(word, str)}) for name in texts}
        spread = np.array([_deviation(values[name].to_numpy(np.float64)) for name in numeric], np.float64)
        settings = {"numbers": numeric, "levels": levels}
        landmarks = _rows(chosen, settings, spread)
        arrays = {"numbers": landmarks.numbers, "words": landmarks.words, "spread": spread} | _scaling(landmarks)
        found = cls(arrays | {"center": np.zeros(1, np.float32), "scale": np.ones(1, np.float32)}, settings)
        places = found.transform(values, tell)
        center = places.mean(axis=0, dtype=np.float64)
        scale = np.sqrt(places.var(axis=0, dtype=np.float64).mean(keepdims=True))
        found._arrays |= {"center": center.astype(np.float32), "scale": scale.astype(np.float32)}
        return found, found._scaled(places)

    def transform(self, values: pd.DataFrame, tell: Tell = silent) -> Floats:
        rows = _rows(values, self._settings, self._arrays["spread"])
        places = np.zeros((len(rows), self._arrays["axes"].shape[1]), np.float32)
        for start in range(0, len(rows), BLOCK):
            places[start : start + BLOCK] = self._places(rows[start : start + BLOCK])
            tell(min(start + BLOCK, len(rows)) / len(rows))
        return self._scaled(places)

    def _places(self, rows: Rows) -> np.ndarray:
        """Where rows lie among the landmarks, [n, d]."""
        apart = dissimilarities(rows, self._landmarks).astype(np.float64)
        typical = self._arrays["typical"]
        apart = np.where(np.isnan(apart), typical.mean(), apart)
        inner = -(apart - apart.mean(axis=1, keepdims=True) - typical + typical.mean()) / 2
        return np.asarray(inner @ self._arrays["axes"])

    def _scaled(self, places: np.ndarray) -> Floats:
        return np.ascontiguousarray((places - self._arrays["center"]) / self._arrays["scale"], np.float32)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"similarity {i}" for i in range(1, self._arrays["axes"].shape[1] + 1))

    def arrays(self) -> dict[str, np.ndarray]:
        return dict(self._arrays)

    def settings(self) -> dict[str, Any]:
        """Names of the columns of numbers, and the words of each column of words."""
        return dict(self._settings)

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Neighbors:
        return cls(arrays, settings)


def _deviation(numbers: np.ndarray) -> float:
    known = numbers[~np.isnan(numbers)]
    return float(known.std() if len(known) else 0) or 1.0


def _rows(values: pd.DataFrame, settings: Mapping[str, Any], spread: np.ndarray) -> Rows:
    """The columns that were fitted, as arrays."""
    numeric, levels = settings["numbers"], settings["levels"]
    missing = [name for name in (*numeric, *levels) if name not in values]
    if missing:
        raise InputError(f"The rows have no column “{missing[0]}”, by which others were compared.")
    numbers = values[numeric].to_numpy(np.float64) / spread
    words = np.zeros((len(values), len(levels)), np.int32)
    for column, (name, known) in enumerate(levels.items()):
        codes = {word: code for code, word in enumerate(known)}
        words[:, column] = [codes.get(word, UNSEEN) if isinstance(word, str) else BLANK for word in values[name]]
    return Rows(numbers.astype(np.float32), words)


def _scaling(landmarks: Rows) -> dict[str, np.ndarray]:
    """Classical scaling: `axes` [m, d], which make places of inner products with the landmarks, and `typical` [m], the mean
    dissimilarity of each from the others."""
    apart = dissimilarities(landmarks, landmarks).astype(np.float64)
    known = ~np.isnan(apart)
    apart = np.where(known, apart, apart[known].mean() if known.any() else 0)
    typical, n = apart.mean(axis=0), len(landmarks)
    inner = -(apart - apart.mean(axis=1, keepdims=True) - typical + typical.mean()) / 2
    values, vectors = eigh(inner, subset_by_index=(max(n - DIMENSIONS, 0), n - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > max(values[0] * 1e-6, 1e-9)
    if not kept.any():
        raise InputError("No two rows differ in a column that both fill: there is nothing to compare.")
    axes = vectors[:, kept] / np.sqrt(values[kept])
    largest = np.abs(axes).argmax(axis=0)
    return {"axes": axes * np.sign(axes[largest, np.arange(axes.shape[1])]), "typical": typical}
