"""k-means by matrix products: as good as scikit-learn's, and right where it is difficult."""

import sys

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans

from engine.clusters import kmeans, rows
from engine.clusters.lloyd import lloyd, movement_tolerance, refine
from engine.clusters.plus_plus import plus_plus
from engine.clusters.rows import Rows
from engine.training.rng import RngScope

door = sys.modules["engine.clusters.kmeans"]  # its name in the package is the function's
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.fixture(params=["cpu", "cpu as cuda", pytest.param("cuda", marks=[pytest.mark.cuda, CUDA])])
def device(request, monkeypatch) -> str:
    """Once the processor does everything as an accelerator would: many starts at once, and few looks."""
    if request.param == "cpu as cuda":
        monkeypatch.setattr(Rows, "accelerated", True)
    return request.param.split()[0]


def cost(x: torch.Tensor, centers: torch.Tensor) -> float:
    x, centers = x.cpu().double(), centers.cpu().double()
    return float(torch.cdist(x, centers, compute_mode="donot_use_mm_for_euclid_dist").square().amin(1).sum())


@pytest.fixture(scope="module", params=["digits", "optdigits", "usps", "mnist", "spambase", "bbc_news_tfidf2000"])
def theirs(request, digits, shared) -> tuple[torch.Tensor, float]:
    """Rows, and the cost of ten groups of them by scikit-learn; of wide ones fewer."""
    x = digits[0]
    if request.param != "digits":
        with np.load(shared(f"{request.param}.npz")) as file:
            x = file["x"][:2000]
            x = x[:700] if x[0].size > 500 else x
    x = x.reshape(len(x), -1).astype(np.float32)
    return torch.from_numpy(x), KMeans(10, n_init=10, random_state=0).fit(x.astype(np.float64)).inertia_


def test_cost_is_that_of_scikit_learn(theirs, device):
    z = theirs[0].to(device)
    with RngScope(0, "k-means"):
        centers, labels = lloyd(z, 10, 10)
    assert cost(z, centers) < 1.01 * theirs[1]
    assert labels.dtype == torch.int64
    assert len(labels.unique()) == 10


def test_large_data_are_sampled_and_then_passed_over_whole(device, digits, monkeypatch):
    z = torch.from_numpy(digits[0]).to(device)
    whole = cost(z, kmeans(z, 10)[0])
    monkeypatch.setattr(door, "SAMPLE", 500)
    centers, labels = kmeans(z, 10)
    assert cost(z, centers) < 1.02 * whole
    assert torch.equal(labels.cpu(), torch.cdist(z, centers).argmin(1).cpu())


def test_rows_may_be_elsewhere_than_the_groups(device, digits, monkeypatch):
    monkeypatch.setattr(door, "SAMPLE", 500)
    z = torch.from_numpy(digits[0])
    centers, labels = kmeans(z, 10, 3, torch.device(device))
    assert centers.device.type == labels.device.type == device
    assert torch.equal(labels.cpu(), torch.cdist(z, centers.cpu()).argmin(1))


def test_wide_data_are_sampled_too(monkeypatch):
    monkeypatch.setattr(door, "COPIED", 200)
    assert len(door.sample(torch.rand(50, 10), 3)) == 20
    assert len(door.sample(torch.rand(50, 10), 30)) == 30
    assert len(door.sample(torch.rand(15, 10), 3)) == 15


def test_same_stream_same_groups(device, digits):
    z = torch.from_numpy(digits[0]).to(device)
    found = []
    for seed in (1, 1, 2):
        with RngScope(seed, "here"):
            found.append(lloyd(z, 9, 1))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    assert not torch.equal(found[0][0], found[2][0])


def test_pieces_and_the_whole_give_the_same_labels(device, digits, monkeypatch):
    z = torch.from_numpy(digits[0]).to(device)
    centers = z[:12] + 0
    once = refine(z, centers, 0.0, 4)
    monkeypatch.setattr(rows, "ROOM", 700)
    monkeypatch.setattr(rows, "CACHE", 700)
    pieces = refine(z, centers, 0.0, 4)
    assert torch.equal(once[1], pieces[1])
    torch.testing.assert_close(once[0], pieces[0], atol=1e-5, rtol=0)


def test_starts_at_once_are_starts_one_by_one(device):
    torch.manual_seed(0)
    own = Rows(torch.randn(900, 5, dtype=torch.float64).to(device))
    starts = plus_plus(own.x, 7, 3, 4)
    assert torch.cdist(starts.flatten(0, 1), own.x).amin(1).max() < 1e-6
    labels, distances = own.nearest(starts)
    means, members = own.means(starts)
    for one in range(3):
        alone, far = own.nearest(starts[one : one + 1])
        assert torch.equal(labels[:, one], alone[:, 0])
        torch.testing.assert_close(distances[:, one], far[:, 0])
        torch.testing.assert_close(means[one], own.means(starts[one : one + 1])[0].squeeze(0))
        assert members[one].tolist() == alone[:, 0].bincount(minlength=7).tolist()


def test_lost_centers_find_the_farthest_rows(device):
    z = torch.tensor([[0.0], [1.0], [10.0], [10.0], [50.0]], device=device)
    nowhere = torch.tensor([[0.0], [200.0], [-100.0], [-101.0]], device=device)
    centers, labels = refine(z, nowhere, 0.0, 20)
    assert sorted(centers.flatten().tolist()) == [0.0, 1.0, 10.0, 50.0]
    assert labels[2] == labels[3]


def test_duplicates_leave_no_group_empty(device):
    torch.manual_seed(0)
    z = torch.randn(6, 3, device=device)[torch.tensor([0] * 5000 + [1] * 300 + [2, 3, 4, 5])]
    for found in (lloyd(z, 6, 2), refine(z, z[:6], 0.0, 20)):
        assert len(found[1].unique()) == 6
        assert cost(z, found[0]) < 1e-6


def test_as_many_groups_as_rows(device):
    torch.manual_seed(0)
    z = torch.randn(12, 3, device=device)
    centers, labels = lloyd(z, 12, 1)
    assert sorted(labels.tolist()) == list(range(12))
    torch.testing.assert_close(centers[labels].float(), z)


@pytest.mark.parametrize("exact", [0, 2**20])
def test_columns_far_from_zero_keep_their_differences(device, exact, monkeypatch):
    monkeypatch.setattr(door, "EXACT", exact)
    torch.manual_seed(0)
    truth = torch.arange(3).repeat(200)
    z = torch.cat([torch.full((600, 4), 1e4), torch.eye(3)[truth] + 0.1 * torch.randn(600, 3) + 1e4], 1).to(device)
    some = z.to(torch.float64 if exact else torch.float32)
    for labels in (kmeans(z, 3, 5)[1], lloyd(some, 3, 5)[1], refine(z, z[:3] + 0, movement_tolerance(some), 10)[1]):
        assert torch.stack([labels.cpu(), truth]).unique(dim=1).shape[1] == 3


def test_numbers_that_are_not_finite_are_refused(device):
    z = torch.rand(50, 2, device=device)
    z[7, 1] = float("nan")
    with pytest.raises(ValueError):
        lloyd(z, 3, 1)
    with pytest.raises(ValueError):
        kmeans(z, 3, 1)
    with pytest.raises(ValueError):
        refine(z, z[:3] + 0, 0.0, 3)
