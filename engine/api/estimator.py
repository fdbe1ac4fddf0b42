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

from engine.api.deciding import decide, new_data, stored_recipe
from engine.api.encoding import encoder_values, features_for
from engine.core.card import Card, check_knobs, knobs_of
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.method import Method
from engine.core.snapshot import Labels, Outcome, Snapshot
from engine.features import VALUES, encoder
from engine.features.base import Encoder
from engine.inference.outcome import evaluate
from engine.intake import Kind
from engine.portfolio.card import AUTO, CARD
from engine.training.precision import Precision
from engine.training.tensor_store import TensorStore
from engine.training.trainer import fit

FORMAT = 1
"""Version of the files that `save` writes."""
ABOUT = "constella"
"""What a model's settings are called in the metadata of its file."""
_SETTINGS = ("method", "n_clusters", "features", "random_state", "device", "precision")
_ENCODER = "encoder."
"""Beginning of the names of an encoder's arrays among a model's tensors."""


def _is_soft(clusterer: Clusterer) -> bool:
    """Whether the method has degrees of membership; scikit-learn then finds a predict_proba."""
    from engine.methods import METHODS

    name = clusterer.chosen_["method"] if hasattr(clusterer, "chosen_") else clusterer.method
    if METHODS.get(name, Method).soft_labels is Method.soft_labels:
        raise AttributeError(f"{clusterer.method} gives each row one group, without a degree: use predict.")
    return True


