"""The training loop: resuming, reusing, stopping, players, convergence."""

import math
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import engine.training.trainer
from engine.core.card import check_knobs
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Method, Stage, Step, Terms
from engine.inference.outcome import evaluate
from engine.methods import METHODS
from engine.results.evaluate.metrics import with_truth
from engine.training import monitor
from engine.training.optimizers import Optimizers, rate
from engine.training.rng import RngScope
from engine.training.trainer import FINAL, fit, loss_converged
from tests.engine.small import Memory, short
from tests.engine.trained import followed


@pytest.fixture
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


def finish(running):
    method, seen = followed(running)
    return seen, method


def build(name: str, **more):
    method = METHODS[name]
    knobs = check_knobs(method.card, short(method.card, **more))
    return lambda data: method(data, 5, knobs)


class Line(Method):
    """Fits y = w x by gradient: the smallest method, with a history of what the trainer did."""

    def __init__(self, data: Data, stages: list[dict], loss=None) -> None:
        super().__init__(data, 1, SimpleNamespace())
        self.weight = nn.Parameter(torch.zeros(1))
        self.second = nn.Parameter(torch.zeros(1))
        self.told, self.loss, self.seen = stages, loss or self.square, []

    def plan(self, data: Data) -> Iterator[Stage]:
        for told in self.told:
            steps = told.pop("steps", None) or [Step(self.loss, [self.weight], 0.1)]
            yield Stage(steps=steps, **({"id": "fit", "title": "Fitting", "batch": 4} | told))

    def square(self, batch: Batch) -> Terms:
        self.seen.append(batch.index.tolist())
        return {"error": (self.weight - batch.x).square().sum(1).mean()}

    def encode(self, x: Tensor) -> Tensor:
        return x * self.weight

    def labels(self, data: Data) -> Tensor:
        return torch.zeros(len(data), dtype=torch.int64)


def ten() -> Data:
    return Data(torch.arange(10.0).view(10, 1))


def test_every_sample_is_seen_once_an_epoch_in_a_new_order():
    _, method = finish(fit(lambda d: Line(d, [{"epochs": 2}]), ten()))
    orders = [[row for batch in method.seen[i : i + 3] for row in batch] for i in (0, 3)]
    assert [len(batch) for batch in method.seen] == [4, 4, 2] * 2
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
    assert orders[0] != orders[1]


def test_last_batch_of_one_joins_the_one_before():
    data = Data(torch.arange(9.0).view(9, 1))
    _, method = finish(fit(lambda d: Line(d, [{}]), data))
    assert [len(batch) for batch in method.seen] == [4, 5]


def test_batch_none_is_everything_at_once():
    _, method = finish(fit(lambda d: Line(d, [{"batch": None, "epochs": 3}]), ten()))
    assert method.seen == [list(range(10))] * 3


def test_terms_are_means_over_samples():
    weight = nn.Parameter(torch.zeros(1))

    def square(batch: Batch) -> Terms:
        return {"error": batch.x.square().mean() + 0 * weight.sum()}

    seen, _ = finish(fit(lambda d: Line(d, [{"steps": [Step(square, [weight])]}]), ten(), monitor=False))
    assert seen[-1].terms["error"] == pytest.approx(28.5, rel=1e-5)


def test_stages_of_one_name_continue_one_optimizer():
    _, once = finish(fit(lambda d: Line(d, [{"epochs": 6, "batch": None}]), ten()))
    _, six = finish(fit(lambda d: Line(d, [{"batch": None} for _ in range(6)]), ten()))
    assert torch.equal(once.weight, six.weight)


def test_players_take_their_turns():
    turns = []

    def player(name):
        def loss(batch: Batch) -> Terms:
            turns.append(name)
            return {name: batch.x.mean() * 0 + method.weight.sum() * 0}

        return loss

    def make(data):
        nonlocal method
        method = Line(data, [{"batch": 2}])
        method.told[0]["steps"] = [
            Step(player("critic"), [method.weight]),
            Step(player("generator"), [method.second], every=2),
        ]
        return method

    method = None
    finish(fit(make, ten()))
    assert turns == ["critic", "generator", "critic", "critic", "generator", "critic", "critic", "generator"]


