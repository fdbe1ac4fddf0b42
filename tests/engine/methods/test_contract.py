"""What every method of the catalogue keeps, tested because it is in the catalogue."""

import ast
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

import engine
import engine.training.trainer
from engine.core.card import KINDS, PRESETS, Shows, check_knobs, knobs_of, preset
from engine.core.data import Data
from engine.core.snapshot import Outcome, Snapshot
from engine.inference.outcome import evaluate
from engine.methods import METHODS, NAMES
from engine.training.trainer import fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed

ROWS = 240


@pytest.fixture(scope="module")
def rows(digits) -> np.ndarray:
    return digits[0][:ROWS]


@pytest.fixture(params=METHODS)
def name(request) -> str:
    return request.param


def sample(rows: np.ndarray, kind: str) -> Data:
    """The same digits as a table, pictures or series; texts arrive as tables of numbers."""
    x = torch.from_numpy(rows)
    shapes = {"table": x, "text": x, "image": x.view(-1, 1, 8, 8), "series": x.view(-1, 1, 64)}
    return Data(shapes[kind], kind)


def train(
    name: str, data: Data, tensor_store: Memory | None = None, stop: int | None = None
) -> tuple[list[Snapshot], Outcome | None]:
    method = METHODS[name]
    knobs = check_knobs(method.card, short(method.card))
    k = 6 if method.card.needs_k else None
    done, seen = followed(fit(lambda d: method(d, k, knobs), data, seed=1, tensor_store=tensor_store), stop)
    return seen, None if done is None else evaluate(done, data)


@dataclass(frozen=True)
class Trained:
    """A whole training: what it showed, its outcome, and whether it left the process's random numbers alone."""

    seen: list[Snapshot]
    outcome: Outcome
    kept_random_numbers: bool


@pytest.fixture(scope="module")
def trained(rows) -> Callable[[str, str], Trained]:
    """`trained(name, kind)`: trained when it is first asked for."""

    @cache
    def once(name: str, kind: str) -> Trained:
        torch.manual_seed(7)
        before = torch.get_rng_state()
        seen, outcome = train(name, sample(rows, kind))
        return Trained(seen, outcome, torch.equal(torch.get_rng_state(), before))

    return once


def kind_of(name: str) -> str:
    kinds = METHODS[name].card.data
    return "table" if "table" in kinds else sorted(kinds & KINDS)[0]


def test_card_is_complete(name):
    card = METHODS[name].card
    assert card.id == name == Path(inspect.getfile(METHODS[name])).stem
    for part in fields(card):
        if part.name not in ("caution", "short", "shows", "data", "most_rows"):
            assert getattr(card, part.name) not in ("", None), part.name
    assert card.data
    assert card.data <= KINDS | {"graph"}
    assert card.idea.endswith(".")
    assert 1950 < card.year < 2030
    assert card.needs_k or card.estimates_k or card.transductive


def test_knobs_have_sentences_and_defaults_in_range(name):
    card = METHODS[name].card
    assert is_dataclass(card.knobs)
    for knob in knobs_of(card.knobs):
        assert knob.help.endswith("."), knob.name
        for value in (knob.default, knob.quick, knob.thorough):
            assert knob.check(value) == value
        if knob.kind in ("int", "float"):
            assert knob.low is not None, f"{knob.name} needs a range"
            assert knob.high is not None
    for one in PRESETS:
        assert check_knobs(card, preset(card.knobs, one))


def test_file_lists_its_deviations(name):
    text = ast.get_docstring(ast.parse(Path(inspect.getfile(METHODS[name])).read_text()))
    assert text is not None
    _, _, deviations = text.partition("\nDeviations\n----------\n")
    assert deviations.startswith("- ")
    assert all(line.startswith(("- ", "  ")) for line in deviations.splitlines())


def test_same_seed_gives_the_same_labels_on_every_kind_of_data(name, rows, trained):
    for kind in sorted(METHODS[name].card.data & KINDS):
        data = sample(rows, kind)
        seen, first = trained(name, kind).seen, trained(name, kind).outcome
        _, second = train(name, data)
        assert first.labels.dtype == np.int64
        assert first.labels.shape == (ROWS,)
        assert first.labels.min() >= -1
        np.testing.assert_array_equal(first.labels, second.labels)
        np.testing.assert_array_equal(first.embedding, second.embedding)
        check_outcome(first, data)
        check_promises(METHODS[name].card.shows, first)
        for one in seen:
            assert all(np.isfinite(value) for value in one.terms.values())
            for curve in (*one.terms, *(set(one.report) - {"reused"})):
                assert METHODS[name].card.meaning(curve).endswith("."), f"the card does not say what {curve!r} is"


