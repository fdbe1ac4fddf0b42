"""The picture that messengers show beside a link: the map of the members, and what it is."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from engine.results.record.record import Floats, Ints, Result
from engine.view.palette import TOKENS, color

SIZE = (1200, 630)
"""What messengers ask for (Open Graph)."""
_MAP = (560, 40, 1160, 590)
_MARGIN, _TEXT = 64, 470
Pixels = npt.NDArray[np.uint8]


def preview(result: Result, title: str, facts: str) -> bytes:
    """The picture that messengers show beside a link: the map of the members beside a title.

    Parameters
    ----------
    result
        Of the run.
    title
        Shown in up to three lines.
    facts
        One line below it.

    Returns
    -------
    bytes
        A PNG of `SIZE` pixels, in light colors.

    Examples
    --------
    Where `result` is a run's result:

    >>> preview(result, "Customers", "60 rows in 3 groups")[1:4]
    b'PNG'
    """
    image = Image.new("RGB", SIZE, TOKENS["light"]["background"])
    pixels = np.array(image)
    left, top, right, bottom = _MAP
    _dots(pixels[top:bottom, left:right], result.best_map[1], result.labels)
    image = Image.fromarray(pixels)
    _words(ImageDraw.Draw(image), title, facts)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _dots(stage: Pixels, positions: Floats, labels: Ints) -> None:
    """Members [n, 2] as round dots, larger where they are few; those without a place are left out."""
    placed = np.isfinite(positions).all(1)
    positions, labels = positions[placed], labels[placed]
    if not len(positions):
        return
    radius = int(np.clip(9 - np.log2(max(len(positions), 2)) / 2, 1, 6))
    height, width = (side - 2 * radius - 1 for side in stage.shape[:2])
    low, high = positions.min(0), positions.max(0)
    scale = min(width, height) / max(float((high - low).max()), 1e-9)
    middle = np.array([width, height]) / 2
    x, y = ((positions - (low + high) / 2) * [scale, -scale] + middle).clip(0, [width, height]).astype(int).T + radius
    shades = {label: _rgb(color(label)) for label in np.unique(labels).tolist()}
    paint = np.array([shades[label] for label in labels.tolist()], np.uint8)
    reach = np.arange(-radius, radius + 1)
    for down, across in ((a, b) for a in reach for b in reach if a * a + b * b <= radius * radius + 1):
        stage[y + down, x + across] = paint


def _words(draw: ImageDraw.ImageDraw, title: str, facts: str) -> None:
    tokens = TOKENS["light"]
    draw.text((_MARGIN, 70), "Constella", tokens["primary"], ImageFont.load_default(30))
    font, line = ImageFont.load_default(54), 190
    for part in _broken(draw, " ".join(title.split()), font)[:3]:
        draw.text((_MARGIN, line), part, tokens["text"], font)
        line += 70
    draw.text((_MARGIN, line + 20), facts, tokens["muted"], ImageFont.load_default(28))


def _broken(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> list[str]:
    """Words in lines that fit; a word too long for one is cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font) <= _TEXT:
            lines[-1] = longer
        else:
            while draw.textlength(word, font) > _TEXT:
                word = f"{word[:-2].rstrip('…')}…"
            lines += [word]
    return [line for line in lines if line]


def _rgb(hexadecimal: str) -> tuple[int, int, int]:
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue
