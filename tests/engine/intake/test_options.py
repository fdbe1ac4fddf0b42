"""Reading options: what a user decides about a file is kept with the data and used for new data."""

import json
from pathlib import Path

import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, ReadOptions, inspect


def test_options_survive_json_and_name_what_they_do_not_know() -> None:
    options = ReadOptions(sheet="2024", header=3, rows=(4, 60), decimal=",", series={"columns": ["a", "b"]})
    assert ReadOptions.from_json(json.loads(json.dumps(options.to_json()))) == options
    with pytest.raises(InputError, match="no reading option “colour”"):
        ReadOptions.from_json({"colour": "red"})


@pytest.mark.parametrize(
    "wrong", [{"decimal": ";"}, {"axes": "z"}, {"kind": "film"}, {"delimiter": ";;"}, {"header": -1}, {"rows": (5, 2)}]
)
def test_a_wrong_option_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        ReadOptions.from_json(wrong)


def test_options_are_typed_as_words() -> None:
    words = {"sheet": "2024", "header": "0", "rows": "4 - 60", "transpose": "yes", "decimal": ","}
    assert ReadOptions.from_words(words) == ReadOptions(
        sheet="2024", header=0, rows=(4, 60), transpose=True, decimal=","
    )


@pytest.mark.parametrize("word", [{"header": "first"}, {"rows": "4"}, {"day_first": "perhaps"}, {"series": "a"}])
def test_a_word_that_is_no_value_is_refused(word: dict[str, str]) -> None:
    with pytest.raises(InputError):
        ReadOptions.from_words(word)


def test_the_same_file_read_otherwise_is_other_data(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 1, 2]})
    plain, chosen = inspect(table), inspect(table, options={"decimal": "."})
    assert plain.fingerprint != chosen.fingerprint
    assert inspect(table, options=plain.options_for_new_data).fingerprint == plain.fingerprint
    chosen.save(tmp_path)
    assert Raw.load(tmp_path).options == ReadOptions(decimal=".")


def test_data_stored_by_earlier_versions_keep_how_they_were_read(tmp_path: Path) -> None:
    inspect(pd.DataFrame({"a": [1.0, 2, 3]})).save(tmp_path)
    head = json.loads((tmp_path / "raw.json").read_text())
    for name in ("options", "formats", "alternatives"):
        del head[name]
    (tmp_path / "raw.json").write_text(json.dumps(head | {"reading": {"columns": ["a"]}}))
    assert Raw.load(tmp_path).options == ReadOptions(series={"columns": ["a"]})
