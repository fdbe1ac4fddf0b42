"""The suggested preparation: one unit, ranges, logarithms and shares of counts where each is right."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Preparation, inspect, prepare, preprocessing_summary, suggest
from engine.intake.recipes.stored import recipe_from_json


def separation(x: np.ndarray, group: np.ndarray) -> float:
    """Distances between groups over distances within them, squared."""
    distances = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    same = group[:, None] == group[None]
    return float(distances[~same].mean() / distances[same].mean())


def graded(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    """33 columns of 0 to 3 in four groups, and ages."""
    rng = np.random.default_rng(0)
    group = np.arange(n) % 4
    means = rng.choice([0.1, 2.7], (4, 33), p=[0.8, 0.2])
    grades = np.clip(rng.normal(means[group], 0.6).round(), 0, 3).astype(int)
    return pd.DataFrame(grades, columns=[f"grade {i}" for i in range(33)]).assign(age=rng.integers(0, 76, n)), group


def test_a_column_beyond_the_others_ends_their_common_unit() -> None:
    frame, group = graded()
    raw = inspect(frame)
    x = prepare(raw, suggest(raw)).x
    shared = prepare(raw, replace(suggest(raw), scale="shared")).x
    assert separation(shared, group) < 1.3
    assert separation(x, group) > 2


def test_columns_of_one_unit_are_scaled_together() -> None:
    frame, _ = graded()
    assert suggest(inspect(frame.drop(columns="age"))).scale == "shared"


def test_ranges_are_units_where_no_value_is_far_out() -> None:
    rng = np.random.default_rng(0)
    group = np.arange(200) % 2
    frame = pd.DataFrame({"two": rng.normal(group * 8, 1), "bell": rng.normal(size=200), "other": rng.normal(size=200)})
    raw = inspect(frame)
    assert suggest(raw).scale == "range"
    x = prepare(raw, suggest(raw)).x
    assert x.var(axis=0).mean() == pytest.approx(1, rel=1e-4)
    assert separation(x, group) > 1.1 * separation(prepare(raw, replace(suggest(raw), scale="standard")).x, group)
    np.testing.assert_allclose(prepare(raw, suggest(raw)).recipe.restore(x)["two"], frame["two"], rtol=1e-3, atol=1e-4)
    assert any("by the range" in sentence for sentence in preprocessing_summary(raw, suggest(raw)))
    frame.loc[:1, :] = 60.0
    assert suggest(inspect(frame)).scale == "standard"


def test_numbers_beside_words_are_standardized() -> None:
    frame = pd.DataFrame({"a": np.arange(90.0) % 7, "b": np.arange(90.0) % 11, "c": ["x", "y", "z"] * 30})
    assert suggest(inspect(frame)).scale == "standard"


def test_a_logarithm_is_taken_only_where_it_straightens() -> None:
    rng = np.random.default_rng(0)
    rare = np.where(np.arange(400) % 20 == 0, rng.integers(1, 60, 400), 0)
    raw = inspect(pd.DataFrame({"spent": rng.lognormal(3, 1.2, 400), "rare": rare, "even": rng.normal(size=400)}))
    assert suggest(raw).log == ("spent",)


def cells(n: int = 120, genes: int = 60) -> tuple[pd.DataFrame, np.ndarray]:
    """Counts of three kinds of cells, each with a depth of its own."""
    rng = np.random.default_rng(0)
    kind = np.arange(n) % 3
    profile = np.ones((3, genes))
    for i in range(3):
        profile[i, 20 * i : 20 * i + 20] = 6
    depth = rng.lognormal(0, 1.2, n)
    return pd.DataFrame(rng.poisson(profile[kind] * depth[:, None]), columns=[f"g{i}" for i in range(genes)]), kind


def test_counts_of_unlike_rows_become_shares() -> None:
    frame, kind = cells()
    raw = inspect(frame)
    choice = suggest(raw)
    assert choice.row_scale == "shares"
    prepared = prepare(raw, choice)
    counted = prepare(raw, replace(choice, row_scale="none"))
    assert separation(prepared.x, kind) > 1.2 * separation(counted.x, kind)
    assert any("share of its row's total" in sentence for sentence in preprocessing_summary(raw, choice))


def test_shares_are_applied_to_new_rows_and_restore_to_counts() -> None:
    frame, _ = cells()
    raw = inspect(frame)
    recipe = prepare(raw, suggest(raw)).recipe
    again = recipe_from_json(recipe.to_json())
    np.testing.assert_allclose(again.apply(inspect(frame.iloc[:9])), recipe.apply(raw)[:9], rtol=1e-6)
    np.testing.assert_allclose(again.apply(inspect(frame.iloc[:9] * 3)), recipe.apply(raw)[:9], rtol=1e-5)
    restored = recipe.restore(recipe.apply(raw))
    totals = restored.sum(axis=1)
    assert totals[frame.sum(axis=1) > 0].to_numpy() == pytest.approx(float(frame.sum(axis=1).median()), rel=1e-2)


def test_pixels_answers_and_measurements_are_no_counts() -> None:
    rng = np.random.default_rng(0)
    brightness = rng.uniform(0.1, 1, (200, 1))
    pixels = np.clip(rng.integers(0, 400, (200, 64)) * brightness, 0, 255).astype(int)
    answers = rng.integers(0, 6, (200, 30)) * (rng.random((200, 1)) < 0.7)
    for x in (pixels, answers, rng.normal(size=(200, 30)), rng.integers(0, 9, (200, 30))):
        assert suggest(inspect(x)).row_scale == "none"


def test_a_recipe_stored_before_there_were_shares_is_read() -> None:
    raw = inspect(pd.DataFrame({"a": [1.0, 2, 4], "b": [3.0, 1, 2]}))
    stored = prepare(raw, suggest(raw)).recipe.to_json()
    del stored["shares"]
    assert len(recipe_from_json(stored).apply(raw)) == 3


def test_an_unknown_scale_of_rows_is_refused() -> None:
    with pytest.raises(InputError, match="row_scale"):
        Preparation(row_scale="half")
