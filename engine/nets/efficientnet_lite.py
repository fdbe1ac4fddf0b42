"""EfficientNet-Lite0: a small convolutional classifier of ImageNet, as a frozen encoder of pictures.

Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (ICML), in the Lite variant of 2020
for phones: no squeeze-and-excitation, ReLU6 in place of swish, stem and head of fixed width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class _Stage(NamedTuple):
    """Blocks of one resolution; the first of them has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


STEM, HEAD = 32, 1280
STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class ConvNorm(nn.Module):
    """Convolution with TensorFlow's "same" padding, which is uneven where a stride skips, batch normalization, and ReLU6."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs, eps=1e-3)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs, h, w] to [n, outputs, ceil(h / stride), ceil(w / stride)]."""
        height, width = (_padding(side, self.conv.kernel_size[0], self.conv.stride[0]) for side in x.shape[2:])
        if height[0] == height[1] and width[0] == width[1]:
            x = F.conv2d(
                x, self.conv.weight, self.conv.bias, self.conv.stride, (height[0], width[0]), 1, self.conv.groups
            )
        else:
            x = self.conv(F.pad(x, (*width, *height)))
        x = self.norm(x)
        return F.relu6(x, inplace=True) if self.active else x

    def fuse(self) -> None:
        """Put the normalization into the convolution, as it is in evaluation."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()


def _padding(side: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


class InvertedResidual(nn.Module):
    """Widen, convolve each channel alone, narrow; added to the input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = ConvNorm(inputs, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, kernel, stride, groups=wide)
        self.project = ConvNorm(wide, outputs, 1, active=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs, h, w] to [n, outputs, h', w']."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return y + x if self.residual else y


class EfficientNetLite0(nn.Module):
    """Pictures [n, 3, h, w] to what its last layer sees: [n, 1280], the mean over all places.

    Pixels are (value - 127) / 128 of bytes. The classifier itself is left out.

    Examples
    --------
    >>> import torch
    >>> EfficientNetLite0().eval()(torch.zeros(2, 3, 64, 96)).shape
    torch.Size([2, 1280])
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM, 3, 2)
        blocks, width = [], STEM
        for stage in STAGES:
            for number in range(stage.blocks):
                stride = stage.stride if number == 0 else 1
                blocks.append(InvertedResidual(width, stage.width, stage.kernel, stride, stage.expansion))
                width = stage.width
        self.blocks = nn.Sequential(*blocks)
        self.head = ConvNorm(width, HEAD, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[n, 3, h, w] to [n, 1280]."""
        seen: Tensor = self.head(self.blocks(self.stem(x)))
        return seen.mean((2, 3))

    def load_published(self, weights: Mapping[str, Tensor]) -> None:
        """Take the weights of the package `efficientnet-lite-pytorch`, by its names; its classifier is passed over."""
        ours = {_name(name): value for name, value in weights.items() if not name.startswith("_fc.")}
        self.load_state_dict(ours)

    def fuse(self) -> EfficientNetLite0:
        """For evaluation: every normalization is put into the convolution before it, which halves what moves through memory."""
        self.eval()
        for module in self.modules():
            if isinstance(module, ConvNorm):
                module.fuse()
        return self


_OUTER = {"_conv_stem": "stem.conv", "_bn0": "stem.norm", "_conv_head": "head.conv", "_bn1": "head.norm"}
_INNER = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}


def _name(published: str) -> str:
    """ "_blocks.3._bn0.weight" -> "blocks.3.expand.norm.weight"; the first block, which does not expand, has no _bn0."""
    if published.startswith("_blocks."):
        _, number, module, value = published.split(".")
        return f"blocks.{number}.{_INNER[module]}.{value}"
    module, value = published.split(".")
    return f"{_OUTER[module]}.{value}"
