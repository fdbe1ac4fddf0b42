"""Pictures: many files become one uint8 array [n, h, w, bands] of a common size, upright; each page of a stack is a picture.

Pictures that all have one size of at most 224 pixels keep it. Otherwise each is cut to its centered square (pictures of
mixed sizes) or stretched to a square (all of one size) and scaled to a common side of at most 224 pixels, which is what networks
look at. What is darker or brighter than bytes can hold is brought to bytes on one scale for the whole set.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.files.sniff import PICTURES, ending
from engine.intake.mapped import is_large, mapped_array
from engine.intake.media.brightness import KEY, Brightness, fit_brightness, remembered
from engine.intake.media.picture_files import DAMAGED, Header, Shape, Unreadable, decoded, quiet, read_header
from engine.intake.raw import Content, Role
from engine.intake.wording import be, count, italic, joined, listed

LARGEST = 224  # stored side in pixels
MEMORY = 2**30  # bytes that all stored pictures together may take
Files = Callable[[], Iterable[tuple[str, bytes | None]]]


@dataclass
class Survey:
    """What picture files say of themselves: their headers, files that are no pictures, and reasons with those left out."""

    headers: dict[str, Header] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, path: str, reason: str) -> None:
        """Note that a picture cannot be read, and why."""
        self.left_out.setdefault(reason, []).append(path)
        self.headers.pop(path, None)


def read_pictures(files: Files, name: str, formats: Mapping[str, Any] | None = None) -> Content:
    """Content of picture files; `files()` gives paths with bytes and is gone through twice (headers, then pixels).

    Pictures that cannot be read and other files are left out and named; InputError if no picture is left. `formats` holds the
    scale of brightness that a model was trained on.
    """
    survey = _survey(files)
    if not survey.headers:
        raise _no_picture(name, survey)
    _keep_alike(survey)
    shape = common_shape(list(survey.headers.values()))
    names, values, brightness = _mapped(files, survey, shape) or _in_memory(files, survey, shape, (name, formats))
    if not names:
        raise _no_picture(name, survey)
    notes = _left_out(survey) + _on_stacks(survey.headers, len(names)) + ([shape.note] if shape.note else [])
    rows, roles = folder_rows(names)
    if brightness is not None and brightness.note:
        notes.append(brightness.note)
    kept = {} if brightness is None else {KEY: brightness.to_json()}
    return Content(rows, "image", values, notes, roles, formats=kept)


Pages = tuple[list[str], np.ndarray, Brightness | None]
"""The name of each page, uint8 [n, h, w, bands], and how they were brought to bytes where they were none."""


def _in_memory(files: Files, survey: Survey, shape: Shape, known: tuple[str, Mapping[str, Any] | None]) -> Pages:
    """All pages; `known` are the name of the set, and the scale of brightness that a model was trained on."""
    pages = dict(_pages(files, survey, shape))
    if not pages:
        return [], np.zeros((0, shape.height, shape.width, 1), np.uint8), None
    deep = any(page.dtype != np.uint8 for page in pages.values())
    brightness = _set_brightness(pages, survey.headers, *known) if deep else None
    return list(pages), gathered(list(pages.values()), brightness), brightness


def _mapped(files: Files, survey: Survey, shape: Shape) -> Pages | None:
    """All pages of a large set of plain pictures, decoded one by one into a file; None for any other set."""
    headers = survey.headers.values()
    n, bands = sum(header.pages for header in headers), max(_kind_of(header) for header in headers)
    size = (n, shape.height, shape.width, bands)
    if not is_large(math.prod(size)) or any(header.depth != 255 or header.reader != "pillow" for header in headers):
        return None
    values, names, colored = mapped_array(size, np.uint8), list[str](), bands != 3
    for name, page in _pages(files, survey, shape):
        if page.dtype != np.uint8:
            return None
        values[len(names)] = page
        colored = colored or _is_colored(page)
        names.append(name)
    values = values[: len(names)]
    return names, values if colored else _first_band(values), None


def _first_band(values: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w, 1] of pictures [n, h, w, bands]."""
    gray = mapped_array((*values.shape[:3], 1), np.uint8)
    for start in range(0, len(values), 1024):
        gray[start : start + 1024] = values[start : start + 1024, ..., :1]
    return gray


def _survey(files: Files) -> Survey:
    survey = Survey()
    for path, data in files():
        if data is None:
            survey.leave_out(path, DAMAGED)
            continue
        try:
            with quiet():
                found = read_header(data)
        except Unreadable as error:
            survey.leave_out(path, error.reason)
            continue
        if found is not None:
            survey.headers[path] = found
        elif ending(path) in PICTURES:
            survey.leave_out(path, DAMAGED)
        else:
            survey.foreign.append(path)
    return survey


def _keep_alike(survey: Survey) -> None:
    """Leave out pictures with another number of bands than most have; gray and color ones go together."""
    bands = Counter(_kind_of(header) for header in survey.headers.values())
    usual = bands.most_common(1)[0][0]
    for path, header in list(survey.headers.items()):
        if _kind_of(header) != usual:
            most = "one or three" if usual == 3 else str(usual)
            survey.leave_out(path, f"of {count(header.bands, 'band')} where most pictures have {most}")


def _kind_of(header: Header) -> int:
    return 3 if header.bands in (1, 3) else header.bands


