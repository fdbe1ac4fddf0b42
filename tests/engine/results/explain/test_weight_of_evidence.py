"""Why a member is where it is: the cause that was put in comes first, with the member's own value and what is usual."""

import numpy as np
import pandas as pd
import pytest

from engine.results.explain import features
from engine.results.explain.weight_of_evidence import Sides, distributions, reasons, summary, values_of
from engine.results.record.explanations import FeatureDistributions
from engine.results.text.markdown import plain

SIDES = Sides(1, 0, "Group 2", "Group 1")


def _distributions(rows: pd.DataFrame, labels: np.ndarray, **types: str) -> FeatureDistributions:
    found = features.of(rows, dict.fromkeys(rows.columns, "number") | types)
    return distributions(found, labels, int(labels.max()) + 1)


def _why(known: FeatureDistributions, row: dict[str, object], sides: Sides = SIDES) -> list[tuple[float, str]]:
    return [(r.weight, plain(r.sentence)) for r in reasons(known, values_of(known, "table", row, None), sides)]


@pytest.fixture(scope="module")
def table() -> tuple[pd.DataFrame, np.ndarray]:
    """Two groups that differ in Fresh and in nothing else."""
    draw, labels = np.random.default_rng(0), np.repeat([0, 1], 500)
    rows = pd.DataFrame({"Milk": draw.normal(50, 10, 1000), "Fresh": draw.normal(4000, 500, 1000)})
    rows["Fresh"] += 17_000 * labels
    return rows, labels


def test_the_known_cause_is_named_with_both_usual_values(table) -> None:
    rows, labels = table
    ((weight, said),) = _why(_distributions(rows, labels), {"Milk": 50.0, "Fresh": 21_000.0})
    assert weight > 3
    low, high = (rows["Fresh"][labels == group].median() for group in (0, 1))
    assert said == f"Fresh is 21,000: usual is {round(high, -2):,.0f} in Group 2 and {round(low, -2):,.0f} in Group 1"


def test_what_speaks_against_has_the_other_sign(table) -> None:
    rows, labels = table
    ((weight, said),) = _why(_distributions(rows, labels), {"Milk": 50.0, "Fresh": 4100.0})
    assert weight < -3
    assert said.startswith("Fresh is 4,100: usual is ")


def test_where_nothing_differs_nothing_is_said(table) -> None:
    rows, _ = table
    known = _distributions(rows[["Milk"]], np.random.default_rng(1).integers(0, 2, 1000))
    found = reasons(known, values_of(known, "table", {"Milk": 50.0}, None), SIDES)
    assert found == []
    assert summary(found, SIDES).startswith("Nothing that can be said of it")


def test_the_weight_is_the_logarithm_of_how_much_more_common_the_value_is() -> None:
    labels = np.repeat([0, 1], 10_000)
    island = np.r_[np.repeat(["Dream", "Bisc"], [1000, 9000]), np.repeat(["Dream", "Bisc"], [8000, 2000])]
    known = _distributions(pd.DataFrame({"island": island}), labels, island="category")
    ((weight, said),) = _why(known, {"island": "Dream"})
    assert weight == pytest.approx(np.log(8), abs=0.01)
    assert said == "island is Dream: so it is for 80 % of Group 2 and 10 % of Group 1"


def test_blanks_and_values_never_seen_are_weighed_too(table) -> None:
    rows, labels = table
    rows = rows.assign(age=np.where((labels == 1) & (np.arange(1000) % 2 == 0), np.nan, 40.0 + np.arange(1000) % 9))
    said = [line for _, line in _why(_distributions(rows, labels), {"Milk": 50.0, "Fresh": np.nan, "age": None})]
    assert any(line == "age is blank: so it is for 50 % of Group 2 and 0 % of Group 1" for line in said)
    assert _why(_distributions(rows, labels), {"Milk": 1e9, "Fresh": -1e9, "age": 43.0})


