"""The tree that imitates a grouping, told as rules in plain sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from engine.core.formatting import exact_precision, format_list, format_moments, format_percent
from engine.results.record.explanations import Branch, Question, SurrogateTree
from engine.results.record.record import Result
from engine.results.text.markdown import escape


@dataclass(frozen=True)
class Rule:
    """One way through the tree, down to a leaf."""

    label: int
    conditions: tuple[str, ...]
    """Markdown, e.g. "*Fresh* above 12,300"."""
    size: int
    inside: int

    @property
    def share(self) -> float:
        """Share of the members to which the rule applies that the run put into the group."""
        return self.inside / max(self.size, 1)


@dataclass(frozen=True)
class _Range:
    """Answers about one column, put together."""

    question: Question
    above: float | None = None
    upto: float | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    blank: bool = True


def rules(surrogate: SurrogateTree) -> list[Rule]:
    """The rules of all leaves that anybody reaches, those for the first group first, larger ones before smaller."""
    leaves = [(i, b) for i, b in enumerate(surrogate.branches) if b.question is None and b.size and b.parent >= 0]
    rules = [Rule(b.label, _conditions(surrogate.branches, i), b.size, b.inside) for i, b in leaves]
    return sorted(rules, key=lambda rule: (rule.label < 0, rule.label, -rule.inside))


def sentence(rule: Rule, called: Mapping[int, str]) -> str:
    """Markdown: "*Fresh* above 12,300 and *Milk* up to 4,000: 89 % of those 320 members are in Group 2."."""
    where = f"in **{escape(called[rule.label], 110)}**" if rule.label >= 0 else "in **no group**"
    share = "all" if rule.inside == rule.size else format_percent(rule.share)
    most = "the one member is" if rule.size == 1 else f"{share} of those {rule.size:,} members are"
    return f"{format_list(rule.conditions)}: {most} {where}."


def verdict(surrogate: SurrogateTree, columns: str = "columns") -> str:
    """Markdown: how far the rules can be trusted."""
    fidelity, largest = format_percent(surrogate.fidelity), format_percent(surrogate.majority)
    if not surrogate.informative:
        return (
            f"**Short rules cannot tell these groups apart.** The best ones place {fidelity} of the members as the run did; "
            f"always saying the largest group places {largest}. What makes the groups is not in single {columns}."
        )
    how = "follow the grouping almost exactly" if surrogate.fidelity >= 0.95 else "follow the grouping well"
    if surrogate.fidelity < 0.85:
        how = "follow the grouping roughly" if surrogate.fidelity >= 0.6 else "catch only the outline of the grouping"
    return (
        f"**These rules {how}.** They place {fidelity} of the members as the run did; always saying the largest group "
        f"would place {largest}. Counted on {surrogate.held_out:,} members that the rules were not made from."
    )


def format_rules(surrogate: SurrogateTree, result: Result, most: int = 2) -> list[tuple[str, str, list[str]]]:
    """Per group that rules lead to: what it is called, how much of it they find, and its largest rules as sentences."""
    called, sentences = names(result), []
    sizes = {group.label: group.size for group in result.groups} | {-1: result.unassigned}
    for label in dict.fromkeys(rule.label for rule in rules(surrogate)):
        own = [rule for rule in rules(surrogate) if rule.label == label]
        share = format_percent(sum(rule.inside for rule in own) / max(sizes[label], 1))
        count = "1 rule finds" if len(own) == 1 else f"{len(own)} rules find"
        lines = [sentence(rule, called) for rule in own[:most]]
        sentences.append((called[label], f"{count} {share} of its {sizes[label]:,} members", lines))
    return sentences


def describe_unreached(surrogate: SurrogateTree, result: Result) -> str:
    """A sentence on groups with members that no rule leads to; empty where there are none."""
    led = {branch.label for branch in surrogate.branches if branch.question is None}
    left = [escape(group.display_name, 110) for group in result.groups if group.size and group.label not in led]
    if not left or not surrogate.informative:
        return ""
    more = f"{len(left) - 6} more" if len(left) > 7 else ""
    return f"No rule leads to {format_list([*left[:6], more] if more else left, 'or')}: too small, or too like others."


def table(surrogate: SurrogateTree, result: Result) -> pd.DataFrame:
    """The rules as a table of plain text."""
    from engine.results.text.markdown import plain

    called = names(result)
    return pd.DataFrame({
        "Group": [called[rule.label] for rule in rules(surrogate)],
        "Members for which": [plain(format_list(rule.conditions)) for rule in rules(surrogate)],
        "How many": [rule.size for rule in rules(surrogate)],
        "In that group": [format_percent(rule.share) for rule in rules(surrogate)],
    })  # fmt: skip


def names(result: Result) -> dict[int, str]:
    """What each label is called, -1 too."""
    return {group.label: group.display_name for group in result.groups} | {-1: "Unassigned"}


def answered(question: Question, answer: bool) -> str:
    """One answer, Markdown: "*Fresh* above 12,300"."""
    return _said(_with(_Range(question), question, answer))


def _conditions(branches: Sequence[Branch], leaf: int) -> tuple[str, ...]:
    """Everything that was answered on the way, one condition a column, the first question first."""
    way: list[tuple[Question, bool]] = []
    here = branches[leaf]
    while here.parent >= 0:
        above = branches[here.parent]
        assert above.question is not None
        way.insert(0, (above.question, here.answer))
        here = above
    ranges: dict[str, _Range] = {}
    for question, answer in way:
        ranges[question.column] = _with(ranges.get(question.column, _Range(question)), question, answer)
    return tuple(_said(each) for each in ranges.values())


def _with(known: _Range, question: Question, answer: bool) -> _Range:
    if question.kind in ("category", "word"):
        values = (*(known.yes if answer else known.no), question.value)
        return replace(known, yes=values) if answer else replace(known, no=values)
    known = replace(known, blank=known.blank and question.blank is not None and question.blank == answer)
    at = question.threshold
    if answer:
        return replace(known, above=at if known.above is None else max(at, known.above))
    return replace(known, upto=at if known.upto is None else min(at, known.upto))


def _said(known: _Range) -> str:
    question = known.question
    name = f"*{escape(question.column)}*"
    if question.kind == "word":
        return _worded(known)
    if question.kind == "category":
        if known.yes:
            return f"{name} is *{escape(known.yes[-1])}*"
        values = [f"*{escape(value)}*" for value in known.no]
        return f"{name} is not {values[0]}" if len(values) == 1 else f"{name} is neither {format_list(values, 'nor')}"
    bounds = [bound for bound in (known.above, known.upto) if bound is not None]
    written = _written(question.kind, bounds)
    after = "after" if question.kind == "date" else "above"
    if known.above is not None and known.upto is not None:
        text = f"{name} between {written[0]} and {written[1]}"
    elif known.above is not None:
        text = f"{name} {after} {written[0]}"
    else:
        text = f"{name} up to {written[0]}"
    return f"{text} or blank" if known.blank else text


def _worded(known: _Range) -> str:
    yes, no = ([f"*{escape(word)}*" for word in words] for words in (known.yes, known.no))
    if not yes:
        return f"without the {'word' if len(no) == 1 else 'words'} {format_list(no, 'or')}"
    text = f"with the {'word' if len(yes) == 1 else 'words'} {format_list(yes)}"
    return f"{text} but without {format_list(no, 'or')}" if no else text


def _written(kind: str, bounds: Sequence[float]) -> list[str]:
    """Exactly, since members were counted by them."""
    if kind == "date":
        return format_moments(*bounds, precision=exact_precision(bounds))
    return [_number(bound) for bound in bounds]


def _number(value: float) -> str:
    if value and not 1e-4 <= abs(value) < 1e12:
        return f"{value:.6g}"
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
