"""Draw the rooms of the code base from its imports, and write the tables of docs/architecture.md.

python scripts/architecture.py [--check]
"""

import ast
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/images/architecture.svg"
PAGE = ROOT / "docs/architecture.md"
FOUNDATION = "engine.core.errors"
"""Imported from everywhere and importing nothing: an arrow to it says nothing, so it is left out of the picture."""
BOX, GAP, ROW, MARGIN = (164, 58), 22, 104, 24


def module(path: Path) -> str:
    """Dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for top in ("engine", "pages") for path in sorted((ROOT / top).rglob("*.py"))}


def room(name: str) -> str:
    """The room of a module as the picture draws it: a folder of `engine`, the pages, or their parts."""
    if name.startswith("pages"):
        return "pages/parts" if name.startswith("pages.parts") else "pages"
    parts = MODULES[name].parent.relative_to(ROOT).parts
    return "/".join(parts[:2]) if len(parts) > 1 else "engine"


def imported(path: Path) -> Iterator[str]:
    """The project's own modules that a file imports, wherever in the file, except for type checkers alone."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            while name and name not in MODULES:
                name = name.rpartition(".")[0]
            if name:
                yield name


def arrows() -> set[tuple[str, str]]:
    """Pairs of rooms of which the first imports the second."""
    found = set()
    for name, path in MODULES.items():
        for target in imported(path):
            pair = room(name), room(target)
            if target != FOUNDATION and pair[0] != pair[1] and "engine" not in pair:
                found.add(pair)
    return found


def floors(edges: set[tuple[str, str]]) -> dict[str, int]:
    """The floor of each room: one above the highest room that it imports. ValueError for rooms in a circle."""
    needs: dict[str, set[str]] = {name: set() for name in sorted({room(name) for name in MODULES} - {"engine"})}
    for above, below in edges:
        needs[above].add(below)
    found: dict[str, int] = {}
    while len(found) < len(needs):
        ready = [name for name in needs if name not in found and needs[name] <= found.keys()]
        if not ready:
            raise ValueError(f"Rooms import each other in a circle: {sorted(needs.keys() - found.keys())}")
        found |= {name: 1 + max((found[below] for below in needs[name]), default=0) for name in ready}
    return found


def direct(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The pairs that no longer way explains: what a room imports through others is not drawn again."""
    below: dict[str, set[str]] = {}
    for above, under in edges:
        below.setdefault(above, set()).add(under)

    def reached(name: str) -> set[str]:
        return set().union(*({one} | reached(one) for one in below.get(name, set())))

    return {(a, b) for a, b in edges if not any(b in reached(one) for one in below[a] - {b})}


def drawing(edges: set[tuple[str, str]], floor: dict[str, int]) -> str:
    """The picture as SVG: imports point downwards, rooms on one floor do not import each other."""
    rows = {level: [name for name in floor if floor[name] == level] for level in sorted(set(floor.values()))}
    width = 2 * MARGIN + max(len(row) for row in rows.values()) * (BOX[0] + GAP) - GAP
    top = max(rows)
    place = {
        name: ((width - len(row) * (BOX[0] + GAP) + GAP) / 2 + i * (BOX[0] + GAP), MARGIN + (top - level) * ROW)
        for level, row in rows.items()
        for i, name in enumerate(row)
    }
    height = 2 * MARGIN + (top - 1) * ROW + BOX[1]
    lines = [_arrow(place[above], place[below]) for above, below in sorted(direct(edges))]
    boxes = [_box(name, *place[name]) for name in floor]
    style = (
        "<style>rect{fill:#F4F6FC;stroke:#3D5AFE}text{fill:#1B2130;font:600 14px sans-serif;text-anchor:middle}"
        ".small{font:12px sans-serif;fill:#5A6478}path{fill:none;stroke:#8C9EFF;stroke-width:1.5}</style>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="Rooms of the code base and who imports whom"><rect width="100%" height="100%" '
        f'style="fill:#FBFBFD;stroke:none"/>{style}{"".join(lines)}{"".join(boxes)}</svg>\n'
    )


def _arrow(above: tuple[float, float], below: tuple[float, float]) -> str:
    x, y, u, v = above[0] + BOX[0] / 2, above[1] + BOX[1], below[0] + BOX[0] / 2, below[1]
    bend = (v - y) / 2
    return f'<path d="M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} {u:.0f} {v - bend:.0f} {u:.0f} {v:.0f}"/>'


def _box(name: str, x: float, y: float) -> str:
    top, _, last = name.rpartition("/")
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX[0]}" height="{BOX[1]}" rx="10"/>'
        f'<text x="{x + BOX[0] / 2:.0f}" y="{y + 26:.0f}">{escape(last)}</text>'
        f'<text class="small" x="{x + BOX[0] / 2:.0f}" y="{y + 45:.0f}">{escape(top)}</text>'
    )


def table(edges: set[tuple[str, str]], floor: dict[str, int]) -> str:
    """One line a room, from the top floor down: what it is for, and the rooms it imports."""
    lines = ["| room | what it is for | imports |", "|---|---|---|"]
    for name in sorted(floor, key=lambda name: (-floor[name], name)):
        below = ", ".join(f"`{b.removeprefix('engine/')}`" for a, b in sorted(edges) if a == name)
        lines.append(f"| `{name}` | {_purpose(ROOT / name)} | {below or 'nothing'} |")
    return "\n".join(lines)


def rooms_within(parent: str) -> str:
    """One line for each room inside a folder."""
    lines = ["| room | what it is for |", "|---|---|"]
    inside = [path.parent for path in sorted((ROOT / parent).glob("*/__init__.py"))]
    return "\n".join([*lines, *(f"| `{path.relative_to(ROOT)}` | {_purpose(path)} |" for path in inside)])


def _purpose(folder: Path) -> str:
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return " ".join(text.split("\n\n")[0].split())


def updated_page(text: str, edges: set[tuple[str, str]], floor: dict[str, int]) -> str:
    """The page with its tables made anew."""
    made = {"rooms": table(edges, floor)}
    made |= {
        parent: rooms_within(parent) for parent in ("engine/intake", "engine/results", "engine/runs", "pages/parts")
    }
    for name, part in made.items():
        pattern = rf"(<!-- {name}: .*?-->\n).*?(<!-- end of {name} -->)"
        text = re.sub(pattern, lambda found, part=part: f"{found[1]}{part}\n{found[2]}", text, flags=re.S)
    return text


def main() -> None:
    """Write picture and page, or with --check say whether they are current."""
    edges = arrows()
    floor = floors(edges)
    wanted = {PICTURE: drawing(edges, floor), PAGE: updated_page(PAGE.read_text(), edges, floor)}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        sys.exit(f"Run python scripts/architecture.py: {', '.join(path.name for path in stale)}" if stale else 0)
    for path in stale:
        path.write_text(wanted[path])


if __name__ == "__main__":
    main()
