"""Preparing: checked by hand on small tables, and there and back on real ones."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Preparation, Raw, Recipe, inspect, prepare, preprocessing_summary, suggest
from engine.intake.recipes.stored import recipe_from_json


def again(recipe: Recipe) -> Recipe:
    return recipe_from_json(json.loads(json.dumps(recipe.to_json())))


def people() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [20, 30, 40, np.nan, 50, 60],
            "city": ["Rome", "Oslo", "Rome", "Lima", "Rome", "Oslo"],
            "member": ["yes", "no", None, "yes", "yes", "no"],
        }
    )


def test_standard_scale_median_and_one_hot_by_hand() -> None:
    raw = inspect(people())
    prepared = prepare(raw, suggest(raw))
    assert prepared.recipe.columns_out == (
        "age",
        "city = Rome",
        "city = Oslo",
        "city = Lima",
        "member = yes",
        "member = no",
        "member = (blank)",
    )
    filled = np.array([20, 30, 40, 40, 50, 60])
    np.testing.assert_allclose(prepared.x[:, 0], (filled - 40) / filled.std(), atol=1e-6)
    assert prepared.x[:, 1].tolist() == [1, 0, 1, 0, 1, 0]
    assert prepared.x[2, 4:].tolist() == [0, 0, 1]
    said = preprocessing_summary(raw, suggest(raw))
    assert "1 blank in *age* is filled with the median (40)." in said
    assert "1 blank in *member* counts as a value of its own." in said


def test_rows_with_blanks_may_be_dropped() -> None:
    raw = inspect(people())
    choice = replace(suggest(raw), missing="drop")
    prepared = prepare(raw, choice)
    assert prepared.kept.tolist() == [0, 1, 4, 5]
    assert any("2 rows with a blank are left out." in sentence for sentence in preprocessing_summary(raw, choice))


@pytest.mark.parametrize(("scale", "low", "high"), [("minmax", 0, 1), ("none", 20, 60)])
def test_other_scales(scale: str, low: float, high: float) -> None:
    raw = inspect(people()[["age"]])
    x = prepare(raw, replace(suggest(raw), scale=scale)).x
    assert (x.min(), x.max()) == (low, high)


def test_a_shared_scale_keeps_differences_in_size() -> None:
    raw = inspect(pd.DataFrame({"a": [0.0, 10, 20], "b": [0.0, 1, 2]}))
    x = prepare(raw, replace(suggest(raw), scale="shared")).x
    assert np.ptp(x[:, 0]) == pytest.approx(10 * np.ptp(x[:, 1]), rel=1e-5)


def test_long_tails_are_compared_by_ratio() -> None:
    frame = pd.DataFrame({"spent": np.random.default_rng(0).lognormal(5, 1.5, 400), "age": np.arange(400) % 60})
    raw = inspect(frame)
    assert suggest(raw).log == ("spent",)
    prepared = prepare(raw, suggest(raw))
    assert abs(pd.Series(prepared.x[:, 0]).skew()) < 1
    assert any("compared by ratio" in sentence for sentence in preprocessing_summary(raw, suggest(raw)))
    restored = again(prepared.recipe).restore(prepared.x)
    np.testing.assert_allclose(restored["spent"], frame["spent"], rtol=1e-3)


def test_rare_values_become_other() -> None:
    frame = pd.DataFrame({"word": list("aaaabbbccdefgh"), "x": range(14)})
    raw = inspect(frame)
    choice = replace(suggest(raw), max_categories=3)
    prepared = prepare(raw, choice)
    assert prepared.recipe.columns_out[:3] == ("word = a", "word = b", "word = other")
    assert prepared.x[:, 2].sum() == 7
    assert any("the 2 most frequent stay" in s and "7 rows" in s for s in preprocessing_summary(raw, choice))
    new = inspect(pd.DataFrame({"word": ["z", "a"], "x": [1, 2]}))
    assert prepared.recipe.apply(new)[:, :3].tolist() == [[0, 0, 1], [1, 0, 0]]


def test_codes_are_words() -> None:
    frame = pd.DataFrame({"region": [1, 2, 3, 1] * 5, "x": np.arange(20) / 7})
    raw = inspect(frame)
    assert suggest(raw).categories == ("region",)
    assert prepare(raw, suggest(raw)).recipe.columns_out[0] == "region = 1"


def test_dates_count_in_days() -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-11", None, "2024-01-31"])
    raw = inspect(pd.DataFrame({"day": days, "x": [1.0, 2, 3, 5]}))
    prepared = prepare(raw, replace(suggest(raw), scale="none"))
    assert np.diff(prepared.x[:, 0]).tolist() == [10, 0, 20]
    assert prepared.recipe.restore(prepared.x)["day"][1] == pd.Timestamp("2024-01-11")


def test_truth_never_reaches_the_features() -> None:
    raw = inspect("customers")
    prepared = prepare(raw, suggest(raw))
    assert not any("segment" in name for name in prepared.recipe.columns_out)
    assert prepared.truth.dtype == np.int64
    names = np.asarray(prepared.class_names)[prepared.truth]
    assert (names == raw.rows["segment"].to_numpy()).all()


def test_numeric_labels_sort_as_numbers_and_blanks_are_a_class() -> None:
    raw = inspect(pd.DataFrame({"x": np.arange(24.0) / 7, "label": [2, 10, None, 2] * 6}))
    prepared = prepare(raw, suggest(raw))
    assert prepared.class_names == ("2", "10", "(blank)")
    assert prepared.truth[:4].tolist() == [0, 1, 2, 0]


def test_the_chosen_label_wins_over_the_suggested_one() -> None:
    raw = inspect("customers")
    choice = replace(suggest(raw), roles={**suggest(raw).roles, "gender": "label"})
    prepared = prepare(raw, choice)
    assert prepared.class_names == ("female", "male")
    assert not any(name.startswith(("gender", "segment")) for name in prepared.recipe.columns_out)


def test_too_many_classes() -> None:
    raw = inspect(pd.DataFrame({"x": np.arange(2000.0), "y": np.arange(2000) * 3}))
    with pytest.raises(InputError, match="too many for a label"):
        prepare(raw, Preparation(roles={"y": "label", "x": "feature"}))


@pytest.mark.parametrize("name", ["digits", "customers", "photos", "sensors", "tickets", "shapes"])
def test_recipes_survive_json_and_prepare_alike(name: str) -> None:
    raw = inspect(name)
    prepared = prepare(raw, suggest(raw))
    recipe = again(prepared.recipe)
    assert recipe.columns_out == prepared.recipe.columns_out
    np.testing.assert_array_equal(recipe.apply(raw)[prepared.kept], prepared.x)
    assert type(recipe) is type(prepared.recipe)
    assert len(recipe.restore(prepared.x[:7])) == 7


def test_restore_gives_the_users_units() -> None:
    raw = inspect("customers")
    prepared = prepare(raw, suggest(raw))
    restored = prepared.recipe.restore(prepared.x)
    complete = raw.rows.notna().all(axis=1)
    for column in ("age", "yearly_income", "average_basket", "usual_hour"):
        np.testing.assert_allclose(
            restored.loc[complete, column], raw.rows.loc[complete, column].astype(float), rtol=1e-4
        )
    assert (restored.loc[complete, "favorite_department"] == raw.rows.loc[complete, "favorite_department"]).all()
    assert (restored["newsletter (share)"] == 1).all()
    mean = prepared.recipe.restore(prepared.x.mean(axis=0, keepdims=True))
    assert mean["gender (share)"][0] == pytest.approx(raw.rows["gender"].value_counts(normalize=True).max(), abs=1e-3)


def test_texts_restore_to_telling_terms() -> None:
    raw = inspect("tickets")
    prepared = prepare(raw, suggest(raw))
    np.testing.assert_allclose((prepared.x**2).mean(axis=1), 1, rtol=1e-4)
    center = np.stack([prepared.x[prepared.truth == i].mean(axis=0) for i in range(6)])
    terms = dict(zip(prepared.class_names, prepared.recipe.restore(center)["message"], strict=True))
    assert "invoice" in terms["Billing"]
    assert "password" in terms["Login"]


def test_text_beside_other_columns_is_a_choice() -> None:
    rng = np.random.default_rng(0)
    words = np.array(["red", "green", "blue", "small", "large", "round", "heavy"])
    frame = pd.DataFrame({f"n{i}": rng.normal(size=80) for i in range(6)})
    frame["note"] = [" ".join(rng.choice(words, 5)) for _ in range(80)]
    raw = inspect(frame)
    assert raw.kind == "table"
    assert raw.column("note").role == "ignore"
    choice = replace(suggest(raw), roles={**suggest(raw).roles, "note": "feature"}, components=4)
    prepared = prepare(raw, choice)
    assert prepared.x.shape == (80, 10)
    np.testing.assert_allclose(again(prepared.recipe).apply(raw), prepared.x)


def test_a_new_file_is_prepared_the_same_way(shared) -> None:
    raw = inspect(shared("csv/penguins.csv"))
    prepared = prepare(raw, suggest(raw))
    part = inspect(raw.rows.iloc[100:150].drop(columns="species"))
    np.testing.assert_allclose(prepared.recipe.apply(part), prepared.x[100:150], atol=1e-6)
    with pytest.raises(InputError, match="trained on a table"):
        prepared.recipe.apply(inspect("photos"))


def test_rows_without_any_value_are_left_out() -> None:
    raw = inspect(pd.DataFrame({"a": [1.0, None, 3, 4], "b": [2.0, None, 1, 7]}))
    prepared = prepare(raw, suggest(raw))
    assert prepared.kept.tolist() == [0, 2, 3]


def test_choices_survive_json_and_have_a_key() -> None:
    choice = suggest(inspect("customers"))
    copy = Preparation.from_json(json.loads(json.dumps(choice.to_json())))
    assert copy == choice
    assert copy.key() == choice.key() != replace(choice, scale="minmax").key()


def test_fingerprint_depends_on_data_and_choices() -> None:
    raw: Raw = inspect("shapes")
    base = prepare(raw, suggest(raw)).fingerprint
    assert base == prepare(inspect("shapes"), suggest(raw)).fingerprint
    assert base != prepare(raw, replace(suggest(raw), scale="minmax")).fingerprint


def test_importing_loads_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import engine.intake, sys; print([m for m in ('torch', 'sklearn', 'scipy', 'streamlit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
