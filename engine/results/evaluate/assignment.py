"""New rows in the groups of a finished run: where each belongs, how sure that is, and which are unlike all that was learned from.

How far a row is: the mean distance to its five nearest members of the training data, once among the numbers the method
sees and once in the code it learned, each divided by what is usual there (the median among the members, each compared with the
others and not with itself); the larger of the two counts. A code alone cannot tell: a network squeezes what it has never
seen in between what it knows. The limit is what 99 of 100 members of the training data stay below. A network knows these by
heart, so that in the code of rows it never saw stand in: halfway between a member and the one most like it, compared with all
but these two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from engine.results.evaluate.outliers import DistanceScale, nearest
from engine.results.record.record import Bools, Floats, Ints

REFERENCE = 20_000
"""Members of the training data that new rows are compared with; of more an even part."""
CALIBRATION = 5_000
"""Members from which the limit is taken."""
RULE = (
    "A row does not fit where its five nearest members of the training data are farther away than they are for 99 of 100 of "
    "these members themselves. A few ordinary rows in a hundred exceed that by chance."
)
_PART = "placement.safetensors"
_STORED = {"distance": "far"}
"""Field -> its name in the file, where that is another."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """The groups of new rows, and how well the rows fit.

    Parameters
    ----------
    labels
        int64 [n], the group of each row; -1 is none.
    sure
        float [n], certainty, 0 to 1.
    second
        int64 [n], the runner-up; -1 is none.
    distance
        float32 [n], relative distance to the training data: 1 is the limit, NaN a row that was left out.
    """

    labels: Ints
    sure: Floats
    second: Ints
    distance: Floats

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def left_out(self) -> Bools:
        """[n] rows with nothing to go by, which the preparation leaves out."""
        return np.asarray(np.isnan(self.distance))

    @property
    def outlier(self) -> Bools:
        """[n] rows that are unlike anything the method learned from."""
        return np.asarray(self.distance > 1)

    def order(self) -> Ints:
        """Rows as one should look at them: those that do not fit, the farthest first; then the least sure; left out last."""
        key = np.where(self.left_out, -np.inf, np.where(self.outlier, 2 + self.distance, 1 - self.sure))
        return np.argsort(-key, kind="stable").astype(np.int64)

    def summary(self, k: int) -> dict[str, Any]:
        """What a list shows without reading the rows."""
        assigned = self.labels[self.labels >= 0]
        return {
            "n": len(self),
            "odd": int(self.outlier.sum()),
            "left_out": int(self.left_out.sum()),
            "sizes": np.bincount(assigned, minlength=k).tolist(),
            "sure": float(self.sure[self.labels >= 0].mean()) if len(assigned) else 0.0,
        }

    def save(self, write: Callable[[str, bytes], None]) -> None:
        """Hand everything to `write(name, content)`."""
        write(_PART, save({_STORED.get(name, name): np.ascontiguousarray(value) for name, value in vars(self).items()}))

    @classmethod
    def load(cls, read: Callable[[str], bytes]) -> "Assignment":
        """Read back what `save` wrote."""
        stored = load(read(_PART))
        return cls(**{name: stored[_STORED.get(name, name)] for name in cls.__annotations__})


def sample(n: int) -> Ints:
    """Rows of the training data that stand for all n of them."""
    return np.unique(np.linspace(0, n - 1, min(n, REFERENCE)).round().astype(np.int64))


@dataclass(frozen=True, eq=False)
class Space:
    """What is compared: members [n, d], new rows [m, d], and in a learned space the stand-ins [j, d] of `between`."""

    members: Floats
    new: Floats
    stand_ins: Floats | None = None


def calibration_rows(n: int) -> Ints:
    """Members, of n, from which the limit is taken."""
    return np.unique(np.linspace(0, n - 1, min(n, CALIBRATION)).round().astype(np.int64))


def calibration_pairs(rows: Floats) -> Ints:
    """int64 [j, 2]: each of the `calibration_rows` of rows [n, d], and its nearest neighbor among the others."""
    from sklearn.neighbors import NearestNeighbors

    chosen = calibration_rows(len(rows))
    near = NearestNeighbors(n_neighbors=2).fit(rows).kneighbors(rows[chosen], return_distance=False)
    return np.stack([chosen, np.where(near[:, 0] == chosen, near[:, 1], near[:, 0])], axis=1).astype(np.int64)


def relative_distance(spaces: Sequence[Space], pairs: Ints) -> Floats:
    """Distance of new rows to the training data, 1 being what 99 of 100 of its members stay below.

    Parameters
    ----------
    spaces
        Members and new rows in each space; the space in which a row is farthest counts.
    pairs
        int64 [j, 2], the `calibration_pairs` of the members.

    Returns
    -------
    Floats
        float32 [m]; zeros where there are fewer than four members.
    """
    distances, scale = np.zeros(len(spaces[0].new)), DistanceScale()
    if len(spaces[0].members) < 4 or not len(distances):
        return distances.astype(np.float32)
    for space in spaces:
        known = space.members
        among = nearest(known, known[pairs[:, 0]], pairs[:, :1])[0]
        if space.stand_ins is not None:
            among = np.maximum(among, nearest(known, space.stand_ins, pairs)[0])
        distances = np.maximum(distances, scale.scaled(known, nearest(known, space.new)[0], among))
    return np.asarray(distances / scale.limit, np.float32)
