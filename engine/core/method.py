"""The contract of a method: a plan of stages, and the losses they minimize."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from engine.core.card import Card
from engine.core.data import Batch, Data
from engine.core.errors import InputError

CODES = 2**16
"""Codes that are looked at together."""
Terms = dict[str, Tensor]
"""Weighted, named terms of a loss; the trainer minimizes their sum, the page plots each."""


@dataclass
class Step:
    """One player of a stage: a loss and what it trains.

    Parameters
    ----------
    loss : callable from Batch to dict of str to Tensor
        Weighted, named terms, each a scalar: a mean over the samples of the batch.
    train : sequence of Module or Parameter
        What the loss trains.
    lr : float, default=1e-3
        Learning rate.
    every : int, default=1
        Takes its turn at every so many batches.
    optimizer : {"adam", "adamw", "sgd"}, default="adam"
    momentum : float, default=0.9
        Of SGD, and the first beta of Adam.
    beta2 : float, default=0.999
        The second beta of Adam.
    eps : float, default=1e-8
        Of Adam: added to the root of the mean squared gradient; what has smaller gradients than this moves slowly.
    weight_decay : float, default=0
    schedule : {"constant", "cosine", "one-cycle"}, default="constant"
        Of the learning rate, over the stage.
    warmup : float, default=0
        Share of the stage in which the rate rises from zero.
    warmup_steps : int, default=0
        Steps in which the rate rises from zero, counted through all stages of an id. Adam's first steps have their full
        length however small the gradient is, which undoes what a network has learned before. Without effect on SGD.

    Examples
    --------
    >>> net = nn.Linear(3, 1)
    >>> step = Step(lambda batch: {"error": net(batch.x).square().mean()}, [net, net.bias], lr=0.01)
    >>> [tuple(parameter.shape) for parameter in step.parameters()]
    [(1, 3), (1,)]
    """

    loss: Callable[[Batch], Terms]
    train: Sequence[nn.Module | nn.Parameter]
    lr: float = 1e-3
    every: int = 1
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    momentum: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0
    schedule: Literal["constant", "cosine", "one-cycle"] = "constant"
    warmup: float = 0.0
    warmup_steps: int = 0

    def parameters(self) -> list[nn.Parameter]:
        """What the step trains, each parameter once, in a fixed order."""
        found: dict[int, nn.Parameter] = {}
        for part in self.train:
            for parameter in part.parameters() if isinstance(part, nn.Module) else [part]:
                found.setdefault(id(parameter), parameter)
        return list(found.values())


@dataclass
class Stage:
    """A stretch of training between two steps of the plan; stages of the same id continue one another.

    Parameters
    ----------
    id : str
        Lower-case words joined by hyphens. Optimizers, checkpoints, recordings and the time left go by it: it stays as it is.
    title : str
        What is shown; free to be reworded.
    steps : sequence of Step
        Empty where nothing is minimized by gradient: `after_step` then does the work, or the plan has done it.
    epochs : int, default=1
        Passes over the data.
    batch : int or None, default=256
        Samples in a batch; None is all of them at once.
    before_step, after_step : callable, optional
        Given each batch before and after its steps. `after_step` may return terms to be plotted beside the losses; they are
        not minimized.
    pretrained : tuple, optional
        What decides on the weights that the stage makes, beside data and seed: runs that agree share them. Empty: none do.
    groups : bool, default=True
        False while the method has no groups to show yet.
    tolerance : float, default=0
        Stop when the smoothed loss falls by less than this share an epoch; 0 never stops early.
    cuda_graphs : bool, default=False
        Whether the steps of all stages of this id may be captured once and replayed: for batches of one length they do the
        same to the same tensors. They change tensors in place and never look at a value; see `copy_into`.
    total_epochs : int, default=0
        How many epochs all stages of this id will take at most, where the plan knows it; for the time left.

    Raises
    ------
    ValueError
        For an id of another form.

    Examples
    --------
    >>> Stage("split", "Splitting groups", (), batch=None).sees_batches
    False
    """

    id: str
    title: str
    steps: Sequence[Step]
    epochs: int = 1
    batch: int | None = 256
    before_step: Callable[[Batch], None] | None = None
    after_step: Callable[[Batch], Terms | None] | None = None
    pretrained: tuple[object, ...] = ()
    groups: bool = True
    tolerance: float = 0.0
    cuda_graphs: bool = False
    total_epochs: int = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.id):
            raise ValueError(f"The id of a stage is lower-case words joined by hyphens, not {self.id!r}.")

    @property
    def sees_batches(self) -> bool:
        """False where no step and no hook is there to be given a batch."""
        return bool(self.steps or self.before_step or self.after_step)


class Method(nn.Module):
    """A clustering method. Subclasses declare `card`, build their networks, and write `plan`, `encode` and `labels`.

    All that training changes is a parameter or a buffer, so that a checkpoint holds it. On resuming, the plan runs again
    with the saved weights in place and finished stages are skipped; the weights are then loaded once more. A decision that
    ends a loop must therefore go through `label_change` or `converged`, whose answers are replayed.

    Parameters
    ----------
    data : Data
        What it will be trained on; only its shape, kind and statistics belong into the constructor.
    k : int or None
        Number of groups; None where the method is to find it.
    knobs : dataclass
        Settings, see `engine.core.card.knob`.

    Examples
    --------
    A method that splits samples at their mean:

    >>> class Halves(Method):
    ...     identity = True
    ...
    ...     def plan(self, data):
    ...         self.register_buffer("mean", data.x.mean())
    ...         yield Stage("split", "Splitting at the mean", (), batch=None)
    ...
    ...     def labels(self, data):
    ...         return (data.x.flatten(1).mean(1) > self.mean).long()
    >>> data = Data(torch.tensor([[0.0], [1.0], [9.0]]))
    >>> method = Halves(data, 2, None)
    >>> [stage.title for stage in method.plan(data)]
    ['Splitting at the mean']
    >>> method.labels(data).tolist()
    [0, 0, 1]
    """

    card: ClassVar[Card]
    identity: ClassVar[bool] = False
    """Whether the embedding is the samples themselves."""
    former_names: ClassVar[Mapping[str, str]] = {}
    """Names that modules, parameters and buffers had in stored weights -> their present names."""

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__()
        self.k, self.knobs, self.shape, self.kind = k, knobs, data.shape, data.kind
        self.keeps_groups = k is not None
        """Whether no group may vanish while training: False where the method finds their number, joins groups, or begins with
        those of random weights."""
        self.autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
        self.convergence = ConvergenceLog()
        self._codes: Tensor | None = None

    def require_k(self, k: int | None) -> int:
        """The number of groups, for methods that need it; InputError where it was left open."""
        if k is None:
            raise InputError(
                f"{self.card.name} needs to know the number of groups: choose it, or a method that finds it."
            )
        return k

    def plan(self, data: Data) -> Iterator[Stage]:
        """The paper's box: yields what is to be trained, and between two yields does whatever the paper does there."""
        raise NotImplementedError

    def finish(self, data: Data) -> None:
        """What is still to be done when the plan has ended, under a seed of its own."""

    def encode(self, x: Tensor) -> Tensor:
        """The embedding [n, d] of samples [n, ...]: the space in which the method forms groups."""
        if self.identity:
            return x.flatten(1)
        raise NotImplementedError

    def labels(self, data: Data) -> Tensor:
        """[n] int64; -1 is unassigned."""
        raise NotImplementedError

    def soft_labels(self, data: Data) -> Tensor | None:
        """[n, k] membership, rows sum to one; None for methods that only know yes and no."""
        return None

    def group_centers(self) -> Tensor | None:
        """[k, d] in the embedding; None for methods without centers."""
        return None

    def prototypes(self) -> Tensor | None:
        """[k, *sample shape] in prepared input units; None for methods that cannot decode them."""
        return None

    def decoded(self, z: Tensor) -> Tensor | None:
        """Samples [m, *sample shape] decoded from places [m, d] in the embedding, in prepared input units; None for
        methods that cannot decode what lies between, or whose embedding is the samples: there it is a plain mixture."""
        return None

    def reconstruct(self, x: Tensor) -> Tensor | None:
        """Reconstructions of samples, both [m, *sample shape]; None for methods that reconstruct no sample."""
        return None

    def generate(self, group: int, n: int, seed: int = 0) -> Tensor | None:
        """[n, *sample shape] new members of a group in prepared input units, the first its prototype; equal for equal seeds.
        None for methods that have not learned how members come about."""
        return None

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        """Other groupings of the same data by name, each [n] int64."""
        return {}

    def tree(self) -> list[dict[str, Any]] | None:
        """Nodes of the tree of groups, see `Outcome.tree`."""
        return None

    def report(self) -> dict[str, float]:
        """Further curves, one value each time it is asked; the card says what they mean and in which unit they are shown."""
        return {}

    def map_batches(self, data: Data, function: Callable[[Tensor], Tensor], *, exact: bool = False) -> Tensor:
        """Apply a function to every sample, piece by piece, in evaluation mode and without gradients.

        Parameters
        ----------
        data : Data
        function : callable
            Samples [m, ...] -> [m, ...].
        exact : bool, default=False
            In float32 instead of the precision of training, so that the plan finds what the trained method will.

        Returns
        -------
        Tensor of shape (n, ...)
            Floating-point results are float32.
        """
        training, result = self.training, None
        self.eval()
        for piece, x in data.chunks():
            with torch.inference_mode(), nullcontext() if exact else self.autocast():
                part = function(x)
            if result is None:
                kind = torch.float32 if part.is_floating_point() else part.dtype
                result = torch.empty(len(data), *part.shape[1:], dtype=kind, device=part.device)
            result[piece] = part
        self.train(training)
        return torch.empty(0) if result is None else result

    def embed(self, data: Data) -> Tensor:
        """[n, d] float32 embedding of all samples; where the samples are their own, it is no copy of them."""
        if self.identity:
            return data.x.flatten(1)
        return self.map_batches(data, self.encode) if self._codes is None else self._codes

    def map_codes(self, data: Data, function: Callable[[Tensor], Tensor], *, exact: bool = False) -> Tensor:
        """Apply a function [m, d] -> [m, ...] to the code of every sample, as `map_batches`; within `cached_embedding`, codes are
        not computed anew.
        """
        if self._codes is None:
            return self.map_batches(data, lambda x: function(self.encode(x)), exact=exact)
        with torch.no_grad():
            return torch.cat([function(piece) for piece in torch.split(self._codes, CODES)])

    @contextmanager
    def cached_embedding(self, data: Data) -> Iterator[None]:
        """Encode `data` once for all calls in a `with` block, in which the method does not change and gets no other data."""
        self._codes = self.embed(data)
        try:
            yield
        finally:
            self._codes = None

    def label_change(self, labels: Tensor) -> float:
        """Share of the labels [n] that changed since the last call; 1 at the first."""
        return self.convergence.label_change(labels)

    def converged(self, data: Data, tolerance: float) -> bool:
        """Whether less than a share of the labels changed since the last call; False, without a look at them, at 0."""
        return tolerance > 0 and self.label_change(self.labels(data)) < tolerance

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take saved weights, by name; parameters and buffers take the saved shapes, which depend on the data."""
        state = self.present_names(state)
        for name, parameter in self.named_parameters():
            if name in state and state[name].shape != parameter.shape:
                parameter.data = torch.empty_like(state[name], device=parameter.device)
        for name, buffer in list(self.named_buffers()):
            if name in state and state[name].shape != buffer.shape:
                owner, _, last = name.rpartition(".")
                setattr(self.get_submodule(owner), last, torch.empty_like(state[name], device=buffer.device))
        self.load_state_dict(state)

    def present_names(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Saved weights of any shapes, those with `former_names` under their present ones."""
        former = self.former_names
        return {".".join(former.get(part, part) for part in name.split(".")): value for name, value in state.items()}


