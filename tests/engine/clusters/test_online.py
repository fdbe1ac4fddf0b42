"""Online k-means, many samples at once, against one sample at a time."""

import pytest
import torch

from engine.clusters import online_kmeans

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
M = torch.tensor([[0.0, 0.0], [4.0, 0.0]])


def one_by_one(z, centers, counts):
    centers, counts, costs = centers.double().clone(), counts.clone(), []
    for x in z.double():
        distances = (centers - x).square().sum(1)
        k = int(distances.argmin())
        costs.append(distances[k])
        counts[k] += 1
        centers[k] += (x - centers[k]) / counts[k]
    return centers.to(z), counts, torch.stack(costs).to(z)


def test_pass_with_counts_from_a_hundred_by_hand():
    centers, counts, _ = online_kmeans(Z, M, torch.tensor([100, 100]))
    torch.testing.assert_close(centers, torch.tensor([[0.009804, 0], [3.990196, 0.009804]]), atol=1e-6, rtol=0)
    assert counts.tolist() == [102, 102]


def test_pass_from_nothing_ends_at_the_means_by_hand():
    centers, counts, cost = online_kmeans(Z, M, torch.tensor([0, 0]))
    torch.testing.assert_close(centers, torch.tensor([[0.5, 0.0], [3.5, 0.5]]))
    assert counts.tolist() == [2, 2]
    torch.testing.assert_close(cost, torch.tensor([0.0, 1.0, 1.0, 2.0]))


@pytest.mark.parametrize(("n", "k", "d"), [(60, 3, 2), (256, 40, 5), (1, 4, 3)])
@pytest.mark.parametrize("count", [0, 1, 100])
def test_equals_one_sample_at_a_time(n, k, d, count):
    torch.manual_seed(n + count)
    z, start = torch.randn(n, d), torch.randn(k, d) / 10  # close together: choices change on the way
    counts = torch.full((k,), count)
    for found, slow in zip(online_kmeans(z, start, counts), one_by_one(z, start, counts), strict=True):
        torch.testing.assert_close(found, slow, atol=1e-5, rtol=1e-5)


def test_far_from_the_origin_nothing_cancels():
    torch.manual_seed(0)
    z = torch.randn(100, 3).double()
    near, _, cost = online_kmeans(z, z[:4], torch.ones(4))
    far, _, same = online_kmeans(z + 1e5, z[:4] + 1e5, torch.ones(4))
    torch.testing.assert_close(near + 1e5, far)
    torch.testing.assert_close(cost, same, atol=1e-6, rtol=0)


def test_two_halves_are_the_whole():
    z, start, counts = torch.randn(80, 4), torch.randn(5, 4), torch.ones(5, dtype=torch.int64)
    whole = online_kmeans(z, start, counts)
    first = online_kmeans(z[:30], start, counts)
    second = online_kmeans(z[30:], first[0], first[1])
    torch.testing.assert_close(second[0], whole[0], atol=1e-5, rtol=1e-5)
    assert torch.equal(second[1], whole[1])
