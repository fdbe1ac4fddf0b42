"""Self-augmentation: an altered copy of a sample should have the code of the sample.

References
----------
W. Hu, T. Miyato, S. Tokui, E. Matsumoto, M. Sugiyama, ICML 2017, "Learning Discrete Representations via Information Maximizing
Self-Augmented Training".
"""

from torch import Tensor


def self_augmentation(z: Tensor, augmented: Tensor) -> Tensor:
    """Mean squared distance between codes and those of altered copies, relative to their spread.

    Measured against the spread, codes do not agree better by shrinking.

    Parameters
    ----------
    z, augmented : Tensor of shape (n, d)
        Codes of samples and of their altered copies.

    Returns
    -------
    Tensor of shape ()
        0 where the codes are equal, about 1 where they are unrelated.

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[1.0], [-1.0]])
    >>> self_augmentation(z, torch.tensor([[1.0], [-3.0]]))
    tensor(0.4000)
    """
    z, augmented = z.float(), augmented.float()
    spread = (z - z.mean(0)).square().sum(1).mean() + (augmented - augmented.mean(0)).square().sum(1).mean()
    return (z - augmented).square().sum(1).mean() / spread.clamp_min(1e-12)
