"""EfficientNet-Lite0 is the published network."""

import io

import pytest
import torch

from engine.features.objects import weights
from engine.nets.efficientnet_lite import ConvNorm, EfficientNetLite0

PUBLISHED = {
    (224, 224): [21.8615, 16.025, 17.9408, 25.3906, 15.0371, 22.2252, 15.6941, 21.9378, 17.9075, 14.8219],
    (96, 160): [27.9709, 28.1204, 27.054, 38.1669, 23.0796, 42.1761, 16.5849, 43.0724, 29.5303, 21.5708],
}
"""Features of `waves`, each the sum of 128, by the package efficientnet-lite-pytorch 0.1.0 with the same weights."""


def waves(height, width):
    """[1, 3, height, width] of sines that no generator has to draw."""
    y, x = torch.meshgrid(torch.arange(height).double(), torch.arange(width).double(), indexing="ij")
    return torch.stack([torch.sin(x / (3 + c) + y * c / 7) for c in range(3)])[None].float()


@pytest.fixture(scope="module")
def network():
    found = EfficientNetLite0()
    found.load_published(torch.load(io.BytesIO(weights()), weights_only=True))
    return found.eval()


@pytest.mark.parametrize("size", PUBLISHED)
def test_features_are_those_of_the_published_network(network, size):
    with torch.inference_mode():
        found = network(waves(*size))
    torch.testing.assert_close(found.view(10, 128).sum(1), torch.tensor(PUBLISHED[size]), atol=2e-4, rtol=0)


@pytest.mark.slow
def test_features_are_those_of_the_package(network, tmp_path, monkeypatch):
    package = pytest.importorskip("efficientnet_lite_pytorch", reason="efficientnet-lite-pytorch is not installed")
    path = tmp_path / "weights.pth"
    path.write_bytes(weights())
    published = package.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(path)).eval()
    torch.manual_seed(0)
    x = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        torch.testing.assert_close(network(x), published.extract_features(x).mean((2, 3)), atol=1e-5, rtol=0)


def test_normalization_goes_into_the_convolutions():
    torch.manual_seed(0)
    net = EfficientNetLite0().eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as after a training
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = net(x)
        torch.testing.assert_close(net.fuse()(x), before, atol=1e-4, rtol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in net.modules())


def test_padding_is_that_of_tensorflow():
    """Of a 3 x 3 kernel with stride 2 on an even side only the far side is padded: the first window begins at the first pixel."""
    layer = ConvNorm(1, 1, 3, 2, active=False).eval()
    layer.conv.weight.data.fill_(1)
    x = torch.arange(16.0).view(1, 1, 4, 4)
    with torch.inference_mode():
        found = layer(x) * (1 + 1e-3) ** 0.5  # the variance of a fresh normalization is 1
    torch.testing.assert_close(found, torch.tensor([[[[45.0, 39.0], [66.0, 50.0]]]]))
