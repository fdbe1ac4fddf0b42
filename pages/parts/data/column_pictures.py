"""Small pictures of a column's values: bars over ranges, or the most frequent values by name. SVGs as addresses."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from engine.intake import Column
from engine.view import data_uri
from pages.parts.app import colors, formatting

_WIDTH, _HEIGHT = 240, 54


def values(column: Column) -> str:
    """A column as it arrived: its distribution where it is measured, else its most frequent values; "" for neither."""
    if column.histogram and max(column.histogram) > 0:
        return ranges(column.histogram)
    if column.top and column.top[0][1] > 1:
        return _framed(_bars(column.top[:3]))
    return ""


def ranges(counts: Sequence[int]) -> str:
    """Bars [bins] of equal width, as high as the counts say."""
    step, most = _WIDTH / len(counts), max(1, *counts)
    tall = [(_HEIGHT - 4) * count / most for count in counts]
    return _framed(
        "".join(
            f'<rect x="{i * step + 1:.1f}" y="{_HEIGHT - 2 - height:.1f}" width="{max(step - 2, 1):.1f}" '
            f'height="{height + 1:.1f}" rx="1.5" fill="{colors.accent()}" fill-opacity="0.75"/>'
            for i, height in enumerate(tall)
        )
    )


def _bars(top: Sequence[tuple[str, int]]) -> str:
    most, parts = top[0][1], []
    for i, (value, count) in enumerate(top):
        y, width = 1 + i * 18, max(_WIDTH * count / most, 2)
        parts.append(
            f'<rect x="0" y="{y}" width="{width:.1f}" height="15" rx="3" fill="{colors.accent()}" fill-opacity="0.3"/>'
            f'<text x="6" y="{y + 11.5}" font-family="Arial, sans-serif" font-size="11.5" fill="{colors.text()}">'
            f"{escape(formatting.cut(value, 30))} · {count:,}</text>"
        )
    return "".join(parts)


def _framed(drawing: str) -> str:
    frame = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    return data_uri(f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>{drawing}</svg>'.encode(), "image/svg+xml")
