"""Which code made a result: a hash of the sources that a module uses, found by reading them, not by importing them."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import threading
from functools import cache
from pathlib import Path

ENGINE = Path(__file__).parents[1]
ROOMS = (
    "clusters",
    "core",
    "features",
    "inference",
    "intake",
    "losses",
    "methods",
    "nets",
    "objectives",
    "portfolio",
    "training",
)
"""What can change what a training finds. Of `intake` only what prepares data counts, and only where it is asked for."""
LISTS = {"engine.methods", "engine.features"}
"""Name all methods and all encoders, and so decide nothing of one."""
TEXTS = {"card"}
"""Attributes of a method that are only read by people."""

_parsing = threading.Lock()
"""Python 3.11's parser fails now and then where two threads use it at once (SystemError: recursion depth mismatch)."""

Code = dict[str, tuple[str, list[str]]]
"""Module -> hash of its code, and the modules that it uses."""


def code_version(*modules: str, engine: Path = ENGINE) -> str:
    """A hash of modules and of all that they import within `ROOMS`, directly and indirectly.

    Comments, docstrings, formatting, cards, the sentences of knobs and the titles of stages do not count.

    Parameters
    ----------
    *modules
        Dotted names; what is not in `ROOMS` is left out.
    engine
        Folder of the engine's sources.

    Examples
    --------
    >>> code_version("engine.methods.dec") == code_version("engine.methods.dec", "engine.losses")
    False
    """
    code, found, waiting = sources(engine), dict[str, str](), list(modules)
    while waiting:
        name = waiting.pop()
        if name in code and name not in found:
            found[name], used = code[name]
            waiting += used
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()


def method_version(method: str) -> str:
    """The version of all code that decides what a method finds, from the preparation of the data to the labels."""
    return code_version(
        f"engine.methods.{method}",
        "engine.training.trainer",
        "engine.inference.outcome",
        "engine.intake.recipes.preparing",
    )


@cache
def sources(engine: Path = ENGINE) -> Code:
    """Every module of `ROOMS`; cached beside the byte code in a file named after the sources' times, like a .pyc."""
    cache = engine / "core" / "__pycache__" / f"code-{stamp(engine)}.json"
    try:
        return {name: (digest, used) for name, (digest, used) in json.loads(cache.read_text("utf-8")).items()}
    except (OSError, ValueError):
        with _parsing:
            code = _read(_files(engine), engine)
            _store(cache, code)
        return code


def stamp(engine: Path = ENGINE) -> str:
    """A mark that changes when a source is written; cheap to compute, and reported by a process with the sources it loaded."""
    times = [(path.as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in _files(engine)]
    return hashlib.sha256(repr(times).encode()).hexdigest()[:16]


def _files(engine: Path) -> list[Path]:
    return sorted(path for room in ROOMS for path in (engine / room).rglob("*.py"))


def _store(path: Path, code: Code) -> None:
    """For the next process; where the folder cannot be written, every process reads the sources anew."""
    try:
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(code), "utf-8")
        part.replace(path)
    except OSError:
        return


def _read(files: list[Path], engine: Path) -> Code:
    trees = {_name(path, engine): ast.parse(path.read_text("utf-8")) for path in files}
    given = {name: _imported(tree) for name, tree in trees.items()}
    return {name: (_digest(tree), _used(name, given)) for name, tree in trees.items()}


def _name(path: Path, engine: Path) -> str:
    parts = ("engine", *path.relative_to(engine).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.Module) -> list[tuple[str, str]]:
    """Every (module, name) that a file imports, wherever in the file; the name is empty for `import module`."""
    found = list[tuple[str, str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
    return found


def _used(name: str, given: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Modules of `ROOMS` that a module uses; a name that a package only passes on is traced to the file that has it."""
    found = set[str]()
    for module, part in given[name]:
        passed_on = [inner for inner, passed in given.get(module, []) if passed == part and part]
        found |= {f"{module}.{part}"} if f"{module}.{part}" in given else {*(passed_on or [module])}
    found -= LISTS
    prepared = not name.startswith("engine.intake")  # what reads files has no say once the data are there
    return sorted(item for item in found & given.keys() if not (prepared and item.startswith("engine.intake")))


def _digest(tree: ast.Module) -> str:
    return hashlib.sha256(ast.dump(_Plain().visit(tree)).encode()).hexdigest()


class _Plain(ast.NodeTransformer):
    """Takes out what only people read."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Docstrings, and the strings below attributes."""
        return None if _is_text(node.value) else self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        """Cards."""
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        return None if names and names <= TEXTS else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """The sentences of knobs, and the titles of stages, which follow their ids."""
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name.lower().endswith("stage"):
            node.args = [arg for i, arg in enumerate(node.args) if i != 1 or not _is_text(arg)]
            node.keywords = [word for word in node.keywords if word.arg != "title"]
        if name == "knob":
            node.args = node.args[:3]
            node.keywords = [word for word in node.keywords if word.arg not in ("help", "label", "unit")]
        return self.generic_visit(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
