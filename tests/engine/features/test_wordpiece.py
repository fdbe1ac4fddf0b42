"""Word pieces against those that BERT's authors and the vocabulary name."""

import pytest

from engine.features.wordpiece import UNKNOWN, pieces, vocabulary


def words(text: str) -> list[str]:
    names = list(vocabulary())
    return [names[number] for number in pieces([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unaffable", ["una", "##ffa", "##ble"]),
        ("Don't stop_it: $5.00!", ["don", "'", "t", "stop", "_", "it", ":", "$", "5", ".", "00", "!"]),
        ("ZÜRICH, cafe\u0301", ["zurich", ",", "cafe"]),
        ("東京 is big", ["東", "京", "is", "big"]),
        ("a\x00n\u200bd\ufffd", ["and"]),
        ("one\u00a0two\tthree\nfour\u2028five", ["one", "two", "three", "four", "five"]),
        ("x" * 101 + " and", ["[UNK]", "and"]),
        ("\U0001f642", ["[UNK]"]),
        (" \n ", []),
    ],
)
def test_text_falls_into_pieces(text, expected):
    assert words(text) == expected


def test_vocabulary_is_that_of_bert_base_uncased():
    found = vocabulary()
    assert len(found) == 30522
    assert [found[piece] for piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")] == [0, UNKNOWN, 101, 102, 103]
    assert (found["the"], found["hello"], found["##s"]) == (1996, 7592, 2015)


def test_texts_do_not_change_each_other():
    texts = ["The card", "card the", "", "unknown unaffable"]
    assert pieces(texts) == [pieces([text])[0] for text in texts]
