"""The user's own names for groups: kept beside the result, shown everywhere, gone with the run."""

import pytest
from sqlalchemy import func, select

from engine.core.errors import InputError
from engine.results import labels_table
from engine.runs import Workspace
from engine.runs.db.schema import cluster_names
from engine.runs.workers.worker import Worker


def test_a_name_is_seen_everywhere_and_by_other_processes(digits: Workspace, run: str) -> None:
    proposed = digits.result(run).groups[3].name
    digits.names.give(run, {3: "  Slim\n and *upright* "})
    group = digits.result(run).groups[3]
    assert (group.name, group.display_name) == ("Slim and *upright*", "Group 4 · Slim and *upright*")
    elsewhere = Workspace(digits.config)
    assert elsewhere.result(run).groups[3] == group
    elsewhere.close()
    assert "Slim and *upright*" in set(labels_table(digits.result(run))["group name"])
    digits.names.give(run, {3: " "})
    back = digits.result(run).groups[3]
    assert (back.name, back.display_name, back.proposed) == (proposed, "Group 4", "")


@pytest.mark.timeout(900)  # where UMAP is not compiled yet
def test_a_map_that_is_added_later_does_not_store_the_name(digits: Workspace, run: str) -> None:
    proposed = digits.result(run).groups[0].name
    digits.names.give(run, {0: "Mine"})
    assert Worker(digits, "map").once()
    assert "umap2" in digits.result(run).maps
    digits.names.give(run, {0: ""})
    assert digits.result(run).groups[0].name == proposed


def test_all_names_or_none(digits: Workspace, run: str) -> None:
    for wrong, said in (({0: "ok", 10: "x"}, "no group 11"), ({0: "ok", 1: "x" * 81}, "at most 80 characters")):
        with pytest.raises(InputError, match=said):
            digits.names.give(run, wrong)
    assert digits.result(run).groups[0].proposed == ""
    digits.names.give(run, dict.fromkeys(range(10), "twin"))
    assert {group.name for group in digits.result(run).groups} == {"twin"}
    assert len({group.display_name for group in digits.result(run).groups}) == 10


def test_names_leave_with_the_run(digits: Workspace, run: str) -> None:
    digits.names.give(run, {1: "Short lived"})
    digits.delete(run)
    with digits.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(cluster_names)).scalar_one() == 0
