"""The one way to torchvision; it is imported by nothing that does not need it, and imports nothing of this project."""

import importlib
import sys
from typing import Any

import torch

_OPERATORS: list[Any] = []
"""Keeps the declarations below alive."""


def import_torchvision() -> Any:
    """The module torchvision, beside any build of torch.

    The index serves torchvision built for CUDA. Its compiled operators cannot be loaded beside a torch without CUDA, and the
    rest of it then fails for want of their schemas; so these are declared, and only then.

    Returns
    -------
    module
        torchvision; beside a torch without CUDA without `torchvision.ops.nms`.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _OPERATORS.append(library)
        return importlib.import_module("torchvision")
