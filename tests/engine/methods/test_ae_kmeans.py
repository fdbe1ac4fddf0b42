"""The autoencoder that most deep methods start from."""

from dataclasses import replace

import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from engine import Clusterer, load
from engine.core.data import Data
from engine.core.errors import InputError
from engine.methods import METHODS
from engine.methods.ae_kmeans import CLUSTERERS, AEKMeans, Knobs, grouped
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


def test_the_network_redraws_what_is_wanted_from_what_is_shown(pictures, monkeypatch):
    method = AEKMeans(pictures, 3, Knobs(**SMALL, augment="undone"))
    batch = pictures.batch(torch.arange(20))
    told = []
    monkeypatch.setattr(method, "reconstruction_loss", lambda x, z: told.append(x) or z.sum())
    monkeypatch.setattr(method, "code", lambda x: told.append(x) or x)
    method.reconstruct_loss(batch)
    shown, wanted = told
    assert torch.equal(wanted, batch.x)
    assert not torch.equal(shown, batch.x)


@pytest.mark.parametrize(("kind", "augment"), [("table", "always"), ("table", "beside"), ("image", "never")])
def test_everything_else_is_shown_as_it_is(kind, augment, table, pictures):
    data = pictures if kind == "image" else table
    method = AEKMeans(data, 3, Knobs(**SMALL, augment=augment))
    batch = data.batch(torch.arange(20))
    shown = method.augmented(batch)
    assert shown.x is batch.x
    assert shown.target is batch.x
    assert shown.index is batch.index


@pytest.mark.parametrize(("side", "passes", "augment"), [(15, 50, "beside"), (16, 50, "always"), (16, 20, "undone")])
def test_large_pictures_are_shown_altered_and_small_ones_beside_themselves(side, passes, augment):
    data = Data(torch.rand(40, 1, side, 20), "image")
    assert AEKMeans(data, 3, Knobs(**SMALL, pretrain_epochs=passes)).augment == augment
    assert AEKMeans(data, 3, Knobs(**SMALL, augment="never")).augment == "never"
    assert AEKMeans(Data(data.x.flatten(1)), 3, Knobs(**SMALL)).augment == "never"


@pytest.mark.parametrize("augment", ["always", "undone"])
def test_altered_pictures_are_redrawn_altered_or_as_they_were(augment, pictures):
    batch = pictures.batch(torch.arange(20))
    shown = AEKMeans(pictures, 3, Knobs(**SMALL, augment=augment)).augmented(batch)
    assert shown.x.shape == batch.x.shape
    assert not torch.equal(shown.x, batch.x)
    assert shown.target is (shown.x if augment == "always" else batch.x)
    assert shown.index is batch.index


def test_an_altered_picture_stands_beside_the_picture_under_the_same_row(pictures):
    batch = pictures.batch(torch.arange(20))
    shown = AEKMeans(pictures, 3, Knobs(**SMALL, augment="beside")).augmented(batch)
    assert torch.equal(shown.x[:20], batch.x)
    assert not torch.equal(shown.x[20:], batch.x)
    assert shown.target is shown.x
    assert shown.index.tolist() == [*range(20), *range(20)]


def test_altered_pictures_make_better_groups(digits):
    from sklearn.metrics import normalized_mutual_info_score

    data, scores = Data(torch.from_numpy(digits[0]).view(-1, 1, 8, 8), "image"), {}
    for augment in ("never", "undone", "beside"):
        told = {"layers": "128-64", "latent": 10, "pretrain_epochs": 15, "tolerance": 0.0, "augment": augment}
        method, _ = trained("ae_kmeans", data, 10, **told)
        scores[augment] = normalized_mutual_info_score(digits[1], method.labels(data))
    assert scores["undone"] > scores["never"]
    assert scores["beside"] > scores["never"]


def stages(seen) -> list[str]:
    return list(dict.fromkeys(one.stage for one in seen if one.terms))


def test_layers_learn_one_after_the_other_when_asked(table):
    method, seen = trained("ae_kmeans", table, 10, pretrain_epochs=10, layerwise=True, tolerance=0.0, **SMALL)
    assert stages(seen) == ["pretrain-layer-1", "pretrain-layer-2", "pretrain-layer-3", "pretrain"]
    assert next(one.epochs for one in seen if one.terms) == 2
    assert method.labels(table).unique().numel() == 10


