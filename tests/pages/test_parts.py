"""The small parts behind the pages that need no page to be tested."""

import json
import math
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import engine
from engine.core.card import Family, Shows
from engine.intake import samples as shipped
from engine.results.record.history import moments
from engine.runs.db.records import COUNTING, DESCRIBING, ENCODING, PREPARING, SEARCHING, Frame, Recording
from pages.parts.app import formatting, glossary
from pages.parts.components import curves
from pages.parts.method import catalogue, method_picker, recommend, run_form
from pages.parts.results import details
from pages.parts.training import playback, progress, search_progress, training_view


@pytest.mark.parametrize(
    "text",
    ["*bold*", "<script>alert(1)</script>", "[a](javascript:b)", "![x](http://a/b.png)", ":red[x]", "$x$", "`c`"],
)
def test_user_text_keeps_its_characters_and_loses_its_power(text: str) -> None:
    made = formatting.plain(text)
    assert made.replace("\\", "").replace("\u2060", "") == text
    for mark in "*<>[]()!:$`":
        assert all(made[i - 1] == "\\" for i, sign in enumerate(made) if sign == mark)


def test_a_sentence_of_the_engine_cannot_carry_a_link_or_a_picture() -> None:
    assert "](" not in formatting.sentence("see [this](http://elsewhere) and ![that](http://elsewhere/a.png)")
    assert formatting.sentence("38 blanks in *age* are filled.") == "38 blanks in *age* are filled."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "under 1 s"),
        (14.4, "14 s"),
        (125, "2 min 5 s"),
        (1900, "31 min"),
        (3780, "1 h 3 min"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_durations(seconds: float | None, said: str) -> None:
    assert formatting.duration(seconds) == said


@pytest.mark.parametrize(
    ("part", "said"), [(0.0, "0"), (0.0004, "under 0.1"), (0.031, "3.1"), (0.5, "50"), (1.0, "100")]
)
def test_shares(part: float, said: str) -> None:
    assert formatting.share(part) == f"{said}\u00a0%"


def test_how_long_ago() -> None:
    now = datetime.now(UTC)
    assert formatting.ago(now.timestamp()) == "just now"
    assert formatting.ago(now - timedelta(minutes=5)) == "5 min ago"
    assert formatting.ago(now - timedelta(hours=1, minutes=2)) == "1 hour ago"
    assert formatting.ago(now - timedelta(days=3)) == "3 days ago"


@pytest.mark.parametrize("n", [2, 50, 500, 100_000])
def test_a_number_of_groups_to_start_from_says_where_it_comes_from(n: int) -> None:
    k, reason = recommend.groups(recommend.Facts(n, None, None))
    assert 2 <= k <= max(2, n - 1)
    assert reason.endswith(".")


def test_the_number_of_groups_follows_the_facts() -> None:
    assert recommend.groups(recommend.Facts(4000, 7, 3))[0] == 7, "a label column knows best"
    assert recommend.groups(recommend.Facts(4000, None, 3))[0] == 3
    assert recommend.groups(recommend.Facts(4000, 1, None))[0] == recommend.GUESS


def test_every_card_has_one_to_three_badges() -> None:
    for card in engine.catalogue():
        assert 1 <= len(method_picker.badges(card)) <= 3, card.id


def test_a_reworded_sentence_leaves_the_filter_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen() -> dict[str, list[str]]:
        return {
            key: [card.id for card in engine.catalogue() if wish.fits(card)]
            for key, wish in method_picker.WISHES.items()
        }

    before = chosen()
    for item in Shows:
        monkeypatch.setattr(item, "sentence", "Something else.")
    for family in Family:
        monkeypatch.setattr(family, "heading", "Other methods")
    assert chosen() == before
    assert before["generated"] == ["gmm", "vade", "clustergan"]
    assert before["noise"] == ["dbscan", "hdbscan", "skinnydip", "dbhd"]
    assert before["groupings"] == ["nrkmeans", "enrc"]
    assert "kmedoids" in before["averages"]
    assert set(before["tree"]) == {"agglomerative", "xmeans", "gmeans", "dipmeans", "deepect"}
    assert "kmeans" in before["no_network"]
    assert "dec" not in before["no_network"]


def test_every_sample_has_its_picture() -> None:
    from pages.parts.home.samples import _PICTURES

    for sample in shipped():
        assert (_PICTURES / f"{sample.name}.svg").exists(), sample.name


def test_a_duration_looks_no_more_exact_than_it_is() -> None:
    assert run_form.describe_duration(4.2, True) == "About 10 s, going by earlier trainings on this machine."
    assert run_form.describe_duration(43, True).startswith("About 40 s")
    assert run_form.describe_duration(623, False).startswith("Roughly 10 min")


def records() -> list[dict]:
    def record(stage: str, **more: object) -> dict:
        return {"stage": stage, "epoch": 1, "epochs": 3, "stages_done": 0, "seconds": 1.0, "terms": {}, **more}

    return [
        record("pretraining", terms={"reconstruction": 4.0}),
        record("pretraining"),
        record("pretraining", terms={"reconstruction": 2.0}),
        record("sharpening", terms={"reconstruction": 1.5, "hardening": 0.3}, changed=0.2, sizes=[3, 5]),
    ]


def test_curves_run_over_rounds_counted_through_all_stages() -> None:
    drawn = {curve.title: curve for curve in training_view.lines(moments(records()), "idec")}
    assert list(drawn) == ["Reconstruction", "Hardening", "Still moving"]
    assert list(drawn["Reconstruction"].x) == [1, 2, 3]
    assert list(drawn["Hardening"].x) == [3]
    assert [(mark.label, mark.at) for mark in training_view.marks(moments(records()))] == [("sharpening", 2.5)]


def reworded() -> list[dict]:
    """The same training, in which a stage was given another title on the way."""
    titles = ["learning", "learning", "Pretraining", "Sharpening"]
    return [record | {"stage_title": title} for record, title in zip(records(), titles, strict=True)]


def test_a_reworded_title_starts_no_stage_of_its_own() -> None:
    run = replace_run(stage="sharpening", stage_title="Sharpening the groups", epochs=3)
    steps = progress.steps(run, moments(reworded()))
    assert [step.name for step in steps] == ["Pretraining", "Sharpening", "Results"]
    assert steps[0].note == "2 rounds"
    assert [(mark.label, mark.at) for mark in training_view.marks(moments(reworded()))] == [("Sharpening", 2.5)]
    frames = [Frame(i, "pretrain", title, i, None, None) for i, title in enumerate(("learning", "Pretraining"))]
    assert playback.captions(frames) == ["Learning, round 0", "Pretraining, round 1"]


def test_a_training_of_an_earlier_version_shows_its_stages() -> None:
    # Its run has the title alone, and its history the title in the place of the id.
    steps = progress.steps(replace_run(stage="", stage_title="sharpening", epochs=3), moments(records()))
    assert [step.name for step in steps] == ["Pretraining", "Sharpening", "Results"]


def replace_run(**more: object) -> SimpleNamespace:
    values = {"method": "idec", "state": "running", "active": True, "epoch": 1, "eta_seconds": None, "progress": 0.5}
    return SimpleNamespace(**values | more)


def candidate(title: str, **more: object) -> dict[str, object]:
    """One combination of a search as it is stored, waiting unless something else is said."""
    names = dict(zip(("method", "features"), title.split(" on "), strict=True))
    stored = {"title": title, "state": "waiting", "score": None, "best": False, "on_all": True, "seconds": 1.0}
    return stored | {"sentence": "", "k": 3, "knobs": {}} | names | more


def searching(*candidates: dict[str, object], **more: object) -> SimpleNamespace:
    """A run that is left to decide within 30 seconds, of which 12 are left."""
    search = {"candidates": list(candidates), "ends": time.time() + 12} if candidates else None
    values = {"method": "auto", "n_clusters": None, "knobs": {"budget": 30}, "search": search, "sentence": ""}
    return replace_run(**values | {"stage": "", "stage_title": SEARCHING} | more)


def test_a_search_goes_through_the_same_steps_from_its_start_to_its_end() -> None:
    names = ["Preparing", "Number of groups", "Trying candidates", "Results"]
    tried = candidate("k-means on Words", state="done", score=0.5, best=True)
    at = {
        0: searching(stage_title=PREPARING),
        1: searching(stage_title=COUNTING),
        2: searching(tried, stage_title=ENCODING),
        3: searching(tried, stage_title=DESCRIBING),
    }
    for place, run in at.items():
        shown = progress.steps(run, [])
        assert [step.name for step in shown] == names
        assert [step.state for step in shown] == ["done"] * place + ["now"] + ["next"] * (3 - place)
    trying = progress.steps(at[2], [])[2]
    assert trying.part == pytest.approx(0.6, abs=0.05)
    assert trying.note == "about 12 s left"
    given = progress.steps(searching(n_clusters=3, stage_title=PREPARING), [])
    assert [step.name for step in given] == [names[0], *names[2:]]


def test_a_search_says_what_it_is_at_and_what_is_best() -> None:
    tried = candidate("k-means on Words", state="done", score=0.5, best=True)
    coming = candidate("DEC on Meaning", state="running")
    now = search_progress.now
    assert now(searching(stage_title=COUNTING)) == "Several numbers of groups are held against each other."
    assert now(searching(coming)) == "At work: DEC on Meaning."
    assert now(searching(tried, coming, candidate("GMM on Words"), stage_title=ENCODING)) == (
        "At work: DEC on Meaning, working out what is compared (50\u00a0%). 1 of 3 tried; the best so far is k-means on Words."
    )
    stopped = {"state": "stopped", "active": False, "sentence": "Stopped."}
    assert now(searching(tried, **stopped)) == "Stopped. What was tried can be opened below."
    assert now(searching(**stopped)) == "Stopped."
    assert progress.steps(searching(tried, **stopped), [])[2].state == "stopped"


def test_candidates_without_groups_are_told_in_a_line() -> None:
    tried = candidate("k-means on Words", state="done", score=1.0, best=True)
    late = [candidate("GMM on Words", state="unfinished"), candidate("DEC on Words")]
    broken = candidate("Spectral on Words", state="failed", sentence="It takes at most 10 members.")

    def script(run: object) -> None:
        from pages.parts.training import candidates

        candidates.show("tried", None, run, owner=True)  # type: ignore[arg-type]

    def shown(run: SimpleNamespace) -> str:
        app = AppTest.from_function(script, args=(run,), default_timeout=30).run()
        assert not app.exception
        return "\n".join(element.value for kind in ("markdown", "caption") for element in app.get(kind))

    done = shown(searching(tried, *late, broken, id="a", state="done", active=False))
    assert "Not tried: GMM on Words and DEC on Words." in done
    assert "Not possible: Spectral on Words. It takes at most 10 members." in done
    assert "chosen" in done
    assert "agreement" not in done, "a candidate that is alone agrees with itself"
    stopped = shown(searching(*late, id="c", state="stopped", active=False))
    assert stopped.endswith("The search ended before the first candidate.")
    other = candidate("k-means on Meaning", state="done", score=0.4)
    running = shown(searching(tried, other, *late, id="b"))
    assert "Still to come: DEC on Words." in running
    assert "No time for: GMM on Words." in running
    assert "agreement 0.40" in running


def test_what_a_method_counts_is_a_curve_where_it_is_news() -> None:
    history = [
        {"stage": "drawing", "epoch": i, "epochs": 2, "stages_done": 0, "seconds": 1.0, "terms": {"k-means": 2.0 - i}}
        | {"report": {"share of conflicted members": 0.5 - 0.2 * i, "groups": 4.0, "k-means": 9.0 - i, "reused": 1.0}}
        for i in range(2)
    ]
    drawn = {curve.title: curve for curve in training_view.lines(moments(history), "dynae")}
    assert list(drawn) == ["K-means", "Share of conflicted members"], (
        "what never changes is no curve, and none is drawn twice"
    )
    assert list(drawn["K-means"].y) == [2.0, 1.0]
    counted = drawn["Share of conflicted members"]
    assert (list(counted.x), list(counted.y), counted.form) == ([1, 2], [0.5, 0.3], "percent")
    assert counted.help.startswith("Members that could belong to more than one group")
    assert training_view.lines(moments(history), "no such method")[1].help == glossary.HELP["loss"]


def test_a_reworded_term_keeps_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "share of conflicted members"
    stored = [
        {"stage": "drawing", "epoch": i, "stages_done": 0, "seconds": 1.0, "terms": {"k-means": 2.0 - i}}
        | {"report": {name: 0.5 - 0.2 * i}}
        for i in range(2)
    ]
    card = catalogue.card("dynae")
    assert card is not None
    reworded = replace(card, titles={name: "Torn between groups", "k-means": "Distance to the centers"})
    monkeypatch.setattr(catalogue, "card", lambda method: reworded)
    distance, torn = training_view.lines(moments(stored), "dynae")
    assert (distance.title, list(distance.y)) == ("Distance to the centers", [2.0, 1.0])
    assert (torn.title, list(torn.y), torn.form) == ("Torn between groups", [0.5, 0.3], "percent")
    assert torn.help == card.meaning(name)


def test_thinned_curves_keep_their_ends_and_their_peak() -> None:
    y = list(np.random.default_rng(0).normal(size=20_000))
    y[7777] = 99.0
    x, kept = curves._thinned(list(range(20_000)), y)
    assert len(x) <= 700
    assert 99.0 in kept
    assert (x[0], x[-1]) == (0, 19_999)
    assert x == sorted(x)


def test_playback_is_thinned_and_colored_by_the_end() -> None:
    sample = np.arange(4)
    early = Frame(0, "pretrain", "pretraining", 1, None, np.zeros((4, 2), np.float32))
    late = replace_labels(early, np.array([0, 1, 1, 0]))
    recording = Recording(sample, tuple([early] * 300 + [late]))
    frames = playback.frames_of(recording, autoplay=True)
    assert frames is not None
    assert len(frames.positions) == len(frames.captions) <= 90
    assert frames.labels[0].tolist() == [0, 1, 1, 0], "before there are groups, members have the color they end in"
    assert playback.frames_of(Recording(sample, (late,)), autoplay=True) is None, "one frame does not move"


def replace_labels(frame: Frame, labels: np.ndarray) -> Frame:
    return Frame(frame.seq, frame.stage, frame.stage_title, frame.epoch, labels, frame.positions)


def test_changes_that_equal_the_suggestion_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    from engine.intake import Preparation
    from pages.parts.data import preprocessing

    monkeypatch.setattr(st, "query_params", {})
    suggested = Preparation(roles={"age": "feature", "name": "id"})
    record = SimpleNamespace(preparation=suggested.to_json(), id="d")
    preprocessing.change(record, roles={"age": "ignore"})
    preprocessing.change(record, scale="minmax")
    assert json.loads(st.query_params["changes"]) == {"scale": "minmax", "roles": {"age": "ignore"}}
    assert preprocessing.current(record) == replace(suggested, scale="minmax", roles={"age": "ignore", "name": "id"})
    preprocessing.change(record, roles={"age": "feature"})
    preprocessing.change(record, scale="standard")
    assert "changes" not in st.query_params


@pytest.mark.parametrize(("preparation", "features"), [({}, "values"), ({"features": "texture"}, "texture")])
def test_the_command_that_makes_a_run_again_says_what_is_compared(preparation: dict[str, str], features: str) -> None:
    run = SimpleNamespace(method="kmeans", n_clusters=3, seed=7, knobs={"restarts": 5}, preparation=preparation)
    command = details._command(SimpleNamespace(run=run))
    assert f"--method kmeans --features {features} --k 3 --seed 7 --set restarts=5" in command
