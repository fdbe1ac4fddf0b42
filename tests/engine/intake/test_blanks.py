"""What stands for no answer: placeholders, NA, and numbers that are codes."""

import numpy as np
import pandas as pd
import pytest

from engine.intake import Preparation, inspect, prepare, suggest
from engine.intake.recipes.stored import recipe_from_json


def column(cells: list[str], name: str = "v") -> pd.Series:
    return inspect(pd.DataFrame({name: cells, "n": range(len(cells))})).rows[name]


@pytest.mark.parametrize(
    "word", ["-", "--", "—", ".", "#DIV/0!", "#REF!", "none", "unknown", "k.A.", "NULL", "?", "n/a", "<LOD"]
)
def test_placeholders_are_blank_in_numbers_even_where_they_are_most(word: str) -> None:
    values = column([word] * 8 + ["1.5", "2.5", "3.5"])
    assert values.isna().sum() == 8
    assert values.dropna().tolist() == [1.5, 2.5, 3.5]


def test_placeholders_are_words_among_words() -> None:
    assert column(["none", "garlic", "onion", "none"]).tolist() == ["none", "garlic", "onion", "none"]


def test_na_is_a_region_among_regions_and_blank_elsewhere() -> None:
    assert column(["EMEA", "APAC", "NA", "NA"], "region").tolist() == ["EMEA", "APAC", "NA", "NA"]
    assert column(["AE", "AF", "NA", "DE"], "iso2").tolist() == ["AE", "AF", "NA", "DE"]
    assert column(["good", "bad", "NA", "bad"]).isna().tolist() == [False, False, True, False]


def survey() -> pd.DataFrame:
    random = np.random.default_rng(0)
    age = random.integers(18, 75, 60)
    income = age * 0.9 + random.normal(0, 2, 60)
    age[:5], income[5:8] = 888888, -99
    return pd.DataFrame({"age": age, "income": income})


def test_coded_blanks_are_found_named_and_switchable() -> None:
    raw = inspect(survey())
    chosen = suggest(raw)
    assert chosen.coded_blanks == {"age": (888888.0,), "income": (-99.0,)}
    assert "888,888 in *age* (5 cells)" in " ".join(raw.notes)
    assert Preparation.from_json(chosen.to_json()) == chosen
    assert np.abs(prepare(raw, chosen).x).max() < 4
    kept = prepare(raw, Preparation(coded_blanks={"income": (-99.0,)}))
    assert kept.x[0, 0] > 2  # 888888 counts where it is not named


def test_the_profile_draws_the_other_values_and_names_the_codes() -> None:
    age, income = inspect(survey()).columns
    assert age.coded_blanks == (888888.0,)
    assert age.edges[-1] < 80
    assert sum(age.histogram) == 55
    assert income.coded_blanks == (-99.0,)
    assert income.edges[0] > 0


def test_a_long_tail_is_straightened_although_a_code_lies_below_zero() -> None:
    rows = survey()
    rows["spent"] = np.exp(np.random.default_rng(1).normal(0, 1.5, 60)).round(3)
    rows.loc[:4, "spent"] = -999
    assert suggest(inspect(rows)).log == ("spent",)


def test_codes_of_many_columns_are_one_sentence() -> None:
    answers = np.random.default_rng(2).integers(1, 8, (80, 30)).astype(float)
    answers[::9] = -99
    raw = inspect(pd.DataFrame(answers, columns=[f"q{i}" for i in range(30)]))
    told = [note for note in raw.notes if "-99" in note]
    assert len(told) == 1
    assert "*q0*" in told[0]
    assert "25 more" in told[0]
    assert "(270 cells)" in told[0]


def test_counts_stay_counts_when_a_code_counts_as_a_number() -> None:
    raw = inspect(survey())
    chosen = Preparation(scale="shared", row_scale="shares")  # here -99 is not taken for blank
    assert np.isfinite(prepare(raw, chosen).x).all()


def test_a_recipe_takes_coded_blanks_of_new_data_for_blank() -> None:
    raw = inspect(survey())
    recipe = recipe_from_json(prepare(raw, suggest(raw)).recipe.to_json())
    x = recipe.apply(inspect(pd.DataFrame({"age": [888888, 30], "income": [40.0, -99.0]})))
    assert np.abs(x).max() < 4


def test_large_values_that_are_no_codes_stay() -> None:
    random = np.random.default_rng(1)
    raw = inspect(pd.DataFrame({"sales": [*random.lognormal(8, 1, 50).round(), 99999], "points": [*range(50), 99]}))
    assert suggest(raw).coded_blanks in ({}, {"sales": (99999.0,)})
    assert "points" not in suggest(raw).coded_blanks


def test_far_dates_stand_for_blanks() -> None:
    days = [f"2024-01-{i:02}" for i in range(1, 21)] + ["9999-12-31"] * 3
    raw = inspect(pd.DataFrame({"until": days, "n": range(23)}))
    assert suggest(raw).coded_blanks == {"until": ("9999-12-31",)}
