"""N2D: a manifold of codes, and of samples as they are."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods import n2d
from tests.engine.trained import trained


@pytest.fixture(scope="module")
def found(digits):
    data = Data(torch.from_numpy(digits[0]))
    method, seen = trained("n2d", data, 10, autoencode=False)
    return method, seen, data


def test_the_manifold_of_digits_holds_their_groups(found, digits):
    method, _, data = found
    outcome = evaluate(method, data)
    assert nmi(digits[1], outcome.labels) > 0.8  # k-means of the samples: 0.74
    assert outcome.embedding.shape == (len(data), 10)
    np.testing.assert_array_equal(outcome.soft.argmax(1), outcome.labels)


def test_new_samples_join_the_group_of_those_around_them(digits):
    data = Data(torch.from_numpy(digits[0][:1200]))
    method, _ = trained("n2d", data, 10, autoencode=False)
    assert nmi(digits[1][1200:], method.labels(Data(torch.from_numpy(digits[0][1200:])))) > 0.7


def test_members_that_the_manifold_is_not_learned_from_are_placed_on_it(found, digits, monkeypatch):
    monkeypatch.setattr(n2d, "MOST", 600)
    method, _ = trained("n2d", found[2], 10, autoencode=False)
    assert len(method.places) == 600
    assert nmi(digits[1], method.labels(found[2])) > 0.7


def test_prototypes_are_means_of_groups_in_the_form_of_samples(found):
    method, _, data = found
    labels = method.labels(data)
    expected = torch.stack([data.x[labels == group].mean(0) for group in range(10)])
    assert torch.allclose(method.prototypes(), expected, atol=1e-4)
    assert method.reconstruct(data.x[:3]) is None
    assert method.decoded(method.means[:2]) is None


def test_an_autoencoder_comes_first_unless_told_otherwise(digits):
    data = Data(torch.from_numpy(digits[0][:400]))
    method, seen = trained("n2d", data, 10, layers="64", pretrain_epochs=3, augment="never")
    assert {moment.stage for moment in seen} >= {"pretrain", "manifold"}
    assert method.members.shape == (400, 10)
    assert method.prototypes().shape == (10, *data.shape)
    assert method.reconstruct(data.x[:3]).shape == data.x[:3].shape


def test_more_groups_than_samples_are_refused():
    with pytest.raises(InputError, match="at most 5 groups"):
        trained("n2d", Data(torch.randn(5, 3)), 6, autoencode=False)
