"""Flow cytometry files and files packed by Zstandard."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard
from flowio import create_fcs

from engine.core.errors import InputError
from engine.intake import inspect, suggest
from engine.intake.as_written import rows_as_written

DETECTORS = ["FSC-A", "SSC-A", "FITC-A", "PE-A", "Time"]
MARKERS = ["", "", "CD3", "CD19", ""]


def fcs(folder: Path, detectors: list[str] = DETECTORS, markers: list[str] | None = MARKERS, **about: str) -> Path:
    """A file of 400 events of two kinds, as a cytometer writes it."""
    draw = np.random.default_rng(0)
    events = np.abs(draw.normal(5e4, 1e4, (400, len(detectors))))
    kind = np.arange(400) % 2
    events[:, 2] = np.where(kind, draw.normal(8000, 900, 400), draw.normal(20, 60, 400))
    events[:, 3] = np.where(kind, draw.normal(10, 60, 400), draw.normal(5000, 700, 400))
    events[:, -1] = np.arange(400)
    out = io.BytesIO()
    create_fcs(out, events.ravel().tolist(), detectors, opt_channel_names=markers, metadata_dict=about)
    (folder / "tube 1.fcs").write_bytes(out.getvalue())
    return folder / "tube 1.fcs"


def test_an_event_is_a_row_and_a_channel_is_called_by_its_marker(tmp_path: Path) -> None:
    raw = inspect(fcs(tmp_path))
    assert list(raw.rows) == ["FSC-A", "SSC-A", "CD3 (FITC-A)", "CD19 (PE-A)", "Time"]
    assert len(raw) == 400
    assert {column.name: column.role for column in raw.columns}["Time"] == "ignore"
    assert any("arcsinh(value / 150)" in note and "CD3" in note and "FSC" not in note for note in raw.notes)
    cd3 = raw.rows["CD3 (FITC-A)"]
    assert cd3.max() < np.arcsinh(12_000 / 150)
    assert cd3.min() < 0, "negative values stay what they are"
    assert raw.rows["FSC-A"].mean() == pytest.approx(5e4, rel=0.1)
    assert suggest(raw).log == ()


def test_spillover_in_the_file_is_taken_out(tmp_path: Path) -> None:
    plain = inspect(fcs(tmp_path)).rows["CD19 (PE-A)"]
    raw = inspect(fcs(tmp_path, spill="2,FITC-A,PE-A,1,0.1,0,1"))
    assert any("compensation matrix" in note for note in raw.notes)
    back = 150 * (np.sinh(plain) - np.sinh(raw.rows["CD19 (PE-A)"]))
    assert back.to_numpy() == pytest.approx(
        0.1 * 150 * np.sinh(raw.rows["CD3 (FITC-A)"]).to_numpy(), rel=1e-3, abs=1e-2
    )
    for broken in ("x", "2,FITC-A", "2,FITC-A,PE-A,1,1,1,1", "2,FITC-A,other,1,0,0,1"):
        assert not any("compensation" in note for note in inspect(fcs(tmp_path, spill=broken)).notes)


def test_mass_cytometry_has_its_own_cofactor(tmp_path: Path) -> None:
    raw = inspect(
        fcs(tmp_path, ["Event_length", "Y89Di", "Nd142Di", "Sm147Di", "Time"], ["", "CD45", "CD19", "CD20", ""])
    )
    assert list(raw.rows) == ["Event_length", "CD45", "CD19", "CD20", "Time"]
    assert any("arcsinh(value / 5)" in note for note in raw.notes)


def test_damaged_cytometry_files_have_a_sentence(tmp_path: Path) -> None:
    content = fcs(tmp_path).read_bytes()
    header = content.replace(b"$PAR", b"$PAX"), content.replace(b"$P2N", b"$X2N"), b"FCS3.1" + b" " * 300
    for broken in (content[:3000], content[:200], *header):
        (tmp_path / "broken.fcs").write_bytes(broken)
        with pytest.raises(InputError, match=r"broken\.fcs"):
            inspect(tmp_path / "broken.fcs")


def test_values_that_are_no_numbers_are_blank(tmp_path: Path) -> None:
    content = bytearray(fcs(tmp_path, spill="2,FITC-A,PE-A,1,0.1,0,1").read_bytes())
    content[-2000:-1800] = b"\xff\xff\xbf\x7f" * 50  # a signaling NaN
    (tmp_path / "nan.fcs").write_bytes(content)
    raw = inspect(tmp_path / "nan.fcs")
    assert 20 <= sum(column.missing for column in raw.columns) <= 120


TABLE = (
    pd.DataFrame({"code": [f"{i:05}" for i in range(90)], "size": np.arange(90) % 7 * 1.5}).to_csv(index=False).encode()
)


def test_a_table_packed_by_zstandard(tmp_path: Path) -> None:
    pack = zstandard.ZstdCompressor().compress
    path = tmp_path / "people.csv.zst"
    path.write_bytes(pack(TABLE[:700]) + pack(TABLE[700:]))  # in two frames, as parallel packers do
    raw = inspect(path)
    assert (len(raw), list(raw.rows)) == (90, ["code", "size"])
    assert rows_as_written(raw, path, tmp_path)["code"][3] == "00003"


def test_damaged_and_boundless_zstandard(tmp_path: Path) -> None:
    whole = zstandard.ZstdCompressor().compress(TABLE)
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    for content, says in ((whole[:-9], "in the middle"), (whole[:20] + b"x" * 90, "zst"), (bomb, "unpacks to more")):
        (tmp_path / "a.csv.zst").write_bytes(content)
        with pytest.raises(InputError, match=says):
            inspect(tmp_path / "a.csv.zst", limit=10_000_000)
