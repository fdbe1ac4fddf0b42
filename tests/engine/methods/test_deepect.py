"""DeepECT: the tree grows, dies back, is cut, is saved and resumed."""

import math
from copy import deepcopy

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine.training.trainer
from engine.core.data import Data
from engine.inference.outcome import evaluate
from engine.methods.deepect import DeepECT, Knobs
from engine.training.trainer import fit
from tests.engine.small import Memory
from tests.engine.trained import followed

SMALL = {"layers": "64-32", "pretrain_epochs": 8, "epochs": 9, "leaves": 6, "grow_every": 2, "batch": 128}


def finish(data, k, knobs, tensor_store=None, stop=None):
    return followed(fit(lambda d: DeepECT(d, k, knobs), data, seed=3, tensor_store=tensor_store), stop)


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:600]))


@pytest.fixture(scope="module")
def grown(data) -> DeepECT:
    return finish(data, None, Knobs(**SMALL))[0]


def test_tree_grows_to_its_leaves_and_counts_every_member(grown, data):
    tree = grown.tree()
    leaves = [node for node in tree if node["left"] is None]
    sizes = np.bincount(grown.labels(data).numpy())
    assert len(leaves) == 6
    assert sorted(node["size"] for node in leaves) == sorted(sizes)
    assert {node["label"] for node in leaves} == set(range(6))
    assert max(node["size"] for node in tree) == len(data)


def test_alternatives_are_nested_cuts(grown, data):
    cuts = grown.alternatives(data)
    assert list(cuts) == ["2 groups", "3 groups", "4 groups", "5 groups"]
    finer = grown.labels(data)
    for labels in reversed(cuts.values()):
        pairs = torch.stack([finer, labels]).unique(dim=1)
        assert pairs.shape[1] == len(finer.unique())  # each finer group lies in one coarser group
        finer = labels


def test_number_of_groups_cuts_the_tree(data):
    method, _ = finish(data, 4, Knobs(**SMALL))
    outcome = evaluate(method, data)
    assert set(outcome.labels) == set(range(4))
    assert outcome.prototypes.shape == (4, 64)
    assert outcome.centers.shape == (4, 5 * 2)
    assert len(method.cluster_tree.leaves) == 6


def test_too_short_a_training_still_makes_the_groups_asked_for(data):
    method, _ = finish(data, 8, Knobs(**SMALL | {"epochs": 1}))
    assert set(method.labels(data).tolist()) == set(range(8))


def test_equal_rows_end_the_growth():
    rows = torch.tensor([[0.0, 1.0], [1.0, 0.0], [5.0, 5.0]]).repeat(20, 1)
    method, _ = finish(Data(rows), None, Knobs(**SMALL | {"latent": 2, "epochs": 12}))
    assert len(method.cluster_tree.leaves) <= 4
    assert torch.isfinite(method.embed(Data(rows))).all()


def test_leaf_without_members_dies(grown):
    tree = deepcopy(grown.cluster_tree)
    tree.weights.fill_(1.0)
    before, lost = len(tree.leaves), 2
    heavy = [p for i, p in enumerate(tree.leaves.values()) if i != lost]
    tree.weights[lost] = 0.05
    tree.prune(before)
    assert len(tree.leaves) == before, "not below the groups asked for"
    tree.prune(2)
    assert len(tree.leaves) == before - 1
    assert all(a is b for a, b in zip(tree.leaves.values(), heavy, strict=True))
    assert tree.sides.shape == (before - 2, before - 1)
    assert len(tree.sizes) == len(tree.weights) == before - 1


@pytest.mark.parametrize("stop", [2, 9, 13])
def test_resumed_tree_is_the_uninterrupted_tree(data, monkeypatch, stop):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    knobs = Knobs(**SMALL)
    whole, _ = finish(data, None, knobs, Memory())
    tensor_store = Memory()
    finish(data, None, knobs, tensor_store, stop)
    resumed, _ = finish(data, None, knobs, tensor_store)
    assert torch.equal(whole.labels(data), resumed.labels(data))
    assert torch.equal(whole.cluster_tree.sides, resumed.cluster_tree.sides)
    assert whole.tree() == resumed.tree()


def test_altered_copies_take_part(data):
    pictures = Data(data.x.view(-1, 1, 8, 8), "image")
    method, seen = finish(pictures, 5, Knobs(**SMALL | {"augment": "beside", "epochs": 3}))
    assert set(seen[-2].terms) == {"reconstruction", "centers", "compression"}
    assert set(method.labels(pictures).tolist()) == set(range(5))


def test_groups_of_digits_agree_with_their_labels(digits):
    data = Data(torch.from_numpy(digits[0]))
    knobs = Knobs(layers="128-64", pretrain_epochs=15, epochs=16, leaves=12, grow_every=1)
    method, _ = finish(data, 10, knobs)
    assert len(method.cluster_tree.leaves) >= 10
    assert nmi(digits[1], method.labels(data)) > 0.6
