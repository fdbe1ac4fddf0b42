"""Sounds become log-mel pictures by one stated recipe."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest

soundfile = pytest.importorskip("soundfile")


def tone(pitch: float, kind: str = "WAV", rate: int = 16_000, seconds: float = 0.5, loud: float = 0.5) -> bytes:
    stream = io.BytesIO()
    time = np.arange(int(rate * seconds)) / rate
    soundfile.write(stream, loud * np.sin(2 * np.pi * pitch * time), rate, format=kind)
    return stream.getvalue()


def read(files: dict[str, bytes], path: Path, **options: object) -> Raw:
    with zipfile.ZipFile(path / "sounds.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return inspect(path / "sounds.zip", **options)


def test_sounds_become_pictures_of_pitch_over_time(tmp_path: Path) -> None:
    low = {f"low/{i}.wav": tone(300 + 5 * i) for i in range(3)}
    high = {f"high/{i}.flac": tone(3000 + 50 * i, "FLAC", rate=22_050) for i in range(3)}
    raw = read({**low, **high, "low/readme.txt": b"x", "low/cut.wav": tone(300)[:20]}, tmp_path)
    assert raw.kind == "image"
    assert raw.array.shape[1] == 64
    rows = [int(picture[..., 0].mean(axis=1).argmax()) for picture in raw.array]
    assert min(rows[:3]) > 40 > 30 > max(rows[3:]), "high pitches are on top"
    assert raw.column("folder").role == "label"
    assert raw.column("seconds").role == "ignore"
    said = " ".join(raw.notes)
    assert "64 mel bands from 50 to 8,000 Hz" in said
    assert "*low/cut.wav*" in said
    assert prepare(raw, suggest(raw)).class_names == ("high", "low")


def test_loudness_has_one_scale_and_new_sounds_the_same(tmp_path: Path) -> None:
    raw = read({"loud.wav": tone(440), "soft.wav": tone(440, loud=0.05)}, tmp_path)
    assert raw.array[0].max() == 255
    assert raw.array[1].max() == pytest.approx(255 * (1 - 20 / 80), abs=2)
    new = read({"soft.wav": tone(440, loud=0.05)}, tmp_path, options=raw.options_for_new_data)
    np.testing.assert_array_equal(new.array[0], raw.array[1])


def test_short_sounds_end_in_silence_and_long_ones_are_cut(tmp_path: Path) -> None:
    raw = read({f"{i}.wav": tone(440, seconds=s) for i, s in enumerate((0.2, 1, 1, 1, 1, 90))}, tmp_path)
    columns = raw.array[0, :, :, 0].max(axis=0)
    assert columns[0] > 200 > columns[-1] == 0
    assert raw.array.shape[2] <= 128
    assert raw.rows["seconds"].tolist()[-1] == 90


def test_what_sounds_need_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.wav").write_bytes(tone(440))
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(InputError, match="pip install soundfile"):
        inspect(tmp_path / "a.wav")
