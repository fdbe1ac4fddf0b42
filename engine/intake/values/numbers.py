"""Numbers as people write them: signs, brackets, bounds, currencies, percent, magnitudes, units, thousands and exponents.

Every pattern is matched by RE2 in linear time, for a whole column at once.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.conventions import COMMA, IPV4, POINT
from engine.intake.values.units import Affix, affix
from engine.intake.wording import joined

ENOUGH = 0.8  # a column is numbers if at least this share of its filled cells are; the rest counts as blank
MOST_AFFIXES = 300  # different things around the numbers of a column
BETWEEN = 0.25  # of the cells of a column of ranges that have two bounds
SAME = 0.95  # an unknown unit is taken off if nearly all cells have it
# Letters and signs of currency are all characters but plain punctuation: classes of all letters compile thirty times as slowly.
_CELL = (
    r"^(?P<open>\()?(?P<bound>[<>≤≥~≈]=? ?|ca\.? )?(?P<sign>[+-])? ?"
    r"(?P<prefix>[A-Za-z$\x{80}-\x{10FFFF}][A-Za-z.$\x{80}-\x{10FFFF}]{0,3})? ?(?P<inner>[-(])? ?"
    r"(?P<digits>[.,]?\d[\d.,' ]*)(?P<exponent>[eE][+-]?\d{1,3})?"
    r"(?P<plus>\+ ?)?(?P<suffix>[A-Za-z%$\"\x{80}-\x{10FFFF}][A-Za-z$/23.% \x{80}-\x{10FFFF}]{0,14})?(?P<more>\+)?"
    r"(?P<minus>-)?(?P<close>\))?$"
)
_WORDS = r"^[\d.,' ]*\d(?P<words> [a-z\x{80}-\x{10FFFF}][a-z'. \x{80}-\x{10FFFF}]{14,60})$"  # no capitals, as in names of streets
_FEET = r"^(?P<feet>\d{1,2}) ?(?:'|′|ft\.?|feet) ?(?:(?P<inches>\d{1,2}(?:\.\d{1,3})?) ?(?:\"|″|''|in\.?|inches)?)?$"
_AMOUNT = r"\d{1,9}(?:\.\d{1,6})?"
_RANGE = (
    rf"(?i)^(?:(?P<low>{_AMOUNT})(?: ?(?:-|to|bis|à|a|until|up to) ?(?P<high>{_AMOUNT})"
    r"| ?(?P<open>\+|plus|(?:and|or|&) (?:over|more|above|older|up|greater)|und (?:mehr|älter)|et plus|y más|ou mais))"
    r"|(?:<=?|under|less than|below|fewer than|younger than|unter|weniger als|bis zu|up to|moins de|menos de) ?"
    r"(?P<below>\d{1,9})"
    r"|(?:>=?|over|more than|above|older than|über|mehr als|ab|plus de|más de|mais de) ?(?P<over>\d{1,9}))"
    r"(?: ?[A-Za-z\x{80}-\x{10FFFF}]{1,10})?$"
)
_OUT_OF = r"^(?P<part>\d{1,4}(?:\.\d{1,3})?) ?(?:/|out of|of|von|sur) ?(?P<whole>\d{1,4})(?: [A-Za-z\x{80}-\x{10FFFF}]{1,12})?$"
_LEFT = "they were not read as numbers"
_GROUPED = r"(\d)[, ](\d{3}\b)"
INFINITE = r"^[+-]?[iI][nN][fF]([iI][nN][iI][tT][yY])?$"
_SIGNS = {
    **dict.fromkeys("\u2212\u2013\u2012\ufe63\uff0d", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\u2007\u3000", " "),
    **dict.fromkeys("\u2019\u2018\u02bc\u00b4\u066c", "'"),
    "\u066b": ".",
    "\uff0e": ".",
    "\uff0c": ",",
    "\uff05": "%",
    "\uffe5": "¥",
    "\uff04": "$",
    "\uff08": "(",
    "\uff09": ")",
}


class _Folding(dict[int, str]):
    """A translation of digits of all scripts, of signs and of spaces to plain ones, made as characters come."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        digit = unicodedata.digit(character, None) if unicodedata.category(character) == "Nd" else None
        self[code] = _SIGNS.get(character, character if digit is None else str(digit))
        return self[code]


