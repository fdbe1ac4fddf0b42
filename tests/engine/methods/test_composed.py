"""Methods put together from five parts: those of known methods give these, and what cannot work is refused."""

import itertools

import pytest
import torch

from engine.core.card import check_knobs, knobs_of
from engine.core.data import Data
from engine.core.errors import InputError
from engine.methods import METHODS
from engine.methods.composed import RECIPES, Composed, Knobs
from engine.training.trainer import fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed, trained

AXES = ("non_clustering", "clustering", "combination", "update")
CHOICES = {knob.name: knob.choices for knob in knobs_of(Knobs) if knob.name in AXES}
SMALL = {"layers": "32-16", "latent": 5, "batch": 64, "tolerance": 0.0, "warmup": 0}


def told(parts: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(AXES, parts, strict=True))


def allowed(parts: tuple[str, ...]) -> bool:
    try:
        check_knobs(Composed.card, told(parts))
    except InputError:
        return False
    return True


COMBINATIONS = [parts for parts in itertools.product(*CHOICES.values()) if allowed(parts)]


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


@pytest.mark.parametrize("name", RECIPES)
def test_the_parts_of_a_method_give_its_labels_to_the_last_bit(name, data):
    values = {**SMALL, "pretrain_epochs": 6, "epochs": 6}
    whole, parts = [
        followed(
            fit(lambda d, kind=kind, given=given: kind(d, 6, check_knobs(kind.card, given)), data, precision="float32")
        )
        for kind, given in ((METHODS[name], values), (Composed, values | RECIPES[name]))
    ]
    assert torch.equal(whole[0].labels(data), parts[0].labels(data))
    assert torch.equal(whole[0].embed(data), parts[0].embed(data))
    assert torch.equal(whole[0].group_centers(), parts[0].group_centers())
    last = [sum(seen[-2].terms.values()) for _, seen in (whole, parts)]
    assert last[0] == last[1]


def test_parts_of_a_method_stop_when_it_stops(data):
    values = {**SMALL, "pretrain_epochs": 6, "epochs": 40, "tolerance": 0.03}
    (_, whole), (_, parts) = trained("dec", data, 6, **values), trained("composed", data, 6, **values | RECIPES["dec"])
    assert len(whole) == len(parts) < 46


@pytest.mark.parametrize("parts", COMBINATIONS, ids=lambda parts: "+".join(parts).replace(" ", "-"))
def test_every_combination_that_is_allowed_trains_to_groups(parts, data):
    some = Data(data.x[:120])
    method, seen = trained("composed", some, 4, **SMALL, pretrain_epochs=2, epochs=2, **told(parts))
    labels, soft = method.labels(some), method.soft_labels(some)
    assert set(labels.tolist()) <= set(range(4))
    assert len(labels.unique()) >= 2
    torch.testing.assert_close(soft.sum(1), torch.ones(120))
    assert torch.equal(soft.argmax(1), labels)
    assert method.group_centers().shape == (4, method.knobs.latent)
    assert all(torch.isfinite(torch.tensor(list(one.terms.values()))).all() for one in seen)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"network": "variational", "non_clustering": "none"}, "learns by reconstruction"),
        ({"clustering": "none", "non_clustering": "none"}, "worth grouping"),
        ({"clustering": "none", "combination": "schedule"}, "go over to nothing"),
        ({"non_clustering": "self-augmentation", "combination": "fine-tuning"}, "learned before"),
        ({"clustering": "k-means", "non_clustering": "none"}, "move to one point"),
        ({"clustering": "k-means", "combination": "schedule"}, "move to one point"),
        ({"clustering": "group sparsity", "combination": "fine-tuning"}, "move to one point"),
        ({"clustering": "agglomerative"}, "not by gradient"),
        ({"clustering": "cluster classification"}, "not by gradient"),
        ({"clustering": "locality-preserving", "update": "alternating"}, "nothing alternates"),
    ],
)
def test_parts_that_do_not_go_together_are_refused_with_the_reason(parts, reason):
    with pytest.raises(InputError, match=reason):
        check_knobs(Composed.card, parts)


