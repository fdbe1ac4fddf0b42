"""Shifts that aim find a way to another group where random ones do not, also where groups were sharpened."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from engine.core.data import Data
from engine.inspection.adversarial import SIZES, _attacked, robustness


class Sharp:
    """A code of one number, torn apart into two tight groups around -20 and 20."""

    def eval(self) -> None:
        """Nothing to switch."""

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """[n, 50] -> [n, 1]"""
        return 20 * torch.tanh(x.mean(1, keepdim=True) * 10)

    def group_centers(self) -> None:
        """Unknown: the mean of each group stands in."""

    def embed(self, data: Data) -> torch.Tensor:
        """[n, 1]"""
        return self.encode(data.x)

    def labels(self, data: Data) -> torch.Tensor:
        """[n] 0 or 1"""
        return (self.encode(data.x)[:, 0] > 0).long()


@pytest.fixture
def sharp() -> Any:
    draw = np.random.default_rng(0)
    side = draw.choice([-0.4, 0.4], (600, 1))
    data = Data(torch.from_numpy((side + draw.normal(size=(600, 50))).astype(np.float32)))
    method: Any = Sharp()
    return SimpleNamespace(method=method, data=data, labels=method.labels(data).numpy())


def test_sharpened_groups_are_attacked_all_the_same(sharp: Any) -> None:
    told: list[float] = []
    found = robustness(sharp.method, sharp.data, sharp.labels, 2, tell=told.append)
    assert found.sizes == pytest.approx(SIZES)
    assert found.aimed[-1] > 0.5
    assert found.random[-1] < 0.05
    assert (np.diff(found.aimed) >= 0).all()
    assert found.groups.shape == (2,)
    assert len(told) == len(SIZES)


def test_no_shift_is_larger_than_allowed(sharp: Any) -> None:
    x, room = sharp.data.x[:20], 0.3 * sharp.data.x.std(0)
    centers = torch.tensor([[-20.0], [20.0]])
    shift = _attacked(sharp.method, x, room, centers) - x
    assert (shift.abs() <= room * (1 + 1e-5) + 1e-6).all()
    assert (shift.abs() > 0.99 * room).float().mean() > 0.9, "it uses all of the room"


def test_members_without_a_group_are_left_out(sharp: Any) -> None:
    labels = sharp.labels.copy()
    labels[:590] = -1
    assert np.isfinite(robustness(sharp.method, sharp.data, labels, 2, tell=lambda share: None).aimed).all()
