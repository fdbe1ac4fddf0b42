"""Draw the pictures of the samples' cards from the samples themselves: `python scripts/sample_pictures.py`."""

from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from engine.intake import Raw, inspect
from engine.view import data_uri, palette, png

FOLDER = Path(__file__).parents[1] / "static" / "samples"
WIDTH, HEIGHT = 180, 90
COLORS = palette(8)
FONT = "Arial, 'Liberation Sans', sans-serif"


def main() -> None:
    """Write one SVG per sample; the same samples give the same files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    drawings = {
        "digits": tiles(inspect("digits"), 28, 6, 3, dark=True),
        "customers": bars(inspect("customers")),
        "photos": tiles(inspect("photos"), 28, 6, 3, dark=False),
        "sensors": lines(inspect("sensors")),
        "tickets": texts(inspect("tickets")),
        "shapes": dots(inspect("shapes")),
    }
    for name, drawing in drawings.items():
        frame = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        )
        (FOLDER / f"{name}.svg").write_text(f"{frame}{drawing}</svg>\n", encoding="utf-8")


def tiles(raw: Raw, size: int, across: int, down: int, *, dark: bool) -> str:
    """Real pictures side by side."""
    assert raw.values is not None
    some = np.linspace(3, len(raw) - 4, across * down).astype(int) if not dark else np.arange(across * down)
    parts = []
    for i, row in enumerate(some):
        x, y = i % across * 30 + 1, i // across * 30 + 1
        source = data_uri(png(raw.values[row]))
        parts.append(
            f'<image x="{x}" y="{y}" width="{size}" height="{size}" href="{source}" style="image-rendering:pixelated"/>'
        )
    return "".join(parts)


def bars(raw: Raw) -> str:
    """A few customers as rows of a table whose cells are bars."""
    columns = [column.name for column in raw.columns if column.role == "feature" and column.dtype == "number"][:5]
    rows = raw.rows[columns].dropna().iloc[:7]
    share = (rows - raw.rows[columns].min()) / (raw.rows[columns].quantile(0.98) - raw.rows[columns].min())
    parts = []
    for i, line in enumerate(share.clip(0.06, 1).to_numpy(np.float64).tolist()):
        for j, part in enumerate(line):
            x, y = j * 36 + 2, i * 12.6 + 3
            parts.append(
                f'<rect x="{x}" y="{y:.1f}" width="32" height="8" rx="2" fill="{COLORS[j]}" fill-opacity="0.16"/>'
            )
            parts.append(f'<rect x="{x}" y="{y:.1f}" width="{32 * part:.1f}" height="8" rx="2" fill="{COLORS[j]}"/>')
    return "".join(parts)


def lines(raw: Raw) -> str:
    """One day of four meters of different kinds."""
    assert raw.values is not None
    label = next(column.name for column in raw.columns if column.role == "label")
    parts = []
    for i, (_, members) in enumerate(list(raw.rows.groupby(label))[:4]):
        series = raw.values[members.index[1], 0].astype(np.float64)
        series = (series - np.nanmin(series)) / (np.nanmax(series) - np.nanmin(series))
        x = np.linspace(3, WIDTH - 3, len(series))
        y = HEIGHT - 5 - (HEIGHT - 10) * series
        path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
        parts.append(f'<path d="{path}" fill="none" stroke="{COLORS[i]}" stroke-width="1.6" stroke-opacity="0.9"/>')
    return "".join(parts)


def texts(raw: Raw) -> str:
    """The first words of a few tickets, a dot in the color of the topic before each."""
    name = next(column.name for column in raw.columns if column.dtype == "text")
    label = next((column.name for column in raw.columns if column.role == "label"), None)
    topics = pd.factorize(raw.rows[label])[0] if label else np.zeros(len(raw), int)
    parts = []
    for i, row in enumerate(range(6)):
        text = str(raw.rows[name].iloc[row])[:33] + "…"
        y = 12 + i * 14.2
        parts.append(f'<circle cx="7" cy="{y - 3.4:.1f}" r="3.4" fill="{COLORS[int(topics[row]) % 8]}"/>')
        parts.append(
            f'<text x="15" y="{y:.1f}" font-family="{FONT}" font-size="10" fill="#7C859B">{escape(text)}</text>'
        )
    return "".join(parts)


def dots(raw: Raw) -> str:
    """Points of the plane in the colors of their shapes."""
    x, y = (raw.rows[name].to_numpy(np.float64) for name in ("x", "y"))
    codes = pd.factorize(raw.rows[next(column.name for column in raw.columns if column.role == "label")])[0]
    scale = min((WIDTH - 10) / np.ptp(x), (HEIGHT - 8) / np.ptp(y))
    left = (WIDTH - scale * np.ptp(x)) / 2
    parts = []
    for i in range(0, len(x), 3):
        cx, cy = left + scale * (x[i] - x.min()), HEIGHT - 4 - scale * (y[i] - y.min())
        parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="1.5" fill="{COLORS[int(codes[i]) % 8]}"/>')
    return "".join(parts)


if __name__ == "__main__":
    main()
