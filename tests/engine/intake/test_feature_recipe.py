"""Features in place of values: fitted once, kept, and made of new data in the same way."""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Preparation, inspect, prepare, preprocessing_summary, suggest
from engine.intake.recipes.feature_recipe import FeatureRecipe, as_rows, plain
from engine.intake.recipes.stored import recipe_from_json


def stripes(n: int = 24) -> np.ndarray:
    """Gray pictures [n, 16, 16], with stripes across, along or none, of some brightness."""
    draw = np.random.default_rng(0)
    across = np.tile(np.repeat(np.uint8([0, 200]), 4), (16, 2))
    kinds = np.stack([across, across.T, np.full((16, 16), 100, np.uint8)])
    return (kinds[np.arange(n) % 3] + draw.integers(0, 40, (n, 16, 16))).astype(np.uint8)


class Kept(dict[str, tuple[np.ndarray, dict[str, Any]]]):
    """Features in memory, counted."""

    def put(self, key: str, x: np.ndarray, recipe: dict[str, Any]) -> None:
        self[key] = (x, recipe)


def test_pictures_become_rows_of_features_and_stay_pictures_for_showing():
    raw = inspect(stripes())
    prepared = prepare(raw, Preparation(features="texture"))
    assert prepared.kind == "table"
    assert prepared.x.shape[0] == 24
    assert prepared.x.ndim == 2
    assert prepared.shown.x.shape == (24, 1, 16, 16)
    assert prepared.shown.kind == "image"
    assert prepared.recipe.columns_out
    assert prepare(raw, Preparation()).shown.base is None


def test_the_recipe_comes_back_and_prepares_new_data_alike():
    values = stripes(30)
    prepared = prepare(inspect(values[:24]), Preparation(features="texture"))
    again = recipe_from_json(prepared.recipe.to_json())
    assert isinstance(again, FeatureRecipe)
    np.testing.assert_allclose(again.apply(inspect(values[:24])), prepared.x, atol=1e-5)
    assert again.apply(inspect(values[24:])).shape == (6, prepared.x.shape[1])
    assert plain(again).kind == "image"


def test_features_that_were_made_are_found_again():
    raw, kept = inspect(stripes()), Kept()
    first = prepare(raw, Preparation(features="texture"), store=kept)
    (key,) = kept
    kept[key] = (kept[key][0] + 1, kept[key][1])
    second = prepare(raw, Preparation(features="texture"), store=kept)
    np.testing.assert_allclose(second.x, first.x + 1)
    prepare(inspect(stripes(21)), Preparation(features="texture"), store=kept)
    assert len(kept) == 2, "other rows are other features"


def test_the_choice_is_part_of_the_key_which_for_values_is_that_of_earlier_versions():
    before = {name: value for name, value in Preparation().to_json().items() if name != "features"}
    text = json.dumps(before, sort_keys=True, ensure_ascii=False)
    assert Preparation().key() == hashlib.sha256(text.encode()).hexdigest()
    assert Preparation.from_json(before).features == "values"
    chosen = Preparation(features="texture")
    assert Preparation.from_json(chosen.to_json()) == chosen
    assert chosen.key() != Preparation().key()


def test_features_of_another_kind_are_refused_in_a_sentence():
    with pytest.raises(InputError, match=r"compares pictures, and .*holds tables"):
        prepare(inspect(np.eye(5)), Preparation(features="texture"))
    with pytest.raises(InputError, match=r"There are no features 'nonsense'\. Choose one of values, "):
        Preparation(features="nonsense")


def test_what_will_be_done_names_the_features():
    said = preprocessing_summary(inspect(stripes()), Preparation(features="texture"))
    assert said[0] == "24 pictures take part."
    assert "“Texture and color”" in said[1]


def test_rows_are_numbers_and_words_with_their_blanks():
    frame = pd.DataFrame(
        {
            "size": [1.5, 2.5, None, 4.0],
            "color": ["red", "blue", None, "red"],
            "when": pd.to_datetime(["2024-01-01"] * 3 + [None]),
        }
    )
    frame.loc[1, "when"] = pd.Timestamp("2024-03-01")
    raw = inspect(frame)
    prepared = prepare(raw, suggest(raw))
    rows = as_rows(prepared.recipe.cleaned(prepared.recipe.checked(raw)).rows, prepared.recipe)
    assert rows["color"].tolist() == ["red", "blue", None, "red"]
    assert np.isnan(rows["size"][2])
    assert rows["size"][0] < rows["size"][1] < rows["size"][3]
    assert np.isnan(rows["when"][3])
