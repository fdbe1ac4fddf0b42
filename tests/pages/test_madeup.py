"""What only some methods have to show: members they made up, and what they counted."""

from typing import Any

import pytest

from engine.runs import Settings
from engine.runs.workers.worker import Worker
from pages.parts.results import cluster_cards, context, details
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page, said  # noqa: F401

TINY = {"layers": "32-32", "pretrain_epochs": 2, "epochs": 2}


@pytest.fixture(scope="module")
def inventive(trained: dict[str, Any]) -> dict[str, str]:
    """Runs of VaDE on the customers and on the digits."""
    place = trained["place"]
    place.stop(trained["waiting"])
    made = {
        name: place.submit(Settings(trained["datasets"][name], "vade", k, knobs=TINY, seed=5)).id
        for name, k in (("customers", 4), ("digits", 10))
    }
    while Worker(place, "train").once():
        continue
    assert [place.run(run).state for run in made.values()] == ["done", "done"]
    return made


def test_made_up_rows_stand_beside_the_group_in_the_users_own_columns(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    inventive: dict[str, str],
) -> None:
    result = furnished["place"].result(inventive["customers"])
    for group in (0, 2):
        app = fine(open_page("results", run=inventive["customers"], group=str(group + 1)))
        assert "Made up by the method" in said(app)
        table = next(frame.value for frame in app.dataframe if len(frame.value) == 8)
        kept = furnished["place"].raw(furnished["datasets"]["customers"]).rows
        assert set(table.columns) <= set(kept.columns), "no column that the user does not know"
        made = result.explanations.generated.table.iloc[8 * group : 8 * group + 8]
        assert table["age"].tolist() == made["age"].tolist()
        first = [difference.column for difference in result.groups[group].differences]
        assert list(table.columns)[: len(first)] == list(dict.fromkeys(first)) or not first


def test_made_up_pictures_too_and_k_means_makes_up_nothing(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    inventive: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, Any] = {}
    show = cluster_cards.wall.show
    monkeypatch.setattr(
        cluster_cards.wall, "show", lambda key, tiles, **how: (seen.update({key: tiles}), show(key, tiles, **how))[1]
    )
    fine(open_page("results", run=inventive["digits"], group="3"))
    (tiles,) = [tiles for key, tiles in seen.items() if key.startswith("madeup-")]
    assert len(tiles) == 7, "all but the first, which is the prototype"
    assert len({tile.pictures for tile in tiles}) == 7
    seen.clear()
    plain = fine(open_page("results", run=furnished["runs"]["digits"], group="3"))
    assert "Made up by the method" not in said(plain)
    assert not any(key.startswith("madeup-") for key in seen)


def test_the_details_say_what_the_method_counted(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    inventive: dict[str, str],
) -> None:
    place = furnished["place"]
    (line,) = details.counted(context.load(place, place.run(inventive["digits"])))
    assert line.startswith("Groups in use: **")
    assert "How many groups of equal size would be as varied" in line
    app = fine(open_page("results", run=inventive["digits"], tab="Details"))
    assert line in said(app)
    plain = fine(open_page("results", run=furnished["runs"]["digits"], tab="Details"))
    assert "What the method counted" not in said(plain)
