"""Linear classifiers fitted in a few steps, against PyTorch's own Adam."""

import torch

from engine.clusters.linear import fit_linear, linear_logits


def test_steps_are_those_of_adam():
    torch.manual_seed(0)
    x, targets = torch.randn(30, 5), torch.randn(2, 30, 3).softmax(2)
    torch.manual_seed(1)
    weight, bias = fit_linear(x, targets, steps=7, lr=0.05)
    torch.manual_seed(1)
    start = (2 * torch.rand(6, 6) - 1) / 5**0.5
    slow_weight, slow_bias = start[:-1].clone().requires_grad_(), start[-1].clone().requires_grad_()
    adam = torch.optim.Adam([slow_weight, slow_bias], lr=0.05)
    for _ in range(7):
        adam.zero_grad()
        logits = (x @ slow_weight + slow_bias).view(30, 2, 3)
        loss = sum(torch.nn.functional.cross_entropy(logits[:, head], targets[head]) for head in range(2))
        loss.backward()
        adam.step()
    torch.testing.assert_close(weight, slow_weight.detach(), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(bias, slow_bias.detach(), atol=1e-5, rtol=1e-4)


def test_each_labeling_is_learned_by_its_own_classifier():
    torch.manual_seed(0)
    x = torch.randn(200, 4)
    labels = torch.stack([(x[:, 0] > 0).long(), (x[:, 1] > 0).long()])
    weight, bias = fit_linear(x, torch.nn.functional.one_hot(labels, 2).float(), steps=50, lr=0.1)
    logits = linear_logits(x, weight, bias, 2)
    assert logits.shape == (2, 200, 2)
    assert ((logits.argmax(2) == labels).float().mean(1) > 0.95).all()
