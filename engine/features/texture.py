"""Texture and color: what is counted in pictures without knowing any other pictures.

Three blocks: how much there is of each lightness and color, and where (CIELAB); rotation-invariant local binary patterns at two
scales (Ojala, Pietikainen & Maenpaa 2002); directions of edges in a grid of cells (Dalal & Triggs 2005). Histograms are counted
softly between two bins, and their roots are compared, as the Hellinger distance does. Every block has the same total variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent
from engine.features.pictures import check_alike, check_bands
from engine.features.reduction import Reduction

LARGEST, SMALLEST = 64, 16
"""Pixels on a side that are looked at."""
LIGHTS, COLORS, LAYOUT = 8, 5, 4
"""Bins of the lightness, bins of each of the two color axes, cells of the color layout on a side."""
CELLS, DIRECTIONS = 4, 9
"""Cells of the edges on a side, and directions in each."""
PATTERNS = 10
"""Uniform patterns of 8 neighbors: 0 to 8 of them are brighter in one piece, or they are not in one piece."""
AXES = 64
BATCH = 256


class Texture(Encoder):
    """Colors, local binary patterns and edges, principal axes.

    Examples
    --------
    >>> import numpy as np
    >>> stripes = np.tile(np.uint8([0, 255]), (2, 16, 8))[..., None]
    >>> pictures = np.concatenate([stripes, stripes.swapaxes(1, 2), stripes // 2])
    >>> encoder, features = Texture.fit(pictures)
    >>> bool(np.allclose(features[0], features[1])), features.shape
    (True, (6, 2))
    """

    card = EncoderCard(
        id="texture",
        name="Texture and color",
        idea="Pictures are alike that have the same colors, the same grain and edges in the same directions.",
        kinds=frozenset({"image"}),
        source="Ojala et al. 2002, local binary patterns; Dalal & Triggs 2005, oriented gradients; CIELAB histograms",
        seconds=1.0,
    )

    def __init__(self, bands: int, scales: np.ndarray, reduction: Reduction) -> None:
        self.bands, self.scales, self.reduction = bands, scales, reduction

    @classmethod
    def fit(cls, values: np.ndarray, tell: Tell = silent) -> tuple[Texture, Floats]:
        """The scales and axes of pictures uint8 [n, height, width, bands], and their features [n, d], d at most `AXES`.

        Raises
        ------
        InputError
            Where all pictures are the same.
        """
        blocks = _described(values, tell)
        spreads = [float(np.sqrt(block.var(axis=0, dtype=np.float64).sum())) for block in blocks]
        check_alike(max(spreads), 1e-6)
        # Of a block in which all are alike, such as the colors of gray pictures, rounding is all that would be magnified.
        scales = np.array([1 / spread if spread > 1e-6 else 0.0 for spread in spreads], np.float32)
        joined = _joined(blocks, scales)
        reduction = Reduction.fit(joined, AXES)
        return cls(values.shape[3], scales, reduction), reduction.apply(joined)

    def transform(self, values: np.ndarray, tell: Tell = silent) -> Floats:
        """Features [m, d] of pictures uint8 [m, height, width, bands] of any height and width.

        Raises
        ------
        InputError
            Where they have another number of bands than those of `fit`.
        """
        check_bands(values, self.bands)
        return self.reduction.apply(_joined(_described(values, tell), self.scales))

    @property
    def names(self) -> tuple[str, ...]:
        """ "texture and color 1" and so on."""
        return tuple(f"texture and color {i}" for i in range(1, len(self.reduction.axes) + 1))

    def arrays(self) -> dict[str, np.ndarray]:
        """Scales of the blocks, and the axes."""
        return {"scales": self.scales, **self.reduction.arrays()}

    def settings(self) -> dict[str, Any]:
        """The number of bands."""
        return {"bands": self.bands}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Texture:
        """Back from `arrays` and `settings`."""
        return cls(int(settings["bands"]), arrays["scales"], Reduction.read(arrays))


def _joined(blocks: tuple[np.ndarray, ...], scales: np.ndarray) -> np.ndarray:
    return np.concatenate([block * scale for block, scale in zip(blocks, scales, strict=True)], axis=1)


def _described(values: np.ndarray, tell: Tell) -> tuple[np.ndarray, ...]:
    """Color, patterns and edges of pictures uint8 [n, h, w, bands]: three arrays float32 [n, m]."""
    found = []
    for start in range(0, len(values), BATCH):
        pictures = sized(np.asarray(values[start : start + BATCH]))
        lab = lightness_and_colors(pictures)
        light = lab[..., 0]
        found.append(
            (_color(lab), np.concatenate([_patterns(light), _patterns(_halved(light))], axis=1), _edges(light))
        )
        tell(min(start + BATCH, len(values)) / len(values))
    return tuple(np.concatenate(block) for block in zip(*found, strict=True))


def sized(pictures: np.ndarray) -> Floats:
    """Pictures uint8 [n, h, w, bands] with sides of `SMALLEST` to `LARGEST` pixels and one or three bands, float32."""
    x = pictures.astype(np.float32)
    if x.shape[3] not in (1, 3):
        x = x.mean(axis=3, keepdims=True)
    factor = min(1.0, LARGEST / max(x.shape[1:3]))
    height, width = (max(SMALLEST, round(side * factor)) for side in x.shape[1:3])
    if (height, width) == x.shape[1:3]:
        return x
    down, across = _resampling(x.shape[1], height), _resampling(x.shape[2], width)
    rows = np.tensordot(x, down, ((1,), (1,)))  # [n, w, bands, height]
    return np.ascontiguousarray(np.tensordot(rows, across, ((1,), (1,))).transpose(0, 2, 3, 1))


def _resampling(old: int, new: int) -> Floats:
    """[new, old] weights that scale a line by linear interpolation, over all of its pixels where it shrinks."""
    reach = max(1.0, old / new)
    centers = (np.arange(new) + 0.5) * old / new - 0.5
    weights = np.maximum(0, 1 - np.abs(np.arange(old) - centers[:, None]) / reach)
    result: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def lightness_and_colors(pictures: np.ndarray) -> Floats:
    """Pictures float32 [n, h, w, 1 or 3] of 0 to 255 in sRGB as CIELAB under D65: float32 [n, h, w, 3], L from 0 to 100.

    Examples
    --------
    >>> import numpy as np
    >>> lightness_and_colors(np.float32([[[[255, 0, 0], [255, 255, 255]]]])).round(1) + 0
    array([[[[ 53.2,  80.1,  67.2],
             [100. ,   0. ,   0. ]]]], dtype=float32)
    """
    share = np.clip(pictures / np.float32(255), 0, 1)
    linear = np.where(
        share <= 0.04045, share / np.float32(12.92), ((share + np.float32(0.055)) / np.float32(1.055)) ** 2.4
    )
    gray = pictures.shape[3] == 1
    xyz = np.repeat(linear, 3, axis=3) if gray else linear @ TO_XYZ.T
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * np.float32(841 / 108) + np.float32(4 / 29))
    x, y, z = (root[..., axis] for axis in range(3))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=3).astype(np.float32)


_SRGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
TO_XYZ = (_SRGB / _SRGB.sum(axis=1, keepdims=True)).astype(np.float32)
"""Linear sRGB to CIE XYZ (IEC 61966-2-1), each a share of its white."""


def _color(lab: np.ndarray) -> Floats:
    """How often each lightness and color occurs, and the mean color of the cells of a grid."""
    n = len(lab)
    flat = lab.reshape(n, -1, 3)
    lights = _bins(flat[..., 0] / 100, LIGHTS).mean(axis=1)
    # Half of all colors of photographs are within 20 of gray: bins are narrow there, and wide where colors are rare.
    a, b = (_bins(np.tanh(flat[..., axis] / 40) / 2 + 0.5, COLORS) for axis in (1, 2))
    colors = (a.transpose(0, 2, 1) @ b).reshape(n, -1) / flat.shape[1]
    layout = _cell_means(lab, LAYOUT).reshape(n, -1) / 100
    return np.concatenate([np.sqrt(lights), np.sqrt(np.maximum(colors, 0)), layout], axis=1)


def _bins(shares: np.ndarray, bins: int) -> Floats:
    """[..., bins] weights of the two bins nearest to a share of 0 to 1; they sum to 1."""
    place = np.clip(shares, 0, 1)[..., None] * (bins - 1)
    weights: Floats = np.maximum(0, 1 - np.abs(place - np.arange(bins, dtype=np.float32)))
    return weights


def _patterns(light: np.ndarray) -> Floats:
    """Roots of the shares of local binary patterns in each quarter of pictures [n, h, w]: [n, 4 * PATTERNS]."""
    n, height, width = light.shape
    middle = light[:, 1:-1, 1:-1]
    ring = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
    # One level of 255 is noise: a plain area is one pattern, not all of them.
    brighter = [light[:, y : y + height - 2, x : x + width - 2] > middle + 0.4 for y, x in ring]
    code = np.zeros(middle.shape, np.uint8)
    for bit, one in enumerate(brighter):
        code |= one.astype(np.uint8) << np.uint8(bit)
    kinds = UNIFORM[code]
    counts = np.stack([_cell_means(kinds == kind, 2).reshape(n, -1) for kind in range(PATTERNS)], axis=2)
    roots: Floats = np.sqrt(counts.reshape(n, -1)).astype(np.float32)
    return roots


def _uniform() -> np.ndarray:
    """For each of the 256 sets of brighter neighbors their number where they are in one piece, else 9."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    changes = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(changes <= 2, bits.sum(axis=1), PATTERNS - 1).astype(np.uint8)


UNIFORM = _uniform()


def _edges(light: np.ndarray) -> Floats:
    """Roots of the shares of directions of edges by cell, of all edges of a picture: [n, CELLS**2 * DIRECTIONS]."""
    down, across = light[:, 2:, 1:-1] - light[:, :-2, 1:-1], light[:, 1:-1, 2:] - light[:, 1:-1, :-2]
    strength = np.hypot(down, across)
    place = np.arctan2(down, across) * np.float32(DIRECTIONS / np.pi) % DIRECTIONS
    low = np.floor(place)
    above = place - low
    low = low.astype(np.int64) % DIRECTIONS
    cells = np.zeros((len(light), CELLS * CELLS, DIRECTIONS), np.float32)
    for direction in range(DIRECTIONS):
        share = np.where(low == direction, 1 - above, np.where((low + 1) % DIRECTIONS == direction, above, 0))
        cells[:, :, direction] = _cell_means(strength * share, CELLS).reshape(len(light), -1)
    flat = cells.reshape(len(light), -1)
    roots: Floats = np.sqrt(flat / np.maximum(flat.sum(axis=1, keepdims=True), 1.0))
    return roots


def _halved(light: np.ndarray) -> Floats:
    """[n, h // 2, w // 2]: means of 2 x 2 pixels."""
    height, width = (side // 2 * 2 for side in light.shape[1:])
    means: Floats = light[:, :height, :width].reshape(len(light), height // 2, 2, width // 2, 2).mean(axis=(2, 4))
    return means


def _cell_means(values: np.ndarray, cells: int) -> np.ndarray:
    """Means [n, cells, cells, ...] over a grid of pictures [n, h, w, ...]."""
    ys, xs = ([side * i // cells for i in range(cells)] for side in values.shape[1:3])
    sums = np.add.reduceat(np.add.reduceat(values, ys, axis=1, dtype=np.float32), xs, axis=2)
    height, width = values.shape[1:3]
    sizes = np.outer(np.diff([*ys, height]), np.diff([*xs, width])).astype(np.float32)
    return sums / sizes.reshape(1, cells, cells, *([1] * (values.ndim - 3)))
