"""Figures on trust and their tables, in both themes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine import view
from engine.results.evaluate.fairness import fairness
from engine.results.evaluate.k_criteria import CRITERIA
from engine.results.evaluate.stability import stability
from engine.results.record.diagnostics import Robustness, Scan

THEMES = ["light", "dark"]


@pytest.fixture(scope="module")
def examined(penguins):
    """Penguins of which a few were elsewhere when they were grouped again; one group is empty, one member in none."""
    labels = penguins.result.labels.copy()
    labels[0] = -1
    other = labels.copy()
    other[10:60] = 1
    found = stability(labels, 4, [labels, other, other, labels], seeds=2)
    empty = replace(penguins.result.groups[0], label=3, name="Group 4", size=0)
    groups = (*penguins.result.groups, empty)
    one = penguins.result.separation
    separation = replace(one, **{name: (*values, None) for name, values in vars(one).items()})
    return replace(
        penguins.result, labels=labels, k=4, groups=groups, separation=separation, stability=found, method="fake"
    )


@pytest.fixture(scope="module")
def scanned():
    draw = np.random.default_rng(0)
    values = draw.random((2, 5, 4, 6)).astype(np.float32)
    values[:, [0, 1, 2, 4], :, 0] = np.nan
    return Scan(np.arange(1, 7), values[0], values[1], np.full((2, 6), 0.1, np.float32))


@pytest.fixture
def mixed(penguins):
    column = penguins.raw.rows["island"].iloc[penguins.result.kept].rename("<b>island</b>")
    return fairness(column, penguins.result.labels), {g: f"Group {g + 1}" for g in range(3)}


@pytest.mark.parametrize("theme", THEMES)
def test_every_figure_is_drawn(examined, scanned, mixed, theme):
    third = np.array([0.1, 0.2, 0.5], np.float32)
    made = [
        view.separation(examined, theme),
        view.stability(examined, theme),
        view.consensus(examined, theme),
        *(view.scan(scanned, name, 3, theme) for name in CRITERIA),
        view.mix(*mixed, theme),
        view.robustness(Robustness(third, third, third / 2, third), theme),
    ]
    for figure in made:
        assert figure.to_json()
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
        assert "<b>island" not in figure.to_json()


def test_separation_shows_each_group_beside_its_partner(examined):
    figure, table = view.separation(examined), view.separation_table(examined)
    assert list(figure.data[3].y) == ["Group 1", "Group 2", "Group 3"]
    assert list(figure.data[3].x) == pytest.approx(list(examined.separation.mean[:3]))
    assert list(figure.data[4].x) == pytest.approx(list(examined.separation.plain[:3]))
    assert table["Group"].tolist() == ["Group 1", "Group 2", "Group 3"]
    assert table["Separation"].tolist() == pytest.approx(list(examined.separation.mean[:3]), abs=0.01)
    plain = replace(examined, method="kmeans")
    assert len(view.separation(plain).data) == len(figure.data) - 1
    assert "Partner in k-means" not in view.separation_table(plain)


def test_stability_says_how_much_of_each_group_returned(examined):
    found = examined.stability
    table = view.stability_table(examined)
    assert list(view.stability(examined).data[0].x) == pytest.approx(found.groups[:3])
    assert table["Group"].tolist() == ["Group 1", "Group 2", "Group 3"]
    assert table["Most"].tolist() == [1.0, 1.0, 1.0]
    together = view.consensus_table(examined)
    assert together["Group"].tolist() == ["Unassigned", "Group 1", "Group 2", "Group 3"]
    assert together.iloc[0, 1] == 0, "who is in no group is together with nobody"
    assert together.iloc[1, 2] > 50


def test_the_table_of_the_scan_has_every_number_in_both_spaces(scanned):
    table = view.scan_table(scanned)
    assert len(table) == 12
    assert set(table["Measured in"]) == {"what was learned", "prepared data"}
    assert table.loc[0, "Separation"] == "–"
    assert "±" in table.loc[1, "Separation"]


def test_the_mix_stands_beside_that_of_all_members(mixed, penguins):
    figure, table = view.mix(*mixed), view.mix_table(*mixed)
    assert figure.data[0].y[0] == "All members"
    assert sum(float(cell.rstrip("%")) for cell in figure.data[0].text[1]) == pytest.approx(100, abs=2)
    assert len(table) == mixed[0].counts.size
    assert table["Members"].sum() == len(penguins.result)
    assert isinstance(table, pd.DataFrame)
