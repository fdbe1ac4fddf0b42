"""Where the table in a grid ends: totals, footnotes and blank rows below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.intake.layout.cell_kinds import Row, filled, kind_of

TOTAL = re.compile(
    r"(?i)(grand |overall |sub-?)?(total|totals|sum|average|mean|median|insgesamt|gesamt|gesamtsumme|zwischensumme|summe|"
    r"mittelwert|durchschnitt|somme|moyenne|suma|media|promedio|totale|totaal|razem|srednia|średnia|итого|всего|сумма|合计|"
    r"总计|合計|平均)( of .{1,40})?"
)
FOOTNOTE = re.compile(
    r"(?i)[*†‡¹²³©#(]|(source|quelle|note|notes|hinweis|anmerkung|fuente|nota|stand|legend|legende)\b"
)


def end_of(rows: Sequence[Row], names: Sequence[str]) -> int:
    """How many of the last rows are footnotes or blank: a sentence in one cell below a table of several columns."""
    end = len(rows)
    while end and not filled(rows[end - 1]):
        end -= 1
    last = end
    while last and len(names) > 1 and _is_footnote(rows, last - 1):
        last -= 1
        while last and not filled(rows[last - 1]):
            last -= 1
    return len(rows) - last


def _is_footnote(rows: Sequence[Row], place: int) -> bool:
    places = filled(rows[place])
    if len(places) != 1 or places[0] > 1:
        return False
    text = rows[place][places[0]].strip()
    if kind_of(text) != "w":
        return False
    apart = (place > 0 and not filled(rows[place - 1])) or bool(TOTAL.fullmatch(text.rstrip(":")))
    return apart or bool(FOOTNOTE.match(text)) or len(text.split()) > 3 or len(text) > 25


def is_total(row: Row) -> bool:
    """Whether a row calls itself a total or an average, in its first filled cell."""
    places = filled(row)
    return len(places) > 1 and bool(TOTAL.fullmatch(row[places[0]].strip().rstrip(":")))
