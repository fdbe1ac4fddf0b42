"""A column of text as numbers: TF-IDF (Salton and Buckley, 1988), then truncated SVD (Deerwester et al., 1990).

Terms are words; for scripts that do not part words by spaces, and for emoji, single characters and pairs; for texts of a word
or less, parts of words of two to four letters. All texts of a column are analyzed in the same way.

scikit-learn is imported when a text is fitted or applied, not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.core.errors import InputError
from engine.intake.wording import italic

MOST_TERMS = 5000
FEW_TERMS = 20
TOP_TERMS = 8
WORD = r"(?u)\b[^\W\d_][\w'-]+\b"
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\x{2600}-\x{27BF}\x{1F300}-\x{1FAFF}]"
LETTER = r"\pL"
FEW_WORDS = 1.5  # words per text, on average

Analysis = Literal["words", "characters", "parts"]
ANALYSES: Mapping[str, Mapping[str, Any]] = {
    "words": {"stop_words": "english", "token_pattern": WORD},
    "characters": {"analyzer": "char", "ngram_range": (1, 2)},
    "parts": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}


@dataclass(frozen=True, eq=False)
class TextBlock:
    """`components` [d, terms] and `idf` [terms] over `terms`; rows have the length `weight` (0 where no term is known).

    `analysis` says what the terms are: "words", "characters" or "parts" of words.
    """

    column: str
    terms: tuple[str, ...]
    idf: np.ndarray
    components: np.ndarray
    weight: float
    analysis: Analysis = "words"
    type: ClassVar[str] = "text"

    def names(self) -> tuple[str, ...]:
        """`column: topic i` for each component."""
        return tuple(f"{self.column}: topic {i}" for i in range(1, len(self.components) + 1))

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """float32 [n, d]."""
        vectorizer = _vectorizer(self.analysis, vocabulary={term: i for i, term in enumerate(self.terms)})
        vectorizer.idf_ = self.idf
        weights = vectorizer.transform(rows[self.column].fillna("").astype("str"))
        return _to_length(np.asarray(weights @ self.components.T), self.weight)

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """The terms that weigh most in prepared rows [n, d], the heaviest first."""
        scores = np.asarray(x, np.float32) @ self.components
        best = np.argsort(-scores, axis=1)[:, :TOP_TERMS]
        words = [", ".join(self.terms[i].strip() for i in row if scores[n, i] > 0) for n, row in enumerate(best)]
        return {self.column: pd.Series(words, dtype="str")}

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; `idf` [terms] and `components` [d, terms] are added to `arrays` under the block's place."""
        place = f"text{len(arrays) // 2}"
        arrays[f"{place}.idf"], arrays[f"{place}.components"] = self.idf, self.components
        return {
            "type": self.type,
            "column": self.column,
            "terms": list(self.terms),
            "weight": self.weight,
            "analysis": self.analysis,
            "place": place,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> TextBlock:
        """The block back from `to_json`, with the arrays `idf` [terms] and `components` [d, terms] of its place."""
        place = values["place"]
        idf, components = arrays[f"{place}.idf"], arrays[f"{place}.components"]
        return cls(
            values["column"], tuple(values["terms"]), idf, components, values["weight"], values.get("analysis", "words")
        )


def fit_text(values: pd.Series[Any], name: str, components: int, alone: bool) -> TextBlock:
    """A text block of at most `components` columns.

    Each number has mean square 1 if the text stands `alone` (as DEC scales texts), else a row has length 1. InputError for
    texts with too few different words.
    """
    from sklearn.decomposition import TruncatedSVD

    texts = values.fillna("").astype("str")
    analysis = analysis_of(texts)
    vectorizer, weights = _weighted(texts, name, analysis)
    d = min(components, weights.shape[1] - 1, weights.shape[0] - 1)
    if d < 1:
        raise InputError(f"Column {italic(name)} holds too few different words to compare texts.")
    with np.errstate(divide="ignore", invalid="ignore"):  # texts that are all the same explain no variance
        svd = TruncatedSVD(d, random_state=0).fit(weights)
    terms = tuple(str(term) for term in vectorizer.get_feature_names_out())
    weight = float(np.sqrt(d)) if alone else 1.0
    return TextBlock(
        name, terms, vectorizer.idf_.astype(np.float64), svd.components_.astype(np.float32), weight, analysis
    )


def analysis_of(texts: pd.Series[str]) -> Analysis:
    """How texts are compared, decided from all of them together.

    Examples
    --------
    >>> analysis_of(pd.Series(["the parcel is late", "the screen is broken"]))
    'words'
    >>> analysis_of(pd.Series(["快递太慢了", "手机电池不耐用"]))
    'characters'
    """
    cells = pa.array(texts, pa.string())
    letters, unspaced = (
        pc.sum(pc.count_substring_regex(cells, pattern)).as_py() or 0 for pattern in (LETTER, UNSPACED)
    )
    if unspaced > 0.3 * max(letters, 1):
        return "characters"
    filled = max(int(pc.sum(pc.match_substring_regex(cells, r"\S")).as_py() or 0), 1)
    words = pc.sum(pc.count_substring_regex(cells, r"\pL{2,}")).as_py() or 0
    return "words" if words > FEW_WORDS * filled else "parts"


def _weighted(texts: pd.Series[str], name: str, analysis: Analysis) -> tuple[Any, Any]:
    """A fitted vectorizer and the weights [n, terms]: terms of at least two and at most half of the texts, where that leaves
    enough of them, else all terms."""
    for low, high in ((2, 0.5), (1, 1.0)):
        vectorizer = _vectorizer(analysis, max_features=MOST_TERMS, min_df=low, max_df=high)
        try:
            weights = vectorizer.fit_transform(texts)
        except ValueError:
            continue
        if weights.shape[1] >= FEW_TERMS or high == 1.0:
            return vectorizer, weights
    raise InputError(f"Column {italic(name)} holds no words that could be compared: give it another role.")


def _vectorizer(analysis: Analysis, **options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **ANALYSES[analysis], **options)


def _to_length(x: np.ndarray, length: float) -> np.ndarray:
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return (x * (length / np.where(norms > 1e-12, norms, np.inf))).astype(np.float32)
