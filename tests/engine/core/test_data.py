"""Samples in memory and in files: batches, order, statistics, and that where they lie changes nothing."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import engine.core.sampling
from engine import Clusterer
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.sampling import prefetch, shuffled_chunks, whole_batches


@pytest.fixture
def filed(digits, tmp_path):
    """`filed(x) -> memory map of x in a file`"""

    def put(x):
        np.save(tmp_path / "x.npy", x)
        return np.load(tmp_path / "x.npy", mmap_mode="r")

    return put


@pytest.fixture
def small_stretches(monkeypatch):
    """600 digits of 64 columns then are several stretches of several blocks."""
    monkeypatch.setattr(engine.core.sampling, "STRETCH_BYTES", 100 * 256)
    monkeypatch.setattr(engine.core.sampling, "BLOCK_BYTES", 10 * 256)


@pytest.mark.parametrize("n", [95, 100, 101, 207, 600])
def test_every_row_comes_once_however_the_set_is_cut(n, small_stretches):
    pieces = list(shuffled_chunks(n, 256))
    assert torch.cat(pieces).sort().values.tolist() == list(range(n))
    assert len(pieces) == -(-n // 100)


@pytest.mark.parametrize(("n", "size"), [(600, 32), (607, 100), (601, 50), (601, 601), (201, 100), (207, 150)])
def test_only_the_last_batch_has_another_length(n, size, small_stretches):
    lengths = [one for _, many in whole_batches(shuffled_chunks(n, 256), size) for one in many]
    assert sum(lengths) == n
    assert set(lengths[:-1]) <= {size}
    assert 2 <= lengths[-1] <= size + 1


def test_distant_rows_meet_in_a_stretch(small_stretches):
    first = next(iter(shuffled_chunks(600, 256)))
    assert len(set((first // 100).tolist())) > 3, "blocks come from all over the file"
    assert first.diff().abs().float().mean() > 50, "and their rows are mixed"


def test_reading_ahead_keeps_the_order_and_tells_what_went_wrong():
    assert list(prefetch(iter(range(5)))) == list(range(5))

    def broken():
        yield 1
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(prefetch(broken()))


def test_mean_and_spread_are_those_of_all_entries(digits):
    x = torch.from_numpy(digits[0]) + 1e4
    mean, spread = Data(x).mean_and_spread()
    assert float(mean) == pytest.approx(float(x.double().mean()), rel=1e-7)
    assert float(spread) == pytest.approx(float(x.double().std()), rel=1e-5)
    assert [float(one) for one in Data(torch.ones(1, 1)).mean_and_spread()] == [1.0, 1.0]


def test_fingerprint_tells_content_and_shape(digits):
    x = torch.from_numpy(digits[0][:100])
    other = x.clone()
    other[99, 63] += 1
    prints = {Data(x).fingerprint, Data(other).fingerprint, Data(x.view(100, 8, 8)).fingerprint}
    assert len(prints) == 3
    assert Data(x.clone()).fingerprint == Data(x).fingerprint


@pytest.mark.parametrize("method", ["dec", "kmeans", "sgd_kmeans", "minibatch_kmeans"])
def test_a_file_gives_the_labels_of_memory(method, digits, filed, small_stretches):
    x = digits[0][:600]
    told = {"pretrain_epochs": 3, "epochs": 2, "layers": "32-16", "batch": 40} if method == "dec" else {}
    seen = [Clusterer(method, 5, random_state=0, **told).fit_predict(given) for given in (x, filed(x))]
    assert (seen[0] == seen[1]).all()
    assert len(set(seen[0])) == 5


def test_pictures_in_a_file_are_pictures(digits, filed):
    x = digits[0][:100].reshape(-1, 8, 8)
    told = {"pretrain_epochs": 1, "network": "convolutional"}
    fitted = Clusterer("ae_kmeans", 3, random_state=0, **told).fit(filed(x))
    assert fitted.prototypes_.shape == (3, 1, 8, 8)
    assert (fitted.predict(filed(x)) == fitted.labels_).all()


def test_a_bad_row_of_a_file_is_named(digits, filed):
    x = digits[0].copy()
    x[1234, 5] = np.nan
    with pytest.raises(InputError, match="Row 1,235 holds a value that is no number"):
        Clusterer("kmeans", 3).fit(filed(x))


def test_a_file_that_cannot_be_mapped_says_how_to_save_it(digits, filed):
    with pytest.raises(InputError, match="float32"):
        Data.mapped(filed(digits[0].astype(np.float64)))


def test_new_rows_of_a_file_need_the_known_columns(digits, filed):
    fitted = Clusterer("kmeans", 3, random_state=0).fit(digits[0][:100])
    with pytest.raises(ValueError, match="32 features"):
        fitted.predict(filed(digits[0][:100, :32]))


class Copies(TorchDispatchMode):
    """Counts what is copied to another device, by its first axis."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func._schema.name == "aten::_to_copy" and kwargs and kwargs.get("device") == torch.device("meta"):
            self.rows.append(len(args[0]))
        return func(*args, **(kwargs or {}))


def test_a_batch_of_everything_is_brought_to_the_device_when_it_is_asked_for():
    data = Data(torch.randn(50, 3), target_device=torch.device("meta"))
    with Copies() as copies:
        (batch,) = data.batches(None)
        assert (len(batch), batch.index.device.type, copies.rows) == (50, "meta", [])
        assert batch.x.device.type == "meta"
        assert batch.x is batch.x
    assert copies.rows == [50]
