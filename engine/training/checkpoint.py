"""A training frozen at the end of an epoch: weights, optimizers and the plan's position, as named tensors."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from engine.core.data import Data
from engine.core.method import Method
from engine.training.optimizers import Optimizers
from engine.training.tensor_store import TensorStore

KEY = "checkpoint"
FORMAT = 2
"""Version of what is saved and what it is called; a training starts anew rather than from one of another."""


@dataclass
class Checkpoint:
    """What was saved. Randomness needs no saving: every epoch draws from a stream named by its place."""

    weights: dict[str, Tensor]
    slots: dict[str, Tensor]
    """Optimizer state, by "stage / step / parameter / name"."""
    position: int
    """Stages the plan had yielded before the one that was running."""
    epoch: int
    """Epochs of that stage that were finished."""
    seconds: float
    losses: list[float]
    """Mean loss of each finished epoch of that stage."""
    answers: list[float]
    previous: Tensor | None
    factors: dict[str, float] = field(default_factory=dict)
    """Share of its learning rates that a stage trains with after it collapsed, by its id."""
    notes: list[str] = field(default_factory=list)
    watched: dict[str, Any] = field(default_factory=dict)
    """State of the collapse monitor."""

    @staticmethod
    def save(tensor_store: TensorStore, method: Method, optimizers: Optimizers, note: dict[str, Any]) -> None:
        """Store named tensors of any shape as the checkpoint; `note` has the owner and the other fields."""
        tensors = {f"method/{name}": tensor for name, tensor in method.state_dict().items()}
        tensors |= {f"slot/{name}": tensor for name, tensor in optimizers.state().items()}
        if method.convergence.previous is not None:
            tensors["previous"] = method.convergence.previous
        encoded = json.dumps(note | {"answers": method.convergence.answers}).encode()
        tensors["note"] = torch.frombuffer(bytearray(encoded), dtype=torch.uint8)
        tensor_store.put(KEY, {name: tensor.detach().clone() for name, tensor in tensors.items()})

    @staticmethod
    def load(tensor_store: TensorStore, owner: str) -> Checkpoint | None:
        """The store's checkpoint, its tensors in the shapes they were saved with; None where there is none of this owner."""
        tensors = tensor_store.get(KEY)
        if tensors is None:
            return None
        note: dict[str, Any] = json.loads(bytes(tensors["note"].cpu().numpy()))
        if note.pop("owner") != owner:
            return None
        return Checkpoint(
            _under("method/", tensors), _under("slot/", tensors), previous=tensors.get("previous"), **note
        )

    def enter(self, method: Method) -> None:
        """Before the plan runs again: the weights that its code between stages will see, and the turns it took."""
        method.restore(self.weights)
        method.convergence.replay(self.answers, self.previous)

    def resume(self, method: Method, optimizers: Optimizers) -> None:
        """At the stage that was running: undo what the code between stages has changed, and hand back optimizer state."""
        method.restore(self.weights)
        optimizers.expect(self.slots)


def owner(method: Method, data: Data, seed: int) -> str:
    """What a training is of: a checkpoint of any other is not its own."""
    identity = (FORMAT, type(method).__name__, method.k, method.knobs, data.fingerprint, seed)
    return hashlib.sha256(repr(identity).encode()).hexdigest()


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
