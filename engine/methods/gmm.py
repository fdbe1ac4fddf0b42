"""Gaussian mixture model.

A. P. Dempster, N. M. Laird, D. B. Rubin, J. R. Stat. Soc. B 39, 1977, "Maximum Likelihood from Incomplete Data via
the EM Algorithm"; number of groups: G. Schwarz, Ann. Stat. 6, 1978, "Estimating the Dimension of a Model".

Fits one Gaussian per group by expectation maximization; the BIC chooses the number of groups.

Deviations
----------
- Every start is k-means.
- A constant is added to the variances, so that no component shrinks onto a few samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from engine.clusters import require
from engine.clusters.mixture import Mixture, gaussian_mixture, log_joint, unwhiten
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.errors import InputError
from engine.core.method import Method, Stage, Terms


@dataclass(frozen=True)
class Knobs:
    """Settings of a Gaussian mixture."""

    covariance: str = knob(
        "auto",
        choices=("auto", "full", "tied", "diag", "spherical"),
        label="Shape of the groups",
        help="Full: an ellipse for each group; tied: one for all; diag: stretched along columns only; spherical: round. "
        "Auto is full up to 200 columns where groups have twice as many members as there are columns, else diag.",
    )
    restarts: int = knob(5, 1, 100, "How often to start anew; the best start is kept.", quick=2, thorough=20)
    epochs: int = knob(
        200, 1, 5000, "Rounds of fitting in each start, at most.", label="Rounds", quick=50, thorough=1000
    )
    tolerance: float = knob(
        0.001,
        0.0,
        1.0,
        "Stop a start when a round raises the mean log-likelihood by less than this; 0 never stops early.",
    )
    regularization: float = knob(
        1e-3, 1e-9, 1.0, "Variance added to every direction of a group.", label="Smoothing", log=True
    )
    fewest: int = knob(2, 1, 1000, "Smallest number of groups tried where the number is to be found.", unit="groups")
    most: int = knob(
        12,
        1,
        1000,
        "Largest number of groups tried where the number is to be found.",
        unit="groups",
        quick=8,
        thorough=20,
    )


class GMM(Method):
    identity = True
    card = Card(
        id="gmm",
        name="Gaussian mixture",
        authors="A. P. Dempster, N. M. Laird, D. B. Rubin",
        year=1977,
        paper="Maximum Likelihood from Incomplete Data via the EM Algorithm, J. R. Stat. Soc. B 39",
        idea="Takes every group for a cloud with a shape of its own, and says how likely each sample belongs to each cloud.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="likelihood of a mixture",
        combination="no network",
        update="alternating",
        knobs=Knobs,
        estimates_k=True,
        curves={
            "log-likelihood": "How likely the mixture makes a member, on average: higher is better.",
        },
        shows=(
            Shows.SOFT_LABELS,
            Shows.CENTERS,
            Shows.K_SCORES,
            Shows.GENERATED,
        ),
        caution="With hundreds of columns it needs many rows; raw pictures suit it badly.",
    )
    log_weights: Tensor
    means: Tensor
    factors: Tensor
    scores: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        for name in ("log_weights", "means", "factors", "scores"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.float64))

    def plan(self, data: Data) -> Iterator[Stage]:
        """Every number of groups in question from every start; the lowest BIC is kept (of equal k: the most likely)."""
        best, tried = float("inf"), self.candidates(data)
        for k in tried:
            for _ in range(self.knobs.restarts):
                found = self.attempt(data, k)
                if found.bic < best:
                    best = found.bic
                    self.keep(found)
                plotted = partial(self.plotted, found.bic)
                yield Stage(
                    "em",
                    "Fitting clouds",
                    (),
                    batch=None,
                    after_step=plotted,
                    total_epochs=len(tried) * self.knobs.restarts,
                )

    def candidates(self, data: Data) -> list[int]:
        """The numbers of groups to try: the one asked for, or the range of the knobs as far as there are rows.

        InputError for an empty range.
        """
        if self.k is not None:
            require(data.x.flatten(1), self.k, least=2)
            return [self.k]
        low, high = int(self.knobs.fewest), int(self.knobs.most)
        if low > high:
            raise InputError(f"The range of group numbers to try is empty: the smallest is {low}, the largest {high}.")
        require(data.x.flatten(1), low, least=2)
        return list(range(low, min(high, len(data)) + 1))

    def attempt(self, data: Data, k: int) -> Mixture:
        """One start of EM with k groups."""
        knobs, columns, covariance = self.knobs, data.x[0].numel(), self.knobs.covariance
        if covariance == "auto":
            covariance = "full" if columns <= 200 and len(data) >= 2 * k * columns else "diag"
        limits = {"regularization": knobs.regularization, "tolerance": knobs.tolerance, "rounds": knobs.epochs}
        return gaussian_mixture(data.x, k, covariance, **limits)

    def keep(self, found: Mixture) -> None:
        """The best mixture so far."""
        self.log_weights, self.means, self.factors = found.log_weights, found.means, found.factors
        self.scores = torch.tensor([found.bic, found.log_likelihood], dtype=torch.float64, device=found.means.device)

    def plotted(self, bic: float, batch: Batch) -> Terms:
        return {"BIC": torch.tensor(bic)}

    def joint(self, x: Tensor) -> Tensor:
        """[n, k] log of weight times density."""
        return log_joint(x, self.log_weights, self.means, self.factors)

    def labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: self.joint(x).argmax(1))

    def soft_labels(self, data: Data) -> Tensor:
        return self.map_batches(data, lambda x: self.joint(x).softmax(1))

    def group_centers(self) -> Tensor | None:
        return self.means.float()

    def prototypes(self) -> Tensor | None:
        return self.means.float().view(-1, *self.shape)

    def generate(self, group: int, n: int, seed: int = 0) -> Tensor:
        random = torch.Generator().manual_seed(seed)
        y = torch.randn(n, self.means.shape[1], generator=random, dtype=self.means.dtype).to(self.means.device)
        y[0] = 0
        # All groups share one factor where their shapes are tied.
        away = unwhiten(y, self.factors[group % len(self.factors)])
        return (self.means[group] + away).float().view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        if len(self.scores) == 0:
            return {}
        bic, likelihood = self.scores.tolist()
        return {"BIC": bic, "log-likelihood": likelihood, "groups": float(len(self.means))}
