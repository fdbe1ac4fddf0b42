"""What helps to understand a result, as stored parts; a result that was stored without them has none."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import safetensors.numpy as tensors

from engine.results.record.explanations import (
    Branch,
    Explanations,
    Habit,
    Invented,
    Question,
    SurrogateTree,
    Usual,
    Walks,
)

PLAIN, USUAL, WALKS = "understanding.json", "usual.safetensors", "walks.safetensors"
WALKED, EVERYBODY, MEMBERS = "walks.parquet", "everybody.parquet", "averages.parquet"
INVENTED, INVENTED_ROWS = "invented.safetensors", "invented.parquet"


def parts(understood: Explanations) -> dict[str, bytes]:
    """Every part that there is something to write into."""
    usual, walks, invented = understood.usual, understood.walks, understood.invented
    plain = {
        "imitation": understood.imitation and asdict(understood.imitation),
        "habits": usual and [asdict(habit) for habit in usual.habits],
        "steps": walks and walks.steps,
        "invented": invented and invented.each,
    }
    if all(value is None for value in plain.values()) and understood.everybody is None:
        return {}
    found = {PLAIN: json.dumps(plain, ensure_ascii=False).encode()}
    if usual is not None:
        found[USUAL] = tensors.save({"counts": usual.counts, "middles": usual.middles})
    if walks is not None:
        arrays = {"pairs": walks.pairs} | ({} if walks.values is None else {"values": walks.values})
        found[WALKS] = tensors.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        found |= {} if walks.table is None else {WALKED: _parquet(walks.table)}
    if invented is not None and invented.values is not None:
        found[INVENTED] = tensors.save({"values": np.ascontiguousarray(invented.values)})
    tables = {EVERYBODY: understood.everybody, MEMBERS: understood.members}
    tables[INVENTED_ROWS] = None if invented is None else invented.table
    return found | {name: _parquet(table) for name, table in tables.items() if table is not None}


def read(found: Mapping[str, bytes]) -> Explanations:
    """Back from the parts of a result."""
    if PLAIN not in found:
        return Explanations()
    plain: dict[str, Any] = json.loads(found[PLAIN])
    return Explanations(
        imitation=plain["imitation"] and _imitation(plain["imitation"]),
        usual=None if plain["habits"] is None else _usual(plain["habits"], tensors.load(found[USUAL])),
        walks=None if plain["steps"] is None else _walks(plain["steps"], found),
        invented=_invented(plain.get("invented"), found),
        everybody=_table(found.get(EVERYBODY)),
        members=_table(found.get(MEMBERS)),
    )


def _imitation(plain: dict[str, Any]) -> SurrogateTree:
    branches = tuple(
        Branch(**branch | {"question": branch["question"] and Question(**branch["question"])})
        for branch in plain["branches"]
    )
    return SurrogateTree(**plain | {"branches": branches})


def _usual(habits: list[dict[str, Any]], arrays: Mapping[str, Any]) -> Usual:
    made = (Habit(h["column"], h["kind"], tuple(h["edges"]), tuple(h["names"])) for h in habits)
    return Usual(tuple(made), arrays["counts"], arrays["middles"])


def _walks(steps: int, found: Mapping[str, bytes]) -> Walks:
    arrays = tensors.load(found[WALKS])
    return Walks(arrays["pairs"], steps, arrays.get("values"), _table(found.get(WALKED)))


def _invented(each: int | None, found: Mapping[str, bytes]) -> Invented | None:
    if each is None:  # as in results that were stored before any were made up
        return None
    values = tensors.load(found[INVENTED])["values"] if INVENTED in found else None
    return Invented(each, values, _table(found.get(INVENTED_ROWS)))


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.rename(columns=str).to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()


def _table(content: bytes | None) -> pd.DataFrame | None:
    return None if content is None else pd.read_parquet(io.BytesIO(content))
