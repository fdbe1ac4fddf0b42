"""Pictures: many files become one uint8 array [n, h, w, c] of a common size, upright, gray or color.

Pictures that all have one size of at most 128 pixels keep it. Otherwise each is cut to its centered square (pictures of
mixed sizes) or stretched to a square (all of one size) and scaled to a common side of at most 128 pixels.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from engine.core.errors import InputError
from engine.intake.raw import Content, Role
from engine.intake.sniff import PICTURES, ending
from engine.intake.wording import be, count, italic, listed

LARGEST = 128  # stored side in pixels
MOST_PIXELS = 60_000_000  # one picture; more is left out
MEMORY = 2**30  # bytes that all stored pictures together may take
Files = Callable[[], Iterable[tuple[str, bytes | None]]]


@dataclass(frozen=True)
class Shape:
    """Common stored shape; `cut` says whether pictures are cut to their centered square first."""

    height: int
    width: int
    cut: bool
    note: str = ""


def read_pictures(files: Files, name: str) -> Content:
    """Content of picture files; `files()` gives paths with bytes and is gone through twice (sizes, then pixels).

    Damaged pictures and other files are left out and named; InputError if no picture is left.
    """
    sizes, foreign, broken = _survey(files)
    if not sizes:
        raise _no_picture(name, foreign, broken)
    shape = common_shape(list(sizes.values()))
    good: dict[str, np.ndarray] = {}
    for path, data in files():
        if path in sizes and data is not None:
            pixels = decode(data, shape)
            if pixels is None:
                broken.append(path)
            else:
                good[path] = pixels
    if not good:
        raise _no_picture(name, foreign, broken)
    notes = _left_out(foreign, broken) + ([shape.note] if shape.note else [])
    rows, roles = folder_rows(list(good))
    return Content(rows, "image", gathered(list(good.values())), notes, roles)


def _survey(files: Files) -> tuple[dict[str, tuple[int, int]], list[str], list[str]]:
    """Width and height of each picture by its header, files that are none, and damaged ones."""
    sizes: dict[str, tuple[int, int]] = {}
    foreign: list[str] = []
    broken: list[str] = []
    for path, data in files():
        found = None if data is None else header(data)
        if found is not None:
            sizes[path] = found
        elif data is None or ending(path) in PICTURES:
            broken.append(path)
        else:
            foreign.append(path)
    return sizes, foreign, broken


def header(data: bytes) -> tuple[int, int] | None:
    """Upright width and height of a picture; None if it is none, damaged or too large to open."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]) as picture:
            width, height = picture.size
            turned = picture.getexif().get(0x0112, 1) >= 5
    except Exception:  # Pillow's decoders raise many types on damaged files
        return None
    if not 0 < width * height <= MOST_PIXELS:
        return None
    return (height, width) if turned else (width, height)


def common_shape(sizes: list[tuple[int, int]]) -> Shape:
    """The shape in which pictures of these sizes (width, height) are stored."""
    cap = max(8, min(LARGEST, int((MEMORY / 3 / len(sizes)) ** 0.5)))
    distinct = Counter(sizes)
    width, height = sizes[0]
    if len(distinct) == 1 and max(width, height) <= cap:
        return Shape(height, width, cut=False)
    side = int(np.clip(np.median([min(pair) for pair in sizes]), 8, cap))
    if len(distinct) == 1:
        how = "scaled" if width == height else "stretched"
        note = f"Pictures of {width} x {height} pixels were {how} to {side} x {side}."
        return Shape(side, side, cut=False, note=note)
    note = (
        f"Pictures have {len(distinct):,} different sizes; each was cut to its centered square "
        f"and scaled to {side} x {side} pixels."
    )
    return Shape(side, side, cut=True, note=note)


def decode(data: bytes, shape: Shape) -> np.ndarray | None:
    """One picture as uint8 [h, w] or [h, w, 3] of the common shape: upright, on white where transparent; None if damaged."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (2 * shape.width, 2 * shape.height))
            upright = ImageOps.exif_transpose(picture)
            plain = _plain(upright)
            target = (shape.width, shape.height)
            if shape.cut:
                plain = ImageOps.fit(
                    plain, target, Image.Resampling.BOX if min(plain.size) > 2 * target[0] else Image.Resampling.BICUBIC
                )
            elif plain.size != target:
                plain = plain.resize(target, Image.Resampling.LANCZOS)
            return np.asarray(plain, dtype=np.uint8)
    except Exception:  # Pillow's decoders raise many types on damaged files
        return None


def _plain(picture: Image.Image) -> Image.Image:
    """Gray or RGB: palettes resolved, transparency over white, 16-bit and float brightness scaled to bytes."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        values = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if values.max() > 255 else 255.0
        return Image.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8))
    if picture.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")


def gathered(pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures as one array [n, h, w, c]; c is 1 if none shows a color."""
    colored = any(p.ndim == 3 and ((p[..., 0] != p[..., 1]) | (p[..., 1] != p[..., 2])).any() for p in pictures)
    channels = 3 if colored else 1
    values = np.empty((len(pictures), *pictures[0].shape[:2], channels), np.uint8)
    for i, picture in enumerate(pictures):
        values[i] = picture[..., None] if picture.ndim == 2 else picture[..., :channels]
    return values


def folder_rows(paths: list[str]) -> tuple[pd.DataFrame, dict[str, Role]]:
    """File, and the folder it lies in where there are several."""
    folders = [PurePosixPath(path).parent.name for path in paths]
    kinds = len(set(folders))
    roles: dict[str, Role] = {"file": "id"}
    rows = pd.DataFrame({"file": pd.Series(paths, dtype="str")})
    if kinds > 1:
        rows["folder"] = pd.Series(folders, dtype="str").replace("", "(top)")
        roles["folder"] = "label" if kinds <= len(paths) / 2 else "ignore"
    return rows, roles


def _left_out(foreign: list[str], broken: list[str]) -> list[str]:
    notes = []
    if foreign:
        verb = "was no picture and was" if len(foreign) == 1 else "were no pictures and were"
        notes.append(f"{count(len(foreign), 'file')} {verb} left out: {listed(foreign)}.")
    if broken:
        verb = "is damaged or too large and was" if len(broken) == 1 else "are damaged or too large and were"
        notes.append(f"{count(len(broken), 'picture')} {verb} left out: {listed(broken)}.")
    return notes


def _no_picture(name: str, foreign: list[str], broken: list[str]) -> InputError:
    if broken:
        what = "The picture" if len(broken) == 1 else f"All {len(broken):,} pictures"
        return InputError(
            f"{what} in {italic(name)} {be(len(broken))} damaged ({listed(broken, 3)}): save or copy them again."
        )
    if foreign:
        return InputError(
            f"{italic(name)} holds no picture, only {listed(foreign, 4)}: bring PNG, JPEG, GIF, BMP, TIFF or WEBP files."
        )
    return InputError(f"{italic(name)} is empty: there is nothing to read in it.")
