"""Models of other packages by their names, and what is said where they cannot be had."""

import builtins
import sys
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
import torch

from engine.core.errors import InputError
from engine.core.vision import import_torchvision
from engine.features import check_features, downloaded, encoder
from engine.features.downloaded import Loaded, pixels
from engine.features.pictures import BATCH

MODEL = "torchvision:mobilenet_v3_small"


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (4, 20, 30, 3), np.uint8)


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("CONSTELLA_DOWNLOADS", "1")
    monkeypatch.setitem(BATCH, "cpu", 2)
    downloaded._loaded.cache_clear()
    yield
    downloaded._loaded.cache_clear()


@pytest.fixture
def untrained(monkeypatch):
    """torchvision's models with weights that are drawn instead of downloaded."""
    models = import_torchvision().models
    real = models.get_model

    def drawn(name, weights):
        torch.manual_seed(0)
        return real(name, weights=None)

    monkeypatch.setattr(models, "get_model", drawn)


def test_a_model_of_torchvision(pictures, untrained):
    fitted, features = encoder(MODEL).fit(pictures)
    assert features.shape == (4, 3)
    assert fitted.card.id == MODEL
    np.testing.assert_allclose(features.var(axis=0).mean(), 1, rtol=1e-3)
    again = encoder(MODEL).read(fitted.arrays(), fitted.settings())
    np.testing.assert_allclose(again.transform(pictures[2:]), features[2:], atol=1e-3)


def test_the_layer_before_the_classifier_is_seen(pictures, untrained):
    whole = import_torchvision().models.get_model("mobilenet_v3_small", weights="DEFAULT").eval()
    loaded = downloaded._loaded(MODEL, "cpu")
    x = pixels(torch.from_numpy(pictures).permute(0, 3, 1, 2).float(), loaded)
    with torch.inference_mode():
        torch.testing.assert_close(whole.classifier[3](loaded.network(x)), whole(x))
    assert x.shape == (4, 3, 224, 224)


def test_pixels_are_scaled_as_the_model_was_trained():
    loaded = Loaded(torch.nn.Identity(), 8, (0.5, 0.25, 0.0), (0.5, 0.25, 1.0))
    white = pixels(torch.full((1, 1, 4, 6), 255.0), loaded)
    assert white.shape == (1, 3, 8, 8)
    torch.testing.assert_close(white[0, :, 0, 0], torch.tensor([1.0, 3.0, 1.0]))


def test_a_model_of_timm(pictures, monkeypatch):
    network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten())
    config = {"input_size": (3, 16, 16), "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
    timm = SimpleNamespace(
        is_model=lambda name: name == "tiny",
        list_models=lambda pretrained: ["tiny"],
        create_model=lambda name, pretrained, num_classes: network,
        data=SimpleNamespace(resolve_model_data_config=lambda model: config),
    )
    monkeypatch.setitem(sys.modules, "timm", timm)
    assert encoder("timm:tiny").fit(pictures)[1].shape == (4, 3)
    with pytest.raises(InputError, match="timm has no model 'tini': did you mean tiny"):
        encoder("timm:tini").fit(pictures)


def test_downloads_that_are_not_allowed(pictures, monkeypatch):
    monkeypatch.delenv("CONSTELLA_DOWNLOADS")
    with pytest.raises(InputError, match="set CONSTELLA_DOWNLOADS=1"):
        check_features(MODEL, ("image",), 4, "photos")
    with pytest.raises(InputError, match="set CONSTELLA_DOWNLOADS=1"):
        encoder(MODEL).fit(pictures)


def test_pictures_alone_are_compared_by_models():
    check_features(MODEL, ("image",), 4, "photos")
    with pytest.raises(InputError, match="compares pictures, and customers holds tables"):
        check_features(MODEL, ("table",), 4, "customers")


def test_no_connection(pictures, monkeypatch):
    def offline(name, weights):
        raise URLError("no route to host")

    monkeypatch.setattr(import_torchvision().models, "get_model", offline)
    with pytest.raises(InputError, match=r"could not be loaded by torchvision \(URLError\): is this machine connected"):
        encoder(MODEL).fit(pictures)


def test_a_package_that_is_missing(pictures, monkeypatch):
    real = builtins.__import__

    def without_timm(name, *rest):
        if name == "timm":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_timm)
    with pytest.raises(InputError, match="pip install timm"):
        encoder("timm:resnet18").fit(pictures)


@pytest.mark.parametrize("name", ["torchvision:", "keras:vgg16", ":resnet18"])
def test_names_of_another_form(name):
    with pytest.raises(InputError, match="named like 'torchvision:resnet18'"):
        encoder(name)


def test_a_name_that_torchvision_does_not_know(pictures):
    with pytest.raises(InputError, match="no model 'resnet_18': did you mean resnet18"):
        encoder("torchvision:resnet_18").fit(pictures)


def test_a_model_without_a_linear_layer(pictures, untrained):
    with pytest.raises(InputError, match="does not end in a linear layer"):
        encoder("torchvision:squeezenet1_1").fit(pictures)
