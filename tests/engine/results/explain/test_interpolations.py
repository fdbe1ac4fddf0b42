"""Walks between centers: from end to end, both ways, in the user's units, and never too large."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from engine.inference import interpolation
from engine.inference.interpolation import nearest_pairs
from engine.results import Result, load_result, save_result
from engine.results.build import build
from engine.results.explain import interpolations
from engine.results.explain.averages import ALL_MEMBERS, averages
from engine.results.explain.prototypes import group_averages
from engine.results.record.record import Prototypes


class _Draws:
    """Stands in for a method whose embedding is the samples' first two numbers, drawn doubled."""

    def __init__(self, centers: torch.Tensor, numbers: int = 2) -> None:
        self.centers, self.numbers = centers, numbers

    def group_centers(self) -> torch.Tensor:
        return self.centers

    def prototypes(self) -> torch.Tensor:
        return self.decoded(self.centers)

    def decoded(self, z: torch.Tensor) -> torch.Tensor:
        return (2 * z).repeat(1, self.numbers // 2)


LINE = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [7.0, 0.0], [100.0, 0.0]])


def test_a_walk_leads_from_center_to_center_in_even_steps() -> None:
    found = interpolation.interpolations(_Draws(LINE[:2]), torch.tensor([0, 1, 1]))  # type: ignore[arg-type]
    assert found is not None
    ways, drawn = found
    assert ways.tolist() == [[0, 1]]
    assert drawn.shape == (1, interpolation.STEPS, 2)
    np.testing.assert_allclose(drawn[0, :, 0], np.linspace(0, 2, interpolation.STEPS), atol=1e-6)


def test_groups_walk_to_their_nearest_and_nobody_walks_to_an_empty_group() -> None:
    everyone = torch.arange(5)
    assert set(nearest_pairs(LINE, everyone)) == {
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 2),
        (1, 3),
        (2, 3),
        (1, 4),
        (2, 4),
        (3, 4),
    }
    assert nearest_pairs(LINE, torch.tensor([0, 2, -1])) == [(0, 2)]
    assert nearest_pairs(LINE, torch.tensor([3, 3])) == []
    assert nearest_pairs(LINE, torch.tensor([-1])) == []


def test_large_samples_keep_each_groups_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpolation, "MOST", 3 * interpolation.STEPS * 100)
    found = interpolation.interpolations(_Draws(LINE, 100), torch.arange(5))  # type: ignore[arg-type]
    assert found is not None
    assert found[0].tolist() == [[0, 1], [1, 2], [2, 3]]
    monkeypatch.setattr(interpolation, "MOST", 10)
    assert interpolation.interpolations(_Draws(LINE, 100), torch.arange(5)) is None  # type: ignore[arg-type]


def _walking(finished, outcome_of) -> Result:
    outcome = outcome_of(finished.outcome)
    return build(outcome, finished.prepared, finished.raw, card=finished.card)


@pytest.mark.parametrize("case", ["penguins", "pictures", "waves"])
def test_walks_are_stored_in_the_users_units_and_go_both_ways(case, request) -> None:
    from dataclasses import replace

    finished = request.getfixturevalue(case)
    x = finished.prepared.x
    drawn = np.stack([x[:9], x[9:18]]).astype(np.float32)
    way = np.array([[0, 1], [0, 2]]) if finished.result.k > 2 else np.array([[0, 1], [1, 0]])
    mine = _walking(finished, lambda outcome: replace(outcome, interpolations=(way, drawn)))
    parts: dict[str, bytes] = {}
    save_result(mine, parts.__setitem__)
    back = load_result(parts.__getitem__).explanations.interpolations
    assert back is not None
    there, again = interpolations.steps(back, 0, 1), interpolations.steps(back, 1, 0)
    if isinstance(there, pd.DataFrame):
        pd.testing.assert_frame_equal(there, again.iloc[::-1].reset_index(drop=True))
        assert there["body_mass_g"].between(2500, 6500).all()
    else:
        assert there.shape == (9, *finished.raw.values.shape[1:])
        if case == "pictures":
            assert np.array_equal(there, again[::-1])
            assert np.array_equal(there, finished.raw.values[finished.result.kept[:9]])
    assert interpolations.neighbors(back, 0)[0] == 1
    with pytest.raises(KeyError):
        interpolations.steps(back, 1, 1)


def test_the_columns_that_change_most_come_first() -> None:
    steps = pd.DataFrame({"a": np.linspace(0, 1, 9), "b": np.linspace(0, 100, 9), "still": np.full(9, 3.0)})
    whole = pd.DataFrame({"a": [0.5, 0.1], "b": [50.0, 1000.0], "still": [3.0, 1.0]})
    assert interpolations.telling(steps, whole) == ["a", "b"]
    assert interpolations.telling(steps, None) == ["a", "b"]


