"""The bound of VaDE by hand, by slow loops, by drawing, and where the truth can be computed."""

import math

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from engine.losses import GaussianMixture, category_divergence, gaussian_divergence, log_responsibilities

MEAN, LOG_VARIANCE = torch.tensor([[0.5, -0.2]]), torch.tensor([[-1.0, -0.5]])
CLOUDS = GaussianMixture(
    torch.tensor([0.3, 0.7]).log(),
    torch.tensor([[0.0, 0.0], [1.0, -1.0]]),
    torch.tensor([[0.0, 0.0], [-0.5, 0.2]]),
)
GAMMA = torch.tensor([[0.4, 0.6]])


def some(n: int = 7, k: int = 3, d: int = 4) -> tuple[torch.Tensor, torch.Tensor, GaussianMixture]:
    """Clouds of samples and of groups, drawn at random."""
    torch.manual_seed(0)
    clouds = GaussianMixture(torch.randn(k).log_softmax(0), torch.randn(k, d), torch.randn(k, d))
    return torch.randn(n, d), torch.randn(n, d), clouds


def test_membership_by_hand():
    torch.testing.assert_close(
        log_responsibilities(MEAN, CLOUDS).exp(), torch.tensor([[0.337554, 0.662446]]), atol=1e-6, rtol=0
    )


def test_divergences_by_hand():
    parts = (
        gaussian_divergence(MEAN, LOG_VARIANCE, GAMMA.log(), CLOUDS),
        category_divergence(GAMMA.log(), CLOUDS.log_weights),
    )
    assert float(sum(parts)) == pytest.approx(0.547250, abs=1e-6)
    assert float(parts[1]) == pytest.approx(0.4 * math.log(0.4 / 0.3) + 0.6 * math.log(0.6 / 0.7), abs=1e-6)


def test_membership_is_that_of_the_mixture():
    z, _, clouds = some()
    each = Independent(Normal(clouds.means, (clouds.log_variances / 2).exp()), 1)
    joint = clouds.log_weights + each.log_prob(z.unsqueeze(1))
    torch.testing.assert_close(log_responsibilities(z, clouds), joint.log_softmax(1))


def test_divergences_by_slow_loops():
    mean, log_variance, clouds = some()
    log_gamma = torch.randn(7, 3).log_softmax(1)
    cloud = choice = 0.0
    for i in range(7):
        for c in range(3):
            share = math.exp(log_gamma[i, c])
            choice += share * (log_gamma[i, c].item() - clouds.log_weights[c].item())
            for j in range(4):
                own, group = math.exp(log_variance[i, j]), math.exp(clouds.log_variances[c, j])
                away = (mean[i, j].item() - clouds.means[c, j].item()) ** 2
                cloud += share * (math.log(group / own) + (own + away) / group - 1) / 2
    assert float(gaussian_divergence(mean, log_variance, log_gamma, clouds)) == pytest.approx(cloud / 7, rel=1e-5)
    assert float(category_divergence(log_gamma, clouds.log_weights)) == pytest.approx(choice / 7, rel=1e-5)


def test_divergence_by_drawing_many_codes():
    mean, log_variance, clouds = some(n=2)
    log_gamma = torch.randn(2, 3).log_softmax(1)
    own = Independent(Normal(mean, (log_variance / 2).exp()), 1)
    z = own.sample((200_000,))
    each = Independent(Normal(clouds.means, (clouds.log_variances / 2).exp()), 1).log_prob(z.unsqueeze(2))
    drawn = (log_gamma.exp() * (own.log_prob(z).unsqueeze(2) - each)).sum(2).mean()
    torch.testing.assert_close(gaussian_divergence(mean, log_variance, log_gamma, clouds), drawn, rtol=0.01, atol=0)


def test_gradients_by_finite_differences():
    mean, log_variance, clouds = some(n=3, k=2, d=2)

    def both(mean, log_variance, logits, means, log_variances):
        made = GaussianMixture(logits.log_softmax(0), means, log_variances)
        log_gamma = log_responsibilities(mean, made).double()
        return gaussian_divergence(mean, log_variance, log_gamma, made) + category_divergence(
            log_gamma, made.log_weights
        )

    parts = [part.clone().requires_grad_() for part in (mean, log_variance, *clouds)]
    both(*parts).backward()
    for part in parts:
        for place in range(part.numel()):
            sides = []
            for step in (1e-2, -1e-2):
                with torch.no_grad():
                    part.view(-1)[place] += step
                    sides.append(float(both(*parts)))
                    part.view(-1)[place] -= step
            assert float(part.grad.view(-1)[place]) == pytest.approx((sides[0] - sides[1]) / 2e-2, abs=2e-3, rel=1e-2)


def test_bound_is_never_above_the_likelihood_and_meets_it_for_one_group():
    """Reconstructing x from z with a spread s alone, p(x) is a mixture too, and the bound can be compared with it."""
    torch.manual_seed(1)
    spread, x = 0.5, torch.randn(5, 3)
    for k in (1, 4):
        clouds = GaussianMixture(torch.randn(k).log_softmax(0), torch.randn(k, 3), torch.randn(k, 3) / 2)
        wide = (clouds.log_variances.exp() + spread**2).sqrt()
        truth = MixtureSameFamily(
            Categorical(logits=clouds.log_weights), Independent(Normal(clouds.means, wide), 1)
        ).log_prob(x)
        # The best cloud for one group: precisions add up.
        variance = 1 / (1 / spread**2 + (-clouds.log_variances[0]).exp())
        mean = variance * (x / spread**2 + clouds.means[0] * (-clouds.log_variances[0]).exp())
        log_variance = variance.log().expand(5, 3)
        own = Normal(mean, variance.sqrt())
        total = 0.0
        for _ in range(4000):
            z = own.sample()
            log_gamma = log_responsibilities(z, clouds)
            total += float(
                -Normal(z, spread).log_prob(x).sum(1).mean()
                + gaussian_divergence(mean, log_variance, log_gamma, clouds)
                + category_divergence(log_gamma, clouds.log_weights)
            )
        gap = total / 4000 + float(truth.mean())
        assert gap == pytest.approx(0, abs=0.05) if k == 1 else gap > 0.05


def test_a_membership_of_zero_is_no_danger():
    z = torch.tensor([[1e4, -1e4]], requires_grad=True)
    log_gamma = log_responsibilities(z, CLOUDS)
    assert log_gamma.exp().min() == 0
    loss = gaussian_divergence(z, torch.zeros(1, 2), log_gamma, CLOUDS) + category_divergence(
        log_gamma, CLOUDS.log_weights
    )
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(z.grad).all()


def test_half_precision_codes_are_measured_in_float32():
    mean, log_variance, clouds = some()
    with torch.autocast("cpu", torch.bfloat16):
        log_gamma = log_responsibilities(mean.bfloat16(), clouds)
        loss = gaussian_divergence(mean.bfloat16(), log_variance.bfloat16(), log_gamma, clouds)
    assert log_gamma.dtype == loss.dtype == torch.float32
