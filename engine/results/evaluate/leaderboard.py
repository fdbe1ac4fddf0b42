"""Runs of one dataset side by side: what each setting reaches over its seeds, and who is best in each measure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import pandas as pd

from engine.results.record.metric_info import MEASURES

ORDER = ("acc", "nmi", "ari", "silhouette", "davies_bouldin", "doubtful", "coverage")
"""Measures that can be compared between methods and numbers of groups, most telling first."""
SECONDS = "seconds"


@dataclass(frozen=True)
class Entry:
    """One finished run; `setting` is what it shares with runs that only differ in their seed."""

    setting: str
    name: str
    seed: int
    metrics: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class Score:
    """Mean over seeds, and their standard deviation where there are several."""

    mean: float
    spread: float | None


@dataclass(frozen=True)
class Line:
    """One setting of the leaderboard."""

    setting: str
    name: str
    seeds: tuple[int, ...]
    scores: Mapping[str, Score]
    """By measure; "seconds" is the time of training."""


def board(entries: Iterable[Entry]) -> list[Line]:
    """The settings, best first by the first measure of `ORDER` that all of them have."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.setting, []).append(entry)
    lines = [_line(setting, found) for setting, found in grouped.items()]
    names = [name for name in measures(lines) if all(name in line.scores for line in lines)]
    if names:
        lines.sort(key=lambda line: _worth(names[0], line.scores[names[0]].mean), reverse=True)
    return lines


def measures(lines: Sequence[Line]) -> list[str]:
    """The measures worth a column: those that some line has; the share with a group only where some have none."""
    known = [name for name in ORDER if any(name in line.scores for line in lines)]
    whole = all(line.scores["coverage"].mean == 1 for line in lines if "coverage" in line.scores)
    return [name for name in known if name != "coverage" or not whole]


def best(lines: Sequence[Line], measure: str, digits: int = 2) -> set[str]:
    """The settings with the best mean, as it is written with so many digits; none where all are alike or one stands alone."""
    scores = {line.setting: line.scores[measure].mean for line in lines if measure in line.scores}
    written = {setting: round(_worth(measure, mean), digits) for setting, mean in scores.items()}
    if len(set(written.values())) < 2:
        return set()
    top = max(written.values())
    return {setting for setting, score in written.items() if score == top}


def table(lines: Sequence[Line]) -> pd.DataFrame:
    """The leaderboard as numbers to compute with: a mean and a spread per measure, one row a setting."""
    rows = []
    for line in lines:
        row: dict[str, object] = {"run": line.name, "seeds": len(line.seeds)}
        for name in (*measures(lines), SECONDS):
            score = line.scores.get(name)
            row[name] = math.nan if score is None else score.mean
            row[f"{name}_spread"] = math.nan if score is None or score.spread is None else score.spread
        rows.append(row)
    return pd.DataFrame(rows)


def latex(lines: Sequence[Line]) -> str:
    """The leaderboard as a LaTeX table (needs the package booktabs), the best of each column in bold."""
    names = measures(lines)
    winners = {name: best(lines, name, 3) for name in names}
    columns = {"Method": [_escaped(line.name) for line in lines], "Seeds": [str(len(line.seeds)) for line in lines]}
    for name in names:
        columns[_escaped(MEASURES[name].label)] = [_cell(line, name, line.setting in winners[name]) for line in lines]
    style = pd.DataFrame(columns).style.hide(axis="index")
    return str(style.to_latex(hrules=True, column_format="lr" + "r" * len(names)))


def _line(setting: str, found: Sequence[Entry]) -> Line:
    names = {name for entry in found for name in entry.metrics}
    values = {name: [entry.metrics[name] for entry in found if name in entry.metrics] for name in names}
    values[SECONDS] = [entry.seconds for entry in found]
    seeds = tuple(sorted({entry.seed for entry in found}))
    return Line(setting, found[0].name, seeds, {name: _score(some) for name, some in values.items()})


def _score(values: Sequence[float]) -> Score:
    return Score(fmean(values), stdev(values) if len(values) > 1 else None)


def _worth(measure: str, value: float) -> float:
    """The larger the better."""
    return value if MEASURES[measure].higher_is_better else -value


def _cell(line: Line, measure: str, winner: bool) -> str:
    score = line.scores.get(measure)
    if score is None:
        return "--"
    mean = f"\\mathbf{{{score.mean:.3f}}}" if winner else f"{score.mean:.3f}"
    return f"${mean}$" if score.spread is None else f"${mean} \\pm {score.spread:.3f}$"


def _escaped(text: str) -> str:
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(marks.get(sign, f"\\{sign}" if sign in "&%$#_{}" else sign) for sign in text)
