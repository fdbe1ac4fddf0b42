"""Results on disk: Parquet and safetensors parts with checksums, held together by one JSON file; never pickle."""

import hashlib
import io
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import safetensors.numpy as tensors

from engine.core.errors import InputError
from engine.results.record import explanation_parts
from engine.results.record.diagnostics import ResultWarning, Robustness, Scan, Separation, Stability, packed, unpacked
from engine.results.record.history import moments
from engine.results.record.record import Bands, Baseline, Confusion, Difference, Floats, Group, Ints, Prototypes, Result

Read = Callable[[str], bytes]
Write = Callable[[str, bytes], None]
LIST = "result.json"
FORMAT = 1
# Fields that the JSON file holds as they are.
CHECKS: dict[str, type[Any]] = {"stability": Stability, "scan": Scan, "robustness": Robustness}
"""What is added to a result on request, each in a part of its own."""
PLAIN = ("kind", "method", "k", "metrics", "verdict", "class_names", "tree", "report", "seconds")
MORE = {"outlier_score": "odd", "reconstruction_error": "misdrawn"}
"""Numbers that members may have, and the columns they are stored in: the names of the format's first version."""


def save_result(result: Result, write: Write) -> None:
    """Write every part, then the list of parts; an interrupted save leaves the old list in force."""
    for name, content in _parts(result).items():
        write(name, content)
        result.sums[name] = hashlib.sha256(content).hexdigest()
    write(LIST, _list(result))


def add_map(result: Result, name: str, positions: Floats, write: Write) -> None:
    """Add one projection, float32 [n, 2 or 3], to a stored result without rewriting the rest."""
    part, content = f"map-{name}.safetensors", tensors.save({"positions": np.ascontiguousarray(positions)})
    write(part, content)
    result.maps[name] = positions
    result.sums[part] = hashlib.sha256(content).hexdigest()
    write(LIST, _list(result))


def add_check(result: Result, name: str, record: Any, write: Write) -> None:
    """Add one of `CHECKS` to a stored result, or replace it, without rewriting the rest.

    The part has a name of its own each time, so that the list of parts tells the truth at every moment: who reads meanwhile
    reads what was there before.
    """
    content = tensors.save(packed(record))
    part, digest = _check_part(name, content), hashlib.sha256(content).hexdigest()
    write(part, content)
    setattr(result, name, record)
    for old in [known for known in result.sums if known.startswith(f"check-{name}")]:
        del result.sums[old]
    result.sums[part] = digest
    write(LIST, _list(result))


def load_result(read: Read) -> Result:
    """Read a stored result, of this or an earlier version of Constella.

    Parameters
    ----------
    read
        Takes a part's name and returns its bytes; OSError or KeyError where there is none.

    Returns
    -------
    Result
        Everything but the embedding, which `load_embedding` reads.

    Raises
    ------
    InputError
        Where a part is missing or damaged, or a newer version wrote the result.
    """
    plain = _listed(read)
    sums: dict[str, str] = plain["sums"]
    try:
        return _assembled(plain, {name: _checked(read, name, sums) for name in sums if name != "embedding.safetensors"})
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise _damaged(LIST) from error


def load_embedding(result: Result, read: Read) -> Floats:
    """The embedding that later projections start from.

    Parameters
    ----------
    result
        A result as `load_result` returns it; remembers the embedding.
    read
        Takes a part's name and returns its bytes.

    Returns
    -------
    Floats
        float32 [n, d], d at most 50.

    Raises
    ------
    InputError
        Where the part is missing or damaged.
    """
    if result.embedding is None:
        content = _checked(read, "embedding.safetensors", result.sums)
        result.embedding = tensors.load(content)["embedding"]
    return result.embedding


