"""Names of groups."""

from engine.results.explain.cluster_names import names
from engine.results.record.record import Difference, Group


def _difference(column, effect=1.0, kind="number", value=""):
    return Difference(column, kind, value, 1, 0, effect, effect - 0.1, effect + 0.1, "mean", "")


def test_columns_of_one_direction_share_the_word():
    groups = [
        [_difference("Milk"), _difference("Grocery")],
        [_difference("Fresh", -1), _difference("yearly_income")],
        [_difference("joined", 1, "date")],
        [],
    ]
    assert names(groups) == ["High Milk and Grocery", "Low Fresh, high yearly income", "Late joined", "Group 4"]


def test_categories_words_and_brightness():
    groups = [
        [_difference("island", 1, "share", "Dream"), _difference("region", -2, "share", "3")],
        [_difference("text", 2, "word", word) for word in ("refund", "card", "money", "bank")],
        [_difference("top left brightness"), _difference("brightness", -1)],
        [_difference("region", -2, "share", "3")],
    ]
    assert names(groups) == ["Island Dream", "Refund, card, money", "Bright top left, dark overall", "Not region 3"]


def test_names_are_distinct():
    alike = [_difference("a"), _difference("b")]
    assert names([[*alike, _difference("c")], [*alike, _difference("d")]]) == [
        "High a and b and c",
        "High a and b and d",
    ]
    assert names([alike, alike]) == ["High a and b (1)", "High a and b (2)"]


def test_names_stay_short():
    long = [_difference("a" * 30), _difference("b" * 30)]
    assert names([long]) == [f"High {'a' * 30}"]
    assert len(names([[_difference("c" * 99)]])[0]) <= 42


def test_a_heading_says_the_number_once() -> None:
    def group(name: str, **more: str) -> Group:
        return Group(2, name, 3, 0.5, 1.0, "", (), (), (), None, **more)

    assert group("Low price (3)").heading == "Group 3 · Low price"
    assert group("Low price (4)").heading == "Group 3 · Low price (4)"
    assert group("Top (3)", proposed="Low price").heading == "Group 3 · Top (3)", "the user's own name stays as it is"
    assert group("Group 3").heading == "Group 3"