def check_outcome(outcome: Outcome, data: Data) -> None:
    assert outcome.embedding.shape[0] == len(data)
    assert np.isfinite(outcome.embedding).all()
    if outcome.soft is not None:
        np.testing.assert_allclose(outcome.soft.sum(1), 1, atol=1e-4)
    if outcome.prototypes is not None:
        assert outcome.prototypes.shape[1:] == data.shape
        assert np.isfinite(outcome.prototypes).all()
    if outcome.interpolations is not None:
        pairs, drawn = outcome.interpolations
        assert outcome.prototypes is not None, "what draws the way draws its ends"
        for way, (a, b) in zip(drawn, pairs.tolist(), strict=True):
            np.testing.assert_allclose(way[0], outcome.prototypes[a], atol=1e-3)
            np.testing.assert_allclose(way[-1], outcome.prototypes[b], atol=1e-3)
    for labels in outcome.alternatives.values():
        assert labels.dtype == np.int64
        assert labels.shape == (len(data),)
    for node in outcome.tree or []:
        assert {"id", "parent", "left", "right", "size", "label", "height"} <= set(node)


def check_promises(shows: tuple[Shows, ...], outcome: Outcome) -> None:
    """What a card says the method shows is there to be seen."""
    promised = {
        Shows.GENERATED: outcome.generated,
        Shows.SOFT_LABELS: outcome.soft,
        Shows.PROTOTYPES: outcome.prototypes,
        Shows.MEDOIDS: outcome.prototypes,
        Shows.CENTERS: outcome.prototypes,
        Shows.GROUPINGS: outcome.alternatives,
        Shows.CUTS: outcome.alternatives,
        Shows.ALL_CUTS: outcome.alternatives,
    }
    trees = {Shows.TREE, Shows.MERGE_TREE, Shows.SPLIT_TREE}
    if outcome.labels.max() >= 1:  # one group alone has no tree
        promised |= dict.fromkeys(trees, outcome.tree)
    for promise, kept in promised.items():
        assert promise not in shows or (kept is not None and len(kept)), promise
    assert outcome.generated is None or Shows.GENERATED in shows
    assert outcome.tree is None or not trees.isdisjoint(shows)


def test_stopped_half_way_and_resumed_gives_the_same_labels(name, rows, trained, monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    data = sample(rows, kind_of(name))
    seen, whole = trained(name, kind_of(name)).seen, trained(name, kind_of(name)).outcome
    for stop in sorted({1, len(seen) // 2, len(seen) - 1} & set(range(1, len(seen)))):
        tensor_store = Memory()
        train(name, data, tensor_store, stop)
        # A pretraining that was finished may be reused: that is a second way to the same weights.
        _, resumed = train(name, data, tensor_store)
        np.testing.assert_array_equal(whole.labels, resumed.labels)


def test_process_keeps_its_own_random_numbers(name, trained):
    assert trained(name, kind_of(name)).kept_random_numbers


def test_saved_model_gives_the_same_labels(name, rows, tmp_path):
    data = sample(rows, kind_of(name))
    k = 6 if METHODS[name].card.needs_k else None
    model = engine.Clusterer(name, k, random_state=3, **short(METHODS[name].card)).fit(data)
    model.save(tmp_path / "model")
    again = engine.load(tmp_path / "model")
    np.testing.assert_array_equal(again.predict(data), model.labels_)
    np.testing.assert_array_equal(model.predict(data), model.labels_)


def test_registry_names_every_file_once():
    folder = Path(inspect.getfile(METHODS["kmeans"])).parent
    assert set(NAMES) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert [card.id for card in engine.catalogue()] == list(NAMES)


def test_cards_read_from_their_cache_equal_those_of_the_classes():
    for card in engine.catalogue():
        method = METHODS[card.id]
        assert knobs_of(card.knobs) == knobs_of(method.card.knobs)
        for part in fields(card):
            if part.name != "knobs":
                assert getattr(card, part.name) == getattr(method.card, part.name)
