"""A stage's id says what continues what; its title is only shown, and may be reworded at any time."""

import math
from dataclasses import replace

import pytest
import torch

import engine.training.trainer
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.method import Stage
from engine.methods import METHODS
from engine.training.trainer import fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed


@pytest.fixture
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:200]))


def build(name: str, reword: bool = False, **more):
    kind = METHODS[name]
    knobs = check_knobs(kind.card, short(kind.card, **more))

    def make(data: Data):
        method = kind(data, 5, knobs)
        if reword:
            plan = method.plan
            method.plan = lambda data: (replace(stage, title=f"{i}. reworded") for i, stage in enumerate(plan(data)))
        return method

    return make


def test_a_checkpoint_is_resumed_under_other_titles(data, monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    tensor_store = Memory()
    training = fit(build("idec", epochs=4), data, tensor_store=tensor_store)
    for moment in training:
        if moment.stages_done == 2 and moment.terms:
            training.close()
            break
    tensor_store = Memory({"checkpoint": tensor_store["checkpoint"]})
    resumed, seen = followed(fit(build("idec", reword=True, epochs=4), data, tensor_store=tensor_store))
    whole, _ = followed(fit(build("idec", epochs=4), data))
    assert (seen[0].stage, seen[0].stage_title, seen[0].stages_done) == ("cluster", "2. reworded", 2)
    for (name, mine), theirs in zip(resumed.state_dict().items(), whole.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs), name


def test_a_pretraining_is_shared_under_other_titles(data):
    tensor_store = Memory()
    followed(fit(build("ae_kmeans"), data, tensor_store=tensor_store))
    _, seen = followed(fit(build("dec", reword=True), data, tensor_store=tensor_store))
    assert seen[0].report == {"reused": 1.0}


def test_an_optimizer_goes_on_under_another_title(data):
    plain, _ = followed(fit(build("dkm", epochs=20), data))
    reworded, seen = followed(fit(build("dkm", reword=True, epochs=20), data))
    assert len({moment.stage_title for moment in seen}) > 3
    assert torch.equal(plain.centers, reworded.centers)


@pytest.mark.parametrize("id", ["Learning", "two words", "", "a--b"])
def test_an_id_is_no_sentence(id):
    with pytest.raises(ValueError, match="lower-case words"):
        Stage(id, "Learning", ())
