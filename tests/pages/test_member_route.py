"""The words on one member: what the route answers, to whom, and that no page sends the words on all of them."""

import asyncio
import base64
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from pages.parts.app import workspace
from pages.parts.components import map as dots
from pages.parts.results import member_route
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page  # noqa: F401


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with the route, as `server.py` makes it."""
    monkeypatch.setattr(member_route, "_served", False)
    member_route.route()


@pytest.fixture
def hovers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What every map of a page was given to show when a dot is pointed at."""
    given: list[Any] = []
    whole = dots.show

    def show(key: str, **options: Any) -> Any:
        given.append(options.get("hover"))
        return whole(key, **options)

    monkeypatch.setattr(dots, "show", show)
    return given


def get(owner: bool = True, **query: object) -> tuple[int, Any]:
    """Status and JSON of the route's answer to the owner, who sits at this machine, or to a visitor."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": member_route.PATH, "query_string": urlencode(query).encode()}
    scope |= {
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1" if owner else "192.0.2.1", 5),
        "root_path": "",
    }
    answer = Starlette(routes=[member_route.route()])(scope, receive, send)
    with ThreadPoolExecutor(1) as own:  # the browser of other tests keeps a loop running in this thread
        own.submit(asyncio.run, answer).result()
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body) if body else None


def test_the_route_says_who_a_member_is(furnished: dict[str, Any]) -> None:  # noqa: F811
    place, run = furnished["workspace"], furnished["runs"]["customers"]
    raw, kept = place.raw(furnished["datasets"]["customers"]), place.result(run).kept
    status, said = get(run=run, member=7)
    assert status == 200
    row = raw.rows.iloc[int(kept[7])]
    assert said["title"] in (str(row.iloc[0]), f"Row {kept[7] + 1}")
    names = [column.name for column in raw.columns if column.role in ("feature", "label")][:5]
    assert [line.partition(": ")[0] for line in said["lines"]] == names


@pytest.mark.parametrize("member", ["-1", "440000", "x", "", "1.5", "²", "9" * 40])
def test_members_that_do_not_exist_are_not_found(member: str, furnished: dict[str, Any]) -> None:  # noqa: F811
    run = furnished["runs"]["customers"]
    assert get(run=run, member=member) == (404, None)


def test_a_picture_comes_with_its_member(furnished: dict[str, Any]) -> None:  # noqa: F811
    place, run = furnished["workspace"], furnished["runs"]["digits"]
    status, said = get(run=run, member=3)
    assert status == 200
    made = Image.open(io.BytesIO(base64.b64decode(said["picture"].partition("base64,")[2])))
    value = place.raw(furnished["datasets"]["digits"]).values[int(place.result(run).kept[3])]
    assert np.array_equal(np.asarray(made.convert("L")), value[..., 0])
    assert get(run=furnished["runs"]["customers"], member=3)[1]["picture"] == ""


def test_runs_without_a_result_are_not_found(furnished: dict[str, Any]) -> None:  # noqa: F811
    assert get(run=furnished["waiting"], member=0) == (404, None)
    assert get(run="no-such", member=0) == (404, None)


def test_a_guest_reads_only_the_run_of_a_link_with_raw_data(furnished: dict[str, Any]) -> None:  # noqa: F811
    place, run, other = furnished["workspace"], furnished["runs"]["customers"], furnished["runs"]["digits"]
    with_data, without = place.links.share(run, raw_data=True), place.links.share(run, raw_data=False)
    ticket = workspace.ticket(place.links.find(with_data))
    assert get(owner=False, run=run, member=0, ticket=ticket)[0] == 200
    assert get(owner=False, run=other, member=0, ticket=ticket) == (404, None)
    for wrong in ("", "ä", with_data, ticket[:-1], workspace.ticket(place.links.find(without))):
        assert get(owner=False, run=run, member=0, ticket=wrong) == (404, None)
    place.links.revoke(with_data)
    assert get(owner=False, run=run, member=0, ticket=ticket) == (404, None)


@pytest.mark.parametrize("raw_data", [False, True])
def test_a_guest_may_ask_only_where_the_link_gives_raw_data(
    raw_data: bool,
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    hovers: list[Any],
) -> None:
    links = furnished["workspace"].links
    token = links.share(furnished["runs"]["customers"], raw_data=raw_data)
    fine(open_page("shared", token=token))
    words = [hover for hover in hovers if hover is not None]
    assert len(words) == raw_data
    for hover in words:
        assert parse_qs(urlsplit(hover.url).query)["ticket"] == [workspace.ticket(links.find(token))]


def test_the_map_is_sent_an_address_and_no_words(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    hovers: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(member_route, "describe", lambda raw, row: pytest.fail("words that nobody asked for"))
    fine(open_page("results", run=furnished["runs"]["customers"]))
    assert isinstance(hovers[-1], dots.Lookup)
    assert hovers[-1].url.startswith("/member?run=")


def test_without_the_route_few_members_have_their_words_at_once(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    hovers: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(member_route, "_served", False)
    run = furnished["runs"]["customers"]
    app = fine(open_page("results", run=run))
    assert len(hovers[-1]) == len(furnished["workspace"].result(run))
    assert ": " in hovers[-1][0]
    monkeypatch.setattr("pages.parts.results.context.MOST_LINES", 100)
    fine(app.run())
    assert hovers[-1] is None