_FOLDING = _Folding()


def folded(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells with plain digits, minus signs, spaces and apostrophes."""
    if pc.all(pc.string_is_ascii(cells)).as_py() is not False:
        return cells
    encoded = pc.dictionary_encode(cells).unify_dictionaries()
    chunks = []
    for chunk in encoded.chunks:
        words = [word.translate(_FOLDING) for word in chunk.dictionary.to_pylist()]
        chunks.append(pa.array(words, pa.string()).take(chunk.indices))
    return pa.chunked_array(chunks, pa.string())


@dataclass(eq=False)
class Numerals:
    """The parts of a column of numbers [n]: null, or factor NaN, where a cell is none.

    `factor` has sign, magnitude and unit; `bounds` are cells such as <0.5; `label` is the unit, `quantity` what it measures;
    `converted` are units that were turned into `label`.
    """

    digits: pa.ChunkedArray
    exponent: pa.ChunkedArray
    factor: np.ndarray
    bounds: int = 0
    quantity: str = ""
    label: str = ""
    converted: tuple[str, ...] = ()
    magnitudes: bool = False
    problem: str = ""


def numberlike(cells: pa.ChunkedArray, least: float = ENOUGH) -> bool:
    """Whether most cells hold a digit: a cheap test before the dear one."""
    filled = len(cells) - cells.null_count
    return bool(filled) and count_true(pc.match_substring_regex(cells, r"\p{Nd}")) >= least * filled


def numerals(cells: pa.ChunkedArray, least: float = ENOUGH, unit: str = "") -> Numerals | None:
    """The parts of the numbers in `cells`, nulls where blank; None if fewer than the share `least` are numbers.

    Units are turned into `unit` where they measure the same.
    """
    filled = len(cells) - cells.null_count
    if not numberlike(cells, least):
        return None
    plain, words = _without_words(pc.utf8_trim_whitespace(folded(cells)), filled)
    parts = pc.extract_regex(plain, _CELL)
    found = {field.name: pc.struct_field(parts, field.name) for field in parts.type}
    found["digits"] = pc.utf8_trim_whitespace(found["digits"])
    if count_true(pc.match_substring_regex(plain, IPV4)) > 0.5 * filled or _are_phones(found):
        return None
    affixes, keys = _affixes(found["prefix"], found["suffix"])
    chosen = _chosen(affixes, keys, unit)
    if chosen.problem or not chosen.factors:
        return _none(chosen, found) if chosen.problem else None
    good = np.array([factor is not None for factor in chosen.factors] + [False])[keys] & _readable(found["digits"])
    good &= ~(
        _has(found["suffix"]) & as_mask(pc.match_substring_regex(found["digits"], r"[.,]$"))
    )  # 0012.png, 3. floor
    if good.sum() < least * filled:
        return None
    factors = np.array([np.nan if factor is None else factor for factor in chosen.factors] + [np.nan])[keys]
    factors[~good] = np.nan
    negative = np.zeros(len(cells), bool)
    for part in ("open", "inner", "minus"):
        negative |= _has(found[part])
    negative |= as_mask(pc.equal(found["sign"], "-"))
    bounds = int(((_has(found["bound"]) | _has(found["plus"]) | _has(found["more"])) & good).sum())
    return Numerals(
        found["digits"],
        found["exponent"],
        np.where(negative, -factors, factors),
        bounds,
        chosen.quantity or ("other" if words else ""),
        chosen.label or words,
        chosen.converted,
        chosen.magnitudes,
    )


def _without_words(cells: pa.ChunkedArray, filled: int) -> tuple[pa.ChunkedArray, str]:
    """The cells without the words that nearly all have behind their number, as in "28 people found this helpful", and these."""
    words = pc.struct_field(pc.extract_regex(cells, _WORDS), "words")
    found = max(pc.value_counts(words.drop_null()).to_pylist(), key=lambda one: one["counts"], default=None)
    if found is None or found["counts"] < SAME * filled:
        return cells, ""
    kept = pc.utf8_slice_codeunits(cells, 0, -len(found["values"]))
    return pc.if_else(pc.fill_null(pc.equal(words, found["values"]), False), kept, cells), found["values"].strip()


def _readable(digits: pa.ChunkedArray) -> np.ndarray:
    """Whether dots and commas stand where they can, bool [n]."""
    return as_mask(pc.or_(pc.match_substring_regex(digits, POINT), pc.match_substring_regex(digits, COMMA)))


def _none(chosen: _Chosen, found: dict[str, pa.ChunkedArray]) -> Numerals:
    return Numerals(found["digits"], found["exponent"], np.zeros(0), problem=chosen.problem)


def _are_phones(found: dict[str, pa.ChunkedArray]) -> bool:
    """Numbers that begin with a plus sign and are parted by spaces."""
    spaced = pc.and_(pc.equal(found["sign"], "+"), pc.match_substring(found["digits"], " "))
    return bool(count_true(spaced) > 0.5 * (len(spaced) - spaced.null_count))


@dataclass(frozen=True)
class _Chosen:
    factors: list[float | None]
    quantity: str = ""
    label: str = ""
    converted: tuple[str, ...] = ()
    magnitudes: bool = False
    problem: str = ""


def _affixes(prefix: pa.ChunkedArray, suffix: pa.ChunkedArray) -> tuple[list[tuple[str, str]], np.ndarray]:
    """The different pairs of prefix and suffix, and for each cell the index of its pair; the last index is no number."""
    together = pc.binary_join_element_wise(prefix, pc.utf8_trim_whitespace(suffix), "\t")
    encoded = pc.dictionary_encode(together).combine_chunks()
    encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    pairs = [tuple(pair.split("\t")) for pair in encoded.dictionary.to_pylist()]
    keys = pc.fill_null(encoded.indices, len(pairs)).to_numpy(zero_copy_only=False)
    if len(pairs) > MOST_AFFIXES:
        return [], np.zeros(len(keys), np.int64)
    return [(a, b) for a, b in pairs], keys


def _chosen(pairs: list[tuple[str, str]], keys: np.ndarray, unit: str) -> _Chosen:
    """What each pair means in this column, decided from all pairs together."""
    if not pairs:
        return _Chosen([])
    counts = np.bincount(keys, minlength=len(pairs) + 1)[: len(pairs)]
    letters = {suffix.rstrip(".") for _, suffix in pairs} & set("KkMmBbT")
    magnitudes = len(letters) > 1 or bool(letters & set("Kk")) or any(prefix for prefix, _ in pairs)
    found = [affix(prefix, suffix, magnitudes or suffix == "M") for prefix, suffix in pairs]
    found = [None if a and a.quantity == "other" and _is_no_unit(a.label) else a for a in found]
    weights: Counter[tuple[str, str]] = Counter()
    for one, n in zip(found, counts, strict=True):
        if one is not None and one.quantity:
            weights[(one.quantity, one.label)] += int(n)
    if not weights:
        return _Chosen([None if a is None else a.factor for a in found], magnitudes=_magnified(found))
    return _in_one_unit(found, weights, int(counts.sum()), unit)


def _is_no_unit(label: str) -> bool:
    """Whether what stands behind digits is a single letter, or masks further digits as in the postal code 945xx."""
    return label.isascii() and (len(label) < 2 or set(label.lower()) <= {"x"})


def _magnified(found: list[Affix | None]) -> bool:
    return any(a is not None and a.factor != 1 and a.quantity in ("", "currency") for a in found)


def _in_one_unit(found: list[Affix | None], weights: Counter[tuple[str, str]], total: int, unit: str) -> _Chosen:
    quantities = Counter[str]()
    for (quantity, _), n in weights.items():
        quantities[quantity] += n
    quantity, n = quantities.most_common(1)[0]
    if quantity == "other" and max(weights.values()) < SAME * total:
        return _Chosen([None if a is None or a.quantity == "other" else a.factor for a in found])
    labels = [label for (q, label), _ in weights.most_common() if q == quantity]
    if problem := _unlike(weights, total):
        return _Chosen([], problem=problem)
    if quantity == "currency" and len(labels) > 1 and weights[(quantity, labels[0])] < SAME * n:
        return _Chosen(
            [], problem=f"amounts in {joined(labels, 3)}, which are not one scale; {_LEFT}. Turn them into one"
        )
    convertible = quantity not in ("currency", "percent", "other", "")
    sizes = {a.label: a.factor for a in found if a is not None and a.quantity == quantity}
    base = _size(quantity, unit) if convertible else None
    target, base = (unit, base) if base else (labels[0], sizes[labels[0]] if convertible else 1.0)
    factors = [_factor(a, quantity, target, base) for a in found]
    others = tuple(label for label in labels if label != target) if convertible else ()
    return _Chosen(factors, quantity, target, others, _magnified(found))


def _unlike(weights: Counter[tuple[str, str]], total: int) -> str:
    """What is wrong with a column that measures different things, such as kg beside cm; "" where it does not."""
    measured = Counter({key: n for key, n in weights.items() if key[0] not in ("currency", "percent", "other")})
    labels = {quantity: label for (quantity, label), _ in reversed(measured.most_common())}
    few = measured.total() - max((sum(n for (q, _), n in measured.items() if q == one) for one in labels), default=0)
    minutes = set(labels) == {"time", "length"} and "m" in {label for _, label in measured}
    if len(labels) < 2 or minutes or measured.total() < SAME * total or few < (1 - SAME) * total:
        return ""
    what = f"numbers in {joined(sorted(labels.values()), 3)}, which measure different things; {_LEFT}"
    return f"{what}. Give each a column of its own"


def _size(quantity: str, unit: str) -> float | None:
    one = affix("", unit, False) if unit else None
    return one.factor if one is not None and one.quantity == quantity else None


def _factor(one: Affix | None, quantity: str, label: str, base: float) -> float | None:
    """What a number is multiplied by; numbers without a unit are in that of the others."""
    if one is None or one.quantity not in ("", quantity):
        return None
    if one.quantity in ("", "currency"):
        return one.factor
    if quantity in ("percent", "other"):
        return 1.0 if one.label == label else None
    return one.factor / base


def values_of(parts: Numerals, decimal: str) -> tuple[np.ndarray, bool, int]:
    """float64 [n] with NaN where a cell is no number; whether all are whole; how many are only possible with the other sign."""
    point, comma = (as_mask(pc.match_substring_regex(parts.digits, pattern)) for pattern in (POINT, COMMA))
    first, second = (point, comma) if decimal == "." else (comma, point)
    as_point = first if decimal == "." else second & ~first
    bare = pc.replace_substring_regex(parts.digits, "[' ]", "")
    swapped = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
    text = pc.if_else(pa.array(as_point), pc.replace_substring(bare, ",", ""), swapped)
    good = (point | comma) & ~np.isnan(parts.factor)
    text = pc.binary_join_element_wise(text, parts.exponent, "")
    text = pc.if_else(pa.array(good), text, pa.scalar(None, pa.string()))
    numbers = pc.cast(text, pa.float64()).to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        product = numbers * parts.factor
        values = np.where(np.abs(parts.factor) > 1, np.round(product, 6), product) if len(product) else product
    values = np.where(np.isfinite(values) | ~np.isfinite(numbers), values, product)
    return values, _all_whole(values), int((second & ~first & good).sum())


def _all_whole(values: np.ndarray) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(len(values) and (np.abs(values) < 2**53).all() and (values == np.rint(values)).all())


def heights(cells: pa.ChunkedArray) -> np.ndarray | None:
    """Heights such as 5'11\" in inches, float64 [n]; None if the cells are none."""
    plain = folded(cells)
    if count_true(pc.match_substring_regex(plain, _FEET)) < ENOUGH * (len(cells) - cells.null_count):
        return None
    parts = pc.extract_regex(plain, _FEET)
    inches = as_floats(pc.struct_field(parts, "inches"))
    return 12 * as_floats(pc.struct_field(parts, "feet")) + np.where(np.isnan(inches), 0, inches)


def ranges(cells: pa.ChunkedArray) -> np.ndarray | None:
    """Ordered classes such as 18-24, 25-34 and 65+ as numbers [n]: the middle, or the bound; None if the cells are none."""
    filled, plain = len(cells) - cells.null_count, folded(cells)
    kinds = pc.unique(plain.drop_null())
    if len(kinds) <= 60:
        plain = _bare_amounts(plain)
    if not 2 <= len(kinds) <= 60 or count_true(pc.match_substring_regex(plain, _RANGE)) < ENOUGH * filled:
        return None
    parts = pc.extract_regex(plain, _RANGE)
    low, high, below, over = (as_floats(pc.struct_field(parts, part)) for part in ("low", "high", "below", "over"))
    low = np.where(np.isnan(low), over, low)
    both = ~np.isnan(high)
    if both.sum() < BETWEEN * filled or (low[both] >= high[both]).any():
        return None
    return np.where(both, (low + high) / 2, np.where(np.isnan(low), below, low))


def out_of(cells: pa.ChunkedArray) -> tuple[np.ndarray, str] | None:
    """Marks such as 3/5 and 80 out of 100, all of one possible number, as numbers [n], and that number; None for others."""
    plain, filled = folded(cells), len(cells) - cells.null_count
    parts = pc.extract_regex(plain, _OUT_OF)
    whole = pc.value_counts(pc.drop_null(pc.struct_field(parts, "whole"))).to_pylist()
    if len(whole) != 1 or whole[0]["counts"] < ENOUGH * filled or int(whole[0]["values"]) < 2:
        return None
    values = as_floats(pc.struct_field(parts, "part"))
    return (values, whole[0]["values"]) if np.nanmax(values) <= int(whole[0]["values"]) else None


def _bare_amounts(plain: pa.ChunkedArray) -> pa.ChunkedArray:
    """Amounts without currency signs and signs of thousands; 25k is 25000."""
    bare = pc.replace_substring_regex(plain, r"[$€£¥₹₽₩₺]", "")
    for _ in range(2):
        bare = pc.replace_substring_regex(bare, _GROUPED, r"\1\2")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(bare, r"(\d)[kK]\b", r"\1000"))


def as_floats(part: pa.ChunkedArray) -> np.ndarray:
    """Digits with a decimal point as float64 [n]; NaN where there are none."""
    text = pc.if_else(pc.equal(part, ""), pa.scalar(None, pa.string()), part)
    numbers: np.ndarray = pc.cast(text, pa.float64()).to_numpy()
    return numbers


def _has(part: pa.ChunkedArray) -> np.ndarray:
    return as_mask(pc.not_equal(part, ""))


def as_mask(found: pa.ChunkedArray) -> np.ndarray:
    """A truth value for each cell, bool [n]; nulls are False."""
    mask: np.ndarray = pc.fill_null(found, False).to_numpy()
    return mask


def count_true(mask: pa.ChunkedArray) -> int:
    """How many cells are true."""
    return int(pc.sum(mask).as_py() or 0)
