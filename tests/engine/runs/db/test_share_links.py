"""Secret links: unguessable, revocable, with an end."""

import time

import pytest

from engine.core.errors import InputError
from engine.runs import Settings, Workspace
from engine.runs.db import repository, share_links
from engine.runs.db.schema import share_passwords


@pytest.fixture
def run(workspace: Workspace) -> str:
    with workspace.store.write() as connection:
        return repository.open_run(connection, Settings("d" * 20, "kmeans", 3), "k-means on customers")


def test_a_link_opens_its_run(workspace: Workspace, run: str) -> None:
    token = workspace.links.share(run, raw_data=True)
    found = workspace.links.find(token)
    assert (found.run, found.raw_data, found.expires) == (run, True, None)
    assert len(token) >= 43
    assert workspace.links.share(run) != token


def test_a_revoked_link_opens_nothing(workspace: Workspace, run: str) -> None:
    token, other = workspace.links.share(run), workspace.links.share(run)
    workspace.links.revoke(token)
    with pytest.raises(InputError, match="was closed"):
        workspace.links.find(token)
    assert [share.token for share in workspace.links.of_run(run)] == [other]
    assert not workspace.links.find(other).raw_data


def test_a_link_expires(workspace: Workspace, run: str) -> None:
    late, soon = (
        workspace.links.share(run, expires=time.time() - 1),
        workspace.links.share(run, expires=time.time() + 60),
    )
    with pytest.raises(InputError, match="expired"):
        workspace.links.find(late)
    assert workspace.links.find(soon).run == run
    assert [share.token for share in workspace.links.of_run(run)] == [soon]


def test_guesses_open_nothing(workspace: Workspace, run: str) -> None:
    token = workspace.links.share(run)
    for guess in ("", run, token[:-1], token.swapcase()):
        with pytest.raises(InputError, match="opens nothing"):
            workspace.links.find(guess)
    with pytest.raises(InputError, match="nothing to revoke"):
        workspace.links.revoke("guess")


def test_links_go_with_their_run(workspace: Workspace, run: str) -> None:
    token = workspace.links.share(run)
    workspace.delete(run)
    with pytest.raises(InputError):
        workspace.links.find(token)
    with pytest.raises(InputError, match="does not exist"):
        workspace.links.share(run)


def test_a_link_opens_the_view_it_was_made_with(workspace: Workspace, run: str) -> None:
    view = {"color": "sure", "camera": "umap2,0.5,0.5,3", "selected": "eJw"}
    token, plain = workspace.links.share(run, view=view), workspace.links.share(run)
    assert workspace.links.find(token).view == view
    assert workspace.links.find(plain).view == {}
    assert {share.token for share in workspace.links.of_run(run)} == {token, plain}


def test_a_locked_link_wants_its_password(workspace: Workspace, run: str) -> None:
    token, free = workspace.links.share(run, password="open sésame"), workspace.links.share(run)
    assert workspace.links.find(token).locked
    assert not workspace.links.find(free).locked
    workspace.links.unlock(token, "open sésame")
    workspace.links.unlock(free, "anything")
    with pytest.raises(InputError, match="not the password"):
        workspace.links.unlock(token, "open sesame")
    with workspace.store.read() as connection:
        stored = str(connection.execute(share_passwords.select()).mappings().all())
    assert "sésame" not in stored


def test_guessing_passwords_is_slow(workspace: Workspace, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = workspace.links.share(run, password="1234")
    for guess in range(share_links.MOST_WRONG):
        with pytest.raises(InputError, match="not the password"):
            workspace.links.unlock(token, str(guess))
    with pytest.raises(InputError, match="Too many"):
        workspace.links.unlock(token, "1234")
    later = time.time() + share_links.CLOSED_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    workspace.links.unlock(token, "1234")
