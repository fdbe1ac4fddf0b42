"""Who is asking: the owner, or somebody else. Decided from the connection, never from what a page was told.

Until there are accounts, the owner is whoever sits at this machine, and whoever has the owner's key. "At this machine" means
that both the connection and the Host header are the loopback's and that no proxy has passed the request on.
"""

import functools
import ipaddress
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.types import Scope

from engine.core.errors import InputError
from engine.runs.owner_key import OwnerKey

Principal = Literal["owner", "visitor"]
Headers = Iterable[tuple[str, str]]
HEADER = "x-constella-principal"
"""Set by the server's middleware on every connection, in place of whatever the client sent under this name."""
COOKIE_SECONDS = 30 * 86400
_MARK = secrets.token_hex(32)
"""What the header says of an owner; no client knows it."""
_PROXIED = {
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-host",
    "true-client-ip",
    "cf-connecting-ip",
}
ACCESS = ("local", "key", "open")


@functools.cache
def key() -> OwnerKey:
    """The key of this installation."""
    return OwnerKey.of(os.environ)


def access() -> str:
    """Who needs no key, by CONSTELLA_ACCESS: "local" this machine, "key" no one, "open" anyone.

    Raises
    ------
    InputError
        Where it is none of these.
    """
    chosen = os.environ.get("CONSTELLA_ACCESS") or ACCESS[0]
    if chosen not in ACCESS:
        raise InputError(f"CONSTELLA_ACCESS is {chosen!r}; it can be {', '.join(ACCESS)}.")
    return chosen


def check_settings() -> None:
    """Raise InputError where a setting of who gets in is wrong."""
    access()
    key()


def judge(client: str | None, headers: Headers) -> Principal:
    """Who a connection is from.

    Parameters
    ----------
    client : str or None
        The address of the other end.
    headers : iterable of (str, str)
        The headers of the request or of the websocket's handshake.

    Returns
    -------
    {"owner", "visitor"}
    """
    sent = [(name.lower(), value) for name, value in headers]
    chosen = access()
    if chosen == "open" or (chosen == "local" and _local(client, sent)) or _has_key(sent):
        return "owner"
    return "visitor"


def of_scope(scope: Scope) -> Principal:
    """Who an ASGI connection is from, http or websocket."""
    client = scope.get("client")
    return judge(client[0] if client else None, decoded(scope))


def decoded(scope: Scope) -> list[tuple[str, str]]:
    """The headers of an ASGI connection as text."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


def principal_of(connection: HTTPConnection) -> Principal:
    """Who sent a request to one of our own routes."""
    return of_scope(connection.scope)


def reader() -> Principal:
    """Who has opened the page that is being drawn, from the handshake of its websocket."""
    client, headers = handshake()
    marks = _marks(headers)
    if marks:
        return "owner" if len(marks) == 1 and secrets.compare_digest(marks[0].encode(), _MARK.encode()) else "visitor"
    return judge(client, headers)  # `streamlit run streamlit_app.py`, without the middleware


def behind_the_gate() -> bool:
    """Whether the page's websocket came through the server's middleware, which is where a key can be given."""
    return bool(_marks(handshake()[1]))


def _marks(headers: Headers) -> list[str]:
    return [value for name, value in headers if name.lower() == HEADER]


def handshake() -> tuple[str, list[tuple[str, str]]]:
    """Address and headers of the page's websocket; Streamlit says None for the loopback."""
    sent = st.context.headers
    return st.context.ip_address or "127.0.0.1", [(name, value) for name in sent for value in sent.get_all(name)]


def marked(scope: Scope) -> Scope:
    """The connection with our header, and without any that the client sent under its name."""
    mark = _MARK if of_scope(scope) == "owner" else "visitor"
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != HEADER.encode()]
    return {**scope, "headers": [*headers, (HEADER.encode(), mark.encode())]}


def cookie_name() -> str:
    """The cookie of this installation; others on the same host have cookies of their own, since ports share them."""
    return f"constella-{key().sign('name', 'cookie').rpartition('.')[2][:12]}"


def cookie_value() -> str:
    """A new cookie's value: when it ends, signed. The key itself is not in it."""
    return key().sign("cookie", str(int(time.time()) + COOKIE_SECONDS))


def _has_key(headers: Headers) -> bool:
    """Whether a connection has a cookie that we gave to somebody with the key."""
    jar: dict[str, str] = {}
    for name, value in headers:
        if name == "cookie":
            jar |= _cookies(value)
    ends = key().verified("cookie", jar.get(cookie_name(), ""))
    return ends is not None and ends.isdigit() and int(ends) > time.time()


def _cookies(header: str) -> Mapping[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


def _local(client: str | None, headers: list[tuple[str, str]]) -> bool:
    """Whether a connection comes from this machine, and by no proxy that says of itself that it is one."""
    hosts = [value for name, value in headers if name == "host"]
    proxied = any(name in _PROXIED or name.startswith("x-forwarded-") for name, _ in headers)
    return not proxied and is_loopback(client or "") and len(hosts) == 1 and is_loopback(hostname(hosts[0]))


def hostname(host: str) -> str:
    """The name in a Host header, without its port; empty where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        usual = not (parts.path or parts.query or parts.fragment or "@" in host) and (parts.port or True)
    except ValueError:
        return ""
    return (parts.hostname or "").rstrip(".") if usual else ""


def is_loopback(name: str) -> bool:
    """Whether a name or an address is this machine's alone."""
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
