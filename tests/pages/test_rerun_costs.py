"""What takes long for many members is found out once for a result, and not again whenever its page is drawn."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pages.parts.results import cluster_cards, color_by, context, member_table
from pages.parts.trust import fairness
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page  # noqa: F401


def loaded(furnished: dict[str, Any]) -> context.ResultContext:  # noqa: F811
    workspace = furnished["workspace"]
    return context.load(workspace, workspace.run(furnished["runs"]["customers"]))


def test_an_order_is_made_once(furnished: dict[str, Any]) -> None:  # noqa: F811
    found, again = loaded(furnished), loaded(furnished)
    sure = found.result.sure
    for order, values in (
        ("Surest first", -sure),
        ("Least sure first", sure),
        ("Most unusual first", -found.result.outlier_score),
    ):
        members = member_table.ordered(found, order)
        assert (np.diff(values[members]) >= 0).all()
        assert sorted(members.tolist()) == list(range(len(sure)))
        assert member_table.ordered(again, order) is members


def test_a_column_is_sorted_into_categories_once(furnished: dict[str, Any]) -> None:  # noqa: F811
    found, again = loaded(furnished), loaded(furnished)
    assert found.raw is not None
    values = [str(i % 7) if i % 11 else None for i in range(len(found.raw.rows))]
    rare = [str(i) if i % 9 == 0 else "often" for i in range(len(found.raw.rows))]
    found = replace(found, raw=replace(found.raw, rows=found.raw.rows.assign(few=values, many=rare)))
    codes, names = color_by._categories(found, "few")
    assert [None if code < 0 else names[code] for code in codes] == [values[row] for row in found.result.kept]
    assert len(names) == 7
    assert color_by._categories(replace(again, raw=found.raw), "few")[0] is codes
    codes, names = color_by._categories(found, "many")
    assert (names[0], names[-1], len(names)) == ("often", "Other values", 61)
    assert {names[code] for code in codes} == set(names)


def test_fairness_is_measured_once(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[int] = []
    whole = fairness.fairness
    monkeypatch.setattr(fairness, "fairness", lambda *args: measured.append(1) or whole(*args))
    app = fine(open_page("results", run=furnished["runs"]["customers"], tab="Trust"))
    for _ in range(3):
        fine(app.run())
    assert len(measured) == 1


def test_the_least_sure_members_are_those_of_a_whole_sort(furnished: dict[str, Any]) -> None:  # noqa: F811
    found = loaded(furnished)
    for group in found.result.groups:
        inside = np.flatnonzero(found.result.labels == group.label)
        order = inside[np.argsort(found.result.sure[inside], kind="stable")]
        assert cluster_cards.least_sure(found, group) == order[:8].tolist()


def test_cells_of_the_averages_have_their_arrows() -> None:
    numbers = cluster_cards._written(pd.Series([2.0, 5.0, np.nan, 1.0]), np.array([0, 1, 0, -1]))
    assert [numbers(value) for value in (2.0, 5.0, np.nan, 1.0)] == ["2", "▲ 5", "–", "▼ 1"]
    words = cluster_cards._written(pd.Series(["North, 40 %", "South, 70 %"]), np.array([0, 2]))
    assert [words(value) for value in ("North, 40 %", "South, 70 %")] == ["North, 40 %", "≠ South, 70 %"]