class Clusterer(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Any method of the catalogue as a scikit-learn estimator.

    Samples `X` are [n, features], [n, height, width], [n, channels, height, width] or [n, channels, time]: a NumPy array, a
    DataFrame, a tensor, or a memory map of float32, which is trained from as it lies in its file.

    Parameters
    ----------
    method : str, default="dec"
        Id of a method, see `engine.catalogue`; "auto" tries several on several features within a `budget` of seconds, and takes
        the groups that most of them come to.
    n_clusters : int or None, default=8
        Number of groups; None asks the method to find it.
    features : str, default="values"
        What is compared: "values", the samples as they are, or the id of an encoder, see `engine.encoders`. An encoder takes
        pictures, series, n texts or a DataFrame as they are; what the method learns from are its features. "auto" is what suits
        such samples by rules that were measured. Method "auto" tries all features that samples can be had in unless an encoder
        is named.
    random_state : int, RandomState or None, default=None
        A whole number is the seed itself: the seed of a run gives the run's groups for the same prepared data. Otherwise a
        seed is drawn.
    device : str, default="auto"
        "cpu", "cuda", or "auto": a GPU where there is one.
    precision : {"auto", "float32", "bf16"}, default="auto"
        Of matrix products while training; "auto" is bf16 where the machine has it in hardware.
    **knobs
        Settings of the method, see `Card.knobs`; they are parameters for `get_params`, `set_params` and `clone`.

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int64
        Groups of the rows; -1 is unassigned.
    cluster_centers_ : ndarray of shape (k, d), float32, or None
        Centers in the embedding, of methods that have them.
    prototypes_ : ndarray of shape (k, *sample shape), float32, or None
        Centers as samples, of methods that can decode them.
    alternatives_ : dict of str to ndarray of shape (n,), int64
        Other groupings of the same rows.
    history_ : list of Snapshot
        The course of the training.
    outcome_ : Outcome
        All that the method says about the rows it was fitted to.
    chosen_, candidates_ : dict, list of dict
        With method "auto": what was chosen, and all that was tried.
    features_ : str
        What is compared: "values", or the id of an encoder.
    encoder_ : Encoder
        What makes the features, where they are not the values.
    n_features_in_ : int
        Values of a sample.
    seed_ : int
        The seed in use; `save` stores it as `random_state`.

    Examples
    --------
    >>> import numpy as np
    >>> from engine import Clusterer
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [9.0, 9.0], [9.0, 8.0]])
    >>> model = Clusterer("kmeans", n_clusters=2, random_state=0).fit(x)
    >>> (model.labels_ == model.labels_[0]).tolist()
    [True, True, False, False]
    >>> bool(model.predict([[8.0, 8.0]])[0] == model.labels_[2])
    True
    """

    def __init__(
        self,
        method: str = "dec",
        n_clusters: int | None = 8,
        *,
        features: str = VALUES,
        random_state: int | np.random.RandomState | None = None,
        device: str = "auto",
        precision: Precision = "auto",
        **knobs: Any,
    ) -> None:
        self.method, self.n_clusters, self.features, self.random_state = method, n_clusters, features, random_state
        self.device, self.precision = device, precision
        self._knobs = knobs

    def __getattr__(self, name: str) -> Any:
        knobs = self.__dict__.get("_knobs", {})
        if name in knobs:
            return knobs[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Settings and knobs; scikit-learn's `clone` and searches work with both.

        Parameters
        ----------
        deep : bool, default=True
            Without effect: no setting is an estimator.

        Returns
        -------
        dict of str to object

        Examples
        --------
        >>> Clusterer("kmeans", n_clusters=3, restarts=5).get_params()["restarts"]
        5
        """
        return {name: getattr(self, name) for name in _SETTINGS} | self._knobs

    def set_params(self, **params: Any) -> Self:
        """Change settings and knobs.

        Raises
        ------
        InputError
            For a knob that the method does not have.

        Examples
        --------
        >>> Clusterer("kmeans").set_params(n_clusters=3, restarts=5).n_clusters
        3
        """
        for name, value in params.items():
            if name in _SETTINGS:
                setattr(self, name, value)
        knobs = {name: value for name, value in params.items() if name not in _SETTINGS}
        for name in knobs.keys() - self._knobs.keys():
            card = CARD if self.method == AUTO else card_of(self.method)
            known = {knob.name for knob in knobs_of(card.knobs)}
            if name not in known:
                raise InputError(f"{self.method} has no setting {name!r}. It has {', '.join(sorted(known))}.")
        self._knobs |= knobs
        return self

    def fit(self, X: ArrayLike, y: object = None, tensor_store: TensorStore | None = None) -> Self:
        """Train on samples.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples, see the class.
        y : object
            Ignored.
        tensor_store : TensorStore, optional
            Holds checkpoints, from which a training goes on, and pretrained networks, which trainings share.

        Raises
        ------
        InputError
            For samples, a number of groups or settings that the method cannot work with, in a sentence for the user.

        Examples
        --------
        >>> Clusterer("kmeans", n_clusters=2, random_state=0).fit([[0.0], [1.0], [9.0]]).labels_.shape
        (3,)
        """
        if self.method == AUTO:
            self._decide(X)
            return self
        for _ in self.follow(X, tensor_store):
            pass
        return self

    def _decide(self, X: ArrayLike) -> None:
        """Fit what a search takes."""
        self.seed_ = _seed(self.random_state)
        # The default of `features` asks for nothing: it would leave little to decide.
        features = AUTO if self.features == VALUES else self.features
        found = decide(X, self.n_clusters, self._knobs, self.seed_, self._device(), features)
        self.features_ = found.chosen["features"]
        self.chosen_, self.candidates_, self.recipe_ = found.chosen, found.candidates, found.recipe
        self.n_features_in_ = int(np.prod(np.shape(X)[1:]))
        assert found.trial.method is not None
        self._finish(found.trial.method, found.data, [])

    def follow(self, X: ArrayLike | Data, tensor_store: TensorStore | None = None) -> Iterator[Snapshot]:
        """`fit` as a generator: the estimator is fitted when it ends.

        Parameters
        ----------
        X : array-like of shape (n, ...) or Data
            Samples, see the class.
        tensor_store : TensorStore, optional
            As in `fit`.

        Yields
        ------
        Snapshot
            After each epoch, and now and then within one.

        Raises
        ------
        InputError
            As in `fit`.

        Examples
        --------
        >>> model = Clusterer("kmeans", n_clusters=2, random_state=0)
        >>> [moment.stage_title for moment in model.follow([[0.0], [1.0], [9.0]])]
        ['Final groups']
        """
        card = card_of(self.method)
        self.features_ = self.features if self.features != AUTO else features_for(X, card)
        data = self._data(X, reset=True)
        if self.features_ != VALUES and "table" not in card.data:
            raise InputError(
                f"{card.name} does not take features, only {' and '.join(sorted(card.data))} data as it is."
            )
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
        """Groups of new samples.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples of the shape that the method learned from.

        Returns
        -------
        ndarray of shape (n,), int64
            -1 is unassigned.

        Raises
        ------
        InputError
            For samples of another shape.

        Examples
        --------
        >>> model = Clusterer("kmeans", n_clusters=2, random_state=0).fit([[0.0], [1.0], [9.0]])
        >>> bool(model.predict([[8.0]])[0] == model.labels_[2])
        True
        """
        data = self._new(X)
        return self.method_.labels(data).cpu().numpy().astype(np.int64)

    @available_if(_is_soft)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Degrees of membership of new samples, of methods that know degrees; others have no such attribute.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples of the shape that the method learned from.

        Returns
        -------
        ndarray of shape (n, k), float32
            Rows sum to one.

        Examples
        --------
        >>> x = [[0.0], [0.5], [1.0], [9.0], [9.5], [10.0]]
        >>> Clusterer("gmm", n_clusters=2, random_state=0).fit(x).predict_proba(x).shape
        (6, 2)
        """
        soft = self.method_.soft_labels(self._new(X)) if self._fitted() else None
        return np.zeros((0, 0), np.float32) if soft is None else soft.cpu().numpy()

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """The embedding in which the method sees groups.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples of the shape that the method learned from.

        Returns
        -------
        ndarray of shape (n, d), float32

        Examples
        --------
        >>> x = [[0.0], [1.0], [9.0]]
        >>> Clusterer("kmeans", n_clusters=2, random_state=0).fit(x).transform(x).tolist()
        [[0.0], [1.0], [9.0]]
        """
        data = self._new(X)
        return np.array(self.method_.embed(data).flatten(1).cpu().numpy(), dtype=np.float32)

    def generate(self, group: int, n: int = 8, seed: int = 0) -> NDArray[np.float32]:
        """New members of a group, of methods that have learned how members come about.

        Parameters
        ----------
        group : int
            Label of the group.
        n : int, default=8
            How many; the first is the group's prototype.
        seed : int, default=0
            Equal seeds make equal members.

        Returns
        -------
        ndarray of shape (n, *sample shape), float32

        Raises
        ------
        InputError
            Where there is no such group, or the method generates none.

        Examples
        --------
        >>> from engine import InputError
        >>> model = Clusterer("kmeans", n_clusters=2, random_state=0).fit([[0.0], [1.0], [9.0]])
        >>> try:
        ...     model.generate(0)
        ... except InputError as error:
        ...     print(error)
        k-means does not make up members.
        """
        check_is_fitted(self, "method_")
        if not 0 <= group < (self.n_clusters or int(self.labels_.max()) + 1):
            raise InputError(f"There is no group {group}.")
        if n < 1:
            raise InputError(f"{n} members cannot be made up: ask for one at least.")
        generated = _array(self.method_.generate(group, n, seed))
        if generated is None:
            raise InputError(f"{self.method_.card.name} does not make up members.")
        return generated

    def save(self, path: str | Path) -> None:
        """Write the fitted model: weights as safetensors, settings as JSON, no pickle.

        Both files are complete before they get their names; a model that stood there is replaced at once.

        Parameters
        ----------
        path : str or Path
            With any suffix or none; the files have .safetensors and .json.

        Examples
        --------
        >>> import tempfile, engine
        >>> model = Clusterer("kmeans", n_clusters=2, random_state=0).fit([[0.0], [1.0], [9.0]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model")
        ...     again = engine.load(f"{folder}/model")
        >>> (again.predict([[0.0], [9.0]]) == model.predict([[0.0], [9.0]])).tolist()
        [True, True]
        """
        check_is_fitted(self, "method_")
        weights = {name: value.detach().cpu().contiguous().clone() for name, value in self.method_.state_dict().items()}
        path = Path(path).with_suffix(".safetensors")
        about = json.dumps(self._about(), indent=1)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            written = Path(folder) / path.name
            kept = weights | {"labels_": torch.from_numpy(self.labels_)} | self._encoder_arrays()
            save_file(kept, written, {ABOUT: about})
            written.with_suffix(".json").write_text(about, "utf-8")
            # The weights carry the settings, so the model is replaced at once; the JSON beside it is for readers.
            written.replace(path)
            written.with_suffix(".json").replace(path.with_suffix(".json"))

    def _encoder_arrays(self) -> dict[str, Tensor]:
        """What the encoder was fitted to, by names of its own among a model's tensors."""
        if not hasattr(self, "encoder_"):
            return {}
        arrays = self.encoder_.arrays().items()
        return {f"{_ENCODER}{name}": torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays}

    def _about(self) -> dict[str, Any]:
        params = {name: _python_number(value) for name, value in self.get_params().items()}
        return {
            "format": FORMAT,
            "params": params | {"random_state": self.seed_},
            "shape": list(self.method_.shape),
            "kind": self.method_.kind,
            "n_features_in": self.n_features_in_,
            "features": self.features_,
            "encoder": self.encoder_.settings() if hasattr(self, "encoder_") else None,
            "chosen": getattr(self, "chosen_", None),
            "recipe": self.recipe_.to_json() if self.method == AUTO else None,
        }

    def _fitted(self) -> bool:
        check_is_fitted(self, "method_")
        return True

    def _new(self, X: ArrayLike) -> Data:
        self._fitted()
        data = self._data(X, reset=False)
        if data.shape != tuple(self.method_.shape):
            raise InputError(f"Samples have the shape {data.shape}, but the method learned from {self.method_.shape}.")
        return data.to(self._device())

    def _data(self, X: ArrayLike | Data, reset: bool) -> Data:
        """X as data: its features, or the samples as they are; `reset` where it is fitted to them."""
        if isinstance(X, Data):
            return self._prepared(X, reset)
        if self.method == AUTO:
            return new_data(self.recipe_, X)
        return self._samples(X, reset) if self.features_ == VALUES else self._encoded(X, reset)

    def _prepared(self, data: Data, reset: bool) -> Data:
        """Data that were read by `engine.read`, as they are: their features were chosen there."""
        if self.features not in (VALUES, AUTO) and reset:
            raise InputError(
                f"These data are prepared already: leave features out here and say engine.read(..., features={self.features!r})."
            )
        if reset:
            self.n_features_in_ = int(np.prod(data.shape))
        return data

    def _encoded(self, X: ArrayLike, reset: bool) -> Data:
        """The features of X."""
        values = encoder_values(X, self.features_)
        if not reset:
            return Data(torch.from_numpy(self.encoder_.transform(values)))
        fitted, x = encoder(self.features_).fit(values)
        self.encoder_: Encoder = fitted
        self.n_features_in_ = int(np.prod(np.shape(values)[1:]))
        return Data(torch.from_numpy(x))

    def _samples(self, X: ArrayLike, reset: bool) -> Data:
        """X as it is; scikit-learn checks it as a table of as many columns as a sample has values.

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
    """A fitted model from the files that `Clusterer.save` wrote.

    Parameters
    ----------
    path : str or Path
        As it was given to `save`.
    device : str, default="auto"
        Where the model is to work, whatever it was trained on: "cpu", "cuda" or "auto".

    Returns
    -------
    Clusterer
        Fitted; `history_` and `alternatives_` of the training are not stored.

    Raises
    ------
    InputError
        Where the files cannot be read, are of another version, or the device does not exist.

    Examples
    --------
    >>> import engine
    >>> try:
    ...     engine.load("no-such-model")
    ... except engine.InputError as error:
    ...     print(str(error)[:61])
    no-such-model.safetensors is not a model that Constella can r
    """
    path = Path(path).with_suffix(".safetensors")
    try:
        weights, about = _read(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise InputError(f"{path.name} is not a model that Constella can read: {error}") from error
    if about.get("format") != FORMAT:
        raise InputError(f"{path.name} was written by another version of Constella: train the model again.")
    clusterer = Clusterer(**about["params"] | {"device": device})
    clusterer.labels_ = weights.pop("labels_").numpy()
    clusterer.features_ = about.get("features", clusterer.features)
    if clusterer.features_ != VALUES and clusterer.method != AUTO:
        arrays = {name: weights.pop(name).numpy() for name in list(weights) if name.startswith(_ENCODER)}
        arrays = {name.removeprefix(_ENCODER): array for name, array in arrays.items()}
        clusterer.encoder_ = encoder(clusterer.features_).read(arrays, about["encoder"])
    method, k, values = clusterer.method, clusterer.n_clusters, clusterer._knobs
    if method == AUTO:
        clusterer.chosen_, clusterer.recipe_ = about["chosen"], stored_recipe(about["recipe"])
        method, k, values = (clusterer.chosen_[name] for name in ("method", "k", "knobs"))
    sketch = Data(torch.zeros(1, *about["shape"]), about["kind"])
    clusterer.method_ = method_class(method)(sketch, k, check_knobs(card_of(method), values))
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
