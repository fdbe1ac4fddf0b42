"""The palette: stable, apart for every eye, readable on both backgrounds."""

import colorsys
import importlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

from engine.view.palette import FIRST, JND, TOKENS, UNASSIGNED, color, contrast, distances, palette

THEMES = ["light", "dark"]
module = importlib.import_module("engine.view.palette")


def _least(colors):
    apart = distances(colors)
    return apart[~np.eye(len(colors), dtype=bool)].min()


@pytest.mark.parametrize("theme", THEMES)
def test_first_eight_are_the_given_ones(theme):
    assert palette(8, theme) == FIRST[theme]


@pytest.mark.parametrize("theme", THEMES)
def test_a_group_keeps_its_color_however_many_there_are(theme):
    most = palette(200, theme)
    for n in (1, 5, 8, 9, 30, 100):
        assert palette(n, theme) == most[:n]
    assert color(42, theme) == most[42]
    module._all.cache_clear()
    assert palette(200, theme) == most


@pytest.mark.parametrize("theme", THEMES)
def test_two_hundred_colors_are_distinct(theme):
    assert len(set(palette(200, theme))) == 200


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("n", "least"), [(30, JND), (60, JND), (100, 0.75 * JND), (200, 0.45 * JND)])
def test_colors_are_apart_for_normal_deuteranope_and_protanope_eyes(theme, n, least):
    assert _least(palette(n, theme)) >= least


@pytest.mark.parametrize("theme", THEMES)
def test_colors_stand_out_from_the_background(theme):
    assert min(contrast(shade, TOKENS[theme]["background"]) for shade in palette(100, theme)) >= 1.9


@pytest.mark.parametrize("theme", THEMES)
def test_unassigned_is_a_gray_of_its_own(theme):
    fill, line = UNASSIGNED[theme]
    assert color(-1, theme) == fill
    assert fill not in palette(200, theme)
    for shade in (fill, line):
        _, _, saturation = colorsys.rgb_to_hls(*(int(shade[i : i + 2], 16) / 255 for i in (1, 3, 5)))
        assert saturation < 0.25
    assert contrast(line, TOKENS[theme]["background"]) >= 2.5


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable(theme):
    for surface in ("background", "sidebar", "surface"):
        assert contrast(TOKENS[theme]["text"], TOKENS[theme][surface]) >= 7
        assert contrast(TOKENS[theme]["muted"], TOKENS[theme][surface]) >= 4.5
    assert contrast("#FFFFFF", TOKENS[theme]["action"]) >= 4.1, "what Streamlit writes on buttons"
    assert contrast(TOKENS[theme]["action"], TOKENS[theme]["background"]) >= 4.5


def test_contrast_by_hand():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_simulated_eyes_confuse_what_they_should():
    # A red and a green of one lightness: far apart for most, close for red-green blind eyes.
    red, green = "#C8553D", "#7E8A2E"
    seen = module._seen(module._linear((red, green)))
    normal, deutan, protan = np.linalg.norm(seen[0] - seen[1], axis=-1)
    assert deutan < 0.5 * normal
    assert protan < 0.8 * normal


def test_colors_past_the_last_repeat():
    assert palette(201)[200] == palette(1)[0]


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_theme_is_made_of_the_same_colors(theme):
    file = Path(__file__).parents[3] / ".streamlit" / "config.toml"
    given = tomllib.loads(file.read_text(encoding="utf-8"))["theme"][theme]
    names = {
        "action": "primaryColor",
        "background": "backgroundColor",
        "surface": "secondaryBackgroundColor",
        "text": "textColor",
        "border": "borderColor",
    }
    assert {token: given[name] for token, name in names.items()} == {token: TOKENS[theme][token] for token in names}
    assert given["sidebar"]["backgroundColor"] == TOKENS[theme]["sidebar"]
    assert tuple(given["chartCategoricalColors"]) == FIRST[theme]
