"""What is said about groups: the right column first, the right sign, and silence where there is nothing to say."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from engine.results.explain import differences
from engine.results.text.markdown import plain


def _explain(rows, labels, types, kind="table", values=None):
    raw = SimpleNamespace(kind=kind, rows=rows, values=values)
    return differences.explain(raw, np.arange(len(rows)), labels, int(labels.max()) + 1, types)


def _noise(n=300, columns=8, seed=0):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(draw.normal(50, 10, (n, columns)), columns=[f"c{i}" for i in range(columns)])


@pytest.mark.parametrize("column", ["c0", "c5"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_one_column_that_separates_is_named(column, sign):
    rows, labels = _noise(), np.arange(300) % 3
    rows[column] += sign * 20 * (labels == 1)
    found = _explain(rows, labels, dict.fromkeys(rows.columns, "number"))
    assert [d.column for d in found[1]] == [column]
    (only,) = found[1]
    assert np.sign(only.effect) == sign
    assert only.low * only.high > 0
    word = "higher" if sign > 0 else "lower"
    assert plain(only.sentence).startswith(f"much {word} {column} (")
    assert differences.sentence(found[1], 100, 3).startswith(f"Members have **much {word}** *{column}* (")


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_claimed_where_nothing_separates(seed):
    rows = _noise(400, 10, seed)
    rows["word"] = np.random.default_rng(seed).choice(list("abcde"), 400)
    labels = np.random.default_rng(100 + seed).integers(0, 4, 400)
    types = dict.fromkeys(rows.columns, "number") | {"word": "category"}
    found = _explain(rows, labels, types)
    assert found == [()] * 4
    assert differences.sentence((), 100, 4) == "Nothing sets this group clearly apart from the others."
    assert differences.sentence((), 100, 4, "text") == "No single word sets it apart."
    assert "alone do not" in differences.sentence((), 100, 4, "image")


def test_no_claimed_interval_includes_zero(penguins):
    shown = [d for group in penguins.result.groups for d in group.differences]
    assert len(shown) > 8
    assert all(d.low * d.high > 0 and d.low <= d.effect <= d.high for d in shown)


def test_categories_say_what_a_group_has_rather_than_what_it_lacks():
    labels = np.repeat([0, 1, 2], 60)
    rows = pd.DataFrame({"island": np.array(["Bisc", "Dream", "Torg"])[labels]})
    found = _explain(rows, labels, {"island": "category"})
    assert [(d.column, d.value) for d in found[1]] == [("island", "Dream")]
    assert found[1][0].sentence == "*island* is **always** *Dream* (100 % against 0 %)"


def test_a_code_of_two_numbers_is_a_category():
    labels = np.repeat([0, 1], 60)
    rows = pd.DataFrame({"Channel": np.where(labels == 0, 1, 2)})
    found = _explain(rows, labels, {"Channel": "number"})
    assert found[0][0].kind == "share"
    assert found[0][0].value == "1"


def test_dates_are_later_or_earlier():
    labels = np.repeat([0, 1], 60)
    joined = pd.Timestamp("2020-01-01") + pd.to_timedelta(labels * 400 + np.arange(120) % 50, unit="D")
    found = _explain(pd.DataFrame({"joined": joined}), labels, {"joined": "date"})
    assert found[1][0].sentence == "**much later** *joined* (2021-02-26 against 2020-01-22 on average)"


def test_dates_of_one_day_have_times():
    labels = np.repeat([0, 1], 60)
    at = pd.Timestamp("2024-02-01 08:00") + pd.to_timedelta(labels * 300 + np.arange(120) % 50, unit="min")
    found = _explain(pd.DataFrame({"at": at}), labels, {"at": "date"})
    assert found[1][0].sentence.startswith("**much later** *at* (2024-02-01 13:")
    assert "against 2024-02-01 08:" in found[1][0].sentence


def test_user_text_cannot_break_out_of_a_sentence():
    labels = np.repeat([0, 1], 60)
    rows = pd.DataFrame({"<script>*x*[a](b)$": labels + np.tile([0.0, 0.1, 0.2], 40)})
    said = _explain(rows, labels, dict.fromkeys(rows.columns, "number"))[0][0].sentence
    assert r"*\<script\>\*x\*\[a\](b)\$*" in said
    assert "<script>*x*[a](b)$" in plain(said)


def test_only_members_are_looked_at():
    rows, labels = _noise(300), np.arange(200) % 2
    kept = np.arange(100, 300)
    rows.loc[kept, "c2"] += 30 * labels
    raw = SimpleNamespace(kind="table", rows=rows, values=None)
    found = differences.explain(raw, kept, labels, 2, dict.fromkeys(rows.columns, "number"))
    assert [d.column for d in found[1]] == ["c2"]


def test_pictures_are_explained_by_their_bright_regions():
    labels = np.repeat([0, 1], 40)
    images = np.random.default_rng(0).integers(0, 40, (80, 12, 12, 1)).astype(np.uint8)
    images[labels == 1, 8:, 8:] += 25
    found = _explain(pd.DataFrame({"file": range(80)}), labels, {}, "image", images)
    assert found[1][0].column == "bottom right brightness"
    assert found[1][0].effect > 0


def test_series_are_explained_by_their_course():
    labels = np.repeat([0, 1], 40)
    draw = np.random.default_rng(0)
    series = draw.normal(0, 0.3, (80, 1, 60)).astype(np.float32)
    series[labels == 1] += np.linspace(-2, 2, 60, dtype=np.float32)
    series[:, :, 50:][labels == 0] = np.nan
    columns = [d.column for d in _explain(pd.DataFrame({"id": range(80)}), labels, {}, "series", series)[1]]
    assert "rise from start to end" in columns[:3]


def test_texts_are_explained_by_their_words():
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    filler = [" ".join(draw.choice(["table", "window", "garden", "river", "street"], 4)) for _ in labels]
    rows = pd.DataFrame({"text": [f"{text} refund" if g else text for text, g in zip(filler, labels, strict=True)]})
    found = _explain(rows, labels, {"text": "text"}, "text")
    assert [d.value for d in found[1]] == ["refund"]
    assert found[0] == ()
    said = differences.sentence(found[1], 60, 2)
    assert said == "Typical words are *refund* (in 100 % of the texts against 0 %)."


@pytest.mark.parametrize(
    ("size", "groups", "said"),
    [(0, 3, "No member ended up here."), (9, 1, "All members are in one group"), (3, 3, "Too few members to say")],
)
def test_why_nothing_is_said(size, groups, said):
    assert differences.sentence((), size, groups).startswith(said)


def test_real_sentences_read_well(penguins):
    said = [plain(group.sentence) for group in penguins.result.groups]
    assert any("much higher flipper_length_mm (217 against 192 on average)" in sentence for sentence in said)
    assert all(sentence.endswith(".") and len(sentence) < 260 for sentence in said)
