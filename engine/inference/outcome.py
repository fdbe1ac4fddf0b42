"""The end of torch: what a trained method says about its data, as arrays."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.core.data import Data
from engine.core.method import Method
from engine.core.snapshot import Floats, Labels, Outcome
from engine.inference.interpolation import interpolations
from engine.inference.sampling import generated_members


def evaluate(method: Method, data: Data) -> Outcome:
    """Ask a trained method everything that a result shows."""
    with torch.no_grad(), method.cached_embedding(data):
        soft, labels = method.soft_labels(data), method.labels(data)
        return Outcome(
            labels=_labels(labels),
            soft=_floats(soft),
            embedding=np.ascontiguousarray(method.embed(data).flatten(1).cpu().numpy(), dtype=np.float32),
            centers=_floats(method.group_centers()),
            prototypes=_floats(method.prototypes()),
            alternatives={name: _labels(labels) for name, labels in method.alternatives(data).items()},
            tree=method.tree(),
            report=method.report(),
            interpolations=interpolations(method, labels),
            generated=generated_members(method, 0 if soft is None else soft.shape[1]),
        )


def _labels(labels: Tensor) -> Labels:
    return labels.cpu().numpy().astype(np.int64)


def _floats(values: Tensor | None) -> Floats | None:
    return None if values is None else values.detach().float().cpu().numpy()
