"""Write the README's tables and docs/methods.md from the catalogue and the recorded benchmarks.

python scripts/methods_table.py [--check]
"""

import ast
import inspect
import json
import re
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import engine  # noqa: E402
from benchmarks import fidelity, growth, limit, same_recipe  # noqa: E402
from benchmarks.published import AUTHORS, figure  # noqa: E402
from benchmarks.sets import PICTURES  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from engine.core.card import Card  # noqa: E402
from engine.methods import METHODS  # noqa: E402


def methods() -> str:
    """One line a method, in the catalogue's order."""
    lines = ["| id | method | idea |", "|---|---|---|"]
    for card in engine.catalogue():
        lines.append(f"| `{card.id}` | {card.name}, {card.authors} ({card.year}) | {card.idea} |")
    return "\n".join(lines)


def measured() -> str:
    """ACC of every method on every set of pictures that it was measured on, in default settings."""
    accuracies = {}
    for card in engine.catalogue():
        cases = [case for case in recorded(card.id) if not case["settings"] and case["data"] in PICTURES]
        if cases:
            accuracies[card.called] = {
                case["data"]: fidelity.mean_and_spread(case["runs"][card.id], "acc") for case in cases
            }
    sets = [name for name in PICTURES if any(name in cells for cells in accuracies.values())]
    lines = [[called, *(cells.get(name, "") for name in sets)] for called, cells in accuracies.items()]
    return "\n".join([table(["method", *sets], lines), "", *studies(), page()])


def studies() -> list[str]:
    """What was reached in settings like those of a study, in a line for each."""
    lines = []
    for name, settings in AUTHORS.items():
        results = []
        for card in engine.catalogue():
            for case in recorded(card.id):
                published = figure(card.id, case["data"], name)
                if case["settings"] == name and published is not None and published.settings == name:
                    accuracy = fidelity.mean_and_spread(case["runs"][card.id], "acc")
                    results.append(f"{card.called} on {case['data']} {accuracy} (published {published.acc:.3f})")
        if results:
            lines += [f"Like the study {name} ({settings.says}): {'; '.join(results)}.", ""]
    return lines


def recorded(method: str) -> list[dict]:
    """What `benchmarks.fidelity` has recorded of a method."""
    path = ROOT / f"benchmarks/results/fidelity-{method}.json"
    return json.loads(path.read_text())["cases"] if path.exists() else []


def speed() -> str:
    """The three tables of `make bench`, of this processor and, where one was measured, of a GPU."""
    parts = []
    for name, results_table, caption in (
        (
            "same-recipe",
            same_recipe.results_table,
            "The same recipe in ClustPy 0.0.3 ({data}; {pretrain_epochs} + {epochs} epochs)",
        ),
        ("limit", limit.results_table, "Training against bare matrix products of the same shapes ({data})"),
        ("growth", growth.results_table, "Growth: tables of {columns} columns trained from a file"),
    ):
        for path in sorted((ROOT / "benchmarks/results").glob(f"{name}*.json")):
            result = json.loads(path.read_text())
            machine = result["machine"]
            where = machine["gpu"] or f"{machine['cores']} cores of {machine['processor']}"
            parts += [f"**{caption.format(**result)}**, on {where}:", "", results_table(result), ""]
    return "\n".join(parts).rstrip()


def page() -> str:
    """How the page feels, in a sentence each."""
    found = json.loads((ROOT / "benchmarks/results/page.json").read_text())
    visit, machine = found["visit"], found["machine"]
    first, opened = visit["first_page_to_finished_example"], visit["open_finished_example"]
    lines = [
        f"On {machine['cores']} cores of {machine['processor']}, without a GPU:",
        "",
        f"- from a fresh start's first page to the finished digits example, Quick: {first:.0f} s; opening it: {opened:.1f} s",
        *(
            f"- server time of a rerun of the results page, {int(n):,} points, p95: {took['idle_ms']['p95']:.0f} ms idle, "
            f"{took['while_training_ms']['p95']:.0f} ms while a training runs"
            for n, took in found["results_page"].items()
        ),
        f"- the same run asked for again, command line: {found['repeat']['again_after_start_up']:.2f} s after start-up, "
        "without a training step",
        *map_lines(),
    ]
    return "\n".join(lines)


