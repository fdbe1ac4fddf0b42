"""What a method says about itself: its card on the taxonomy's five axes, and its knobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal, Self

from engine.core.errors import InputError

Preset = Literal["quick", "balanced", "thorough"]
PRESETS: tuple[Preset, ...] = ("quick", "balanced", "thorough")
COMMON = {
    "reconstruction": "How far the network's reconstruction of a member is from the member itself.",
    "hardening": "How far the groups still are from being clear-cut.",
    "k-means": "How far members are from the center of their group.",
    "distance": "How far members are from the center of their group, in the directions that tell groups apart.",
    "groups": "How many groups there are.",
    "share outside": "Members that belong to no group.",
    "BIC": "How well the groups describe the data, with a price for each further number they need (Bayesian information "
    "criterion); its scale has no meaning of its own.",
    "hesitation": "How often votes are split between groups.",
    "balance": "How uneven the groups are in size.",
    "cloud": "How far members' places in the code are from the cloud of their group.",
    "critic": "How well the critic tells real from generated; it works against the rest, so this need not fall.",
    "divergence": "How far what a layer reconstructs is from what it sees.",
    "groupings": "How far members are from their centers, over all groupings.",
    "axes of grouping": "Directions that belong to this grouping.",
}
"""What curves mean that several methods draw; see `Card.meaning`."""
COMMON_PERCENT = frozenset({"share outside"})
"""Those of them whose values are shares; see `Card.unit`."""
Unit = Literal["number", "percent"]
CHOSEN = "chosen"
"""What a card says of an axis that its user decides on."""
AXES = {
    "architecture": "network",
    "non_clustering": "non_clustering",
    "clustering": "clustering",
    "combination": "combination",
    "update": "update",
}
"""The axes of the taxonomy, and the settings that decide on them where the user does."""
KINDS = frozenset({"table", "image", "series", "text"})


class Family(StrEnum):
    """What a method is listed under: a key that is stored and compared, and the heading that the page shows."""

    heading: str

    def __new__(cls, key: str, heading: str = "") -> Self:
        """A key with its heading; by the key alone, the member that has it."""
        member = str.__new__(cls, key)
        member._value_ = key
        member.heading = heading
        return member

    CLASSICAL = "Classical", "Classical"
    AUTOENCODER_FIRST = "Autoencoder, then clusters", "Autoencoder, then clusters"
    AUTOENCODER_JOINT = "Autoencoder and clusters together", "Autoencoder and clusters together"
    CONTRASTIVE = "Contrastive", "Contrastive"
    GENERATIVE = "Generative", "Generative"
    GROUPINGS = "Several groupings", "Several groupings"
    TREES = "Trees", "Trees"


class Shows(StrEnum):
    """What there is to see of a method: a key that is stored and compared, and the sentence that describes it."""

    sentence: str

    def __new__(cls, key: str, sentence: str = "") -> Self:
        """A key with its sentence; by the key alone, the member that has it."""
        member = str.__new__(cls, key)
        member._value_ = key
        member.sentence = sentence
        return member

    CENTERS = "centers in your own units", "Centers of the groups, in your own units."
    MOVING_CENTERS = "centers on the move", "How the centers move while the method learns."
    MEDOIDS = "prototypes that are real members", "A real member as the example of each group."
    PROTOTYPES = "prototypes", "A typical member of each group."
    RECONSTRUCTIONS = "reconstructions", "Members beside their reconstructions."
    SOFT_LABELS = "soft labels", "How likely each member belongs to each group."
    GENERATED = "drawn members of each group", "Generated new members of each group."
    NOISE = "noise: members outside of all groups", "Members that belong to no group."
    MEMBERSHIP_STRENGTH = "strength of membership", "How strongly each member belongs to its group."
    TREE = "tree", "A tree of groups."
    MERGE_TREE = "tree of groups", "A tree of groups, from single members up to the whole."
    SPLIT_TREE = "split log as a tree", "The splits, as a tree."
    CUTS = "cuts at other numbers of groups", "The groups at other numbers of groups."
    ALL_CUTS = "cuts at every number of groups", "The groups at every number of groups."
    GROUPINGS = "several groupings", "Several groupings of the same data."
    BEFORE_AND_AFTER = "groups before and after the last k-means", "The groups before and after the last k-means."
    CLUSTER_AXES = "axes that tell the groups apart", "The axes that tell the groups apart."
    K_SCORES = "score for each number of groups", "A score for each number of groups."
    SPECTRAL_COORDINATES = "spectral coordinates", "Coordinates from the network of neighbors."
    EIGENGAP = "gap between eigenvalues", "The gap between eigenvalues, which suggests the number of groups."
    TARGET_SHARPENING = "target sharpening", "How the groups become more clear-cut."
    SHARPNESS = "sharpness over time", "How the soft choice of a group becomes a hard one."
    CONFLICTED = "conflicted members", "How many members could still belong to more than one group."
    ACTIVE_BLOCKS = "active blocks", "How many blocks of the code describe a member."
    CONTRASTIVE_ACCURACY = "share of twins found", "How often a member's altered copy is recognized."


@dataclass(frozen=True)
class Refusal:
    """Settings that do not go together, and why."""

    when: Mapping[str, tuple[Any, ...]]
    """Names of knobs -> values; refused where all of them have one of theirs."""
    why: str
    """A sentence that says what to choose instead."""


@dataclass(frozen=True)
class Card:
    """A method's identity, its place in the taxonomy of Aljalbout et al. (arXiv:1801.07648), what it needs and what it shows.

    Parameters
    ----------
    id : str
        Lower-case name of the method's file.
    name, authors, year, paper : str, str, int, str
        Who made it.
    idea : str
        One sentence that someone who never trained a network understands.
    family : Family
        What it is listed under.
    architecture, non_clustering, clustering, combination, update : str
        The five axes of the taxonomy.
    knobs : type
        Dataclass of its settings, see `knob`.
    data : frozenset of {"table", "image", "series", "text"}
        Kinds of data that it takes.
    needs_k, estimates_k : bool
        Whether it needs the number of groups, and whether it can find it.
    transductive : bool
        True where new rows can only borrow the group of their nearest neighbor.
    memory : {"n", "n2"}
        How its memory grows with the rows.
    most_rows : int, optional
        How many rows it takes at most.
    streams : bool
        Whether it trains on data in a file piece by piece, so that they need not fit into memory.
    shows : tuple of Shows
        What there is to see of it.
    curves : mapping of str to str
        What the terms of its losses and its reports mean, by name, beyond those in `COMMON`.
    titles : mapping of str to str
        The titles of such names on the page, where they are not the names themselves.
    percent : frozenset of str
        Such names whose values are shares, shown in percent, beyond those in `COMMON_PERCENT`.
    caution, short : str
        A warning; what people call it where the name is long.
    refusals : tuple of Refusal
        Settings that do not go together.

    Examples
    --------
    >>> import engine
    >>> dec = next(card for card in engine.catalogue() if card.id == "dec")
    >>> dec.called, dec.year, dec.needs_k
    ('DEC', 2016, True)
    >>> dec.title("reconstruction"), dec.unit("reconstruction")
    ('Reconstruction', 'number')
    """

    id: str
    name: str
    authors: str
    year: int
    paper: str
    idea: str
    family: Family
    architecture: str
    non_clustering: str
    clustering: str
    combination: str
    update: str
    knobs: type
    data: frozenset[str] = KINDS
    needs_k: bool = True
    estimates_k: bool = False
    transductive: bool = False
    memory: Literal["n", "n2"] = "n"
    most_rows: int | None = None
    streams: bool = False
    shows: tuple[Shows, ...] = ()
    curves: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    percent: frozenset[str] = frozenset()
    caution: str = ""
    short: str = ""
    refusals: tuple[Refusal, ...] = ()

    @property
    def called(self) -> str:
        """The short name where there is one, else the name."""
        return self.short or self.name

    def takes(self, kind: str) -> bool:
        """Whether the method takes data of a kind; nodes of a graph come as rows of numbers where it takes no graph itself."""
        return kind in self.data or (kind == "graph" and "table" in self.data)

    def meaning(self, curve: str) -> str:
        """What a term or a report means; of several that are numbered, what all of them do. Empty for unknown ones."""
        plain = curve.rstrip("0123456789").rstrip()
        return next((known[name] for name in (curve, plain) for known in (self.curves, COMMON) if name in known), "")

    def title(self, curve: str) -> str:
        """The title of a term or a report on the page; its name is a key, and stays."""
        return self.titles.get(curve, curve[:1].upper() + curve[1:])

    def unit(self, curve: str) -> Unit:
        """How the values of a term or a report are shown."""
        return "percent" if curve in self.percent | COMMON_PERCENT else "number"

    def axes(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Family and the five axes in words; where the card leaves one to its user, as the settings of a run have it."""
        own = {axis: str(getattr(self, axis)) for axis in AXES}
        chosen = {axis: str(settings.get(AXES[axis], CHOSEN)) for axis in AXES if own[axis] == CHOSEN}
        return {"family": self.family.heading} | own | chosen


