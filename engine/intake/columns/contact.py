"""Contact data: names, addresses, telephone numbers, e-mail and web addresses. They say who somebody is, not what is alike."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.columns.column_names import CONTACT, ENTITY, PERSON, WRITTEN, speaks_of, words_of
from engine.intake.mapped import some_rows

SAMPLE = 1000
MOST = 0.6  # of the cells
DIFFERENT = 0.3  # of the cells differ, where the name alone speaks for contact data
EMAIL = r"^\S+@\S+\.\w+$"
URL = r"^(https?://|www\.)\S+$"
PHONE = r"^(\+|00|\(?0|\(?\d{3}\)?[ .-])[\d ()/.-]{5,20}$"
PERSONAL = (
    ("Social security numbers", r"^\d{3}-\d{2}-\d{4}$"),
    ("Account numbers", r"^[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}$"),
    ("Network addresses", r"^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}$"),
)
DIGITS = r"\d"
WORD_AND_NUMBER = r"^\pL+\.? ?#?\d+$"  # Place 7, Route 12; a street of one word ends in what means street
STREET = (
    r"(?i)\b(street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|square|highway|hwy|suite|apt|p\.?o\.? box|weg"
    r"|platz|allee|gasse|ring|ufer|damm|rue|chemin|route|place|impasse|calle|avenida|av|carrera|plaza|paseo|via|viale|corso|piazza"
    r"|rua|travessa|ulica|ul|straat|laan|gata|gatan|vej|улица|ул|проспект|пр)\b|stra(ss|ß)e\b|str\.|[路街巷弄号號]|丁目|番地"
)
COMPOUND = r"(?i)\pL(stra(ss|ß)e|str\.|weg|platz|allee|gasse|straat|laan|gata|gatan|vej)\b"


def contact_data(name: str, values: pd.Series[Any], distinct: int) -> str:
    """What kind of contact data the words of a column are, by most of its cells or by its name; "" for none.

    Parameters
    ----------
    name : str
        What the column is called.
    values : pandas.Series
        Its cells; blanks are passed over.
    distinct : int
        How many of them differ.
    """
    filled = some_rows(values).dropna().drop_duplicates()
    if not len(filled):
        return ""
    cells = pa.array(filled.iloc[:SAMPLE].astype("str").str.strip(), pa.string())
    for what, pattern in (("E-mail addresses", EMAIL), ("Web addresses", URL), *PERSONAL):
        if _share(cells, pattern) > MOST:
            return what
    if _share(cells, PHONE) > MOST and _share(cells, r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}") < MOST and _digits(cells) >= 7:
        return "Telephone numbers"
    if _is_address(cells):
        return "Addresses"
    different = distinct > max(DIFFERENT * int(values.notna().sum()), 20)
    return _by_name(name) if different and not speaks_of(name, WRITTEN) else ""


def _by_name(name: str) -> str:
    words = words_of(name)
    if speaks_of(name, CONTACT):
        return "Contact data"
    of_people = set(words[:-1]) <= (
        ENTITY | {"first", "last", "full", "middle", "given", "family", "user", "contact"}
    ) - {"product", "item", "article", "stock", "artikel", "produkt", "produit", "producto"}
    return "Names" if words and words[-1] in PERSON and of_people else ""


def _share(cells: pa.Array, pattern: str) -> float:
    return float(pc.mean(pc.cast(pc.match_substring_regex(cells, pattern), pa.float64())).as_py() or 0.0)


def _digits(cells: pa.Array) -> float:
    return float(pc.mean(pc.count_substring_regex(cells, DIGITS)).as_py() or 0.0)


def _is_address(cells: pa.Array) -> bool:
    """Short cells with a house number and a word for street; texts that mention one are longer."""
    with_number = pc.and_(pc.match_substring_regex(cells, STREET), pc.match_substring_regex(cells, DIGITS))
    named = pc.or_(
        pc.invert(pc.match_substring_regex(cells, WORD_AND_NUMBER)), pc.match_substring_regex(cells, COMPOUND)
    )
    short = pc.and_(pc.less(pc.utf8_length(cells), 120), named)
    return float(pc.mean(pc.cast(pc.and_(with_number, short), pa.float64())).as_py() or 0.0) > MOST
