"""Every figure, in both themes: what it shows, and that no user text becomes markup."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine import view
from engine.view.style import escaped

THEMES = ["light", "dark"]
TREE = [
    {"id": 0, "parent": None, "left": 1, "right": 2, "size": 10, "label": None, "height": 3.0},
    {"id": 1, "parent": 0, "left": None, "right": None, "size": 4, "label": 0, "height": 0.0},
    {"id": 2, "parent": 0, "left": 3, "right": 4, "size": 6, "label": None, "height": 1.0},
    {"id": 3, "parent": 2, "left": None, "right": None, "size": 2, "label": 1, "height": 0.0},
    {"id": 4, "parent": 2, "left": None, "right": None, "size": 4, "label": 2, "height": 0.0},
]


def _all(penguins, pictures, waves, theme):
    result = penguins.result
    steps = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 5.0, 1.0]})
    return {
        "profile": view.profile(result.groups[0], theme),
        "band": view.series_band(waves.result.bands, 0, theme),
        "flow": view.flow(result, result, ("a", "b"), theme),
        "shares": view.shares(pictures.result, [1] * 10, theme),
        "interpolation": view.interpolation(steps, (0, 1), theme),
        "tree": view.tree(TREE, theme),
    }


@pytest.mark.parametrize("theme", THEMES)
def test_figures_have_no_ground_and_no_title_of_their_own(penguins, pictures, waves, theme):
    for name, figure in _all(penguins, pictures, waves, theme).items():
        layout = figure.layout
        assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)", name
        assert layout.title.text is None, name
        assert layout.font.color == view.TOKENS[theme]["text"], name
        assert layout.uirevision == "keep", name
        assert figure.data, name
        figure.to_json()


def test_a_group_has_the_same_color_everywhere(penguins):
    result, shade = penguins.result, view.color(1, "dark")
    bars = view.shares(result, [1, 1, 1], "dark").data[0]
    assert dict(zip(bars.y, bars.marker.color, strict=True))["Group 2"] == shade
    assert view.flow(result, result, theme="dark").data[0].node.color[1] == shade


def test_profile_shows_effects_with_their_intervals(penguins):
    group = penguins.result.groups[1]
    bar = view.profile(group).data[0]
    assert list(bar.x) == [d.effect for d in group.differences]
    assert list(bar.error_x.array) == pytest.approx([d.high - d.effect for d in group.differences])
    assert len(set(bar.marker.color)) == 2


def test_the_profile_of_one_difference_has_room_for_its_axis(penguins):
    one, some = (
        replace(penguins.result.groups[1], differences=penguins.result.groups[1].differences[:n]) for n in (1, 4)
    )
    assert view.profile(one).layout.height >= 64 + 64, "plotly keeps 64 pixels for the bars, whatever the axis needs"
    assert view.profile(some).layout.height > view.profile(one).layout.height


def test_a_group_without_differences_says_so(penguins):
    figure = view.profile(replace(penguins.result.groups[0], differences=()))
    assert figure.layout.annotations[0].text == "Nothing sets this group clearly apart."


def test_the_band_encloses_the_mean(waves):
    low, high, mean = view.series_band(waves.result.bands, 1).data
    assert (np.asarray(low.y) <= np.asarray(mean.y)).all()
    assert (np.asarray(mean.y) <= np.asarray(high.y)).all()


def test_the_tree_draws_a_branch_for_every_child():
    lines, dots = view.tree(TREE).data
    assert list(lines.x).count(None) == 4
    across = dict(zip([node["id"] for node in TREE], dots.x, strict=True))
    assert across == {0: 0.75, 1: 0, 2: 1.5, 3: 1, 4: 2}
    assert list(dots.y) == [3, 0, 1, 0, 0]
    assert dots.text[1] == "Group 1 · 4 members"
    assert dots.marker.color[3] == view.color(1)


def test_a_tree_without_heights_stands_by_its_levels():
    bare = [{k: v for k, v in node.items() if k != "height"} for node in TREE]
    assert list(view.tree(bare).data[1].y) == [2, 0, 1, 0, 0]


def test_a_very_deep_tree_is_drawn():
    chain = [
        {
            "id": i,
            "parent": i - 1 if i else None,
            "left": i + 1 if i < 1999 else None,
            "right": None,
            "size": 1,
            "label": None,
        }
        for i in range(2000)
    ]
    assert len(view.tree(chain).data[1].x) == 2000


def test_flow_counts_the_rows_both_runs_have(penguins):
    a = penguins.result
    b = replace(a, labels=a.labels[50:], kept=a.kept[50:])
    link = view.flow(a, b).data[0].link
    assert sum(link.value) == len(a) - 50
    assert len(link.source) == 3


def test_user_text_is_no_markup(penguins):
    named = penguins.result.renamed({0: "<b>bold</b><script>"})
    for figure in (view.shares(named, [1, 1, 1]), view.flow(named, named)):
        assert "<script>" not in figure.to_json().replace("\\u003c", "<")
    assert escaped("<a href='x'>") == "&lt;a href='x'&gt;"


def test_shares_of_new_rows_stand_beside_those_of_the_training(penguins):
    sizes = [0, 30, 10]
    made = view.shares(penguins.result, sizes, "dark")
    bars, marks = made.data
    order = sorted(range(3), key=lambda label: -int(penguins.result.sizes[label]))
    assert list(bars.y) == list(marks.y) == [f"Group {label + 1}" for label in order]
    assert list(bars.x) == [sizes[label] / 40 for label in order]
    assert list(marks.x) == pytest.approx([penguins.result.sizes[label] / 344 for label in order])
    assert view.shares(penguins.result, [0, 0, 0]).data[0].x == (0, 0, 0)
    named = penguins.result.renamed({0: "one · two"})
    assert set(view.shares(named, sizes).data[0].y) == {"Group 1", "Group 2", "Group 3"}
