"""Every method of the catalogue, in display order. A new one is a file beside this and a line here."""

from importlib import import_module

from engine.method import Method

NAMES = {
    "kmeans": "KMeans",
    "minibatch_kmeans": "MiniBatchKMeans",
    "sgd_kmeans": "SGDKMeans",
    "gmm": "GMM",
    "agglomerative": "Agglomerative",
    "hdbscan": "HDBSCAN",
    "ae_kmeans": "AEKMeans",
    "dcn": "DCN",
    "dkm": "DKM",
    "dec": "DEC",
    "idec": "IDEC",
    "vade": "VaDE",
    "clustergan": "ClusterGAN",
    "deepect": "DeepECT",
    "enrc": "ENRC",
    "simclr": "SimCLR",
}
"""File of each method -> its class."""

METHODS: dict[str, type[Method]] = {
    name: getattr(import_module(f"engine.methods.{name}"), kind) for name, kind in NAMES.items()
}
