"""Requests and handshakes to an ASGI app as a server passes them on, without a server: every header is the test's own."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

Pairs = Sequence[tuple[str, str]]


@dataclass
class Answer:
    """What came back."""

    status_code: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Client:
    """Somebody at an address who calls the server by a name; keeps cookies as a browser does."""

    app: ASGIApp
    host: str | None
    peer: str
    headers: Pairs = ()
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: str) -> Answer:
        return self.request("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, data: Mapping[str, str] | None = None) -> Answer:
        return self.request("POST", path, urlencode(data or {}).encode())

    def request(self, method: str, address: str, body: bytes = b"") -> Answer:
        scope = {"type": "http", "method": method, "scheme": "http", **self._where(address)}
        sent = exchange(self.app, scope, [{"type": "http.request", "body": body}])
        start = sent[0]
        headers = Headers(raw=start["headers"])
        for cookie in headers.getlist("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))

    def handshake(self, path: str, headers: Pairs = ()) -> list[Message]:
        """What the app sends in answer to a websocket's handshake and to its end."""
        scope = {"type": "websocket", "scheme": "ws", "subprotocols": [], **self._where(path, headers)}
        return exchange(
            self.app, scope, [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
        )

    def _where(self, address: str, headers: Pairs = ()) -> dict[str, Any]:
        path, _, query = address.partition("?")
        pairs = [*(() if self.host is None else (("host", self.host),)), *self.headers, *headers]
        if self.cookies:
            pairs.append(("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        return {
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "client": (self.peer, 5000),
            "server": ("198.51.100.1", 8501),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        }


def exchange(app: ASGIApp, scope: Any, messages: list[Message]) -> list[Any]:
    """Everything that the app sends where it gets these messages."""
    left, sent = list(messages), []

    async def receive() -> Message:
        return left.pop(0) if left else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as own:  # the browser of other tests keeps a loop running in this thread
        own.submit(asyncio.run, app(scope, receive, send)).result()
    return sent
