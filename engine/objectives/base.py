"""What every clustering loss is to the method that trains under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.core.data import Batch, Data
from engine.losses import squared_distances, student_t

MapCodes = Callable[[Callable[[Tensor], Tensor]], Tensor]
"""Applies a function [n, latent] -> [n, ...] to the codes of all samples: `Method.map_codes` of the training data."""


@dataclass(frozen=True)
class EncodedBatch:
    """A batch and its codes.

    Parameters
    ----------
    z : Tensor of shape (m, latent)
        Codes of the batch, of an augmented view of it, or of both one after the other.
    index : Tensor of shape (m,), int64
        Rows of the data.
    batch : Batch
        The samples.
    encode : callable
        Samples [r, *sample shape] -> codes [r, latent], for a loss that needs the codes of other samples, too.

    Examples
    --------
    >>> batch = Data(torch.tensor([[0.0], [1.0]])).batch(torch.tensor([1]))
    >>> EncodedBatch(batch.x, batch.index, batch, lambda x: x).z
    tensor([[1.]])
    """

    z: Tensor
    index: Tensor
    batch: Batch
    encode: Callable[[Tensor], Tensor]


class ClusteringObjective(nn.Module):
    """A clustering loss around centers [k, latent], which the method owns; this one has none.

    All that training changes is a buffer or a parameter, as in methods. Centers change in place.

    Examples
    --------
    >>> objective, centers = ClusteringObjective(), nn.Parameter(torch.tensor([[0.0], [4.0]]))
    >>> z = torch.tensor([[1.0], [3.0]])
    >>> objective.refresh(lambda function: function(z), centers)
    tensor([0, 1])
    """

    has_groups = True
    """Whether there are groups while training; else they are formed from the finished code."""
    updates_centers = False
    """Whether `update_centers` does something after every batch."""
    cuda_graphs = True
    """Whether every tensor keeps its memory from pass to pass, so that steps may be captured once and replayed."""

    def initialize(self, data: Data, centers: nn.Parameter, labels: Tensor) -> None:
        """Called once before the first pass, with the first groups of the code.

        Parameters
        ----------
        data : Data
            What is trained on.
        centers : Parameter of shape (k, latent)
        labels : Tensor of shape (n,), int64
        """

    def refresh(self, map_codes: MapCodes, centers: nn.Parameter) -> Tensor:
        """Update from all samples what the loss needs; called before every pass and after the last.

        Parameters
        ----------
        map_codes : callable
            Applies a function to the codes of all samples, see `MapCodes`.
        centers : Parameter of shape (k, latent)

        Returns
        -------
        Tensor of shape (n,), int64
            The labels; training may stop when they no longer change.
        """
        return map_codes(lambda z: self.labels(z, centers))

    def loss(self, encoded: EncodedBatch, centers: nn.Parameter) -> Tensor | None:
        """The loss of a batch.

        Parameters
        ----------
        encoded : EncodedBatch
        centers : Parameter of shape (k, latent)

        Returns
        -------
        Tensor of shape () or None
            Mean over samples; None where there is no clustering loss.
        """
        return None

    def update_centers(self, batch: Batch, z: Tensor, centers: nn.Parameter) -> None:
        """Called after every batch where `updates_centers`.

        Parameters
        ----------
        batch : Batch
        z : Tensor of shape (b, latent)
            Its codes after the step.
        centers : Parameter of shape (k, latent)
        """

    def trainable(self, centers: nn.Parameter) -> Sequence[nn.Module | nn.Parameter]:
        """What the loss trains beside the network, given the centers [k, latent]."""
        return []

    def finish(self, map_codes: MapCodes, centers: nn.Parameter) -> None:
        """Called once after the last pass, with the centers [k, latent]; frees what only training needs."""

    def soft_labels(self, z: Tensor, centers: Tensor) -> Tensor:
        """Memberships of codes, of which the largest is the label.

        Parameters
        ----------
        z : Tensor of shape (n, latent)
        centers : Tensor of shape (k, latent)

        Returns
        -------
        Tensor of shape (n, k), float32
            Rows sum to one.
        """
        return student_t(z, centers)

    def labels(self, z: Tensor, centers: Tensor) -> Tensor:
        """Labels of codes.

        Parameters
        ----------
        z : Tensor of shape (n, latent)
        centers : Tensor of shape (k, latent)

        Returns
        -------
        Tensor of shape (n,), int64
        """
        return squared_distances(z, centers).argmin(1)

    def _free(self, name: str) -> None:
        """Free the memory of a buffer that only training needs."""
        buffer: Tensor = getattr(self, name)
        setattr(self, name, torch.zeros(0, dtype=buffer.dtype, device=buffer.device))
