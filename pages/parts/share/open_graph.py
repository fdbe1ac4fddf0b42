"""What messengers see of a shared link before anybody opens it: a title, a line of words and a picture.

Streamlit serves the same page for every address; these lines are put into its head on the way out.
"""

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine import view
from engine.core.errors import InputError
from engine.runs.db.records import RunRecord, Share
from pages.parts.app import formatting, routes
from pages.parts.app.workspace import of_process
from pages.parts.method import catalogue

PICTURE = "/preview.png"
_LOCKED = "A shared result. It asks for a password."


def picture(request: Request) -> Response:
    """The picture of a link; nothing for links that open nothing or ask for a password."""
    try:
        workspace = of_process()
        link = workspace.links.find(request.query_params.get("token", ""))
        if link.locked:
            return Response(status_code=404)
        run = workspace.run(link.run)
        image = view.preview(workspace.result(link.run), run.name, facts(run))
    except InputError:
        return Response(status_code=404)
    return Response(image, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def facts(run: RunRecord) -> str:
    """ "1,797 members in 10 groups · IDEC"."""
    members, groups = (
        formatting.count(int(run.summary["n"]), "member"),
        formatting.count(int(run.summary["k"]), "group"),
    )
    return f"{members} in {groups} · {catalogue.short(run.method)}"


def head(link: Share, run: RunRecord, address: str) -> str:
    """Lines of Open Graph for the head of the page; `address` is where the server was reached."""
    tags = {"og:site_name": "Constella", "og:type": "website", "twitter:card": "summary"}
    if link.locked:
        tags |= {"og:title": "Constella", "og:description": _LOCKED}
    else:
        tags |= {"og:title": run.name, "og:description": facts(run), "twitter:card": "summary_large_image"}
        tags["og:image"] = f"{address}{PICTURE}?token={link.token}"
    return "".join(f'<meta property="{name}" content="{escape(text, quote=True)}">' for name, text in tags.items())


class Previews:
    """Middleware that puts the lines of `head` into the page of a shared link."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every request passes; only pages of shared links are changed."""
        asked = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].endswith(f"/{routes.SHARED}")
        lines = _lines(scope) if asked else ""
        await self.app(scope, receive, _Page(send, lines).send if lines else send)


def _lines(scope: Scope) -> str:
    tokens = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])
    try:
        workspace = of_process()
        link = workspace.links.find(tokens[0])
        run = workspace.run(link.run)
        if not run.ended_well:  # a link may be made before there is anything to see
            return ""
        request = Request(scope)
        address = f"{request.url.scheme}://{request.url.netloc}{request.url.path.removesuffix(f'/{routes.SHARED}')}"
        return head(link, run, address)
    except InputError:
        return ""


class _Page:
    """A page on its way out; its head gets longer, so the length and the tag of the file are no longer true."""

    def __init__(self, send: Send, lines: str) -> None:
        self._send, self._lines, self._body = send, lines.encode(), b""
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Hold the page back until it is whole."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        body = self._body.replace(b"<head>", b"<head>" + self._lines, 1)
        dropped = {b"content-length", b"etag", b"last-modified"}
        rest = [(name, value) for name, value in self._start["headers"] if name.lower() not in dropped]
        headers = [*rest, (b"content-length", str(len(body)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
