"""Previews of shared links beside the pages of the same server process."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import streamlit as st
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from engine.runs import Workspace
from engine.runs.db.schema import Store
from pages.parts.share import open_graph
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page, said  # noqa: F401


def fetched(app: ASGIApp, path: str, token: str) -> bytes:
    """The body that the app answers with, without a server."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": f"token={token}".encode(), "headers": []}
    answer = app(scope | {"scheme": "http", "server": ("here", 80), "root_path": ""}, receive, send)
    with ThreadPoolExecutor(1) as own:  # the browser of other tests keeps a loop running in this thread
        own.submit(asyncio.run, answer).result()
    return b"".join(message.get("body", b"") for message in sent)


def test_previews_read_through_the_pages_own_workspace(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    token = workspace.links.share(run)
    opened, closed = [], []
    open_, close = Workspace.open, Store.close
    monkeypatch.setattr(Workspace, "open", classmethod(lambda cls: opened.append(open_()) or opened[-1]))
    monkeypatch.setattr(Store, "close", lambda self: closed.append(self) or close(self))
    app = Starlette(
        routes=[
            Route("/shared", lambda request: HTMLResponse("<head></head>")),
            Route(open_graph.PICTURE, open_graph.picture),
        ],
        middleware=[Middleware(open_graph.Previews)],
    )
    assert f"http://here{open_graph.PICTURE}?token={token}" in fetched(app, "/shared", token).decode()
    assert Image.open(io.BytesIO(fetched(app, open_graph.PICTURE, token))).size == (1200, 630)
    fine(open_page("shared", token=token))
    st.cache_resource.clear()  # as any visitor may ask Streamlit to
    fine(open_page("shared", token=token))
    assert len(opened) == 1, "page, head and picture share one workspace"
    assert not closed, "nobody else's clearing of caches takes it away from those who read"
    workspace.links.revoke(token)
