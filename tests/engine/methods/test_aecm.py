"""AE-CM: votes and centers inside of an autoencoder."""

import pytest
import torch

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.losses import balance_prior, orthogonality
from engine.methods.aecm import AECM, SURE, Knobs
from engine.training.trainer import fit
from tests.engine.small import short
from tests.engine.trained import followed

SMALL = {"layers": "32-16", "latent": 6, "batch": 64}


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


def build(data: Data, k: int = 5, **knobs) -> AECM:
    torch.manual_seed(0)
    return AECM(data, k, Knobs(**SMALL | knobs))


def fitted(data: Data, k: int, **knobs) -> tuple[AECM, list]:
    values = check_knobs(AECM.card, short(AECM.card, **knobs))
    return followed(fit(lambda d: AECM(d, k, values), data))


def test_code_has_room_for_a_direction_of_each_group(data):
    assert build(data, 5).centers.shape == (5, 6)
    wide = build(data, 9)
    assert wide.centers.shape == (9, 9)
    assert wide.encode(data.x[:2]).shape == (2, 9)
    assert float(orthogonality(wide.centers.detach())) == pytest.approx(0, abs=1e-4), "they begin at right angles"


def test_loss_by_hand(data):
    method = build(data, weight=3.0, balance=0.7, slant=0.5)
    method.centers.data.normal_()
    method.votes.bias.data.normal_()
    terms = method.cluster(data.batch(torch.arange(20)))
    x = method.standard(data.x[:20])
    z = method.encode(data.x[:20])
    gamma = torch.softmax(z @ method.votes.weight.T + method.votes.bias, 1)
    drawn = method.net.decode(z)  # of the code, not of the centers
    by_hand = {
        "reconstruction": 3 * (x - drawn).square().mean(),
        "closeness": (z - gamma @ method.centers).square().sum(1).mean(),
        "hesitation": (gamma * (1 - gamma)).sum(1).mean(),
        "right angles": 0.5 * orthogonality(method.centers),
        # 20 of 300 rows move the sizes remembered by so much.
        "balance": 0.7 * balance_prior(gamma, torch.lerp(torch.full((5,), 0.2), gamma.mean(0).detach(), 20 / 300)),
    }
    assert terms.keys() == by_hand.keys()
    for name, term in terms.items():
        torch.testing.assert_close(term, by_hand[name])


def test_loss_trains_everything(data):
    method = build(data)
    step = method.joint().steps[0]
    sum(step.loss(data.batch(torch.arange(100))).values()).backward()
    learning = {id(parameter) for parameter in step.parameters()}
    for name, parameter in method.named_parameters():
        assert id(parameter) in learning, name
        assert parameter.grad.abs().sum() > 0, name


def test_module_alone_leaves_the_code(data):
    method = build(data)
    assert {id(p) for p in method.module().steps[0].parameters()} == {
        id(p) for p in (method.votes.weight, method.votes.bias, method.centers)
    }


def test_start_keeps_the_drawings_and_brings_groups_to_right_angles(data):
    method = build(data)
    before = method.decode(method.encode(data.x)).detach()
    labels = method.start(data)
    torch.testing.assert_close(method.decode(method.encode(data.x)), before, atol=1e-3, rtol=1e-3)
    assert torch.equal(method.centers.detach(), torch.eye(5, 6))
    assert torch.equal(method.votes(method.centers).detach(), SURE * torch.eye(5))
    z = method.embed(data)
    shares = torch.bincount(labels) / 300
    torch.testing.assert_close(z.mean(0)[:5], shares, atol=1e-3, rtol=0)
    own = torch.stack([z[labels == group].mean(0) for group in range(5)])[:, :5]
    assert (own.argmax(1) == torch.arange(5)).all()
    assert (method.labels(data) == labels).float().mean() > 0.85


@pytest.mark.parametrize(
    ("variant", "stages"),
    [
        ("pretrained", ["pretrain", "votes", "joint"]),
        ("from scratch", ["joint"]),
    ],
)
def test_variants_walk_their_stages(data, variant, stages):
    method, seen = fitted(data, 4, variant=variant)
    assert list(dict.fromkeys(one.stage for one in seen if one.terms)) == stages
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft.sum(1), torch.ones(300))
    assert torch.equal(soft.argmax(1), method.labels(data))
    assert method.prototypes().shape == (4, 64)


def test_groups_of_another_start_have_votes_too(data):
    method, _ = fitted(data, 4, init="gmm")
    assert method.soft_labels(data).shape == (300, method.groups)


def test_more_groups_than_the_code_has_room_for_are_a_sentence(data, monkeypatch):
    method = build(data, 3)
    monkeypatch.setattr(method, "first_groups", lambda z: (torch.randn(8, 6), torch.zeros(300, dtype=torch.int64)))
    with pytest.raises(InputError, match="raise the code size to 8"):
        method.start(data)


@pytest.mark.parametrize(("rows", "k"), [(3, 3), (4, 1), (12, 12)])
def test_few_rows(data, rows, k):
    few = data.take(torch.arange(rows))
    for variant in ("pretrained", "from scratch"):
        method, _ = fitted(few, k, variant=variant)
        assert method.soft_labels(few).shape == (rows, k)
        assert torch.isfinite(method.soft_labels(few)).all()


def test_too_few_different_rows_are_a_sentence():
    with pytest.raises(InputError, match="only 2 differ"):
        fitted(Data(torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])), 3, variant="from scratch")


def test_a_model_of_before_sizes_were_remembered_is_restored(data):
    method = build(data)
    state = {name: value for name, value in method.state_dict().items() if name != "shares"}
    restored = build(data)
    restored.restore(state)
    assert torch.equal(restored.votes.weight, method.votes.weight)
