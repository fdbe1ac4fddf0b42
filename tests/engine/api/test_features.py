"""Clusterer with features: fitted, applied to new samples, saved and loaded."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import engine
from engine import Clusterer, InputError
from engine.api.catalogue import card
from engine.api.encoding import encoder_values, features_for
from tests.engine.intake.test_feature_recipe import stripes


def test_pictures_are_grouped_by_their_features_and_new_ones_placed(tmp_path: Path) -> None:
    x = stripes(60)
    model = Clusterer("kmeans", 3, features="texture", random_state=0).fit(x[:48])
    kinds = np.arange(60) % 3
    assert len(set(zip(model.labels_.tolist(), kinds[:48].tolist(), strict=True))) == 3
    assert (model.predict(x[:48]) == model.labels_).all()
    assert len(set(zip(model.predict(x[48:]).tolist(), kinds[48:].tolist(), strict=True))) == 3
    assert model.get_params()["features"] == "texture"
    model.save(tmp_path / "model")
    again = engine.load(tmp_path / "model")
    assert (again.predict(x[48:]) == model.predict(x[48:])).all()
    assert again.features == "texture"


@pytest.mark.parametrize(
    ("shape", "result"), [((5, 8, 9), (5, 8, 9, 1)), ((5, 3, 8, 9), (5, 8, 9, 3)), ((5, 8, 9, 3), (5, 8, 9, 3))]
)
def test_pictures_of_any_form(shape: tuple[int, ...], result: tuple[int, ...]) -> None:
    values = encoder_values(np.ones(shape), "texture")
    assert values.shape == result
    assert values.dtype == np.uint8
    assert (values == 255).all(), "fractions up to 1"


def test_series_texts_and_what_does_not_fit() -> None:
    assert encoder_values(np.zeros((5, 30)), "patterns").shape == (5, 1, 30)
    assert encoder_values(["a", None, "b"], "meaning").tolist() == ["a", "", "b"]
    with pytest.raises(InputError, match="are made of pictures"):
        encoder_values(np.zeros((5, 30)), "texture")
    with pytest.raises(InputError, match="from 0 to 1 or from 0 to 255"):
        encoder_values(np.full((5, 8, 8), -1.0), "texture")


def test_data_that_are_prepared_are_not_encoded_again() -> None:
    data = engine.read(stripes(), features="texture")
    assert Clusterer("kmeans", 3, random_state=0).fit(data).labels_.shape == (24,)
    with pytest.raises(InputError, match="prepared already"):
        Clusterer("kmeans", 3, features="texture").fit(data)


def test_encoders_are_listed() -> None:
    ids = [card.id for card in engine.encoders()]
    assert {"objects", "texture", "patterns", "meaning"} <= set(ids)
    assert all("series" in card.kinds for card in engine.encoders("series"))


def test_auto_tries_candidates_and_is_the_one_it_chose(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(90, 3)) + 9 * np.eye(3)[np.arange(90) % 3]
    model = Clusterer("auto", None, random_state=0, budget=30).fit(x)
    kinds = np.arange(90) % 3
    assert len(set(zip(model.labels_.tolist(), kinds.tolist(), strict=True))) == 3
    assert model.chosen_["k"] == 3
    assert model.chosen_["method"] in {one["method"] for one in model.candidates_}
    assert (model.predict(x[:12]) == model.labels_[:12]).all()
    model.save(tmp_path / "model")
    assert (engine.load(tmp_path / "model").predict(x) == model.labels_).all()


def test_what_suits_samples_is_compared_where_that_is_asked_for(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    waves = np.stack([np.sin(np.linspace(0, 9 + 9 * (i % 2), 80) + draw.uniform(0, 6)) for i in range(30)])[:, None]
    model = Clusterer("kmeans", 2, features="auto", random_state=0).fit(waves)
    assert model.features_ == "patterns"
    assert len(set(zip(model.labels_.tolist(), (np.arange(30) % 2).tolist(), strict=True))) == 2
    model.save(tmp_path / "model")
    assert (engine.load(tmp_path / "model").predict(waves) == model.labels_).all()
    table = Clusterer("kmeans", 2, features="auto", random_state=0).fit(draw.normal(size=(20, 3)))
    assert table.features_ == "values"
    assert engine.read(waves, features="auto").kind == "table"
    assert engine.read(waves).kind == "series"


def test_a_method_that_takes_no_features_compares_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    kmeans = dataclasses.replace(card("kmeans"), data=frozenset({"series"}))
    assert features_for(np.random.default_rng(0).normal(size=(20, 1, 80)), kmeans) == "values"
    assert features_for(engine.read(stripes()), card("kmeans")) == "values"


QUESTIONS = ["Where is my card?", "I want to close the account.", "The card is lost.", "Please close my account now."]


@pytest.mark.parametrize("form", [list, np.array, pd.Series, lambda texts: pd.DataFrame({"question": texts})])
def test_texts_in_any_form_are_compared_by_meaning(form: Callable[[list[str]], Any]) -> None:
    texts = form([f"{text} Ticket {i}." for i in range(6) for text in QUESTIONS])
    model = Clusterer("kmeans", 2, features="auto", random_state=0).fit(texts)
    assert model.features_ == "meaning"
    assert (model.predict(texts) == model.labels_).all()


def test_rows_in_any_form_are_compared_by_their_values_or_with_words_by_similarity() -> None:
    rows = [[0.0, 1.0], [1.0, 1.0], [9.0, 2.0], [10.0, 2.0]]
    assert Clusterer("kmeans", 2, features="auto", random_state=0).fit(rows).features_ == "values"
    mixed = pd.DataFrame({"size": range(20), "color": list("ab") * 10})
    assert Clusterer("kmeans", 2, features="auto", random_state=0).fit(mixed).features_ == "neighbors"
    found = Clusterer("auto", 2, budget=5, random_state=0).fit(rows * 5)
    assert (found.predict(rows) == found.labels_[:4]).all()
