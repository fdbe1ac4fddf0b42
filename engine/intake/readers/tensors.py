"""safetensors: arrays by name."""

from __future__ import annotations

from engine.core.errors import InputError
from engine.intake.media.arrays import from_arrays
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.readers.matlab import numeric
from engine.intake.wording import italic


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The arrays of the file, judged by what they hold. InputError where it is damaged or holds none."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(data)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{italic(name)} is a damaged safetensors file: save it again.") from error
    return from_arrays(numeric(found, name), name, options)
