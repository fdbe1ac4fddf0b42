"""A fitted preparation: new data is prepared the same way, prepared data is turned back into the user's units."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load, save

from engine.core.errors import InputError
from engine.intake.mapped import LONG, room_for
from engine.intake.raw import Kind, Raw

CELLS = 2**22
"""Cells that are prepared at a time."""


class Recipe(ABC):
    """What `prepare` learned from the data: new data is prepared in the same way, prepared data turned back.

    Saved as JSON by `to_json`, read by `engine.intake.recipes.stored.recipe_from_json`; arrays inside it are safetensors,
    never pickle.
    """

    kind: Kind

    @property
    @abstractmethod
    def columns_out(self) -> tuple[str, ...]:
        """Names of the prepared columns of a table or text; empty for pictures and series."""

    def apply(self, raw: Raw) -> np.ndarray:
        """New data as the numbers that methods see.

        Parameters
        ----------
        raw
            Data of the same kind, with at least the columns that take part.

        Returns
        -------
        numpy.ndarray
            float32 like `Prepared.x`: [n, features], [n, c, h, w] or [n, channels, time], an entry for each row of `raw`. It lies
            in a file that is mapped where it would take much of what memory is free.

        Raises
        ------
        InputError
            If the data is of another kind, lacks a column or channel, or holds words where numbers belong.
        """
        raw = self.checked(raw)
        steps = [slice(start, start + self.rows_at_once(raw)) for start in range(0, len(raw), self.rows_at_once(raw))]
        if len(steps) <= 1:
            return self.apply_piece(raw)
        x: np.ndarray | None = None
        for step in steps:
            part = self.apply_piece(piece_of(raw, step))
            x = room_for((len(raw), *part.shape[1:])) if x is None else x
            x[step] = part
        assert x is not None
        return x

    @abstractmethod
    def checked(self, raw: Raw) -> Raw:
        """The data, if the recipe can be applied to them, in a form in which each row can be prepared by itself."""

    @abstractmethod
    def apply_piece(self, raw: Raw) -> np.ndarray:
        """Some rows of what `checked` returned, as `apply` has them."""

    def rows_at_once(self, raw: Raw) -> int:
        """Rows that are prepared at a time."""
        width = max(1, raw.rows.shape[1] if raw.values is None else raw.array[:1].size)
        return max(1, min(LONG, CELLS // width))

    def notes(self, raw: Raw) -> tuple[str, ...]:
        """What new data hold that the training data did not, as sentences in Markdown.

        Parameters
        ----------
        raw
            New data, as `apply` takes them.

        Returns
        -------
        tuple of str
            A sentence for each column; none where reading `raw` has said it already.
        """
        return ()

    def cleaned(self, raw: Raw) -> Raw:
        """The data as the recipe takes them, before any scaling: where codes stand for blanks, the blanks."""
        return raw

    @abstractmethod
    def restore(self, x: np.ndarray) -> pd.DataFrame | np.ndarray:
        """Prepared data in the user's units.

        Parameters
        ----------
        x
            float32 like `Prepared.x`, such as centers or decoded members.

        Returns
        -------
        pandas.DataFrame or numpy.ndarray
            A column for each one that took part; uint8 pictures [n, h, w, c]; or series, float32 [n, channels, time].
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything that was fitted, as plain JSON values."""

    @classmethod
    @abstractmethod
    def read(cls, values: Mapping[str, Any]) -> Recipe:
        """A recipe of this class back from its `to_json`."""

    def check_kind(self, raw: Raw) -> None:
        """InputError if `raw` is of another kind than the data that the recipe was fitted to."""
        table = ("table", "text")
        if raw.kind != self.kind and not (raw.kind in table and self.kind in table):
            names = {"table": "a table", "image": "pictures", "series": "series", "text": "texts", "graph": "a graph"}
            raise InputError(f"This was trained on {names[self.kind]}, but {raw.name} holds {names[raw.kind]}.")


def piece_of(raw: Raw, step: slice) -> Raw:
    """Some rows of the data, in order; nothing is copied."""
    values = None if raw.values is None else raw.values[step]
    return replace(raw, rows=raw.rows.iloc[step].reset_index(drop=True), values=values)


def pack(arrays: dict[str, np.ndarray]) -> str:
    """Arrays of any shape as one string, safetensors in base64; empty for no arrays."""
    return (
        base64.b64encode(save({name: np.ascontiguousarray(array) for name, array in arrays.items()})).decode("ascii")
        if arrays
        else ""
    )


def unpack(text: str) -> dict[str, np.ndarray]:
    """The arrays back from `pack`."""
    arrays: dict[str, np.ndarray] = load(base64.b64decode(text)) if text else {}
    return arrays
