"""What a measurement ran on."""

import os
import platform
from pathlib import Path

import torch

import engine


def describe() -> dict[str, object]:
    """The machine and the versions, as recorded beside every result."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "bf16": bool(torch.cpu._is_avx512_bf16_supported()),
        "constella": engine.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
