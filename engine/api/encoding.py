"""Arrays as an encoder takes them, whatever form programs have them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from engine.core.card import Card
from engine.core.data import Data
from engine.core.errors import InputError
from engine.features import VALUES, encoder
from engine.intake import inspect, suggest, suggested_features
from engine.intake.recipes.preparing import kind_of_features

WHITE = 255


def features_for(X: Any, card: Card) -> str:
    """The features that were measured to suit samples, as far as the method takes any.

    Parameters
    ----------
    X : array-like or Data
        Samples; of prepared ones the values are compared.
    card : Card
        Of the method.

    Returns
    -------
    str
        "values", or the id of an encoder.

    Examples
    --------
    >>> import numpy as np
    >>> from engine.api.catalogue import card
    >>> features_for(np.random.default_rng(0).normal(size=(20, 1, 100)), card("kmeans"))
    'patterns'
    """
    if isinstance(X, Data) or not card.takes("table"):
        return VALUES
    source = as_source(X)
    if isinstance(source, pd.DataFrame) and not isinstance(X, pd.DataFrame) and source.shape[1] == 1:
        return "meaning"  # n texts, of which an estimator has no values
    raw = inspect(source)
    preparation = suggest(raw)
    if kind_of_features(raw, preparation) == "text" and len(raw.columns) == 1:
        return "meaning"
    if any(column.dtype in ("category", "text") for column in raw.columns):
        return "neighbors"
    return suggested_features(raw, preparation)[0]


def as_source(X: Any) -> Any:
    """Samples in the form that `engine.intake.inspect` takes: a DataFrame, or an array of numbers; n texts as one column.

    Parameters
    ----------
    X : array-like
        Samples, see `encoder_values`.

    Returns
    -------
    DataFrame or ndarray

    Examples
    --------
    >>> as_source(["a", "b"]).shape, as_source([[1.0, 2.0]]).shape
    ((2, 1), (1, 2))
    """
    if isinstance(X, pd.DataFrame):
        return X
    values = _numpy(X)
    if values.ndim <= 2 and values.dtype.kind in "OUS":
        columns = values[:, None] if values.ndim == 1 else values
        return pd.DataFrame(columns, columns=[f"column {i + 1}" for i in range(columns.shape[1])]).infer_objects()
    return values


def _numpy(X: Any) -> np.ndarray:
    return np.asarray(X.detach().cpu().numpy() if isinstance(X, Tensor) else X)


def encoder_values(X: Any, features: str) -> Any:
    """Samples in the form that an encoder takes, see `engine.features.base.Encoder`.

    Parameters
    ----------
    X : array-like
        Pictures [n, h, w], [n, h, w, c] or [n, c, h, w], of whole numbers up to 255 or of fractions up to 1; series [n, time] or
        [n, channels, time]; n texts; or rows [n, features], a DataFrame where some columns are words.
    features : str
        Id of the encoder.

    Returns
    -------
    ndarray or DataFrame
        Of n samples.

    Raises
    ------
    InputError
        Where the encoder does not take samples of this form.

    Examples
    --------
    >>> import numpy as np
    >>> encoder_values(np.zeros((5, 8, 8)), "texture").shape
    (5, 8, 8, 1)
    """
    kinds = encoder(features).card.kinds
    if "table" in kinds:
        return _rows(X)
    values = _numpy(X)
    if "text" in kinds and values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if len(values) < 2:
        raise InputError(f"Grouping needs at least two samples; there are {len(values)}.")
    if "text" in kinds and values.ndim == 1:
        return np.array(["" if value is None or value != value else str(value) for value in values], dtype=object)
    if "image" in kinds and values.ndim in (3, 4):
        return _pictures(values)
    if "series" in kinds and values.ndim in (2, 3):
        return np.asarray(values if values.ndim == 3 else values[:, None], np.float64)
    takes = {"image": "pictures [n, h, w]", "series": "series [n, channels, time]", "text": "n texts"}
    raise InputError(
        f"The features {features!r} are made of {' or '.join(takes[kind] for kind in sorted(kinds))}, but X has the shape "
        f"{list(values.shape)}."
    )


def _rows(X: Any) -> pd.DataFrame:
    """Numbers as float64, NaN for blanks; other columns as str, None for blanks."""
    frame = X.reset_index(drop=True) if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    columns = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.astype(np.float64)
        else:
            columns[str(name)] = column.astype(object).where(column.notna(), None).map(str, na_action="ignore")
    return pd.DataFrame(columns)


def _pictures(values: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w, c]; of four axes, the one of at most four entries is that of the bands."""
    if values.ndim == 3:
        values = values[..., None]
    elif values.shape[1] <= 4 < values.shape[3]:
        values = np.moveaxis(values, 1, 3)
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low < 0 or high > WHITE or not np.isfinite(values).all():
        raise InputError(
            f"Brightness must go from 0 to 1 or from 0 to {WHITE}; that of X goes from {low:g} to {high:g}."
        )
    scaled = values * (WHITE if high <= 1 else 1)
    return np.ascontiguousarray(np.rint(scaled), np.uint8)
