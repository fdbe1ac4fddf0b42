"""Tables and texts: one block for each column that takes part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.columns.coded_blanks import Codes, without_coded_blanks
from engine.intake.mapped import mapped_column
from engine.intake.naming import unique_names
from engine.intake.raw import Kind, Raw
from engine.intake.recipes.blocks import Block, CategoryBlock, NumberBlock, as_words
from engine.intake.recipes.count_shares import CountShares
from engine.intake.recipes.date_block import DateBlock, TimeBlock
from engine.intake.recipes.ordinal_block import OrdinalBlock
from engine.intake.recipes.recipe import Recipe, pack, unpack
from engine.intake.recipes.texts import TextBlock
from engine.intake.wording import italic, listed, unseen_note


@dataclass(frozen=True, eq=False)
class TableRecipe(Recipe):
    """Blocks side by side: float32 [n, features]; where there are `shares`, of counts that became shares first."""

    kind: Kind
    blocks: tuple[Block, ...]
    shares: CountShares | None = None
    coded_blanks: Codes = field(default_factory=dict)

    @property
    def columns_out(self) -> tuple[str, ...]:
        """Names of the prepared columns."""
        return tuple(name for block in self.blocks for name in block.names())

    def checked(self, raw: Raw) -> Raw:
        """The columns that take part, categories as words; InputError if one is missing, or data are of another kind."""
        self.check_kind(raw)
        needed = dict.fromkeys(
            [block.column for block in self.blocks] + list(self.shares.columns if self.shares else ())
        )
        missing = [name for name in needed if name not in raw.rows]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise InputError(
                f"{listed(missing)} {verb} missing in {italic(raw.name)}: bring the same columns as before."
            )
        words = {block.column for block in self.blocks if isinstance(block, CategoryBlock)}
        columns = {name: self._words(raw, name) if name in words else raw.rows[name] for name in needed}
        return replace(raw, rows=pd.DataFrame(columns, index=raw.rows.index, copy=False))

    def _words(self, raw: Raw, name: str) -> pd.Series[Any]:
        """A column of categories as words: how numbers and dates are spelled goes by all of its cells."""
        return mapped_column(as_words(self.cleaned(replace(raw, rows=raw.rows[[name]])).rows[name]))

    def apply_piece(self, raw: Raw) -> np.ndarray:
        """float32 [n, features]."""
        rows = self.cleaned(raw).rows
        rows = rows if self.shares is None else self.shares.apply(rows)
        parts = [block.apply(rows) for block in self.blocks]
        return np.ascontiguousarray(np.concatenate(parts, axis=1))

    def cleaned(self, raw: Raw) -> Raw:
        """The table with blanks in place of the codes that stand for them."""
        return replace(raw, rows=without_coded_blanks(raw.rows, self.coded_blanks)) if self.coded_blanks else raw

    def notes(self, raw: Raw) -> tuple[str, ...]:
        """Categories that are none of the training data's, named and counted."""
        known = raw.options.formats or {}  # of columns with levels, reading has compared them
        rows = self.cleaned(raw).rows
        found = [
            unseen_note(block.column, block.unseen(rows))
            for block in self.blocks
            if isinstance(block, CategoryBlock | OrdinalBlock) and not known.get(block.column, {}).get("levels")
        ]
        return tuple(note for note in found if note)

    @property
    def share_columns(self) -> dict[str, str]:
        """For each column of categories, the column of `restore` that has their shares; none of the data has its name."""
        extra = self._extra_columns
        return {
            block.column: extra[f"{block.column} (share)"] for block in self.blocks if isinstance(block, CategoryBlock)
        }

    @property
    def _extra_columns(self) -> dict[str, str]:
        """What each column of `restore` beside the user's is called, so that none of the data has its name."""
        own = [block.column for block in self.blocks]
        shares = [f"{block.column} (share)" for block in self.blocks if isinstance(block, CategoryBlock)]
        extra = [*shares, *(name for block in self.blocks if isinstance(block, DateBlock) for name in block.extra())]
        names, _ = unique_names([*own, *extra])
        return dict(zip(extra, names[len(own) :], strict=True))

    def restore(self, x: np.ndarray) -> pd.DataFrame:
        """The original columns of prepared rows [n, features]; words as most likely value and its share, texts as top terms."""
        extra = self._extra_columns
        columns: dict[str, Any] = {}
        start = 0
        for block in self.blocks:
            width = len(block.names())
            restored = block.restore(x[:, start : start + width])
            columns |= {name if name == block.column else extra[name]: values for name, values in restored.items()}
            start += width
        return pd.DataFrame(columns)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        arrays: dict[str, np.ndarray] = {}
        blocks = [block.to_json(arrays) for block in self.blocks]
        shares = None if self.shares is None else self.shares.to_json()
        codes = {name: list(values) for name, values in self.coded_blanks.items()}
        return {"kind": self.kind, "blocks": blocks, "shares": shares, "coded_blanks": codes, "arrays": pack(arrays)}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> TableRecipe:
        """The recipe back from `to_json`."""
        arrays = unpack(values["arrays"])
        shares = CountShares.from_json(values["shares"]) if values.get("shares") else None
        codes = {name: tuple(codes) for name, codes in values.get("coded_blanks", {}).items()}
        return cls(values["kind"], tuple(_block(block, arrays) for block in values["blocks"]), shares, codes)


_BLOCKS: dict[str, Any] = {
    block.type: block for block in (NumberBlock, CategoryBlock, OrdinalBlock, DateBlock, TimeBlock)
}


def _block(values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Block:
    if values["type"] == "text":
        return TextBlock.from_json(values, arrays)
    block: Block = _BLOCKS[values["type"]].from_json(values)
    return block
