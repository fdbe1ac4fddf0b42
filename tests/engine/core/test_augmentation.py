"""Random views: drawn anew for every sample, of the right kind, and nothing at strength zero."""

import math

import pytest
import torch

from engine.core.augmentation import SCALE, affine, moved, view, warp
from engine.core.data import Data


@pytest.fixture
def table() -> torch.Tensor:
    return torch.arange(400.0).view(100, 4)


@pytest.fixture
def pictures(digits) -> torch.Tensor:
    return torch.from_numpy(digits[0][:64]).view(-1, 1, 8, 8)


@pytest.fixture
def series() -> torch.Tensor:
    return 5 + torch.rand(200, 2, 40)


def test_two_views_differ_and_keep_the_shape(table, pictures, series):
    for kind, x in (("table", table), ("image", pictures), ("series", series), ("text", table)):
        data = Data(x, kind)
        batch = data.batch(torch.arange(20))
        first, second = batch.view(), batch.view()
        assert first.shape == second.shape == batch.x.shape
        assert not torch.equal(first, second)
        assert torch.equal(batch.x, x[:20])


def test_nothing_changes_without_strength(table, pictures):
    assert torch.equal(view(table, "table", strength=0.0), table)
    torch.testing.assert_close(view(pictures, "image", strength=0.0), pictures, atol=1e-5, rtol=0)


def test_tables_swap_a_third_of_the_cells_within_their_column(table):
    torch.manual_seed(0)
    seen = view(table, "table")
    changed = (seen != table).float().mean()
    assert 0.2 < changed < 0.4
    assert (seen % 4 == torch.arange(4.0)).all()  # a cell of column j is j modulo 4


def test_pictures_stay_in_their_range_and_move_one_by_one(pictures):
    same = pictures[:1].expand(32, -1, -1, -1)
    seen = view(same, "image")
    assert seen.min() >= same.min()
    assert seen.max() <= same.max()
    assert len({tuple(one.flatten().tolist()) for one in seen}) == 32


def test_maps_keep_to_their_bounds():
    maps = affine(2000, 1.0, torch.device("cpu"), SCALE)
    scale = maps[:, :, 0].norm(dim=1)
    assert 0.85 <= scale.min() < 0.87
    assert 1.13 < scale.max() <= 1.15
    angle = torch.atan2(maps[:, 1, 0], maps[:, 0, 0]).abs()
    assert math.radians(15) < angle.max() <= math.radians(16)
    assert (maps[:, :, 2].abs() <= 0.2).all()  # a tenth of a width that runs from -1 to 1


def test_moved_pictures_keep_their_size_and_their_light(pictures):
    maps = affine(2000, 1.0, torch.device("cpu"))
    torch.testing.assert_close(maps[:, :, 0].norm(dim=1), torch.ones(2000))
    middle = torch.full((500, 1, 8, 8), -1.0)
    middle[:, :, 3:5, 3:5] = 1.0
    seen = moved(middle)
    assert seen.amin() >= -1  # what comes in from outside is background
    assert seen[:, :, 4, 4].max() > 0.95
    assert not torch.equal(seen[0], seen[1])
    assert seen.add(1).sum((1, 2, 3)).mean() == pytest.approx(8, rel=0.02)  # four pixels of 1 - (-1), wherever they are


def test_warp_by_one_pixel_is_a_shift(pictures):
    right = torch.tensor([[[1.0, 0.0, 2 / 8], [0.0, 1.0, 0.0]]]).expand(len(pictures), -1, -1)
    torch.testing.assert_close(warp(pictures, right)[..., :7], pictures[..., 1:], atol=1e-5, rtol=0)
    assert warp(pictures, right)[..., 7].abs().max() == 0


def test_series_lose_one_stretch_in_all_channels(series):
    seen = view(series, "series")
    lost = seen == series.mean(2, keepdim=True)
    assert (lost.sum(2) == int(0.15 * 40)).all()
    assert torch.equal(lost[:, 0], lost[:, 1])
    starts = lost[:, 0].int().argmax(1)
    assert len(starts.unique()) > 10


@pytest.mark.parametrize(("offset", "scale"), [(1000.0, 1.0), (0.0, 1e-3), (-20.0, 300.0)])
def test_series_are_altered_alike_in_every_unit(series, offset, scale):
    torch.manual_seed(5)
    expected = view(series.double(), "series")
    torch.manual_seed(5)
    seen = (view(offset + scale * series.double(), "series") - offset) / scale
    torch.testing.assert_close(seen, expected, atol=1e-5, rtol=0)


def test_altered_series_stay_near_themselves_far_from_zero():
    series = 1000 + torch.sin(torch.linspace(0, 6, 40)).repeat(200, 1, 1)
    assert (view(series, "series") - series).abs().max() < 2


def test_series_keep_still_without_strength(series):
    torch.testing.assert_close(view(series, "series", strength=0.0), series)


def test_same_stream_gives_the_same_view(pictures):
    torch.manual_seed(3)
    first = view(pictures, "image")
    torch.manual_seed(3)
    assert torch.equal(first, view(pictures, "image"))
