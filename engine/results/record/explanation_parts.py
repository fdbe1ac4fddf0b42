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
    FeatureBins,
    FeatureDistributions,
    GeneratedMembers,
    Interpolations,
    Question,
    SurrogateTree,
)

# Names of parts and of what is in them are those of the format's first version: results stay readable both ways.
PLAIN, DISTRIBUTIONS, INTERPOLATIONS = "understanding.json", "usual.safetensors", "walks.safetensors"
INTERPOLATED_ROWS, OVERALL, AVERAGES = "walks.parquet", "everybody.parquet", "averages.parquet"
GENERATED, GENERATED_ROWS = "invented.safetensors", "invented.parquet"
STORED = {"fidelity": "faithful", "majority": "largest", "held_out": "held", "n_features": "asked"}
"""Fields of the surrogate tree by the names they are stored under."""


def parts(explanations: Explanations) -> dict[str, bytes]:
    """Every part that there is something to write into."""
    distributions, interpolations, generated = (
        explanations.distributions,
        explanations.interpolations,
        explanations.generated,
    )
    plain = {
        "imitation": explanations.surrogate and _stored_surrogate(explanations.surrogate),
        "habits": distributions and [asdict(bins) for bins in distributions.bins],
        "steps": interpolations and interpolations.steps,
        "invented": generated and generated.each,
    }
    if all(value is None for value in plain.values()) and explanations.overall is None:
        return {}
    contents = {PLAIN: json.dumps(plain, ensure_ascii=False).encode()}
    if distributions is not None:
        contents[DISTRIBUTIONS] = tensors.save({"counts": distributions.counts, "middles": distributions.medians})
    if interpolations is not None:
        arrays = {"pairs": interpolations.pairs} | (
            {} if interpolations.values is None else {"values": interpolations.values}
        )
        contents[INTERPOLATIONS] = tensors.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        contents |= {} if interpolations.table is None else {INTERPOLATED_ROWS: _parquet(interpolations.table)}
    if generated is not None and generated.values is not None:
        contents[GENERATED] = tensors.save({"values": np.ascontiguousarray(generated.values)})
    tables = {OVERALL: explanations.overall, AVERAGES: explanations.averages}
    tables[GENERATED_ROWS] = None if generated is None else generated.table
    return contents | {name: _parquet(table) for name, table in tables.items() if table is not None}


def read(contents: Mapping[str, bytes]) -> Explanations:
    """Back from the parts of a result."""
    if PLAIN not in contents:
        return Explanations()
    plain: dict[str, Any] = json.loads(contents[PLAIN])
    return Explanations(
        surrogate=plain["imitation"] and _surrogate(plain["imitation"]),
        distributions=None
        if plain["habits"] is None
        else _distributions(plain["habits"], tensors.load(contents[DISTRIBUTIONS])),
        interpolations=None if plain["steps"] is None else _interpolations(plain["steps"], contents),
        generated=_generated(plain.get("invented"), contents),
        overall=_table(contents.get(OVERALL)),
        averages=_table(contents.get(AVERAGES)),
    )


def _stored_surrogate(tree: SurrogateTree) -> dict[str, Any]:
    return {STORED.get(name, name): value for name, value in asdict(tree).items()}


def _surrogate(plain: dict[str, Any]) -> SurrogateTree:
    branches = tuple(
        Branch(**branch | {"question": branch["question"] and Question(**branch["question"])})
        for branch in plain["branches"]
    )
    fields = {name: plain[STORED.get(name, name)] for name in SurrogateTree.__dataclass_fields__ if name != "branches"}
    return SurrogateTree(branches=branches, **fields)


def _distributions(features: list[dict[str, Any]], arrays: Mapping[str, Any]) -> FeatureDistributions:
    made = (FeatureBins(h["column"], h["kind"], tuple(h["edges"]), tuple(h["names"])) for h in features)
    return FeatureDistributions(tuple(made), arrays["counts"], arrays["middles"])


def _interpolations(steps: int, contents: Mapping[str, bytes]) -> Interpolations:
    arrays = tensors.load(contents[INTERPOLATIONS])
    return Interpolations(arrays["pairs"], steps, arrays.get("values"), _table(contents.get(INTERPOLATED_ROWS)))


def _generated(each: int | None, contents: Mapping[str, bytes]) -> GeneratedMembers | None:
    if each is None:  # as in results that were stored before any were made up
        return None
    values = tensors.load(contents[GENERATED])["values"] if GENERATED in contents else None
    return GeneratedMembers(each, values, _table(contents.get(GENERATED_ROWS)))


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.rename(columns=str).to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()


def _table(content: bytes | None) -> pd.DataFrame | None:
    return None if content is None else pd.read_parquet(io.BytesIO(content))