def map_lines() -> list[str]:
    """How the map feels, a sentence for each number of members."""
    path = ROOT / "benchmarks/results/map.json"
    if not path.exists():
        return []
    lines = []
    for n, took in json.loads(path.read_text())["members"].items():
        opened, hover, rate = median(took["open_s"]), median(took["hover_s"]), median(took["pan_per_s"])
        lasso = median(one["seconds"] for one in took["lasso"])
        sent, inside = took["lasso"][0]["bytes"], took["lasso"][0]["members"]
        lines.append(
            f"- the results page of {int(n):,} members in headless Chromium, drawn in software: open {opened:.1f} s "
            f"({took['first_open_s']:.1f} s the first time), what a dot stands for {hover:.1f} s after the pointer rests on it, "
            f"panning {rate:.0f} pictures a second, a lasso around {inside:,} members {lasso:.1f} s and {sent / 1000:.0f} KB, "
            f"server time of a rerun {took['rerun_ms']['p95']:.0f} ms (p95)"
        )
    return lines


def updated_readme(text: str) -> str:
    """The README with its tables regenerated."""
    for name, part in (("methods", methods()), ("measured", measured()), ("speed", speed())):
        pattern = rf"(<!-- {name}: .*?-->\n).*?(<!-- end of {name} -->)"
        text = re.sub(pattern, lambda found, part=part: f"{found[1]}{part}\n{found[2]}", text, flags=re.S)
    return text


def guide() -> str:
    """docs/methods.md: every method, what it is, how ours differs from the paper, and how it fares."""
    parts = [
        "# The methods",
        "",
        "Written by `scripts/methods_table.py` from the methods' own files and from `benchmarks/results`. Accuracy (ACC) is "
        "that after matching groups to classes, mean and spread over seeds, in our default settings or in some like those of "
        "a study; no label takes part in training. Beside it stand k-means on the raw features and, for methods that learn "
        "to reconstruct, AE + k-means from the same pretraining. Where a set of a method's paper is not in the table, it has not "
        "been measured yet. Methods that go on training a pretrained network were measured before their rate had a warm-up "
        "(`warmup` 0 is that), and on fewer than 2,304 rows before they looked at their groups after several passes: "
        "[Collapse](collapse.md) says why they do. The Clustering Module was measured from a single k-means++ (`start`).",
    ]
    for family in dict.fromkeys(card.family for card in engine.catalogue()):
        parts += ["", f"## {family.heading}"]
        for card in engine.catalogue():
            if card.family == family:
                parts += ["", f"### {card.name} (`{card.id}`)", "", *section(card)]
    return "\n".join(parts) + "\n"


def section(card: Card) -> list[str]:
    """A method's section: idea, paper, taxonomy, deviations, and what was measured."""
    lines = [card.idea, "", *reference(card), "", taxonomy(card)]
    if card.shows:
        lines += ["", "What it shows: " + " ".join(item.sentence for item in card.shows)]
    lines += ["", card.caution] if card.caution else []
    lines += ["", "**Deviations**", "", *deviations(card)]
    if (ROOT / f"docs/methods/{card.id}.md").exists():
        lines += ["", f"[Notes and measurements](methods/{card.id}.md)"]
    cases = recorded(card.id)
    return [*lines, "", fidelity.results_table(card.id, cases)] if cases else lines


def head(card: Card) -> tuple[str, str]:
    """The docstring of a method's file: what stands before its deviations, and the deviations."""
    text = ast.get_docstring(ast.parse(Path(inspect.getfile(METHODS[card.id])).read_text())) or ""
    before, _, after = text.partition("Deviations\n----------\n")
    return before.strip(), after.strip()


def reference(card: Card) -> list[str]:
    """Title and paper in one paragraph, the idea in the next."""
    title, paper, *idea = [" ".join(part.split()) for part in head(card)[0].split("\n\n")]
    return [line for part in (f"{title} {paper}", *idea) for line in ("", part)][1:]


def taxonomy(card: Card) -> str:
    """The five axes in one sentence."""
    axes = (card.architecture, card.non_clustering, card.clustering, card.combination, card.update)
    names = ("Architecture", "loss beside clustering", "clustering loss", "combination", "update")
    return "; ".join(f"{name}: {axis}" for name, axis in zip(names, axes, strict=True)) + "."


def deviations(card: Card) -> list[str]:
    """One line for each deviation from the paper."""
    return [" ".join(item.split()) for item in re.split(r"\n(?=- )", head(card)[1])]


if __name__ == "__main__":
    readme, methods_page = ROOT / "README.md", ROOT / "docs/methods.md"
    before = {path: path.read_text() if path.exists() else "" for path in (readme, methods_page)}
    after = {readme: updated_readme(before[readme]), methods_page: guide()}
    if "--check" in sys.argv:
        old = [str(path.relative_to(ROOT)) for path in after if before[path] != after[path]]
        sys.exit(f"Old: {', '.join(old)}. Run python scripts/methods_table.py" if old else 0)
    for path, content in after.items():
        path.write_text(content)
