"""The tree of rules as a figure, and in the report."""

import pytest

from engine.results.explain.rules import rules
from engine.view import report, rule_tree
from engine.view.rules import alt


@pytest.mark.parametrize("case", ["penguins", "pictures", "waves"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_rule_ends_in_its_group(case, theme, request):
    result = request.getfixturevalue(case).result
    found = result.explanations.surrogate
    made = rule_tree(found, result, theme)
    ends = made.data[-1]
    assert len(ends.text) == len(rules(found))
    assert all("Group" in text for text in ends.text)
    assert len(made.layout.annotations) == 2 * (len(found.branches) - 1)
    assert "questions" in alt(found)


def test_the_report_tells_the_rules_and_escapes_the_names(penguins):
    made = report(penguins.result.renamed({0: "<i>x</i>"}), card=penguins.card, run=penguins.run)
    assert "<h2>Rules</h2>" in made
    assert "always saying the largest group" in made
    assert "<i>x</i>" not in made
