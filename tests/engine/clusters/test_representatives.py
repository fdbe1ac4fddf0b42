"""Members that stand for groups."""

import torch

from engine.clusters.representatives import representatives


def test_the_member_nearest_to_the_mean_of_the_sure_ones():
    z = torch.tensor([[0.0], [1.0], [10.0], [3.0], [20.0], [22.0]])
    p = torch.tensor([[0.9, 0.1], [0.95, 0.05], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]])
    # The two surest are at 1 and 0, so either at equal distance: the first; of three, the mean is 4 / 3.
    assert representatives(z, p, 3).tolist() == [1, 4]
    # Of all four members, the mean is 3.5: the third row at 3 is nearest.
    assert representatives(z, p).tolist() == [3, 4]


def test_a_representative_is_a_member_and_an_empty_group_has_one_too():
    torch.manual_seed(0)
    z, p = torch.randn(50, 3), torch.randn(50, 4).softmax(1)
    p[:, 2] = 0.001 * torch.rand(50)
    rows, labels = representatives(z, p), p.argmax(1)
    assert [int(labels[row]) for row in rows[[0, 1, 3]]] == [0, 1, 3]
    assert rows[2] == p[:, 2].argmax()
