"""How well a decoder redraws its input."""

from torch import Tensor


def reconstruction(x: Tensor, drawn: Tensor) -> Tensor:
    """Squared error summed over features, mean over samples; both [n, ...]."""
    return (x.float() - drawn.float()).square().flatten(1).sum(1).mean()