def common_shape(headers: list[Header]) -> Shape:
    """The shape in which pictures with these headers are stored."""
    n = sum(header.pages for header in headers)
    widest = max(header.bands * (1 if header.depth == 255 else 4) for header in headers)
    cap = max(8, min(LARGEST, int((MEMORY / max(widest, 3) / n) ** 0.5)))
    distinct = Counter((header.width, header.height) for header in headers)
    width, height = headers[0].width, headers[0].height
    if len(distinct) == 1 and max(width, height) <= cap:
        return Shape(height, width, cut=False)
    side = int(np.clip(np.median([min(header.width, header.height) for header in headers]), 8, cap))
    if len(distinct) == 1:
        how = "scaled" if width == height else "stretched"
        note = f"Pictures of {width} x {height} pixels were {how} to {side} x {side}."
        return Shape(side, side, cut=False, note=note)
    note = (
        f"Pictures have {len(distinct):,} different sizes; each was cut to its centered square "
        f"and scaled to {side} x {side} pixels."
    )
    return Shape(side, side, cut=True, note=note)


def _pages(files: Files, survey: Survey, shape: Shape) -> Iterator[tuple[str, np.ndarray]]:
    """Every page of every picture under a name of its own; what turns out to be damaged is noted and left out whole."""
    for path, data in files():
        header = survey.headers.get(path)
        if header is None or data is None:
            continue
        try:
            with quiet():
                pages = list(decoded(data, header, shape))
        except Unreadable as error:
            survey.leave_out(path, error.reason)
            continue
        if any(page.dtype != np.uint8 and not np.isfinite(page).any() for page in pages):
            survey.leave_out(path, "without any measured pixel")
            continue
        for number, page in enumerate(pages, 1):
            yield path if len(pages) == 1 else page_name(path, number, len(pages)), page


def page_name(path: str, number: int, pages: int) -> str:
    """What page `number` of a stack is called: "plate.tif (page 03)"."""
    return f"{path} (page {number:0{len(str(pages))}d})"


def is_page(name: str) -> bool:
    """Whether a picture of this name is a page of a stack, and no file of its own."""
    return name.endswith(")") and name.rpartition(" (page ")[2][:-1].isdigit()


def _set_brightness(
    pages: Mapping[str, np.ndarray], headers: Mapping[str, Header], name: str, formats: Mapping[str, Any] | None
) -> Brightness:
    """The scale of the pictures beyond bytes: that of the data a model was trained on, else their own."""
    deep = [page for page in pages.values() if page.dtype != np.uint8]
    known = remembered(formats, deep[0].shape[2])
    if known is not None:
        return known
    if len(deep) == len(pages):
        return fit_brightness(deep, name)
    depths = [header.depth for header in headers.values() if header.depth != 255]
    most = max(float(np.nanmax(page)) for page in deep)
    white = max(depths) if max(depths, default=0) > 255 else next((top for top in (1.0, 255.0) if most <= top), most)
    note = f"Pictures of more than 8 bits in {italic(name)} were scaled so that {white:,.0f} is white, as 255 is in the others."
    return Brightness((0.0,), (float(white),), note)


def gathered(pictures: list[np.ndarray], brightness: Brightness | None = None) -> np.ndarray:
    """Pictures [h, w, bands] as one uint8 array [n, h, w, bands]; bands is 1 if none shows a color.

    Those that are no bytes become bytes by `brightness`. The list is emptied on the way, so that memory is not taken twice.
    """
    if brightness is not None:
        for i, picture in enumerate(pictures):
            pictures[i] = picture if picture.dtype == np.uint8 else brightness.to_bytes(picture)
    most = max(picture.shape[2] for picture in pictures)
    bands = 1 if most == 3 and not any(_is_colored(picture) for picture in pictures) else most
    values = np.empty((len(pictures), *pictures[0].shape[:2], bands), np.uint8)
    for i, picture in enumerate(pictures):
        values[i] = picture[..., :bands]
    return values


def _is_colored(picture: np.ndarray) -> bool:
    return picture.shape[2] == 3 and bool(
        (picture[..., 0] != picture[..., 1]).any() or (picture[..., 1] != picture[..., 2]).any()
    )


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


def _on_stacks(headers: Mapping[str, Header], pages: int) -> list[str]:
    stacks = [path for path, header in headers.items() if header.pages > 1]
    if not stacks:
        return []
    has = "has several pages" if len(stacks) == 1 else "have several pages"
    return [f"{listed(stacks)} {has}; each page is a picture of its own: {count(pages, 'picture')} in all."]


def _left_out(survey: Survey) -> list[str]:
    notes = []
    if survey.foreign:
        verb = "was no picture and was" if len(survey.foreign) == 1 else "were no pictures and were"
        notes.append(f"{count(len(survey.foreign), 'file')} {verb} left out: {listed(survey.foreign)}.")
    for reason, paths in survey.left_out.items():
        verb, was = be(len(paths)), be(len(paths), past=True)
        notes.append(f"{count(len(paths), 'picture')} {verb} {reason} and {was} left out: {listed(paths)}.")
    return notes


def _no_picture(name: str, survey: Survey) -> InputError:
    if survey.left_out:
        total = sum(map(len, survey.left_out.values()))
        what = "The picture" if total == 1 else f"All {total:,} pictures"
        paths = [path for reason in survey.left_out.values() for path in reason]
        reasons = joined(list(survey.left_out))
        again = "save or copy" if list(survey.left_out) == [DAMAGED] else "save"
        them = f"{'it' if total == 1 else 'them'} again{'' if again != 'save' else ', as PNG, JPEG or TIFF'}"
        return InputError(f"{what} in {italic(name)} {be(total)} {reasons} ({listed(paths, 3)}): {again} {them}.")
    if survey.foreign:
        return InputError(
            f"{italic(name)} holds no picture, only {listed(survey.foreign, 4)}: bring PNG, JPEG, GIF, BMP, TIFF or WEBP files."
        )
    return InputError(f"{italic(name)} is empty: there is nothing to read in it.")
