"""Every bad file gets one clear sentence that says what is wrong and where."""

import gzip
import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from engine.core.errors import InputError
from engine.intake import Preparation, inspect, limits, prepare, preprocessing_summary, suggest


def png(color: int = 90, size: tuple[int, int] = (8, 8)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, (color, 20, 30)).save(stream, "PNG")
    return stream.getvalue()


def zipped(files: dict[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def refusal(source: object, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        inspect(source, **options)
    sentence = str(caught.value)
    assert 20 < len(sentence) < 400
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("people.csv", "", "empty"),
        ("people.csv", "\n \n\n", "empty"),
        ("people.csv", "name,age\n", "no rows"),
        ("people.csv", "name,age\nAnna,3\nBob\nCarl,5,6\n", "Row 3"),
        ("people.csv", 'name,age\nAnna,3\nBob,"5\nCarl,5\nDora,6\n', "quotation mark"),
        ("people.csv", b"%PDF-1.7 something", "PDF"),
        ("people.csv", pickle.dumps([1, 2]), "pickle"),
        ("people.json", '{"a": [1, 2', "line 1"),
        ("people.jsonl", '{"a": 1}\n{"a": 2\n', "line 2"),
        ("people.json", "[]", "no rows"),
        ("people.json", "[" * 100_000, "nested"),
        ("people.csv", bytes(range(1, 9)) * 500, "neither text nor a format"),
        ("wide.csv", ",".join(f"c{i}" for i in range(300_000)) + "\n" + "1," * 299_999 + "1\n", "300,000 columns"),
        ("people.parquet", b"PAR1 but then nothing PAR1", "damaged Parquet"),
        ("people.parquet", b"no parquet at all", "ending .parquet"),
        ("people.xlsx", b"no workbook at all", "ending .xlsx"),
        ("picture.png", b"no picture at all", "ending .png"),
        ("series.ts", "@problemName x\n@classLabel true a b\n@data\n1,2,zwei:a\n", "Line 4"),
        ("series.ts", "@problemName x\n", "@data"),
        ("pictures.zip", b"PK\x03\x04 and then nothing", "damaged zip"),
        ("people.csv.gz", b"\x1f\x8b\x08 and then nothing", "damaged"),
        ("people.csv.gz", gzip.compress(b"a,b\n" + bytes(range(65, 90)) * 100, mtime=0)[:-30], "middle"),
        ("digits.idx", b"\0\0\x08\x03" + (5).to_bytes(4) * 3 + b"abc", "middle"),
        ("digits.idx", b"\0\0\x08\x02" + (0).to_bytes(4) + (5).to_bytes(4), "length 0"),
        ("digits.idx", b"\x7f\xbf", "ending .idx"),
        ("blob", b"\x01\x02\x00\x03" * 30, "cannot be read"),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, data: bytes | str, says: str) -> None:
    assert says in refusal(write(tmp_path, name, data))


def test_a_stray_nul_is_named_with_its_row(tmp_path: Path) -> None:
    file = tmp_path / "stray.csv"
    file.write_bytes(b"a,b\n1,2\n3\x00\xff,4,5,6\n")
    assert "Row 3 of *stray.csv* holds a NUL character" in refusal(file)


def test_missing_file() -> None:
    assert "customers" in refusal("no/such/file.csv")


def test_ragged_row_is_numbered_in_long_files(tmp_path: Path) -> None:
    rows = [f"{i},{i}" for i in range(200_000)]
    rows[150_000] = "1,2,3"
    sentence = refusal(write(tmp_path, "long.csv", "a,b\n" + "\n".join(rows)))
    assert "Row 150,002 " in sentence
    assert "3 cells" in sentence


def test_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "big.csv", "a,b\n" + "1,2\n" * 5000)
    assert "at most 1 KiB" in refusal(path, limit=1024)
    monkeypatch.setenv("CONSTELLA_MAX_UPLOAD", "2048")
    assert "at most 2 KiB" in refusal(path)
    monkeypatch.setenv("CONSTELLA_MAX_UPLOAD", "much")
    assert "CONSTELLA_MAX_UPLOAD" in refusal(path)


def test_sparse_two_gigabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(2 * 2**30)
    assert "has 2 GiB" in refusal(path)


def test_picture_named_as_table(tmp_path: Path) -> None:
    sentence = refusal(write(tmp_path, "people.csv", png()))
    assert "CSV" in sentence
    assert "PNG picture" in sentence


def test_corrupt_pictures_are_left_out_and_named(tmp_path: Path) -> None:
    files = {f"{i}.png": png(i * 20) for i in range(5)} | {"broken.png": png()[:50], "notes.txt": b"hello"}
    raw = inspect(zipped(files, tmp_path / "pictures.zip"))
    assert len(raw) == 5
    assert any("broken.png" in note and "1 picture " in note for note in raw.notes)
    assert any("notes.txt" in note for note in raw.notes)


def test_only_corrupt_pictures(tmp_path: Path) -> None:
    sentence = refusal(zipped({"a.png": b"nothing", "b.png": png()[:40]}, tmp_path / "pictures.zip"))
    assert "All 2 pictures" in sentence


def test_what_unpacks_to_too_much_is_refused_with_its_size_and_the_limit(tmp_path: Path) -> None:
    zeros = b"0,0\n" * 5_000_000
    for path in (
        zipped({"a.csv": zeros}, tmp_path / "bomb.zip"),
        write(tmp_path, "bomb.csv.gz", gzip.compress(zeros)),
    ):
        sentence = refusal(path, limit=2**20)
        assert "KiB, but unpacks to more than 1 MiB, the most that one upload may unpack to" in sentence
        assert "CONSTELLA_MAX_UPLOAD" in sentence


def test_what_unpacks_to_more_than_memory_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped({"a.csv": b"0,0\n" * 2_000_000}, tmp_path / "bomb.zip")
    monkeypatch.setattr(limits, "free_memory", lambda: 6 * 2**20)
    assert "more than the 2 MiB that fit into the memory of this machine now" in refusal(path)
    monkeypatch.setattr(limits, "free_memory", lambda: None)
    assert len(inspect(path)) == 2_000_000


def test_free_memory_is_what_machine_and_control_group_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most, used = write(tmp_path, "max", b"5000\n"), write(tmp_path, "current", b"2000\n")
    monkeypatch.setattr(limits, "_CGROUPS", ((str(most), str(used)), (str(tmp_path / "none"), str(used))))
    monkeypatch.setattr(limits, "_machine_memory", lambda: 10_000)
    assert limits.free_memory() == 3000
    most.write_text("max\n")
    assert limits.free_memory() == 10_000
    monkeypatch.setattr(limits, "_machine_memory", lambda: None)
    assert limits.free_memory() is None


def test_sparse_data_that_packs_a_thousandfold_is_read(tmp_path: Path) -> None:
    x = np.zeros((2000, 1000), np.float32)
    x[::7, 3] = 1
    np.savez_compressed(tmp_path / "sparse.npz", x=x)
    assert x.nbytes > 500 * (tmp_path / "sparse.npz").stat().st_size
    assert len(inspect(tmp_path / "sparse.npz")) == 2000
    rows = b"a,b,c\n" + b"0,0,0\n" * 500_000 + b"1,2,3\n"
    packed = write(tmp_path, "sparse.csv.gz", gzip.compress(rows))
    assert len(rows) > 200 * packed.stat().st_size
    assert len(inspect(packed)) == 500_001


@pytest.mark.parametrize("ending", ["gz", "zip"])
def test_archives_that_never_end(tmp_path: Path, ending: str) -> None:
    data, name = b"a,b\n1,2\n3,4\n", "a.csv"
    for depth in range(6):
        if ending == "zip":
            data, name = zipped({name: data}, tmp_path / "inner.zip").read_bytes(), f"{depth}.zip"
        else:
            data, name = gzip.compress(data), f"{name}.gz"
    assert "unpack it and upload the content" in refusal(write(tmp_path, name, data))


def test_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = zipped({"a.csv": b"a,b\n" + b"0" * 20_000_000}, tmp_path / "liar.zip")
    data = path.read_bytes().replace((20_000_004).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(data)
    refusal(path)


def test_unpacked_size_is_limited(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 4, 4_000_000).astype(np.uint8).tobytes()
    assert "unpacks to more" in refusal(zipped({"a.npy": noise}, tmp_path / "big.npz"), limit=2_000_000)


@pytest.mark.parametrize("entry", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "..\\evil.png", "C:\\evil.png"])
def test_paths_out_of_the_archive(tmp_path: Path, entry: str) -> None:
    assert "outside" in refusal(zipped({"good.png": png(), entry: png()}, tmp_path / "pictures.zip"))


def test_empty_and_foreign_zips(tmp_path: Path) -> None:
    assert "empty zip" in refusal(zipped({}, tmp_path / "empty.zip"))
    assert "is a PDF" in refusal(zipped({"a.pdf": b"%PDF-1.7", "b.pdf": b"%PDF-1.7"}, tmp_path / "two.zip"))
    unlike = {"a.mtx": b"%%MatrixMarket matrix array real general\n2 1\n1\n2\n", "b.bin": b"\0\1\2"}
    assert "do not belong" in refusal(zipped(unlike, tmp_path / "three.zip"))


def test_npy_with_objects_is_never_unpickled(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path(tmp_path / "ran").touch, ())

    np.save(tmp_path / "evil.npy", np.array([Evil(), 1], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "evil.npz", x=np.array([Evil(), 1], dtype=object))
    assert "Python objects" in refusal(tmp_path / "evil.npy")
    assert "Python objects" in refusal(tmp_path / "evil.npz")
    assert not (tmp_path / "ran").exists()


def test_npy_that_is_cut_off_or_lies(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1000, 4)))
    assert "middle" in refusal(write(tmp_path, "cut.npy", (tmp_path / "x.npy").read_bytes()[:-8]))
    data = (tmp_path / "x.npy").read_bytes().replace(b"(1000, 4)", b"(10**9,4)".replace(b"10**9", b"99999"))
    assert "middle" in refusal(write(tmp_path, "liar.npy", data))


