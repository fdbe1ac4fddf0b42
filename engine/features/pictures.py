"""What encoders of pictures share."""

import numpy as np

from engine.core.errors import InputError


def check_bands(values: np.ndarray, bands: int) -> None:
    """InputError where pictures [n, h, w, c] have another number of channels than those an encoder was fitted to."""
    if values.shape[3] != bands:
        found = f"{values.shape[3]} color channel{'s' * (values.shape[3] != 1)}"
        raise InputError(f"The pictures have {found} where {bands} are expected: bring pictures of the same kind.")


def check_alike(spread: float, least: float) -> None:
    """InputError where what is seen in pictures differs by no more than rounding does."""
    if spread < least:
        raise InputError("Nothing tells these pictures apart, they all look the same: bring pictures that differ.")
