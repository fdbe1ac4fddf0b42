"""The map that brings codes close to their goals, beside NumPy's least squares, and where the regression would forget."""

import numpy as np
import torch

from engine.clusters.alignment import alignment


def mapped(z: torch.Tensor, goals: torch.Tensor, kept: float = 0.1) -> torch.Tensor:
    basis, here, there = alignment(z, goals, kept)
    return (z.double() - here) @ basis + there


def test_goals_that_are_a_map_of_the_codes_are_reached():
    torch.manual_seed(0)
    z = torch.randn(200, 4) + 3
    goals = z @ (torch.eye(4) + 0.3 * torch.randn(4, 4)) + torch.arange(4.0)
    torch.testing.assert_close(mapped(z, goals), goals.double(), atol=1e-4, rtol=0)


def test_it_is_the_regression_where_that_forgets_nothing():
    torch.manual_seed(1)
    z = torch.randn(100, 3)
    goals = z @ torch.randn(3, 3) + torch.randn(100, 3)
    known = np.column_stack([z.double(), np.ones(100)])
    expected = known @ np.linalg.lstsq(known, goals.double().numpy(), rcond=None)[0]
    np.testing.assert_allclose(mapped(z, goals, 1e-3), expected, atol=1e-4)


def test_a_direction_that_the_goals_do_not_need_keeps_its_share_of_width():
    torch.manual_seed(2)
    z = torch.randn(500, 2)
    basis, _, _ = alignment(z, z * torch.tensor([2.0, 0.0]), 0.1)
    torch.testing.assert_close(torch.linalg.svdvals(basis), torch.tensor([2.0, 0.2]).double(), atol=1e-4, rtol=0)


def test_the_map_can_be_undone_even_where_nothing_varies():
    for z, goals in ((torch.ones(5, 3), torch.eye(5)[:, :3]), (torch.randn(5, 3), torch.ones(5, 3))):
        basis, here, there = alignment(z, goals, 0.1)
        assert torch.linalg.matrix_rank(basis) == 3
        torch.testing.assert_close(here, z.double().mean(0))
        torch.testing.assert_close(there, goals.double().mean(0))
