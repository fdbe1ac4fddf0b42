"""Self-augmentation: an altered copy of a sample should have its code (Hu, Miyato, Tokui, Matsumoto & Sugiyama 2017)."""

from torch import Tensor


def agreement(z: Tensor, other: Tensor) -> Tensor:
    """Mean squared distance of codes [n, d] to those of altered copies [n, d], against their spread; 1 is no likeness at all.

    Measured against the spread, codes do not agree better by shrinking.
    """
    z, other = z.float(), other.float()
    spread = (z - z.mean(0)).square().sum(1).mean() + (other - other.mean(0)).square().sum(1).mean()
    return (z - other).square().sum(1).mean() / spread.clamp_min(1e-12)
