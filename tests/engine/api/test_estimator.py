"""The scikit-learn face."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

import engine
from engine.api import estimator
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.methods import METHODS
from tests.engine.small import short

KNOWN = {"clustergan": {"check_clustering": "after two passes, a group may still have no member"}}
SMALLEST = {"epochs": 1, "pretrain_epochs": 1, "steps": 1, "layers": "16", "batch": 256}
"""The fifty checks fit about seventy times, each on a handful of rows."""
TABLE = [name for name, method in METHODS.items() if "table" in method.card.data]


@pytest.mark.parametrize("name", TABLE)
def test_scikit_learn_finds_nothing_to_complain_about(name):
    k = 3 if METHODS[name].card.needs_k else None
    knobs = short(METHODS[name].card)
    if name != "aecm":  # which needs a second pass to find the groups of the checks
        knobs |= {knob: value for knob, value in SMALLEST.items() if knob in knobs}
    model = engine.Clusterer(name, k, random_state=0, precision="float32", **knobs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(model, on_fail=None, expected_failed_checks=KNOWN.get(name, {}))
    failed = [f"{r['check_name']}: {r['exception']!r}" for r in results if r["status"] == "failed"]
    assert not failed, "\n".join(failed)
    assert sum(r["status"] == "passed" for r in results) > 30


def quick(random_state=0, **more):
    return engine.Clusterer("dec", 4, random_state=random_state, **short(METHODS["dec"].card) | more)


def test_clone_and_params_keep_the_knobs():
    model = quick(alpha=2.0)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy.get_params()["alpha"] == 2.0
    assert copy.set_params(alpha=3.0).alpha == 3.0
    with pytest.raises(engine.InputError, match="no setting 'beta'"):
        model.set_params(beta=1)


def test_a_whole_number_is_the_seed_itself(digits):
    x = digits[0][:120]
    kind, knobs = METHODS["dec"], check_knobs(METHODS["dec"].card, short(METHODS["dec"].card))
    training = engine.fit(lambda data: kind(data, 4, knobs), Data(torch.from_numpy(x)), seed=5)
    while True:
        try:
            next(training)
        except StopIteration as end:
            expected = end.value.labels(Data(torch.from_numpy(x))).numpy()
            break
    for given in (5, np.int64(5)):
        model = quick(random_state=given).fit(x)
        np.testing.assert_array_equal(model.labels_, expected)
        assert model.seed_ == 5


@pytest.mark.parametrize("given", [None, np.random.RandomState(0)])
def test_a_seed_that_was_drawn_is_kept_with_the_model(given, digits, tmp_path):
    x = digits[0][:120]
    model = quick(random_state=given).fit(x)
    model.save(tmp_path / "model")
    stored = engine.load(tmp_path / "model")
    assert stored.random_state == model.seed_
    np.testing.assert_array_equal(clone(stored).fit(x).labels_, model.labels_)
    assert model.fit(x).seed_ != stored.seed_, "drawn anew each time"


@pytest.mark.parametrize("kind", ["frame", "tensor", "picture", "colors", "series"])
def test_shapes_and_types(kind, digits):
    x = digits[0][:60]
    given = {
        "frame": pd.DataFrame(x),
        "tensor": torch.from_numpy(x),
        "picture": x.reshape(-1, 8, 8),
        "colors": np.repeat(x.reshape(-1, 1, 8, 8), 3, 1),
        "series": x.reshape(-1, 2, 32),
    }[kind]
    model = quick().fit(given)
    assert model.labels_.shape == (60,)
    np.testing.assert_array_equal(model.predict(given), model.labels_)
    assert model.predict_proba(given).shape == (60, 4)
    assert model.transform(given).shape == (60, 5)


def test_memory_map_gives_the_labels_of_memory(digits, tmp_path):
    x = digits[0][:100]
    np.save(tmp_path / "x.npy", x)
    there = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(quick().fit_predict(there), quick().fit_predict(x))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"n_clusters": 61}, "61 groups cannot be made of 60 rows"),
        ({"n_clusters": 0}, "0 groups cannot be made of 60 rows"),
        ({"n_clusters": None}, "needs to know the number of groups"),
        ({"method": "magic"}, "no method 'magic'"),
        ({"alpha": -1}, "Alpha cannot be -1"),
        ({"color": "red"}, "no setting 'color'"),
    ],
)
def test_faults_are_sentences(more, sentence, digits):
    settings = {"method": "dec", "n_clusters": 4, **short(METHODS["dec"].card), **more}
    with pytest.raises(engine.InputError, match=sentence):
        engine.Clusterer(**settings).fit(digits[0][:60])


def test_methods_without_degrees_have_no_predict_proba():
    assert hasattr(quick(), "predict_proba")
    assert not hasattr(engine.Clusterer("kmeans", 3), "predict_proba")


def test_load_says_what_it_cannot_read(tmp_path, digits):
    with pytest.raises(engine.InputError, match="not a model that Constella can read"):
        engine.load(tmp_path / "nothing")
    quick().fit(digits[0][:60]).save(tmp_path / "model")
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(engine.InputError, match="not a model that Constella can read"):
        engine.load(tmp_path / "model")


def test_numbers_of_numpy_are_saved(digits, tmp_path):
    x = digits[0][:60]
    model = engine.Clusterer("kmeans", np.int64(5), random_state=np.int64(3), restarts=np.int32(2)).fit(x)
    model.save(tmp_path / "model")
    stored = engine.load(tmp_path / "model")
    np.testing.assert_array_equal(stored.predict(x), model.labels_)
    assert (stored.n_clusters, stored.restarts, stored.random_state) == (5, 2, 3)


def earlier(path, **params):
    """Make a saved model one of an earlier version: settings in the JSON alone, of another machine."""
    about = json.loads(path.with_suffix(".json").read_text("utf-8"))
    about["params"] |= params
    path.with_suffix(".json").write_text(json.dumps(about), "utf-8")
    save_file(load_file(path.with_suffix(".safetensors")), path.with_suffix(".safetensors"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks what happens without a GPU")
def test_a_model_of_a_gpu_is_loaded_where_there_is_none(digits, tmp_path):
    x = digits[0][:60]
    model = engine.Clusterer("kmeans", 5, random_state=0).fit(x)
    model.save(tmp_path / "model")
    earlier(tmp_path / "model", device="cuda")
    for given in ({}, {"device": "cpu"}):
        np.testing.assert_array_equal(engine.load(tmp_path / "model", **given).predict(x), model.labels_)
    with pytest.raises(engine.InputError, match="no GPU that can be used"):
        engine.load(tmp_path / "model", device="cuda")
    with pytest.raises(engine.InputError, match="no device 'gpu'"):
        engine.load(tmp_path / "model", device="gpu")


@pytest.mark.parametrize("fails", ["save_file", "replace"])
def test_a_model_that_cannot_be_written_leaves_the_one_before(fails, digits, tmp_path, monkeypatch):
    x = digits[0][:60]
    before = engine.Clusterer("kmeans", 5, random_state=0).fit(x)
    before.save(tmp_path / "model")
    whole = Path.replace

    def broken(*given, **more):
        if fails == "save_file":
            Path(given[1]).write_bytes(b"half")
        elif given[0].suffix == ".safetensors":
            return whole(*given)
        raise OSError("disk full")

    monkeypatch.setattr(*((estimator, "save_file") if fails == "save_file" else (Path, "replace")), broken)
    after = engine.Clusterer("kmeans", 7, random_state=0).fit(x)
    with pytest.raises(OSError, match="disk full"):
        after.save(tmp_path / "model")
    monkeypatch.undo()
    expected = before if fails == "save_file" else after
    np.testing.assert_array_equal(engine.load(tmp_path / "model").predict(x), expected.labels_)
    assert {file.name for file in tmp_path.iterdir()} == {"model.json", "model.safetensors"}


def test_samples_are_read_by_name():
    assert "digits" in engine.samples()
    data = engine.read("digits")
    assert len(data) == 1797
    assert data.kind == "image"
    assert data.x.dtype == torch.float32


def test_new_members_of_a_group_are_made_up(digits, tmp_path):
    model = engine.Clusterer("vade", 4, random_state=0, **short(METHODS["vade"].card)).fit(
        digits[0][:200].reshape(-1, 8, 8)
    )
    made = model.generate(2, 5)
    assert made.shape == (5, 1, 8, 8)
    np.testing.assert_allclose(made[0], model.prototypes_[2], atol=1e-5)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(engine.load(tmp_path / "model").generate(2, 5), made)
    assert not np.array_equal(model.generate(2, 5, seed=1), made)
    for wrong, said in (
        ((4, 5), "There is no group 4"),
        ((-1, 5), "There is no group -1"),
        ((0, 0), "ask for one at least"),
    ):
        with pytest.raises(engine.InputError, match=said):
            model.generate(*wrong)
    with pytest.raises(engine.InputError, match="does not make up members"):
        quick().fit(digits[0][:200]).generate(0)