@dataclass(frozen=True)
class Knob:
    """One setting of a method as the page, the command line and the documentation show it."""

    name: str
    label: str
    kind: Literal["int", "float", "bool", "choice", "text"]
    default: Any
    low: float | None
    high: float | None
    help: str
    unit: str
    choices: tuple[str, ...]
    log: bool
    quick: Any
    thorough: Any
    main: bool = False
    """Whether it is what the method is about, and asked for before all others."""

    def check(self, value: Any) -> Any:
        """The value in the knob's type; InputError names the knob and its range."""
        try:
            value = self._convert(value)
        except (TypeError, ValueError, KeyError):
            raise InputError(f"{self.label} cannot be {value!r}: {self._allowed()}") from None
        if self.choices and value not in self.choices:
            raise InputError(f"{self.label} cannot be {value!r}: {self._allowed()}")
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise InputError(f"{self.label} cannot be {value}: {self._allowed()}")
        return value

    def _convert(self, value: Any) -> Any:
        if self.kind == "bool":
            if isinstance(value, str):
                return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[value.lower()]
            return bool(value)
        if self.kind == "int":
            if isinstance(value, float) and not value.is_integer():
                raise ValueError
            return int(value)
        return float(value) if self.kind == "float" else str(value)

    def _allowed(self) -> str:
        if self.choices:
            return f"choose one of {', '.join(self.choices)}."
        if self.low is not None:
            return f"choose a {'whole number' if self.kind == 'int' else 'number'} from {self.low:g} to {self.high:g}."
        return "choose yes or no." if self.kind == "bool" else "write a text."


