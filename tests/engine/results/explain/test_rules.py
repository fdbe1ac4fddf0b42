"""The tree that imitates a grouping: it finds the cause that was put in, says how faithful it is, and tells the truth."""

import re

import numpy as np
import pandas as pd
import pytest

from engine.results import Result, load_result, save_result
from engine.results.build import build
from engine.results.explain import features, rules
from engine.results.explain.surrogate_tree import fit_surrogate
from engine.results.record.explanations import SurrogateTree
from engine.results.text.markdown import plain


def _imitated(rows: pd.DataFrame, labels: np.ndarray, **types: str) -> SurrogateTree:
    found = fit_surrogate(features.of(rows, dict.fromkeys(rows.columns, "number") | types), labels)
    assert found is not None
    return found


def _noise(n: int = 600, columns: int = 5, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(draw.normal(50, 10, (n, columns)), columns=[f"c{i}" for i in range(columns)])


def _said(found: SurrogateTree) -> list[str]:
    return [
        plain(rules.sentence(rule, {-1: "Unassigned", 0: "Group 1", 1: "Group 2", 2: "Group 3"}))
        for rule in rules.rules(found)
    ]


def test_the_one_column_that_separates_is_asked_about_and_nothing_else() -> None:
    rows = _noise()
    labels = np.arange(600) % 2
    rows["c3"] += 200.0 * labels
    found = _imitated(rows, labels)
    assert found.fidelity == 1.0
    assert found.informative
    assert [branch.question.column for branch in found.branches if branch.question] == ["c3"]
    assert found.branches[0].size == 600
    first, second = _said(found)
    assert first.startswith("c3 up to ")
    assert first.endswith(": all of those 300 members are in Group 1.")
    assert second.startswith("c3 above ")
    assert "almost exactly" in rules.verdict(found)


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_separates_it_says_so(seed: int) -> None:
    labels = np.random.default_rng(100 + seed).integers(0, 3, 600)
    found = _imitated(_noise(seed=seed), labels)
    assert not found.informative
    assert abs(found.fidelity - found.majority) < 0.12
    assert "cannot tell these groups apart" in rules.verdict(found)


def test_faithfulness_is_measured_on_others_and_true_for_a_known_noise() -> None:
    draw = np.random.default_rng(1)
    rows, labels = _noise(20_000), (np.arange(20_000) % 2).astype(np.int64)
    rows["c0"] = labels * 30.0 + draw.normal(0, 1, 20_000)
    wrong = draw.random(20_000) < 0.2
    labels[wrong] = 1 - labels[wrong]
    found = _imitated(rows, labels)
    assert found.held_out == 6000
    assert found.fidelity == pytest.approx(0.8, abs=0.02)
    assert found.majority == pytest.approx(0.5, abs=0.02)


def test_what_is_said_holds_for_the_users_own_numbers() -> None:
    draw = np.random.default_rng(2)
    rows = pd.DataFrame({"Fresh": draw.gamma(2, 6000, 900).round(1), "Milk": draw.gamma(2, 2000, 900).round(1)})
    labels = ((rows["Fresh"] > 12_345.6) & (rows["Milk"] <= 4321.0)).to_numpy().astype(np.int64)
    found = _imitated(rows, labels)
    assert found.fidelity > 0.97
    for rule in rules.rules(found):
        inside = np.ones(900, bool)
        for condition in map(plain, rule.conditions):
            column, _, rest = condition.partition(" ")
            numbers = [float(word.replace(",", "")) for word in rest.split() if word[0].isdigit()]
            low = numbers[0] if rest.startswith(("above", "between")) else -np.inf
            high = numbers[-1] if rest.startswith(("up", "between")) else np.inf
            inside &= (rows[column] > low).to_numpy() & (rows[column] <= high).to_numpy()
        assert (int(inside.sum()), int((labels[inside] == rule.label).sum())) == (rule.size, rule.inside)


def test_blanks_categories_dates_and_words_are_asked_about_in_their_own_terms() -> None:
    n = 400
    labels = (np.arange(n) % 2).astype(np.int64)
    draw = np.random.default_rng(3)
    noise = draw.normal(size=n)
    blank = _imitated(pd.DataFrame({"a": np.where(labels == 1, np.nan, noise), "b": noise}), labels)
    assert blank.fidelity == 1.0
    assert any("or blank" in line for line in _said(blank))
    islands = np.where(labels == 1, "Dream", draw.choice(["Bisc", "Torg"], n))
    category = _imitated(pd.DataFrame({"island": islands}), labels, island="category")
    assert [line.split(":")[0] for line in _said(category)] == ["island is not Dream", "island is Dream"]
    joined = pd.Timestamp("2020-01-01") + pd.to_timedelta(labels * 400 + np.arange(n) % 50, unit="D")
    date = _imitated(pd.DataFrame({"joined": joined}), labels, joined="date")
    assert _said(date)[1].startswith("joined after 2020-")
    filler = [" ".join(draw.choice(["table", "window", "garden", "river"], 3)) for _ in range(n)]
    texts = pd.Series([f"{text} refund" if g else text for text, g in zip(filler, labels, strict=True)])
    word = _imitated(pd.DataFrame({"text": texts}), labels, text="text")
    assert [line.split(":")[0] for line in _said(word)] == ["without the word refund", "with the word refund"]


@pytest.mark.parametrize(("unit", "said"), [("min", r"\d\d:\d\d: "), ("s", r"\d\d:\d\d:\d\d: ")])
def test_a_log_of_one_day_is_told_apart_by_the_time(unit: str, said: str) -> None:
    labels = (np.arange(400) % 2).astype(np.int64)
    at = pd.Timestamp("2024-02-01 08:00") + pd.to_timedelta(labels * 80 + np.arange(400) % 50, unit=unit)
    found = _imitated(pd.DataFrame({"at": at}), labels, at="date")
    assert found.fidelity == 1.0
    assert re.match(f"at after 2024-02-01 {said}", _said(found)[1])


def test_several_words_are_one_condition() -> None:
    draw = np.random.default_rng(4)
    labels = draw.integers(0, 3, 600)
    filler = [" ".join(draw.choice(["table", "window", "garden"], 2)) for _ in labels]
    texts = [f"{text} {['refund', 'parcel', ''][g]}" for text, g in zip(filler, labels, strict=True)]
    found = _imitated(pd.DataFrame({"text": texts}), labels, text="text")
    said = {line.split(":")[0] for line in _said(found)}
    assert "without the words refund or parcel" in said or "without the words parcel or refund" in said
    assert any("but without" in line for line in said)


def test_the_depth_is_no_greater_than_it_helps() -> None:
    rows = _noise(2000)
    labels = ((rows["c0"] > 50) & (rows["c1"] > 50)).to_numpy().astype(np.int64)
    asked = [b.question.column for b in _imitated(rows, labels).branches if b.question]
    assert sorted(asked) == ["c0", "c1"]


def test_the_unassigned_can_have_a_rule_and_a_group_none() -> None:
    rows = _noise(300)
    labels = np.r_[np.zeros(290, np.int64), np.full(5, 1), np.full(5, -1)]
    rows.loc[290:, "c0"] = 1000.0
    found = _imitated(rows, labels)
    assert {b.label for b in found.branches} <= {-1, 0, 1}
    assert fit_surrogate(features.of(rows, dict.fromkeys(rows.columns, "number")), np.zeros(300, np.int64)) is None


def test_a_column_called_script_stays_text() -> None:
    rows = pd.DataFrame({"<script>*x*": np.repeat([0.0, 9.0], 50) + np.tile([0.0, 0.3, 0.5, 0.7], 25)})
    found = _imitated(rows, np.repeat([0, 1], 50))
    assert r"*\<script\>\*x\** above" in rules.sentence(rules.rules(found)[1], {0: "a", 1: "<b>"})
    assert r"**\<b\>**" in rules.sentence(rules.rules(found)[1], {0: "a", 1: "<b>"})


@pytest.mark.parametrize("case", ["penguins", "pictures", "waves"])
def test_rules_and_usual_values_are_stored_with_the_result(case: str, request: pytest.FixtureRequest) -> None:
    mine: Result = request.getfixturevalue(case).result
    parts: dict[str, bytes] = {}
    save_result(mine, parts.__setitem__)
    back = load_result(parts.__getitem__).explanations
    assert mine.explanations.surrogate is not None
    assert back.surrogate == mine.explanations.surrogate
    assert back.distributions is not None
    assert mine.explanations.distributions is not None
    assert back.distributions.bins == mine.explanations.distributions.bins
    assert np.array_equal(back.distributions.counts, mine.explanations.distributions.counts)


def test_a_result_of_earlier_has_none_of_it(penguins) -> None:
    parts: dict[str, bytes] = {}
    old = build(penguins.outcome, penguins.prepared, penguins.raw, card=penguins.card)
    old.explanations = type(old.explanations)()
    save_result(old, parts.__setitem__)
    assert not any("understanding" in name or "usual" in name for name in parts)
    assert load_result(parts.__getitem__).explanations.surrogate is None


def test_penguins_are_told_apart_by_a_few_questions(penguins) -> None:
    found = penguins.result.explanations.surrogate
    assert found.fidelity > 0.85 > found.majority
    assert rules.table(found, penguins.result.renamed({1: "Gentle *giants*"}))["Group"].str.contains("giants").any()