@pytest.mark.parametrize("network", ["variational", "adversarial", "belief"])
def test_every_architecture_takes_part(network, data):
    method, seen = trained("composed", data, 4, **SMALL, network=network, pretrain_epochs=2, epochs=2)
    terms = {name for one in seen for name in one.terms}
    assert {"reconstruction", "hardening"} <= terms
    assert {"variational": {"cloud"}, "adversarial": {"critic", "passing for draws"}, "belief": {"divergence"}}[
        network
    ] <= terms
    assert method.prototypes().shape == (4, 64)


def test_a_critic_makes_codes_like_random_draws(data):
    codes = {}
    for network in ("dense", "adversarial"):
        values = {**SMALL, "network": network, "clustering": "none", "pretrain_epochs": 20, "epochs": 1}
        z = trained("composed", data, 4, **values)[0].embed(data)
        codes[network] = float((z.std(0) - 1).square().sum() + z.mean(0).square().sum())
    assert codes["adversarial"] < codes["dense"] / 10


def test_a_schedule_goes_from_one_loss_to_the_other(data):
    values = {**SMALL, "combination": "schedule", "pretrain_epochs": 1, "epochs": 4}
    _, seen = trained("composed", data, 4, **values)
    drawn = [one.terms["reconstruction"] for one in seen if "hardening" in one.terms]
    assert len(drawn) == 4
    assert drawn[0] > drawn[1] > drawn[2] > drawn[3] == 0


def test_many_small_groups_are_joined_pass_by_pass(data):
    values = {**SMALL, "clustering": "agglomerative", "update": "alternating", "pretrain_epochs": 4, "epochs": 3}
    method, seen = trained("composed", data, 4, **values)
    numbers = [len(set(one.labels.tolist())) for one in seen if one.labels is not None and "agglomerative" in one.terms]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 4 == len(method.centers)


@pytest.mark.parametrize("clustering", ["agglomerative", "cluster classification", "hardening"])
def test_interrupted_and_resumed_is_as_if_never_stopped(clustering, data):
    knobs = Knobs(**SMALL, clustering=clustering, update="alternating", pretrain_epochs=3, epochs=6)
    whole, seen = followed(fit(lambda d: Composed(d, 4, knobs), data))
    tensor_store = Memory()
    followed(fit(lambda d: Composed(d, 4, knobs), data, tensor_store=tensor_store), len(seen) - 3)
    resumed, _ = followed(fit(lambda d: Composed(d, 4, knobs), data, tensor_store=tensor_store))
    assert torch.equal(whole.labels(data), resumed.labels(data))
    assert torch.equal(whole.embed(data), resumed.embed(data))


def test_groups_of_digits_come_out_of_parts_that_are_no_known_method(digits):
    from sklearn.metrics import normalized_mutual_info_score

    data = Data(torch.from_numpy(digits[0]).view(-1, 1, 8, 8), "image")
    values = {"layers": "128-64", "pretrain_epochs": 12, "epochs": 10, "cluster_lr": 1e-3}
    parts = {"clustering": "agglomerative", "update": "alternating", "non_clustering": "reconstruction"}
    method, _ = trained("composed", data, 10, **values, **parts)
    assert normalized_mutual_info_score(digits[1], method.labels(data)) > 0.75


def test_short_settings_are_allowed():
    check_knobs(Composed.card, short(Composed.card))


def test_every_loss_that_can_be_chosen_is_explained():
    knobs = {knob.name: knob for knob in knobs_of(Composed.card.knobs)}
    chosen = {*knobs["clustering"].choices, *knobs["non_clustering"].choices} - {"none"}
    assert len(chosen) > 5
    for name in chosen:
        assert Composed.card.meaning(name).endswith("."), name
