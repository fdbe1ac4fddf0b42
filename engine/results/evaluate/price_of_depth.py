"""Whether a method earned what it cost beside plain k-means, in words."""

from engine.core.formatting import format_duration, format_number, format_percent
from engine.results.record.record import Baseline, Result

# Above this agreement two groupings are nearly the same.
ALIKE = 0.9


def cost_benefit(result: Result) -> str:
    """Time and changed members beside k-means, and what follows; empty where nothing was measured.

    The verdict says who is better; this says at what price.
    """
    plain = result.baseline
    if plain is None or plain.seconds is None or plain.moved is None or result.method == "kmeans":
        return ""
    price, moved = _price(result.seconds, plain.seconds), format_percent(plain.moved)
    return f"{price} and puts {moved} of the members elsewhere. {_so(plain)}"


def _price(ours: float, theirs: float) -> str:
    times = ours / max(theirs, 1e-3)
    if times < 2:
        return f"Training took {_time(ours)}, not much longer than k-means ({_time(theirs)}),"
    return f"Training took {_time(ours)}, **{format_number(float(f'{times:.2g}'))} times** as long as k-means ({_time(theirs)}),"


def _time(seconds: float) -> str:
    return f"{max(seconds, 0.01):.2g} s" if seconds < 10 else format_duration(seconds)


def _so(plain: Baseline) -> str:
    if plain.agreement >= ALIKE:
        return "For nearly the same groups the cheaper method would have done."
    judged = "the labels" if plain.measure == "acc" else "separation in the prepared data"
    return {
        "better": f"Judged by {judged}, that was worth it.",
        "same": f"Judged by {judged}, nothing was gained: it pays only if you need what else this method shows.",
        "worse": f"Judged by {judged}, it did not pay here.",
        "unknown": "No number says whether that was worth it; look at the groups.",
    }[plain.standing]
