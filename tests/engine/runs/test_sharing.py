"""Secret links: unguessable, revocable, with an end."""

import time

import pytest

from engine.errors import InputError
from engine.runs import Settings, Workspace, ledger, sharing
from engine.runs.store import locks


@pytest.fixture
def run(workspace: Workspace) -> str:
    with workspace.store.write() as connection:
        return ledger.open_run(connection, Settings("d" * 20, "kmeans", 3), "k-means on customers")


def test_a_link_opens_its_run(workspace: Workspace, run: str) -> None:
    token = workspace.share(run, raw_data=True)
    found = workspace.shared(token)
    assert (found.run, found.raw_data, found.expires) == (run, True, None)
    assert len(token) >= 43
    assert workspace.share(run) != token


def test_a_revoked_link_opens_nothing(workspace: Workspace, run: str) -> None:
    token, other = workspace.share(run), workspace.share(run)
    workspace.revoke(token)
    with pytest.raises(InputError, match="was closed"):
        workspace.shared(token)
    assert [share.token for share in workspace.shares(run)] == [other]
    assert not workspace.shared(other).raw_data


def test_a_link_expires(workspace: Workspace, run: str) -> None:
    late, soon = workspace.share(run, expires=time.time() - 1), workspace.share(run, expires=time.time() + 60)
    with pytest.raises(InputError, match="expired"):
        workspace.shared(late)
    assert workspace.shared(soon).run == run
    assert [share.token for share in workspace.shares(run)] == [soon]


def test_guesses_open_nothing(workspace: Workspace, run: str) -> None:
    token = workspace.share(run)
    for guess in ("", run, token[:-1], token.swapcase()):
        with pytest.raises(InputError, match="opens nothing"):
            workspace.shared(guess)
    with pytest.raises(InputError, match="nothing to revoke"):
        workspace.revoke("guess")


def test_links_go_with_their_run(workspace: Workspace, run: str) -> None:
    token = workspace.share(run)
    workspace.delete(run)
    with pytest.raises(InputError):
        workspace.shared(token)
    with pytest.raises(InputError, match="does not exist"):
        workspace.share(run)


def test_a_link_opens_the_view_it_was_made_with(workspace: Workspace, run: str) -> None:
    view = {"color": "sure", "camera": "umap2,0.5,0.5,3", "selected": "eJw"}
    token, plain = workspace.share(run, view=view), workspace.share(run)
    assert workspace.shared(token).view == view
    assert workspace.shared(plain).view == {}
    assert {share.token for share in workspace.shares(run)} == {token, plain}


def test_a_locked_link_wants_its_password(workspace: Workspace, run: str) -> None:
    token, free = workspace.share(run, password="open sésame"), workspace.share(run)
    assert workspace.shared(token).locked
    assert not workspace.shared(free).locked
    workspace.unlock(token, "open sésame")
    workspace.unlock(free, "anything")
    with pytest.raises(InputError, match="not the password"):
        workspace.unlock(token, "open sesame")
    with workspace.store.read() as connection:
        stored = str(connection.execute(locks.select()).mappings().all())
    assert "sésame" not in stored


def test_guessing_passwords_is_slow(workspace: Workspace, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = workspace.share(run, password="1234")
    for guess in range(sharing.MOST_WRONG):
        with pytest.raises(InputError, match="not the password"):
            workspace.unlock(token, str(guess))
    with pytest.raises(InputError, match="Too many"):
        workspace.unlock(token, "1234")
    later = time.time() + sharing.CLOSED_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    workspace.unlock(token, "1234")
