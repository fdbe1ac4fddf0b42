"""Which features are suggested."""

import numpy as np
import pandas as pd
import pytest

from engine.features import suggested
from engine.features.suggested import (
    FEW_TEXTS,
    MOST_WORDS,
    SHORTEST,
    suggested_for_pictures,
    suggested_for_series,
    suggested_for_texts,
)

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


def test_short_or_few_texts_are_compared_by_their_meaning_and_many_long_ones_by_their_words():
    sentence = "the parcel of my sister is late and nobody can say when it will be here "
    short, long = (sentence * times for times in (MOST_WORDS // 16, MOST_WORDS // 16 + 1))
    assert suggested_for_texts([short] * (FEW_TEXTS + 1))[0] == "meaning"
    name, reason = suggested_for_texts([long] * (FEW_TEXTS + 1))
    assert name == "values"
    assert "112 words" in reason
    name, reason = suggested_for_texts([long] * FEW_TEXTS)
    assert name == "meaning"
    assert "few:" in reason


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


def as_bytes(x):
    """uint8 [n, h, w, bands] of pictures in whatever range they are stored."""
    scaled = np.rint((x - float(x.min())) / (float(x.max()) - float(x.min())) * 255).astype(np.uint8)
    return scaled if scaled.ndim == 4 else scaled[..., None]


@pytest.mark.parametrize(
    ("name", "features", "why"),
    [
        ("mnist", "values", "thin strokes"),
        ("usps", "values", "thin strokes"),
        ("fashion_mnist", "objects", "things, not strokes"),
        ("coil20", "objects", "things, not strokes"),
        ("orl_faces", "objects", "no plain background"),
        ("cifar10_5k", "objects", "no plain background"),
    ],
)
def test_pictures_that_people_have(shared, name, features, why):
    with np.load(shared(f"{name}.npz")) as file:
        pictures = as_bytes(file["x"][:300])
    found, sentence = suggested_for_pictures(pictures)
    assert found == features
    assert why in sentence
    assert suggested_for_pictures(255 - pictures)[0] == features


def strokes(n, wander):
    """Pictures [n, 28, 28, 1] of a cross of one pixel in width, moved by up to `wander` pixels."""
    draw = np.random.default_rng(0)
    pictures = np.zeros((n, 28, 28, 1), np.uint8)
    for picture, (y, x) in zip(pictures, draw.integers(-wander, wander + 1, (n, 2)), strict=True):
        picture[6 + y : 22 + y, 14 + x] = 255
        picture[14 + y, 6 + x : 22 + x] = 255
    return pictures


def test_strokes_that_move_about_are_not_compared_by_their_pixels():
    assert suggested_for_pictures(strokes(100, 0))[0] == "values"
    found, why = suggested_for_pictures(strokes(100, 6))
    assert found == "objects"
    assert "different places" in why


def test_small_and_large_pictures():
    draw = np.random.default_rng(0)
    tiny, large = (draw.integers(0, 256, (20, side, side, 3), np.uint8) for side in (8, 100))
    assert suggested_for_pictures(tiny) == (
        "values",
        "The pictures have 8 x 8 pixels: too few for a network that knows photographs.",
    )
    assert suggested_for_pictures(large)[0] == "objects"


def test_many_bands_are_not_what_networks_have_seen():
    found, why = suggested_for_pictures(np.zeros((5, 40, 40, 7), np.uint8))
    assert found == "values"
    assert "7 bands" in why


def test_only_some_pictures_are_looked_at(monkeypatch):
    looked_at = []
    real = suggested._from_background
    monkeypatch.setattr(suggested, "_from_background", lambda values: looked_at.append(len(values)) or real(values))
    suggested_for_pictures(strokes(1201, 1))
    assert looked_at == [401]