def test_npz_without_a_known_key(tmp_path: Path) -> None:
    np.savez(tmp_path / "odd.npz", first=np.ones((3, 2)), second=np.ones((3, 2)))
    assert "first" in refusal(tmp_path / "odd.npz")


def test_labels_of_another_length(tmp_path: Path) -> None:
    np.savez(tmp_path / "odd.npz", x=np.ones((3, 2)), y=np.ones(4, int))
    assert "3 rows" in refusal(tmp_path / "odd.npz")


def test_nan_and_infinity_in_arrays_are_placed(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(20, 3))
    x[4, 1], x[7, 2] = np.nan, np.inf
    raw = inspect(x)
    assert any("NaN" in note and "row 5" in note and "x2" in note for note in raw.notes)
    assert any("infinity" in note and "row 8" in note and "x3" in note for note in raw.notes)
    assert np.isfinite(prepare(raw, suggest(raw)).x).all()
    assert "number 5" in refusal(np.where(np.arange(20)[:, None, None] == 4, np.nan, np.ones((20, 6, 6))))


def test_infinity_in_a_csv_is_named(tmp_path: Path) -> None:
    raw = inspect(write(tmp_path, "a.csv", "a,b\n1,2\ninf,3\n2,4\n"))
    assert any("infinity" in note and "row 2" in note for note in raw.notes)


