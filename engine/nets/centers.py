"""Centers that come and go while they are trained."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Centers(nn.ParameterDict):
    """Centers [d], each a parameter of its own, so that an optimizer follows those that stay when others come or go."""

    def plant(self, centers: Sequence[Tensor], device: torch.device) -> None:
        """These from now on, in this order; those that are parameters already stay themselves, others start on the device."""
        self.clear()
        for i, center in enumerate(centers):
            known = isinstance(center, nn.Parameter)
            self[str(i)] = center if known else nn.Parameter(center.detach().clone().to(device))

    def stacked(self) -> Tensor:
        """[k, d] of one center at least."""
        return torch.stack(list(self.values()))

    @staticmethod
    def saved(state: Mapping[str, Tensor], name: str) -> list[Tensor]:
        """The centers that a state dict holds under the name of their attribute, in their order."""
        numbers = sorted(int(key.removeprefix(f"{name}.")) for key in state if key.startswith(f"{name}."))
        return [state[f"{name}.{number}"] for number in numbers]