def test_a_belief_network_that_imagines_first_redraws_better(digits, monkeypatch):
    table = Data(torch.from_numpy(digits[0]))
    told, errors = {"tolerance": 0.0, "network": "belief", "pretrain_epochs": 15, **SMALL}, []
    imagining = AEKMeans.boltzmann_stage
    for passes in (15, 0):
        monkeypatch.setattr(
            AEKMeans, "boltzmann_stage", lambda self, i, n=passes: replace(imagining(self, i), epochs=n)
        )
        _, seen = trained("ae_kmeans", table, 10, **told)
        expected = [*(f"boltzmann-layer-{i}" for i in (1, 2, 3)), "pretrain"] if passes else [stages(seen)[-1]]
        assert stages(seen) == expected
        errors.append([one.terms["reconstruction"] for one in seen if one.terms and one.stage == expected[-1]])
    assert errors[0][0] < errors[1][0]
    assert errors[0][-1] < 0.9 * errors[1][-1]


def test_only_the_dense_network_has_layers_to_teach_one_by_one(pictures):
    with pytest.raises(InputError, match="Only the dense network learns layer by layer"):
        trained("ae_kmeans", pictures, 3, layerwise=True, network="convolutional", **SMALL)


def test_blanked_numbers_are_at_the_mean_and_the_whole_sample_is_redrawn(table, monkeypatch):
    method = AEKMeans(table, 3, Knobs(**SMALL, noise=0.5))
    batch, told = table.batch(torch.arange(200)), []
    monkeypatch.setattr(method, "reconstruction_loss", lambda x, z: told.append(x) or z.sum())
    monkeypatch.setattr(method, "code", lambda x: told.append(x) or x)
    method.reconstruct_loss(batch)
    damaged, wanted = told
    assert torch.equal(wanted, batch.x)
    blank = damaged == method.mean
    assert 0.47 < float(blank.float().mean()) < 0.53
    assert torch.equal(damaged[~blank], batch.x[~blank])


@pytest.mark.parametrize("method", ["ae_kmeans", "dcn", "dkm", "dec", "idec", "vade"])
def test_groups_start_from_any_clusterer(table, method):
    told = {"pretrain_epochs": 5, "tolerance": 0.0, "init": "hdbscan"} | (
        {} if method == "ae_kmeans" else {"epochs": 2}
    )
    model = Clusterer(method, 4, random_state=0, **SMALL, **told).fit(table.x.numpy())
    centers = len(model.cluster_centers_)
    assert 1 <= len(set(model.labels_)) <= centers
    assert model.labels_.min() >= 0
    assert model.predict(table.x.numpy()).tolist() == model.labels_.tolist()


def test_the_catalogue_names_every_clusterer_without_a_network():
    assert set(CLUSTERERS) == {name for name, kind in METHODS.items() if kind.card.architecture == "none"} - {
        "nrkmeans"
    }


def test_no_group_at_all_is_said(table):
    with pytest.raises(InputError, match="finds no group in the code"):
        grouped("hdbscan", torch.rand(6, 2, generator=torch.Generator().manual_seed(0)), 2)


@pytest.mark.parametrize(("method", "finish"), [("ae_kmeans", "agglomerative"), ("dec", "hdbscan"), ("vade", "gmm")])
def test_another_method_may_have_the_last_word(table, method, finish, tmp_path):
    told = {"pretrain_epochs": 5, "tolerance": 0.0, "finish": finish} | ({} if method == "ae_kmeans" else {"epochs": 2})
    model = Clusterer(method, 4, random_state=0, **SMALL, **told).fit(table.x.numpy())
    plain = Clusterer(method, 4, random_state=0, **SMALL, **(told | {"finish": "none"})).fit(table.x.numpy())
    assert model.labels_.tolist() == plain.labels_.tolist()
    (name, labels), *more = model.alternatives_.items()
    assert not more
    assert name == METHODS[finish].card.name
    assert plain.alternatives_ == {}
    alone = Clusterer(finish, 4, random_state=0).fit(model.transform(table.x.numpy()))
    assert adjusted_rand_score(labels, alone.labels_) > 0.9
    model.save(tmp_path / "model")
    again = load(tmp_path / "model").method_.alternatives(table)[name].numpy()
    assert again.tolist() == labels.tolist()


@pytest.mark.parametrize("name", CLUSTERERS)
def test_every_clusterer_groups_a_code(name):
    x, y = make_blobs(300, 5, centers=4, cluster_std=0.5, center_box=(-8, 8), random_state=3)
    torch.manual_seed(0)
    data = Data(torch.from_numpy(x.astype("float32")))
    centers, labels = AEKMeans(data, 4, Knobs(init=name, **SMALL)).first_groups(data.x)
    assert centers.shape[1] == 5
    assert adjusted_rand_score(y, labels) > 0.9
