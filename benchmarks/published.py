"""What others found, by whom, of which kind (a mean over runs, the best of some, one run), and under which settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """Accuracy after matching groups to classes, as its source states it."""

    acc: float
    source: str
    kind: str
    settings: str
    """Of `AUTHORS`: what comes closest to how the figure was found."""


@dataclass(frozen=True)
class Settings:
    """How the authors of a figure trained, in our knobs."""

    says: str
    knobs: Mapping[str, Any]
    """Those that a method does not have do not concern it."""
    by_columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Of a method: weights that grow with the columns of the data, where their reconstruction error is a mean over columns."""
    on: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of a set: what differs there; a pass over many samples corrects more often."""
    by_method: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of a method: what differs for it."""

    def of(self, method: str, data: str, columns: int, known: set[str]) -> dict[str, Any]:
        """The knobs of one method on a set of so many columns."""
        grown = {name: share * columns for name, share in self.by_columns.get(method, {}).items()}
        told = {**self.knobs, **self.on.get(data, {}), **self.by_method.get(method, {}), **grown}
        return {name: value for name, value in told.items() if name in known}


UNIFORM = Settings(
    "network 1024-512-256, each picture beside an altered one, Adam at 1e-3; 50 passes of pretraining and 75 of clustering of "
    "their 250 and 400, in batches of a 72nd of the data where that is less than their 512",
    {
        "network": "dense",
        "layers": "1024-512-256",
        "pretrain_epochs": 50,
        "epochs": 75,
        "batch": 512,
        "cluster_lr": 1e-3,
        "warmup": 0,
        "gamma": 0.1,
        "augment": "beside",
        "tolerance": 0.0,
    },
    {"dcn": {"weight": 2 * 0.025}},
)
MANY = {"pretrain_epochs": 30, "epochs": 15}
AUGMENTED = Settings(
    "altered pictures alone, a convolutional network, Adam at 1e-3, at most 256 pictures a batch; 75 passes of pretraining, of "
    "their 500, and 50 of clustering, of 70,000 pictures 30 and 15, which are more corrections (VaDE: a dense network, 75 and "
    "20, clustering pictures as they are)",
    {
        "network": "convolutional",
        "pretrain_epochs": 75,
        "epochs": 50,
        "augment": "always",
        "cluster_lr": 1e-3,
        "warmup": 0,
        "tolerance": 0.0,
    },
    on={"mnist": MANY, "fashion_mnist": MANY},
    by_method={"vade": {"network": "dense", "pretrain_epochs": 75, "epochs": 20}},
)
AUTHORS = {"uniform study": UNIFORM, "DEC-DA": AUGMENTED}
BRB = "Miklautz et al., ICLR 2025, arXiv:2411.02275, pretrained with augmentation"
GUO = "X. Guo, DEC-keras, results in the repository"
DA = "Guo et al., ACML 2018, best variant, README of their code"


def uniform(acc: float) -> Figure:
    """A figure of the study that trained DEC, IDEC and DCN alike."""
    return Figure(acc, BRB, "mean of 10", "uniform study")


def keras(acc: float) -> Figure:
    """A figure of the Keras implementation of DEC."""
    return Figure(acc, GUO, "mean of 10", "")


def altered(acc: float) -> Figure:
    """A figure of DEC with altered pictures."""
    return Figure(acc, DA, "mean of 5", "DEC-DA")


PUBLISHED: dict[tuple[str, str], tuple[Figure, ...]] = {
    ("kmeans", "mnist"): (keras(0.53),),
    ("kmeans", "usps"): (keras(0.67),),
    ("kmeans", "fashion_mnist"): (keras(0.47),),
    ("ae_kmeans", "mnist"): (keras(0.879),),
    ("ae_kmeans", "usps"): (keras(0.709),),
    ("ae_kmeans", "fashion_mnist"): (keras(0.606),),
    ("dcn", "mnist"): (uniform(0.8923),),
    ("dcn", "usps"): (uniform(0.7829),),
    ("dcn", "optdigits"): (uniform(0.8664),),
    ("dcn", "fashion_mnist"): (uniform(0.4991),),
    ("dec", "mnist"): (uniform(0.9156), altered(0.985), keras(0.912)),
    ("dec", "usps"): (uniform(0.7894), altered(0.987), keras(0.764)),
    ("dec", "optdigits"): (uniform(0.8821),),
    ("dec", "fashion_mnist"): (uniform(0.6000), altered(0.586), keras(0.618)),
    ("idec", "mnist"): (uniform(0.9316),),
    ("idec", "usps"): (uniform(0.8159),),
    ("idec", "optdigits"): (uniform(0.8683),),
    ("idec", "fashion_mnist"): (uniform(0.5359),),
    ("vade", "mnist"): (Figure(0.9446, "Z. Jiang, VaDE, header of the authors' code", "best of some", ""),),
    ("dynae", "mnist"): (Figure(0.9864, "Mrabah et al., log in their repository", "one run", ""),),
    ("dynae", "fashion_mnist"): (Figure(0.565, "Mrabah et al., log in their repository", "one run", ""),),
    ("aljalbout", "mnist"): (Figure(0.859, "Aljalbout et al., README of their code", "one run", ""),),
    ("aljalbout", "coil20"): (Figure(0.762, "Aljalbout et al., README of their code", "one run", ""),),
    ("den", "coil20"): (Figure(0.725, "Aljalbout et al., README of their code", "one run", ""),),
    ("clustergan", "mnist"): (Figure(0.910, "Mukherjee et al., AAAI 2019, README of their code", "mean of 10", ""),),
    ("clustergan", "fashion_mnist"): (Figure(0.612, "Mukherjee et al., AAAI 2019, README of their code", "mean", ""),),
}

OWN_RECIPE = "The published figure is of another recipe, whose settings have a line of their own."
ALL_DIGITS = "One of three seeds finds all ten digits, at 0.967; the others are at 0.881 and 0.893."
EXPLAINED: dict[tuple[str, str, str], str] = {
    ("dcn", "optdigits", ""): OWN_RECIPE,
    ("dec", "optdigits", ""): OWN_RECIPE,
    ("idec", "optdigits", ""): OWN_RECIPE,
    ("idec", "usps", "DEC-DA"): OWN_RECIPE,
    ("idec", "optdigits", "uniform study"): ALL_DIGITS,
    ("den", "coil20", ""): "One seed against one run.",
}
"""Why a method on a set, under these settings, is apart from what was published, as far as that was measured."""


def figure(method: str, data: str, settings: str) -> Figure | None:
    """What was published for a method on a set: under settings like these, else the first there is."""
    known = PUBLISHED.get((method, data), ())
    return next((one for one in known if one.settings == settings), known[0] if known else None)
