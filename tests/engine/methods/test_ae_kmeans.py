"""The autoencoder that most deep methods start from."""

import pytest
import torch

from engine.data import Data
from engine.methods.ae_kmeans import AEKMeans, Knobs
from tests.engine.trained import trained

SMALL = {"layers": "64-32", "latent": 5, "batch": 64}


@pytest.fixture
def table(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:600]))


@pytest.fixture
def pictures(table) -> Data:
    return Data(table.x.view(-1, 1, 8, 8), "image")


def test_pretraining_ends_when_it_no_longer_pays_unless_told_never_to(table):
    _, settled = trained("ae_kmeans", table, 10, pretrain_epochs=60, tolerance=0.05, **SMALL)
    _, fixed = trained("ae_kmeans", table, 10, pretrain_epochs=15, tolerance=0.0, **SMALL)
    passes = [max(one.epoch for one in seen) for seen in (settled, fixed)]
    assert 10 <= passes[0] < 40
    assert passes[1] == 15
    falls = [one.terms["reconstruction"] for one in settled if one.terms]
    assert falls[-1] < 0.6 * falls[0]


def test_pictures_are_shown_altered_and_redrawn_as_they_were(pictures, monkeypatch):
    method = AEKMeans(pictures, 3, Knobs(**SMALL))
    batch = pictures.batch(torch.arange(20))
    told = []
    monkeypatch.setattr(method, "redrawn", lambda x, z: told.append(x) or z.sum())
    monkeypatch.setattr(method, "encode", lambda x: told.append(x) or x)
    method.redraw(batch)
    shown, wanted = told
    assert torch.equal(wanted, batch.x)
    assert not torch.equal(shown, batch.x)


@pytest.mark.parametrize(("kind", "augment"), [("table", True), ("image", False)])
def test_everything_else_is_shown_as_it_is(kind, augment, table, pictures):
    data = pictures if kind == "image" else table
    method = AEKMeans(data, 3, Knobs(**SMALL, augment=augment))
    batch = data.batch(torch.arange(20))
    assert method.shown(batch) is batch.x


def test_altered_pictures_make_better_groups(digits):
    from sklearn.metrics import normalized_mutual_info_score

    data, scores = Data(torch.from_numpy(digits[0]).view(-1, 1, 8, 8), "image"), {}
    for augment in (True, False):
        told = {"layers": "128-64", "latent": 10, "pretrain_epochs": 15, "tolerance": 0.0, "augment": augment}
        method, _ = trained("ae_kmeans", data, 10, **told)
        scores[augment] = normalized_mutual_info_score(digits[1], method.labels(data))
    assert scores[True] > scores[False]
