"""The owner's key, and what the guest of a link may do."""

import inspect
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.access import GuestWorkspace, Refused
from engine.runs.owner_key import FILE, OwnerKey
from tests.pages import finished


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str, str]]:
    """A home with two finished runs on different data."""
    workspace, run = finished.home(tmp_path_factory.mktemp("guests"), "customers", 4)
    other = finished.train(workspace, finished.arrive(workspace, "digits"), "kmeans", 10)
    yield workspace, run, other
    workspace.close()


def test_a_guest_reads_the_run_of_the_link_and_no_other(two_runs):
    workspace, run, other = two_runs
    guest = GuestWorkspace(workspace, workspace.links.share(run))
    dataset = workspace.run(run).dataset
    assert guest.run(run).id == run
    assert guest.dataset(dataset).id == dataset
    assert len(guest.result(run)) == len(workspace.result(run))
    assert len(guest.recording(run)) == len(workspace.recording(run))
    assert guest.history(run) == workspace.history(run)
    assert guest.names.of_run(run) == {}
    assert guest.evaluations.find(run, "stability") is None
    for read in (guest.run, guest.result, guest.recording, guest.history, guest.frame, guest.names.of_run):
        with pytest.raises(Refused):
            read(other)
    for read in (guest.dataset, guest.raw):
        with pytest.raises(Refused):
            read(workspace.run(other).dataset)
    with pytest.raises(Refused):
        guest.evaluations.find(other, "stability")
    with pytest.raises(Refused):
        guest.trajectory(other, 0, 10)


READS = {
    "original_file",
    "rows_as_written",
    "run",
    "dataset",
    "raw",
    "result",
    "history",
    "recording",
    "frame",
    "trajectory",
    "names",
    "evaluations",
    "config",
}


def test_everything_else_of_a_workspace_is_refused(two_runs):
    """Also what is added to it later: only what a guest may read is on the list above."""
    workspace, run, _ = two_runs
    guest = GuestWorkspace(workspace, workspace.links.share(run, raw_data=True))
    refused = []
    for name in {name for name in dir(workspace) if not name.startswith("_")} - READS:
        with pytest.raises(Refused):
            getattr(guest, name)
        refused.append(name)
    assert {"delete", "rename", "submit", "links", "exports", "layouts", "predictions", "store", "artifacts"} <= set(
        refused
    )
    for part, may in (("names", {"of_run"}), ("evaluations", {"find"})):
        whole = getattr(workspace, part)
        for name, _ in inspect.getmembers(whole, callable):
            if not name.startswith("_") and name not in may:
                with pytest.raises(Refused):
                    getattr(getattr(guest, part), name)


def test_the_data_are_read_only_where_the_link_shows_them(two_runs):
    workspace, run, _ = two_runs
    dataset = workspace.run(run).dataset
    with pytest.raises(Refused):
        GuestWorkspace(workspace, workspace.links.share(run)).raw(dataset)
    with pytest.raises(Refused):
        GuestWorkspace(workspace, workspace.links.share(run)).rows_as_written(dataset)
    with pytest.raises(Refused):
        GuestWorkspace(workspace, workspace.links.share(run)).original_file(dataset, "a.wav", 1000)
    assert len(GuestWorkspace(workspace, workspace.links.share(run, raw_data=True)).raw(dataset).rows)


def test_nothing_is_read_before_the_password_or_after_the_link_was_withdrawn(two_runs):
    workspace, run, _ = two_runs
    token = workspace.links.share(run, password="correct horse")
    guest = GuestWorkspace(workspace, token)
    assert guest.locked
    for read in (guest.run, guest.result, guest.history, guest.names.of_run):
        with pytest.raises(Refused, match="password"):
            read(run)
    with pytest.raises(InputError, match="not the password"):
        guest.unlock("wrong")
    assert guest.locked
    guest.unlock("correct horse")
    assert guest.run(run).id == run
    workspace.links.revoke(token)
    with pytest.raises(InputError, match="closed"):
        guest.run(run)
    with pytest.raises(InputError, match="opens nothing"):
        GuestWorkspace(workspace, "guess")


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path):
    environment = {"CONSTELLA_HOME": str(tmp_path / "home")}
    found: list[str] = []
    starts = [Thread(target=lambda: found.append(OwnerKey.of(environment).secret)) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(set(found)) == 1, "processes that start together get one key"
    assert len(found[0]) >= 40
    path = tmp_path / "home" / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert OwnerKey.of(environment).secret == found[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [FILE]


def test_an_empty_key_file_is_no_key(tmp_path: Path):
    (tmp_path / FILE).write_text("\n")
    assert len(OwnerKey.of({"CONSTELLA_HOME": str(tmp_path)}).secret) >= 40


def test_a_key_of_ones_own_needs_some_length(tmp_path: Path):
    home = {"CONSTELLA_HOME": str(tmp_path)}
    assert OwnerKey.of(home | {"CONSTELLA_KEY": "a" * 16}).secret == "a" * 16
    assert not (tmp_path / FILE).exists()
    with pytest.raises(InputError, match="at least 16"):
        OwnerKey.of(home | {"CONSTELLA_KEY": "short"})


def test_where_the_key_cannot_be_kept_it_lasts_as_long_as_the_process(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(OwnerKey.of({"CONSTELLA_HOME": str(blocked / "home")}).secret) >= 40


def test_a_signature_holds_for_its_purpose_and_its_key():
    key = OwnerKey("k" * 20)
    signed = key.sign("cookie", "1700000000")
    assert key.verified("cookie", signed) == "1700000000"
    assert key.verified("ticket", signed) is None
    assert OwnerKey("l" * 20).verified("cookie", signed) is None
    assert key.verified("cookie", signed.replace("17", "27", 1)) is None
    assert key.verified("cookie", "") is None
    assert key.matches("k" * 20 + "\n")
    assert not key.matches("k" * 19)
    assert not key.matches("ü")
