"""Of very many columns those in which groups differ most are shown."""

from types import SimpleNamespace
from typing import Any

from pages.parts.results import telling_columns


def _result(*groups: dict[str, float]) -> Any:
    return SimpleNamespace(
        groups=[
            SimpleNamespace(differences=[SimpleNamespace(column=name, effect=effect) for name, effect in group.items()])
            for group in groups
        ]
    )


def test_columns_in_which_groups_differ_most_follow_the_first() -> None:
    names = ["name", *(f"c{i}" for i in range(50))]
    result = _result({"c7": -0.5, "c9": 2.0}, {"c7": 3.0, "other": 9.0})
    assert telling_columns.cut(result, names, 5) == ["name", "c7", "c9", "c0", "c1"]
    assert telling_columns.cut(result, names, 51) == names
    assert telling_columns.caption(5, 51) == "5 of 51 columns, first those in which groups differ most."
    assert telling_columns.caption(51, 51) == ""
