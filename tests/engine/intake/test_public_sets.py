"""Public sets: read from archives in their authors' formats by torchvision's loaders; downloaded once, whole or not at all."""

import bz2
import gzip
import hashlib
import http.server
import io
import pickle
import struct
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

import engine
from engine.core.errors import InputError
from engine.core.vision import import_torchvision
from engine.intake import inspect, prepare, public_sets, suggest
from engine.intake.public_sets import WORKING, find, folder_of

RANDOM = np.random.default_rng(0)
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
UNREACHABLE = "http://nowhere.invalid/"


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def idx(array: np.ndarray) -> bytes:
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.tobytes())


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


class Made:
    """A small set in the files of its authors: `files` by name, and what must come out of them."""

    def __init__(self, name: str, files: dict[str, bytes], values: np.ndarray, labels: list[object]) -> None:
        self.chosen = find(name)
        self.files, self.values, self.labels = files, values, labels

    def put(self) -> Path:
        folder = folder_of(self.chosen)
        folder.mkdir(parents=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        return folder


def pixels(*shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, shape, np.uint8)


@pytest.fixture
def datasets() -> object:
    return import_torchvision().datasets


@pytest.fixture
def mnist(datasets, monkeypatch: pytest.MonkeyPatch) -> Made:
    x, y = pixels(9, 28, 28), np.arange(9, dtype=np.uint8)
    parts = {
        "train-images-idx3": x[:6],
        "train-labels-idx1": y[:6],
        "t10k-images-idx3": x[6:],
        "t10k-labels-idx1": y[6:],
    }
    files = {f"{name}-ubyte.gz": idx(array) for name, array in parts.items()}
    monkeypatch.setattr(datasets.MNIST, "resources", [(name, md5(data)) for name, data in files.items()])
    monkeypatch.setattr(datasets.MNIST, "mirrors", [UNREACHABLE])
    return Made("mnist", files, x[..., None], [str(label) for label in y])


@pytest.fixture
def fashion(datasets, mnist, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr(datasets.FashionMNIST, "resources", datasets.MNIST.resources)
    names = datasets.FashionMNIST.classes
    return Made("fashion-mnist", mnist.files, mnist.values, names[:9])


@pytest.fixture
def usps(datasets, monkeypatch: pytest.MonkeyPatch) -> Made:
    x = RANDOM.uniform(-1, 1, (7, 256)).round(4)
    lines = [f"{label} " + " ".join(f"{j + 1}:{v}" for j, v in enumerate(row)) for label, row in enumerate(x, 1)]
    train, test = (bz2.compress("\n".join(part).encode()) for part in (lines[:5], lines[5:]))
    listed = {"train": [UNREACHABLE, "usps.bz2", md5(train)], "test": [UNREACHABLE, "usps.t.bz2", md5(test)]}
    monkeypatch.setattr(datasets.USPS, "split_list", listed)
    values = ((x.astype(np.float32) + 1) / 2 * 255).astype(np.uint8).reshape(-1, 16, 16, 1)
    return Made("usps", {"usps.bz2": train, "usps.t.bz2": test}, values, list(range(7)))


@pytest.fixture
def cifar(datasets, monkeypatch: pytest.MonkeyPatch) -> Made:
    x, y = pixels(12, 3, 32, 32), [i % 10 for i in range(12)]
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    batches = {
        name: pickle.dumps({"data": x[2 * i : 2 * i + 2].reshape(2, -1), "labels": y[2 * i : 2 * i + 2]})
        for i, name in enumerate(names)
    }
    meta = pickle.dumps({"label_names": CLASSES})
    archive = tar({f"cifar-10-batches-py/{name}": data for name, data in {**batches, "batches.meta": meta}.items()})
    sums = [[name, md5(data)] for name, data in batches.items()]
    monkeypatch.setattr(datasets.CIFAR10, "train_list", sums[:5])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", sums[5:])
    monkeypatch.setattr(datasets.CIFAR10, "meta", datasets.CIFAR10.meta | {"md5": md5(meta)})
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", md5(archive))
    monkeypatch.setattr(datasets.CIFAR10, "url", UNREACHABLE + "cifar-10-python.tar.gz")
    return Made("cifar-10", {"cifar-10-python.tar.gz": archive}, np.moveaxis(x, 1, 3), [CLASSES[i] for i in y])


@pytest.fixture
def stl(datasets, monkeypatch: pytest.MonkeyPatch) -> Made:
    x, y = pixels(5, 3, 96, 96), np.arange(1, 6, dtype=np.uint8)
    stored = np.transpose(x, (0, 1, 3, 2))  # columns first, as its authors wrote them
    parts = {
        "train_X": stored[:3],
        "train_y": y[:3],
        "unlabeled_X": pixels(1, 3, 96, 96),
        "test_X": stored[3:],
        "test_y": y[3:],
    }
    files = {f"{name}.bin": array.tobytes() for name, array in parts.items()}
    folds = " ".join("0" for _ in range(3)).encode()
    extra = {"class_names.txt": "\n".join(CLASSES).encode(), "fold_indices.txt": folds}
    archive = tar({f"stl10_binary/{name}": data for name, data in {**files, **extra}.items()})
    sums = [[name, md5(data)] for name, data in files.items()]
    monkeypatch.setattr(datasets.STL10, "train_list", sums[:3])
    monkeypatch.setattr(datasets.STL10, "test_list", sums[3:])
    monkeypatch.setattr(datasets.STL10, "tgz_md5", md5(archive))
    monkeypatch.setattr(datasets.STL10, "url", UNREACHABLE + "stl10_binary.tar.gz")
    return Made("stl-10", {"stl10_binary.tar.gz": archive}, np.moveaxis(x, 1, 3), [CLASSES[i - 1] for i in y])


@pytest.fixture
def svhn(datasets, monkeypatch: pytest.MonkeyPatch) -> Made:
    x, y = pixels(6, 32, 32, 3), np.array([10, 1, 2, 3, 4, 5], np.uint8)
    files, listed = {}, {}
    for part, rows in (("train", slice(0, 4)), ("test", slice(4, 6))):
        buffer = io.BytesIO()
        savemat(buffer, {"X": np.moveaxis(x[rows], 0, 3), "y": y[rows, None]})
        files[f"{part}_32x32.mat"] = buffer.getvalue()
        listed[part] = [UNREACHABLE, f"{part}_32x32.mat", md5(buffer.getvalue())]
    monkeypatch.setattr(datasets.SVHN, "split_list", listed)
    return Made("svhn", files, x, [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize("which", ["mnist", "fashion", "usps", "cifar", "stl", "svhn"])
def test_a_set_is_read_from_the_files_of_its_authors(which: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(which)
    made.put()
    raw = inspect(made.chosen.name)
    assert (raw.name, raw.kind) == (made.chosen.name, "image")
    assert np.array_equal(raw.array, made.values)
    assert raw.rows["label"].tolist() == made.labels
    assert {column.name: column.role for column in raw.columns} == {"picture": "id", "label": "label", "part": "ignore"}
    assert inspect(made.chosen.name).fingerprint == raw.fingerprint


def test_a_set_is_data_for_training_and_its_classes_are_the_truth(mnist: Made) -> None:
    mnist.put()
    data = engine.read("MNIST")
    assert (data.kind, data.shape, data.truth.tolist()) == ("image", (1, 28, 28), list(range(9)))


def test_names_may_be_written_as_people_do() -> None:
    assert find("Fashion_MNIST").name == "fashion-mnist"
    assert find("CIFAR10").name == "cifar-10"
    assert find("digits") is None
    assert set(engine.public_sets()).isdisjoint(engine.samples())
    assert [found.name for found in public_sets()] == list(engine.public_sets())


def test_every_set_is_a_loader_with_archives(datasets) -> None:
    from engine.intake.public_sets import _archives

    for found in public_sets():
        archives = _archives(getattr(datasets, found.loader))
        assert archives
        assert all(len(archive.md5) == 32 and archive.urls and archive.name for archive in archives)


def test_offline_a_sentence_says_what_to_put_where(mnist: Made) -> None:
    with pytest.raises(InputError) as caught:
        inspect("mnist")
    said = str(caught.value)
    assert "MNIST could not be downloaded: nowhere.invalid gave no train-images-idx3-ubyte.gz" in said
    assert all(name in said for name in mnist.files)
    assert str(folder_of(mnist.chosen)) in said
    assert not any(folder_of(mnist.chosen).iterdir())


def test_files_that_were_put_there_by_hand_are_checked(mnist: Made) -> None:
    folder = mnist.put()
    cut = folder / "t10k-labels-idx1-ubyte.gz"
    cut.write_bytes(cut.read_bytes()[:-3])
    with pytest.raises(
        InputError, match=r"t10k-labels-idx1-ubyte\.gz in that folder is cut off or another file"
    ) as caught:
        inspect("mnist")
    assert "put t10k-labels-idx1-ubyte.gz (from" in str(caught.value)


def test_a_pickle_of_others_is_never_opened(cifar: Made) -> None:
    folder = cifar.put()
    opened = folder / "opened"

    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return open, (str(opened), "w")

    forged = tar({f"cifar-10-batches-py/data_batch_{i}": pickle.dumps(Harmful()) for i in range(1, 6)})
    (folder / "cifar-10-python.tar.gz").write_bytes(forged)
    with pytest.raises(InputError, match="another file"):
        inspect("cifar-10")
    assert not opened.exists()


class Server:
    """Gives files by name; of those in `broken` only the first half."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.broken, self.asked = files, set[str](), list[str]()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                outer.asked.append(name)
                data = outer.files.get(name)
                if data is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if name in outer.broken else data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def served(mnist: Made, datasets, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(mnist.files)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [server.url + "gone/nothing-", server.url])
    yield server
    server.close()


def test_a_set_is_downloaded_once_with_a_bar(served: Server, mnist: Made) -> None:
    shares: list[float] = []
    raw = inspect("mnist", report=shares.append)
    assert np.array_equal(raw.array, mnist.values)
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] <= 1
    asked = len(served.asked)
    assert asked == 8  # of the first mirror, which has none, and of the second
    assert inspect("mnist").fingerprint == raw.fingerprint
    assert len(served.asked) == asked
    assert sorted(path.name for path in folder_of(mnist.chosen).iterdir()) == sorted(mnist.files)


def test_a_download_that_breaks_leaves_nothing_half_stored(served: Server, mnist: Made) -> None:
    served.broken.add("t10k-images-idx3-ubyte.gz")
    with pytest.raises(InputError, match=r"t10k-images-idx3-ubyte\.gz is cut off or another file"):
        inspect("mnist")
    left = [path.name for path in folder_of(mnist.chosen).iterdir()]
    assert sorted(left) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    served.broken.clear()
    inspect("mnist")
    assert served.asked.count("train-images-idx3-ubyte.gz") == 1  # what had arrived is not asked for again


def test_a_download_can_be_stopped(served: Server, mnist: Made) -> None:
    def stop(share: float) -> None:
        raise InputError("Stopped.")

    with pytest.raises(InputError, match="Stopped"):
        inspect("mnist", report=stop)
    assert not any(folder_of(mnist.chosen).iterdir())


def test_what_a_killed_process_left_is_removed(mnist: Made) -> None:
    import os

    folder = mnist.put()
    left, busy = (folder / f"{WORKING}{name}" for name in ("left", "busy"))
    left.mkdir()
    busy.mkdir()
    os.utime(left, (0, 0))
    inspect("mnist")
    assert (left.exists(), busy.exists()) == (False, True)


def test_a_folder_that_cannot_be_written_is_a_sentence(mnist: Made) -> None:
    folder = folder_of(mnist.chosen)
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    with pytest.raises(InputError, match="MNIST cannot be kept in"):
        inspect("mnist")


def test_the_pictures_are_those_of_other_copies(shared, datasets, monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST's pictures and classes come out as they are in an independent copy, written here in the authors' format."""
    with np.load(shared("mnist.npz")) as arrays:
        x, y, n = arrays["x"], arrays["y"], int(arrays["n_train"])
    few = np.r_[0:200, n : n + 100]
    parts = {"train": few[few < n], "t10k": few[few >= n]}
    files = {f"{part}-images-idx3-ubyte.gz": idx(x[rows]) for part, rows in parts.items()}
    files |= {f"{part}-labels-idx1-ubyte.gz": idx(y[rows].astype(np.uint8)) for part, rows in parts.items()}
    monkeypatch.setattr(datasets.MNIST, "resources", [(name, md5(data)) for name, data in files.items()])
    Made("mnist", files, x, []).put()
    raw = inspect("mnist")
    assert np.array_equal(raw.array[..., 0], x[few])
    assert prepare(raw, suggest(raw)).truth.tolist() == y[few].tolist()
