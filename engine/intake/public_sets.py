"""Public data sets by name, through torchvision's own loaders.

The archives that torchvision names are downloaded once and stay in a folder of this installation, where they can also be put by
hand. Each is used only where its MD5 is the one that torchvision knows; so the pickles in CIFAR-10's are those of its authors.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.core.home import home
from engine.intake.raw import Content, Kind
from engine.intake.wording import italic, joined

Report = Callable[[float], None]
DOWNLOADED = 0.9
"""Share of the bar that is the download."""
PIECE = 2**20
PATIENCE = 30.0
"""Seconds in which a server must say something."""
ABANDONED = 86_400.0
"""Seconds after which a working folder belongs to a process that was killed."""
WORKING = "reading-"


@dataclass(frozen=True)
class PublicSet:
    """A data set that is downloaded when it is first asked for.

    Attributes
    ----------
    name, title, sentence
        What it is asked for by, what people call it, and what it holds.
    loader
        Its class in torchvision.datasets.
    n, groups
        How many pictures it has, and of how many classes.
    download
        Bytes of its archives.
    license, source
        What its authors allow, and who they are.
    """

    name: str
    title: str
    sentence: str
    loader: str
    n: int
    groups: int
    download: int
    license: str
    source: str
    kind: ClassVar[Kind] = "image"


_SETS = (
    PublicSet(
        "mnist",
        "MNIST",
        "Handwritten digits, gray, 28 x 28 pixels.",
        "MNIST",
        70_000,
        10,
        11_594_722,
        "CC BY-SA 3.0",
        "LeCun, Cortes and Burges, 1998",
    ),
    PublicSet(
        "fashion-mnist",
        "Fashion-MNIST",
        "Pieces of clothing, gray, 28 x 28 pixels.",
        "FashionMNIST",
        70_000,
        10,
        30_878_645,
        "MIT",
        "Xiao, Rasul and Vollgraf, 2017",
    ),
    PublicSet(
        "kmnist",
        "Kuzushiji-MNIST",
        "Characters of Japanese cursive script, gray, 28 x 28 pixels.",
        "KMNIST",
        70_000,
        10,
        21_240_888,
        "CC BY-SA 4.0",
        "Clanuwat and others, 2018",
    ),
    PublicSet(
        "usps",
        "USPS",
        "Digits from envelopes, gray, 16 x 16 pixels.",
        "USPS",
        9_298,
        10,
        8_411_109,
        "none stated",
        "Hull, 1994",
    ),
    PublicSet(
        "cifar-10",
        "CIFAR-10",
        "Photographs of animals and vehicles, color, 32 x 32 pixels.",
        "CIFAR10",
        60_000,
        10,
        170_498_071,
        "none stated",
        "Krizhevsky, 2009",
    ),
    PublicSet(
        "stl-10",
        "STL-10",
        "Photographs of animals and vehicles, color, 96 x 96 pixels; those with a known class.",
        "STL10",
        13_000,
        10,
        2_640_397_119,
        "none stated",
        "Coates, Lee and Ng, 2011",
    ),
    PublicSet(
        "svhn",
        "SVHN",
        "House numbers in street views, color, 32 x 32 pixels.",
        "SVHN",
        99_289,
        10,
        246_316_178,
        "non-commercial use only",
        "Netzer and others, 2011",
    ),
)


@dataclass(frozen=True)
class _Archive:
    """A file that a loader needs: where it looks for it below its root, where it can be had, and its MD5."""

    place: str
    urls: tuple[str, ...]
    md5: str

    @property
    def name(self) -> str:
        return self.place.rpartition("/")[2]


def public_sets() -> tuple[PublicSet, ...]:
    """The public data sets that can be read by name.

    Examples
    --------
    >>> [found.name for found in public_sets()]
    ['mnist', 'fashion-mnist', 'kmnist', 'usps', 'cifar-10', 'stl-10', 'svhn']
    """
    return _SETS


def find(name: str) -> PublicSet | None:
    """The set of this name, however it is capitalized and joined; None for other names.

    Examples
    --------
    >>> find("CIFAR10").title
    'CIFAR-10'
    """
    return next((found for found in _SETS if _plain(found.name) == _plain(name)), None)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def folder_of(chosen: PublicSet) -> Path:
    """Where the archives of a set are kept."""
    return home() / "public" / chosen.name


def read(chosen: PublicSet, report: Report = lambda share: None) -> tuple[Content, str, str]:
    """The pictures of a set with their true classes; its name; and the sha256 of its content.

    InputError where an archive can be neither found nor downloaded, or does not fit on the disk.
    """
    from engine.core.vision import import_torchvision

    loader = getattr(import_torchvision().datasets, chosen.loader)
    folder = folder_of(chosen)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        with tempfile.TemporaryDirectory(prefix=WORKING, dir=folder) as work:
            _provide(chosen, _archives(loader), folder, Path(work), report)
            content = _content([_part(loader, part, work) for part in ("train", "test")])
    except OSError as error:
        raise InputError(
            f"{chosen.title} cannot be kept in {italic(str(folder))} ({error.strerror or error}): make room there, or let this "
            "program write to it."
        ) from error
    return content, chosen.name, _hash(content)


def _remove_abandoned(folder: Path) -> None:
    for old in folder.glob(f"{WORKING}*"):
        if time.time() - old.stat().st_mtime > ABANDONED:
            shutil.rmtree(old, ignore_errors=True)


def _archives(loader: Any) -> list[_Archive]:
    """What a loader downloads, as its class says it."""
    if hasattr(loader, "mirrors"):
        raw = f"{loader.__name__}/raw"
        return [
            _Archive(f"{raw}/{name}", tuple(mirror + name for mirror in loader.mirrors), md5)
            for name, md5 in loader.resources
        ]
    if hasattr(loader, "tgz_md5"):
        return [_Archive(loader.filename, (loader.url,), loader.tgz_md5)]
    return [_Archive(name, (url,), md5) for url, name, md5 in (loader.split_list[part] for part in ("train", "test"))]


def _provide(chosen: PublicSet, archives: Sequence[_Archive], folder: Path, work: Path, report: Report) -> None:
    """Lay every archive where the loader looks for it below `work`; what is not in `folder` is downloaded into it first."""
    done = 0
    for archive in archives:
        stored, wanted = folder / archive.name, work / archive.place
        if _md5(stored) != archive.md5:
            refusals = _download(archive, stored, work / "download", _share_of(chosen.download, done, report))
            if refusals:
                raise InputError(_unreachable(chosen, archives, folder, refusals))
        done += stored.stat().st_size
        wanted.parent.mkdir(parents=True, exist_ok=True)
        _link(stored, wanted)
    report(DOWNLOADED)


def _share_of(whole: int, before: int, report: Report) -> Callable[[int], None]:
    return lambda received: report(DOWNLOADED * min(1.0, (before + received) / whole))


def _link(stored: Path, wanted: Path) -> None:
    try:
        os.link(stored, wanted)
    except OSError:  # a file system without links
        shutil.copyfile(stored, wanted)


def _md5(path: Path) -> str:
    """The MD5 of a file, by which torchvision knows it; "" where there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _download(archive: _Archive, stored: Path, part: Path, report: Callable[[int], None]) -> list[str]:
    """Store an archive once all of it has arrived; why no server gave it, empty where one did."""
    refusals = [f"{stored.name} in that folder is cut off or another file"] if stored.exists() else []
    for url in archive.urls:
        try:
            _copy(url, part, report)
        except _NotReceived as error:
            refusals.append(f"{urlsplit(url).netloc} gave no {archive.name} ({error})")
            continue
        if _md5(part) == archive.md5:
            os.replace(part, stored)
            return []
        refusals.append(f"what {urlsplit(url).netloc} gave for {archive.name} is cut off or another file")
    return refusals


