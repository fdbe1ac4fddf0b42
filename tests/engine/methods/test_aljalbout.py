"""The taxonomy paper's method: IDEC on pictures, and k-means has the last word on the finished code."""

import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.losses import hardening, sharpen, student_t
from engine.methods.aljalbout import EARLIER, Aljalbout, Knobs
from engine.nets import Autoencoder, ConvolutionalAutoencoder
from engine.training.trainer import fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed

VARIANCE_OF_MNIST = 0.0949


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]).view(-1, 1, 8, 8), "image")


def trained(data: Data, k: int, tensor_store: Memory | None = None, **knobs) -> tuple[Aljalbout, list]:
    values = check_knobs(Aljalbout.card, short(Aljalbout.card, **knobs))
    return followed(fit(lambda d: Aljalbout(d, k, values), data, tensor_store=tensor_store))


@pytest.fixture(scope="module")
def method(data) -> Aljalbout:
    return trained(data, 5, epochs=6, pretrain_epochs=10, augment="never", finish="gmm")[0]


def test_network_looks_patch_by_patch_and_the_code_is_large(data):
    built = Aljalbout(data, 3, Knobs())
    assert isinstance(built.net, ConvolutionalAutoencoder)
    assert built.encode(data.x[:2]).shape == (2, 120)
    assert isinstance(Aljalbout(data, 3, Knobs(network="auto")).net, Autoencoder)


def test_labels_are_those_of_k_means_on_the_finished_code(method, data):
    z = method.embed(data).double().numpy()
    known = KMeans(5, n_init=50, random_state=0).fit(z)
    cost = float((torch.from_numpy(z) - method.centers.detach()[method.labels(data)]).square().sum())
    assert cost == pytest.approx(known.inertia_, rel=0.02)
    labels = method.labels(data)
    for group, center in enumerate(method.group_centers()):
        torch.testing.assert_close(center, torch.from_numpy(z[labels == group]).mean(0).float(), atol=1e-3, rtol=1e-3)


def test_soft_labels_are_around_the_centers_of_the_last_k_means(method, data):
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft, student_t(method.embed(data), method.group_centers()))
    assert torch.equal(soft.argmax(1), method.labels(data))
    torch.testing.assert_close(method.prototypes(), method.decode(method.centers).detach())


def test_groups_of_the_sharpening_are_shown_beside_and_keep_their_numbers(method, data):
    others = method.alternatives(data)
    assert list(others) == [EARLIER, "Gaussian mixture"]
    earlier = others[EARLIER]
    assert torch.equal(earlier, student_t(method.embed(data), method.sharpened).argmax(1))
    assert not torch.equal(method.sharpened, method.centers.detach())
    assert (earlier == method.labels(data)).float().mean() > 0.7


def test_sharpening_ends_before_k_means_has_the_last_word(data, monkeypatch):
    """The centers that are trained become the earlier groups; what `finish` does is the same after every way to it."""
    seen = {}
    finish = Aljalbout.finish

    def watched(self, given):
        seen["centers"] = self.centers.detach().clone()
        finish(self, given)

    monkeypatch.setattr(Aljalbout, "finish", watched)
    after, shown = trained(data, 4)
    assert torch.equal(after.sharpened, seen["centers"])
    assert {one.stage for one in shown if one.terms} == {"pretrain", "cluster"}


def test_balance_equals_that_of_the_authors_for_pixels(data):
    """Mean squared error of pixels + KL summed over 100 samples, times pixels / variance, is gamma = 100 / variance."""
    built = Aljalbout(data, 4, Knobs(latent=3, augment="never"))
    built.start(data)
    built.target = sharpen(built.soft_labels(data))
    batch, q = data.batch(torch.arange(100)), built.soft_labels(data)[:100]
    drawn = built.decode(built.encode(batch.x)).detach()
    summed = float(hardening(built.target[:100], q)) * 100
    variance = float(data.x.var())
    authors = float((batch.x - drawn).square().mean()) + summed
    built.knobs = Knobs(latent=3, augment="never", gamma=100 / variance)
    ours = sum(float(term.detach()) for term in built.cluster(batch).values())
    assert ours == pytest.approx(authors * 64 / variance, rel=1e-4)
    assert check_knobs(Aljalbout.card, {"gamma": 100 / VARIANCE_OF_MNIST}).gamma < 1100


def test_saved_model_keeps_the_earlier_groups(data, tmp_path):
    model = engine.Clusterer("aljalbout", 4, random_state=0, **short(Aljalbout.card)).fit(data)
    model.save(tmp_path / "model")
    again = engine.load(tmp_path / "model")
    assert (again.predict(data) == model.labels_).all()
    assert (model.predict_proba(data).argmax(1) == model.labels_).all()
    assert list(model.alternatives_) == [EARLIER]


def test_new_pictures_take_the_nearest_center(method, data, digits):
    new = Data(torch.from_numpy(digits[0][300:400]).view(-1, 1, 8, 8), "image")
    nearest = torch.cdist(method.embed(new), method.centers.detach()).argmin(1)
    assert torch.equal(method.labels(new), nearest)


def test_groups_that_another_method_finds_are_as_many_in_the_end(data):
    after, _ = trained(data, 6, init="dipmeans")
    assert len(after.sharpened) == after.groups == after.soft_labels(data).shape[1]


def test_digits_are_grouped_better_than_by_the_code_alone(digits):
    x, y = digits[0][:600], digits[1][:600]
    data, tensor_store = Data(torch.from_numpy(x).view(-1, 1, 8, 8), "image"), Memory()
    knobs = {"pretrain_epochs": 20, "latent": 120, "augment": "never", "restarts": 5}
    before, _ = trained(data, 10, tensor_store, **knobs, epochs=1, cluster_lr=1e-6)
    after, _ = trained(data, 10, tensor_store, **knobs, epochs=6)
    found = evaluate(after, data)
    assert nmi(y, found.labels) > nmi(y, before.labels(data)) + 0.02
    assert nmi(y, found.labels) > 0.7
    assert found.prototypes.shape == (10, 1, 8, 8)


@pytest.mark.parametrize(("rows", "k"), [(3, 3), (3, 1), (8, 8)])
def test_few_pictures(data, rows, k):
    few = data.take(torch.arange(rows))
    after, _ = trained(few, k)
    assert after.labels(few).unique().numel() == k


def test_what_is_no_picture_is_a_sentence(digits):
    for x in (digits[0][:50], digits[0][:50, :49].reshape(-1, 1, 7, 7)):
        with pytest.raises(InputError, match="pictures of at least 8 x 8"):
            engine.Clusterer("aljalbout", 3, **short(Aljalbout.card)).fit(x)
