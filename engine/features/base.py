"""What is compared: encoders that turn pictures, series, texts and rows into numbers in which groups show.

An encoder is a file in this folder and a line in `engine.features`. It takes plain arrays, fits what it needs to them, and
turns new data into the same numbers. Heavy packages are imported when something is encoded, never when its card is read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

EncoderKind = Literal["image", "series", "text", "table"]
Floats = npt.NDArray[np.float32]
Tell = Callable[[float], None]
"""Called with the share, 0 to 1, that is done."""


def silent(share: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class EncoderCard:
    """What an encoder says about itself.

    Parameters
    ----------
    id : str
        Lower-case name of the encoder's file.
    name : str
        Its title on the page, in an analyst's words.
    idea : str
        One sentence: what two members have in common that it puts close to each other.
    kinds : frozenset of {"image", "series", "text", "table"}
        Kinds of data that it takes.
    source : str
        Paper or package, with the year.
    license : str
        Of the weights, or of nothing but our own code, "".
    size : int
        Bytes of its weights; 0 without a network.
    trained_on : str
        What its weights have seen, "" without any: said to the user, since such features know more than the data.
    seconds : float
        Seconds for 1,000 members on two CPU cores, as measured in `benchmarks/results/features.json`.
    most_rows : int or None
        How many members it takes at most.
    requires : tuple of str
        Modules that it imports beyond those that are always there.
    """

    id: str
    name: str
    idea: str
    kinds: frozenset[str]
    source: str
    license: str = ""
    size: int = 0
    trained_on: str = ""
    seconds: float = 0.0
    most_rows: int | None = None
    requires: tuple[str, ...] = ()


class Encoder(ABC):
    """A fitted encoder.

    What it takes, by kind: pictures uint8 [n, height, width, channels]; series float [n, channels, time], NaN where there is no
    value; texts an array of n str; rows a pandas.DataFrame of n rows, float64 columns for numbers (NaN for blanks) and object
    columns of str for words (None for blanks). What it makes: float32 [n, d] with a mean of 0 and a mean variance of 1 over the
    columns of what it was fitted to, so that methods need no other rates than for prepared tables; d is at most 256.
    """

    card: ClassVar[EncoderCard]

    @classmethod
    @abstractmethod
    def fit(cls, values: Any, tell: Tell = silent) -> tuple[Encoder, Floats]:
        """The encoder fitted to `values`, and their features float32 [n, d]; the same values always give the same.

        Parameters
        ----------
        values
            Of the card's kind, see the class; n is at least 2.
        tell
            Called with the share that is done.

        Raises
        ------
        InputError
            Where the values cannot be encoded, in a sentence that says what to choose instead.
        """

    @abstractmethod
    def transform(self, values: Any, tell: Tell = silent) -> Floats:
        """Features of other values of the same kind, float32 [m, d]; of the values it was fitted to, those that `fit` gave.

        Raises
        ------
        InputError
            Where the values differ in channels or columns from those it was fitted to.
        """

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """d names of the features, as a user may read them."""

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that was fitted, as arrays by name."""

    def settings(self) -> dict[str, Any]:
        """What was fitted and is no array, as plain JSON values."""
        return {}

    @classmethod
    @abstractmethod
    def read(cls, arrays: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Encoder:
        """The encoder back from `arrays` and `settings`."""
