"""Sounds: each becomes a log-mel picture, brightness over time and pitch, by one recipe for the whole set that a note states.

Spectra of Hann windows of 25 ms every 10 ms, at each file's own rate; 64 triangular bands, equally wide on the mel scale;
loudness in decibels from the loudest band of the set down to 80 below; channels are averaged, frames too, to 128 columns at most.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.files.sniff import SOUNDS, ending
from engine.intake.media.pictures import folder_rows
from engine.intake.raw import Content
from engine.intake.wording import count, italic, listed

WINDOW, HOP = 0.025, 0.010  # seconds
BANDS, COLUMNS = 64, 128
LOWEST, HIGHEST = 50.0, 11_025.0  # Hz
RANGE = 80.0  # decibels from black to white
LONGEST = 30.0  # seconds of each sound that are used
MOST_RATE, MOST_CHANNELS = 200_000, 64
KEY = "sound"  # in `Raw.formats`
Files = Callable[[], Iterable[tuple[str, bytes | None]]]


@dataclass(frozen=True)
class MelRecipe:
    """Seconds of each sound that are used, the highest frequency in Hz, and the loudness that is white, in decibels."""

    seconds: float
    top: float
    loudest: float = 0.0


def read_sounds(files: Files, name: str, formats: Mapping[str, Any] | None = None) -> Content:
    """Content of sound files as log-mel pictures; `files()` gives paths with bytes and is gone through twice.

    Damaged sounds and other files are left out and named; InputError if no sound is left, or the reader is not installed.
    """
    soundfile = _reader(name)
    lengths, gone = _survey(soundfile, files)
    if not lengths:
        raise InputError(f"{italic(name)} holds no sound that can be read: bring WAV or FLAC files.")
    known = (formats or {}).get(KEY)
    recipe = MelRecipe(**known) if known else _recipe(list(lengths.values()))
    spectra: dict[str, np.ndarray] = {}
    for path, data in files():
        if path in lengths and data is not None:
            sound = _samples(soundfile, data, recipe.seconds)
            if sound is None:
                gone.append(path)
            else:
                spectra[path] = log_mel(sound, lengths[path][1], recipe)
    if not spectra:
        raise InputError(f"{italic(name)} holds no sound that can be read: bring WAV or FLAC files.")
    if not known:
        recipe = MelRecipe(recipe.seconds, recipe.top, max(float(spectrum.max()) for spectrum in spectra.values()))
    rows, roles = folder_rows(list(spectra))
    rows["seconds"] = pd.Series([round(lengths[path][0], 3) for path in spectra])
    notes = [_stated(recipe), *_left_out(gone)]
    values = np.stack([_to_bytes(spectrum, recipe) for spectrum in spectra.values()])[..., None]
    kept = {KEY: {"seconds": recipe.seconds, "top": recipe.top, "loudest": recipe.loudest}}
    return Content(rows, "image", values, notes, {**roles, "seconds": "ignore"}, formats=kept)


def _reader(name: str) -> Any:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise InputError(
            f"{italic(name)} holds sounds, which need a further package: install it with pip install soundfile."
        ) from error
    return soundfile


def _survey(soundfile: Any, files: Files) -> tuple[dict[str, tuple[float, int]], list[str]]:
    """Seconds and rate of each sound by its header, and the files that are none or damaged."""
    lengths: dict[str, tuple[float, int]] = {}
    gone: list[str] = []
    for path, data in files():
        try:
            about = soundfile.info(io.BytesIO(data)) if data is not None and ending(path) in SOUNDS else None
        except (RuntimeError, TypeError, ValueError):
            about = None
        sound = about is not None and about.frames > 0 and 0 < about.samplerate <= MOST_RATE
        if about is not None and sound and about.channels <= MOST_CHANNELS:
            lengths[path] = (about.frames / about.samplerate, about.samplerate)
        else:
            gone.append(path)
    return lengths, gone


def _recipe(lengths: list[tuple[float, int]]) -> MelRecipe:
    """As long as nine of ten sounds, and as high as the lowest rate reaches."""
    seconds = min(LONGEST, float(np.quantile([length for length, _ in lengths], 0.9)))
    return MelRecipe(round(max(seconds, 2 * WINDOW), 3), min(HIGHEST, min(rate for _, rate in lengths) / 2))


def _samples(soundfile: Any, data: bytes, seconds: float) -> np.ndarray | None:
    """float32 [time] of the first `seconds`, channels averaged; None where the file is damaged."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            sound = file.read(int(seconds * file.samplerate) + 1, dtype="float32", always_2d=True)
    except (RuntimeError, TypeError, ValueError):
        return None
    mono: np.ndarray = np.nan_to_num(sound).mean(axis=1)
    return mono if len(mono) else None