def _parts(result: Result) -> dict[str, bytes]:
    parts = {"members.parquet": _parquet(_members(result))}
    for name, positions in result.maps.items():
        parts[f"map-{name}.safetensors"] = tensors.save({"positions": np.ascontiguousarray(positions)})
    prototypes = result.prototypes
    if prototypes is not None and prototypes.table is not None:
        parts["prototypes.parquet"] = _parquet(prototypes.table)
    if prototypes is not None and prototypes.values is not None:
        parts["prototypes.safetensors"] = tensors.save({"values": np.ascontiguousarray(prototypes.values)})
    if result.bands is not None:
        bands = {name: np.ascontiguousarray(getattr(result.bands, name)) for name in ("mean", "low", "high")}
        parts["bands.safetensors"] = tensors.save(bands)
    for name in CHECKS:
        if getattr(result, name) is not None:
            content = tensors.save(packed(getattr(result, name)))
            parts[_check_part(name, content)] = content
    if result.embedding is not None:
        parts["embedding.safetensors"] = tensors.save({"embedding": np.ascontiguousarray(result.embedding)})
    return parts | explanation_parts.parts(result.explanations)


def _members(result: Result) -> pd.DataFrame:
    columns: dict[str, Any] = {name: getattr(result, name) for name in ("labels", "sure", "second", "doubtful", "kept")}
    if result.truth is not None:
        columns["truth"] = result.truth
    if result.baseline is not None:
        columns["baseline"] = result.baseline.labels
    columns |= {stored: getattr(result, name) for name, stored in MORE.items() if getattr(result, name) is not None}
    columns |= {f"alternative_{i}": labels for i, labels in enumerate(result.alternatives.values())}
    return pd.DataFrame(columns)


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.rename(columns=str).to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()


def _list(result: Result) -> bytes:
    baseline, confusion = result.baseline, result.confusion
    plain = {name: getattr(result, name) for name in PLAIN} | {
        "format": FORMAT,
        # The user's own names live in the store of runs, where they can be changed.
        "groups": [_grouped(group) for group in result.groups],
        "history": [asdict(moment) for moment in result.history],
        "alternatives": list(result.alternatives),
        "baseline": baseline and {k: v for k, v in vars(baseline).items() if k != "labels"},
        "confusion": confusion and vars(confusion),
        "prototypes": result.prototypes and result.prototypes.source,
        "share_columns": result.prototypes and result.prototypes.shares,
        "caveats": None if result.warnings is None else [asdict(warning) for warning in result.warnings],
        "separation": result.separation and asdict(result.separation),
        "sums": result.sums,
    }
    content = json.dumps(_jsonable(plain), ensure_ascii=False, allow_nan=False, sort_keys=True)
    return json.dumps({"sum": hashlib.sha256(content.encode()).hexdigest(), "content": content}).encode()