def run_plan(method: Method, data: Data) -> None:
    """Do all that the plan of a method without a network does: its stages minimize nothing.

    For methods that let another one group their code; the caller's random stream is the one in use. ValueError for a plan
    that trains by gradient.
    """
    with torch.no_grad():
        for stage in method.plan(data):
            if stage.steps:
                raise ValueError(f"{method.card.name} trains a network and cannot be part of another method.")
            passes = stage.epochs if stage.sees_batches else 0
            for batch in (batch for _ in range(passes) for batch in data.batches(stage.batch)):
                if stage.before_step:
                    stage.before_step(batch)
                if stage.after_step:
                    stage.after_step(batch)
    method.eval()


def copy_into(target: Tensor, value: Tensor) -> Tensor:
    """Copy a value of any shape into the memory of `target` where the shapes agree, so that recorded steps read it there.

    Parameters
    ----------
    target : Tensor
    value : Tensor

    Returns
    -------
    Tensor
        `target`, or `value` itself where shape, dtype or device differ.
    """
    if target.shape != value.shape or target.dtype != value.dtype or target.device != value.device:
        return value
    with torch.no_grad():
        return target.copy_(value)


class ConvergenceLog:
    """The label changes that a plan has asked for, stored so that a resumed plan takes the same turns."""

    def __init__(self) -> None:
        self.answers: list[float] = []
        self.previous: Tensor | None = None
        self._replayed: list[float] = []
        self._after_replay: Tensor | None = None

    def label_change(self, labels: Tensor) -> float:
        """See `Method.label_change`; labels [n]."""
        if self._replayed:
            share = self._replayed.pop(0)
            self.previous = labels if self._replayed else self._after_replay
        else:
            share = 1.0 if self.previous is None else float((labels != self.previous).float().mean())
            self.previous = labels.clone()  # a method may change its labels in place
        self.answers.append(share)
        return share

    def replay(self, answers: Sequence[float], previous: Tensor | None) -> None:
        """Give these answers first, then go on from the labels [n] of that time."""
        self.answers, self._replayed, self._after_replay = [], list(answers), previous
