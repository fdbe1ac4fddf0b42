"""torchvision beside the torch that is installed: one way to it, and nothing else imports it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = """
from engine.core.vision import import_torchvision
vision = import_torchvision()
assert import_torchvision() is vision
import torch
from torchvision.transforms import v2
assert vision.datasets.MNIST and v2.Resize(4)(torch.zeros(3, 8, 8)).shape == (3, 4, 4)
"""


def test_torchvision_is_imported_beside_any_torch() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, timeout=240)


def test_there_is_one_way_to_torchvision() -> None:
    found = []
    for path in [*ROOT.glob("engine/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("benchmarks/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [path for name in names if name.partition(".")[0] == "torchvision"]
    assert not found
