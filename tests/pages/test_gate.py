"""Who is taken for the owner, and what the server refuses before any page is asked: by requests and handshakes."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from engine.runs import Workspace
from engine.runs.owner_key import OwnerKey
from pages.parts.app import gate, principal, routes, workspace
from tests.pages import finished
from tests.pages.asgi import Answer, Client

KEY = "correct-horse-battery-staple"
HERE, THERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture(autouse=True)
def known_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that the tests know, and none of the machine's settings."""
    for name in ("CONSTELLA_ACCESS", "CONSTELLA_HOSTS", "CONSTELLA_FRAMES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(principal, "key", lambda: OwnerKey(KEY))


def who(request: Request) -> JSONResponse:
    """What a page would see of the connection."""
    return JSONResponse({"marks": request.headers.getlist(principal.HEADER), "query": request.url.query})


async def who_by_websocket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(socket.headers.getlist(principal.HEADER))
    await socket.close()


def may(request: Request) -> PlainTextResponse:
    """A route of our own, as those are that pages read from."""
    told = request.query_params
    return PlainTextResponse(str(workspace.may_read(request, told["run"], raw_data="raw" in told)))


APP = Starlette(
    routes=[
        Route("/may", may),
        WebSocketRoute("/_stcore/stream", who_by_websocket),
        Route("/{path:path}", who, methods=["GET", "POST", "PUT"]),
    ],
    middleware=[Middleware(gate.Gate)],
)


def client(host: str | None = "localhost:8501", peer: str = HERE, *headers: tuple[str, str]) -> Client:
    return Client(APP, host, peer, headers)


def owner(answer: Answer) -> bool:
    """Whether the connection went on as the owner's."""
    return answer.status_code == 200 and answer.json()["marks"] == [principal._MARK]


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "127.0.0.2", "[::1]:8501", "LOCALHOST"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_who_is_at_this_machine_is_the_owner(host, peer):
    assert owner(client(host, peer).get("/runs"))


PROXIES = [
    ("X-Forwarded-For", "192.0.2.7"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-Host", "example.org"),
    ("X-Forwarded-Proto", "https"),
    ("X-Real-IP", "192.0.2.7"),
    ("Forwarded", "for=192.0.2.7"),
    ("Via", "1.1 proxy"),
    ("CF-Connecting-IP", "192.0.2.7"),
]


@pytest.mark.parametrize("header", PROXIES, ids=" ".join)
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_this_machine(header):
    assert not owner(client("localhost", HERE, header).get("/runs"))


def test_others_are_not_the_owner_whatever_they_send(monkeypatch):
    monkeypatch.setenv("CONSTELLA_HOSTS", "example.org")
    assert not owner(client(peer=THERE).get("/runs"))
    assert not owner(client("example.org").get("/runs"))
    for mark in ("owner", principal._MARK):
        answer = client("localhost", THERE, (principal.HEADER, mark)).get("/shared")
        assert answer.json()["marks"] == ["visitor"], "only our own header goes on"
    assert not owner(Client(APP, "localhost", HERE, [("host", "localhost")]).get("/shared")), "one Host, not two"


def test_the_setting_says_who_needs_no_key(monkeypatch):
    monkeypatch.setenv("CONSTELLA_ACCESS", "key")
    assert not owner(client().get("/runs"))
    monkeypatch.setenv("CONSTELLA_ACCESS", "open")
    assert owner(client(peer=THERE).get("/runs"))


def test_the_key_in_the_address_becomes_a_cookie():
    visitor = client(peer=THERE)
    answer = visitor.get(f"/results?run=7&key={KEY}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/results?run=7"
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert KEY not in cookie
    assert owner(visitor.get("/results?run=7"))
    value = visitor.cookies[principal.cookie_name()]
    ends, _, signature = value.partition(".")
    for forged in (f"{int(ends) + 1}.{signature}", signature, "", OwnerKey("x" * 20).sign("cookie", ends)):
        assert not owner(client("localhost", THERE, ("cookie", f"{principal.cookie_name()}={forged}")).get("/runs"))
    past = OwnerKey(KEY).sign("cookie", "1000000000")
    assert not owner(client("localhost", THERE, ("cookie", f"{principal.cookie_name()}={past}")).get("/runs"))


def test_the_key_in_the_form_becomes_a_cookie_and_leads_on():
    visitor = client(peer=THERE)
    assert "Owner's key" in visitor.get("/login?next=/runs").text
    wrong = visitor.post("/login", {"key": "guess", "next": "/runs"})
    assert wrong.status_code == 403
    assert "not the key" in wrong.text
    assert "set-cookie" not in wrong.headers
    right = visitor.post("/login", {"key": KEY, "next": "/runs?x=1"})
    assert (right.status_code, right.headers["location"]) == (303, "/runs?x=1")
    assert owner(visitor.get("/runs"))
    for foreign in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
    ):
        assert visitor.post("/login", {"key": KEY, "next": foreign}).headers["location"] == "/"
    assert client(peer=THERE).get(f"//evil.example/runs?key={KEY}").headers["location"] == "/"
    assert visitor.post("/login", {"key": "x" * 5000}).status_code == 413


def test_the_form_says_what_was_asked_without_running_it():
    page = client(peer=THERE).get("/login", next='"><script>alert(1)</script>').text
    assert "<script>" not in page


@pytest.mark.parametrize("path", ["", *sorted(routes.PATHS - {routes.SHARED})])
def test_pages_of_the_owner_are_a_form_for_others(path):
    answer = client(peer=THERE).get(f"/{path}?run=7")
    assert answer.status_code == 403
    assert "This page is for the owner of this server" in answer.text


def test_visitors_ask_only_for_what_a_shared_page_needs():
    visitor = client(peer=THERE)
    for path in (
        "/shared?token=x",
        "/static/a.js",
        "/_stcore/health",
        "/_stcore/host-config",
        "/media/a.png",
        "/preview.png",
    ):
        assert visitor.get(path).status_code == 200, path
    for path in (
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/upload_file/a/b",
        "/_stcore/script-health-check",
    ):
        assert visitor.get(path).status_code == 403, path
        assert client().get(path).status_code == 200, path


def test_names_that_are_not_ours_are_turned_away(monkeypatch):
    for host in (
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.9",
        "a@localhost",
        "",
        None,
    ):
        answer = client(host).get("/shared")
        assert answer.status_code == 421, host
        assert principal.HEADER not in answer.text
    assert "CONSTELLA_HOSTS=evil.example" in client("evil.example").get("/").text
    monkeypatch.setenv("CONSTELLA_HOSTS", "here.example, *.lab.example")
    for host in ("here.example", "Here.Example:8501", "a.lab.example"):
        assert client(host).get("/shared").status_code == 200, host
    assert client("lab.example").get("/shared").status_code == 421
    monkeypatch.setenv("CONSTELLA_HOSTS", "*")
    assert client("evil.example").get("/shared").status_code == 200


def test_the_address_at_which_a_request_arrived_is_ours():
    scope = {"type": "http", "server": ("192.0.2.1", 8501)}
    assert gate.answers_to("192.0.2.1:8501", scope)
    assert not gate.answers_to("192.0.2.2:8501", scope)
    assert not gate.answers_to("192.0.2.1:x", scope)


ORIGIN = ("Origin", "http://localhost:8501")


def marks(visitor: Client, *headers: tuple[str, str]) -> list[str] | None:
    """What a page would see of a websocket's handshake; None where it was turned away."""
    sent = visitor.handshake("/_stcore/stream", headers)
    if sent[0]["type"] == "websocket.close":
        return None
    found: list[str] = json.loads(sent[1]["text"])
    return found


def test_websockets_carry_who_is_asking():
    assert marks(client(), ORIGIN) == [principal._MARK]
    assert marks(client(peer=THERE), ORIGIN) == ["visitor"]
    assert marks(client(), ORIGIN, ("X-Forwarded-For", "192.0.2.7")) == ["visitor"]
    assert marks(client(peer=THERE), ORIGIN, (principal.HEADER, principal._MARK)) == ["visitor"]
    cookie = ("Cookie", f"other=1; {principal.cookie_name()}={principal.cookie_value()}")
    assert marks(client(peer=THERE), ORIGIN, cookie) == [principal._MARK]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.example:8501", "http://evil.example:8501"),
        ("localhost:8501", "http://localhost:9999"),
        ("localhost:8501", "http://127.0.0.1:8501"),
        ("localhost:8501", "https://evil.example"),
        ("localhost:8501", "null"),
        ("localhost:8501", None),
    ],
)
def test_websockets_from_other_pages_are_turned_away(host, origin):
    assert marks(client(host), *(() if origin is None else (("Origin", origin),))) is None


