"""New data are read as the training data were, whatever dress their cells wear."""

import json
from pathlib import Path

import pandas as pd
import pytest

from engine.intake import Raw, inspect, prepare, suggest

TRAINING = "id;amount;since;channel;code\n" + "".join(
    f"K{i:03};{1 + i % 9}.{100 + i},{i % 90 + 10};{i % 28 + 1:02}/02/2024;{('Web', 'Shop')[i % 2]};{1000 + i * 7:05}\n"
    for i in range(60)
)


@pytest.fixture
def training(tmp_path: Path) -> Raw:
    (tmp_path / "training.csv").write_text(TRAINING)
    return inspect(tmp_path / "training.csv")


def new(tmp_path: Path, training: Raw, text: str) -> Raw:
    (tmp_path / "new.csv").write_text(text)
    return inspect(tmp_path / "new.csv", options=training.options_for_new_data)


@pytest.mark.parametrize("amount", ["1.108,22", "1108.22", "1,108.22", "1.108,22 EUR", "1108,22"])
@pytest.mark.parametrize("since", ["03/02/2024", "2024-02-03", "3 Feb 2024", "03.02.2024", "03/02/24"])
@pytest.mark.parametrize("channel", ["Web", "WEB", " web "])
def test_the_same_row_in_another_dress(tmp_path: Path, training: Raw, amount: str, since: str, channel: str) -> None:
    rows = new(tmp_path, training, f"id;Amount ;since;channel;code\nK1;{amount};{since};{channel};1007\n").rows
    assert rows["amount"].tolist() == [1108.22]
    assert str(rows["since"][0])[:10] == "2024-02-03"
    assert rows["channel"].tolist() == ["Web"]
    assert rows["code"].tolist() == ["01007"]


def test_a_dot_that_could_group_thousands_does(tmp_path: Path, training: Raw) -> None:
    assert (
        new(tmp_path, training, "id;amount;since;channel;code\nK1;1.108;03/02/2024;Web;01007\n").rows["amount"][0]
        == 1108
    )


def test_values_that_training_did_not_have_are_named_and_counted(tmp_path: Path, training: Raw) -> None:
    raw = new(
        tmp_path, training, "id;amount;since;channel;code\nK1;1,5;03/02/2024;App;01007\nK2;1,5;03/02/2024;App;01007\n"
    )
    assert any("“App” in *channel* (2 rows)" in note for note in raw.notes)


def test_a_file_that_contradicts_is_followed_and_it_is_said(tmp_path: Path, training: Raw) -> None:
    raw = new(
        tmp_path,
        training,
        "id;amount;since;channel;code\nK1;1108.2;02/28/2024;Web;01007\nK2;1207.9;02/27/2024;Web;01007\n",
    )
    assert raw.rows["amount"].tolist() == [1108.2, 1207.9]
    assert str(raw.rows["since"][0])[:10] == "2024-02-28"
    assert sum("than in the training data" in note for note in raw.notes) == 2


def test_formats_are_plain_json(training: Raw) -> None:
    assert json.loads(json.dumps(training.formats)) == training.formats
    assert training.formats["amount"]["decimal"] == ","


def test_categories_that_the_recipe_does_not_know_are_named_and_counted() -> None:
    known = pd.DataFrame({"region": [1, 2, 3] * 9, "size": range(27)})
    raw = inspect(known)
    recipe = prepare(raw, suggest(raw)).recipe
    new = inspect(pd.DataFrame({"region": [1, 7, 7, None], "size": [1, 2, 3, 4]}), options=raw.options_for_new_data)
    assert recipe.notes(new) == (
        "The training data had no “7” in *region* (2 rows); such rows say less about their group.",
    )
    assert recipe.notes(raw) == ()


def test_what_reading_has_said_is_not_said_again(tmp_path: Path, training: Raw) -> None:
    recipe = prepare(training, suggest(training)).recipe
    raw = new(tmp_path, training, "id;amount;since;channel;code\nK1;1,5;03/02/2024;App;01007\n")
    assert sum("“App” in *channel*" in note for note in (*raw.notes, *recipe.notes(raw))) == 1
