"""Small pictures of members: PNG for images, SVG for series, and one sprite for many."""

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.intake.media.bands import displayed

Pixels = npt.NDArray[np.uint8]


def png(image: Pixels, size: int | None = None) -> bytes:
    """Encode one picture as PNG.

    Parameters
    ----------
    image
        uint8 [h, w] or [h, w, bands]; see `engine.intake.media.bands` for what is shown of many.
    size
        Its longer side in pixels; None leaves it as it is.

    Returns
    -------
    bytes

    Examples
    --------
    >>> png(np.zeros((8, 8), np.uint8), 32)[1:4]
    b'PNG'
    """
    picture = _picture(image)
    if size is not None:
        scale = size / max(picture.size)
        # Tiny pictures keep their pixels instead of becoming a blur.
        kind = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.LANCZOS
        picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), kind)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def data_uri(content: bytes, mime: str = "image/png") -> str:
    """The content as a "data:" address that needs no other file.

    Parameters
    ----------
    content
        Of the file.
    mime
        Its type.

    Returns
    -------
    str

    Examples
    --------
    >>> data_uri(b"<svg/>", "image/svg+xml")
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def atlas(images: Pixels, size: int = 32, rows: npt.NDArray[np.int64] | None = None) -> tuple[bytes, int]:
    """Draw many pictures as the cells of one PNG, row by row.

    Parameters
    ----------
    images
        uint8 [n, h, w, bands]; see `engine.intake.media.bands` for what is shown of many.
    size
        Width and height of a cell in pixels.
    rows
        int64 [m], which of them are drawn; all where it is None. No copy of them is made.

    Returns
    -------
    tuple of bytes and int
        The PNG, and its number of columns.

    Examples
    --------
    >>> sheet, columns = atlas(np.zeros((5, 8, 8, 1), np.uint8))
    >>> sheet[1:4], columns
    (b'PNG', 3)
    """
    places = np.arange(len(images)) if rows is None else rows
    columns = max(1, int(np.ceil(np.sqrt(len(places)))))
    lines = max(1, -(-len(places) // columns))
    sheet = Image.new("L" if images.shape[-1] == 1 else "RGB", (columns * size, lines * size))
    for i, place in enumerate(places.tolist()):
        picture = _picture(images[place])
        picture.thumbnail((size, size), Image.Resampling.LANCZOS)
        x, y = i % columns * size, i // columns * size
        sheet.paste(picture, (x + (size - picture.width) // 2, y + (size - picture.height) // 2))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue(), columns


def sparkline(
    series: npt.NDArray[Any],
    color: str,
    *,
    width: int = 160,
    height: int = 48,
    limits: tuple[float, float] | None = None,
) -> str:
    """Draw a series as a small SVG.

    Parameters
    ----------
    series
        [time] or [channels, time]; further channels are fainter, NaN leaves a gap.
    color
        Of the line, as CSS.
    width, height
        In pixels.
    limits
        Values at the bottom and at the top, for series that are to be compared; None fills the height.

    Returns
    -------
    str
        A "data:" address.

    Examples
    --------
    >>> sparkline(np.arange(3), "red").partition(",")[0]
    'data:image/svg+xml;base64'
    """
    return data_uri(sparkline_svg(series, color, width=width, height=height, limits=limits).encode(), "image/svg+xml")


def sparkline_svg(
    series: npt.NDArray[Any],
    color: str,
    *,
    width: int = 160,
    height: int = 48,
    limits: tuple[float, float] | None = None,
) -> str:
    """The SVG source of `sparkline`, whose parameters it has; `series` is [time] or [channels, time]."""
    channels = np.atleast_2d(np.asarray(series, np.float64))
    finite = channels[np.isfinite(channels)]
    low, high = limits or ((finite.min(), finite.max()) if finite.size else (0.0, 1.0))
    span = (high - low) or 1.0
    paths = []
    for i, channel in enumerate(channels[:4]):
        x = np.linspace(2, width - 2, len(channel)) if len(channel) > 1 else np.full(len(channel), width / 2)
        y = 2 + (height - 4) * (1 - (channel - low) / span)
        paths.append(
            f'<path d="{_path(x, y)}" fill="none" stroke="{color}" stroke-width="1.6" '
            f'stroke-linejoin="round" stroke-opacity="{max(0.3, 1 - 0.25 * i):g}"/>'
        )
    return _svg(width, height, *paths)


def band_svg(
    low: npt.NDArray[Any],
    mean: npt.NDArray[Any],
    high: npt.NDArray[Any],
    color: str,
    *,
    size: tuple[int, int] = (200, 72),
) -> str:
    """Draw the mean of some series within a band.

    Parameters
    ----------
    low, mean, high
        [channels, time] each, of which the first channel is drawn; NaN is left out.
    color
        Of band and line, as CSS.
    size
        Width and height in pixels.

    Returns
    -------
    str
        The SVG source.

    Examples
    --------
    >>> band_svg(np.zeros((1, 9)), np.ones((1, 9)), np.full((1, 9), 2.0), "red").startswith("<svg")
    True
    """
    width, height = size
    parts = np.stack([np.atleast_2d(part)[0] for part in (low, mean, high)]).astype(np.float64)
    parts = parts[:, np.isfinite(parts).all(0)]
    if not parts.size:
        return _svg(width, height)
    bottom, span = parts.min(), float(np.ptp(parts)) or 1.0
    x = np.linspace(2, width - 2, parts.shape[1])
    y = 2 + (height - 4) * (1 - (parts - bottom) / span)
    around = _path(np.r_[x, x[::-1]], np.r_[y[0], y[2][::-1]])
    shade = f'<path d="{around}Z" fill="{color}" fill-opacity="0.22"/>'
    line = f'<path d="{_path(x, y[1])}" fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round"/>'
    return _svg(width, height, shade, line)


def _svg(width: int, height: int, *inner: str) -> str:
    space = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f"<svg {space}>{''.join(inner)}</svg>"


def _path(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> str:
    pen, steps = "M", []
    for a, b in zip(x, y, strict=True):
        if not np.isfinite(b):
            pen = "M"
            continue
        steps.append(f"{pen}{a:.1f} {b:.1f}")
        pen = "L"
    return "".join(steps)


def _picture(image: Pixels) -> Image.Image:
    shown = displayed(image) if image.ndim == 3 else image
    return Image.fromarray(np.ascontiguousarray(shown[..., 0] if shown.ndim == 3 and shown.shape[-1] == 1 else shown))
