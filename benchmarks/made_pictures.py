"""Pictures made for measurements: printed letters and filled shapes that move about in the frame."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

N, SIDE, FINE = 200, 40, 4
LETTERS = "ABEGKMQRSX"


def letters() -> tuple[np.ndarray, np.ndarray]:
    """uint8 [N, SIDE, SIDE]: black letters of several sizes at several places on white, and which of `LETTERS` each is."""
    rng, y = np.random.default_rng(0), np.arange(N) % len(LETTERS)
    found = []
    for letter in y:
        picture = Image.new("L", (SIDE, SIDE), "white")
        place, font = (
            (int(rng.integers(4, 14)), int(rng.integers(0, 10))),
            ImageFont.load_default(int(rng.integers(20, 32))),
        )
        ImageDraw.Draw(picture).text(place, LETTERS[letter], fill=0, font=font)
        found.append(np.asarray(picture))
    return np.stack(found), y


def shapes() -> tuple[np.ndarray, np.ndarray]:
    """uint8 [N, SIDE, SIDE, 3]: discs, squares, triangles, rings and crosses of several colors, sizes and places, and which."""
    rng, y, fine = np.random.default_rng(1), np.arange(N) % 5, SIDE * FINE
    found = []
    for kind in y:
        picture = Image.new("RGB", (fine, fine), "white")
        draw, color = ImageDraw.Draw(picture), tuple(int(value) for value in rng.integers(0, 200, 3))
        side = int(rng.integers(fine // 3, fine * 3 // 5))
        left, top = (int(value) for value in rng.integers(fine // 12, fine - side - fine // 12, 2))
        box, thin = (left, top, left + side, top + side), side * 2 // 5
        if kind == 0:
            draw.ellipse(box, fill=color)
        elif kind == 1:
            draw.rectangle(box, fill=color)
        elif kind == 2:
            draw.polygon([(left, top + side), (left + side, top + side), (left + side // 2, top)], fill=color)
        elif kind == 3:
            draw.ellipse(box, outline=color, width=side // 8)
        else:
            draw.rectangle((left, top + thin, left + side, top + side - thin), fill=color)
            draw.rectangle((left + thin, top, left + side - thin, top + side), fill=color)
        found.append(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    return np.stack(found), y