def test_values_between_that_are_common_say_how_much_more_common() -> None:
    draw = np.random.default_rng(3)
    labels = np.repeat([0, 1], 2000)
    # The second group lies at both ends: its middle says nothing.
    values = np.r_[draw.normal(0, 1, 2000), draw.choice([-20.0, 20.0], 2000) + draw.normal(0, 1, 2000)]
    ((_, said),) = _why(_distributions(pd.DataFrame({"a": values}), labels), {"a": 19.5})
    assert "times as common in Group 2" in said or "in Group 2 and" in said


def test_against_everybody_else_where_there_is_no_runner_up(table) -> None:
    rows, labels = table
    sides = Sides(1, -1, "Group 2", "the other groups")
    ((weight, said),) = _why(_distributions(rows, labels), {"Milk": 50.0, "Fresh": 21_000.0}, sides)
    assert weight > 3
    assert said.endswith("times as common in Group 2")


def test_words_that_a_text_says_count_and_those_it_lacks_do_not() -> None:
    draw, labels = np.random.default_rng(0), np.repeat([0, 1], 100)
    filler = [" ".join(draw.choice(["table", "window", "garden", "river", "street"], 4)) for _ in labels]
    texts = pd.DataFrame({"text": [f"{t} refund" if g else t for t, g in zip(filler, labels, strict=True)]})
    known = _distributions(texts, labels, text="text")
    ((weight, said),) = _why(known, {"text": "I want a REFUND, now."})
    assert weight > 2
    assert said == "says refund: so do 100 % of Group 2 and 0 % of Group 1"
    assert _why(known, {"text": None}) == []


def test_pictures_are_weighed_by_their_traits(pictures) -> None:
    result, known = pictures.result, pictures.result.explanations.distributions
    member = result.groups[0].typical[0]
    has = values_of(known, "image", {}, pictures.raw.values[result.kept[member]])
    assert all(np.isfinite(has))
    sides = Sides(0, int(result.second[member]), "Group 1", "the next")
    found = reasons(known, has, sides)
    assert sum(reason.weight for reason in found) > 0


def test_codes_that_became_floats_are_found_again() -> None:
    rows = pd.DataFrame({"code": [1.0, 2.0, np.nan, 1.0] * 50})
    labels = (rows["code"].fillna(2).to_numpy() == 1).astype(np.int64)
    known = _distributions(rows, labels, code="category")
    assert any("code is 1: so it is for" in line for _, line in _why(known, {"code": 1.0}))


def test_dates_are_days() -> None:
    labels = np.repeat([0, 1], 60)
    joined = pd.Timestamp("2020-01-01") + pd.to_timedelta(labels * 400 + np.arange(120) % 50, unit="D")
    known = _distributions(pd.DataFrame({"joined": joined}), labels, joined="date")
    ((_, said),) = _why(known, {"joined": pd.Timestamp("2021-02-20")})
    assert said.startswith("joined is 2021-02-20: usual is 2021-02-")


def test_dates_of_one_day_have_times() -> None:
    labels = np.repeat([0, 1], 60)
    at = pd.Timestamp("2024-02-01 08:00") + pd.to_timedelta(labels * 300 + np.arange(120) % 50, unit="min")
    known = _distributions(pd.DataFrame({"at": at}), labels, at="date")
    ((_, said),) = _why(known, {"at": pd.Timestamp("2024-02-01 13:10")})
    assert said.startswith("at is 2024-02-01 13:10: usual is 2024-02-01 13:")
    assert "2024-02-01 08:" in said


def test_most_members_are_explained_towards_their_own_group(penguins) -> None:
    result, known, raw = penguins.result, penguins.result.explanations.distributions, penguins.raw
    right = 0
    for member in range(0, len(result), 7):
        sides = Sides(int(result.labels[member]), int(result.second[member]), "a", "b")
        has = values_of(known, "table", raw.rows.iloc[result.kept[member]], None)
        right += sum(reason.weight for reason in reasons(known, has, sides)) > 0
    assert right / len(range(0, len(result), 7)) > 0.9
