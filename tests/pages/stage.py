"""The map as it is seen in a real browser, once it has come to rest."""

import io
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def frames(page: Any) -> None:
    """Wait until whatever was asked for has been drawn."""
    page.evaluate(TWO_FRAMES)


def glance(page: Any) -> NDArray[np.uint8]:
    """The pixels of the stage as they are now, [h, w, 3], with the pointer away."""
    page.mouse.move(5, 5)
    frames(page)
    shot = page.locator(".stage").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def picture(page: Any, unlike: NDArray[np.uint8] | None = None, seconds: float = 60) -> NDArray[np.uint8]:
    """The pixels of the stage, [h, w, 3], once two looks in a row are the same, and other than what was seen before."""
    end, before = time.monotonic() + seconds, glance(page)
    while True:
        now = glance(page)
        if np.array_equal(now, before) and (unlike is None or not np.array_equal(now, unlike)):
            return now
        assert time.monotonic() < end, "the map did not come to rest, or nothing has changed"
        before = now
