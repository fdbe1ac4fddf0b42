"""Which features suit data, by rules that were measured (`benchmarks/features.py`) and cost next to nothing."""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

LOOKED_AT, BEGINNING = 500, 500
"""Texts or pictures that are looked at, about, and characters of each by which its language is told."""
LETTERS = (string.ascii_letters + string.whitespace).encode()
MOST_WORDS = 100
"""Words in the middle text up to which its meaning says more than the words it is made of."""
FEW_TEXTS = 400
"""Texts up to which meaning says more even of long ones: with few, hardly a word is shared often enough to count."""
LEAST_ENGLISH = 0.04
"""Share of words that are among `ENGLISH`, from which texts are held for English: headlines have 0.1, questions 0.4."""
SHORTEST = 9
"""Moments of the middle series from which patterns can recur in it: the kernels that look for them span 7 to 11."""
SMALL = 32
"""Pixels on the longer side of pictures that may be told apart by their pixels alone."""
TINY = 12
"""Pixels on the longer side up to which a network sees too little."""
PLAIN, THIN, ALIKE = 0.6, 0.45, 0.07
"""Share of the border that is background; share of the ink that is left when its outermost pixels are taken away; standard
deviation of where ink begins and ends, as a share of the height."""
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
    if middle > MOST_WORDS and len(texts) > FEW_TEXTS:
        return (
            "values",
            f"The texts are many and long, typically {middle} words: the words they use tell what they are about.",
        )
    few = "few" if middle > MOST_WORDS else f"short, typically {middle} words"
    return "meaning", f"The texts are {few}: they share few words, so it says more to compare what they mean."


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
        return "values", f"The series are short, typically {middle} moments: too short to look for shapes in them."
    return (
        "patterns",
        "Series of one kind rarely run in step, so it says more to compare the short shapes in them, wherever they occur. In "
        "tests on series with known groups, this found far more of the groups than comparing moment by moment.",
    )


def _in_letters(text: str) -> bool:
    signs = text.encode("ascii", "ignore")
    plain = len(signs) - len(signs.translate(None, LETTERS))
    return plain >= MANY_LETTERS * len(text)


def _are_english(counts: Counter[str]) -> bool:
    english, others = (sum(counts[word] for word in known) for known in (ENGLISH, OTHERS))
    return english >= LEAST_ENGLISH * counts.total() and english > 2 * others


def suggested_for_pictures(values: np.ndarray) -> tuple[str, str]:
    """The features that suit pictures, and why: whether they are compared pixel by pixel, or by what is on them.

    What is on them is compared, except where pixels were measured to say more: small pictures of thin strokes on a plain
    background that all fill the frame in the same way, as scanned digits do. The numbers were chosen on MNIST, USPS, optdigits
    and scikit-learn's digits (pixels), and on CIFAR-10, COIL-20, ORL faces, Fashion-MNIST, ants and bees (what is on them); what
    k-means finds on these is in `benchmarks/results/features.json`. They were checked on gray, inverted and smaller copies of
    them, and on printed letters and filled shapes that were made to move about in the frame, which pixels do not tell apart.

    Parameters
    ----------
    values : ndarray of shape (n, height, width, bands), uint8
        At most `LOOKED_AT` of them are looked at.

    Returns
    -------
    tuple of str
        "objects" or "values", and a sentence for the user.

    Examples
    --------
    >>> from sklearn.datasets import load_digits, load_sample_image
    >>> digits = (load_digits().images * 15.9).astype(np.uint8)[..., None]
    >>> suggested_for_pictures(digits)[0]
    'values'
    >>> flower = load_sample_image("flower.jpg")[:420, :640].reshape(6, 70, 10, 64, 3).swapaxes(1, 2).reshape(60, 70, 64, 3)
    >>> suggested_for_pictures(flower)[0]
    'objects'
    """
    height, width, bands = values.shape[1:]
    if bands not in (1, 3):
        return (
            "values",
            f"The pictures have {bands} bands, and networks for pictures have seen those of red, green and blue.",
        )
    if max(height, width) <= TINY:
        return "values", f"The pictures have {width} x {height} pixels: too few for a network that knows photographs."
    if max(height, width) > SMALL:
        return (
            "objects",
            f"The pictures have {width} x {height} pixels, enough to compare what is on them wherever it is.",
        )
    distance = _from_background(values[:: -(-len(values) // LOOKED_AT)])
    border = np.concatenate(
        [distance[:, [0, -1]].reshape(len(distance), -1), distance[:, :, [0, -1]].reshape(len(distance), -1)], 1
    )
    if np.median((border < 0.12).mean(axis=1)) < PLAIN:
        return (
            "objects",
            "The pictures have no plain background, as photographs: it says more to compare what is on them than their pixels.",
        )
    ink = distance > 0.5
    if np.median(_inside(ink).sum(axis=(1, 2)) / np.maximum(ink.sum(axis=(1, 2)), 1)) > THIN:
        return (
            "objects",
            "The pictures show things, not strokes: it says more to compare what they are than their pixels.",
        )
    rows = np.asarray(ink.any(axis=2))
    first, last = rows.argmax(axis=1), rows[:, ::-1].argmax(axis=1)
    if max(first.std(), last.std()) > ALIKE * height:
        return (
            "objects",
            "The pictures show strokes at different places: it says more to compare what they are than their pixels.",
        )
    return (
        "values",
        "The pictures show thin strokes, all put into the frame in the same way: their pixels say more than a network that knows "
        "photographs.",
    )


def _from_background(values: np.ndarray) -> np.ndarray:
    """How far each pixel [n, h, w] is from the middle color of the border, as a share of the farthest of its picture."""
    x = values.astype(np.float32)
    border = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)
    distance = np.abs(x - np.median(border, axis=1)[:, None, None]).max(axis=3)
    share: np.ndarray = distance / np.maximum(distance.max(axis=(1, 2), keepdims=True), 1)
    return share


def _inside(ink: np.ndarray) -> np.ndarray:
    """Ink [n, h, w] without the pixels next to the background."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    inside: np.ndarray = ink & padded[:, 2:, 1:-1] & padded[:, :-2, 1:-1] & padded[:, 1:-1, 2:] & padded[:, 1:-1, :-2]
    return inside
