"""Short names for groups, proposed from what sets them apart."""

from collections import Counter
from collections.abc import Sequence

from engine.results.record.record import Difference

_LONGEST = 42


def names(groups: Sequence[Sequence[Difference]]) -> list[str]:
    """One plain-text name per group, all distinct; "Group 3" where nothing sets the third group apart."""
    parts = [2] * len(groups)
    chosen = [_name(group, 2) for group in groups]
    for _ in range(2):
        # Two groups of one name: say more about both.
        twice = {name for name, count in Counter(chosen).items() if count > 1 and name}
        parts = [count + (name in twice) for count, name in zip(parts, chosen, strict=True)]
        chosen = [_name(group, count) for group, count in zip(groups, parts, strict=True)]
    count = Counter(chosen)
    titles = [f"Group {i + 1}" for i in range(len(groups))]
    return [
        title if not name else name if count[name] == 1 else f"{name} ({i + 1})"
        for i, (name, title) in enumerate(zip(chosen, titles, strict=True))
    ]


def _name(differences: Sequence[Difference], most: int) -> str:
    if not differences:
        return ""
    # What a group lacks makes a poor name, unless there is nothing else.
    differences = [d for d in differences if d.kind != "share" or d.effect > 0] or differences
    for count in range(min(most, len(differences)), 0, -1):
        name = _joined(differences[: count + (differences[0].kind == "word")])
        if len(name) <= _LONGEST:
            return name
    return name[: _LONGEST - 1].rstrip(" ,") + "…"


def _joined(differences: Sequence[Difference]) -> str:
    joined = ", ".join(_pieces(differences))
    return joined[:1].upper() + joined[1:]


def _pieces(differences: Sequence[Difference]) -> list[str]:
    """ "high Milk and Grocery", "low Fresh", "island Biscoe": columns of one direction share the word."""
    grouped: dict[str, list[str]] = {}
    for d in differences:
        column = " ".join(d.column.replace("_", " ").split())
        if d.kind == "share":
            grouped.setdefault(f"{'' if d.effect > 0 else 'not '}{column} {d.value}", [])
        elif d.kind == "word":
            grouped.setdefault(d.value, [])
        elif column.endswith("brightness"):
            # "bright top left" says what "high top left brightness" means.
            place = column.removesuffix("brightness").strip()
            grouped.setdefault("bright" if d.effect > 0 else "dark", []).append(place or "overall")
        else:
            more, less = ("late", "early") if d.kind == "date" else ("high", "low")
            grouped.setdefault(more if d.effect > 0 else less, []).append(column)
    return [f"{word} {' and '.join(columns)}" if columns else word for word, columns in grouped.items()]
