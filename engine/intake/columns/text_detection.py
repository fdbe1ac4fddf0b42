"""Whether cells are texts: sentences, titles, keywords, scripts without spaces, hashtags; not names, ids or categories."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.columns.column_names import ENTITY, PERSON, WRITTEN, is_code, is_key, is_postal, speaks_of

SAMPLE = 2000
DIFFERENT = 0.3  # of the cells of a column of texts have a value of their own
SENTENCE = 4  # words
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
LEAST_LETTERS = 6  # of a script without spaces; names are shorter
MARKS = r"(^|\s)#\pL|[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}]"
LETTERS = r"\pL{2}|" + UNSPACED
CAPITALIZED = r"^\p{Lu}[\pL'.-]* (\p{Lu}[\pL'.-]* )?\p{Lu}[\pL'-]*$"
MOST = 0.6  # of the cells
TOO_COMMON = 0.5  # share of the cells from which a word tells nothing
FEW_SHARED = 5


def is_text(name: str, counts: pd.Series[int], distinct: int, filled: int) -> bool:
    """Whether a column of words holds texts.

    Parameters
    ----------
    name : str
        What the column is called.
    counts : pandas.Series
        How often its most frequent values come, the values as index.
    distinct, filled : int
        How many different values it has, and how many cells with one.
    """
    if distinct <= 1 or distinct < DIFFERENT * filled:
        return False
    cells = pa.array(counts.index[:SAMPLE].astype("str"), pa.string())
    words = float(pc.approximate_median(pc.count_substring_regex(cells, r"\S+")).as_py())
    if words >= SENTENCE:
        return True
    if is_key(name) or is_postal(name) or is_code(name) or speaks_of(name, PERSON | ENTITY):
        return False
    if float(pc.approximate_median(pc.count_substring_regex(cells, UNSPACED)).as_py()) >= LEAST_LETTERS:
        return True
    if share(cells, MARKS) > MOST:
        return True
    if speaks_of(name, WRITTEN):
        return share(cells, LETTERS) > MOST and share(cells, r"\d") < MOST
    return words >= 2 and share(cells, CAPITALIZED) < MOST and _shares_words(cells)


def share(cells: pa.Array, pattern: str) -> float:
    """The share of `cells` that match a pattern."""
    return float(pc.mean(pc.cast(pc.match_substring_regex(cells, pattern), pa.float64())).as_py() or 0.0)


def _shares_words(cells: pa.Array) -> bool:
    """Whether most cells have a word that some, but not most, other cells have."""
    split = [{word for word in cell.lower().split() if len(word) > 2 and word.isalpha()} for cell in cells.to_pylist()]
    times = Counter(word for words in split for word in words)
    shared = {word for word, n in times.items() if 2 <= n <= TOO_COMMON * len(split)}
    return len(shared) >= FEW_SHARED and sum(bool(words & shared) for words in split) > MOST * len(split)
