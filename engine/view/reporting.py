"""A finished run as one HTML file that opens anywhere, offline, in light and dark, and prints."""

import base64
import hashlib
import json
import shlex
from pathlib import Path
from typing import Any, Protocol

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from engine.core.formatting import format_count, format_number, format_percent, shorten
from engine.results.evaluate.metrics import sampling_note
from engine.results.explain import rules
from engine.results.export import code
from engine.results.export.code import Ran
from engine.results.record.history import moments
from engine.results.record.metric_info import MEASURES
from engine.results.record.record import Group, Result
from engine.results.text.markdown import plain, to_html
from engine.view.palette import TOKENS, UNASSIGNED, Theme, palette
from engine.view.portraits import portrait
from engine.view.style import shown
from engine.view.thumbnails import sparkline_svg

# Points of the map beyond which an even sample is drawn.
MOST_POINTS = 30_000
_ROWS, _COLUMNS = 3, 5
_HERE = Path(__file__).parent


class Arrived(Protocol):
    """The raw data, as far as the report shows it."""

    kind: Any
    rows: pd.DataFrame
    values: Any
    columns: tuple[Any, ...]
    options: Any


def report(result: Result, *, card: Any, run: Ran, raw: Arrived | None = None) -> str:
    """The report of a finished run as one HTML file.

    All text of the user is escaped, and the page's own policy lets no script run but the one it was written with.

    Parameters
    ----------
    result
        Of the run.
    card
        Of its method.
    run
        Its settings.
    raw
        The raw data; without them no single member is shown.

    Returns
    -------
    str
        HTML that needs no other file.

    Examples
    --------
    Where `result`, `run` and `card` belong to a finished run:

    >>> report(result, card=card, run=run).lstrip()[:15]
    '<!doctype html>'
    """
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined)
    pages.filters |= {"percent": format_percent, "said": _said}
    script = (_HERE / "report.js").read_text(encoding="utf-8")
    return pages.get_template("report.html.jinja").render(
        result=result,
        run=run,
        card=card,
        script=Markup(script),
        policy=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        css=Markup((_HERE / "report.css").read_text(encoding="utf-8")),
        colors=Markup(_colors(result.k)),
        numbers=_numbers(result),
        sampling=sampling_note(len(result)),
        sizes=_sizes(result),
        groups=[_group(result, group, raw) for group in result.groups if group.size],
        rules=_rules(result),
        curves=_curves(result, card),
        confusion=_confusion(result),
        map=_map(result),
        map_alt=_map_alt(result),
        settings=json.dumps(
            {"preparation": run.preparation, "knobs": run.knobs}, indent=2, ensure_ascii=False, default=str
        ),
        code=code.script(run, card, "PATH_TO_YOUR_FILE", options=None if raw is None else raw.options.to_json()),
        command=_command(run),
    )


def _said(markdown: str) -> Markup:
    return Markup(to_html(markdown))


def _colors(k: int) -> str:
    """Style sheet variables of both themes: the tokens, and --g0, --g1, ... for the groups."""

    def block(theme: Theme) -> str:
        named = TOKENS[theme] | {"none": UNASSIGNED[theme][0], "none-line": UNASSIGNED[theme][1]}
        named |= {f"g{i}": shade for i, shade in enumerate(palette(k, theme))}
        return "".join(f"--{name}:{value};" for name, value in named.items())

    return f":root{{{block('light')}}}@media (prefers-color-scheme:dark){{:root{{{block('dark')}}}}}"


def _numbers(result: Result) -> list[dict[str, str]]:
    """The numbers worth a card, with what plain k-means reaches beside them."""
    cards = []
    for name, measure in MEASURES.items():
        if name not in result.metrics or (name == "coverage" and not result.unassigned):
            continue
        beside = result.baseline.metrics.get(name) if result.baseline else None
        written = (
            format_percent
            if measure.percent
            else lambda value: f"{value:.2f}" if abs(value) < 100 else format_number(value)
        )
        cards.append(
            {
                "label": measure.label,
                "value": written(result.metrics[name]),
                "beside": "" if beside is None else f"k-means {written(beside)}",
                "help": measure.help,
            }
        )
    return cards


def _sizes(result: Result) -> list[dict[str, Any]]:
    total = max(len(result), 1)
    most = max([*result.sizes.tolist(), result.unassigned, 1])
    rows = []
    for label in shown(result):
        count = int(result.sizes[label]) if label >= 0 else result.unassigned
        name = result.groups[label].name if label >= 0 else ""
        title = result.groups[label].title if label >= 0 else "Unassigned"
        rows.append({"label": label, "title": title, "count": f"{count:,}", "share": format_percent(count / total)})
        rows[-1] |= {"width": f"{100 * count / most:.1f}", "name": "" if name == title else name}
    return rows