def test_loss_that_is_no_number_is_a_sentence():
    def bad(batch: Batch) -> Terms:
        return {"error": (method.weight * torch.inf - torch.inf).sum()}

    def make(data):
        nonlocal method
        method = Line(data, [{}], bad)
        return method

    method = None
    with pytest.raises(InputError, match="unstable in the stage 'Fitting': its error is no longer a number"):
        finish(fit(make, ten()))


def test_pretraining_stops_when_the_loss_settles():
    def flat(batch: Batch) -> Terms:
        return {"error": method.weight.sum() * 0 + 1}

    def make(data):
        nonlocal method
        method = Line(data, [{"epochs": 50, "tolerance": 0.01}], flat)
        return method

    method = None
    seen, _ = finish(fit(make, ten()))
    assert len({s.epoch for s in seen}) == 10


def test_settled_needs_two_windows():
    assert not loss_converged([1.0] * 9, 0.01)
    assert loss_converged([1.0] * 10, 0.01)
    assert not loss_converged([1.0] * 5 + [0.9] * 5, 0.01)
    assert not loss_converged([1.0] * 10, 0.0)


def test_pretraining_is_shared_between_methods(data):
    tensor_store = Memory()
    seen, _ = finish(fit(build("ae_kmeans"), data, tensor_store=tensor_store))
    assert not any("reused" in s.report for s in seen)
    for name in ("dec", "idec", "dcn", "dkm"):
        seen, method = finish(fit(build(name), data, tensor_store=tensor_store))
        assert seen[0].report["reused"] == 1
        _, alone = finish(fit(build(name), data))
        assert torch.equal(method.labels(data), alone.labels(data)), name


@pytest.mark.parametrize("change", [{"seed": 1}, {"latent": 4}, {"pretrain_epochs": 3}, {"batch": 16}])
def test_pretraining_of_another_kind_is_not_shared(data, change):
    tensor_store = Memory()
    seed = change.pop("seed", 0)
    finish(fit(build("ae_kmeans"), data, tensor_store=tensor_store))
    seen, _ = finish(fit(build("dec", **change), data, seed=seed, tensor_store=tensor_store))
    assert not any("reused" in s.report for s in seen)


def test_other_data_is_not_shared(data, digits):
    tensor_store = Memory()
    finish(fit(build("ae_kmeans"), data, tensor_store=tensor_store))
    seen, _ = finish(fit(build("dec"), Data(torch.from_numpy(digits[0][300:600])), tensor_store=tensor_store))
    assert not any("reused" in s.report for s in seen)


@pytest.mark.slow
def test_bf16_groups_as_well_as_float32(digits):
    x, y = digits
    accuracy: dict[str, list[float]] = {"bf16": [], "float32": []}
    for precision, found in accuracy.items():
        tensor_store = Memory()  # one pretraining for all
        for name in ("dec", "idec", "dcn", "dkm"):
            knobs = check_knobs(
                METHODS[name].card, {"pretrain_epochs": 12, "epochs": 6, "layers": "200-200", "tolerance": 0.0}
            )
            running = fit(
                lambda data, name=name, knobs=knobs: METHODS[name](data, 10, knobs),
                Data(torch.from_numpy(x)),
                tensor_store=tensor_store,
                precision=precision,
                monitor=False,
            )
            found.append(with_truth(y, evaluate(finish(running)[1], Data(torch.from_numpy(x))).labels)["acc"])
    assert min(accuracy["float32"]) > 0.78
    np.testing.assert_allclose(accuracy["bf16"], accuracy["float32"], atol=0.01)


def test_snapshots_show_a_map_whose_axes_stay(data):
    seen, _ = finish(fit(build("dec", epochs=3), data))
    shown = [s for s in seen if s.positions is not None]
    assert shown
    for s in shown:
        assert s.positions.shape == (300, 2)
        np.testing.assert_array_equal(s.sample, np.arange(300))
    grouped = [s for s in shown if s.labels is not None]
    assert grouped
    assert grouped[-1].sizes.sum() == 300
    turned = np.linalg.svd(shown[-1].positions.T @ shown[0].positions)
    np.testing.assert_allclose(turned[0] @ turned[2], np.eye(2), atol=0.2)


