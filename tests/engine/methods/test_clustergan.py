"""ClusterGAN: two players in turns, and members drawn for each group."""

import math

import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine.training.trainer
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods.clustergan import ClusterGAN, Knobs
from engine.nets.gan import encoder, generator
from engine.training.trainer import fit
from tests.engine.small import Memory
from tests.engine.trained import followed

SMALL = {"layers": "64-64", "latent": 4, "epochs": 3}


def finish(data, knobs, k=10, tensor_store=None, stop=None):
    return followed(fit(lambda d: ClusterGAN(d, k, knobs), data, seed=0, tensor_store=tensor_store), stop)


@pytest.fixture(scope="module")
def table(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:500]))


@pytest.fixture(scope="module")
def pictures(table) -> Data:
    return Data(table.x.view(-1, 1, 8, 8), "image")


def test_generator_takes_every_fifth_turn_across_epochs(table, monkeypatch):
    turns = []
    for name in ("critic_loss", "generator_loss"):
        loss = getattr(ClusterGAN, name)
        monkeypatch.setattr(ClusterGAN, name, lambda self, batch, n=name, f=loss: (turns.append(n), f(self, batch))[1])
    finish(table, Knobs(**SMALL | {"batch": 100}))  # 5 batches an epoch
    assert turns == 3 * ["critic_loss", "generator_loss", "critic_loss", "critic_loss", "critic_loss", "critic_loss"]
    turns.clear()
    finish(table, Knobs(**SMALL | {"batch": 500, "epochs": 11}))  # one batch an epoch
    assert turns.count("critic_loss") == 11
    assert turns.count("generator_loss") == 3


def test_each_player_trains_only_itself(table):
    method = ClusterGAN(table, 4, Knobs(**SMALL))
    critic, maker = next(method.plan(table)).steps
    trained = [{id(p) for p in step.parameters()} for step in (critic, maker)]
    assert trained[0] == {id(p) for p in method.critic.parameters()}
    assert not trained[0] & trained[1]
    batch = table.batch(torch.arange(32))
    sum(critic.loss(batch).values()).backward()
    assert all(p.grad is None for p in method.generator.parameters())


def test_codes_are_a_small_style_and_a_group(table):
    method = ClusterGAN(table, 4, Knobs(**SMALL))
    style, group = method.codes(4000)
    assert style.std().item() == pytest.approx(0.1, rel=0.05)
    assert group.sum(1).eq(1).all()
    assert group.mean(0).sub(0.25).abs().max() < 0.05


@pytest.mark.parametrize("network", ["dense", "convolutional"])
def test_drawn_pictures_stay_within_the_range_of_the_data(pictures, network):
    method, _ = finish(pictures, Knobs(**SMALL | {"network": network, "width": 4, "epochs": 1}), k=3)
    drawn = method.generate(2, n=5)
    assert drawn.shape == (5, 1, 8, 8)
    assert drawn.min() >= pictures.x.min()
    assert drawn.max() <= pictures.x.max()
    torch.testing.assert_close(drawn[0], method.prototypes()[2])
    assert not torch.equal(drawn[1], drawn[2])


def test_odd_sizes_of_pictures_fit():
    shape = (3, 9, 11)
    picture = generator(shape, 7, 4)(torch.randn(2, 7))
    assert picture.shape == (2, *shape)
    assert encoder(shape, 5, 4)(picture).shape == (2, 5)


def test_number_of_groups_is_needed(table):
    with pytest.raises(InputError, match="needs to know the number of groups"):
        ClusterGAN(table, None, Knobs())


def test_convolutions_need_pictures(table):
    with pytest.raises(InputError, match="pictures of at least 8 x 8"):
        ClusterGAN(table, 3, Knobs(network="convolutional"))


def test_resumed_training_gives_the_same_labels(table, monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    knobs = Knobs(**SMALL | {"epochs": 4, "batch": 70})
    whole, _ = finish(table, knobs, tensor_store=Memory())
    tensor_store = Memory()
    finish(table, knobs, tensor_store=tensor_store, stop=2)
    resumed, _ = finish(table, knobs, tensor_store=tensor_store)
    assert torch.equal(whole.labels(table), resumed.labels(table))
    assert torch.equal(whole.prototypes(), resumed.prototypes())


def test_groups_of_digits_agree_with_their_labels_better_than_chance(digits):
    data = Data(torch.from_numpy(digits[0]))
    method, seen = finish(data, Knobs(epochs=15, layers="128-128"))
    outcome = evaluate(method, data)
    assert nmi(digits[1], outcome.labels) > 0.3
    assert set(seen[-2].terms) == {"critic", "penalty", "generator", "style", "group"}
    assert outcome.prototypes.shape == (10, 64)