def log_mel(sound: np.ndarray, rate: int, recipe: MelRecipe) -> np.ndarray:
    """Decibels [bands, columns] of a sound [time]; low pitches first; silence where it is shorter than the recipe says.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    >>> log_mel(tone, 16_000, MelRecipe(1.0, 8_000.0)).shape
    (64, 98)
    """
    width, hop = max(int(WINDOW * rate), 16), max(int(HOP * rate), 4)
    frames = max(1, 1 + (int(recipe.seconds * rate) - width) // hop)
    filled = np.zeros(width + (frames - 1) * hop, np.float32)
    filled[: min(len(sound), len(filled))] = sound[: len(filled)]
    windows = np.lib.stride_tricks.sliding_window_view(filled, width)[::hop]
    size = 1 << (width - 1).bit_length()
    power = np.abs(np.fft.rfft(windows * np.hanning(width).astype(np.float32), size, axis=1)) ** 2 / width
    mel = power @ _filters(size, rate, recipe.top).T
    columns = min(COLUMNS, frames)
    edges = np.linspace(0, frames, columns + 1).astype(int)
    pooled = np.add.reduceat(mel, edges[:-1], axis=0) / np.diff(edges)[:, None]
    decibels: np.ndarray = (10 * np.log10(np.maximum(pooled, 1e-20))).T.astype(np.float32)
    return decibels


def _filters(size: int, rate: int, top: float) -> np.ndarray:
    """Triangles [bands, size / 2 + 1] whose corners are equally far apart on the mel scale."""
    ends = 2595 * np.log10(1 + np.array([LOWEST, top]) / 700)
    mels = np.linspace(ends[0], ends[1], BANDS + 2)
    corners = 700 * (10 ** (mels / 2595) - 1)
    pitch = np.fft.rfftfreq(size, 1 / rate)
    # A band narrower than the distance of two frequencies still holds one.
    wide = np.maximum(np.diff(corners), rate / size)[:, None]
    rise = (pitch - corners[:-2, None]) / wide[:-1]
    fall = (corners[2:, None] - pitch) / wide[1:]
    triangles: np.ndarray = np.maximum(0, np.minimum(np.minimum(rise, fall), 1))
    return triangles


def _to_bytes(decibels: np.ndarray, recipe: MelRecipe) -> np.ndarray:
    """uint8 [bands, columns], high pitches on top."""
    share = np.clip((decibels[::-1] - recipe.loudest) / RANGE + 1, 0, 1)
    pixels: np.ndarray = np.rint(share * 255).astype(np.uint8)
    return pixels


def _stated(recipe: MelRecipe) -> str:
    seconds = "second" if recipe.seconds == 1 else f"{recipe.seconds:g} seconds"
    return (
        f"Sounds became log-mel pictures: the first {seconds} (shorter ones end in silence), windows of "
        f"{WINDOW * 1000:.0f} ms every {HOP * 1000:.0f} ms, {BANDS} mel bands from {LOWEST:g} to {recipe.top:,.0f} Hz, "
        f"{RANGE:g} dB below the loudest of the set as black."
    )


def _left_out(gone: list[str]) -> list[str]:
    if not gone:
        return []
    what = "was no sound that can be read and was" if len(gone) == 1 else "were no sounds that can be read and were"
    return [f"{count(len(gone), 'file')} {what} left out: {listed(gone)}."]