def _copy(url: str, part: Path, report: Callable[[int], None]) -> None:
    with part.open("wb") as file:
        for piece in _pieces(url):
            file.write(piece)
            report(file.tell())


class _NotReceived(Exception):
    """A server could not be reached, or stopped in the middle."""


def _pieces(url: str) -> Iterator[bytes]:
    try:
        with urlopen(Request(url, headers={"User-Agent": "Constella"}), timeout=PATIENCE) as response:
            while piece := response.read1(PIECE):
                yield piece
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise _NotReceived(getattr(reason, "strerror", None) or reason) from error


def _unreachable(chosen: PublicSet, archives: Sequence[_Archive], folder: Path, refusals: Sequence[str]) -> str:
    missing = [archive for archive in archives if _md5(folder / archive.name) != archive.md5]
    return (
        f"{chosen.title} could not be downloaded: {joined(refusals)}. Connect this machine to the internet and try again; or put "
        f"{joined([archive.name for archive in missing])} (from {missing[0].urls[0].rpartition('/')[0]}) into the folder "
        f"{italic(str(folder))}."
    )


@dataclass(frozen=True)
class _Part:
    """The training or the test pictures: uint8 [n, h, w, bands], and their classes [n]."""

    name: str
    values: np.ndarray
    classes: pd.Series[Any]


def _part(loader: Any, name: str, root: str) -> _Part:
    """What the loader reads; the archives are in place, so that it only unpacks."""
    chosen = {"split": name} if "split" in signature(loader).parameters else {"train": name == "train"}
    found = loader(root, download=True, **chosen)
    values = np.asarray(found.data)
    values = values[..., None] if values.ndim == 3 else values
    values = np.moveaxis(values, 1, 3) if values.shape[1] == 3 else values
    classes = np.asarray(found.labels if hasattr(found, "labels") else found.targets, np.int64)
    return _Part(name, values, _named(classes, getattr(found, "classes", [])))


def _named(classes: np.ndarray, names: Sequence[str]) -> pd.Series[Any]:
    """Classes [n] by their names; MNIST's are “0 - zero” and so on."""
    short = [name.partition(" - ")[0] for name in names]
    return pd.Series(np.asarray(short)[classes] if short else classes)


def _content(parts: Sequence[_Part]) -> Content:
    values = np.concatenate([part.values for part in parts])
    rows = pd.DataFrame({"picture": np.arange(1, len(values) + 1)})
    rows["label"] = pd.concat([part.classes for part in parts], ignore_index=True)
    rows["part"] = np.repeat([part.name for part in parts], [len(part.values) for part in parts])
    return Content(rows, "image", values, roles={"picture": "id", "label": "label", "part": "ignore"})


def _hash(content: Content) -> str:
    assert content.values is not None
    digest = hashlib.sha256(np.ascontiguousarray(content.values).data)
    digest.update(" ".join(content.rows["label"].astype(str)).encode())
    return digest.hexdigest()
