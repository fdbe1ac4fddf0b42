"""Every method of the catalogue, in display order. A new one is a file beside this and a line here."""

from collections.abc import Iterator, Mapping
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
    "n2d": "N2D",
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
    "temi": "TEMI",
    "turtle": "TURTLE",
}
"""File of each method -> its class."""


class _Methods(Mapping[str, type[Method]]):
    """Method id -> class, in display order; a method's file is imported when its class is first asked for."""

    def __getitem__(self, name: str) -> type[Method]:
        kind = NAMES[name]
        found: type[Method] = getattr(import_module(f"engine.methods.{name}"), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def __contains__(self, name: object) -> bool:
        return name in NAMES


METHODS: Mapping[str, type[Method]] = _Methods()
