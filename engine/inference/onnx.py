"""A trained method as ONNX: prepared samples in, code, memberships and groups out, for any number of samples at once."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from engine.core.errors import InputError
from engine.core.method import Method
from engine.core.snapshot import Floats, Labels
from engine.losses import squared_distances

INPUT, OUTPUTS = "x", ("code", "memberships", "labels")
TRACED = 7
"""Samples with which a method is traced: as many as nothing else in it has, so that the number stays open."""
CHECKED = 2000
"""Samples of the training data with which a file is compared with the method itself."""


class OnnxMethod(nn.Module):
    """A method as one function of samples x [n, ...]: code [n, d], memberships [n, k], labels [n] int64.

    Memberships of methods that have none are `1 / (1 + d^2)` of the squared distance d^2 to each center, and sum to one.
    """

    def __init__(self, method: Method) -> None:
        super().__init__()
        self.method = method

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Codes, memberships and labels of samples [n, ...]; InputError for methods with neither memberships nor centers."""
        method, data = self.method, _Samples(x, self.method.kind)
        code = method.encode(x).flatten(1)
        soft = method.soft_labels(data)  # type: ignore[arg-type]
        if soft is None:
            centers = method.group_centers()
            if centers is None:
                raise InputError(f"{method.card.name} has neither memberships nor centers that could be written.")
            near = 1 / (1 + squared_distances(code, centers))
            soft = near / near.sum(1, keepdim=True)
        return code, soft, method.labels(data)  # type: ignore[arg-type]


class _Samples:
    """As much of `Data` as methods ask for when they name the groups of samples."""

    def __init__(self, x: Tensor, kind: Any) -> None:
        self.x, self.kind, self.device, self.target_device = x, kind, x.device, None
        self.shape = tuple(x.shape[1:])

    def __len__(self) -> int:
        return len(self.x)


def to_onnx(method: Method, known: Tensor, labels: Labels) -> bytes:
    """A trained method as the bytes of an ONNX file.

    Parameters
    ----------
    method : Method
    known : Tensor of shape (n, ...), float32
        Samples that it was trained on; the file must give the first of them the same groups.
    labels : ndarray of shape (n,), int64
        Their groups.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        Where the method has no such form, or where the file names another group for any of the samples.
    """
    if method.card.transductive:
        raise InputError(
            f"{method.card.name} finds the group of a new row by looking at all rows it was trained on, which no ONNX file "
            "can hold. Place new rows on this page, or with the model folder."
        )
    content = _exported(method, known[:TRACED])
    if not _any_number(content):
        raise InputError(
            f"{method.card.name} with this network can be written for one fixed number of rows only, which is of no use. "
            "Take the model as safetensors instead."
        )
    predicted = run(content, known[:CHECKED].cpu().numpy())["labels"]
    differ = int((predicted != labels[:CHECKED]).sum())
    if differ:
        raise InputError(
            f"The ONNX file was not kept: it names another group for {differ:,} of {len(predicted):,} rows that were tried. "
            "Take the model as safetensors, which gives the same groups."
        )
    return content


def _any_number(content: bytes) -> bool:
    """Whether a file takes any number of samples at once."""
    import onnx

    size = onnx.load_from_string(content).graph.input[0].type.tensor_type.shape.dim[0]
    return bool(size.dim_param)


def run(content: bytes, x: npt.NDArray[np.float32]) -> dict[str, Floats]:
    """The outputs of an ONNX file for samples [n, ...] float32, by name."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return dict(zip(OUTPUTS, session.run(list(OUTPUTS), {INPUT: x}), strict=True))


@contextlib.contextmanager
def _in_silence() -> Iterator[None]:
    """The exporter talks on every channel; one of them may be where the file goes."""
    quiet, before = io.StringIO(), logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)


def _exported(method: Method, x: Tensor) -> bytes:
    """By torch's exporter; whatever it cannot trace becomes a sentence."""
    device = next((value.device for value in method.state_dict().values()), x.device)
    wrapped, out = OnnxMethod(method.to("cpu").eval()), io.BytesIO()
    method.map_batches = lambda data, function, *, exact=False: function(data.x)  # type: ignore[method-assign]
    try:
        with _in_silence(), torch.no_grad():
            program: Any = torch.onnx.export(
                wrapped,
                (x.cpu(),),
                dynamo=True,
                input_names=[INPUT],
                output_names=list(OUTPUTS),
                dynamic_shapes=({0: torch.export.Dim("n", min=1)},),
                verbose=False,
            )
            program.save(out)
    except InputError:
        raise
    except Exception as fault:
        logging.getLogger("constella.workers").info("no ONNX of %s: %s", method.card.id, fault)
        raise InputError(
            f"{method.card.name} cannot be written as ONNX: what it does with a new row is no fixed calculation. "
            "Take the model as safetensors instead."
        ) from fault
    finally:
        del method.map_batches
        method.to(device)
    return out.getvalue()