def knob(
    default: Any,
    low: float | None = None,
    high: float | None = None,
    help: str = "",
    **more: Any,
) -> Any:
    """Declare a setting: a field of a method's `Knobs` dataclass.

    Parameters
    ----------
    default : int, float, bool or str
        Decides on the type, too.
    low, high : float, optional
        Range of a number, both ends included.
    help : str
        A sentence for the page and the command line.
    **more
        `label`, `unit`, `choices`, `log` (a logarithmic slider), `quick` and `thorough` (values of the presets), and `main`
        (asked for before all others).

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Knobs:
    ...     epochs: int = knob(50, 1, 1000, "Passes over the data.", quick=10)
    >>> Knobs().epochs, preset(Knobs, "quick")["epochs"], knobs_of(Knobs)[0].check("30")
    (50, 10, 30)
    """
    return field(default=default, metadata={"low": low, "high": high, "help": help, **more})


def knobs_of(knobs: type) -> tuple[Knob, ...]:
    """Every knob of a `Knobs` dataclass, in the order in which it was declared."""
    return tuple(_knob(item.name, item.default, item.metadata) for item in fields(knobs))


def _knob(name: str, default: Any, meta: Mapping[str, Any]) -> Knob:
    choices = tuple(meta.get("choices", ()))
    kind: Any = "choice" if choices else {bool: "bool", int: "int", float: "float", str: "text"}[type(default)]
    return Knob(
        name=name,
        label=meta.get("label", name.replace("_", " ").capitalize()),
        kind=kind,
        default=default,
        low=meta.get("low"),
        high=meta.get("high"),
        help=meta.get("help", ""),
        unit=meta.get("unit", ""),
        choices=choices,
        log=meta.get("log", False),
        quick=meta.get("quick", default),
        thorough=meta.get("thorough", default),
        main=meta.get("main", False),
    )


def preset(knobs: type, name: Preset) -> dict[str, Any]:
    """Every knob's value under a preset; "balanced" is the default. InputError for a preset of another name."""
    if name not in PRESETS:
        raise InputError(f"There is no preset {name!r}: choose one of {', '.join(PRESETS)}.")
    return {k.name: {"quick": k.quick, "balanced": k.default, "thorough": k.thorough}[name] for k in knobs_of(knobs)}


def check_knobs(card: Card, values: Mapping[str, Any]) -> Any:
    """An instance of the card's knobs with these values; InputError names what is unknown, out of range or refused together."""
    known = {item.name: item for item in knobs_of(card.knobs)}
    for name in values:
        if name not in known:
            raise InputError(f"{card.name} has no setting {name!r}. It has {_listed(known)}.")
    knobs = card.knobs(**{name: known[name].check(value) for name, value in values.items()})
    for refusal in card.refusals:
        if all(getattr(knobs, name) in refused for name, refused in refusal.when.items()):
            raise InputError(refusal.why)
    return knobs


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "no settings"
