"""Centers that come and go: those that stay remain themselves, and their optimizer's state with them."""

import torch
from torch import nn

from engine.nets.centers import Centers

HERE = torch.device("cpu")


def test_those_that_stay_are_the_same_parameters_and_others_start_as_copies():
    centers = Centers()
    centers.assign([torch.zeros(2), torch.ones(2)], HERE)
    first, second = centers.values()
    fresh = torch.full((2,), 5.0)
    centers.assign([second, fresh], HERE)
    kept, new = centers.values()
    assert kept is second
    assert isinstance(new, nn.Parameter)
    assert new.data_ptr() != fresh.data_ptr()
    assert list(centers) == ["0", "1"]
    assert {id(parameter) for parameter in centers.parameters()} == {id(kept), id(new)}
    assert all(parameter is not first for parameter in centers.parameters())


def test_gradients_reach_each_of_them():
    centers = Centers()
    centers.assign([torch.zeros(2), torch.ones(2)], HERE)
    (centers.stacked() * torch.tensor([[1.0], [3.0]])).sum().backward()
    assert [parameter.grad.tolist() for parameter in centers.values()] == [[1.0, 1.0], [3.0, 3.0]]


def test_a_state_dict_gives_them_back_in_order():
    class Holder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.leaves = Centers()
            self.leavesome = nn.Linear(1, 1)

    holder = Holder()
    holder.leaves.assign([torch.full((1,), float(i)) for i in range(12)], HERE)  # "10" would come before "2"
    found = Centers.from_state(holder.state_dict(), "leaves")
    assert [float(center) for center in found] == list(range(12))
    assert Centers.from_state({}, "leaves") == []
