"""From what a user has to what trains: a file, a sample's name or an array becomes prepared data."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from engine.core.data import Data
from engine.features import VALUES
from engine.intake import Preparation, Prepared, Raw, ReadOptions, inspect, prepare, suggest, suggested_features
from engine.intake import public_sets as _public_sets
from engine.intake import samples as _samples
from engine.portfolio.card import AUTO

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd

_READING = {field.name for field in fields(ReadOptions)}


def read(source: str | Path | np.ndarray[Any, Any] | pd.DataFrame, **options: Any) -> Data:
    """Data as training takes it, from whatever holds it.

    Parameters
    ----------
    source : str, Path, ndarray or DataFrame
        A file or folder, the name of one of `samples` or `public_sets`, or the values themselves.
    **options
        Fields of `Preparation` ("missing", "scale", "roles", ...), which override what is suggested for the source, and of
        `ReadOptions` ("sheet", "header", "kind", ...), which say how it is read. With features="auto" what suits the source by
        rules that were measured is compared, else its values.

    Returns
    -------
    Data
        On the CPU.

    Raises
    ------
    InputError
        With a sentence on what is wrong and where.

    Examples
    --------
    >>> import engine
    >>> data = engine.read("digits")
    >>> len(data), data.kind, data.shape
    (1797, 'image', (1, 8, 8))
    """
    reading = {name: options.pop(name) for name in _READING & options.keys()}
    raw = inspect(source, options=reading)
    choices = suggest(raw).to_json() | options
    if choices["features"] == AUTO:
        choices["features"] = suggested_features(raw, Preparation.from_json(choices | {"features": VALUES}))[0]
    return to_data(prepare(raw, Preparation.from_json(choices)), raw)


def to_data(prepared: Prepared, raw: Raw | None = None) -> Data:
    """Prepared arrays as what training sees, on the CPU; what lies in a file stays there."""
    return Data.of(prepared, raw)


def samples() -> tuple[str, ...]:
    """Names of the data sets that ship with Constella.

    Returns
    -------
    tuple of str
        Each is a source for `read`.

    Examples
    --------
    >>> import engine
    >>> "digits" in engine.samples()
    True
    """
    return tuple(sample.name for sample in _samples())


def public_sets() -> tuple[str, ...]:
    """Names of the public data sets, such as MNIST, that are downloaded when they are first read.

    Returns
    -------
    tuple of str
        Each is a source for `read`; what is downloaded stays in the folder "public" of CONSTELLA_HOME.

    Examples
    --------
    >>> import engine
    >>> engine.public_sets()[:3]
    ('mnist', 'fashion-mnist', 'kmnist')
    """
    return tuple(found.name for found in _public_sets())
