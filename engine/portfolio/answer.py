"""What a search says in the end: what was tried, what won and by how much, what almost won, what would change the answer."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.formatting import format_count, format_list
from engine.features import VALUES, encoder, plain_card
from engine.methods import METHODS
from engine.portfolio.candidates import Candidate
from engine.portfolio.groups import GroupNumber
from engine.portfolio.search import Search, Trial

CLEAR, SOME = 0.6, 0.3
"""Expected agreement from which groups are called clear, and from which there are said to be groups at all."""
CLOSE = 0.02
"""Scores that are closer than this are as good as one another."""


def title(candidate: Candidate, kind: str) -> str:
    """A candidate in words: the method, and what it compares of data of a kind."""
    method = METHODS[candidate.method].card.called
    return f"{method} on {features_title(candidate.features, kind)}"


def features_title(features: str, kind: str) -> str:
    """What is compared, in words, within a sentence."""
    card = plain_card(kind) if features == VALUES else encoder(features).card
    return f"“{card.name}”"


def answer(search: Search, number: GroupNumber, best: Trial, kind: str) -> tuple[str, ...]:
    """The answer of a search, sentence by sentence.

    Parameters
    ----------
    search
        When it has ended.
    number
        How many groups candidates were asked for.
    best
        The trial that was chosen.
    kind
        Of the data.

    Returns
    -------
    tuple of str
        In Markdown.
    """
    others = [trial for trial in search.trials if trial.done and trial.candidate is not best.candidate]
    done = sorted(others, key=lambda trial: -trial.score)
    said = [_chosen(best, kind) if done else f"**{title(best.candidate, kind)}** was taken.", _tried(search)]
    said += _almost(best, done, kind)
    said += _differs(best, done, kind)
    if not number.asked:
        said += _number(number)
    return tuple(said)


def _chosen(best: Trial, kind: str) -> str:
    how = (
        "most others come to about the same groups" if best.score >= CLEAR else "the others agree with it only in part"
    )
    if best.score < SOME:
        return (
            "**No clear groups.** Different ways of looking at the data come to different groups. "
            f"{title(best.candidate, kind)} is shown because the others agree with it most, but only with {best.score:.2f} of 1."
        )
    return f"**{title(best.candidate, kind)}** was chosen: {how} (agreement {best.score:.2f} of 1)."


def _tried(search: Search) -> str:
    tried = {id(trial.candidate) for trial in search.trials if trial.done}
    left = {id(trial.candidate) for trial in search.trials if trial.state == "unfinished"} - tried
    sentence = f"{format_count(len(tried), 'combination')} of features and methods {'was' if len(tried) == 1 else 'were'} tried"
    if left:
        sentence += f"; for {len(left)} more there was no time, so a larger budget might find better groups"
    return f"{sentence}."


def _almost(best: Trial, others: Sequence[Trial], kind: str) -> list[str]:
    close = [trial for trial in others if best.score - trial.score <= CLOSE and trial.done]
    if not close:
        return []
    names = format_list([title(trial.candidate, kind) for trial in close[:3]])
    return [f"Almost as good: {names}."]


def _differs(best: Trial, others: Sequence[Trial], kind: str) -> list[str]:
    """What compares something else and comes to other groups."""
    from sklearn.metrics import adjusted_rand_score

    for trial in others:
        if trial.candidate.features == best.candidate.features or trial.labels is None or best.labels is None:
            continue
        agreed = adjusted_rand_score(trial.labels, best.labels)
        if agreed < SOME:
            other = features_title(trial.candidate.features, kind)
            return [
                f"{other} gives other groups (agreement {max(agreed, 0.0):.2f}): choose it with the data if that is what counts."
            ]
    return []


def _number(number: GroupNumber) -> list[str]:
    likely = [k for k in number.likely if k != number.k]
    sentence = f"The number of groups, {number.k}, was estimated"
    sentence += f"; {format_list([str(k) for k in likely[:4]], 'or')} would be about as likely." if likely else "."
    if number.others:
        levels = format_list([str(k) for k in number.others], "and")
        more = "There is another level" if len(number.others) == 1 else "There are other levels"
        sentence += f" {more} at {levels} groups."
    return [sentence]
