"""SimCLR: two views of everything, groups on the representation."""

import math

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine.training.trainer
from engine.core.data import Data
from engine.core.errors import InputError
from engine.methods.simclr import Knobs, SimCLR
from engine.training.trainer import fit
from tests.engine.small import Memory
from tests.engine.trained import followed


def finish(data, knobs, k=10, tensor_store=None, stop=None):
    return followed(fit(lambda d: SimCLR(d, k, knobs), data, seed=2, tensor_store=tensor_store), stop)


@pytest.fixture(scope="module")
def pictures(digits) -> Data:
    return Data(torch.from_numpy(digits[0]).view(-1, 1, 8, 8), "image")


def test_twins_are_found_more_and_more(pictures):
    _, seen = finish(pictures, Knobs(epochs=12, batch=128))
    losses = [one.terms["contrast"] for one in seen if one.terms]
    assert losses[0] < math.log(2 * 128 - 1)
    assert losses[-1] < losses[0] - 0.5
    assert seen[-1].report["share of twins found"] > 0.15  # by chance 1 of 255
    assert all(one.labels is None for one in seen[:-1])  # no groups before the end


def test_representation_has_unit_length_and_centers_too(pictures):
    method, _ = finish(pictures, Knobs(epochs=1))
    z = method.embed(pictures)
    torch.testing.assert_close(z.norm(dim=1), torch.ones(len(z)), atol=1e-4, rtol=0)
    torch.testing.assert_close(method.group_centers().norm(dim=1), torch.ones(10))
    assert torch.equal(method.labels(pictures), torch.cdist(z, method.centers).argmin(1))


def test_views_of_a_table_keep_one_sample_as_it_is(digits):
    data = Data(torch.from_numpy(digits[0]))
    method = SimCLR(data, 3, Knobs())
    clean, other = method.views(data.batch(torch.arange(200)))
    assert torch.equal(clean, data.x[:200])
    varied = data.x.std(0) > 0
    swapped = (other != clean)[:, varied].float().mean()
    assert 0.3 < swapped < 0.6  # 60 percent are drawn anew; some draws equal what they replace


def test_two_views_of_a_picture_differ(pictures):
    method = SimCLR(pictures, 3, Knobs())
    first, second = method.views(pictures.batch(torch.arange(50)))
    assert not torch.equal(first, second)
    assert first.shape == (50, 1, 8, 8)


def test_resumed_training_gives_the_same_labels(pictures, monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    data, knobs = pictures.take(torch.arange(400)), Knobs(epochs=4, batch=128)
    whole, _ = finish(data, knobs, tensor_store=Memory())
    tensor_store = Memory()
    finish(data, knobs, tensor_store=tensor_store, stop=2)
    resumed, _ = finish(data, knobs, tensor_store=tensor_store)
    assert torch.equal(whole.labels(data), resumed.labels(data))


def test_number_of_groups_is_needed(pictures):
    with pytest.raises(InputError, match="needs to know the number of groups"):
        SimCLR(pictures, None, Knobs())


def test_groups_of_handwritten_digits_beat_pixels(shared):
    file = np.load(shared("mnist.npz"))
    x, y = file["x"][:1000], file["y"][:1000]
    data = Data(torch.from_numpy(x).float().div(255).view(-1, 1, 28, 28), "image")
    pixels = KMeans(10, n_init=3, random_state=0).fit_predict(x.reshape(len(x), -1) / 255.0)
    method, _ = finish(data, Knobs(epochs=20, batch=128))
    assert nmi(y, method.labels(data)) > nmi(y, pixels) + 0.05
