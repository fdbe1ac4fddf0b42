"""Where a training keeps named tensors: its checkpoint, and pretrained weights that other runs may share."""

from typing import Protocol

from torch import Tensor


class TensorStore(Protocol):
    """Where a training leaves named tensors and finds them again."""

    def get(self, key: str) -> dict[str, Tensor] | None:
        """What was put under the key, or None."""

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        """Store named tensors of any shape under the key, all of them or none."""


class NoTensorStore:
    """Stores nothing: nothing to resume, nothing to reuse."""

    def get(self, key: str) -> dict[str, Tensor] | None:
        """Always None."""
        return None

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        """Drop the tensors, whatever their shape."""
