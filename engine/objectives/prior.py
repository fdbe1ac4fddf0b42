"""What the codes of an autoencoder should look like as a whole: nothing, or random draws, by a bound or by a critic."""

import torch
from torch import Tensor, nn

from engine.core.method import Terms
from engine.losses import GaussianMixture, gaussian_divergence, gradient_penalty, wasserstein
from engine.nets import Coder, VariationalAutoencoder, reparameterize

PENALTY, PASSING = 10.0, 0.1
"""Weights of the critic's smoothness, and of codes that pass for random draws against redrawing one column."""
CRITIC = 256
"""Width of the critic's two hidden layers."""


class Prior(nn.Module):
    """Codes may lie anywhere."""

    special = False
    """Whether a dense network learns more than to redraw."""
    judged = False
    """Whether another player learns beside it."""

    def net(self, plain: Coder) -> nn.Module:
        """The network as this wants it."""
        return plain

    def look(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Terms]:
        """Standardized samples [m, ...] -> the code to group [m, latent], that to redraw from, and further terms of the loss."""
        z: Tensor = net.encode(x)  # type: ignore[operator]
        return z, z, {}

    def judge(self, z: Tensor) -> Terms:
        """The loss of a player beside the network, on codes z [b, latent], where there is one."""
        return {}


class Clouded(Prior):
    """A code is a cloud, and each is like the standard normal one (Kingma & Welling 2014)."""

    special = True

    def net(self, plain: Coder) -> nn.Module:
        return VariationalAutoencoder(plain)

    def look(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Terms]:
        mean, log_variance = net.posterior(x)  # type: ignore[operator]
        one = mean.new_zeros(1, mean.shape[1])
        standard = GaussianMixture(mean.new_zeros(1), one, one)
        return (
            mean,
            reparameterize(mean, log_variance),
            {"cloud": gaussian_divergence(mean, log_variance, mean.new_zeros(len(mean), 1), standard)},
        )


class Judged(Prior):
    """A critic cannot tell codes from standard normal draws (Makhzani et al. 2016; Arjovsky et al. 2017)."""

    special = judged = True

    def __init__(self, latent: int, columns: int) -> None:
        super().__init__()
        self.weight = PASSING * columns
        self.critic = nn.Sequential(
            nn.Linear(latent, CRITIC),
            nn.LeakyReLU(0.2),
            nn.Linear(CRITIC, CRITIC),
            nn.LeakyReLU(0.2),
            nn.Linear(CRITIC, 1),
        )

    def look(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Terms]:
        z, drawn, _ = super().look(net, x)
        return z, drawn, {"passing for draws": -self.weight * self.critic(z).float().mean()}

    def judge(self, z: Tensor) -> Terms:
        z = z.detach().float()
        random = torch.randn_like(z)
        with torch.autocast(z.device.type, enabled=False):
            return {
                "critic": wasserstein(self.critic(random), self.critic(z)),
                "critic's smoothness": PENALTY * gradient_penalty(self.critic, random, z),
            }
