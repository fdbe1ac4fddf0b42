"""Student's t, target and KL divergence against hand-computed values and slow loops."""

import math

import torch

from engine.losses import hardening, sharpen, student_t

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
M = torch.tensor([[0.0, 0.0], [4.0, 0.0]])
Q = torch.tensor([[0.944444, 0.055556], [0.833333, 0.166667], [0.166667, 0.833333], [0.1, 0.9]])
P = torch.tensor([[0.996396, 0.003604], [0.95986, 0.04014], [0.036851, 0.963149], [0.011671, 0.988329]])


def close(a, b, tolerance=2e-6):
    torch.testing.assert_close(a, torch.as_tensor(b), atol=tolerance, rtol=0)


def test_assignment_and_target_by_hand():
    close(student_t(Z, M), Q)
    close(sharpen(student_t(Z, M)), P)


def test_divergence_and_its_gradients_by_hand():
    z, m = Z.clone().requires_grad_(), M.clone().requires_grad_()
    loss = hardening(sharpen(student_t(Z, M)), student_t(z, m))
    close(loss, 0.068329)
    (4 * loss).backward()  # the hand-computed gradients are those of the sum
    close(z.grad, [[0.024448, 0], [0.202443, 0], [-0.207705, 0], [-0.039257, 0.078515]])
    close(m.grad, [[-0.00938, 0.009814], [0.029452, -0.088329]])
    close(z.grad.sum(0) + m.grad.sum(0), [0.0, 0.0])  # moving everything changes nothing


def test_assignment_by_slow_loops_for_other_degrees_of_freedom():
    z, m = torch.randn(7, 3), torch.randn(4, 3)
    for alpha in (0.5, 3.0):
        for i in range(7):
            kernel = [(1 + math.dist(z[i], m[k]) ** 2 / alpha) ** (-(alpha + 1) / 2) for k in range(4)]
            close(student_t(z, m, alpha)[i], [value / sum(kernel) for value in kernel])


def test_far_codes_keep_an_assignment():
    q = student_t(torch.full((1, 2), 1e15), M)
    close(q.sum(1), [1.0])
    assert torch.isfinite(q).all()


def test_target_takes_no_gradient_and_follows_the_groups():
    q = student_t(Z.clone().requires_grad_(), M)
    assert not sharpen(q).requires_grad
    close(sharpen(q.flip(1)), sharpen(q).flip(1))


def test_target_survives_an_empty_group():
    target = sharpen(torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    close(target, [[1.0, 0.0], [1.0, 0.0]])


def test_divergence_is_zero_for_equals_and_positive_else():
    hard = torch.eye(3)
    close(hardening(sharpen(hard), hard), 0.0)
    p, q = torch.rand(2, 50, 4).softmax(2)
    assert hardening(p, q) > 0
    close(hardening(p, p), 0.0)


def test_divergence_survives_an_assignment_of_zero():
    assert torch.isfinite(hardening(torch.tensor([[0.5, 0.5]]), torch.tensor([[1.0, 0.0]])))


def test_half_precision_codes_are_measured_in_float32():
    with torch.autocast("cpu", torch.bfloat16):
        q = student_t(Z.bfloat16(), M)
    assert q.dtype == torch.float32
    close(q, Q)