def prepared_refusal(frame: pd.DataFrame, **choices: object) -> str:
    raw = inspect(frame, name="people.csv")
    with pytest.raises(InputError) as caught:
        prepare(raw, Preparation.from_json(suggest(raw).to_json() | choices))
    return str(caught.value)


def test_one_row() -> None:
    assert "single row" in prepared_refusal(pd.DataFrame({"a": [1], "b": [2]}))


def test_duplicate_rows_only() -> None:
    assert "All 3 rows" in prepared_refusal(pd.DataFrame({"a": [1, 1, 1], "b": ["x", "x", "x"]}))
    twice = pd.DataFrame({"id": [1, 2, 3] * 9, "color": ["red"] * 27, "size": [4, 4, 4] * 9})
    assert "No column" in prepared_refusal(twice, roles={"id": "ignore"})


def test_too_few_rows_without_blanks() -> None:
    holes = pd.DataFrame({"a": [1, None, 3, 4], "b": [None, 2, 4, None]})
    assert "3 rows" in prepared_refusal(holes, missing="drop")


def test_same_pictures_only() -> None:
    raw = inspect(np.full((5, 8, 8), 200, np.uint8))
    with pytest.raises(InputError, match="same once prepared"):
        prepare(raw, suggest(raw))


def test_no_column_left() -> None:
    assert "No column" in prepared_refusal(pd.DataFrame({"customer_id": range(30)}))
    assert "No column" in prepared_refusal(pd.DataFrame({"a": [np.nan] * 9}))


def test_one_column_says_what_it_means() -> None:
    raw = inspect(pd.DataFrame({"age": [20, 21, 40, 41, 60, 66]}))
    assert prepare(raw, suggest(raw)).x.shape == (6, 1)
    assert any("ranges of its values" in sentence for sentence in preprocessing_summary(raw, suggest(raw)))


