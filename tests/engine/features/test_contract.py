"""Every encoder keeps the contract of `engine.features.base.Encoder`, for each kind of data that it takes."""

import inspect
import json
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.features import NAMES, encoder, encoders
from engine.features.base import Encoder

N = 12
CASES = [(name, kind) for name in NAMES for kind in sorted(encoder(name).card.kinds)]
HEAVY = ("torch", "torchvision", "sklearn", "onnxruntime", "pandas")


def pictures() -> np.ndarray:
    """Stripes and blots of several colors, uint8 [n, 32, 40, 3]."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 60, (N, 32, 40, 3))
    for i in range(N):
        x[i, :: 2 + i % 3, :, i % 3] += 150
        x[i, 5 : 8 + i, 10:20] += 40
    return x.astype(np.uint8)


def series() -> np.ndarray:
    """Waves and steps in two channels, float [n, 2, 80], one of them shorter."""
    rng, time = np.random.default_rng(0), np.arange(80)
    waves = np.stack([np.sin(time / (3 + i % 4)) + (time > 40) * (i % 2) for i in range(N)])
    x = np.stack([waves, np.cumsum(rng.normal(size=(N, 80)), axis=1)], axis=1)
    x[3, :, 60:] = np.nan
    return x


def texts() -> np.ndarray:
    """Complaints about three things, and one text without a word."""
    things = ("My card has not arrived", "The soup was too salty", "The train is late again")
    found = [f"{things[i % 3]}, and that for the {i}th time." for i in range(N)]
    return np.array([*found[:-1], ""], dtype=object)


def rows() -> pd.DataFrame:
    """Numbers and words, with blanks in both."""
    rng = np.random.default_rng(0)
    words = np.array(["red", "green", "blue", None], dtype=object)
    frame = pd.DataFrame({"size": rng.normal(size=N), "weight": rng.normal(size=N), "color": words[np.arange(N) % 4]})
    frame.loc[2, "size"] = np.nan
    return frame


VALUES = {"image": pictures, "series": series, "text": texts, "table": rows}


@cache
def fitted(name: str, kind: str) -> tuple[Encoder, np.ndarray]:
    return encoder(name).fit(VALUES[kind]())


def some(values: Any, places: list[int]) -> Any:
    return values.iloc[places].reset_index(drop=True) if isinstance(values, pd.DataFrame) else values[places]


@pytest.mark.parametrize("name", NAMES)
def test_card_is_complete(name):
    found = encoder(name)
    card = found.card
    assert (card.id, found.__name__) == (name, NAMES[name])
    assert card.name[:1].isupper()
    assert card.idea.endswith(".")
    assert card.source
    assert card.kinds
    assert card.kinds <= set(VALUES)
    assert bool(card.license) == bool(card.trained_on) == (card.size > 0), "what weights have seen, and whose they are"
    assert not inspect.isabstract(found)


def test_cards_are_told_apart():
    cards = encoders()
    assert len({card.name for card in cards}) == len({card.idea for card in cards}) == len(cards)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_features_are_centered_and_of_one_scale(name, kind):
    x = fitted(name, kind)[1]
    assert x.dtype == np.float32
    assert x.shape[0] == N
    assert 1 <= x.shape[1] <= 256
    assert np.isfinite(x).all()
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(x.var(axis=0).mean(), 1, atol=1e-3)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_same_values_give_the_same_features(name, kind):
    np.testing.assert_array_equal(encoder(name).fit(VALUES[kind]())[1], fitted(name, kind)[1])


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_values_are_transformed_as_they_were_fitted_in_any_company(name, kind):
    found, x = fitted(name, kind)
    values = VALUES[kind]()
    np.testing.assert_allclose(found.transform(values), x, atol=2e-3)
    np.testing.assert_allclose(found.transform(some(values, [7, 2])), x[[7, 2]], atol=2e-3)
    np.testing.assert_allclose(found.transform(some(values, [5])), x[[5]], atol=2e-3)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_stored_encoder_transforms_alike(name, kind):
    found, _ = fitted(name, kind)
    arrays = found.arrays()
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in arrays.values())
    back = encoder(name).read(arrays, json.loads(json.dumps(found.settings())))
    values = VALUES[kind]()
    np.testing.assert_array_equal(back.transform(values), found.transform(values))
    assert back.names == found.names


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_each_feature_has_a_name_of_its_own(name, kind):
    found, x = fitted(name, kind)
    assert len(found.names) == len(set(found.names)) == x.shape[1]
    assert all(isinstance(each, str) and each for each in found.names)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_progress_ends_at_one(name, kind):
    shares: list[float] = []
    encoder(name).fit(VALUES[kind](), shares.append)
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    assert not shares or shares[-1] == 1


@pytest.mark.parametrize("places", [[0, 1], [4, 4, 4, 4], [0, 0, 0, 1]], ids=["two", "identical", "one differs"])
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_few_and_equal_values_are_finite_or_refused(name, kind, places):
    values = some(VALUES[kind](), places)
    try:
        found, x = encoder(name).fit(values)
    except InputError:
        return
    assert len(x) == len(places)
    assert np.isfinite(x).all()
    assert np.isfinite(found.transform(values)).all()


def test_cards_are_read_without_heavy_packages():
    """The web server lists encoders, and must neither wait for these packages nor keep them in memory."""
    code = "import sys, engine.features as f; f.encoders(); print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded
    assert not set(loaded) & set(HEAVY)
