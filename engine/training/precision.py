"""Where bf16 pays: matrix products in half the bits, everything that measures distances in float32."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import torch

Precision = Literal["auto", "float32", "bf16"]


def autocast(device: torch.device, precision: Precision) -> Callable[[], AbstractContextManager[Any]]:
    """bf16 matrix products where the machine has them in hardware (or where asked for), else float32."""
    fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else _cpu_has_bf16()
    on = precision == "bf16" or (precision == "auto" and fast)
    return (lambda: torch.autocast(device.type, torch.bfloat16)) if on else nullcontext


def _cpu_has_bf16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
