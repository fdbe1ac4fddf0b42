"""Results on disk: what is written comes back, and what is damaged is said to be."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.core.snapshot import Outcome
from engine.results import add_check, add_map, load_embedding, load_result, save_result
from engine.results.record import serialization
from engine.results.record.diagnostics import Robustness


def _saved(result):
    parts = {}
    save_result(result, parts.__setitem__)
    return parts


@pytest.mark.parametrize("case", ["penguins", "pictures", "waves"])
def test_round_trip(case, request):
    mine = request.getfixturevalue(case).result
    parts = _saved(mine)
    back = load_result(parts.__getitem__)
    for name, value in vars(mine).items():
        other = getattr(back, name)
        if isinstance(value, np.ndarray) and name != "embedding":
            assert np.array_equal(value, other), name
            assert value.dtype == other.dtype, name
        elif isinstance(value, int | float | str | dict | list | tuple) and name not in ("maps", "alternatives"):
            assert value == other, name
    assert mine.maps.keys() == back.maps.keys()
    assert np.array_equal(mine.maps["pca3"], back.maps["pca3"])
    assert np.array_equal(mine.baseline.labels, back.baseline.labels)
    assert (mine.baseline.agreement, mine.baseline.standing) == (back.baseline.agreement, back.baseline.standing)
    if mine.prototypes.table is not None:
        pd.testing.assert_frame_equal(mine.prototypes.table, back.prototypes.table)
    else:
        assert np.array_equal(mine.prototypes.values, back.prototypes.values)
    if mine.bands is not None:
        assert np.array_equal(mine.bands.low, back.bands.low)
    if mine.confusion is not None:
        assert np.array_equal(mine.confusion.counts, back.confusion.counts)
        assert (mine.confusion.groups, mine.confusion.classes) == (back.confusion.groups, back.confusion.classes)


def test_the_list_of_parts_comes_last(penguins):
    written = []
    save_result(penguins.result, lambda name, content: written.append(name))
    assert written[-1] == "result.json"
    assert all(name.endswith((".json", ".parquet", ".safetensors")) for name in written)


def test_the_embedding_is_read_when_it_is_asked_for(penguins):
    parts = _saved(penguins.result)
    back = load_result(parts.__getitem__)
    assert back.embedding is None
    assert np.array_equal(load_embedding(back, parts.__getitem__), penguins.result.embedding)


def test_a_map_is_added_without_rewriting_the_rest(penguins):
    parts = _saved(penguins.result)
    back = load_result(parts.__getitem__)
    written = []
    positions = np.random.default_rng(0).normal(size=(len(back), 2)).astype(np.float32)

    def write(name, content):
        written.append(name)
        parts[name] = content

    add_map(back, "umap2", positions, write)
    assert written == ["map-umap2.safetensors", "result.json"]
    again = load_result(parts.__getitem__)
    assert np.array_equal(again.maps["umap2"], positions)
    assert np.array_equal(load_embedding(again, parts.__getitem__), penguins.result.embedding)


def _shaken(share):
    return Robustness(*(np.full(3, share, np.float32) for _ in range(4)))


def test_an_answer_is_replaced_while_others_read(penguins):
    parts = _saved(penguins.result)

    def write(name, content):
        parts[name] = content
        shown.append(load_result(parts.__getitem__).robustness)

    for share in (0.25, 0.75):
        shown = []
        add_check(load_result(parts.__getitem__), "robustness", _shaken(share), write)
        assert len(shown) == 2
        assert shown[0] is None if share == 0.25 else shown[0].aimed[0] == 0.25, "what was there before"
        assert shown[1].aimed[0] == share
    again = _saved(load_result(parts.__getitem__))
    assert load_result((parts | again).__getitem__).robustness.aimed[0] == 0.75


def test_an_answer_under_its_former_name_opens(penguins, monkeypatch):
    monkeypatch.setattr(serialization, "_check_part", lambda name, content: f"check-{name}.safetensors")
    parts = _saved(penguins.result)
    add_check(load_result(parts.__getitem__), "robustness", _shaken(0.5), parts.__setitem__)
    assert "check-robustness.safetensors" in parts
    assert load_result(parts.__getitem__).robustness.aimed[0] == 0.5


@pytest.mark.parametrize("part", ["members.parquet", "map-pca2.safetensors", "prototypes.parquet", "result.json"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_damage_is_one_sentence(penguins, part, damage):
    parts = _saved(penguins.result)
    content = bytearray(parts[part])
    content[len(content) // 2] ^= 1
    if damage == "gone":
        del parts[part]
    else:
        parts[part] = bytes(content) if damage == "flipped" else bytes(parts[part][: len(content) // 2])
    with pytest.raises(InputError, match=r"The stored result is damaged: its part .* is missing or changed\."):
        load_result(parts.__getitem__)


def test_files_that_cannot_be_read_are_the_same_sentence(tmp_path):
    with pytest.raises(InputError, match="damaged"):
        load_result(lambda name: (tmp_path / name).read_bytes())


def test_alternatives_tree_and_odd_names_survive(grouped, penguins):
    from engine.results.build import build

    labels = penguins.outcome.labels
    tree = [{"id": 0, "parent": None, "left": None, "right": None, "size": 5, "label": 0, "height": float("nan")}]
    outcome = Outcome(
        labels, None, penguins.outcome.embedding, None, None, {"coarse / <b>": labels // 2}, tree, {"depth": 2.0}
    )
    mine = build(outcome, penguins.prepared, penguins.raw, card=penguins.card)
    back = load_result(_saved(mine).__getitem__)
    assert np.array_equal(back.alternatives["coarse / <b>"], labels // 2)
    assert back.tree == [tree[0] | {"height": None}]
    assert back.report == {"depth": 2.0}


def _first_version():
    """Parts of a result as the first version of the format has them: 60 people of two columns in three groups."""
    with zipfile.ZipFile(Path(__file__).with_name("stored_result.zip")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_result_of_the_first_version_is_read_under_the_present_names():
    found = load_result(_first_version().__getitem__)
    assert (found.outlier_score[-1], found.reconstruction_error[-1]) == pytest.approx((1.2, 0.5))
    assert [warning.sentence for warning in found.warnings] == ["Group 3 is **a tiny group**."]
    surrogate, made = found.explanations.surrogate, found.explanations
    assert (surrogate.fidelity, surrogate.majority) == pytest.approx((16 / 18, 6 / 18))
    assert (surrogate.held_out, surrogate.n_features, len(surrogate.branches)) == (18, 2, 5)
    assert [bins.column for bins in made.distributions.bins] == ["income", "age"]
    assert made.distributions.medians[0].tolist() == [40.305, 33.3]
    assert (made.interpolations.steps, len(made.interpolations.table)) == (5, 10)
    assert (made.generated.each, len(made.generated.table)) == (2, 6)
    assert made.overall["age"].iloc[0] == pytest.approx(30.418, abs=1e-3)
    assert made.averages["age"].iloc[2] == pytest.approx(32.71)
    assert found.robustness.aimed.tolist() == [0.25, 0.25, 0.25]


def test_what_is_stored_keeps_the_names_of_the_first_version():
    old = _first_version()
    new = _saved(load_result(old.__getitem__))
    assert set(new) == set(old) - {"embedding.safetensors"}
    assert json.loads(new["understanding.json"]) == json.loads(old["understanding.json"])
    keys = [set(json.loads(json.loads(parts["result.json"])["content"])) for parts in (old, new)]
    assert keys[0] | {"share_columns"} == keys[1]
    columns = [list(pd.read_parquet(io.BytesIO(parts["members.parquet"]))) for parts in (old, new)]
    assert columns[0] == columns[1]
