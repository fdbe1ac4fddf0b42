"""DEC: the target of the whole data, what is trained, and when it stops."""

import pytest
import torch

from engine.core.card import check_knobs, knobs_of
from engine.core.data import Data
from engine.losses import sharpen, student_t
from engine.methods import METHODS
from engine.methods.dec import DEC, Knobs
from engine.training.trainer import fit
from tests.engine.small import short
from tests.engine.trained import followed, trained

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
M = torch.tensor([[0.0, 0.0], [4.0, 0.0]])


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


def test_loss_and_gradients_by_hand():
    data = Data(Z)
    method = DEC(data, 2, Knobs(layers="4", latent=2))
    method.encode = lambda x: x
    method.centers.data = M.clone()
    method.target = sharpen(method.soft_labels(data))
    terms = method.cluster(data.batch(torch.arange(4)))
    assert float(terms["hardening"].detach()) == pytest.approx(0.068329, abs=1e-6)
    (4 * terms["hardening"]).backward()
    by_hand = torch.tensor([[-0.00938, 0.009814], [0.029452, -0.088329]])
    torch.testing.assert_close(method.centers.grad, by_hand, atol=2e-6, rtol=0)


def test_target_is_looked_up_by_the_rows_of_the_batch():
    data = Data(Z)
    method = DEC(data, 2, Knobs(layers="4", latent=2))
    method.encode = lambda x: x
    method.centers.data = M.clone()
    method.target = sharpen(method.soft_labels(data))
    parts = [method.cluster(data.batch(torch.tensor([i])))["hardening"].detach() for i in (3, 0, 2, 1)]
    assert float(sum(parts)) == pytest.approx(0.273317, abs=1e-5)


def test_target_is_that_of_all_samples_and_renewed_every_epoch(data):
    method = DEC(data, 5, Knobs(layers="16", latent=3, tolerance=0.0))
    plan = method.plan(data)
    assert next(plan).id == "pretrain"
    for _ in range(2):
        assert next(plan).id == "cluster"
        torch.testing.assert_close(method.target, sharpen(method.soft_labels(data)))
        with torch.no_grad():
            method.centers.add_(0.1)


def test_decoder_is_dropped(data):
    method = DEC(data, 5, Knobs(layers="16", latent=3))
    plan = method.plan(data)
    next(plan)
    trained_parts = next(plan).steps[0].parameters()
    assert not {id(p) for p in method.net.decoder.parameters()} & {id(p) for p in trained_parts}
    assert id(method.centers) in {id(p) for p in trained_parts}
    assert method.prototypes() is None


def test_stops_when_no_member_changes_group(data):
    method, seen = trained("dec", data, 3, **short(DEC.card, epochs=20, tolerance=0.02, cluster_lr=1e-6))
    assert len([one for one in seen if one.stage == "cluster" and one.terms]) == 1
    assert len(method.target) == 0


def test_training_sharpens(data):
    values = short(DEC.card, epochs=12, pretrain_epochs=6, cluster_lr=1e-3)
    method, _ = trained("dec", data, 5, **values)
    shared = {one.name for one in knobs_of(METHODS["ae_kmeans"].card.knobs)}
    before, _ = trained("ae_kmeans", data, 5, **{name: values[name] for name in values if name in shared})
    sure = method.soft_labels(data).amax(1).mean()
    method.net, method.centers = before.net, before.centers
    assert sure > method.soft_labels(data).amax(1).mean() + 0.05


def test_a_goal_of_the_batch_needs_no_pass_over_the_data(data, monkeypatch):
    seen = []
    whole = DEC.soft_labels
    monkeypatch.setattr(DEC, "soft_labels", lambda self, asked: seen.append(asked is data) or whole(self, asked))
    knobs = check_knobs(DEC.card, short(DEC.card, target="batch", epochs=4))
    method, _ = followed(fit(lambda d: DEC(d, 5, knobs), data, monitor=False))
    assert seen.count(True) == 1, "once for the start, never after that"
    q = student_t(torch.randn(8, 2), torch.randn(3, 2))
    assert torch.equal(method.target_of(data.batch(torch.arange(8)), q), sharpen(q))
