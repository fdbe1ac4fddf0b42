"""The words that set the texts of a group apart (Monroe, Colaresi and Quinn 2008: log-odds with a Dirichlet prior)."""

import re
from typing import Any

import numpy as np
import pandas as pd

from engine.core.formatting import format_percent
from engine.results.explain import effect_sizes
from engine.results.record.record import Difference, Ints
from engine.results.text.markdown import escape

# Words that are looked at, most frequent first, and the strength of the prior in texts.
_WORDS = 5000
_PRIOR = 50.0
_SHOWN = 10
# Letters only: numbers and codes are no words.
_WORD = r"(?u)\b[^\W\d_]{2,}\b"
# Frequent in any text and missing from scikit-learn's list.
_EMPTY = (
    *("did", "does", "didn", "doesn", "don", "isn", "wasn", "ve", "ll", "just", "like", "want", "need", "got"),
    *("thanks", "thank", "dear", "hello", "hi", "regards", "new"),
)


def differences(texts: "pd.Series[str]", labels: Ints, k: int) -> list[list[Difference]]:
    """Per group the words that it uses more than the rest, strongest first, counted as shares of texts."""
    by_group: list[list[Difference]] = [[] for _ in range(k)]
    counted = occurrences(texts)
    if counted is None:
        return by_group
    counts, names = counted
    total = np.asarray(counts.sum(0)).ravel()
    for group in range(k):
        inside = np.asarray(counts[labels == group].sum(0)).ravel()
        score = log_odds(inside, total - inside, _PRIOR)
        z = effect_sizes.widened(k * len(names))
        best = [int(i) for i in np.argsort(-score, kind="stable")[: 2 * _SHOWN] if score[i] > z]
        for word in best:
            belongs = np.asarray(counts[:, word].todense()).ravel() > 0
            contrast = effect_sizes.of_shares(belongs, labels, k, z)[group]
            if contrast is not None and contrast.claimed and contrast.effect > 0:
                by_group[group].append(_difference(str(texts.name or "text"), str(names[word]), contrast))
        by_group[group] = by_group[group][:_SHOWN]
    return by_group


def occurrences(texts: "pd.Series[str]") -> tuple[Any, Any] | None:
    """Which text has which word, as a sparse matrix [n, words] of 0 and 1, and the words; None where none is frequent."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    least, stop = min(3, len(texts)), sorted(ENGLISH_STOP_WORDS.union(_EMPTY))
    counter = CountVectorizer(binary=True, min_df=least, max_features=_WORDS, stop_words=stop, token_pattern=_WORD)
    try:
        return counter.fit_transform(texts.fillna("").astype(str)).tocsc(), counter.get_feature_names_out()
    except ValueError:
        # No word occurs often enough.
        return None


def spoken(text: str) -> frozenset[str]:
    """The words of one text, as they are counted."""
    return frozenset(re.findall(_WORD, text.lower()))


def log_odds(inside: np.ndarray, outside: np.ndarray, prior: float) -> np.ndarray:
    """z-scores [words] of the log-odds ratio of two word counts, the prior being the joint frequencies (equation 22)."""
    alpha = prior * (inside + outside) / max(inside.sum() + outside.sum(), 1) + 1e-9
    n, m = inside.sum() + prior, outside.sum() + prior
    a, b = inside + alpha, outside + alpha
    delta = np.log(a / np.maximum(n - a, 1e-9)) - np.log(b / np.maximum(m - b, 1e-9))
    return np.asarray(delta / np.sqrt(1 / a + 1 / b))


def _difference(column: str, word: str, c: effect_sizes.Contrast) -> Difference:
    words = f"*{escape(word)}* (in {format_percent(c.inside)} of the texts against {format_percent(c.outside)})"
    return Difference(column, "word", word, c.inside, c.outside, c.effect, c.low, c.high, "share", words)
