"""Who may import whom. The tree stays understandable only as long as this holds."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "torchvision", "sklearn", "umap"}
FORBIDDEN = {
    "engine": {"streamlit", "pages"},
    "engine/view": {"torch", "engine.methods", "engine.train", "engine.method", "engine.runs", "engine.estimator"},
    "engine/results": {
        "torch",
        "engine.methods",
        "engine.train",
        "engine.method",
        "engine.runs",
        "engine.view.figures",
    },
    "engine/intake": {"torch", "engine.methods", "engine.train", "engine.runs", "engine.results", "engine.view"},
    "engine/methods": {
        "engine.runs",
        "engine.view",
        "engine.results",
        "engine.train",
        "engine.estimator",
        "engine.intake",
    },
    "engine/parts": {"engine.methods", "engine.train", "engine.runs", "engine.view", "engine.results", "engine.intake"},
    "engine/losses": {"engine.method", "engine.data", "engine.methods", "engine.train", "engine.runs", "engine.view"},
    "engine/nets": {"engine.method", "engine.data", "engine.methods", "engine.train", "engine.runs", "engine.view"},
    "engine/clusters": {"engine.method", "engine.data", "engine.methods", "engine.train", "engine.runs", "engine.view"},
    "engine/train.py": {
        "engine.methods",
        "engine.runs",
        "engine.view",
        "engine.results",
        "engine.losses",
        "engine.nets",
    },
    "engine/card.py": {"torch", "engine.method", "engine.data"},
    "engine/snapshot.py": {"torch", "engine.method", "engine.data"},
    "pages": {
        *HEAVY,
        "engine.methods",
        "engine.train",
        "engine.method",
        "engine.data",
        "engine.estimator",
        "engine.nets",
        "engine.losses",
        "engine.clusters",
        "engine.outcome",
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


def test_trainer_names_no_method():
    names = {path.stem for path in (ROOT / "engine/methods").glob("*.py")} - {"__init__"}
    for place in ("train", "checkpoint", "optimizers", "reuse", "watch", "method"):
        words = set(ast.unparse(ast.parse((ROOT / f"engine/{place}.py").read_text())).lower().replace(".", " ").split())
        assert not words & names


def code_lines(path: Path) -> int:
    """Lines that are not blank and no comment, docstring, import, card or setting."""
    text = path.read_text()
    found = {n for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")}
    for node in ast.walk(ast.parse(text)):
        prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        made = isinstance(node, ast.Assign | ast.AnnAssign) and ast.unparse(node)
        told = made and (made.startswith("card = ") or " = knob(" in made or " = alter(" in made)
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
