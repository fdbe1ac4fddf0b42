"""What arrived, before any preparation: the rows, their profile and, for pictures and series, their values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

Kind = Literal["table", "image", "series", "text"]
KINDS: tuple[Kind, ...] = ("table", "image", "series", "text")
Dtype = Literal["number", "category", "text", "date", "boolean"]
Role = Literal["feature", "label", "id", "ignore"]
ROLES: tuple[Role, ...] = ("feature", "label", "id", "ignore")


@dataclass(frozen=True)
class Column:
    """Profile of one column.

    Attributes
    ----------
    name, dtype
        What it is called, and what its cells are: "number", "category", "text", "date" or "boolean".
    role
        What it seems to be for: "feature", "label", "id" or "ignore".
    missing, distinct
        How many cells are blank, and how many different values the others have.
    example
        Its first value, as people write it.
    histogram, edges
        Of numbers and dates: how many cells lie between consecutive edges. Edges of dates are days since 1970-01-01.
    top
        Of words: the most frequent values with their counts.
    warning
        Why it is left out, a sentence; "" where it is not.
    """

    name: str
    dtype: Dtype
    role: Role
    missing: int
    distinct: int
    example: str
    histogram: tuple[int, ...] = ()
    edges: tuple[float, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    warning: str = ""

    def to_json(self) -> dict[str, Any]:
        """The profile as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Column:
        """The profile back from `to_json`."""
        top = tuple((str(value), int(count)) for value, count in values["top"])
        lists = {"histogram": tuple(values["histogram"]), "edges": tuple(values["edges"]), "top": top}
        return cls(**{**values, **lists})


@dataclass(eq=False)
class Raw:
    """What a user brought, one row per member.

    Attributes
    ----------
    name
        What the user calls it.
    kind
        "table", "image", "series" or "text".
    rows
        A data frame with index 0..n-1: the table itself, or what is known of each picture or series.
    values
        uint8 [n, h, w, c] of pictures (c is 1 or 3); float32 [n, channels, time] of series, NaN where one is shorter; None of
        tables and texts.
    columns
        The profile of each column of `rows`.
    notes
        Sentences in Markdown on what was assumed or left out.
    fingerprint
        sha256 of the content.
    reading
        How a table was read as series (`as_series`); None where the file is as it came.
    """

    name: str
    kind: Kind
    rows: pd.DataFrame
    values: np.ndarray | None
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    fingerprint: str
    reading: dict[str, Any] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def array(self) -> np.ndarray:
        """`values` of pictures [n, h, w, c] or series [n, channels, time]; TypeError for tables and texts."""
        if self.values is None:
            raise TypeError(f"{self.kind} data has rows only")
        return self.values

    def column(self, name: str) -> Column:
        """The profile of the column called `name`; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def save(self, folder: Path) -> None:
        """Write rows (Parquet), values (safetensors) and the rest (JSON) into `folder`, which is made if needed."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.rows.to_parquet(folder / "rows.parquet", index=False)
        if self.values is not None:
            save_file({"values": np.ascontiguousarray(self.values)}, folder / "values.safetensors")
        head = {
            "name": self.name,
            "kind": self.kind,
            "columns": [column.to_json() for column in self.columns],
            "notes": list(self.notes),
            "fingerprint": self.fingerprint,
            "reading": self.reading,
        }
        (folder / "raw.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Raw:
        """Read back what `save` wrote."""
        folder = Path(folder)
        head = json.loads((folder / "raw.json").read_text(encoding="utf-8"))
        arrays = folder / "values.safetensors"
        return cls(
            name=head["name"],
            kind=head["kind"],
            rows=pd.read_parquet(folder / "rows.parquet"),
            values=load_file(arrays)["values"] if arrays.exists() else None,
            columns=tuple(Column.from_json(column) for column in head["columns"]),
            notes=tuple(head["notes"]),
            fingerprint=head["fingerprint"],
            reading=head.get("reading"),
        )


@dataclass(eq=False)
class Content:
    """What a reader hands over: rows and values as it found them, before columns are profiled.

    `kind` None: to be found out from the columns; `roles` are known roles.
    """

    rows: pd.DataFrame
    kind: Kind | None = None
    values: np.ndarray | None = None
    notes: list[str] = field(default_factory=list)
    roles: Mapping[str, Role] = field(default_factory=dict)
