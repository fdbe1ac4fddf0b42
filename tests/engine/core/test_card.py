"""Knobs and presets."""

import json
from dataclasses import dataclass, replace

import pytest

import engine
from engine.api import catalogue
from engine.cli import output
from engine.core.card import Family, Shows, check_knobs, knob, knobs_of, preset
from engine.core.errors import InputError
from engine.methods import METHODS
from engine.methods.dec import DEC


@dataclass(frozen=True)
class Knobs:
    size: int = knob(5, 1, 10, "How many.", quick=2, thorough=9, unit="samples")
    rate: float = knob(0.1, 0.0, 1.0, "How fast.", label="Learning rate")
    kind: str = knob("a", choices=("a", "b"), help="Which.")
    strict: bool = knob(True, help="Whether.")


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("size", "7", 7),
        ("size", 7.0, 7),
        ("rate", "0.5", 0.5),
        ("rate", 1, 1.0),
        ("kind", "b", "b"),
        ("strict", "no", False),
    ],
)
def test_values_are_converted(name, given, kept):
    found = {one.name: one for one in knobs_of(Knobs)}[name].check(given)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("size", 11, "Size cannot be 11: choose a whole number from 1 to 10."),
        ("size", 2.5, "Size cannot be 2.5: choose a whole number from 1 to 10."),
        ("size", "many", "Size cannot be 'many': choose a whole number from 1 to 10."),
        ("rate", float("nan"), "Learning rate cannot be nan: choose a number from 0 to 1."),
        ("kind", "c", "Kind cannot be 'c': choose one of a, b."),
        ("strict", "maybe", "Strict cannot be 'maybe': choose yes or no."),
    ],
)
def test_faults_name_the_knob_and_its_range(name, given, sentence):
    with pytest.raises(InputError) as error:
        {one.name: one for one in knobs_of(Knobs)}[name].check(given)
    assert str(error.value) == sentence


def test_presets():
    assert preset(Knobs, "quick") == {"size": 2, "rate": 0.1, "kind": "a", "strict": True}
    assert preset(Knobs, "balanced")["size"] == 5
    assert preset(Knobs, "thorough")["size"] == 9
    with pytest.raises(InputError, match="no preset 'fast'"):
        preset(Knobs, "fast")


def test_unknown_setting_lists_the_known():
    with pytest.raises(InputError, match=r"Deep Embedded Clustering has no setting 'colour'. It has network, layers"):
        check_knobs(DEC.card, {"colour": "red"})


def test_cards_that_were_kept_refuse_and_ask_first_for_the_same():
    for kept in engine.catalogue():
        real = METHODS[kept.id].card
        assert kept.refusals == real.refusals
        assert [knob.main for knob in knobs_of(kept.knobs)] == [knob.main for knob in knobs_of(real.knobs)]
    composed = next(card for card in engine.catalogue() if card.id == "composed")
    with pytest.raises(InputError, match="alternating update"):
        check_knobs(composed, {"clustering": "agglomerative"})
    check_knobs(composed, {"clustering": "agglomerative", "update": "alternating"})


def test_refusals_name_knobs_and_values_that_there_are():
    for name, method in METHODS.items():
        known = {knob.name: knob.choices for knob in knobs_of(method.card.knobs)}
        for refusal in method.card.refusals:
            assert all(set(values) < set(known[knob]) for knob, values in refusal.when.items()), name
            assert refusal.why.endswith(".")


def test_axes_that_the_user_decides_on_are_those_of_the_run():
    card = METHODS["composed"].card
    run = {"network": "variational", "clustering": "k-means", "update": "joint", "lr": 1e-3}
    told = card.axes(run)
    assert (told["architecture"], told["clustering"], told["update"]) == ("variational", "k-means", "joint")
    assert told["combination"] == "chosen"
    assert METHODS["dec"].card.axes(run)["clustering"] == "cluster assignment hardening"


def test_what_is_shown_of_a_term_is_not_its_name():
    card = replace(METHODS["dec"].card, titles={"hardening": "Doubt"})
    assert (card.title("hardening"), card.title("reconstruction")) == ("Doubt", "Reconstruction")
    assert card.meaning("hardening") == METHODS["dec"].card.meaning("hardening")


def test_the_unit_of_a_term_does_not_hang_on_its_words():
    card = replace(METHODS["dynae"].card, titles={"share of conflicted members": "Conflicted"})
    assert (card.unit("share of conflicted members"), card.unit("k-means")) == ("percent", "number")
    assert replace(card, percent=frozenset()).unit("share of conflicted members") == "number"
    assert {name: METHODS[name].card.unit("share outside") for name in ("dbscan", "dbhd", "hdbscan")} == {
        "dbscan": "percent",
        "dbhd": "percent",
        "hdbscan": "percent",
    }


def test_a_reworded_sentence_changes_neither_the_cache_nor_what_the_command_line_prints(monkeypatch):
    gmm = METHODS["gmm"].card
    before, printed = catalogue._plain(gmm), output.card_to_json(gmm)
    monkeypatch.setattr(Shows.GENERATED, "sentence", "Fresh examples.")
    monkeypatch.setattr(Family.CLASSICAL, "heading", "Without a network")
    after = json.loads(json.dumps(catalogue._plain(gmm)))
    assert after == json.loads(json.dumps(before))
    assert output.card_to_json(gmm) == printed
    assert "drawn members of each group" in printed["shows"]
    cached = catalogue._card(after)
    assert cached.shows == gmm.shows
    assert cached.family is Family.CLASSICAL
    assert cached.axes({})["family"] == "Without a network"


def test_every_sentence_is_one():
    for item in Shows:
        assert item.sentence[0].isupper(), item
        assert item.sentence.endswith("."), item