def test_other_pages_cannot_send_anything():
    for origin in ("http://localhost:9999", "https://evil.example", "null"):
        assert client("localhost:8501", HERE, ("Origin", origin)).post("/upload").status_code == 403
    assert client("localhost:8501", HERE, ORIGIN).post("/upload").status_code == 200
    assert client().post("/upload").status_code == 200


def test_browsers_are_told_what_to_refuse(monkeypatch):
    for answer in (client().get("/runs"), client(peer=THERE).get("/runs"), client("evil.example").get("/")):
        headers = answer.headers
        policy = dict(re.findall(r"([a-z-]+) ([^;]+)", headers["content-security-policy"]))
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
        assert policy["default-src"] == policy["form-action"] == "'self'"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    monkeypatch.setenv("CONSTELLA_FRAMES", "https://lab.example")
    answer = client().get("/runs")
    assert "frame-ancestors https://lab.example" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    return finished.home(tmp_path_factory.mktemp("gate-home"), "customers", 4)


def test_routes_of_our_own_read_for_the_owner_and_for_a_ticket(links, monkeypatch):
    place, run = links
    monkeypatch.setenv("CONSTELLA_HOME", str(place.config.home))
    token, friend = place.links.share(run), place.links.share(run, raw_data=True)
    ticket = workspace.ticket(place.links.find(token))

    def asked(peer: str = THERE, **query: str) -> bool:
        return client(peer=peer).get("/may", **{"run": run, **query}).text == "True"

    assert asked(HERE, raw="1")
    assert asked(ticket=ticket)
    assert not asked()
    assert not asked(ticket=token), "the token alone is no proof that the password was given"
    assert not asked(ticket=ticket, raw="1")
    assert not asked(ticket=ticket, run="other")
    assert asked(ticket=workspace.ticket(place.links.find(friend)), raw="1")
    place.links.revoke(token)
    assert not asked(ticket=ticket)
