"""Constella with what Streamlit's pages alone cannot do. `streamlit run server.py`.

The middleware tells the owner from all other visitors, and adds previews to shared links; a route says who a member of a map
is; workers are kept alive from the start.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from engine.core.errors import InputError
from pages.parts.app import gate, login, principal
from pages.parts.app.supervision import supervisor
from pages.parts.results import member_route
from pages.parts.share import open_graph

try:
    principal.check_settings()
except InputError as fault:
    raise SystemExit(f"Constella does not start: {fault}") from None


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Say where the owner gets in; keep workers alive until the server ends."""
    login.announce()
    supervisor.start()
    yield
    supervisor.stop()


app = st.App(
    "streamlit_app.py",
    routes=[Route(open_graph.PICTURE, open_graph.picture), member_route.route()],
    middleware=[Middleware(gate.Gate), Middleware(open_graph.Previews)],
    lifespan=lifespan,
)
