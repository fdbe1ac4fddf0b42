"""What every request passes before Streamlit sees it: which names we answer to, who is asking, what browsers may do."""

import os
import re
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from pages.parts.app import login, principal, routes
from pages.parts.app.owner_only import LOGIN

_OPEN_CORE = ("health", "host-config", "stream", "bidi-components")
"""What visitors may ask of Streamlit's own addresses; not the uploads, the metrics and the interface for programs."""
_READS = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Middleware around everything the server answers.

    A request is refused where its Host is none of ours (`hosts`) or where it comes from a page of another origin. It goes on
    with a header that says who is asking (`principal.HEADER`), and its answer tells browsers to run nothing but what comes from
    here, to show us in no foreign frame, and to pass our addresses, which hold the tokens of links, to no other site.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, answer, or pass on."""
        if scope["type"] == "websocket":
            refused = refusal(scope)
            await (_close(receive, send) if refused else self.app(principal.marked(scope), receive, send))
        elif scope["type"] == "http":
            answer = refusal(scope) or await _answer(Request(scope, receive))
            guarded = _guarded(send, scope)
            await (answer or self.app)(scope if answer else principal.marked(scope), receive, guarded)
        else:
            await self.app(scope, receive, send)


def refusal(scope: Scope) -> Response | None:
    """Why a request is not for us: its name is not ours, or another page sent it; None where it is."""
    headers = principal.decoded(scope)
    names = [value for name, value in headers if name == "host"]
    host = names[0] if len(names) == 1 else ""
    if not answers_to(host, scope):
        called = principal.hostname(host)
        return PlainTextResponse(
            f"This server does not answer to the name {called!r}. If it is yours, start it with CONSTELLA_HOSTS={called}.\n"
            if called
            else "This server does not answer to requests without a name.\n",
            421,
        )
    origins = [urlsplit(value).netloc.lower() for name, value in headers if name == "origin"]
    ours = origins == [host.lower()] if scope["type"] == "websocket" else set(origins) <= {host.lower()}
    reads = scope["type"] == "http" and scope["method"] in _READS  # other pages cannot see the answer
    return None if ours or reads else PlainTextResponse("This server answers only to its own pages.\n", 403)


def answers_to(host: str, scope: Scope) -> bool:
    """Whether a Host header names this server."""
    name, allowed = principal.hostname(host), hosts()
    server = scope.get("server")
    return bool(name) and (
        principal.is_loopback(name)
        or "*" in allowed
        or name in allowed
        or any(name.endswith(one[1:]) for one in allowed if one.startswith("*."))
        or (server is not None and name == server[0])  # the very address at which the connection arrived
    )


def hosts() -> set[str]:
    """The names that this server has beside the loopback's: where it listens, and those of CONSTELLA_HOSTS."""
    hosts = [*os.environ.get("CONSTELLA_HOSTS", "").split(",")]
    hosts += [str(config.get_option(option) or "") for option in ("server.address", "browser.serverAddress")]
    return {name.strip().lower().rstrip(".") for name in hosts} - {"", "0.0.0.0", "::"}


async def _answer(request: Request) -> Response | None:
    """What we answer ourselves: the key where it is given, the way to give it, and no to what only the owner may ask."""
    path = request.url.path
    if request.method in ("GET", "HEAD") and "key" in request.query_params and _is_page(path):
        return login.enter(request.query_params["key"], _without_key(request), request)
    if path.rstrip("/").endswith(LOGIN):
        return await login.login(request)
    if principal.principal_of(request) == "owner":
        return None
    if _is_page(path) and not path.rstrip("/").endswith(f"/{routes.SHARED}"):
        return login.form(_here(request), 403)
    return None if _is_open(path) else PlainTextResponse("This is only for the owner of this server.\n", 403)


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _without_key(request: Request) -> str:
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "key"]
    return request.url.path + (f"?{urlencode(rest)}" if rest else "")


def _is_page(path: str) -> bool:
    """Whether a path is that of one of our pages."""
    last = path.rstrip("/").rpartition("/")[2]
    base = str(config.get_option("server.baseUrlPath") or "").strip("/").rpartition("/")[2]
    return last in ("", base) or last in routes.PATHS


def _is_open(path: str) -> bool:
    """Whether visitors may ask for it: everything but some of Streamlit's own addresses."""
    _, core, name = path.partition("/_stcore/")
    return not core or name.partition("/")[0] in _OPEN_CORE


async def _close(receive: Receive, send: Send) -> None:
    """Turn a websocket away before it is one."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def _guarded(send: Send, scope: Scope) -> Send:
    """The answer's way out, on which it gets the headers for browsers."""

    async def guard(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in security_headers(scope).items():
                headers[name] = value
        await send(message)

    return guard


def security_headers(scope: Scope) -> dict[str, str]:
    """What browsers are told with every answer."""
    host = next((value for name, value in principal.decoded(scope) if name == "host" and principal.hostname(value)), "")
    sockets = f" ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else ""
    frames = os.environ.get("CONSTELLA_FRAMES", "").strip()
    policy = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' blob:",  # Streamlit's page and components of pages are inline
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": f"'self'{sockets} data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob: data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": frames or "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if scope["scheme"] == "https" or principal.is_loopback(
        principal.hostname(host)
    ):  # elsewhere browsers complain of it
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return headers if frames else headers | {"X-Frame-Options": "DENY"}
