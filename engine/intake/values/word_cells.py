"""A column of cells that are words: spaces and capitals made even, NA told from a blank, words never met before named."""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.mapped import elementwise, words_of
from engine.intake.values.blanks import ERRORS, read_as_blank
from engine.intake.values.column_format import MOST_LEVELS, ColumnFormat
from engine.intake.values.notes import Note
from engine.intake.values.typed_column import Typed
from engine.intake.wording import be, count, italic, unseen_note

_PLACES = (
    "EMEA APAC LATAM NAM AMER AMERICAS MENA SSA CEE DACH NORDICS ANZ ASEAN BENELUX GCC EU AF AS OC SA AN US UK CA MX BR DE "
    "FR IT ES PT NL BE AT CH SE NO DK FI PL CZ HU RO BG GR TR RU UA CN JP KR IN ID TH VN MY SG PH AU NZ ZA NG EG KE MA AE "
    "IL IE AD AL AM AO AR AZ BA BD BW BY CL CO CR CU CY DO DZ EC EE ET GB GE GH GT HK HN HR IQ IR IS JM JO KH KW KZ LA LB "
    "LK LT LU LV LY MD ME MK ML MM MN MO MT MU MW MZ NE NI NP OM PA PE PK PR PS PY QA RS RW SD SI SK SN SO SV SY TN TW TZ "
    "UG UY UZ VE YE ZM ZW"
)
_REGIONS = frozenset(_PLACES.split())
_PLACE = re.compile(r"region|country|land|market|territory|continent|area|geo|pays|pais", re.IGNORECASE)
_LETTERS = frozenset("ynmfwjt")
MOST_SPELLINGS = 500
MOST_COUNTED = 50_000  # different words, beyond which they are not counted


def read_words(name: str, trimmed: pa.ChunkedArray, cells: pa.ChunkedArray, stored: ColumnFormat | None) -> Typed:
    """Words as they are, but for spaces, and capitals that most spellings of the same word do not have."""
    notes: list[Note] = []
    if _na_is_a_value(name, trimmed, cells, stored):
        cells = pc.if_else(pc.equal(trimmed, "NA"), "NA", cells)
        if stored is None:
            notes.append(Note("na", name, f"“NA” in {italic(name)} was read as a value like the others, not as blank."))
    blank = trimmed.filter(pc.and_(pc.is_null(cells), pc.is_in(trimmed, value_set=pa.array(("?", *ERRORS)))))
    notes += read_as_blank(name, blank)
    counts = _counts(cells)
    spellings = _spellings(counts, len(cells), stored)
    if spellings:
        cells = _replaced(cells, spellings)
        changed = sum(counts[spelling] for spelling in spellings)
        differ = "differs" if changed == 1 else "differ"
        text = (
            f"{count(changed, 'cell')} of {italic(name)} {differ} from others in capitals or spaces only and "
            f"{be(changed, past=True)} joined with them."
        )
        notes.append(Note("spelling", name, text))
    merged = Counter[str]()
    for value, n in counts.items():
        merged[spellings.get(value, value)] += n
    if stored is not None:
        notes += _unseen(name, merged, stored)
    values = words_of(elementwise(lambda part: pc.cast(part, pa.large_string()), cells))
    return Typed(values, notes, _format_of_words(merged, stored))


def _counts(cells: pa.ChunkedArray) -> dict[str, int]:
    """How often each word comes; none where there are very many."""
    if pc.count_distinct(cells.slice(0, 4 * MOST_COUNTED)).as_py() > MOST_COUNTED:
        return {}
    counted = pc.value_counts(cells.drop_null())
    return {one["values"]: one["counts"] for one in counted.to_pylist()} if len(counted) <= MOST_COUNTED else {}


def _na_is_a_value(name: str, trimmed: pa.ChunkedArray, cells: pa.ChunkedArray, stored: ColumnFormat | None) -> bool:
    """Whether NA stands for a region (North America) or country (Namibia) among others."""
    if stored is not None and stored.levels:
        return "NA" in stored.levels
    if not pc.any(pc.equal(trimmed, "NA")).as_py():
        return False
    others = pc.unique(cells.drop_null())
    if not 1 <= len(others) <= 400:
        return False
    words = others.to_pylist()
    places = sum(word in _REGIONS for word in words)
    codes = all(re.fullmatch(r"[A-Z]{2,6}", word) for word in words)
    return (places > 0.5 * len(words) and (len(words) > 1 or bool(_PLACE.search(name)))) or (
        codes and bool(_PLACE.search(name))
    )


def _fold(word: str) -> str:
    return " ".join(word.split()).casefold()


def _spellings(counts: dict[str, int], n: int, stored: ColumnFormat | None) -> dict[str, str]:
    """Spellings that are replaced by the commonest one, or by that of the training data."""
    if stored is not None and stored.width:
        return {word: word.zfill(stored.width) for word in counts if word.isdigit() and len(word) < stored.width}
    if stored is not None and stored.levels:
        known = {_fold(level): level for level in reversed(stored.levels)}
        return {word: known[_fold(word)] for word in counts if word not in stored.levels and _fold(word) in known}
    if not 1 < len(counts) <= min(MOST_SPELLINGS, 0.5 * n):
        return {}
    groups: dict[str, list[str]] = {}
    for word in sorted(counts, key=lambda word: -counts[word]):
        groups.setdefault(_fold(word), []).append(word)
    safe = [group for fold, group in groups.items() if len(group) > 1 and (len(fold) > 2 or fold in _LETTERS)]
    return {word: group[0] for group in safe for word in group[1:]}


def _replaced(cells: pa.ChunkedArray, spellings: dict[str, str]) -> pa.ChunkedArray:
    places = pc.index_in(cells, value_set=pa.array(list(spellings), pa.string()))
    return pc.coalesce(pa.array(list(spellings.values()), pa.string()).take(places.combine_chunks()), cells)


def _unseen(name: str, counts: Counter[str], stored: ColumnFormat) -> list[Note]:
    if not stored.levels:
        return []
    text = unseen_note(name, {word: n for word, n in counts.items() if word not in stored.levels})
    return [Note("unseen", name, text)] if text else []


def _format_of_words(counts: Counter[str], stored: ColumnFormat | None) -> ColumnFormat:
    if stored is not None and (stored.levels or stored.width):
        return stored
    digits = bool(counts) and all(word.isdigit() for word in counts)
    lengths = {len(word) for word in counts}
    width = lengths.pop() if digits and len(lengths) == 1 and any(word.startswith("0") for word in counts) else 0
    # Where nearly every row has a word of its own, words never met before are nothing to speak of.
    few = len(counts) <= min(MOST_LEVELS, max(20, 0.5 * counts.total()))
    return ColumnFormat("words", levels=tuple(word for word, _ in counts.most_common()) if few else (), width=width)
