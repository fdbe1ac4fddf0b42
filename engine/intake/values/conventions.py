"""How the numbers of a file are written: which sign parts decimals and which groups thousands, decided from all columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

SAMPLE = 20_000  # cells of a column by which its convention is judged
MANY = 22  # numbers of General format with exactly three decimals in so many cells come by chance once in ten times
_GROUPS = r"[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:'\d{3})+"
_LAKH = r"[1-9]\d?(?:,\d{2})+,\d{3}"
POINT = rf"^(?:\d+|[1-9]\d{{0,2}}(?:,\d{{3}})+|{_LAKH}|{_GROUPS})?(?:\.\d*)?$"
COMMA = rf"^(?:\d+|[1-9]\d{{0,2}}(?:\.\d{{3}})+|{_GROUPS})?(?:,\d*)?$"
IPV4 = r"^\d{1,3}(?:\.\d{1,3}){3}$"


@dataclass(frozen=True)
class Evidence:
    """Counts over the numbers of a column: which can only have a decimal point or comma, and what the others look like.

    `dots` and `commas` could part decimals as well as thousands, such as 1.234; of these `zeros` end in 0. `small` and `large`
    are whole numbers below and from 1000 on, written without any sign.
    """

    point: int = 0
    comma: int = 0
    dots: int = 0
    commas: int = 0
    zeros: int = 0
    small: int = 0
    large: int = 0

    @property
    def ambiguous(self) -> int:
        """Cells with two readings."""
        return self.dots + self.commas

    def decimal(self) -> str:
        """The decimal sign that the column itself makes certain or very likely; "" where it does not say."""
        if self.point or self.comma:
            return "." if self.point >= self.comma else ","
        if not self.ambiguous or (self.dots and self.commas):
            return ""
        sign, other = (".", ",") if self.dots else (",", ".")
        if self.large:
            return sign
        grouped = self.small and (self.zeros or self.ambiguous >= MANY)
        return other if grouped else ""


def evidence(digits: pa.ChunkedArray) -> Evidence:
    """The evidence in the bare numbers `digits` (digits, dots, commas, spaces and apostrophes alone)."""
    counts = pc.value_counts(pc.drop_null(digits).slice(0, SAMPLE))
    if not len(counts):
        return Evidence()
    words, weights = counts.field("values"), counts.field("counts")
    whole = pc.match_substring_regex(words, r"^\d+$")
    short = pc.less_equal(pc.utf8_length(words), 3)
    small, large = _sum(weights, pc.and_(whole, short)), _sum(weights, pc.and_not(whole, short))
    signed = pc.match_substring_regex(words, r"[.,]")
    if not pc.any(signed).as_py():
        return Evidence(small=small, large=large)
    point, comma = pc.match_substring_regex(words, POINT), pc.match_substring_regex(words, COMMA)
    both = pc.and_(pc.and_(point, comma), signed)
    dot = pc.match_substring(words, ".")
    return Evidence(
        point=_sum(weights, pc.and_not(pc.and_(point, signed), comma)),
        comma=_sum(weights, pc.and_not(pc.and_(comma, signed), point)),
        dots=_sum(weights, pc.and_(both, dot)),
        commas=_sum(weights, pc.and_not(both, dot)),
        zeros=_sum(weights, pc.and_(both, pc.ends_with(words, "0"))),
        small=small,
        large=large,
    )


def _sum(weights: pa.Array, mask: pa.Array) -> int:
    return int(pc.sum(pc.filter(weights, mask)).as_py() or 0)


def file_decimal(columns: Iterable[Evidence]) -> str:
    """The decimal sign that most columns with evidence have; "" where no column has any."""
    certain = Counter(e.decimal() for e in columns if e.decimal())
    cells = Counter[str]()
    for e in columns:
        cells.update({".": e.point, ",": e.comma})
    return max(certain, key=lambda sign: (certain[sign], cells[sign])) if certain else ""


def likely_decimal(column: Evidence, delimiter: str) -> str:
    """The likelier sign where neither the column nor the file says: programs write points, files parted by semicolons commas."""
    return "," if delimiter == ";" else "."
