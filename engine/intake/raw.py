"""What arrived, before any preparation: the rows, their profile and, for pictures and series, their values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from engine.intake.options import KINDS, Kind, ReadOptions
from engine.intake.storage import load_graph, load_rows, load_values, save_graph, save_rows, save_values

__all__ = ["KINDS", "ROLES", "Column", "Content", "Dtype", "Kind", "Raw", "ReadOptions", "Role"]

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
    coded_blanks
        Values that look like codes for "no answer", numbers or dates as YYYY-MM-DD; histogram and edges leave them out.
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
    coded_blanks: tuple[float | str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The profile as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Column:
        """The profile back from `to_json`."""
        top = tuple((str(value), int(count)) for value, count in values["top"])
        lists = {"histogram": tuple(values["histogram"]), "edges": tuple(values["edges"]), "top": top}
        return cls(**{**values, **lists, "coded_blanks": tuple(values.get("coded_blanks", ()))})


@dataclass(eq=False)
class Raw:
    """What a user brought, one row per member.

    Attributes
    ----------
    name
        What the user calls it.
    kind
        "table", "image", "series", "text" or "graph".
    rows
        A data frame with index 0..n-1: the table itself, or what is known of each picture, series or node.
    values
        uint8 [n, h, w, bands] of pictures; [n, channels, time] of series, NaN where one is shorter, float32, or float64 where
        small changes of large numbers would be lost; None of tables and texts.
    columns
        The profile of each column of `rows`.
    notes
        Sentences in Markdown on what was assumed or left out.
    fingerprint
        sha256 of the content.
    options
        What was asked for when it was read, as a table read as series is; empty where the file is as it came.
    formats
        How the cells of each column were written, as `ReadOptions.formats` takes it to read new data the same way.
    alternatives
        By name of a field of `ReadOptions`, what else could be chosen there, such as the other sheets of a workbook; what was
        chosen comes first.
    graph
        Of a graph, the weights of the links between its nodes, a scipy.sparse.csr_array [n, n] of float32, symmetric and with
        an empty diagonal; else None.
    """

    name: str
    kind: Kind
    rows: pd.DataFrame
    values: np.ndarray | None
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    fingerprint: str
    options: ReadOptions = field(default_factory=ReadOptions)
    formats: Mapping[str, Any] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    graph: Any = None

    @property
    def options_for_new_data(self) -> ReadOptions:
        """The options with which another file is read as this one was."""
        return replace(self.options, formats=self.formats or None)

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
        """Write rows, values (safetensors) and the rest (JSON) into `folder`, which is made if needed."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        save_rows(self.rows, folder)
        if self.values is not None:
            save_values(self.values, folder / "values.safetensors")
        if self.graph is not None:
            save_graph(self.graph, folder / "graph.safetensors")
        head = {
            "name": self.name,
            "kind": self.kind,
            "columns": [column.to_json() for column in self.columns],
            "notes": list(self.notes),
            "fingerprint": self.fingerprint,
            "options": self.options.to_json(),
            "formats": dict(self.formats),
            "alternatives": {name: list(values) for name, values in self.alternatives.items()},
        }
        (folder / "raw.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Raw:
        """Read back what `save` wrote; large tables and arrays are mapped, so the folder has to stay while they are in use."""
        folder = Path(folder)
        head = json.loads((folder / "raw.json").read_text(encoding="utf-8"))
        arrays, links = folder / "values.safetensors", folder / "graph.safetensors"
        return cls(
            name=head["name"],
            kind=head["kind"],
            rows=load_rows(folder, [column["name"] for column in head["columns"]]),
            values=load_values(arrays) if arrays.exists() else None,
            columns=tuple(Column.from_json(column) for column in head["columns"]),
            notes=tuple(head["notes"]),
            fingerprint=head["fingerprint"],
            options=_options(head),
            formats=head.get("formats", {}),
            alternatives={name: tuple(values) for name, values in head.get("alternatives", {}).items()},
            graph=load_graph(links) if links.exists() else None,
        )


def _options(head: Mapping[str, Any]) -> ReadOptions:
    """The options of a stored `Raw`; earlier versions knew how a table is read as series and nothing else."""
    earlier = {"series": head["reading"]} if head.get("reading") else {}
    return ReadOptions.from_json(head.get("options", earlier))


@dataclass(eq=False)
class Content:
    """What a reader hands over: rows and values as it found them, before columns are profiled.

    `kind` None: to be found out from the columns; `roles` are known roles; `formats`, `alternatives` and `graph` as in `Raw`.
    """

    rows: pd.DataFrame
    kind: Kind | None = None
    values: np.ndarray | None = None
    notes: list[str] = field(default_factory=list)
    roles: Mapping[str, Role] = field(default_factory=dict)
    formats: Mapping[str, Any] = field(default_factory=dict)
    alternatives: dict[str, tuple[str, ...]] = field(default_factory=dict)
    graph: Any = None
