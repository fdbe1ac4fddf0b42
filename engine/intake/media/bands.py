"""Pictures of any number of bands as ones that can be shown."""

import numpy as np


def displayed(values: np.ndarray) -> np.ndarray:
    """Pictures with one or three bands, for the eye.

    Parameters
    ----------
    values
        [..., bands].

    Returns
    -------
    numpy.ndarray
        `values` where there are one or three bands; the first three of four, such as red, green, blue and infrared; of other
        numbers three spread over all of them, the last one red; two as red and green.

    Examples
    --------
    >>> displayed(np.zeros((5, 8, 8, 13), np.uint8)).shape
    (5, 8, 8, 3)
    """
    bands = values.shape[-1]
    if bands in (1, 3):
        return values
    if bands == 2:
        empty = np.zeros((*values.shape[:-1], 1), values.dtype)
        return np.concatenate([values, empty], axis=-1)
    chosen = [0, 1, 2] if bands == 4 else np.rint(np.linspace(bands - 1, 0, 3)).astype(int).tolist()
    return values[..., chosen]
