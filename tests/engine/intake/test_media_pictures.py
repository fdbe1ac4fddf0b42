"""Pictures as instruments write them: 16 bits, floats, many bands, stacks of pages, large ones, HEIC and DICOM."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from engine.core.errors import InputError
from engine.intake import Preparation, Raw, inspect, prepare, suggest
from engine.intake.media import picture_files
from engine.view.thumbnails import atlas, png

RNG = np.random.default_rng(0)


def tiff(array: np.ndarray, **options: object) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, **options)
    return stream.getvalue()


def read(files: dict[str, bytes], path: Path, **options: object) -> Raw:
    with zipfile.ZipFile(path / "pictures.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return inspect(path / "pictures.zip", **options)


def said(raw: Raw) -> str:
    return " ".join(raw.notes)


def test_dim_pictures_stay_dim_beside_bright_ones(tmp_path: Path) -> None:
    bright = RNG.integers(100, 4095, (9, 9)).astype(np.uint16)
    dim = RNG.integers(100, 140, (9, 9)).astype(np.uint16)
    raw = read({"a.tif": tiff(bright), "b.tif": tiff(dim)}, tmp_path)
    assert raw.array[0].max() == 255
    assert raw.array[1].max() < 10
    assert "the same for all pictures" in said(raw)


def test_floats_from_zero_to_one_are_black_to_white(tmp_path: Path) -> None:
    raw = read({f"{i}.tif": tiff(np.full((9, 9), i / 4, np.float32)) for i in range(5)}, tmp_path)
    assert raw.array[:, 0, 0, 0].tolist() == [0, 64, 128, 191, 255]


def test_new_pictures_are_scaled_as_the_first_ones_were(tmp_path: Path) -> None:
    raw = read({f"{i}.tif": tiff(np.full((9, 9), 1000 * i, np.uint16)) for i in range(5)}, tmp_path)
    new = read(
        {f"{i}.tif": tiff(np.full((9, 9), 1000 * i, np.uint16)) for i in (2, 3)},
        tmp_path,
        options=raw.options_for_new_data,
    )
    assert (new.array == raw.array[2:4]).all()


@pytest.mark.parametrize("bands", [2, 4, 13])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_every_band_is_read(tmp_path: Path, bands: int, planar: str) -> None:
    cubes = [RNG.integers(0, 3000, (9, 10, bands)).astype(np.uint16) for _ in range(4)]
    for cube in cubes:
        cube[..., -1] //= 100  # a dim band has a scale of its own
    laid = [cube if planar == "contig" else np.moveaxis(cube, 2, 0) for cube in cubes]
    extra = {"photometric": "minisblack", "planarconfig": planar, "extrasamples": [0] * (bands - 1)}
    raw = read({f"{i}.tif": tiff(part, **extra) for i, part in enumerate(laid)}, tmp_path)
    assert raw.array.shape == (4, 9, 10, bands)
    assert raw.array[..., -1].max() == 255
    prepared = prepare(raw, Preparation(image_size=8))
    assert prepared.x.shape == (4, bands, 8, 8)
    assert prepared.recipe.restore(prepared.x).shape == (4, 8, 8, bands)
    assert prepare(raw, Preparation(gray=True)).x.shape[1] == 1
    assert Image.open(io.BytesIO(png(raw.array[0]))).mode == "RGB"
    assert Image.open(io.BytesIO(atlas(raw.array)[0])).mode == "RGB"


def test_pictures_of_other_bands_are_left_out_with_the_reason(tmp_path: Path) -> None:
    extra = {"photometric": "minisblack", "planarconfig": "contig"}
    many = {f"{i}.tif": tiff(RNG.integers(0, 255, (9, 9, 5)).astype(np.uint8), **extra) for i in range(3)}
    plain = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(plain, "PNG")
    raw = read({**many, "preview.png": plain.getvalue()}, tmp_path)
    assert len(raw) == 3
    assert "3 bands where most pictures have 5" in said(raw)
    with pytest.raises(InputError, match="same bands"):
        prepare(raw, suggest(raw)).recipe.apply(read({"a.png": plain.getvalue()}, tmp_path))


def test_every_page_is_a_picture(tmp_path: Path) -> None:
    stack = RNG.integers(0, 255, (12, 9, 9)).astype(np.uint8)
    (tmp_path / "stack.tif").write_bytes(tiff(stack, photometric="minisblack"))
    raw = inspect(tmp_path / "stack.tif")
    np.testing.assert_array_equal(raw.array[..., 0], stack)
    assert raw.rows["file"].tolist()[:2] == ["stack.tif (page 01)", "stack.tif (page 02)"]
    assert "each page is a picture" in said(raw)
    deep = tiff(stack.astype(np.uint16) * 9, photometric="minisblack")
    assert read({"a.tif": deep, "b.tif": deep}, tmp_path).array.shape == (24, 9, 9, 1)


def test_every_frame_of_an_animation_is_a_picture(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (9, 9), (50 * i, 0, 0)) for i in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert len(inspect(tmp_path / "a.gif")) == 4


def test_a_large_photo_is_read_at_a_fraction_of_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "MOST_PIXELS", 1_000_000)
    large = Image.new("RGB", (1600, 1200), "red")
    large.paste("blue", (800, 0, 1600, 1200))
    for kind in ("JPEG", "PNG"):
        large.save(tmp_path / f"large.{kind.lower()}", kind)
    small = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(small, "PNG")
    files = {path.name: path.read_bytes() for path in tmp_path.glob("large.*")}
    raw = read({**files, "small.png": small.getvalue()}, tmp_path)
    assert raw.rows["file"].tolist() == ["large.jpeg", "small.png"]
    assert raw.array[0, 5, 0, 0] > 200 > raw.array[0, 5, -1, 0]
    assert "1 picture is of more than 1 million pixels, too many to read and was left out: *large.png*" in said(raw)
    assert "damaged" not in said(raw)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_large_pictures_of_every_mode(tmp_path: Path, mode: str) -> None:
    kind = "PNG" if mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "TIFF"
    plain = Image.new("RGB", (1300, 900), "black")
    plain.paste("white", (650, 0, 1300, 900))
    deep = np.asarray(plain.convert("L"))
    types = {"I;16": np.uint16, "I": np.int32}
    picture = Image.fromarray(deep.astype(types[mode])) if mode in types else plain.convert(mode)
    stream = io.BytesIO()
    picture.save(stream, kind)
    raw = read({f"{i}.{kind.lower()}": stream.getvalue() for i in range(2)}, tmp_path)
    assert raw.array.shape[:3] == (2, 224, 224)
    assert (raw.array[0, 112, 56] != raw.array[0, 112, 168]).any()


def test_a_page_too_large_for_memory_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "MOST_BYTES", 10_000)
    files = {"a.tif": tiff(np.zeros((100, 100), np.float32)), "b.tif": tiff(RNG.random((9, 9)).astype(np.float32))}
    assert "once unpacked" in said(read(files, tmp_path))


def test_pixels_without_a_measurement_are_black(tmp_path: Path) -> None:
    hole = RNG.random((9, 9)).astype(np.float32)
    hole[0, 0] = np.nan
    raw = read({"a.tif": tiff(hole), "b.tif": tiff(np.full((9, 9), np.nan, np.float32))}, tmp_path)
    assert (len(raw), raw.array[0, 0, 0, 0]) == (1, 0)
    assert "without any measured pixel" in said(raw)


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000"])
def test_further_kinds(tmp_path: Path, kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(stream, kind)
    raw = read({f"a.{'avif' if kind == 'AVIF' else 'jp2'}": stream.getvalue()}, tmp_path)
    assert raw.array[0, 8, 8, 0] > 200


def test_dicom_is_read_in_the_units_of_the_device(tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom")
    files = {}
    for i in range(3):
        dataset = pydicom.Dataset()
        dataset.file_meta = pydicom.dataset.FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        dataset.file_meta.MediaStorageSOPClassUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 9, 9, 1
        dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
        dataset.BitsAllocated = dataset.BitsStored = 16
        dataset.HighBit = 15
        dataset.RescaleSlope, dataset.RescaleIntercept = i + 1, -1024
        dataset.PixelData = np.full((9, 9), 600, np.uint16).tobytes()
        stream = io.BytesIO()
        pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
        files[f"{i}.dcm"] = stream.getvalue()
    raw = read(files, tmp_path)
    assert raw.array[:, 0, 0, 0].tolist() == [0, 128, 255]
    assert "from -424 to 776" in said(raw)


def test_what_heic_and_dicom_need_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pi_heif", None)
    heic = b"\0\0\0\x18ftypheic" + bytes(200)
    with pytest.raises(InputError, match=r"HEIC.*pip install pi-heif.*PNG"):
        read({"a.heic": heic}, tmp_path)


@pytest.mark.parametrize(
    ("name", "head", "what"),
    [
        ("a.svg", b"<svg xmlns='x'/>", "drawing"),
        ("a.mp4", b"\0\0\0\x18ftypisom" + bytes(99), "video"),
        ("a.avi", b"RIFF\1\0\0\0AVI LIST" + bytes(99), "video"),
    ],
)
def test_drawings_and_videos_are_named(tmp_path: Path, name: str, head: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(head)
    with pytest.raises(InputError, match=what):
        inspect(tmp_path / name)
