"""Centers that come and go while they are trained.

References
----------
D. Mautz, C. Plant, C. Böhm, DSAA 2019, "Deep Embedded Cluster Tree" (DeepECT), whose leaves are split and pruned.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Centers(nn.ParameterDict):
    """Centers [d], each a parameter of its own, so that an optimizer follows those that stay when others come or go.

    Examples
    --------
    >>> import torch
    >>> centers = Centers()
    >>> centers.assign([torch.zeros(2), torch.ones(2)], torch.device("cpu"))
    >>> centers.stacked().tolist()
    [[0.0, 0.0], [1.0, 1.0]]
    """

    def assign(self, centers: Sequence[Tensor], device: torch.device) -> None:
        """Replace the centers.

        Parameters
        ----------
        centers : sequence of Tensor of shape (d,)
            In this order; those that are parameters already stay themselves.
        device : torch.device
            Where new parameters are made.
        """
        self.clear()
        for i, center in enumerate(centers):
            known = isinstance(center, nn.Parameter)
            self[str(i)] = center if known else nn.Parameter(center.detach().clone().to(device))

    def stacked(self) -> Tensor:
        """All centers; there is at least one.

        Returns
        -------
        Tensor of shape (k, d)
        """
        return torch.stack(list(self.values()))

    @staticmethod
    def from_state(state: Mapping[str, Tensor], name: str) -> list[Tensor]:
        """Centers of a state dict.

        Parameters
        ----------
        state : mapping of str to Tensor
        name : str
            Of the attribute that holds the centers.

        Returns
        -------
        list of Tensor of shape (d,)
            In their order.

        Examples
        --------
        >>> import torch
        >>> Centers.from_state({"leaves.0": torch.zeros(1)}, "leaves")
        [tensor([0.])]
        """
        numbers = sorted(int(key.removeprefix(f"{name}.")) for key in state if key.startswith(f"{name}."))
        return [state[f"{name}.{number}"] for number in numbers]