def test_last_moment_shows_the_groups_of_the_end(data):
    seen, method = finish(fit(build("ae_kmeans"), data))
    assert (seen[-1].stage, seen[-1].stage_title) == (FINAL, "Final groups")
    np.testing.assert_array_equal(seen[-1].labels, method.labels(data).numpy())
    seen, method = finish(fit(build("kmeans"), data))
    assert [s.stage for s in seen] == [FINAL]
    np.testing.assert_array_equal(seen[-1].labels, method.labels(data).numpy())


def test_looks_cost_a_tenth_also_where_every_epoch_is_a_stage(data, monkeypatch):
    looks = []
    observe = engine.training.trainer.Monitor.observe
    monkeypatch.setattr(
        engine.training.trainer.Monitor, "observe", lambda self, *a: looks.append(1) or observe(self, *a)
    )
    monkeypatch.setattr(engine.training.trainer.Monitor, "affordable", lambda self: False)
    finish(fit(build("dec", epochs=6), data))
    assert len(looks) == 2, "one at the end of pretraining, one at the very end"


def test_stream_continues_and_gives_back():
    torch.manual_seed(3)
    outside = torch.rand(2)
    torch.manual_seed(3)
    stream = RngScope(0, "a")
    with stream:
        first = torch.rand(2)
    with stream:
        second = torch.rand(2)
    assert torch.equal(torch.rand(2), outside)
    with RngScope(0, "a"):
        assert torch.equal(torch.rand(4), torch.cat([first, second]))
    with RngScope(1, "a"):
        assert not torch.equal(torch.rand(2), first)


def test_optimizer_follows_parameters_that_come_and_go():
    a, b, c = (nn.Parameter(torch.ones(1)) for _ in range(3))
    optimizers = Optimizers()

    def stage(*parameters):
        return Stage("grow", "Growing", [Step(lambda batch: {}, parameters)])

    optimizers.follow(stage(a, b))
    first = optimizers.of(stage(a, b))[0]
    (a + b).sum().backward()
    first.step()
    kept = first.state[a]["exp_avg"].clone()
    optimizers.follow(stage(a, c))
    second = optimizers.of(stage(a, c))[0]
    assert torch.equal(second.state[a]["exp_avg"], kept)
    assert c not in second.state
    assert b not in second.state


@pytest.mark.parametrize(("kind", "eps"), [("adam", 1e-8), ("adam", 3.0), ("adamw", 3.0)])
def test_epsilon_damps_small_gradients(kind, eps):
    weight, optimizers = nn.Parameter(torch.zeros(1)), Optimizers()
    stage = Stage("fit", "Fitting", [Step(lambda batch: {}, [weight], 0.1, optimizer=kind, eps=eps)])
    optimizers.follow(stage)
    weight.grad = torch.ones(1)
    optimizers.of(stage)[0].step()
    assert float(weight.detach()) == pytest.approx(-0.1 / (1 + eps))


def test_rates():
    step = Step(lambda b: {}, [], schedule="cosine", warmup=0.1)
    assert rate(step, 0.0) < 0.05
    assert rate(step, 0.1) == pytest.approx(1)
    assert rate(step, 0.55) == pytest.approx(0.5)
    assert rate(step, 1.0) == pytest.approx(0)
    assert rate(Step(lambda b: {}, []), 0.7) == 1
    one = Step(lambda b: {}, [], schedule="one-cycle")
    assert rate(one, 0.3) == pytest.approx(1)
    assert rate(one, 0.0) == pytest.approx(0.04)


def warming(stages: int, epochs: int) -> list[dict]:
    return [{"epochs": epochs, "batch": 5, "steps": [Step(slope, [SLOPE], 0.1, warmup_steps=4)]} for _ in range(stages)]


SLOPE = nn.Parameter(torch.zeros(1))


def slope(batch: Batch) -> Terms:
    return {"error": SLOPE.sum()}


