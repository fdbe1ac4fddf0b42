"""The distribution that the codes of an autoencoder should have as a whole: any, or the standard normal one, by a bound or by a
critic.

References
----------
D. P. Kingma, M. Welling, ICLR 2014, "Auto-Encoding Variational Bayes".
A. Makhzani, J. Shlens, N. Jaitly, I. Goodfellow, B. Frey, ICLR Workshop 2016, "Adversarial Autoencoders".
M. Arjovsky, S. Chintala, L. Bottou, ICML 2017, "Wasserstein Generative Adversarial Networks".
"""

import torch
from torch import Tensor, nn

from engine.core.method import Terms
from engine.losses import GaussianMixture, gaussian_divergence, gradient_penalty, wasserstein
from engine.nets import Coder, VariationalAutoencoder, reparameterize

PENALTY, FOOLING = 10.0, 0.1
"""Weights of the critic's gradient penalty, and of codes that fool the critic against reconstructing one column."""
CRITIC = 256
"""Width of the critic's two hidden layers."""


class Prior(nn.Module):
    """No prior: codes may lie anywhere.

    Examples
    --------
    >>> from engine.nets import Autoencoder
    >>> net = Prior().wrap(Autoencoder((3,), 2, (4,)))
    >>> z, to_decode, terms = Prior().encode(net, torch.zeros(5, 3))
    >>> z.shape, z is to_decode, terms
    (torch.Size([5, 2]), True, {})
    """

    regularizes = False
    """Whether the network, always a dense one, learns more than to reconstruct."""
    has_critic = False
    """Whether a critic learns beside the network."""

    def wrap(self, net: Coder) -> nn.Module:
        """The network as this prior needs it.

        Parameters
        ----------
        net : Coder

        Returns
        -------
        Module
            With `encode` and `decode`, as a `Coder`.
        """
        return net

    def encode(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Terms]:
        """Codes of samples, and what the prior adds to the loss.

        Parameters
        ----------
        net : Module
            As `wrap` made it.
        x : Tensor of shape (m, *sample shape)
            Standardized samples.

        Returns
        -------
        z : Tensor of shape (m, latent)
            The codes to cluster.
        to_decode : Tensor of shape (m, latent)
            The codes to reconstruct from.
        terms : dict of str to Tensor
            Terms of the loss, each a scalar.
        """
        z: Tensor = net.encode(x)  # type: ignore[operator]
        return z, z, {}

    def critic_loss(self, z: Tensor) -> Terms:
        """The loss of the critic on codes [b, latent]; no terms where there is no critic."""
        return {}


class VariationalPrior(Prior):
    """A code is a Gaussian, and each is close to the standard normal one.

    Examples
    --------
    >>> from engine.nets import Autoencoder
    >>> prior = VariationalPrior()
    >>> net = prior.wrap(Autoencoder((3,), 2, (4,)))
    >>> mean, sampled, terms = prior.encode(net, torch.zeros(5, 3))
    >>> mean.shape, sampled.shape, list(terms)
    (torch.Size([5, 2]), torch.Size([5, 2]), ['cloud'])
    """

    regularizes = True

    def wrap(self, net: Coder) -> nn.Module:
        """The network with a second head for the log-variance of each code."""
        return VariationalAutoencoder(net)

    def encode(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Terms]:
        """Means [m, latent] of the codes of samples [m, *sample shape], codes drawn around them, and the divergence."""
        mean, log_variance = net.posterior(x)  # type: ignore[operator]
        one = mean.new_zeros(1, mean.shape[1])
        standard = GaussianMixture(mean.new_zeros(1), one, one)
        return (
            mean,
            reparameterize(mean, log_variance),
            {"cloud": gaussian_divergence(mean, log_variance, mean.new_zeros(len(mean), 1), standard)},
        )


class AdversarialPrior(Prior):
    """A critic cannot tell codes from standard normal samples.

    Parameters
    ----------
    latent : int
        Dimension of the code.
    columns : int
        Numbers in a sample; the reconstruction error grows with them, and the weight of fooling the critic likewise.

    Examples
    --------
    >>> list(AdversarialPrior(latent=2, columns=10).critic_loss(torch.zeros(5, 2)))
    ['critic', "critic's smoothness"]
    """

    regularizes = has_critic = True

    def __init__(self, latent: int, columns: int) -> None:
        super().__init__()
        self.weight = FOOLING * columns
        self.critic = nn.Sequential(
            nn.Linear(latent, CRITIC),
            nn.LeakyReLU(0.2),
            nn.Linear(CRITIC, CRITIC),
            nn.LeakyReLU(0.2),
            nn.Linear(CRITIC, 1),
        )

    def encode(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Terms]:
        """Codes [m, latent] of samples [m, *sample shape], twice, and how far the critic is from being fooled."""
        z, to_decode, _ = super().encode(net, x)
        return z, to_decode, {"passing for draws": -self.weight * self.critic(z).float().mean()}

    def critic_loss(self, z: Tensor) -> Terms:
        """How well the critic tells codes [b, latent] from normal samples, and its gradient penalty."""
        z = z.detach().float()
        random = torch.randn_like(z)
        with torch.autocast(z.device.type, enabled=False):
            return {
                "critic": wasserstein(self.critic(random), self.critic(z)),
                "critic's smoothness": PENALTY * gradient_penalty(self.critic, random, z),
            }
