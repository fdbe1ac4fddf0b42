"""A fitted model that is dropped is freed at once: nothing of a training refers to it in a circle."""

import gc
import weakref

import pytest
import torch
import torch._dynamo  # which the first optimizer would load, and leave frames behind

import engine
from engine.core.data import Data
from engine.methods import METHODS
from tests.engine.small import Memory, short


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "name", ["kmeans", "gmm", "ae_kmeans", "dec", "dcn", "vade", "deepect", "dynae", "simclr", "composed"]
)
def test_a_model_that_is_dropped_is_freed(name, digits, without_collector):
    data = Data(torch.from_numpy(digits[0][:150]))
    model = engine.Clusterer(name, 4, random_state=0, **short(METHODS[name].card))
    model.fit(data, tensor_store=Memory())
    method, samples = weakref.ref(model.method_), weakref.ref(data.x)
    del model, data
    assert method() is None
    assert samples() is None


def test_a_training_that_is_given_up_is_freed(digits, without_collector):
    model = engine.Clusterer("vade", 4, random_state=0, **short(METHODS["vade"].card))
    data = Data(torch.from_numpy(digits[0][:150]))
    samples = weakref.ref(data.x)
    training = model.follow(data)
    next(training)
    del training, data, model
    assert samples() is None