@pytest.mark.parametrize(("stages", "epochs"), [(1, 3), (3, 1)])
def test_a_rate_rises_over_its_warm_up_through_all_stages_of_an_id(stages, epochs):
    SLOPE.data.zero_()
    finish(fit(lambda d: Line(d, warming(stages, epochs)), ten()))
    # Adam's steps under a constant gradient are as long as the rate: a quarter, a half, three quarters, then all of 0.1.
    assert float(SLOPE.detach()) == pytest.approx(-0.1 * (0.25 + 0.5 + 0.75 + 1 + 1 + 1), rel=1e-4)


def test_a_resumed_training_does_not_warm_up_again(monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)

    class Sloping(Line):
        def square(self, batch: Batch) -> Terms:
            return {"error": self.weight.sum()}

        def plan(self, data: Data) -> Iterator[Stage]:
            yield Stage("fit", "Fitting", [Step(self.square, [self.weight], 0.1, warmup_steps=4)], 3, 5)

    tensor_store = Memory()
    followed(fit(lambda d: Sloping(d, []), ten(), tensor_store=tensor_store), 2)
    _, method = finish(fit(lambda d: Sloping(d, []), ten(), tensor_store=tensor_store))
    assert float(method.weight.detach()) == pytest.approx(-0.1 * (0.25 + 0.5 + 0.75 + 1 + 1 + 1), rel=1e-4)


def test_resumed_optimizers_have_their_moments(data, monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    tensor_store = Memory()
    running = fit(build("ae_kmeans", pretrain_epochs=4), data, tensor_store=tensor_store)
    for s in running:
        if s.epoch == 2 and s.terms:
            running.close()
            break
    _, resumed = finish(fit(build("ae_kmeans", pretrain_epochs=4), data, tensor_store=tensor_store))
    _, whole = finish(fit(build("ae_kmeans", pretrain_epochs=4), data))
    for (name, mine), theirs in zip(resumed.state_dict().items(), whole.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs), name


def test_a_long_epoch_tells_how_far_it_is_and_learns_the_same(data, monkeypatch):
    quiet, expected = finish(fit(build("dec", epochs=3), data))
    monkeypatch.setattr(engine.training.trainer, "TICK", -1.0)  # every batch takes longer than that
    told, method = finish(fit(build("dec", epochs=3), data))
    inside = [one for one in told if not one.terms and one.stage != FINAL]
    assert inside
    assert all(one.labels is None and one.positions is None for one in inside)
    course = [(one.stages_done, one.progress) for one in told[:-1]]
    assert course == sorted(course)
    assert [(one.stage, one.epoch, one.terms) for one in told if one.terms] == [
        (one.stage, one.epoch, one.terms) for one in quiet if one.terms
    ]
    assert torch.equal(method.labels(data), expected.labels(data))


def test_looking_costs_no_more_than_its_share(data, monkeypatch):
    now = iter(np.arange(0, 1e6, 0.5))  # every glance at the clock is half a second later
    monkeypatch.setattr(monitor, "ALLOWANCE", 1.0)
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(now)))
    watcher, method = monitor.Monitor(data), METHODS["kmeans"](data, 5, check_knobs(METHODS["kmeans"].card, {}))
    method.eval()
    looked = 0
    for _ in range(400):
        if watcher.affordable():
            watcher.observe(method, groups=False)
            looked += 1
    spent, passed = 0.5 * looked, float(next(now))
    assert looked > 10
    assert spent <= monitor.ALLOWANCE + monitor.BUDGET * passed + 0.5


def test_checkpoints_take_a_twentieth_of_the_time(data, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Slow(Memory):
        puts = 0

        def put(self, key, tensors):
            super().put(key, tensors)
            now[0] += 8.0
            self.puts += 1

    store = Slow()
    building = build("ae_kmeans", pretrain_epochs=600, layers="4", latent=2, batch=300)
    for _ in fit(building, data, tensor_store=store, monitor=False):
        now[0] += 2.0
    assert now[0] > 1000
    assert 3 <= store.puts - 1 <= 0.05 * now[0] / 8.0 + 1, (
        "as many as are affordable; the pretraining itself is put once"
    )
    assert "checkpoint" in store