def _grouped(group: Group) -> dict[str, Any]:
    plain = asdict(group.without_given_name())
    del plain["proposed"]
    return plain


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return _jsonable(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _damaged(part: str) -> InputError:
    return InputError(f"The stored result is damaged: its part {part} is missing or changed. Start the run once more.")


def _fetched(read: Read, name: str) -> bytes:
    try:
        return read(name)
    except (OSError, KeyError) as error:
        raise _damaged(name) from error


def _checked(read: Read, name: str, sums: Mapping[str, str]) -> bytes:
    content = _fetched(read, name)
    if hashlib.sha256(content).hexdigest() != sums.get(name):
        raise _damaged(name)
    return content


def _listed(read: Read) -> dict[str, Any]:
    try:
        outer = json.loads(_fetched(read, LIST))
        content = str(outer["content"])
        if hashlib.sha256(content.encode()).hexdigest() != outer["sum"]:
            raise _damaged(LIST)
        plain: dict[str, Any] = json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise _damaged(LIST) from error
    if plain["format"] != FORMAT:
        raise InputError("The stored result was written by another version of Constella. Start the run once more.")
    return plain


def _assembled(plain: dict[str, Any], parts: Mapping[str, bytes]) -> Result:
    members = pd.read_parquet(io.BytesIO(parts["members.parquet"]))
    labels = members["labels"].to_numpy(np.int64)
    names = plain["alternatives"]
    return Result(
        **{name: plain[name] for name in PLAIN if name != "class_names"},
        class_names=tuple(plain["class_names"]),
        labels=labels,
        sure=members["sure"].to_numpy(np.float32),
        second=members["second"].to_numpy(np.int64),
        doubtful=members["doubtful"].to_numpy(np.bool_),
        kept=members["kept"].to_numpy(np.int64),
        sizes=_sizes(labels, plain["k"]),
        truth=members["truth"].to_numpy(np.int64) if "truth" in members else None,
        baseline=_baseline(plain["baseline"], members),
        groups=tuple(_group(group) for group in plain["groups"]),
        prototypes=_prototypes(plain["prototypes"], plain.get("share_columns"), parts),
        bands=Bands(**tensors.load(parts["bands.safetensors"])) if "bands.safetensors" in parts else None,
        confusion=_confusion(plain["confusion"]),
        maps=_maps(parts),
        alternatives={name: members[f"alternative_{i}"].to_numpy(np.int64) for i, name in enumerate(names)},
        history=moments(plain["history"]),
        warnings=_warnings(plain.get("caveats")),
        separation=_separation(plain.get("separation")),
        outlier_score=_more(members, MORE["outlier_score"]),
        reconstruction_error=_more(members, MORE["reconstruction_error"]),
        **{name: _check(kind, name, parts) for name, kind in CHECKS.items()},
        explanations=explanation_parts.read(parts),
        sums=dict(plain["sums"]),
    )


def _more(members: pd.DataFrame, name: str) -> Floats | None:
    return members[name].to_numpy(np.float32) if name in members else None


def _sizes(labels: Ints, k: int) -> Ints:
    return np.bincount(labels[labels >= 0], minlength=k).astype(np.int64)


def _maps(parts: Mapping[str, bytes]) -> dict[str, Floats]:
    names = [name for name in parts if name.startswith("map-")]
    return {name[4:].removesuffix(".safetensors"): tensors.load(parts[name])["positions"] for name in names}


def _baseline(plain: dict[str, Any] | None, members: pd.DataFrame) -> Baseline | None:
    return plain and Baseline(labels=members["baseline"].to_numpy(np.int64), **plain)  # type: ignore[return-value]


def _warnings(plain: list[dict[str, Any]] | None) -> tuple[ResultWarning, ...] | None:
    return None if plain is None else tuple(ResultWarning(**warning) for warning in plain)


def _separation(plain: dict[str, list[Any]] | None) -> Separation | None:
    return None if plain is None else Separation(**{name: tuple(values) for name, values in plain.items()})


def _check_part(name: str, content: bytes) -> str:
    return f"check-{name}-{hashlib.sha256(content).hexdigest()[:12]}.safetensors"


def _check(kind: type[Any], name: str, parts: Mapping[str, bytes]) -> Any:
    contents = [content for part, content in parts.items() if part.startswith(f"check-{name}")]
    return unpacked(kind, tensors.load(contents[0])) if contents else None


def _confusion(plain: dict[str, Any] | None) -> Confusion | None:
    if plain is None:
        return None
    counts = np.array(plain["counts"], np.int64).reshape(len(plain["classes"]), len(plain["groups"]))
    return Confusion(counts, tuple(plain["classes"]), tuple(plain["groups"]))


def _prototypes(source: Any, shares: dict[str, str] | None, parts: Mapping[str, bytes]) -> Prototypes | None:
    if source is None:
        return None
    table = parts.get("prototypes.parquet")
    values = parts.get("prototypes.safetensors")
    return Prototypes(
        source,
        None if table is None else pd.read_parquet(io.BytesIO(table)),
        None if values is None else tensors.load(values)["values"],
        shares,
    )


def _group(plain: dict[str, Any]) -> Group:
    differences = tuple(Difference(**item) for item in plain.pop("differences"))
    typical, doubtful = tuple(plain.pop("typical")), tuple(plain.pop("doubtful"))
    return Group(**plain, differences=differences, typical=typical, doubtful=doubtful)