def test_column_without_any_value_is_left_out_and_named(tmp_path: Path) -> None:
    raw = inspect(write(tmp_path, "a.csv", "a,b,c\n1,,5\n2,,3\n3,,4\n"))
    assert raw.column("b").role == "ignore"
    assert any("*b*" in sentence and "blank" in sentence for sentence in preprocessing_summary(raw, suggest(raw)))
    assert prepare(raw, suggest(raw)).recipe.columns_out == ("a", "c")


def test_words_where_numbers_were() -> None:
    raw = inspect(pd.DataFrame({"age": [20.0, 30, 40, 50], "x": [1.0, 2, 3, 9]}))
    recipe = prepare(raw, suggest(raw)).recipe
    other = inspect(pd.DataFrame({"age": ["20", "old", "young", "30"], "x": [1.0, 2, 3, 9]}))
    with pytest.raises(InputError, match=r"\*age\*.*“old” in row 2"):
        recipe.apply(other)
    with pytest.raises(InputError, match=r"\*age\* is missing"):
        recipe.apply(inspect(pd.DataFrame({"x": [1.0, 2]})))


def test_hostile_and_foreign_names(tmp_path: Path) -> None:
    path = write(tmp_path, "größe ✓.csv", "<script>alert(1)</script>,größe,値,a*b\n1,2,3,5\n4,5,7,1\n4,6,9,2\n")
    raw = inspect(path)
    assert list(raw.rows) == ["<script>alert(1)</script>", "größe", "値", "a*b"]
    said = " ".join(preprocessing_summary(raw, suggest(raw)))
    assert "\\<script\\>" in said
    assert "a\\*b" in said
    assert "*größe*" in said


def test_twice_named_and_nameless_columns(tmp_path: Path) -> None:
    raw = inspect(write(tmp_path, "a.csv", "a,a,,\n1,2,3,\n4,5,7,\n"))
    assert list(raw.rows) == ["a", "a (2)", "column 3"]
    assert len(raw.notes) == 2


def test_unknown_settings() -> None:
    with pytest.raises(InputError, match="no preparation setting"):
        Preparation.from_json({"colour": 1})
    for bad in (
        {"scale": "huge"},
        {"missing": "guess"},
        {"roles": {"a": "boss"}},
        {"components": 0},
        {"image_size": 2.5},
    ):
        with pytest.raises(InputError, match="must be"):
            Preparation.from_json(bad)
    raw = inspect(pd.DataFrame({"a": [1, 2, 3]}))
    with pytest.raises(InputError, match="has no column"):
        prepare(raw, Preparation(roles={"b": "feature"}))


def test_damaged_entry_in_a_zip(tmp_path: Path) -> None:
    path = zipped({f"{i}.png": png(i) for i in range(4)}, tmp_path / "p.zip")
    data = bytearray(path.read_bytes())
    data[45:60] = b"\xff" * 15
    path.write_bytes(data)
    raw = inspect(path)
    assert len(raw) == 3
    assert any("0.png" in note for note in raw.notes)


def test_numbers_too_large_to_compare_are_named() -> None:
    raw = inspect(pd.DataFrame({"x": [1e308, -1e308, 1e308, 3.0], "z": [1.0, 2, 3, 4]}))
    with pytest.raises(InputError, match=r"Column \*x\* holds numbers too large to compare \(1e\+308\)"):
        prepare(raw, suggest(raw))


def test_a_single_label_for_many_rows(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(3), y=np.float32(1))
    assert "has 3 rows, but 1 label" in refusal(tmp_path / "a.npz")


def test_feature_names_that_come_twice_get_a_number(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(3), feature_names=np.array(["a", "a", ""]))
    raw = inspect(tmp_path / "a.npz")
    assert list(raw.rows) == ["a", "a (2)", "column 3"]
    assert any("came twice" in note for note in raw.notes)


def test_frames_with_cells_of_any_kind_and_an_index_named_like_a_column() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5], "o": [{1}, b"x"]}, index=pd.Index([7, 8], name="a"))
    raw = inspect(frame)
    assert list(raw.rows) == ["a", "a (2)", "o"]
    assert raw.fingerprint == inspect(frame.copy()).fingerprint
    assert raw.fingerprint != inspect(frame.assign(o=[{2}, b"x"])).fingerprint
