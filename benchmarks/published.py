"""What others found: ACC of a method on a set, by whom, and of which kind (a mean over runs, the best of some, one run)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Accuracy after matching groups to classes, as its source states it."""

    acc: float
    source: str
    kind: str


BRB = "Miklautz et al., ICLR 2025, arXiv:2411.02275, pretrained with augmentation"
GUO = "X. Guo, DEC-keras, results in the repository"
PUBLISHED: dict[tuple[str, str], Figure] = {
    ("kmeans", "mnist"): Figure(0.53, GUO, "mean of 10"),
    ("kmeans", "usps"): Figure(0.67, GUO, "mean of 10"),
    ("kmeans", "fashion_mnist"): Figure(0.47, GUO, "mean of 10"),
    ("ae_kmeans", "mnist"): Figure(0.879, GUO, "mean of 10"),
    ("ae_kmeans", "usps"): Figure(0.709, GUO, "mean of 10"),
    ("ae_kmeans", "fashion_mnist"): Figure(0.606, GUO, "mean of 10"),
    ("dcn", "mnist"): Figure(0.8923, BRB, "mean of 10"),
    ("dcn", "usps"): Figure(0.7829, BRB, "mean of 10"),
    ("dcn", "optdigits"): Figure(0.8664, BRB, "mean of 10"),
    ("dcn", "fashion_mnist"): Figure(0.4991, BRB, "mean of 10"),
    ("dec", "mnist"): Figure(0.9156, BRB, "mean of 10"),
    ("dec", "usps"): Figure(0.7894, BRB, "mean of 10"),
    ("dec", "optdigits"): Figure(0.8821, BRB, "mean of 10"),
    ("dec", "fashion_mnist"): Figure(0.6000, BRB, "mean of 10"),
    ("idec", "mnist"): Figure(0.9316, BRB, "mean of 10"),
    ("idec", "usps"): Figure(0.8159, BRB, "mean of 10"),
    ("idec", "optdigits"): Figure(0.8683, BRB, "mean of 10"),
    ("idec", "fashion_mnist"): Figure(0.5359, BRB, "mean of 10"),
    ("vade", "mnist"): Figure(0.9446, "Z. Jiang, VaDE, header of the authors' code", "best of some"),
    ("den", "coil20"): Figure(0.725, "Aljalbout et al., arXiv:1801.07648, README of their code", "one run"),
}
