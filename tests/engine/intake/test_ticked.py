"""Columns that hold a mark or nothing, as surveys write questions with several answers."""

from pathlib import Path

import numpy as np
import pandas as pd

from engine.intake import Raw, inspect, prepare, preprocessing_summary, suggest

N = 60
TICKED = np.random.default_rng(0).random((N, 4)) < 0.4


def survey(folder: Path, words: list[str], name: str = "survey.csv") -> Raw:
    cells = {f"q{j}": [words[j] if TICKED[i, j] else "" for i in range(N)] for j in range(len(words))}
    pd.DataFrame({"id": range(N), **cells}).to_csv(folder / name, index=False)
    return inspect(folder / name)


def test_marks_count_as_yes_and_blanks_as_no(tmp_path: Path) -> None:
    for words in (["x"] * 4, ["1"] * 4, ["by mail", "by phone", "in the shop", "never"]):
        raw = survey(tmp_path, words)
        assert [column.role for column in raw.columns] == ["id", *["feature"] * 4]
        prepared = prepare(raw, suggest(raw))
        assert prepared.x.shape == (N, 4)  # rows without any mark are answers, too
        for j in range(4):
            assert abs(np.corrcoef(prepared.x[:, j], TICKED[:, j])[0, 1]) > 0.999
        said = " ".join(preprocessing_summary(raw, suggest(raw)))
        assert "left out: the value is the same" not in said


def test_new_answers_are_prepared_alike(tmp_path: Path) -> None:
    raw = survey(tmp_path, ["x"] * 4)
    prepared = prepare(raw, suggest(raw))
    (tmp_path / "new.csv").write_text("id,q0,q1,q2,q3\n1,x,,x,x\n2,,,,\n")
    new = inspect(tmp_path / "new.csv", options={"formats": raw.formats})
    x = prepared.recipe.apply(new)
    like = prepared.x[np.flatnonzero((TICKED == [True, False, True, True]).all(axis=1))[:1]]
    none = prepared.x[np.flatnonzero(~TICKED.any(axis=1))[:1]]
    assert np.allclose(x, np.concatenate([like, none]))


def test_one_word_with_a_few_blanks_is_no_answer(tmp_path: Path) -> None:
    frame = pd.DataFrame({"country": ["US"] * (N - 5) + [None] * 5, "size": np.arange(N) % 7 / 3})
    raw = inspect(frame)
    assert raw.column("country").role == "ignore"
