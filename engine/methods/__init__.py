"""Every method of the catalogue, in display order. A new one is a file beside this and a line here."""

from importlib import import_module

from engine.core.method import Method

NAMES = {
    "kmeans": "KMeans",
    "minibatch_kmeans": "MiniBatchKMeans",
    "sgd_kmeans": "SGDKMeans",
    "kmedoids": "KMedoids",
    "gmm": "GMM",
    "agglomerative": "Agglomerative",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "spectral": "Spectral",
    "subkmeans": "SubKmeans",
    "nrkmeans": "NRKMeans",
    "skinnydip": "SkinnyDip",
    "dbhd": "DBHD",
    "xmeans": "XMeans",
    "gmeans": "GMeans",
    "dipmeans": "DipMeans",
    "ae_kmeans": "AEKMeans",
    "dcn": "DCN",
    "dkm": "DKM",
    "dec": "DEC",
    "idec": "IDEC",
    "vade": "VaDE",
    "acedec": "ACeDeC",
    "cm": "CM",
    "aecm": "AECM",
    "dynae": "DynAE",
    "depict": "DEPICT",
    "den": "DEN",
    "aljalbout": "Aljalbout",
    "composed": "Composed",
    "clustergan": "ClusterGAN",
    "deepect": "DeepECT",
    "enrc": "ENRC",
    "simclr": "SimCLR",
}
"""File of each method -> its class."""

METHODS: dict[str, type[Method]] = {
    name: getattr(import_module(f"engine.methods.{name}"), kind) for name, kind in NAMES.items()
}
