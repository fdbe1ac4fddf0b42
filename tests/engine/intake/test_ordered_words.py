"""Words that have an order count as numbers, in a whole table by one order, and come back as words."""

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Preparation, column_preview, inspect, prepare, preprocessing_summary, suggest
from engine.intake.columns.ordered_words import _all_ranks, _fold
from engine.intake.recipes.stored import recipe_from_json

AGREE = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]


def survey(n: int = 120) -> pd.DataFrame:
    """Answers to four questions, of which one leaves the middle out, beside words without an order."""
    draw = np.random.default_rng(0)
    table = pd.DataFrame({f"q{i}": draw.choice(AGREE, n, p=[0.1, 0.2, 0.2, 0.3, 0.2]) for i in (1, 2, 3)})
    table["q4"] = draw.choice(["agree", "strongly agree"], n)
    table["size"] = draw.choice(["S", "M", "XL", "L"], n)
    table["town"] = draw.choice(["Rome", "Oslo", "Bonn"], n)
    table.loc[3, "q1"] = None
    return table


def test_answers_that_share_an_order_are_read_by_it() -> None:
    chosen = suggest(inspect(survey()))
    assert set(chosen.ordinal) == {"q1", "q2", "q3", "q4", "size"}
    assert chosen.ordinal["size"] == ("S", "M", "L", "XL")
    assert len({chosen.ordinal[f"q{i}"] for i in (1, 2, 3, 4)}) == 1
    assert [word.lower() for word in chosen.ordinal["q4"]] == [word.lower() for word in AGREE]


def test_they_are_said_once_and_become_a_number_each() -> None:
    raw = inspect(survey())
    chosen = suggest(raw)
    summary = preprocessing_summary(raw, chosen)
    said = [line for line in summary if "in this order" in line]
    assert len(said) == 2
    assert "*q1*, *q2*, *q3* and *q4*" in said[0]
    assert "“Neutral” < “Agree” < “Strongly agree”" in said[0]
    assert any("1 blank in *q1* is filled with the middle answer" in line for line in summary)
    prepared = prepare(raw, chosen)
    assert prepared.recipe.columns_out[:5] == ("q1", "q2", "q3", "q4", "size")
    column = dict(zip(raw.rows["q2"], prepared.x[:, 1].tolist(), strict=True))
    steps = np.diff([column[word] for word in AGREE])
    assert steps == pytest.approx([steps[0]] * 4, rel=1e-4)
    assert steps[0] > 0


def test_they_come_back_as_words_also_from_a_stored_recipe() -> None:
    raw = inspect(survey())
    recipe = recipe_from_json(prepare(raw, suggest(raw)).recipe.to_json())
    back = pd.DataFrame(recipe.restore(recipe.apply(raw)))
    assert back["q2"].tolist() == raw.rows["q2"].tolist()
    assert back["size"].tolist() == raw.rows["size"].tolist()
    assert set(back["q4"]) == {"Agree", "Strongly agree"}


def test_words_of_new_data_that_have_no_place_are_named() -> None:
    raw = inspect(survey())
    recipe = prepare(raw, suggest(raw)).recipe
    new = survey(30).assign(size=["M", "huge", "l"] * 10)
    read = inspect(new)
    assert any("“huge”" in note for note in recipe.notes(read))
    x = recipe.apply(read)
    assert x[1, 4] == recipe.apply(inspect(new.assign(size="M")))[1, 4] or np.isfinite(x[1, 4])


@pytest.mark.parametrize(
    "words",
    [
        ["nie", "selten", "manchmal", "oft", "immer"],
        ["1 - Poor", "2 - Fair", "3 - Good", "4 - Excellent"],
        ["muy malo", "malo", "regular", "bueno", "muy bueno"],
        ["pas du tout d'accord", "plutôt pas d’accord", "plutôt d'accord", "tout à fait d'accord"],
        ["nunca", "raramente", "às vezes", "sempre"],
        ["mai", "raramente", "a volte", "spesso", "sempre"],
        ["low", "medium", "high"],
        ["XS", "S", "M", "L", "XL", "2XL"],
        ["mild", "moderate", "severe"],
        ["stimme nicht zu", "stimme eher nicht zu", "teils/teils", "stimme eher zu", "stimme zu"],
    ],
)
def test_orders_of_several_languages(words: list[str]) -> None:
    draw = np.random.default_rng(1)
    raw = inspect(pd.DataFrame({"answer": draw.choice(words, 80), "x": draw.normal(size=80)}))
    assert suggest(raw).ordinal == {"answer": tuple(words)}


@pytest.mark.parametrize(
    "words",
    [
        ["low", "high"],
        ["low", "medium", "high", "Rome"],
        ["rarely", "seldom", "often"],
        ["Bachelor", "Master", "PhD"],
        ["red", "green", "blue"],
        ["S", "M", "D", "W"],
    ],
)
def test_words_without_one_known_order_stay_words(words: list[str]) -> None:
    draw = np.random.default_rng(1)
    raw = inspect(pd.DataFrame({"answer": draw.choice(words, 80), "x": draw.normal(size=80)}))
    assert suggest(raw).ordinal == {}


def test_the_order_can_be_switched_off_and_given() -> None:
    raw = inspect(survey())
    off = Preparation.from_json({**suggest(raw).to_json(), "ordinal": {}})
    assert "size = XL" in prepare(raw, off).recipe.columns_out
    own = Preparation.from_json({**off.to_json(), "ordinal": {"town": ["Oslo", "Bonn", "Rome"]}})
    assert "town" in prepare(raw, own).recipe.columns_out
    preview = column_preview(raw, own, "town")
    assert preview is not None
    assert preview.names == ("town",)
    with pytest.raises(InputError, match="different words"):
        Preparation(ordinal={"town": ("Oslo", "Oslo")})


def test_what_has_no_order_has_the_key_of_earlier_versions() -> None:
    assert "ordinal" not in Preparation().to_json()


def test_no_word_has_two_ranks_in_an_order() -> None:
    from engine.intake.columns.ordered_words import _TABLE

    for line, ranks in zip(_TABLE.read_text(encoding="utf-8").splitlines(), _all_ranks(), strict=True):
        words = [_fold(word) for group in line.split(" < ") for word in group.split("|")]
        assert len(words) == len(set(words)) == len(ranks), line
