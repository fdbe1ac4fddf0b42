"""Pictures of any mode and size become one upright array."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.intake import Preparation, Raw, inspect, prepare, preprocessing_summary, suggest
from engine.intake.naming import unique_paths
from engine.results.export.image_folders import files_of


def save(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def read(files: dict[str, bytes], path: Path) -> Raw:
    with zipfile.ZipFile(path / "pictures.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return inspect(path / "pictures.zip")


def half(size: tuple[int, int] = (12, 12)) -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return picture


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "WEBP", "JPEG"])
def test_kinds(tmp_path: Path, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    raw = read({f"a.{kind.lower()}": save(half(), kind, **options), "b.png": save(half())}, tmp_path)
    assert raw.array.shape == (2, 12, 12, 3)
    assert np.abs(raw.array[0].astype(int) - raw.array[1]).max() <= (30 if kind == "JPEG" else 2)


def test_gray_stays_gray_and_mixes_with_color(tmp_path: Path) -> None:
    gray = save(Image.new("L", (8, 8), 100))
    colorless = save(Image.new("RGB", (8, 8), (7, 7, 7)))
    assert read({"a.png": gray, "b.png": colorless}, tmp_path).array.shape == (2, 8, 8, 1)
    mixed = read({"a.png": gray, "b.png": save(half((8, 8)))}, tmp_path).array
    assert mixed.shape == (2, 8, 8, 3)
    assert (mixed[0] == 100).all()


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    solid = Image.new("RGBA", (8, 8), (255, 0, 0, 255))
    values = read({"a.png": save(clear), "b.png": save(solid)}, tmp_path).array
    assert (values[0] == 255).all()
    assert (values[1] == (255, 0, 0)).all()


def test_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    deep = Image.fromarray(np.full((8, 8), 32768, np.uint16))
    raw = read({"a.png": save(deep), "b.png": save(Image.new("L", (8, 8), 3))}, tmp_path)
    assert raw.array[0, 0, 0, 0] == 128


def test_exif_turns_pictures_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = save(half((16, 8)), "JPEG", exif=exif, quality=100)
    values = read({"a.jpg": turned, "b.jpg": turned}, tmp_path).array
    assert values.shape[1:3] == (16, 8)
    assert values[0, 1, 4, 0] > 200
    assert values[0, 14, 4, 2] > 200


def test_mixed_sizes_are_cut_to_the_middle(tmp_path: Path) -> None:
    files = {f"{i}.png": save(half((20 + 10 * i, 40))) for i in range(5)}
    raw = read(files, tmp_path)
    assert raw.array.shape[1] == raw.array.shape[2] == 40
    assert "5 different sizes" in raw.notes[0]


def test_large_pictures_of_one_size_are_stored_small(tmp_path: Path) -> None:
    raw = read({"a.png": save(half((500, 300))), "b.png": save(Image.new("RGB", (500, 300), "green"))}, tmp_path)
    assert raw.array.shape == (2, 224, 224, 3)
    assert "500 x 300" in raw.notes[0]
    assert prepare(raw, suggest(raw)).x.shape == (2, 3, 32, 32)


def test_folders_are_labels(tmp_path: Path) -> None:
    files = {f"set/{kind}/{i}.png": save(Image.new("L", (8, 8), i)) for kind in ("cat", "dog") for i in range(3)}
    raw = read(files | {"__MACOSX/set/cat/._0.png": b"junk", "set/.DS_Store": b"junk"}, tmp_path)
    assert raw.rows["folder"].tolist() == ["cat"] * 3 + ["dog"] * 3
    assert prepare(raw, suggest(raw)).class_names == ("cat", "dog")
    assert raw.notes == ()


def test_files_and_folders_read_like_a_zip(tmp_path: Path) -> None:
    for kind in ("cat", "dog"):
        (tmp_path / "set" / kind).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "set" / kind / f"{i}.png").write_bytes(save(half((8 + i, 8))))
    folder = inspect(tmp_path / "set")
    assert folder.rows["folder"].tolist() == ["cat"] * 3 + ["dog"] * 3
    several = inspect([tmp_path / "set" / "cat" / f"{i}.png" for i in range(3)])
    assert several.rows["file"].tolist() == ["0.png", "1.png", "2.png"]
    np.testing.assert_array_equal(several.array, folder.array[:3])


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("images/mnist_1000_png_folders.zip", (1000, 28, 28, 1), 10),
        ("images/cifar10_1000_png_folders.zip", (1000, 32, 32, 3), 10),
        ("images/coil20_png_folders.zip", (1440, 32, 32, 1), 20),
        ("images/photos_ants_bees_original24.zip", (24, 224, 224, 3), 2),
        ("images/mnist_t10k-images-idx3-ubyte.gz", (10000, 28, 28, 1), 0),
    ],
)
def test_real_pictures(shared, name: str, shape: tuple[int, ...], classes: int) -> None:
    raw = inspect(shared(name))
    assert raw.array.shape == shape
    prepared = prepare(raw, suggest(raw))
    assert len(prepared.class_names) == classes
    assert prepared.x.dtype == np.float32
    assert 0 <= prepared.x.min() < prepared.x.max() <= 1
    assert prepared.x.shape[1] == shape[3]


def test_idx_pair(shared) -> None:
    raw = inspect([shared(f"images/mnist_t10k-{part}-ubyte.gz") for part in ("labels-idx1", "images-idx3")])
    assert raw.array.shape == (10000, 28, 28, 1)
    assert prepare(raw, suggest(raw)).truth[:5].tolist() == [7, 2, 1, 0, 4]


def test_size_and_gray_are_choices() -> None:
    raw = inspect("photos")
    prepared = prepare(raw, Preparation(image_size=16, gray=True))
    assert prepared.x.shape == (1024, 1, 16, 16)
    said = " ".join(preprocessing_summary(raw, Preparation(image_size=16, gray=True)))
    assert "16 x 16" in said
    assert "Color is dropped" in said
    assert prepared.recipe.restore(prepared.x).shape == (1024, 16, 16, 1)
    assert prepared.recipe.restore(prepared.x).dtype == np.uint8


def test_restore_undoes_apply() -> None:
    raw = inspect("photos")
    prepared = prepare(raw, suggest(raw))
    np.testing.assert_array_equal(prepared.recipe.restore(prepared.x), raw.array)


def test_files_of_one_name_are_all_kept_and_named(tmp_path: Path) -> None:
    paths = []
    for folder, color in (("one", 10), ("two", 200)):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "a.png")
        Image.new("L", (8, 8), color).save(paths[-1])
    note = "1 file had the name of another and got a number, so that all are kept: *a (2).png*."
    raw = inspect(paths)
    assert raw.rows["file"].tolist() == ["a.png", "a (2).png"]
    assert raw.array[:, 0, 0, 0].tolist() == [10, 200]
    assert note in raw.notes
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(paths[0], "a.png")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.write(paths[1], "a.png")
    raw = inspect(tmp_path / "all.zip")
    assert raw.array[:, 0, 0, 0].tolist() == [10, 200]
    assert note in raw.notes
    assert [name for name, _ in files_of(tmp_path / "all.zip")] == ["a.png", "a (2).png"]


def test_files_of_one_name_in_several_folders_keep_their_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for folder, color in (("cats", 10), ("dogs", 200)):
            stream = io.BytesIO()
            Image.new("L", (8, 8), color).save(stream, "PNG")
            archive.writestr(f"{folder}/1.png", stream.getvalue())
    raw = inspect(tmp_path / "all.zip")
    assert raw.rows["file"].tolist() == ["cats/1.png", "dogs/1.png"]
    assert not raw.notes


def test_a_number_is_given_that_no_other_file_has() -> None:
    names, notes = unique_paths(["x/a.b.png", "x/a.b (2).png", "x/a.b.png", "README", "README"])
    assert names == ["x/a.b.png", "x/a.b (2).png", "x/a.b (3).png", "README", "README (2)"]
    assert notes[0].startswith("2 files had the name of another and got a number")
