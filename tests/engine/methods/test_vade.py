"""VaDE: its start, its bound, its rate, and the members it draws."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters import mixture
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.losses import category_divergence, gaussian_divergence, log_responsibilities, reconstruction
from engine.methods import METHODS, vade
from engine.methods.vade import Knobs, VaDE
from engine.training.trainer import fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed, trained

SMALL = {"layers": "32-16", "latent": 4, "batch": 64}


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


@pytest.fixture
def method(data) -> VaDE:
    torch.manual_seed(0)
    method = VaDE(data, 5, Knobs(**SMALL))
    method.start(data)
    return method


def test_start_keeps_the_network_and_makes_groups_round(data):
    torch.manual_seed(0)
    method = VaDE(data, 5, Knobs(**SMALL))
    drawn = method.decode(method.encode(data.x))
    labels = method.start(data)
    torch.testing.assert_close(method.decode(method.encode(data.x)), drawn, atol=1e-4, rtol=1e-4)
    shares = method.clouds.log_weights.exp()
    torch.testing.assert_close(shares.sum(), torch.tensor(1.0))
    within = (shares.unsqueeze(1) * method.clouds.log_variances.exp()).sum(0)
    torch.testing.assert_close(within, torch.ones(4), atol=1e-4, rtol=0)
    assert labels.unique().numel() == 5
    assert torch.equal(labels, method.labels(data))


def test_start_is_the_mixture_of_the_code(data, monkeypatch):
    found = []
    fitted = vade.gaussian_mixture
    monkeypatch.setattr(
        vade, "gaussian_mixture", lambda *given, **more: found.append(fitted(*given, **more)) or found[0]
    )
    torch.manual_seed(0)
    method = VaDE(data, 5, Knobs(**SMALL))
    z = method.embed(data)
    method.start(data)
    torch.testing.assert_close(method.clouds.log_weights.double(), found[0].log_weights, atol=1e-5, rtol=0)
    # Turning the code moves its mixture along: what is far stays as far.
    full = mixture.log_joint(z, found[0].log_weights, found[0].means, found[0].factors).argmax(1)
    assert (full == method.labels(data)).float().mean() > 0.8  # the clouds know no slant


def test_start_of_few_rows_has_a_shape_they_can_tell(data):
    few = data.take(torch.arange(9))
    torch.manual_seed(0)
    method = VaDE(few, 3, Knobs(**SMALL))
    assert method.start(few).unique().numel() == 3
    assert torch.isfinite(method.log_variances).all()


def test_bound_is_made_of_three_terms(method, data, monkeypatch):
    monkeypatch.setattr(vade, "reparameterize", lambda mean, log_variance: mean + torch.exp(log_variance / 2))
    method.knobs = Knobs(**SMALL, weight=0.3 * 64)
    terms = method.bound(data.batch(torch.arange(64)))
    x = method.standard(data.x[:64])
    mean, log_variance = method.net.posterior(x)
    z = mean + torch.exp(log_variance / 2)
    log_gamma = log_responsibilities(z, method.clouds)
    by_hand = {
        "reconstruction": 0.3 * reconstruction(x, method.net.decode(z)),
        "cloud": gaussian_divergence(mean, log_variance, log_gamma, method.clouds),
        "choice": category_divergence(log_gamma, method.clouds.log_weights),
    }
    assert terms.keys() == by_hand.keys()
    for name, term in terms.items():
        torch.testing.assert_close(term, by_hand[name])


def test_bound_trains_everything(method, data):
    step = method.joint(0).steps[0]
    sum(step.loss(data.batch(torch.arange(300))).values()).backward()
    learning = {id(parameter) for parameter in step.parameters()}
    for name, parameter in method.named_parameters():
        assert id(parameter) in learning, name
        assert parameter.grad.abs().sum() > 0, name


def test_rate_falls_by_a_tenth_every_ten_passes_down_to_a_tenth(method):
    rate = lambda epoch: method.joint(epoch).steps[0].lr / method.knobs.cluster_lr
    assert rate(0) == rate(9) == 1
    assert rate(10) == pytest.approx(0.9)
    assert rate(39) == pytest.approx(0.9**3)
    assert rate(1000) == 0.1


def test_samples_out_of_this_world_stay_numbers(method, data):
    wild = Data(data.x[:8] * torch.tensor([1e-6, 1e3, 1e6, 1e9, -1e9, 0, 1, 10]).unsqueeze(1))
    soft = method.soft_labels(wild)
    torch.testing.assert_close(soft.sum(1), torch.ones(8))
    method.log_variances.data[0], method.log_variances.data[1] = 1e6, -1e6
    terms = method.bound(data.batch(torch.arange(64)))
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) for term in terms.values())
    assert all(torch.isfinite(p.grad).all() for p in method.parameters() if p.grad is not None)


def test_soft_labels_are_the_membership_of_the_means(method, data):
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft, log_responsibilities(method.embed(data), method.clouds).exp())
    assert torch.equal(soft.argmax(1), method.labels(data))


def test_drawn_members_come_from_the_cloud_of_their_group(method):
    seen = []
    method.decode = lambda z: seen.append(z) or z
    method.log_variances.data[2] = torch.tensor([0.0, -2.0, 1.0, -4.0])
    drawn = method.generate(2, n=20_000)
    torch.testing.assert_close(drawn[0], method.centers[2].detach())
    torch.testing.assert_close(drawn.mean(0), method.centers[2].detach(), atol=0.05, rtol=0)
    torch.testing.assert_close(drawn.var(0).log(), method.log_variances[2].detach(), atol=0.05, rtol=0)
    assert torch.equal(drawn, method.generate(2, n=20_000))
    assert not torch.equal(drawn, method.generate(2, n=20_000, seed=1))


def test_pretraining_is_that_of_the_other_methods(data):
    tensor_store = Memory()

    def run(name, **more):
        kind = METHODS[name]
        knobs = check_knobs(kind.card, short(kind.card, **more))
        return followed(fit(lambda d: kind(d, 5, knobs), data, tensor_store=tensor_store))

    run("ae_kmeans")
    method, seen = run("vade")
    assert seen[0].report["reused"] == 1
    tensor_store.clear()
    alone, _ = run("vade")
    assert torch.equal(method.labels(data), alone.labels(data))


def test_stops_when_no_member_changes_group(data):
    _, seen = trained("vade", data, 3, **short(VaDE.card, epochs=20, tolerance=0.02, cluster_lr=1e-6))
    assert len([one for one in seen if one.stage == "cluster" and one.terms]) == 1


def test_training_of_digits(digits):
    """A short training, whose course stays what it is."""
    x, y = digits
    data = Data(torch.from_numpy(x))
    values = {"layers": "128-128", "pretrain_epochs": 15, "epochs": 15, "tolerance": 0.0}
    plain, _ = trained("ae_kmeans", data, 10, layers="128-128", pretrain_epochs=15)
    method, seen = trained("vade", data, 10, **values)
    reached = nmi(y, method.labels(data))
    assert reached > 0.7
    assert reached > nmi(y, plain.labels(data)) - 0.02
    course = [sum(one.terms.values()) for one in seen if one.stage == "cluster" and one.terms]
    assert len(course) == 15
    assert course[-1] < course[1] < course[0]
    assert 8 < method.report()["groups in use"] <= 10.001
    sizes = np.bincount(method.labels(data), minlength=10)
    assert sizes.min() > 50
    assert method.prototypes().shape == (10, 64)
    torch.testing.assert_close(method.prototypes()[3], method.generate(3, 2)[0])


def test_convolutional_networks_have_clouds_too(data):
    pictures = Data(data.x.view(-1, 1, 8, 8), "image")
    method, seen = trained("vade", pictures, 4, **short(VaDE.card, network="convolutional", pretrain_epochs=15))
    assert method.prototypes().shape == (4, 1, 8, 8)
    assert method.labels(pictures).unique().numel() > 1
    assert all(np.isfinite(value) for one in seen for value in one.terms.values())


def test_the_bound_is_of_pictures_as_they_are(data, monkeypatch):
    """Altered pictures teach to redraw; what the clouds explain are the pictures themselves."""
    pictures = Data(data.x.view(-1, 1, 8, 8), "image")
    method = VaDE(pictures, 4, Knobs(**SMALL, augment="always"))
    looked, aim = [], []
    cloud, redrawn = method.net.posterior, method.reconstruction_loss
    monkeypatch.setattr(method.net, "posterior", lambda x: looked.append(x) or cloud(x))
    monkeypatch.setattr(method, "reconstruction_loss", lambda x, z: aim.append(x) or redrawn(x, z))
    batch = pictures.batch(torch.arange(64))
    method.bound(batch)
    assert torch.equal(looked[0], method.standard(batch.x))
    assert torch.equal(aim[0], batch.x)
    method.reconstruct_loss(batch)
    assert not torch.equal(aim[1], batch.x)
