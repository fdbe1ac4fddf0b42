"""A table of strings, from whichever reader, with every column in its own type; how numbers and dates are written is decided
once, from all columns together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.layout.merged_cells import filled_down
from engine.intake.mapped import mapped_column
from engine.intake.naming import unique_names
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.values.cells import Survey, survey, typed
from engine.intake.values.column_format import ColumnFormat
from engine.intake.values.conventions import file_decimal, likely_decimal
from engine.intake.values.encoded_dates import decoded, encoding_of, may_be_dates
from engine.intake.values.notes import Note, sentences
from engine.intake.values.pairs import split_pairs
from engine.intake.values.plain_numbers import PlainColumns, plain_columns
from engine.intake.values.typed_column import Reading, tried_by_sample
from engine.intake.wording import be, italic, listed

_AS_HERE = "they were read as they are written here."

MANY = 1000
"""Columns from which on they are laid out together; of fewer, which may be long, no second copy is made."""


@dataclass(eq=False)
class TypedColumns:
    """The columns of a table in their own types, with notes, how each was written, and what else could be chosen.

    Columns of plain numbers, where there are many, are in `plain`, the others in `values`.
    """

    values: dict[str, pd.Series[Any]] = field(default_factory=dict)
    plain: list[pd.DataFrame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    formats: dict[str, dict[str, Any]] = field(default_factory=dict)
    alternatives: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def frame(self, names: Sequence[str]) -> pd.DataFrame:
        """All columns, in the order of `names`."""
        others = [pd.DataFrame(self.values, copy=len(self.values) > MANY)] if self.values or not self.plain else []
        parts = [*self.plain, *others]
        whole = parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)
        return whole if list(whole.columns) == list(names) else whole[list(names)]


def typed_table(table: pa.Table, notes: list[str], options: ReadOptions | None = None, delimiter: str = "") -> Content:
    """The content of a table of strings, each column in its own type; columns without a name and without a value are dropped.

    Parameters
    ----------
    table : pyarrow.Table
        One column of strings for each column of the file, under the names that the file gives; blanks are "".
    notes : list of str
        Sentences that the reader has so far; they come first.
    options : ReadOptions
        What the user, or the file that a model was trained on, says about decimals, dates and columns.
    delimiter : str
        The character between cells, weak evidence for how numbers are written; "" where there is none.

    Returns
    -------
    Content
        Rows with typed columns, how each was written, and notes on what was assumed.
    """
    options = options or ReadOptions()
    columns, renamed = named_columns(table, options)
    columns, parted = split_pairs(columns, options.formats or {})
    columns, filled_in = filled_down(columns)
    found = typed_columns(columns, options, delimiter)
    return Content(
        found.frame(list(columns)),
        notes=[*notes, *renamed, *parted, *filled_in, *found.notes],
        formats=found.formats,
        alternatives=found.alternatives,
    )


def named_columns(table: pa.Table, options: ReadOptions) -> tuple[dict[str, pa.ChunkedArray], list[str]]:
    """The columns of a table of strings that have a name or a value, under names that all differ, and sentences on these."""
    header = table.schema.names
    positions = [i for i, title in enumerate(header) if title.strip() or _has_value(table.column(i))]
    names, renamed = unique_names([header[i] for i in positions])
    names, matched = matched_names(names, options)
    return {name: table.column(i) for name, i in zip(names, positions, strict=True)}, [*renamed, *matched]


def _has_value(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py())


def matched_names(names: list[str], options: ReadOptions) -> tuple[list[str], list[str]]:
    """The names of new data as the training data spelled them, and a sentence on which differed in capitals."""
    taken = set(names)
    missing = {_fold(name): name for name in options.formats or {} if name not in taken}
    result = [name if name in (options.formats or {}) else missing.pop(_fold(name), name) for name in names]
    changed = [given for given, name in zip(names, result, strict=True) if given != name and name not in taken]
    if not changed:
        return names, []
    return result, [
        f"{listed(changed)} {be(len(changed), past=True)} taken for the column of almost the same name in the training data."
    ]


def _fold(name: str) -> str:
    return "".join(name.casefold().replace("_", " ").split())


def typed_columns(columns: Mapping[str, pa.ChunkedArray], options: ReadOptions, delimiter: str = "") -> TypedColumns:
    """Columns of words, by name, each in its own type; see `typed_table`."""
    known = options.formats or {}
    stored = {name: ColumnFormat.from_json(known[name]) for name in columns if name in known}
    plain = _plain_columns(columns, stored)
    known_surveys = {name: one for group in plain for name, one in _surveys(group)}
    surveys = {
        name: known_surveys.get(name) or survey(column, stored[name].unit if name in stored else "")
        for name, column in columns.items()
    }
    file = _File(surveys, stored, options, delimiter)
    readings = {name: file.reading(name) for name in columns}
    result, notes = TypedColumns(), list[Note]()
    done = {name: group.notes for group in plain for name in _add_plain(result, group, readings)}
    for name, column in columns.items():
        if name in done:
            notes += [done[name][name]] if name in done[name] else []
            continue
        found = typed(name, column, readings[name])
        result.values[name] = mapped_column(found.values)
        result.formats[name] = found.format.to_json()
        notes += found.notes
        if tried_by_sample(column):
            pa.default_memory_pool().release_unused()
    result.formats = {name: result.formats[name] for name in columns}
    decode_dates(result, stored, notes)
    notes += file.contradictions(result.formats)
    result.notes, result.alternatives = [*file.questions(), *sentences(notes)], file.alternatives()
    return result


def _plain_columns(columns: Mapping[str, pa.ChunkedArray], stored: Mapping[str, ColumnFormat]) -> list[PlainColumns]:
    """The columns that are plain numbers and no dates, nor of another type in the training data."""
    numbers = {name: cells for name, cells in columns.items() if name not in stored or stored[name].kind == "number"}
    return [group.take(~may_be_dates(group.values)) for group in plain_columns(numbers)]


def _surveys(group: PlainColumns) -> Iterator[tuple[str, Survey]]:
    for name, found, example in zip(group.names, group.evidence, group.examples, strict=True):
        yield name, Survey(found, example=example)


def _add_plain(result: TypedColumns, group: PlainColumns, readings: Mapping[str, Reading]) -> list[str]:
    """Put into `result` the columns of plain numbers that are to be read with a decimal point; their names."""
    wanted = [
        readings[name].decimal == "." or not found.dots or bool(found.point)
        for name, found in zip(group.names, group.evidence, strict=True)
    ]
    group = group.take(np.array(wanted, bool))
    for name, found in zip(group.names, group.formats(), strict=True):
        stored = readings[name].stored
        result.formats[name] = (replace(found, decimal=found.decimal or stored.decimal) if stored else found).to_json()
    result.plain += list(group.frames())
    return group.names


class _File:
    """How the numbers and dates of a file are written, from all of its columns."""

    def __init__(
        self, surveys: Mapping[str, Survey], stored: Mapping[str, ColumnFormat], options: ReadOptions, delimiter: str
    ) -> None:
        self.surveys, self.stored, self.options, self.delimiter = surveys, stored, options, delimiter
        self.decimal = file_decimal([one.evidence for one in surveys.values()]) or _majority(
            [one.decimal for one in stored.values()]
        )
        orders = [one.order for one in surveys.values()]
        self.days, self.months = sum(o.days for o in orders), sum(o.months for o in orders)
        self.guessed: dict[str, str] = {}
        self.open_dates: dict[str, bool] = {}
        self.decided_dates: dict[str, bool] = {}

    def reading(self, name: str) -> Reading:
        """How the column `name` is read."""
        return Reading(self._decimal(name), self._day_first(name), self.stored.get(name))

    def _decimal(self, name: str) -> str:
        found, stored = self.surveys[name].evidence, self.stored.get(name)
        if found.point or found.comma:
            return found.decimal()
        if not found.ambiguous:
            return self.options.decimal or (stored.decimal if stored else "") or self.decimal or "."
        chosen = (
            self.options.decimal
            or _by_range(stored, self.surveys[name])
            or (stored.decimal if stored else "")
            or found.decimal()
        )
        if not chosen and not self.decimal:
            self.guessed[name] = likely_decimal(found, self.delimiter)
        if self.options.decimal:
            self.guessed[name] = self.options.decimal
        return chosen or self.decimal or self.guessed[name]

    def _day_first(self, name: str) -> bool:
        order, stored = self.surveys[name].order, self.stored.get(name)
        if not order.numeric:
            known = stored.day_first if stored else None
            return bool(known if self.options.day_first is None else self.options.day_first)
        if order.days or order.months:
            return order.days >= order.months
        if self.options.day_first is not None:
            self.open_dates[name] = self.options.day_first
            return self.options.day_first
        if stored is not None and stored.day_first is not None:
            return stored.day_first
        if order.hint:
            return order.hint == "day"
        if self.days or self.months:
            self.decided_dates[name] = self.days >= self.months
            return self.decided_dates[name]
        self.open_dates[name] = order.dots or self.decimal == ","
        return self.open_dates[name]

    def questions(self) -> list[str]:
        """Sentences on what the file leaves open, with both readings."""
        notes = []
        if self.guessed and not self.options.decimal:
            name, sign = next(iter(self.guessed.items()))
            example = self.surveys[name].example
            other = {".": ",", ",": "."}[sign]
            word = {".": "point", ",": "comma"}
            notes.append(
                f"Nothing in the file says whether points or commas part decimals in {listed(list(self.guessed))}: "
                f"{example} was read as {_shown(example, sign)}; if it means {_shown(example, other)}, choose the {word[other]} "
                "as decimal sign."
            )
        for first in (True, False):
            names = [name for name, chosen in self.open_dates.items() if chosen is first]
            if names and self.options.day_first is None:
                order = "day" if first else "month"
                notes.append(
                    f"Dates in {listed(names)} do not say whether day or month comes first; they were read {order} first."
                )
            if names := [name for name, chosen in self.decided_dates.items() if chosen is first]:
                order = "day" if first else "month"
                notes.append(
                    f"Dates in {listed(names)} were read {order} first, as other columns of the file are written."
                )
        return notes

    def alternatives(self) -> dict[str, tuple[str, ...]]:
        """What else could be chosen, by option; what was chosen comes first."""
        found: dict[str, tuple[str, ...]] = {}
        if self.guessed:
            sign = next(iter(self.guessed.values()))
            found["decimal"] = (sign, "," if sign == "." else ".")
        if self.open_dates:
            first = next(iter(self.open_dates.values()))
            found["day_first"] = ("yes", "no") if first else ("no", "yes")
        return found

    def contradictions(self, formats: Mapping[str, Mapping[str, Any]]) -> list[Note]:
        """Notes on new data that are clearly written otherwise than the training data were; they are read as they say."""
        notes = []
        for name, stored in self.stored.items():
            now = ColumnFormat.from_json(formats[name])
            if stored.decimal and now.decimal and now.decimal != stored.decimal:
                text = f"Decimals of {italic(name)} are written otherwise than in the training data; {_AS_HERE}"
                notes.append(Note("other decimals", name, text))
            if None not in (stored.day_first, now.day_first) and stored.day_first != now.day_first:
                text = f"Day and month of {italic(name)} come in another order than in the training data; {_AS_HERE}"
                notes.append(Note("other order", name, text))
        return notes


def _majority(signs: list[str]) -> str:
    counts = Counter(sign for sign in signs if sign)
    return counts.most_common(1)[0][0] if counts else ""


def _shown(example: str, decimal: str) -> str:
    """An ambiguous number in English, read with a decimal sign."""
    whole, fraction = example.replace(",", ".").split(".")
    return f"{whole}.{fraction}" if decimal in example else f"{whole},{fraction}"


def _by_range(stored: ColumnFormat | None, survey: Survey) -> str:
    """The decimal sign with which a number lies among those of the training data; "" where that does not say."""
    if stored is None or stored.low is None or stored.high is None or not survey.example:
        return ""
    sign, other = (".", ",") if survey.evidence.dots else (",", ".")
    small = float(survey.example.replace(",", ".")) * survey.factor
    inside = [stored.low / 2 <= value <= 2 * stored.high for value in (small, 1000 * small)]
    return "" if inside[0] == inside[1] else sign if inside[0] else other


def decode_dates(result: TypedColumns, stored: Mapping[str, ColumnFormat], notes: list[Note]) -> None:
    """Numbers that are dates become such, in `result`."""
    dates = {
        name: values for name, values in result.values.items() if pd.api.types.is_datetime64_any_dtype(values.dtype)
    }
    for name, values in result.values.items():
        known = stored.get(name)
        numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
        if not numeric or result.formats[name]["kind"] != "number" or (known and known.kind == "number"):
            continue
        encoding = known.encoded if known and known.encoded else encoding_of(name, values, dates)
        if not encoding:
            continue
        result.values[name] = decoded(values, encoding)
        result.formats[name] = ColumnFormat("date", encoded=encoding).to_json()
        notes.append(
            Note("encoded", name, f"The numbers of {italic(name)} {_ENCODED[encoding]}; they were read as dates.")
        )


_ENCODED = {
    "compact": "are dates such as 20240131",
    "serial": "are days as a spreadsheet counts them",
    "seconds": "are seconds since 1970",
    "milliseconds": "are milliseconds since 1970",
}
