"""Which features suit data, by rules that were measured (`benchmarks/features.py`) and cost next to nothing."""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

LOOKED_AT, BEGINNING = 500, 500
"""Texts that are looked at, about, and characters of each by which its language is told."""
LETTERS = (string.ascii_letters + string.whitespace).encode()
MOST_WORDS = 100
"""Words in the middle text up to which its meaning says more than the words it is made of."""
LEAST_ENGLISH = 0.04
"""Share of words that are among `ENGLISH`, from which texts are held for English: headlines have 0.1, questions 0.4."""
SHORTEST = 9
"""Moments of the middle series from which patterns can recur in it: the kernels that look for them span 7 to 11."""
WORD = re.compile(r"[^\W\d_]+")

MANY_LETTERS = 0.8
"""Share of letters a to z and blanks in texts that are in the script of English, and neither code nor numbers."""

ENGLISH = frozenset(
    WORD.findall(
        "the of and to in is for it that with on as was are be this have from or by not but what all when can there an your "
        "which their how if will has had they you we my do at"
    )
)
"""Frequent words of English."""
OTHERS = frozenset(
    WORD.findall(
        "der die das und ist nicht ein eine zu mit von auf den dem im wir ich el los las que y en un una por con para del se su "
        "es le les des et est du dans pour pas sur une au ce je il di che per non sono della e ho os do da em um uma não com het "
        "een van dat niet te zijn ik och att det som är på jag og er ikke jeg w na z się nie jest że ja bir ve için"
    )
)
"""Frequent words of other languages in the same script."""


def suggested_for_texts(texts: Sequence[str]) -> tuple[str, str]:
    """The features that suit texts, and why.

    Parameters
    ----------
    texts : sequence of str
        Some are looked at.

    Returns
    -------
    tuple of str
        Id of an encoder or "values", and a sentence for the user.

    Examples
    --------
    >>> suggested_for_texts(["Where is my card?", "I want to close the account."])[0]
    'meaning'
    >>> suggested_for_texts(["Wo ist meine Karte?", "Ich möchte das Konto schließen."])[0]
    'values'
    """
    looked_at = [str(text) for text in texts[:: max(len(texts) // LOOKED_AT, 1)]]
    start = "\n".join(text[:BEGINNING] for text in looked_at)
    words = Counter(WORD.findall(start.lower()))
    if not words:
        return "values", "The texts hold no words."
    if not (_in_letters(start) and _are_english(words)):
        return "values", "The texts do not read like English, the language that the sentence vectors know best."
    lengths = [len(text.split()) for text in looked_at]
    middle = int(np.median([length for length in lengths if length]))
    if middle > MOST_WORDS:
        return (
            "values",
            f"The texts are long, {middle} words in the middle: the words they use tell what they are about.",
        )
    return (
        "meaning",
        f"The texts are short, {middle} words in the middle: few share words, so what they mean is compared.",
    )


def suggested_for_series(values: np.ndarray) -> tuple[str, str]:
    """The features that suit series, and why.

    No statistic of series was found by which to tell where their values are better than their patterns
    (`benchmarks/suggested.py`), so that only series too short for patterns are compared by their values.

    Parameters
    ----------
    values : ndarray of shape (n, channels, time)
        NaN where there is no value; some series are looked at.

    Returns
    -------
    tuple of str
        Id of an encoder or "values", and a sentence for the user.

    Examples
    --------
    >>> suggested_for_series(np.zeros((20, 1, 100)))[0]
    'patterns'
    >>> suggested_for_series(np.zeros((20, 1, 5)))[0]
    'values'
    """
    present = np.isfinite(values[:: max(len(values) // LOOKED_AT, 1)]).any(axis=1)
    ends = values.shape[2] - present[:, ::-1].argmax(axis=1)
    middle = int(np.median(np.where(present.any(axis=1), ends, 0)))
    if middle < SHORTEST:
        return "values", f"The series are short, {middle} moments in the middle: they are compared moment by moment."
    return (
        "patterns",
        "Series of one kind rarely run in step, so the short shapes in them are compared, wherever they occur: in tests on "
        "sets with known groups this found far more of them than comparing moment by moment.",
    )


def _in_letters(text: str) -> bool:
    signs = text.encode("ascii", "ignore")
    plain = len(signs) - len(signs.translate(None, LETTERS))
    return plain >= MANY_LETTERS * len(text)


def _are_english(counts: Counter[str]) -> bool:
    english, others = (sum(counts[word] for word in known) for known in (ENGLISH, OTHERS))
    return english >= LEAST_ENGLISH * counts.total() and english > 2 * others
