"""Any model of torchvision or timm by its name: "torchvision:resnet18", "timm:vit_small_patch14_dinov2.lvd142m".

Weights are downloaded by these packages' own loaders into their own caches, and only where whoever runs Constella allows it
(CONSTELLA_DOWNLOADS=1). What the layer before the classifier sees is compared. The whole picture is scaled to the square that the
model was trained on, with its mean and deviation of colors; nothing is cut off.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from engine.core.errors import InputError
from engine.features.base import EncoderCard, Floats, Tell
from engine.features.pictures import NetworkEncoder, chosen_device, unit_features

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Loaded:
    """A network and what it takes.

    Parameters
    ----------
    network : Module
        From pictures [n, 3, side, side] to features [n, m].
    side : int
    mean, deviation : tuple of float
        Of each color, where colors go from 0 to 1.
    """

    network: nn.Module
    side: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


class Downloaded(NetworkEncoder):
    """A model of another package; `model_encoder` makes the class for a name."""

    card: ClassVar[EncoderCard]

    @classmethod
    def seen(cls, values: np.ndarray, tell: Tell) -> Floats:
        """What the model sees in pictures uint8 [n, h, w, bands], unit length: float32 [n, m]."""
        device = chosen_device()
        loaded = _loaded(cls.card.id, device)
        return unit_features(values, lambda pictures: loaded.network(pixels(pictures, loaded)), device, tell)


@lru_cache(maxsize=64)
def model_encoder(name: str) -> type[Downloaded]:
    """The encoder of a name such as "torchvision:resnet18"; whether there is such a model is found when it is loaded.

    Raises
    ------
    InputError
        Where the name has another form.

    Examples
    --------
    >>> model_encoder("torchvision:resnet18").card.name
    'resnet18 of torchvision'
    """
    package, _, model = name.partition(":")
    if package not in LOADERS or not model:
        raise InputError(f"There are no features {name!r}. Models are named like {' or '.join(map(repr, LIKE))}.")
    card = EncoderCard(
        id=name,
        name=f"{model} of {package}",
        idea=f"Pictures are alike in which the network {model} sees the same.",
        kinds=frozenset({"image"}),
        source=f"{package}, {model}, with the weights that it recommends",
        license="see the model's page",
        trained_on="other pictures, which the model's page names",
    )
    return type("Downloaded", (Downloaded,), {"card": card})


LIKE = ("torchvision:resnet18", "timm:vit_small_patch14_dinov2.lvd142m")


def check_downloads(name: str) -> None:
    """InputError where weights may not be downloaded here."""
    if os.environ.get("CONSTELLA_DOWNLOADS") != "1":
        raise InputError(
            f"The model {name!r} would be downloaded, which is not allowed here: set CONSTELLA_DOWNLOADS=1, or choose other "
            "features."
        )


def pixels(pictures: Tensor, loaded: Loaded) -> Tensor:
    """Pictures float32 [n, 1 or 3, h, w] of 0 to 255 as the model takes them: [n, 3, side, side]."""
    from torch.nn.functional import interpolate

    x = interpolate(pictures, [loaded.side, loaded.side], mode="bicubic", antialias=True).clamp(0, 255) / 255
    mean, deviation = (x.new_tensor(values).view(1, 3, 1, 1) for values in (loaded.mean, loaded.deviation))
    return (x - mean) / deviation


@lru_cache(maxsize=2)
def _loaded(name: str, device: str) -> Loaded:
    check_downloads(name)
    package, _, model = name.partition(":")
    loaded = LOADERS[package](model)
    loaded.network.eval().to(device)
    return loaded


def _of_torchvision(model: str) -> Loaded:
    from engine.core.vision import import_torchvision

    models = import_torchvision().models
    known = models.list_models(module=models)
    if model not in known:
        raise _unknown("torchvision", model, known)
    weights = models.get_model_weights(model).DEFAULT
    network = _fetched("torchvision", model, lambda: models.get_model(model, weights=weights))
    taken = weights.transforms()
    return Loaded(_without_classifier(network, model), taken.crop_size[0], tuple(taken.mean), tuple(taken.std))


def _of_timm(model: str) -> Loaded:
    try:
        import timm
    except ImportError as error:
        raise InputError(f"The model 'timm:{model}' needs a further package: pip install timm") from error
    if not timm.is_model(model):
        raise _unknown("timm", model, timm.list_models(pretrained=True))
    network = _fetched("timm", model, lambda: timm.create_model(model, pretrained=True, num_classes=0))
    taken = timm.data.resolve_model_data_config(network)
    return Loaded(network, taken["input_size"][-1], tuple(taken["mean"]), tuple(taken["std"]))


LOADERS: dict[str, Callable[[str], Loaded]] = {"torchvision": _of_torchvision, "timm": _of_timm}


def _fetched(package: str, model: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception as error:  # each package and its client of the network raise types of their own
        raise InputError(
            f"The weights of {model!r} could not be loaded by {package} ({type(error).__name__}): is this machine connected to "
            "the internet? Other features need no download."
        ) from error


def _unknown(package: str, model: str, known: list[str]) -> InputError:
    close = difflib.get_close_matches(model, known, 3)
    return InputError(
        f"{package} has no model {model!r}{': did you mean ' + ' or '.join(close) + '?' if close else '.'}"
    )


def _without_classifier(network: nn.Module, model: str) -> nn.Module:
    """The network up to what its last linear layer takes."""
    from torch import nn

    last = next(
        (name for name, module in reversed(list(network.named_modules())) if isinstance(module, nn.Linear)), None
    )
    if last is None:
        raise InputError(f"The model {model!r} does not end in a linear layer: choose another one.")
    parent, _, own = last.rpartition(".")
    setattr(network.get_submodule(parent), own, nn.Identity())
    return network
