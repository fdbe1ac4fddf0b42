"""A fitted preparation: new data is prepared the same way, prepared data is turned back into the user's units."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load, save

from engine.core.errors import InputError
from engine.intake.raw import Kind, Raw


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

    @abstractmethod
    def apply(self, raw: Raw) -> np.ndarray:
        """New data as the numbers that methods see.

        Parameters
        ----------
        raw
            Data of the same kind, with at least the columns that take part.

        Returns
        -------
        numpy.ndarray
            float32 like `Prepared.x`: [n, features], [n, c, h, w] or [n, channels, time], an entry for each row of `raw`.

        Raises
        ------
        InputError
            If the data is of another kind, lacks a column or channel, or holds words where numbers belong.
        """

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
