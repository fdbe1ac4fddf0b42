"""What of the data is compared if the user changes nothing, by rules that were measured."""

from __future__ import annotations

from engine.features import VALUES, encoder, is_installed
from engine.features.suggested import suggested_for_pictures, suggested_for_series, suggested_for_texts
from engine.intake.raw import Raw
from engine.intake.recipes.feature_recipe import joined_texts
from engine.intake.recipes.preparation import Preparation
from engine.intake.recipes.preparing import kind_of_features


def suggested_features(raw: Raw, preparation: Preparation) -> tuple[str, str]:
    """The features that were measured to suit such data, and why.

    Parameters
    ----------
    raw
        The data as `inspect` read it.
    preparation
        Its roles say which columns take part.

    Returns
    -------
    tuple of str
        Id of an encoder, or "values", and a sentence for the user, "" where nothing speaks for others than the values.

    Examples
    --------
    >>> import numpy as np
    >>> from engine.intake import inspect, suggest, suggested_features
    >>> waves = inspect(np.random.default_rng(0).normal(size=(20, 1, 100)))
    >>> suggested_features(waves, suggest(waves))[0]
    'patterns'
    """
    features, why = _suggested(raw, preparation)
    if features != VALUES and not is_installed(features):
        return VALUES, f"“{encoder(features).card.name}” would suit these data, but its packages are not installed."
    return features, why


def _suggested(raw: Raw, preparation: Preparation) -> tuple[str, str]:
    kind = kind_of_features(raw, preparation)
    if kind == "image":
        return suggested_for_pictures(raw.array)
    if kind == "series":
        return suggested_for_series(raw.array)
    if kind == "text":
        taking_part = [column for column in raw.columns if preparation.role(column) == "feature"]
        names = [column.name for column in taking_part if column.dtype == "text"]
        return suggested_for_texts(joined_texts(raw.rows[names]).tolist()) if names else (VALUES, "")
    return VALUES, ""
