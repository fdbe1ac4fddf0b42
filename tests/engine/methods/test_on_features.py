"""Every method that takes a table runs on every kind of features."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import engine
from engine import Clusterer
from tests.engine.intake.test_feature_recipe import stripes
from tests.engine.small import short

ROWS = 60
CARDS = {card.id: card for card in engine.catalogue() if "table" in card.data}
ENCODERS = {card.id: card for card in engine.encoders()}
PAIRS = list(product(CARDS, ENCODERS))
FEW = [(method, list(ENCODERS)[i % len(ENCODERS)]) for i, method in enumerate(CARDS)]


def samples(kind: str) -> Any:
    """60 samples of a kind, of three sorts."""
    draw, sort = np.random.default_rng(0), np.arange(ROWS) % 3
    if kind == "image":
        return stripes(ROWS)
    if kind == "series":
        return np.sin(np.outer(1.0 + sort, np.linspace(0, 12, 50)))[:, None] + draw.normal(
            scale=0.2, size=(ROWS, 1, 50)
        )
    if kind == "text":
        topics = ("the engine of the car does not start", "this soup needs more salt", "rain is expected all day")
        return [f"{topics[s]} {i}" for i, s in enumerate(sort)]
    return pd.DataFrame(
        {"size": sort + draw.normal(scale=0.1, size=ROWS), "color": np.array(["red", "green", "blue"])[sort]}
    )


@cache
def fitted(encoder: str) -> np.ndarray:
    """The features of one encoder; made once, since every method gets the same."""
    (kind, *_) = sorted(ENCODERS[encoder].kinds)
    found = Clusterer("kmeans", 3, features=encoder, random_state=0, restarts=1).fit(samples(kind))
    return np.asarray(found.method_.embed(found._data(samples(kind), reset=False)).cpu())


def check(method: str, encoder: str) -> None:
    """A label for every sample."""
    card, x = CARDS[method], fitted(encoder)
    k = 3 if card.needs_k else None
    labels = Clusterer(method, k, random_state=1, **short(card)).fit_predict(x)
    assert labels.shape == (ROWS,)
    assert labels.dtype == np.int64
    assert labels.max() < ROWS


@pytest.mark.parametrize(("method", "encoder"), FEW)
def test_a_method_takes_features(method: str, encoder: str) -> None:
    check(method, encoder)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "encoder"), [pair for pair in PAIRS if pair not in FEW])
def test_a_method_takes_every_kind_of_features(method: str, encoder: str) -> None:
    check(method, encoder)
