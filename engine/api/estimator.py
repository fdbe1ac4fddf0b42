"""The scikit-learn face of every method."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data
from torch import Tensor

from engine.core.card import Card, check_knobs, knobs_of
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.method import Method
from engine.core.snapshot import Labels, Outcome, Snapshot
from engine.inference.outcome import evaluate
from engine.intake import Kind
from engine.training.precision import Precision
from engine.training.tensor_store import TensorStore
from engine.training.trainer import fit

FORMAT = 1
"""Version of the files that `save` writes."""
ABOUT = "constella"
"""What a model's settings are called in the metadata of its file."""
_SETTINGS = ("method", "n_clusters", "random_state", "device", "precision")


def _is_soft(clusterer: Clusterer) -> bool:
    """Whether the method has degrees of membership; scikit-learn then finds a predict_proba."""
    from engine.methods import METHODS

    if METHODS.get(clusterer.method, Method).soft_labels is Method.soft_labels:
        raise AttributeError(f"{clusterer.method} gives each row one group, without a degree: use predict.")
    return True


class Clusterer(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Any method of the catalogue with scikit-learn's manners.

    `method` is an id of `engine.catalogue()`; knobs of that method are keyword arguments and appear in `get_params`.
    X is [n, features], [n, h, w], [n, c, h, w] or [n, channels, time]: NumPy, DataFrame, tensor or memory map.
    `n_clusters=None` asks the method to find the number of groups. `device` is "auto", "cpu" or "cuda".

    A whole number as `random_state` is the seed itself: the seed of a run gives the run's groups for the same prepared data.
    For None or a RandomState one is drawn. `seed_` says which it was, and is what `save` keeps as `random_state`.
    """

    def __init__(
        self,
        method: str = "dec",
        n_clusters: int | None = 8,
        *,
        random_state: int | np.random.RandomState | None = None,
        device: str = "auto",
        precision: Precision = "auto",
        **knobs: Any,
    ) -> None:
        self.method, self.n_clusters, self.random_state = method, n_clusters, random_state
        self.device, self.precision = device, precision
        self._knobs = knobs

    def __getattr__(self, name: str) -> Any:
        knobs = self.__dict__.get("_knobs", {})
        if name in knobs:
            return knobs[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Settings and knobs; scikit-learn's `clone` and searches work with both."""
        return {name: getattr(self, name) for name in _SETTINGS} | self._knobs

    def set_params(self, **params: Any) -> Self:
        """Change settings and knobs; InputError for a knob the method does not have."""
        for name, value in params.items():
            if name in _SETTINGS:
                setattr(self, name, value)
        knobs = {name: value for name, value in params.items() if name not in _SETTINGS}
        for name in knobs.keys() - self._knobs.keys():
            known = {knob.name for knob in knobs_of(card_of(self.method).knobs)}
            if name not in known:
                raise InputError(f"{self.method} has no setting {name!r}. It has {', '.join(sorted(known))}.")
        self._knobs |= knobs
        return self

    def fit(self, X: ArrayLike, y: object = None, tensor_store: TensorStore | None = None) -> Self:
        """Train on X; `y` is ignored. `shelf` keeps checkpoints and pretrained networks."""
        for _ in self.follow(X, tensor_store):
            pass
        return self

    def follow(self, X: ArrayLike | Data, tensor_store: TensorStore | None = None) -> Iterator[Snapshot]:
        """`fit` as a generator of snapshots; the estimator is fitted when it ends."""
        data = X if isinstance(X, Data) else self._data(X, reset=True)
        if isinstance(X, Data):
            self.n_features_in_ = int(np.prod(X.shape))
        card = card_of(self.method)
        if self.n_clusters is not None and not 1 <= self.n_clusters <= len(data):
            raise InputError(f"{self.n_clusters} groups cannot be made of {len(data)} rows (n_samples={len(data)}).")
        self.seed_ = _seed(self.random_state)
        kind, knobs = method_class(self.method), check_knobs(card, self._knobs)
        data = data.to(self._device())
        history: list[Snapshot] = []
        training = fit(
            lambda d: kind(d, self.n_clusters, knobs),
            data,
            seed=self.seed_,
            tensor_store=tensor_store,
            precision=self.precision,
        )
        while True:
            try:
                history.append(next(training))
            except StopIteration as end:
                self._finish(end.value, data, history)
                return
            yield history[-1]

    def _finish(self, method: Method, data: Data, history: list[Snapshot]) -> None:
        self.method_, self.history_ = method, history
        self.outcome_: Outcome = evaluate(method, data)
        self.labels_: Labels = self.outcome_.labels
        self.alternatives_ = dict(self.outcome_.alternatives)
        self.cluster_centers_, self.prototypes_ = self.outcome_.centers, self.outcome_.prototypes

    def predict(self, X: ArrayLike) -> Labels:
        """[n] int64 groups of new rows; -1 is unassigned."""
        data = self._new(X)
        return self.method_.labels(data).cpu().numpy().astype(np.int64)

    @available_if(_is_soft)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """[n, k] membership, rows sum to one; only of methods that know degrees."""
        soft = self.method_.soft_labels(self._new(X)) if self._fitted() else None
        return np.zeros((0, 0), np.float32) if soft is None else soft.cpu().numpy()

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """[n, d] embedding in which the method sees groups."""
        data = self._new(X)
        return np.array(self.method_.embed(data).flatten(1).cpu().numpy(), dtype=np.float32)

    def generate(self, group: int, n: int = 8, seed: int = 0) -> NDArray[np.float32]:
        """[n, *sample shape] new members of a group, its prototype first; InputError of methods that make up none."""
        check_is_fitted(self, "method_")
        if not 0 <= group < (self.n_clusters or int(self.labels_.max()) + 1):
            raise InputError(f"There is no group {group}.")
        if n < 1:
            raise InputError(f"{n} members cannot be made up: ask for one at least.")
        made = _array(self.method_.generate(group, n, seed))
        if made is None:
            raise InputError(f"{self.method_.card.name} does not make up members.")
        return made

    def save(self, path: str | Path) -> None:
        """Write `path` (safetensors) and `path` with the suffix .json beside it; no pickle."""
        check_is_fitted(self, "method_")
        weights = {name: value.detach().cpu().contiguous().clone() for name, value in self.method_.state_dict().items()}
        path = Path(path).with_suffix(".safetensors")
        about = json.dumps(self._about(), indent=1)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            made = Path(folder) / path.name
            save_file(weights | {"labels_": torch.from_numpy(self.labels_)}, made, {ABOUT: about})
            made.with_suffix(".json").write_text(about, "utf-8")
            # The weights carry the settings, so the model is replaced at once; the JSON beside it is for readers.
            made.replace(path)
            made.with_suffix(".json").replace(path.with_suffix(".json"))

    def _about(self) -> dict[str, Any]:
        params = {name: _python_number(value) for name, value in self.get_params().items()}
        return {
            "format": FORMAT,
            "params": params | {"random_state": self.seed_},
            "shape": list(self.method_.shape),
            "kind": self.method_.kind,
            "n_features_in": self.n_features_in_,
        }

    def _fitted(self) -> bool:
        check_is_fitted(self, "method_")
        return True

    def _new(self, X: ArrayLike) -> Data:
        self._fitted()
        if isinstance(X, Data):
            return X.to(self._device())
        data = self._data(X, reset=False)
        if data.shape != tuple(self.method_.shape):
            raise InputError(f"Samples have the shape {data.shape}, but the method learned from {self.method_.shape}.")
        return data.to(self._device())

    def _data(self, X: ArrayLike, reset: bool) -> Data:
        """X as data; scikit-learn checks it as a table of as many columns as a sample has values.

        A memory map of float32 is trained from as it is, however large.
        """
        if isinstance(X, np.memmap) and X.dtype == np.float32 and X.ndim > 1 and len(X) and X.flags.c_contiguous:
            # One row is enough for scikit-learn to count columns; the numbers are checked piece by piece.
            validate_data(self, np.zeros((1, int(np.prod(X.shape[1:])))), reset=reset)
            return _as_shaped(Data.mapped(X))
        given = X.detach().cpu().numpy() if isinstance(X, Tensor) else X
        shape = np.asarray(given).shape
        flat = np.asarray(given).reshape(shape[0], -1) if len(shape) > 2 and shape[0] else given
        checked = validate_data(self, flat, reset=reset, dtype=[np.float32, np.float64], ensure_min_samples=1)
        values = np.ascontiguousarray(checked, dtype=np.float32).reshape(shape if len(shape) > 2 else checked.shape)
        with warnings.catch_warnings():
            # A memory map is read-only, and torch warns of writing to it; training never does.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            x = torch.from_numpy(values)
        return _as_shaped(Data(x))

    def _device(self) -> torch.device:
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            device = torch.device(self.device)
        except RuntimeError as error:
            raise InputError(f"There is no device {self.device!r}: choose 'auto', 'cpu' or 'cuda'.") from error
        if device.type == "cuda" and not torch.cuda.is_available():
            raise InputError("This machine has no GPU that can be used: choose the device 'auto' or 'cpu'.")
        return device


def _seed(random_state: int | np.random.RandomState | None) -> int:
    """A whole number as it is; else one that is drawn."""
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _as_shaped(data: Data) -> Data:
    """The same samples as the kind of data that their axes tell."""
    x = data.x
    if x.dim() == 3 and not _is_series(x):
        x = x.unsqueeze(1)
    kinds: dict[int, Kind] = {3: "series", 4: "image"}
    return replace(data, x=x, kind=kinds.get(x.dim(), "table"))


def _is_series(x: Tensor) -> bool:
    """[n, a, b] is a picture of gray values unless it is clearly longer than high, as channels by time are."""
    return x.shape[2] > 2 * x.shape[1]


def load(path: str | Path, device: str = "auto") -> Clusterer:
    """A fitted Clusterer from the two files that `save` wrote. InputError where they cannot be read."""
    path = Path(path).with_suffix(".safetensors")
    try:
        weights, about = _read(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise InputError(f"{path.name} is not a model that Constella can read: {error}") from error
    if about.get("format") != FORMAT:
        raise InputError(f"{path.name} was written by another version of Constella: train the model again.")
    clusterer = Clusterer(**about["params"] | {"device": device})
    clusterer.labels_ = weights.pop("labels_").numpy()
    knobs = check_knobs(card_of(clusterer.method), clusterer._knobs)
    sketch = Data(torch.zeros(1, *about["shape"]), about["kind"])
    clusterer.method_ = method_class(clusterer.method)(sketch, clusterer.n_clusters, knobs)
    clusterer.method_.restore(weights)
    clusterer.method_.eval()
    clusterer.method_.to(clusterer._device())
    clusterer.n_features_in_, clusterer.seed_ = about["n_features_in"], about["params"]["random_state"]
    clusterer.history_, clusterer.alternatives_ = [], {}
    clusterer.cluster_centers_ = _array(clusterer.method_.group_centers())
    clusterer.prototypes_ = _array(clusterer.method_.prototypes())
    return clusterer


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """A model's tensors and what is said about them: within their file, in models of earlier versions beside it alone."""
    with safe_open(path, framework="pt") as file:
        about = (file.metadata() or {}).get(ABOUT)
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return weights, json.loads(about or path.with_suffix(".json").read_text("utf-8"))


def _python_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _array(values: Tensor | None) -> NDArray[np.float32] | None:
    return None if values is None else values.detach().float().cpu().numpy()


def method_class(method: str) -> type[Method]:
    """The class of a method's id; InputError that lists the ids."""
    from engine.methods import METHODS

    if method not in METHODS:
        raise InputError(f"There is no method {method!r}. There are {', '.join(METHODS)}.")
    return METHODS[method]


def card_of(method: str) -> Card:
    """The card of a method's id; InputError that lists the ids."""
    return method_class(method).card
