"""What training shows of itself: NumPy and plain values only, torch ends here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Snapshot:
    """One moment of a training.

    `terms` holds the mean of each loss term over the epoch that just ended; it is empty inside an epoch, where only
    `progress` (0 to 1 of the stage) is news. Labels and positions are observed on a budget of their own, else None.
    """

    stage: str
    """Id of the stage."""
    stage_title: str
    """What is shown of it."""
    epoch: int
    epochs: int
    stages_done: int
    progress: float
    seconds: float
    terms: Mapping[str, float] = field(default_factory=dict)
    report: Mapping[str, float] = field(default_factory=dict)
    labels: Labels | None = None
    """[n], -1 is unassigned; None before groups exist."""
    sizes: Labels | None = None
    """[k] members of each group."""
    sample: Labels | None = None
    """[m] rows whose positions are shown; the same throughout a run."""
    positions: Floats | None = None
    """[m, 2] the sample's embedding, projected to the plane; axes are kept aligned from snapshot to snapshot."""
    changed: float | None = None
    """Share of labels that differ from the previous observation."""


@dataclass(frozen=True)
class Outcome:
    """What a trained method says about the data it was trained on."""

    labels: Labels
    """[n], -1 is unassigned."""
    soft: Floats | None
    """[n, k] membership, rows sum to one."""
    embedding: Floats
    """[n, d]"""
    centers: Floats | None
    """[k, d] in the embedding."""
    prototypes: Floats | None
    """[k, *shape of a sample] in prepared input units."""
    alternatives: Mapping[str, Labels]
    """Other groupings of the same data, by name."""
    tree: list[dict[str, Any]] | None
    """Nodes as {"id", "parent", "left", "right", "size", "label", "height"}; a leaf has left = right = None."""
    report: Mapping[str, float]
    interpolations: tuple[Labels, Floats] | None = None
    """Pairs of groups [m, 2], and what the method draws in even steps from the first's center to the second's,
    [m, steps, *shape of a sample] in prepared input units; None for methods that cannot draw."""
    generated: Floats | None = None
    """[k, each, *shape of a sample] members that the method made up for each group, in prepared input units."""
    outlier_score: Floats | None = None
    """[n] how odd each member is, see `engine.inspection.outliers`; None where nobody asked."""
    reconstruction_error: Floats | None = None
    """[n] how far each member is from what the method redraws of it; None where nobody asked, or nothing is redrawn."""
