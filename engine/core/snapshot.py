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

    Labels and positions are observed on a budget of their own, else None.

    Parameters
    ----------
    stage, stage_title : str
        Id of the stage, and its title on the page.
    epoch, epochs : int
        Finished epochs of the stage, and how many there are at most.
    stages_done : int
        Stages that the plan had yielded before this one.
    progress : float
        Share of the stage that is done, 0 to 1.
    seconds : float
        Since the training began.
    terms : mapping of str to float
        Mean of each loss term over the epoch that just ended; empty inside an epoch, where only `progress` is news.
    report : mapping of str to float
        What the method counts, see `Method.report`.
    labels : ndarray of shape (n,), int64, optional
        -1 is unassigned; None before groups exist.
    sizes : ndarray of shape (k,), int64, optional
        Members of each group.
    sample : ndarray of shape (m,), int64, optional
        Rows whose positions are shown; the same throughout a run.
    positions : ndarray of shape (m, 2), float32, optional
        The sample's embedding, projected to the plane; axes are kept aligned from snapshot to snapshot.
    changed : float, optional
        Share of labels that differ from the previous observation.
    notes : tuple of str
        What the reader of the result should know of the training so far, each a sentence.

    Examples
    --------
    >>> moment = Snapshot("pretrain", "Learning to reconstruct", 1, 50, 0, 0.02, 3.5, {"reconstruction": 41.0})
    >>> f"{moment.stage_title}, epoch {moment.epoch} of {moment.epochs}"
    'Learning to reconstruct, epoch 1 of 50'
    """

    stage: str
    stage_title: str
    epoch: int
    epochs: int
    stages_done: int
    progress: float
    seconds: float
    terms: Mapping[str, float] = field(default_factory=dict)
    report: Mapping[str, float] = field(default_factory=dict)
    labels: Labels | None = None
    sizes: Labels | None = None
    sample: Labels | None = None
    positions: Floats | None = None
    changed: float | None = None
    notes: tuple[str, ...] = ()


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
    """Pairs of groups [m, 2], and what even steps from the first's center to the second's are decoded to,
    [m, steps, *shape of a sample] in prepared input units; None for methods that cannot decode them."""
    generated: Floats | None = None
    """[k, each, *shape of a sample] generated members of each group, in prepared input units."""
    outlier_score: Floats | None = None
    """[n] outlier score of each member, see `engine.inspection.outliers`; None where it was not computed."""
    reconstruction_error: Floats | None = None
    """[n] reconstruction error of each member; None where it was not computed, or nothing is reconstructed."""
