"""Of very many columns of numbers those that vary most are kept: suggested, said, and the same for new data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import (
    Preparation,
    Raw,
    Recipe,
    inspect,
    less_varying_columns,
    measured_columns,
    prepare,
    preprocessing_summary,
    suggest,
)
from engine.intake.recipes.most_varying import are_alike, most_varying
from engine.intake.recipes.stored import recipe_from_json

GROUPS = np.repeat([0, 1, 2], 10)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty columns are very many, and twenty are kept."""
    for place in ("preparation", "preprocessing_summary"):
        monkeypatch.setattr(f"engine.intake.recipes.{place}.MANY", 60)
    monkeypatch.setattr("engine.intake.recipes.preparation.KEPT", 20)


def expression(noise: int = 80) -> pd.DataFrame:
    """Ten columns in which the groups differ, all others of chance."""
    random = np.random.default_rng(0)
    columns = {f"chance{i}": random.normal(8, random.uniform(0.2, 1.2), 30) for i in range(noise)}
    columns |= {f"group{i}": random.normal(8, 0.2, 30) + random.permutation([0, 1, 2])[GROUPS] for i in range(10)}
    return pd.DataFrame(columns)


def counts() -> pd.DataFrame:
    """Counts of genes in cells of unlike depth; in ten genes of a middle mean the groups differ."""
    random = np.random.default_rng(0)
    means = np.tile(random.gamma(1, 8, 200) + 0.5, (3, 1))
    means[:, :10] = 10 * np.array([random.permutation([0.2, 1, 4]) for _ in range(10)]).T
    found = random.poisson(means[GROUPS] * random.lognormal(0, 0.8, 30)[:, None])
    return pd.DataFrame(found, columns=[f"{'group' if i < 10 else 'chance'}{i}" for i in range(200)])


def test_one_value_like_a_code_among_many_columns_is_there_by_chance() -> None:
    frame = counts() % 50
    frame.iloc[3, 4], frame.iloc[5:8, 6] = 9999, 8888
    assert list(suggest(inspect(frame)).coded_blanks) == ["group6"]
    assert list(suggest(inspect(frame.iloc[:, :20])).coded_blanks) == ["group4", "group6"]


def named(names: frozenset[str] | list[str], what: str) -> int:
    return sum(name.startswith(what) for name in names)


def test_columns_in_which_groups_differ_are_kept() -> None:
    frame = expression()
    kept = most_varying(frame, list(frame), 20, counts=False)
    assert (len(kept), named(kept, "group")) == (20, 10)


def test_counts_are_compared_with_those_of_the_same_mean() -> None:
    raw = inspect(counts())
    chosen = suggest(raw)
    assert (chosen.row_scale, chosen.most_varying) == ("shares", 20)
    prepared = prepare(raw, chosen)
    assert prepared.x.shape == (30, 20)
    assert named(list(prepared.recipe.columns_out), "group") == 10
    assert len(prepared.recipe.to_json()["shares"]["columns"]) == 200  # shares are those of all counts


def test_it_is_suggested_for_very_many_columns_of_one_kind_alone() -> None:
    frame = expression()
    assert suggest(inspect(frame)).most_varying == 20
    assert suggest(inspect(frame.iloc[:, :60])).most_varying is None
    scales = frame * np.geomspace(1, 1e9, frame.shape[1])
    assert not are_alike(scales, list(scales), counts=False)
    assert suggest(inspect(scales)).most_varying is None


def said(raw: Raw, preparation: Preparation) -> str:
    return " ".join(preprocessing_summary(raw, preparation))


def test_it_is_said_with_counts_and_where_it_is_off_as_advice() -> None:
    raw = inspect(expression().assign(word=np.array(["a", "b", "c"])[GROUPS]))
    chosen = suggest(raw)
    assert "Of 90 columns of numbers the 20 that vary most, compared with their range, are kept. The other 70 " in said(
        raw, chosen
    )
    assert "30 rows will be grouped by 21 columns" in said(raw, chosen)
    off = Preparation.from_json({**chosen.to_json(), "most_varying": None})
    assert (
        "90 columns of numbers take part. Among so many, columns that vary by chance alone can hide the groups"
        in said(raw, off)
    )
    assert prepare(raw, off).x.shape[1] == 93
    assert len(less_varying_columns(raw, chosen)) == 70
    assert less_varying_columns(raw, off) == frozenset()
    assert len(measured_columns(raw, chosen)) == 90


def test_new_data_keep_the_columns_of_the_training_data() -> None:
    frame = expression()
    prepared = prepare(inspect(frame), suggest(inspect(frame)))
    recipe: Recipe = recipe_from_json(prepared.recipe.to_json())
    new = inspect(frame.iloc[::-1].reset_index(drop=True))
    assert recipe.apply(new).tobytes() == prepared.x[::-1].tobytes()
    kept = list(recipe.columns_out)
    assert recipe.apply(inspect(frame[kept])).shape == (30, 20)
    with pytest.raises(InputError, match="missing"):
        recipe.apply(inspect(frame[kept[1:]]))


def test_new_counts_need_all_columns_that_make_up_the_totals() -> None:
    raw = inspect(counts())
    recipe = prepare(raw, suggest(raw)).recipe
    with pytest.raises(InputError, match="is missing"):
        recipe.apply(inspect(counts().drop(columns="chance50")))


def test_the_choice_is_stored_and_its_absence_leaves_the_key_of_earlier_versions() -> None:
    assert "most_varying" not in Preparation().to_json()
    chosen = Preparation(most_varying=500)
    assert Preparation.from_json(chosen.to_json()) == chosen
    assert chosen.key() != Preparation().key()
    with pytest.raises(InputError, match="most_varying is “1”; it must be a whole number from 2 to 200,000"):
        Preparation(most_varying=1)


def test_columns_with_blanks_and_without_any_value_are_compared() -> None:
    frame = expression()
    frame.iloc[::4, :10] = np.nan
    frame["chance3"] = np.nan
    kept = most_varying(frame, list(frame), 20, counts=False)
    assert named(kept, "group") == 10
    assert "chance3" not in kept
