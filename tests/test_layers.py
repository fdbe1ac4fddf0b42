"""Who may import whom. The tree stays understandable only as long as this holds."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "torchvision", "sklearn", "umap"}
TRAINING = {"engine.training", "engine.api", "engine.runs", "engine.view", "engine.results", "engine.inspection"}
FORBIDDEN = {
    "engine": {"streamlit", "pages"},
    "engine/losses": {"engine.core.method", "engine.core.data", "engine.methods", "engine.clusters", *TRAINING},
    "engine/nets": {"engine.core.method", "engine.core.data", "engine.methods", *TRAINING},
    "engine/clusters": {"engine.core.method", "engine.core.data", "engine.methods", *TRAINING},
    "engine/core": {"engine.methods", "engine.objectives", *TRAINING},
    "engine/core/card.py": {"torch", "engine.core.method", "engine.core.data"},
    "engine/core/snapshot.py": {"torch", "engine.core.method", "engine.core.data"},
    "engine/objectives": {"engine.methods", "engine.intake", *TRAINING},
    "engine/methods": {"engine.intake", *TRAINING},
    "engine/training": {
        "engine.methods",
        "engine.objectives",
        "engine.losses",
        "engine.nets",
        *TRAINING - {"engine.training"},
    },
    "engine/inference": {"engine.methods", *TRAINING},
    "engine/intake": {"torch", "engine.methods", *TRAINING},
    "engine/features": {"engine.intake", "engine.core.method", "engine.core.data", "engine.methods", *TRAINING},
    "engine/results": {"torch", "engine.methods", "engine.core.method", *TRAINING - {"engine.results"}},
    "engine/view": {"torch", "engine.methods", "engine.core.method", *TRAINING - {"engine.view", "engine.results"}},
    "engine/api": {"engine.runs", "engine.view", "engine.results"},
    "engine/runs/db": {"torch", "engine.methods", "engine.runs.workers", "engine.runs.requests", "engine.view"},
    "engine/runs/files": {"engine.runs.workers", "engine.runs.requests", "engine.view"},
    "engine/runs/requests": {"torch", "engine.runs.workers", "engine.view"},
    "pages": {
        *HEAVY,
        "engine.api.estimator",
        "engine.clusters",
        "engine.core.data",
        "engine.core.method",
        "engine.inference",
        "engine.inspection",
        "engine.losses",
        "engine.methods",
        "engine.nets",
        "engine.objectives",
        "engine.training",
    },
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file; `from a import b` counts as a and a.b."""
    found = set()
    typing_only = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            typing_only |= {id(inner) for inner in ast.walk(node)}
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.suffix else sorted(path.rglob("*.py"))


@pytest.mark.parametrize("place", FORBIDDEN)
def test_layer_imports_only_what_it_may(place):
    assert files(place), f"{place} has moved: move its rule too"
    broken = []
    for path in files(place):
        for name in imports(path):
            for forbidden in FORBIDDEN[place]:
                if name == forbidden or name.startswith(forbidden + "."):
                    broken.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not broken, "\n".join(broken)


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def loaded_by(name: str, path: Path) -> set[str]:
    """The modules that a file loads first: what it imports, and the packages these are in unless it is in them itself."""
    packages = {package for target in imports(path) for package in _above(target)}
    return (imports(path) | packages) - {name, *_above(name)}


def _above(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts))}


def test_no_file_imports_itself_by_way_of_others():
    """No circle between files, imports inside of functions included: what is read first never needs what comes later."""
    known = {module(path): path for place in ("engine", "pages") for path in files(place)}
    needs = {name: sorted(loaded_by(name, path) & known.keys()) for name, path in known.items()}
    cycle = _cycle(needs)
    assert not cycle, " -> ".join(cycle)


def _cycle(needs: dict[str, list[str]]) -> list[str]:
    """Some circle of a graph, empty where there is none."""
    done: set[str] = set()
    for start in needs:
        path, trails = [start], [iter(needs[start])]
        while trails:
            step = next(trails[-1], None)
            if step in path:
                return [*path[path.index(step) :], step]
            if step is None:
                done.add(path.pop())
                trails.pop()
            elif step not in done:
                path.append(step)
                trails.append(iter(needs[step]))
    return []


def test_a_circle_would_be_found():
    assert _cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == ["a", "b", "c", "a"]
    assert _cycle({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def test_trainer_names_no_method():
    names = {path.stem for path in (ROOT / "engine/methods").glob("*.py")} - {"__init__"}
    for path in [*files("engine/training"), ROOT / "engine/core/method.py"]:
        words = set(ast.unparse(ast.parse(path.read_text())).lower().replace(".", " ").split())
        assert not words & names


def code_lines(path: Path) -> int:
    """Lines that are not blank and no comment, docstring, import, card, former name or setting."""
    text = path.read_text()
    found = {n for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")}
    for node in ast.walk(ast.parse(text)):
        prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        made = isinstance(node, ast.Assign | ast.AnnAssign) and ast.unparse(node)
        told = made and (made.startswith(("card = ", "former_names: ")) or " = knob(" in made or " = alter(" in made)
        if prose or told or isinstance(node, ast.Import | ast.ImportFrom):
            found -= set(range(node.lineno, node.end_lineno + 1))
    return len(found)


def test_a_method_file_has_at_most_90_lines_of_code():
    long = {path.stem: n for path in (ROOT / "engine/methods").glob("[!_]*.py") if (n := code_lines(path)) > 90}
    assert not long


def test_pages_stay_thin():
    long = {path.name: n for path in (ROOT / "pages").glob("*.py") if (n := len(path.read_text().splitlines())) > 60}
    assert not long
    assert len((ROOT / "streamlit_app.py").read_text().splitlines()) <= 40


def test_page_code_loads_no_torch():
    """The web server never loads torch: what a page asks of the engine is answered without it."""
    import subprocess

    script = (
        "import sys, engine, engine.runs, engine.results, engine.view, engine.intake\n"
        "engine.catalogue()\n"
        "import sys; sys.exit(int('torch' in sys.modules or 'sklearn' in sys.modules))"
    )
    warm = [sys.executable, "-c", "import engine; engine.catalogue()"]
    subprocess.run(warm, cwd=ROOT, check=True, timeout=120)
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=120).returncode == 0
