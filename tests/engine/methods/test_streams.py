"""Methods whose card says so train on data in a file without a copy of them all, and find the groups that they find in memory."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

import engine.clusters.rows
import engine.core.data
import engine.core.method
import engine.core.sampling
import engine.training.collapse
import engine.training.monitor
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.inference.outcome import evaluate
from engine.intake import mapped
from engine.methods import METHODS
from engine.training.trainer import fit

N, WIDTH, K = 900, 64, 3
STREAMING = [name for name in METHODS if METHODS[name].card.streams]
QUICK = {"pretrain_epochs": 1, "epochs": 1, "layers": "8", "latent": 3, "network": "dense", "batch": 32, "restarts": 2}


class LargeTensors(TorchDispatchMode):
    """The operations that made a tensor of new memory with at least half as many rows and numbers as the data."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        mine = {t.untyped_storage().data_ptr() for t in args if isinstance(t, Tensor)}
        for found in out if isinstance(out, tuple | list) else [out]:
            fresh = isinstance(found, Tensor) and found.untyped_storage().data_ptr() not in mine
            if fresh and found.numel() >= N * WIDTH / 2 and len(found) >= N / 2:
                self.made.append(func._schema.name)
        return out


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is held at a time are a hundred rows, as of data that are much larger than memory."""
    monkeypatch.setattr(engine.core.data, "CHUNK_BYTES", 4 * 2048 * 100)
    monkeypatch.setattr(engine.core.method, "CODES", 100)
    monkeypatch.setattr(engine.core.sampling, "STRETCH_BYTES", 100 * 4 * WIDTH)
    monkeypatch.setattr(engine.core.sampling, "BLOCK_BYTES", 10 * 4 * WIDTH)
    monkeypatch.setattr(import_module("engine.clusters.kmeans"), "SAMPLE", 100)
    monkeypatch.setattr(engine.clusters.rows, "CACHE", 100 * WIDTH)
    monkeypatch.setattr(engine.training.monitor, "SAMPLE", 100)
    monkeypatch.setattr(engine.training.collapse, "ROWS", 100)
    for name in ("minibatch_kmeans", "sgd_kmeans"):
        monkeypatch.setattr(import_module(f"engine.methods.{name}"), "TRIED", 100)
    return


def trained(name: str, data: Data) -> np.ndarray:
    kind = METHODS[name]
    known = kind.card.knobs.__dataclass_fields__
    knobs = check_knobs(kind.card, {knob: value for knob, value in QUICK.items() if knob in known})
    training = fit(lambda data: kind(data, K, knobs), data, seed=0)
    while True:
        try:
            next(training)
        except StopIteration as end:
            return evaluate(end.value, data).labels


@pytest.mark.parametrize("name", STREAMING)
def test_a_file_is_never_copied_as_a_whole(name: str) -> None:
    random = np.random.default_rng(0)
    x = mapped.mapped_array((N, WIDTH), np.float32)
    x[:] = random.normal(0, 3, (K, WIDTH))[random.integers(0, K, N)] + random.normal(size=(N, WIDTH))
    with LargeTensors() as large:
        labels = trained(name, Data(torch.from_numpy(x), fingerprint="same", file=mapped.file_of(x)))
    assert large.made == []
    np.testing.assert_array_equal(labels, trained(name, Data(torch.from_numpy(x.copy()), fingerprint="same")))
