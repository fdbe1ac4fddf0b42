"""Features of what was read in place of its prepared values: an encoder on top of the recipe of the data's own kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from engine.core.code_version import code_version
from engine.core.errors import InputError
from engine.features import encoder
from engine.features.base import Encoder, Tell, silent
from engine.intake.mapped import LONG
from engine.intake.raw import Kind, Raw
from engine.intake.recipes.blocks import CategoryBlock, as_words
from engine.intake.recipes.recipe import Recipe, pack, unpack
from engine.intake.recipes.table_recipe import TableRecipe
from engine.intake.recipes.texts import TextBlock
from engine.intake.wording import italic


class FeatureStore(Protocol):
    """Where features are kept, so that each is made once for a data set."""

    def get(self, key: str) -> tuple[np.ndarray, dict[str, Any]] | None:
        """Features float32 [n, d] and the `to_json` of their recipe; None where there are none under the key."""

    def put(self, key: str, x: np.ndarray, recipe: Mapping[str, Any]) -> None:
        """Keep features [n, d] and the `to_json` of their recipe."""


@dataclass(frozen=True, eq=False)
class FeatureRecipe(Recipe):
    """float32 [n, d]: what an encoder makes of the data that `base` prepares; methods see rows of numbers."""

    base: Recipe
    fitted: Encoder
    kind: Kind = "table"

    @property
    def columns_out(self) -> tuple[str, ...]:
        """Names of the features."""
        return self.fitted.names

    def checked(self, raw: Raw) -> Raw:
        """The data; InputError if the recipe of their own kind does not take them."""
        self.base.checked(raw)
        return raw

    def apply_piece(self, raw: Raw) -> np.ndarray:
        """float32 [n, d]."""
        return self.fitted.transform(encoded_values(raw, self.base))

    def rows_at_once(self, raw: Raw) -> int:
        """Many: encoders make batches of their own."""
        return LONG

    def notes(self, raw: Raw) -> tuple[str, ...]:
        """Those of the recipe of the data's own kind."""
        return self.base.notes(raw)

    def cleaned(self, raw: Raw) -> Raw:
        """As the recipe of the data's own kind takes them."""
        return self.base.cleaned(raw)

    def restore(self, x: np.ndarray) -> pd.DataFrame:
        """The features by name; there is no way back from them to what was read."""
        return pd.DataFrame(np.asarray(x, np.float64), columns=list(self.columns_out))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": "features",
            "features": self.fitted.card.id,
            "base": self.base.to_json(),
            "arrays": pack(self.fitted.arrays()),
            "settings": self.fitted.settings(),
        }

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> FeatureRecipe:
        """The recipe back from `to_json`, where "base" is the recipe of the data's own kind, read already."""
        fitted = encoder(values["features"]).read(unpack(values["arrays"]), values["settings"])
        return cls(values["base"], fitted)


def plain(recipe: Recipe) -> Recipe:
    """The recipe of the data's own kind, below whatever encoder there is."""
    return recipe.base if isinstance(recipe, FeatureRecipe) else recipe


def fit_features(
    raw: Raw,
    kept: np.ndarray,
    name: str,
    base: Recipe,
    *,
    tell: Tell = silent,
    store: FeatureStore | None = None,
) -> tuple[np.ndarray, FeatureRecipe]:
    """Features of all rows of `raw`, float32 [n, d], and the recipe by which new data get theirs.

    Parameters
    ----------
    raw
        The rows that take part.
    kept
        int64 [n], which rows of the data set these are.
    name
        Id of the encoder.
    base
        The recipe of the data's own kind.
    tell
        Called with the share that is done.
    store
        Where features that were made before are found.
    """
    key = feature_key(raw, kept, name, base)
    if store is not None and (found := store.get(key)) is not None:
        x, values = found
        return x, FeatureRecipe.read({**values, "base": base})
    fitted, x = encoder(name).fit(encoded_values(raw, base), tell)
    recipe = FeatureRecipe(base, fitted)
    if store is not None:
        store.put(key, x, recipe.to_json())
    return x, recipe


def feature_key(raw: Raw, kept: np.ndarray, name: str, base: Recipe) -> str:
    """A hash of everything that features depend on: which rows of which content, how columns are read, by what encoder."""
    code = code_version(f"engine.features.{name}")
    digest = hashlib.sha256(f"{code} {name} {raw.fingerprint}".encode())
    digest.update(np.ascontiguousarray(kept, np.int64).tobytes())
    if isinstance(base, TableRecipe):
        digest.update(json.dumps(base.to_json(), sort_keys=True, default=str).encode())
    return digest.hexdigest()


def encoded_values(raw: Raw, base: Recipe) -> Any:
    """What an encoder takes of `raw`: pictures and series as they were read; texts as str [n]; rows as numbers and words."""
    if raw.values is not None:
        return raw.array
    assert isinstance(base, TableRecipe)
    checked = base.checked(raw)
    if base.kind == "text":
        return joined_texts(checked.rows)
    return as_rows(base.cleaned(checked).rows, base)


def joined_texts(rows: pd.DataFrame) -> np.ndarray:
    """The texts of all columns of each row as one, str [n]; blanks are empty."""
    columns = [rows[name].astype("str").where(rows[name].notna(), "") for name in rows]
    joined = columns[0]
    for column in columns[1:]:
        joined = joined.str.cat(column, sep="\n").str.strip()
    return joined.to_numpy(object)


def as_rows(rows: pd.DataFrame, base: TableRecipe) -> pd.DataFrame:
    """Numbers, dates and ordered words as float64, NaN for blanks; other words as str, None for blanks."""
    columns: dict[str, Any] = {}
    for block in base.blocks:
        column = rows[block.column]
        if isinstance(block, TextBlock):
            raise InputError(
                f"Column {italic(block.column)} holds texts, which these features do not compare: leave it out, or choose "
                "other features."
            )
        if isinstance(block, CategoryBlock):
            words = as_words(column).astype(object)
            columns[block.column] = words.where(words.notna(), None)
            continue
        values = block.apply(rows).astype(np.float64)
        values[column.isna().to_numpy(bool)] = np.nan
        columns |= dict(zip(block.names(), values.T, strict=True))
    return pd.DataFrame(columns, index=rows.index)
