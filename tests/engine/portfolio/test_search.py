"""The search: what is tried within a budget, and what is taken."""

import numpy as np
import pytest
import torch

from engine.core.data import Data
from engine.core.errors import InputError
from engine.intake import inspect, suggest
from engine.methods import METHODS
from engine.portfolio.answer import answer
from engine.portfolio.candidates import Candidate, experience, features_of, portfolio
from engine.portfolio.groups import GroupNumber, number_of_groups
from engine.portfolio.search import Search
from engine.portfolio.source import PreparedSource


def blobs(n: int = 90, k: int = 3, columns: int = 4) -> np.ndarray:
    draw = np.random.default_rng(0)
    return draw.normal(size=(n, columns)) + 8 * draw.normal(size=(k, columns))[np.arange(n) % k]


class Blobs:
    """Two kinds of features: groups, and nothing but noise."""

    def __init__(self, n: int = 90, rows: int = 90) -> None:
        self.n, self.rows = n, np.arange(rows)
        draw = np.random.default_rng(1)
        self.values = {"values": blobs(n), "summary": draw.normal(size=(n, 4))}
        self.cost = 0.0

    def sample(self, features: str) -> Data:
        return Data(torch.from_numpy(self.values[features][self.rows].astype(np.float32)))

    def everything(self, features: str) -> Data:
        return Data(torch.from_numpy(self.values[features].astype(np.float32)))

    def seconds(self, features: str, n: int) -> float:
        return self.cost


