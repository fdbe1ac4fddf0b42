"""Shape, wherever it starts: series are alike where one, shifted against the other, follows it.

Two series, each standardized, are as far apart as one minus their greatest cross-correlation over all shifts (the shape-based
distance of k-Shape). Distances to at most 500 landmarks become vectors by landmark scaling: classical scaling of the landmarks,
by whose axes every other series is placed.

References
----------
J. Paparrizos, L. Gravano, SIGMOD 2015, "k-Shape: Efficient and Accurate Clustering of Time Series".
V. de Silva, J. B. Tenenbaum, Stanford University, 2004, "Sparse Multidimensional Scaling Using Landmark Points".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent
from engine.features.reduction import Reduction
from engine.features.series import bridged, checked, standardized

AXES = 20
LANDMARKS = 500
STORED = 2**20
"""Values of all landmarks together at most."""
LONGEST = 512
"""Moments of a series that are looked at; longer ones are shortened."""
AT_ONCE = {"cpu": 2**18, "cuda": 2**25}
"""Cross-correlations that are made at once: on a processor as many as stay in its cache."""


class Alignment(Encoder):
    """The encoder `alignment`.

    Parameters
    ----------
    block : int
        Moments that are joined to one, where series are long.
    landmarks : ndarray of shape (m, channels, moments), float32
        Standardized series.
    middle : ndarray of shape (m,), float32
        Mean squared distance of each landmark from the others.
    axes : ndarray of shape (m, d), float32
        From squared distances to places.
    reduction : Reduction
        From places to features.
    """

    card = EncoderCard(
        id="alignment",
        name="Shape, wherever it starts",
        idea="Puts series next to each other whose course is the same once one is shifted against the other.",
        kinds=frozenset({"series"}),
        source="J. Paparrizos, L. Gravano, k-Shape, SIGMOD 2015 (shape-based distance)",
        seconds=0.8,
    )

    def __init__(self, block: int, landmarks: Floats, middle: Floats, axes: Floats, reduction: Reduction) -> None:
        self.block, self.landmarks, self.middle, self.axes, self.reduction = block, landmarks, middle, axes, reduction

    @classmethod
    def fit(cls, values: Any, tell: Tell = silent) -> tuple[Alignment, Floats]:
        """See `Encoder.fit`."""
        series = checked(values)
        block = -(-series.shape[2] // LONGEST)
        x = standardized(*bridged(series, block))
        most = min(LANDMARKS, max(STORED // x[0].size, 2))
        rows = np.arange(len(x))
        if len(x) > most:
            rows = np.sort(np.random.default_rng(0).choice(len(x), most, replace=False))
        landmarks = x[rows]
        distances = shape_distances(x, landmarks, tell)
        middle, axes = _scaling(distances[rows])
        if not axes.shape[1]:
            raise InputError("All series have the same shape: there is nothing by which they could be grouped.")
        places = _places(distances, middle, axes)
        fitted = cls(block, landmarks, middle, axes, Reduction.fit(places, AXES))
        return fitted, fitted.reduction.apply(places)

    def transform(self, values: Any, tell: Tell = silent) -> Floats:
        """See `Encoder.transform`."""
        x = standardized(*bridged(checked(values, self.landmarks.shape[1]), self.block))
        return self.reduction.apply(_places(shape_distances(x, self.landmarks, tell), self.middle, self.axes))

    @property
    def names(self) -> tuple[str, ...]:
        """Axes have no meaning of their own: "shape 1" is the one along which series differ most."""
        return tuple(f"shape {i + 1}" for i in range(len(self.reduction.axes)))

    def arrays(self) -> dict[str, np.ndarray]:
        """See `Encoder.arrays`."""
        own = {"landmarks": self.landmarks, "landmark_middle": self.middle, "landmark_axes": self.axes}
        return own | self.reduction.arrays()

    def settings(self) -> dict[str, Any]:
        """See `Encoder.settings`."""
        return {"block": self.block}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Alignment:
        """See `Encoder.read`."""
        landmarks, middle, axes = (arrays[name] for name in ("landmarks", "landmark_middle", "landmark_axes"))
        return cls(int(settings["block"]), landmarks, middle, axes, Reduction.read(arrays))


def shape_distances(x: Floats, others: Floats, tell: Tell = silent) -> Floats:
    """One minus the greatest normalized cross-correlation of each series with each other, over all shifts.

    Parameters
    ----------
    x : ndarray of shape (n, channels, time), float32
        Channels are shifted together. A series without any value but 0 is at distance 1 from all but its like.
    others : ndarray of shape (m, channels, moments), float32
    tell
        Called with the share that is done.

    Returns
    -------
    ndarray of shape (n, m), float32
        0 to 2.

    Examples
    --------
    >>> import numpy as np
    >>> early, late = np.zeros((2, 1, 1, 6), np.float32)
    >>> early[..., 1], late[..., 4] = 1, 1
    >>> shape_distances(early, np.concatenate([late, -late])).round(3).tolist()
    [[0.0, 1.0]]
    """
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    ours, theirs = (torch.from_numpy(part).to(device) for part in (x, others))
    norms, sizes = (part.square().sum((1, 2)).sqrt() for part in (ours, theirs))
    shifts = x.shape[2] + others.shape[2] - 1
    size = 1 << (shifts - 1).bit_length()
    spectra = torch.fft.rfft(theirs, size).conj()
    rows = max(1, AT_ONCE[device.type] // (size * len(others)))
    found = []
    for start in range(0, len(x), rows):
        part, norm = ours[start : start + rows], norms[start : start + rows, None]
        products = torch.einsum("ncf,mcf->nmf", torch.fft.rfft(part, size), spectra)
        closest = torch.fft.irfft(products, size).amax(2) / (norm * sizes).clamp_min(1e-12)
        closest = torch.where((norm == 0) & (sizes == 0), 1.0, closest)
        found.append((1 - closest).clamp_(0, 2))
        tell(min(1.0, (start + rows) / len(x)))
    distances: Floats = torch.cat(found).cpu().numpy()
    return distances


def _scaling(squares: Floats) -> tuple[Floats, Floats]:
    """Mean squared distances [m] of landmarks from each other, and the axes [m, d] by which squared distances become places."""
    middle = squares.mean(axis=0, dtype=np.float64)
    products = -0.5 * (squares - middle - middle[:, None] + middle.mean())
    values, vectors = np.linalg.eigh((products + products.T) / 2)
    values, vectors = values[::-1][:AXES], vectors[:, ::-1][:, :AXES]
    kept = values > 1e-5 * len(squares)
    return middle.astype(np.float32), (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)


def _places(squares: Floats, middle: Floats, axes: Floats) -> Floats:
    """Places [n, d] by squared distances [n, m] to the landmarks; of a landmark, its own."""
    places: Floats = (-0.5 * (squares - middle) @ axes).astype(np.float32)
    return places
