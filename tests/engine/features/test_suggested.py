"""Which features are suggested."""

import numpy as np
import pandas as pd
import pytest

from engine.features.suggested import MOST_WORDS, SHORTEST, suggested_for_series, suggested_for_texts

OTHER_LANGUAGES = {
    "German": "Die Lieferung kam zu spät, und das Paket war beschädigt. In der Stadt ist es warm, da will man an den See.",
    "Spanish": "El paquete llegó tarde y estaba dañado. No me gusta la comida de este restaurante, pero el servicio es bueno.",
    "Dutch": "Het pakket kwam te laat en was beschadigd. We zijn in de stad, en het is warm of niet.",
    "Danish": "Pakken kom for sent og var beskadiget. Der er for meget støj i byen, og det er ikke godt for os.",
    "Polish": "Paczka przyszła za późno i była uszkodzona. To jest bardzo dobre, ale nie do końca.",
    "Russian": "Посылка пришла поздно и была повреждена.",
    "Chinese": "快递太慢了, the 手机 of 电池不耐用 and 屏幕坏了",
    "code": "def f(x): return [a.v[0] for a in x if a.v[1:] != {}]; f(((1, 2), (3, 4)))",
    "numbers": "AB-1234 XK_99 INV20391 SKU-8871",
}


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_what_is_not_english_is_compared_by_its_words(language):
    name, reason = suggested_for_texts([OTHER_LANGUAGES[language]] * 3)
    assert name == "values"
    assert "English" in reason


def test_short_texts_are_compared_by_their_meaning_and_long_ones_by_their_words():
    sentence = "the parcel of my sister is late and nobody can say when it will be here "
    short, long = ([sentence * times] * 5 for times in (MOST_WORDS // 16, MOST_WORDS // 16 + 1))
    assert suggested_for_texts(short)[0] == "meaning"
    name, reason = suggested_for_texts(long)
    assert name == "values"
    assert "112 words" in reason


@pytest.mark.parametrize("texts", [["", " "], ["123", "4-5"]])
def test_no_words_are_said(texts):
    assert suggested_for_texts(texts) == ("values", "The texts hold no words.")


@pytest.mark.parametrize(
    ("name", "part", "expected"),
    [
        ("banking77.csv", slice(None), "meaning"),
        ("stackoverflow_titles.csv", slice(None), "meaning"),
        ("bbc_news.csv.gz", slice(5), "meaning"),  # headlines
        ("bbc_news.csv.gz", slice(60), "meaning"),
        ("bbc_news.csv.gz", slice(None), "values"),
    ],
)
def test_suggestions_for_real_texts(shared, name, part, expected):
    texts = pd.read_csv(shared("text") / name)["text"]
    assert suggested_for_texts([" ".join(text.split()[part]) for text in texts])[0] == expected


def test_series_are_compared_by_patterns_unless_they_are_too_short_for_any():
    long = np.zeros((3, 2, 40))
    assert suggested_for_series(long)[0] == "patterns"
    assert suggested_for_series(long[:, :, :SHORTEST])[0] == "patterns"
    name, reason = suggested_for_series(long[:, :, : SHORTEST - 1])
    assert name == "values"
    assert "8 moments" in reason


def test_what_counts_is_the_middle_length_not_the_longest():
    values = np.zeros((5, 2, 40))
    values[:3, :, 6:] = np.nan
    name, reason = suggested_for_series(values)
    assert name == "values"
    assert "6 moments" in reason
    values[:, 1, 39] = 1  # blank in one channel only
    assert suggested_for_series(values)[0] == "patterns"
