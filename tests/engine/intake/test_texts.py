"""Texts: short ones, ones without spaces, and which analysis they get."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.intake import inspect, prepare, preprocessing_summary, suggest
from engine.intake.recipes.stored import recipe_from_json
from engine.intake.recipes.texts import TextBlock, fit_text

CHINESE = ["快递太慢了等了五天", "手机电池不耐用要充电", "酒店房间很干净床舒服"]


def mixed(parts: list[str], n: int = 60) -> list[str]:
    return [
        parts[i % len(parts)] + "好差了吧呢啊"[i % 6] * (1 + i // 18) + "一二三四五六七八九"[i // 7] for i in range(n)
    ]


def test_texts_without_spaces_are_compared_by_characters() -> None:
    texts = mixed(CHINESE)
    raw = inspect(pd.DataFrame({"column": texts}))
    assert (raw.kind, raw.columns[0].dtype) == ("text", "text")
    x = prepare(raw, suggest(raw)).x
    like = x @ x.T
    same = np.arange(60)[:, None] % 3 == np.arange(60)[None] % 3
    assert like[same].mean() > like[~same].mean() + 10
    assert "by their characters" in " ".join(preprocessing_summary(raw, suggest(raw)))


@pytest.mark.parametrize(
    "lines",
    [
        ["red shoes", "blue shoes", "red coat", "blue coat", "green hat"],
        ["running", "runner", "swimming", "swimmer", "cycling"],
        ["😀👍", "😢💔", "😀🎉", "😢😭", "👍👍🎉"],
        ["#love #cats", "#hate #dogs", "#cats", "#dogs #love", "#cats #dogs"],
        CHINESE,
        ["ja", "nein", "ja doch", "nein nein", "ja ja"],
    ],
)
def test_a_txt_of_short_lines_is_a_set_of_texts(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.txt").write_text("\n".join(lines * 4))
    raw = inspect(tmp_path / "a.txt")
    assert (raw.kind, raw.columns[0].dtype, raw.columns[0].role) == ("text", "text", "feature")
    prepared = prepare(raw, suggest(raw))
    assert len(prepared.x) == 4 * len(lines)
    assert (prepared.x != 0).any(axis=1).all()


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        (
            "title",
            [f"{a} {b}" for a in ("Lost", "Quiet", "Golden", "Broken") for b in ("river", "city", "song", "hour")],
        ),
        ("keyword", [a + b for a in ("run", "swim", "cycl") for b in ("ning", "ner", "s", "ed", "able")]),
        (
            "what",
            [f"{a} {b}" for a in ("cheap", "late", "direct", "night") for b in ("flights", "hotel", "train", "bus")],
        ),
        ("tags", [f"#{a} #{b}" for a in "abcd" for b in ("cats", "dogs", "fish", "birds")]),
        (
            "コメント",
            ["配送がとても遅かった", "電池がすぐに切れました", "部屋がとても綺麗でした", "画面が壊れていました"],
        ),
    ],
)
def test_short_texts_in_a_table_of_their_own_are_texts(name: str, cells: list[str]) -> None:
    raw = inspect(pd.DataFrame({"id": [f"T{i}" for i in range(len(cells))], name: cells}))
    assert (raw.kind, raw.column(name).dtype, raw.column(name).role) == ("text", "text", "feature")
    assert prepare(raw, suggest(raw)).kind == "text"


@pytest.mark.parametrize(
    "cells",
    [
        [f"{a} {b}" for a in ("Ann", "Bob", "Eve", "Tom") for b in ("Smith", "Jones", "Brown", "Hill", "King", "Lee")],
        [f"Player {i:02}" for i in range(24)],
        [f"客户{i:02}" for i in range(24)],
        [f"AB-{i:04}" for i in range(24)],
    ],
)
def test_names_and_ids_are_no_texts(cells: list[str]) -> None:
    raw = inspect(pd.DataFrame({"who": cells, "a": np.arange(24) / 7, "b": np.arange(24) % 5}))
    assert raw.kind == "table"
    assert raw.column("who").dtype == "category"
    assert raw.column("who").role in ("id", "ignore")


def test_texts_restore_to_characters_and_survive_json() -> None:
    raw = inspect(pd.DataFrame({"column": mixed(CHINESE)}))
    recipe = prepare(raw, suggest(raw)).recipe
    again = recipe_from_json(recipe.to_json())
    np.testing.assert_array_equal(again.apply(raw), recipe.apply(raw))
    terms = again.restore(again.apply(raw)[:3])["column"]
    assert all(set(term) & set(text) for term, text in zip(terms, CHINESE, strict=True))


def test_blocks_stored_before_there_were_analyses_compare_words() -> None:
    block = fit_text(pd.Series(["red hat", "blue hat", "red coat", "blue coat"] * 5), "a", 3, alone=True)
    arrays: dict[str, np.ndarray] = {}
    stored = block.to_json(arrays)
    del stored["analysis"]
    assert TextBlock.from_json(stored, arrays).analysis == "words"
