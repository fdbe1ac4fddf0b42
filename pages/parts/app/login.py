"""How the owner gets in from elsewhere: the key in the address or in a form, then a cookie instead of it."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlsplit

import click
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from streamlit import config

from pages.parts.app import principal

_LONGEST_FORM = 4096
_FORM = Template((Path(__file__).parent / "login.html").read_text())


async def login(request: Request) -> Response:
    """The form for the key, and what it sends."""
    if request.method != "POST":
        return form(request.query_params.get("next", ""))
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return PlainTextResponse("This is too long for a key.\n", 413)
    fields = dict(parse_qsl(body.decode("utf-8", "replace")))
    return enter(fields.get("key", ""), fields.get("next", ""), request)


def enter(given: str, then: str, request: Request) -> Response:
    """Where the key is right, a cookie and the way on, without the key in the address."""
    if not principal.key().matches(given):
        return form(then, 403, "This is not the key of this server.")
    answer = RedirectResponse(_local_path(then), 303)
    answer.set_cookie(
        principal.cookie_name(),
        principal.cookie_value(),
        max_age=principal.COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _local_path(then: str) -> str:
    """A path of this server, whatever the address says; the first page where it says none."""
    parts = urlsplit(then)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return base()
    return parts.path + (f"?{parts.query}" if parts.query else "")


def base() -> str:
    """The path of the first page."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}/" if path else "/"


def announce() -> None:
    """Write to the server's log who gets in, and for those who need it the key."""
    listens = str(config.get_option("server.address") or "0.0.0.0")
    wildcard = listens in ("0.0.0.0", "::")
    address = f"http://{'localhost' if wildcard else listens}:{config.get_option('server.port')}{base()}"
    click.echo("\n".join(["", *(f"  {line}" for line in _who(address, wildcard)), ""]))


def _who(address: str, wildcard: bool) -> Iterator[str]:
    chosen = principal.access()
    if chosen == "open":
        yield "Anyone who reaches this server may see and change everything on it (CONSTELLA_ACCESS=open)."
    if chosen == "local":
        yield f"On this machine: {address}"
    if chosen == "key" or (
        chosen == "local" and (wildcard or not principal.is_loopback(urlsplit(address).hostname or ""))
    ):
        yield f"With the owner's key: {address}?key={principal.key().secret}"
    if chosen != "open" and wildcard:
        yield "From another machine put this one's address in the place of localhost; names need CONSTELLA_HOSTS."


def form(then: str, status: int = 200, problem: str = "") -> HTMLResponse:
    """The page that asks for the owner's key. It needs no script."""
    alert = f'<p role="alert" class="problem">{escape(problem)}</p>' if problem else ""
    return HTMLResponse(_FORM.substitute(problem=alert, then=escape(then, quote=True)), status)
