"""The one palette: theme, figures, map and report take their colors from here.

Groups 1 to 8 are Okabe-Ito based (Okabe and Ito 2008). Further ones walk through OKLCH (Ottosson 2020) with the hue
advancing by the golden angle; a color that comes too close to an earlier one for normal, deuteranope or protanope
eyes (Machado, Oliveira and Fernandes 2009) is skipped. Color i never depends on how many are asked for.
"""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Theme = Literal["light", "dark"]
Array = npt.NDArray[Any]

TOKENS: dict[Theme, dict[str, str]] = {
    "light": {
        "primary": "#3D5AFE",
        "action": "#3D5AFE",
        "background": "#FBFBFD",
        "sidebar": "#F4F6FC",
        "surface": "#F1F3F9",
        "text": "#1B2130",
        "muted": "#5C6478",
        "border": "#E2E6F0",
    },
    "dark": {
        "primary": "#8C9EFF",
        # White is written on it, and it is written on the background.
        "action": "#5B6EFF",
        "background": "#0F1320",
        "sidebar": "#121829",
        "surface": "#171D2E",
        "text": "#E7EAF3",
        "muted": "#A3ABC0",
        "border": "#283049",
    },
}
FIRST: dict[Theme, tuple[str, ...]] = {
    "light": ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A5195", "#8C8C8C"),
    "dark": ("#4DA3DB", "#F2B233", "#33C29A", "#E29AC3", "#8AD0F5", "#F0804A", "#A98BC4", "#B0B0B0"),
}
# Fill and outline of "unassigned".
UNASSIGNED: dict[Theme, tuple[str, str]] = {"light": ("#DADDE5", "#8A91A3"), "dark": ("#343B4F", "#7D859B")}
# Two colors this close in OKLab are about one just noticeable difference apart.
JND = 0.02
MOST = 200

_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)
_LIGHTNESS, _CHROMA = (0.55, 0.8), (0.12, 0.16)
_LEAST_CONTRAST = 1.9
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_EYES = np.array(
    [
        np.eye(3),
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ]
)


def palette(n: int, theme: Theme = "light") -> tuple[str, ...]:
    """Colors of groups 0 to n - 1.

    Parameters
    ----------
    n
        How many.
    theme
        "light" or "dark".

    Returns
    -------
    tuple of str
        "#RRGGBB" each. Color i does not depend on n; past `MOST` the colors repeat.

    Examples
    --------
    >>> palette(2)
    ('#0072B2', '#E69F00')
    >>> palette(3)[:2] == palette(2)
    True
    """
    colors = FIRST[theme] if n <= len(FIRST[theme]) else _all(theme)
    return tuple(colors[i % len(colors)] for i in range(n))


def color(label: int, theme: Theme = "light") -> str:
    """Color of one group, the same on every page and in every chart and export.

    Parameters
    ----------
    label
        The group; -1 is "unassigned", which is gray.
    theme
        "light" or "dark".

    Returns
    -------
    str
        "#RRGGBB".

    Examples
    --------
    >>> color(0), color(-1)
    ('#0072B2', '#DADDE5')
    """
    return UNASSIGNED[theme][0] if label < 0 else palette(label + 1, theme)[label]


def faded(hexadecimal: str, opacity: float) -> str:
    """A color with an opacity.

    Parameters
    ----------
    hexadecimal
        "#RRGGBB".
    opacity
        0 to 1.

    Returns
    -------
    str
        The same as "rgba()".

    Examples
    --------
    >>> faded("#0072B2", 0.5)
    'rgba(0,114,178,0.5)'
    """
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def diverging(theme: Theme = "light") -> tuple[str, str]:
    """Colors of less and of more: blue and orange, apart for every eye.

    Examples
    --------
    >>> diverging()
    ('#0072B2', '#D55E00')
    """
    return FIRST[theme][0], FIRST[theme][5]


def sequential(theme: Theme = "light") -> list[tuple[float, str]]:
    """A color scale of plotly from the background to the primary color, for shares and counts.

    Examples
    --------
    >>> sequential()
    [(0.0, '#F1F3F9'), (1.0, '#3D5AFE')]
    """
    return [(0.0, TOKENS[theme]["surface"]), (1.0, TOKENS[theme]["primary"])]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colors (WCAG 2.2).

    Parameters
    ----------
    a, b
        "#RRGGBB" each, in any order.

    Returns
    -------
    float
        1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"), 1)
    21.0
    """
    bright, dim = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def distances(colors: tuple[str, ...]) -> Array:
    """OKLab distance of every pair of colors, to the least favorable of normal, protanope and deuteranope eyes.

    Parameters
    ----------
    colors
        n colors, "#RRGGBB" each.

    Returns
    -------
    Array
        float [n, n]; `JND` is about one just noticeable difference.

    Examples
    --------
    >>> bool(distances(palette(2))[0, 1] > 3 * JND)
    True
    """
    lab = _seen(_linear(colors))
    nearest: Array = np.linalg.norm(lab[:, None] - lab[None], axis=-1).min(-1)
    return nearest


def _luminance(hexadecimal: str) -> float:
    return float(_linear((hexadecimal,))[0] @ np.array([0.2126, 0.7152, 0.0722]))


def _linear(colors: tuple[str, ...]) -> Array:
    s = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colors]) / 255
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def _seen(linear: Array) -> Array:
    """[n, eyes, 3] OKLab of linear RGB [n, 3] as each eye sees it."""
    eyes = np.clip(np.einsum("eij,nj->nei", _EYES, linear), 0, 1)
    lab: Array = np.cbrt(eyes @ _LMS.T) @ _LAB.T
    return lab


@lru_cache(maxsize=2)
def _all(theme: Theme) -> tuple[str, ...]:
    chosen = list(FIRST[theme])
    candidates = _candidates(theme)
    lab, candidate_lab = _seen(_linear(tuple(chosen))), _seen(_linear(candidates))
    # As far apart as possible first; each pass over the candidates is content with a little less.
    limit = 3 * JND
    while len(chosen) < MOST:
        for candidate, look in zip(candidates, candidate_lab, strict=True):
            if len(chosen) < MOST and np.linalg.norm(lab - look, axis=-1).min() >= limit:
                chosen.append(candidate)
                lab = np.concatenate([lab, look[None]])
        limit *= 0.9
    return tuple(chosen)


@lru_cache(maxsize=2)
def _candidates(theme: Theme) -> tuple[str, ...]:
    """Colors that exist on a screen and stand out from the background, in a fixed order."""
    i = np.arange(1500)
    # Additive recurrences of the plastic number spread lightness and chroma evenly.
    lightness = _LIGHTNESS[0] + np.ptp(_LIGHTNESS) * (i * 0.7548776662 % 1)
    chroma = _CHROMA[0] + np.ptp(_CHROMA) * (i * 0.5698402910 % 1)
    hue = i * _GOLDEN_ANGLE
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], 1)
    rgb = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    rgb = rgb[(rgb > -1e-3).all(1) & (rgb < 1 + 1e-3).all(1)].clip(0, 1)
    encoded = np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055)
    colors = ["#{:02X}{:02X}{:02X}".format(*row) for row in np.round(encoded * 255).astype(int)]
    return tuple(c for c in colors if contrast(c, TOKENS[theme]["background"]) >= _LEAST_CONTRAST)
