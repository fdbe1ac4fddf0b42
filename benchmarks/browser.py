"""The Chromium that benchmarks, tests and screenshots drive."""

import shutil
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
"""What it needs to draw WebGL in software, as any user, without a display."""

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """The path of a Chromium on this machine, that without windows first: it starts faster. None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def launch(driver: Any, *flags: str) -> Any:
    """A headless browser.

    Parameters
    ----------
    driver : playwright.sync_api.Playwright
        The driver that starts it.
    *flags : str
        Options of Chromium besides `FLAGS`.

    Returns
    -------
    playwright.sync_api.Browser
    """
    return driver.chromium.launch(executable_path=executable(), args=[*FLAGS, *flags])