def test_averages_stand_beside_everybody_and_mark_what_differs(penguins) -> None:
    table, marks = averages(penguins.result)
    rows = penguins.raw.rows.iloc[penguins.result.kept]
    assert table.index[0] == ALL_MEMBERS
    assert table["body_mass_g"].iloc[0] == pytest.approx(rows["body_mass_g"].mean())
    heavy = int(table["body_mass_g"].to_numpy()[1:].argmax()) + 1
    assert marks[heavy, list(table.columns).index("body_mass_g")] == 1
    assert not marks[0].any()
    assert not any("(share)" in name for name in table.columns)
    assert table["island"].str.contains(" %").all()


def test_members_averages_are_true_where_a_network_draws_the_prototypes(penguins) -> None:
    rows = penguins.raw.rows.iloc[penguins.result.kept]
    drawn = replace(penguins.result.prototypes, source="decoded")
    drawn.table = drawn.table.assign(body_mass_g=-13.4)
    labels = penguins.result.labels
    true = group_averages(drawn, penguins.prepared, penguins.raw.rows, labels, penguins.result.k)
    explanations = replace(penguins.result.explanations, averages=true)
    result = replace(penguins.result, prototypes=drawn, explanations=explanations, sums={})
    own, _ = averages(result)
    assert own["body_mass_g"].iloc[1] == pytest.approx(rows["body_mass_g"][labels == 0].mean())
    assert own["body_mass_g"].iloc[0] == pytest.approx(rows["body_mass_g"].mean())
    assert averages(result, decoded=True)[0]["body_mass_g"].iloc[1] == pytest.approx(-13.4)
    assert group_averages(penguins.result.prototypes, penguins.prepared, penguins.raw.rows, labels, result.k) is None
    parts: dict[str, bytes] = {}
    save_result(result, parts.__setitem__)
    pd.testing.assert_frame_equal(load_result(parts.__getitem__).explanations.averages, result.explanations.averages)


def test_averages_of_earlier_results_are_shown_without_marks(penguins) -> None:
    old = penguins.result.renamed({0: "Gentle giants"})
    old.explanations = type(old.explanations)()
    table, marks = averages(old)
    assert len(table) == penguins.result.k
    assert table.index[0] == "Group 1 · Gentle giants"
    assert not marks.any()


def test_another_value_is_only_marked_where_it_is_clearly_more_frequent() -> None:
    table = pd.DataFrame({"g": ["m", "m", "f"], "g (share)": [0.53, 0.9, 0.9]})
    whole = pd.DataFrame({"g": ["f", None], "g (share)": [0.52, None]})
    groups = [SimpleNamespace(size=9, label=i, display_name=f"Group {i + 1}") for i in range(3)]
    explanations = SimpleNamespace(overall=whole, averages=None)
    result = SimpleNamespace(groups=groups, prototypes=Prototypes("mean", table), explanations=explanations)
    shown, marks = averages(result)  # type: ignore[arg-type]
    assert shown["g"].tolist() == ["f, 52 %", "m, 53 %", "m, 90 %", "f, 90 %"]
    assert marks.ravel().tolist() == [0, 0, 2, 0]


def test_codes_dates_and_blanks_stand_beside_everybody_and_are_stored(finished) -> None:
    draw = np.random.default_rng(0)
    half = np.repeat([0, 1], 60)
    table = pd.DataFrame({
        "code": half + 1,
        "amount": np.where(np.arange(120) % 9 == 0, np.nan, 50.0 * half + draw.normal(size=120)),
        "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(400 * half + np.arange(120) % 50, unit="D"),
        "member": np.where(half == 1, "yes", "no"),
        "open": draw.random(120) < 0.5,
    })  # fmt: skip
    result = finished(table, 2, name="mixed").result
    parts: dict[str, bytes] = {}
    save_result(result, parts.__setitem__)
    back = load_result(parts.__getitem__)
    shown, marks = averages(back)
    assert len(shown) == 3
    amount = list(shown.columns).index("amount")
    assert sorted(marks[1:, amount].tolist()) == [-1, 1]


def test_a_column_named_like_the_share_of_another_stays_itself(finished) -> None:
    half = np.repeat([0, 1], 60)
    table = pd.DataFrame({
        "plan": np.where(half == 1, "pro", "free"),
        "plan (share)": 500.0 * half + np.arange(120) % 7,
        "amount": 50.0 * half + np.arange(120) % 5,
    })  # fmt: skip
    result = finished(table, 2, name="shares").result
    parts: dict[str, bytes] = {}
    save_result(result, parts.__setitem__)
    shown, marks = averages(load_result(parts.__getitem__))
    assert list(shown.columns) == list(table.columns)
    assert sorted(shown["plan"].tolist()[1:]) == ["free, 100 %", "pro, 100 %"]
    assert shown["plan (share)"].iloc[0] == pytest.approx(table["plan (share)"].mean())
    assert sorted(marks[1:, 1].tolist()) == [-1, 1]


def test_wholesale_customers_are_stored(finished, shared) -> None:
    result = finished(shared("csv/Wholesale_customers_data.csv"), 4).result
    parts: dict[str, bytes] = {}
    save_result(result, parts.__setitem__)
    shown, marks = averages(load_result(parts.__getitem__))
    assert ALL_MEMBERS in shown.index
    assert marks.any()