def _group(result: Result, group: Group, raw: Arrived | None) -> dict[str, Any]:
    most = max((abs(d.effect) for d in group.differences), default=1.0)
    bars = [
        {
            "column": f"{d.column}: {d.value}" if d.value else d.column,
            "width": f"{50 * abs(d.effect) / most:.1f}",
            "more": d.effect > 0,
            "title": f"{plain(d.sentence)}; effect {d.effect:.2f}, 95 % {d.low:.2f} to {d.high:.2f}",
        }
        for d in group.differences[:6]
    ]
    nearest = None if raw is None or group.nearest is None else raw.rows.iloc[[result.kept[group.nearest]]]
    return {
        "group": group,
        "bars": bars,
        "pictures": portrait(result, group, raw),
        "row": None if nearest is None else int(nearest.index[0]) + 1,
        "table": None if raw is None or raw.values is not None else _members(result, group, raw),
    }


def _members(result: Result, group: Group, raw: Arrived) -> dict[str, list[Any]]:
    """The most typical members by the columns that set their group apart, then by the first ones."""
    usual = [c.name for c in raw.columns if c.role in ("id", "feature", "label") and c.name in raw.rows]
    telling = [d.column for d in group.differences if d.column in usual]
    names = list(dict.fromkeys([*telling, *usual]))[:_COLUMNS]
    rows = raw.rows[names].iloc[result.kept[list(group.typical[:_ROWS])]]
    cells = [["" if pd.isna(cell) else _cell(cell) for cell in row] for row in rows.itertuples(index=False)]
    return {"names": names, "rows": cells}


def _cell(cell: Any) -> str:
    text = f"{cell:,.6g}" if isinstance(cell, float) else str(cell)
    return shorten(text, 140)


def _curves(result: Result, card: Any) -> list[dict[str, Any]]:
    curves = []
    course = [m for m in moments(result.history) if m.terms]
    for term in dict.fromkeys(name for moment in course for name in moment.terms):
        values = [moment.terms[term] for moment in course if term in moment.terms]
        if len(values) > 1:
            picture = Markup(sparkline_svg(np.array(values), "var(--primary)", width=300, height=80))
            written = format_percent if card.unit(term) == "percent" else format_number
            curves.append(
                {
                    "title": card.title(term),
                    "picture": picture,
                    "first": written(values[0]),
                    "last": written(values[-1]),
                }
            )
    return curves


def _rules(result: Result) -> dict[str, Any] | None:
    """The tree that imitates the grouping, in sentences; None where it was not stored."""
    surrogate = result.explanations.surrogate
    if surrogate is None:
        return None
    words = {"table": "columns", "text": "words", "graph": "links"}.get(result.kind, "measures")
    sentences = rules.format_rules(surrogate, result, most=16) if surrogate.informative else []
    return {
        "verdict": rules.verdict(surrogate, words),
        "told": sentences,
        "unreached": rules.describe_unreached(surrogate, result),
    }


def _confusion(result: Result) -> dict[str, Any] | None:
    table = result.confusion
    if table is None or table.counts.size > 2500:
        return None
    heads = [result.groups[g].display_name if g >= 0 else "Unassigned" for g in table.groups]
    rows = [
        (name, [(int(count), f"{share:.0%}") for count, share in zip(counts, shares, strict=True)])
        for name, counts, shares in zip(table.classes, table.counts, table.shares, strict=True)
    ]
    return {"heads": heads, "rows": rows}


def _map(result: Result) -> dict[str, Any]:
    """Positions as 16-bit integers, with label, certainty and row number, each in base64."""
    name, positions = result.best_map
    chosen = np.arange(0, len(result), max(1, -(-len(result) // MOST_POINTS)))
    xy = positions[chosen].astype(np.float64)
    low, span = xy.min(0), float(np.ptp(xy, axis=0).max()) or 1.0
    whole = np.round((xy - low) / span * 65535).astype("<u2")

    def packed(values: Any, kind: str) -> str:
        return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()

    return {
        "xy": packed(whole, "<u2"),
        "labels": packed(result.labels[chosen], "<i2"),
        "sure": packed(np.round(result.sure[chosen] * 255), "u1"),
        "rows": packed(result.kept[chosen] + 1, "<u4"),
        "drawn": len(chosen),
        "kind": "UMAP" if name.startswith("umap") else "principal components",
    }


def _map_alt(result: Result) -> str:
    """The map in words, for those who do not see it."""
    rest = f" and {result.unassigned:,} unassigned members" if result.unassigned else ""
    groups = format_count(result.n_nonempty, "group") + rest
    return f"A map of {len(result):,} members as points, colored by {groups}; similar members lie close together."


def _command(run: Ran) -> str:
    words = [
        "python",
        "-m",
        "engine",
        "run",
        "--data",
        "PATH_TO_YOUR_FILE",
        "--method",
        run.method,
        "--seed",
        str(run.seed),
    ]
    words += [] if run.n_clusters is None else ["--k", str(run.n_clusters)]
    for name, value in run.knobs.items():
        words += ["--set", f"{name}={value}"]
    return shlex.join(words)
