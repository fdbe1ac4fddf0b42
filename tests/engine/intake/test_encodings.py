"""Encodings: found by what words look like in them, said, and open to another choice."""

from pathlib import Path

import pytest

from engine.core.errors import InputError
from engine.intake import inspect

WORDS = {
    "cp1252": ["Müller", "Köln", "Besançon", "España", "Málaga", "Straße"],
    "mac-roman": ["Jäger", "Köln", "Straße", "Öl"],
    "cp850": ["Besançon", "élève", "château"],
    "cp1250": ["Łódź", "Gdańsk", "Wrocław", "zażółć"],
    "iso8859-2": ["Plzeň", "Ústí", "Děčín", "Žďár"],
    "cp1251": ["Москва", "Казань", "Новосибирск"],
    "koi8-r": ["Москва", "Казань", "Новосибирск"],
    "cp866": ["Москва", "Казань", "Новосибирск"],
    "cp1253": ["Αθήνα", "Θεσσαλονίκη", "Πάτρα"],
    "cp1254": ["İstanbul", "Muğla", "Şişli", "Diyarbakır"],
    "cp1255": ["שלום", "תל אביב", "ירושלים"],
    "cp1256": ["القاهرة", "دبي", "مدينة"],
    "gb18030": ["华东", "华南", "西北", "客户", "上海"],
    "big5": ["台北", "高雄", "客戶", "臺灣"],
    "cp932": ["東京", "大阪", "名古屋", "札幌"],
    "euc-jp": ["東京", "さくら", "ラーメン"],
    "cp949": ["서울", "부산", "대구", "고객"],
    "utf-16-le": ["Köln", "Łódź", "Αθήνα", "东"],
    "utf-16-be": ["Köln", "Łódź"],
    "utf-32-le": ["Köln", "Łódź"],
    "utf-16": ["Köln", "Łódź"],
    "utf-32": ["Köln", "Łódź"],
    "utf-8-sig": ["Köln", "Łódź"],
    "utf-8": ["Köln", "Łódź"],
}


def write(folder: Path, data: bytes) -> Path:
    path = folder / "some.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", WORDS)
def test_words_of_many_languages_are_read_right(tmp_path: Path, codec: str) -> None:
    words = WORDS[codec] * 3
    text = "city,n\n" + "".join(f"{word},{i}\n" for i, word in enumerate(words))
    raw = inspect(write(tmp_path, text.encode(codec)))
    assert raw.rows["city"].tolist() == words
    assert any("is written in" in note for note in raw.notes) == (codec not in ("utf-8", "utf-8-sig"))


@pytest.mark.parametrize(
    ("word", "codec"), [("Müller", "cp1252"), ("Łódź", "cp1250"), ("да", "cp1251"), ("5 €", "cp1252")]
)
def test_a_single_word_is_enough(tmp_path: Path, word: str, codec: str) -> None:
    raw = inspect(write(tmp_path, f"a,b\n{word},1\nx,2\n".encode(codec)), options={"formats": None})
    assert raw.alternatives["encoding"][0] == codec


def test_another_encoding_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, "city,n\nMüller,1\nx,2\n".encode("mac-roman"))
    raw = inspect(path, options={"encoding": "MacRoman"})
    assert raw.rows["city"][0] == "Müller"
    assert raw.alternatives["encoding"][0] == "mac-roman"
    assert len(raw.alternatives["encoding"]) > 3
    for wrong in ("klingon", "rot13", "base64"):
        with pytest.raises(InputError, match=f"no encoding “{wrong}”"):
            inspect(path, options={"encoding": wrong})


def test_a_damaged_byte_in_utf8_is_named_with_its_row(tmp_path: Path) -> None:
    text = "city,n\n" + "".join(f"Köln,{i}\n" for i in range(30))
    raw = inspect(write(tmp_path, text.encode().replace(b"K\xc3\xb6ln,7", b"K\xc3ln,7")))
    assert raw.rows["city"][8] == "Köln"
    assert any("1 letter of *some.csv* is broken, the first in row 9" in note for note in raw.notes)


def test_a_stray_nul_is_no_sign_of_utf16(tmp_path: Path) -> None:
    for data in (b"a,b\n1,2\n\0,4\n5,6\n", b"a,b\n1,\0\n3,4\n"):
        with pytest.raises(InputError, match=r"Row [23] .* NUL"):
            inspect(write(tmp_path, data))
