"""A run as a script, and as a notebook, that make it again from the data file alone."""

import importlib.metadata
import pprint
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import jinja2

from engine import __version__
from engine.results.export.labels import free

VERSIONS = ("torch", "numpy", "scikit-learn", "scipy", "pandas", "pyarrow")
"""Packages that take part in the numbers."""
_CELL = "# %%"


class Ran(Protocol):
    """A run's settings."""

    @property
    def id(self) -> str:
        """The run's id."""
        ...

    @property
    def name(self) -> str:
        """What the user called it."""
        ...

    @property
    def method(self) -> str:
        """The method's id."""
        ...

    @property
    def n_clusters(self) -> int | None:
        """The number of groups asked for."""
        ...

    @property
    def knobs(self) -> Mapping[str, Any]:
        """The method's settings."""
        ...

    @property
    def preparation(self) -> Mapping[str, Any]:
        """The choices about preparing the data."""
        ...

    @property
    def seed(self) -> int:
        """The seed."""
        ...


def script(
    run: Ran, card: Any, path: str, columns: Iterable[str] = (), options: Mapping[str, Any] | None = None
) -> str:
    """Python that reads `path`, does what the worker did, and writes groups.csv; `columns` are those of the data.

    `options` are the reading options by name (`engine.intake.ReadOptions`) where some were chosen.
    """
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # this is Python: what comes from users goes through repr, or stands on one line of a comment
    )
    pages.filters["repr"] = repr
    return pages.get_template("reproduce.py.jinja").render(
        run=run,
        card=card,
        title=" ".join(run.name.split()),
        path=path,
        options=_written(options) if options else None,
        knobs=_written(run.knobs),
        preparation=_written(run.preparation),
        versions=_versions(),
        column=free("group", columns),
    )


def notebook(
    run: Ran, card: Any, path: str, columns: Iterable[str] = (), options: Mapping[str, Any] | None = None
) -> str:
    """The same as a Jupyter notebook (nbformat 4)."""
    import nbformat

    jupyter: Any = nbformat.v4
    cells = []
    for i, part in enumerate(script(run, card, path, columns, options).split(_CELL)[1:]):
        kind, _, text = part.partition("\n")
        make = jupyter.new_markdown_cell if "[markdown]" in kind else jupyter.new_code_cell
        lines = (line.removeprefix("# ") for line in text.strip().split("\n"))
        cells.append(make("\n".join(lines) if "[markdown]" in kind else text.strip(), id=f"cell-{i}"))
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    write: Any = nbformat.writes
    return str(write(jupyter.new_notebook(cells=cells, metadata=about)))


def _written(values: Mapping[str, Any]) -> str:
    """A dictionary as Python."""
    return pprint.pformat(dict(values), width=110, sort_dicts=False)


def _versions() -> str:
    versions = [f"Constella {__version__}", f"Python {sys.version.split()[0]}"]
    return ", ".join([*versions, *(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)])
