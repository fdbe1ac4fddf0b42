"""The report: whole, small, private, and safe whatever the user's columns are called."""

from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from engine import view
from engine.results.text.markdown import plain

EVIL = "<script>alert(1)</script>"


class _Page(HTMLParser):
    """Collects tags with their attributes, and all text outside style and script."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def _report(case, **changes):
    raw = changes.pop("raw", case.raw)
    return view.report(replace(case.result, **changes), card=case.card, run=case.run, raw=raw)


@pytest.fixture(scope="module")
def evil(finished):
    draw = np.random.default_rng(0)
    half = np.repeat([0, 9], 40)
    table = pd.DataFrame(
        {
            EVIL: half + draw.normal(size=80),
            '"><img src=x onerror=alert(2)>': np.where(half > 0, "'><svg onload=alert(3)>", "b"),
            "c": draw.normal(size=80),
        }
    )
    return finished(table, 2, name=f"{EVIL}.csv")


def test_what_it_tells(penguins):
    page = _Page(_report(penguins))
    assert "344 members · 3 groups · Stand-in · seed 0 · 1.5 seconds" in page.text
    assert plain(penguins.result.verdict) in page.text.replace(" : ", ": ")
    for group in penguins.result.groups:
        assert f"{group.size} members" in page.text
        assert group.name in page.text
    for said in ("Match with labels", "Groups and labels", "Gentoo", "Reconstruction", "python -m engine run"):
        assert said in page.text
    assert "prepared = prepare(raw, Preparation.from_json(PREPARATION))" in page.text


def test_nothing_is_loaded_from_elsewhere(penguins, pictures, waves):
    for case in (penguins, pictures, waves):
        page = _Page(_report(case))
        for tag, attributes in page.tags:
            assert tag not in ("link", "iframe", "object", "embed", "base")
            for name in ("src", "href", "srcset", "data", "action"):
                assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)


def test_user_text_never_becomes_markup(evil):
    page = _Page(_report(evil))
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == [{}]
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "script", "footer", "section", "noscript"),
        *("h1", "h2", "h3", "p", "div", "span", "strong", "em", "button", "canvas", "i", "pre", "dl", "dt", "dd"),
        *("table", "thead", "tbody", "tr", "th", "td", "svg", "path", "ul", "li", "details", "summary"),
    }
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert EVIL in page.text


def test_only_the_reports_own_script_may_run(penguins):
    import base64
    import hashlib
    import re

    html = _report(penguins)
    script = re.search(r"<script>(.*)</script>", html, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for t, a in _Page(html).tags if a.get("http-equiv") == "Content-Security-Policy")
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_without_the_raw_data_no_member_is_shown(penguins, pictures):
    page = _Page(_report(penguins, raw=None))
    assert "Typical members" not in page.text
    assert "most typical" not in page.text
    with_raw, without = (sum(t == "img" for t, _ in _Page(_report(pictures, raw=r)).tags) for r in (pictures.raw, None))
    assert (with_raw, without) == (20, 10)


def test_pictures_and_series_are_inside(pictures, waves):
    images = [a for t, a in _Page(_report(pictures)).tags if t == "img"]
    assert all(a["src"].startswith("data:image/png;base64,") and a["alt"] for a in images)
    assert sum(tag == "svg" for tag, _ in _Page(_report(waves)).tags) == 4 + 2


def test_ten_thousand_members_are_small(penguins):
    n = 10_000
    draw = np.random.default_rng(0)
    rows = draw.integers(0, 344, n)
    result = penguins.result
    big = {name: getattr(result, name)[rows] for name in ("labels", "sure", "second", "doubtful", "kept")}
    html = _report(penguins, **big, maps={"pca2": result.maps["pca2"][rows]})
    assert len(html) < 400_000


def test_curves_have_the_titles_and_units_of_the_card(penguins):
    history = [
        replace(penguins.result.history[0], terms={"share outside": value, "k-means": 1.0}) for value in (0.5, 0.1)
    ]
    card = replace(penguins.card, titles={"share outside": "Left over"})
    page = _Page(view.report(replace(penguins.result, history=history), card=card, run=penguins.run))
    assert "Left over from 50 % to 10 %" in page.text
    assert "K-means from 1 to 1" in page.text


def test_more_members_than_are_drawn_is_said(penguins, monkeypatch):
    from engine.view import reporting

    monkeypatch.setattr(reporting, "MOST_POINTS", 100)
    assert "86 of 344 members are drawn." in _Page(_report(penguins)).text


def test_hundred_groups_and_no_labels(finished):
    x = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
    case = finished(x, 100, name="many")
    html = _report(case)
    assert "--g99:" in html
    assert "Groups and labels" not in html


def test_a_shell_command_is_quoted(penguins):
    run = SimpleNamespace(**{**vars(penguins.run), "knobs": {"init": "a b; rm -rf"}})
    html = view.report(penguins.result, card=penguins.card, run=run)
    assert "--set &#39;init=a b; rm -rf&#39;" in html


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_in_a_browser(evil, pictures, tmp_path, scheme, browser):
    for name, case in (("evil", evil), ("pictures", pictures)):
        (tmp_path / f"{name}.html").write_text(_report(case), encoding="utf-8")
        page = browser.new_page(color_scheme=scheme)
        faults, asked = [], []
        page.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
        page.on("console", lambda message, faults=faults: faults.append(message.text))
        page.on("dialog", lambda dialog, faults=faults: faults.append("a dialog opened"))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto((tmp_path / f"{name}.html").as_uri())
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(251, 251, 253)" if scheme == "light" else "rgb(15, 19, 32)"
        )
        painted = (
            "[...document.getElementById('map').getContext('2d').getImageData(0, 0, 2000, 1000).data].some(v => v)"
        )
        page.wait_for_function(painted)
        page.locator(".size").first.click()
        assert page.locator(".size[aria-pressed=true]").count() == 1
        assert faults == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        page.close()
