"""DCN: its centers' steps and its loss by hand, lost centers, and a short training."""

import pytest
import torch

from engine.core.data import Data
from engine.methods.dcn import DCN, Knobs
from engine.objectives.running import START_COUNT
from tests.engine.small import short
from tests.engine.trained import trained

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
M = torch.tensor([[0.0, 0.0], [4.0, 0.0]])
MOVED = torch.tensor([[0.009804, 0], [3.990196, 0.009804]])


def on_codes(z, centers, **knobs) -> tuple[DCN, Data]:
    """DCN whose network is the identity."""
    data = Data(z)
    method = DCN(data, len(centers), Knobs(layers="4", latent=z.shape[1], **knobs))
    method.encode = lambda x: x
    method.centers.data, method.running.assigned = centers.clone(), torch.zeros(len(z), dtype=torch.int64)
    method.running.recency.fill_(1)
    return method, data


def test_centers_after_one_batch_by_hand():
    method, data = on_codes(Z, M)
    with torch.no_grad():
        method.update_centers(data.batch(torch.arange(4)))
    torch.testing.assert_close(method.centers.data, MOVED, atol=1e-6, rtol=0)
    assert method.running.counts.tolist() == [102, 102]
    assert method.running.assigned.tolist() == [0, 0, 1, 1]


def test_batch_step_equals_single_steps_with_fixed_choices():
    torch.manual_seed(0)
    z = torch.randn(50, 3)
    method, data = on_codes(z, z[:4])
    centers, counts = z[:4].double(), [START_COUNT] * 4
    choices = torch.cdist(z, z[:4]).argmin(1).tolist()
    for x, k in zip(z.double(), choices, strict=True):
        counts[k] += 1
        centers[k] -= (centers[k] - x) / counts[k]
    with torch.no_grad():
        method.update_centers(data.batch(torch.arange(50)))
    torch.testing.assert_close(method.centers.data, centers.float(), atol=1e-6, rtol=1e-5)


def test_centers_move_in_full_precision_under_autocast():
    torch.manual_seed(0)
    z = torch.randn(64, 3) + 10
    exact, data = on_codes(z, z[:4])
    half, _ = on_codes(z, z[:4])
    with torch.no_grad():
        exact.update_centers(data.batch(torch.arange(64)))
        with torch.autocast("cpu", torch.bfloat16):
            half.update_centers(data.batch(torch.arange(64)))
    assert torch.equal(exact.centers, half.centers)


def test_loss_by_hand():
    method, data = on_codes(Z, M, weight=0.5)
    method.running.assigned = torch.tensor([0, 0, 1, 1])
    terms = method.cluster(data.batch(torch.tensor([1, 3])))
    assert float(terms["k-means"].detach()) == pytest.approx(0.5 / 2 * (1 + 1) / 2)  # lambda / 2, mean over the batch
    drawn = method.net.decode(Z[[1, 3]])
    error = (method.standard(Z[[1, 3]]) - drawn).square().sum() / 2
    torch.testing.assert_close(terms["reconstruction"], error)


def test_pull_does_not_train_the_centers():
    method, data = on_codes(Z, M)
    sum(method.cluster(data.batch(torch.arange(4))).values()).backward()
    assert method.centers.grad is None
    assert method.net.decoder[0].weight.grad is not None


def test_center_without_members_for_an_epoch_moves_to_the_worst_explained_sample():
    method, data = on_codes(Z, torch.tensor([[0.0, 0.0], [99.0, 99.0]]))
    first, second = data.batch(torch.tensor([0, 1])), data.batch(torch.tensor([2, 3]))
    with torch.no_grad():
        method.update_centers(first)
        assert method.centers[1].tolist() == [99, 99]
        method.update_centers(second)
    assert method.centers[1].tolist() == [4, 1]
    assert method.running.counts.tolist() == [START_COUNT + 4, START_COUNT]


def test_training_squeezes_the_groups(digits):
    data = Data(torch.from_numpy(digits[0][:400]))
    spread = {}
    for weight in (0.0, 100.0):
        values = short(DCN.card, weight=weight, epochs=8, pretrain_epochs=4, cluster_lr=3e-4)
        method, seen = trained("dcn", data, 6, **values)
        z = method.embed(data)
        spread[weight] = float(torch.cdist(z, method.group_centers()).amin(1).square().mean() / z.var(0).sum())
        assert {"reconstruction", "k-means"} == set(seen[-1].terms)
        assert torch.equal(method.labels(data), torch.cdist(z, method.group_centers()).argmin(1))
    assert spread[100.0] < spread[0.0] / 2


def test_training_goes_on_while_members_change_their_group(digits):
    data = Data(torch.from_numpy(digits[0][:400]))
    values = short(DCN.card, epochs=5, pretrain_epochs=1, cluster_lr=1e-3, weight=10.0, tolerance=1e-6)
    _, seen = trained("dcn", data, 6, **values)
    assert len([one for one in seen if one.stage == "cluster" and one.terms]) > 1