class Clock:
    """Seconds that pass at every look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


PLAIN = [Candidate("values", name, 3, 0.4) for name in ("kmeans", "gmm", "agglomerative")]
NOISE = Candidate("summary", "kmeans", 3, 0.4)


def ended(search: Search) -> Search:
    for _ in search.run():
        pass
    return search


def truth(search: Search) -> np.ndarray:
    return np.arange(search.source.n) % 3


def agrees(labels: np.ndarray, other: np.ndarray) -> bool:
    return len(set(zip(labels.tolist(), other.tolist(), strict=True))) == 3


def test_what_most_come_to_is_taken_and_said():
    search = ended(Search(Blobs(), [NOISE, *PLAIN], budget=60))
    best = search.best
    assert best is not None
    assert best.candidate.features == "values"
    assert best.outcome is not None
    assert agrees(best.outcome.labels, truth(search))
    assert min(t.score for t in search.trials if t.candidate.features == "values") > 0.6
    assert next(t.score for t in search.trials if t.candidate is NOISE) < 0.4
    said = answer(search, GroupNumber.given(3), best, "table")
    assert "was chosen" in said[0]
    assert said[1] == "4 combinations of features and methods were tried."


def test_a_candidate_has_the_groups_of_a_run_with_its_settings():
    from engine import Clusterer

    search = ended(Search(Blobs(), PLAIN[1:2], budget=60, seed=3))
    assert search.best is not None
    again = Clusterer("gmm", 3, random_state=3).fit(search.source.values["values"])
    assert agrees(search.best.outcome.labels, again.labels_)


def test_where_time_is_short_the_first_is_finished_and_the_rest_left():
    search = ended(Search(Blobs(), PLAIN, budget=14, clock=Clock(6.0)))
    assert [trial.state for trial in search.trials] == ["done", "unfinished", "unfinished"]
    assert search.best is not None
    assert "for 2 more there was no time" in answer(search, GroupNumber.given(3), search.best, "table")[1]


def test_an_answer_is_given_even_where_there_is_no_time_at_all():
    source = Blobs(rows=60)
    source.cost = 100.0
    search = ended(Search(source, [NOISE, *PLAIN], budget=50))
    assert [trial.state for trial in search.trials] == ["unfinished"] * 4 + ["done"]
    assert search.best is not None


def test_of_many_members_a_sample_is_tried_first_and_the_best_on_all():
    search = ended(Search(Blobs(n=300, rows=90), [NOISE, *PLAIN], budget=60))
    on_sample = [trial for trial in search.trials if not trial.on_all]
    assert len(on_sample) == 4
    assert search.best is not None
    assert search.best.on_all
    assert len(search.best.outcome.labels) == 300
    assert len(search.best.labels) == 90


def test_a_failure_is_kept_as_a_sentence_and_the_others_go_on():
    bad = Candidate("values", "kmeans", 3, 0.9, {"restarts": -1})
    search = ended(Search(Blobs(), [bad, *PLAIN], budget=60))
    assert search.trials[0].state == "failed"
    assert "Restarts" in search.trials[0].sentence
    assert search.best is not None


def test_where_nothing_can_be_tried_the_reason_is_given():
    bad = Candidate("values", "kmeans", 3, 0.9, {"restarts": -1})
    with pytest.raises(InputError, match="Restarts"):
        ended(Search(Blobs(), [bad], budget=60))


def test_networks_are_stopped_when_the_budget_is_spent():
    slow = Candidate("values", "dec", 3, 0.9, {"pretrain_epochs": 500, "layers": "16"})
    search = ended(Search(Blobs(), [PLAIN[0], slow], budget=30, clock=Clock(1.0)))
    assert search.trials[1].state == "unfinished"
    assert search.best is search.trials[0]


@pytest.mark.parametrize("kind", ["table", "text", "series", "image", "drawing"])
def test_every_kind_of_data_has_candidates_the_likeliest_first(kind):
    known = experience()[kind]
    found = portfolio(kind, 4, features_of(kind))
    assert found
    assert [one.prior for one in found] == sorted((one.prior for one in found), reverse=True)
    assert any(one.method == "kmeans" and one.features == "values" for one in found), (
        "plain k-means is always among them"
    )
    assert set(known) >= {f"{one.features}|{one.method}" for one in found}


def test_a_table_is_its_own_source():
    raw = inspect(blobs(120))
    source = PreparedSource(raw, suggest(raw))
    assert source.kind == "table"
    assert source.n == len(source.rows) == 120
    assert len(source.everything("values")) == 120
    places = source.positions("values", 50)
    assert places.shape == (50, 2)
    assert np.abs(places).max() <= 1


def test_features_that_were_chosen_are_the_only_ones():
    raw = inspect(np.random.default_rng(0).integers(0, 255, (30, 16, 16)).astype(np.uint8))
    source = PreparedSource(raw, suggest(raw), only="texture")
    assert source.features == ("texture",)
    assert {one.features for one in portfolio(source.kind, 3, source.features)} == {"texture"}


def test_of_features_that_are_not_known_plain_methods_are_tried():
    found = portfolio("table", 3, ["torchvision:resnet18"])
    assert [one.method for one in found] == ["kmeans", "gmm", "agglomerative", "spectral", "n2d"]


@pytest.mark.parametrize("k", [2, 4, 6])
def test_the_number_of_well_separated_groups_is_found(k):
    draw = np.random.default_rng(k)
    centers = 12 * np.eye(6)[:k]
    x = draw.normal(size=(240, 6)) + centers[np.arange(240) % k]
    raw = inspect(x)
    found = number_of_groups(PreparedSource(raw, suggest(raw)), seconds=60)
    assert found.k == k
    assert k in found.likely
    assert not found.asked


@pytest.mark.parametrize(
    ("others", "said"), [((9,), "There is another level at 9 groups."), ((9, 12), "other levels at 9 and 12 groups.")]
)
def test_other_levels_are_said(others, said):
    search = ended(Search(Blobs(), PLAIN, budget=60))
    number = GroupNumber(3, likely=(3,), others=others)
    assert said in answer(search, number, search.best, "table")[-1]


def test_two_levels_are_both_named():
    draw = np.random.default_rng(0)
    coarse = np.repeat(np.array([[0.0, 0], [60, 0], [0, 60]]), 100, axis=0)
    fine = 7 * np.array([[0, 0], [1, 0], [0, 1]])[np.arange(300) % 3]
    raw = inspect(coarse + fine + draw.normal(scale=0.6, size=(300, 2)))
    found = number_of_groups(PreparedSource(raw, suggest(raw)), seconds=60)
    assert {3, 9} <= {found.k, *found.others, *found.likely}


def test_a_candidate_that_breaks_does_not_take_the_search_with_it(monkeypatch):
    gmm = METHODS["gmm"]

    def broken(self, data):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(gmm, "labels", broken)
    search = ended(Search(Blobs(), PLAIN, budget=60))
    assert search.best is not None
    trial = next(trial for trial in search.trials if trial.candidate.method == "gmm")
    assert trial.state == "failed"
    assert "kernel" not in trial.sentence


def test_features_that_eat_the_budget_are_not_made_first():
    source = Blobs(120, rows=60)
    source.seconds = lambda features, n: 30.0 if features == "summary" else 0.0
    search = Search(source, [NOISE, *PLAIN], budget=200)
    order = [trial.candidate for trial in search.run() if trial.state == "running"]
    assert order[0].features == "values"
    assert order.index(NOISE) > order.index(PLAIN[0])


def test_plain_finalists_are_trained_on_all_rows_before_any_network():
    network = Candidate("values", "dec", 3, 0.9, {"layers": "8", "pretrain_epochs": 1, "epochs": 1})
    search = Search(Blobs(120, rows=60), [network, *PLAIN], budget=60)
    order = [trial for trial in search.run() if trial.state == "running" and trial.on_all]
    assert not order[0].candidate.learns
    assert order[-1].candidate is network
