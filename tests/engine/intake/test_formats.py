"""A file is what it is: every format that is read, what is refused and why, and files that are made to fill the memory."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc

from engine.core.errors import InputError
from engine.intake import Raw, inspect

N = 12
FRAME = pd.DataFrame(
    {"pid": [f"P{i:03}" for i in range(N)], "score": [i * 7 % 5 + 0.5 for i in range(N)], "hours": range(N)}
)


def read(folder: Path, data: bytes | str, name: str, **options: object) -> Raw:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return inspect(path, options=options)


def refusal(folder: Path, data: bytes | str, name: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, data, name)
    return str(caught.value)


def check(raw: Raw) -> None:
    assert list(raw.rows) == list(FRAME)
    assert raw.rows["score"].tolist() == FRAME["score"].tolist()
    assert raw.rows["pid"].tolist() == FRAME["pid"].tolist()
    assert raw.kind == "table"


def sheets(**frames: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    with pd.ExcelWriter(stream) as book:
        for title, frame in frames.items():
            frame.to_excel(book, sheet_name=title, index=False)
    return stream.getvalue()


def arff(rows: str, classes: str = "") -> str:
    kinds = "@attribute 'p id' string\n@ATTRIBUTE score REAL\n@attribute hours numeric\n" + classes
    return f"% a comment\n@relation trial\n\n{kinds}\n@data\n{rows}"


@pytest.mark.parametrize("name", ["a.html", "a.xls", "a.csv"])
def test_tables_of_web_pages_whatever_their_name(tmp_path: Path, name: str) -> None:
    raw = read(tmp_path, "<html><body><p>Hello</p>" + FRAME.to_html(index=False) + "</body></html>", name)
    check(raw)
    assert any("is a web page" in note for note in raw.notes) == (name != "a.html")


def test_cells_of_web_pages_that_span_others(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>B{i}<td>{i}<td>{i * 2}</tr>" for i in range(5))
    head = "<tr><th rowspan=2>Branch<th colspan=2>First</tr><tr><th>units<th>money</tr>"
    raw = read(tmp_path, f"<!DOCTYPE html><table>{head}{rows}</table><script>alert(1)</script>", "a.html")
    assert list(raw.rows) == ["Branch", "First units", "First money"]
    assert "without a table" in refusal(tmp_path, "<html><p>none</p></html>", "b.html")


def test_excel_2003_xml_and_records(tmp_path: Path) -> None:
    cells = "".join(
        "<Row>"
        + "".join(
            f'<Cell><Data ss:Type="{"String" if isinstance(v, str) else "Number"}">{v}</Data></Cell>' for v in row
        )
        + "</Row>"
        for row in [list(FRAME), *FRAME.to_numpy().tolist()]
    )
    book = f'<?xml version="1.0"?><Workbook xmlns:ss="urn:x"><Worksheet ss:Name="S"><Table>{cells}</Table></Worksheet></Workbook>'
    check(read(tmp_path, book, "a.xls"))
    items = "".join(f'<row pid="{p}"><score>{s}</score><hours>{h}</hours></row>' for p, s, h in FRAME.to_numpy())
    check(read(tmp_path, f"<?xml version='1.0'?><rows>{items}</rows>", "a.xml"))


def test_xml_neither_follows_entities_nor_nests_without_end(tmp_path: Path) -> None:
    entities = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "file:///etc/passwd">]>'
    bomb = f'<?xml version="1.0"?>{entities}<a><b c="1"/><b c="2">&z;</b></a>'
    assert "entities" in refusal(tmp_path, bomb, "a.xml")
    assert "nested too deeply" in refusal(tmp_path, "<?xml version='1.0'?>" + "<a>" * 5000 + "</a>" * 5000, "b.xml")
    assert "line 1" in refusal(tmp_path, "<?xml version='1.0'?><a><b>", "c.xml")


def test_the_sheet_with_the_best_table_is_read_and_others_can_be_chosen(tmp_path: Path) -> None:
    cover = pd.DataFrame({"Report": ["for the board"], "Date": ["2024"]})
    small = pd.DataFrame({"a": [1, 2, 3], "b": [3, 5, 4]})
    data = sheets(Cover=cover, Data=FRAME, More=small)
    raw = read(tmp_path, data, "a.xlsx")
    check(raw)
    assert raw.alternatives["sheet"] == ("Data", "Cover", "More")
    assert "3 filled sheets; *Data* was read" in raw.notes[0]
    assert list(read(tmp_path, data, "a.xlsx", sheet="More").rows) == ["a", "b"]
    with pytest.raises(InputError, match="no filled sheet “None”"):
        read(tmp_path, data, "a.xlsx", sheet="None")


def book_of(rows: list[list[object]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_of_several_tables_in_a_sheet_the_largest_is_read(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Budget", None], ["key", "value"], ["a", 1], ["b", 2], []]
    rows += [["pid", "score", "hours"], *FRAME.to_numpy().tolist(), [], ["name", "n"], ["x", 3], ["y", 4]]
    raw = read(tmp_path, book_of(rows), "a.xlsx")
    check(raw)
    assert any(
        "holds 3 tables; the largest was read. The others begin in row 1 and row 20" in note for note in raw.notes
    )
    assert raw.alternatives["header"][:2] == ("6", "1")
    assert read(tmp_path, book_of(rows), "a.xlsx", header=20).rows["n"].tolist() == [3, 4]
    beside = [["", *row, None, "k", i] for i, row in enumerate([list(FRAME), *FRAME.to_numpy().tolist()][:5])]
    beside += [["", *row] for row in FRAME.to_numpy().tolist()[4:]]
    check(read(tmp_path, book_of(beside), "b.xlsx"))


def test_blank_rows_inside_a_table_do_not_end_it(tmp_path: Path) -> None:
    rows = [list(FRAME), *FRAME.to_numpy().tolist()]
    check(read(tmp_path, book_of([[], *rows[:5], [], *rows[5:9], [], [], *rows[9:]]), "a.xlsx"))


def test_a_workbook_with_cells_far_apart_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    book.save(stream)
    assert len(stream.getvalue()) < 10_000
    assert "cells so far apart" in refusal(tmp_path, stream.getvalue(), "a.xlsx")


@pytest.mark.parametrize("kind", ["dta", "sav", "xpt"])
def test_files_of_statistics_programs(tmp_path: Path, kind: str) -> None:
    import pyreadstat

    path = tmp_path / f"a.{kind}"
    frame = FRAME.assign(sex=[1, 2] * 6)
    if kind == "dta":
        frame.assign(sex=pd.Categorical(["f", "m"] * 6)).to_stata(path, write_index=False)
    elif kind == "sav":
        pyreadstat.write_sav(
            frame, str(path), variable_value_labels={"sex": {1: "f", 2: "m"}}, missing_ranges={"hours": [11]}
        )
    else:
        pyreadstat.write_xport(frame, str(path), file_format_version=5)
    raw = inspect(path)
    check(replace_rows(raw, "sex"))
    if kind != "xpt":
        assert raw.rows["sex"].tolist() == ["f", "m"] * 6
        assert any("labels for values" in note for note in raw.notes)
    if kind == "sav":
        assert raw.rows["hours"].isna().tolist() == [False] * 11 + [True]
    assert "damaged" in refusal(tmp_path, path.read_bytes()[:300], f"b.{kind}")


def replace_rows(raw: Raw, without: str) -> Raw:
    from dataclasses import replace

    return replace(raw, rows=raw.rows.drop(columns=without))


def test_feather_arrow_and_orc(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(FRAME)
    feather.write_feather(table, tmp_path / "a.feather")
    orc.write_table(table, tmp_path / "a.orc")
    check(inspect(tmp_path / "a.feather"))
    check(inspect(tmp_path / "a.orc"))
    assert "damaged" in refusal(tmp_path, (tmp_path / "a.feather").read_bytes()[:200], "b.feather")


def test_arff_dense_sparse_and_damaged(tmp_path: Path) -> None:
    rows = "".join(f"'P {i}',{i}.5,{'?' if i == 3 else i},{'yes' if i % 2 else 'no'}\n" for i in range(N))
    raw = read(tmp_path, arff(rows, "@attribute class {yes, no}\n"), "a.arff")
    assert list(raw.rows) == ["p id", "score", "hours", "class"]
    assert raw.rows["p id"][4] == "P 4"
    assert np.isnan(raw.rows["hours"][3])
    assert raw.column("class").role == "label"
    sparse = read(tmp_path, arff("".join(f"{{0 P{i}, 2 {i + 1}}}\n" for i in range(4))), "a.txt")
    assert sparse.rows["hours"].tolist() == [1, 2, 3, 4]
    assert sparse.rows["score"].tolist() == [0] * 4
    assert "Line 9 " in refusal(tmp_path, arff("P1,2\n"), "b.arff")


def test_sqlite(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    FRAME.to_sql("trial", connection, index=False)
    pd.DataFrame({"a": [1, 2], "b": [1, 3]}).to_sql('odd "name', connection, index=False)
    connection.close()
    raw = inspect(tmp_path / "a.db")
    check(raw)
    assert raw.alternatives["sheet"] == ("trial", 'odd "name')
    assert list(inspect(tmp_path / "a.db", options={"sheet": 'odd "name'}).rows) == ["a", "b"]
    assert "damaged" in refusal(tmp_path, (tmp_path / "a.db").read_bytes()[:600], "b.db")


def test_mat_files_of_both_versions(tmp_path: Path) -> None:
    import h5py
    from scipy.io import savemat

    x, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 3
    savemat(tmp_path / "a.mat", {"X": x, "y": y[:, None]})
    with h5py.File(tmp_path / "b.mat", "w", userblock_size=512) as file:
        file["X"], file["y"] = x.T, y[None, :]
    data = b"MATLAB 7.3 MAT-file".ljust(512) + (tmp_path / "b.mat").read_bytes()[512:]
    for raw in (inspect(tmp_path / "a.mat"), read(tmp_path, data, "c.mat")):
        np.testing.assert_allclose(raw.rows.iloc[:, :4].to_numpy(np.float64), x)
        assert raw.rows["label"].tolist() == y.tolist()
    savemat(tmp_path / "d.mat", {"s": "words"})
    assert "no array of numbers" in refusal(tmp_path, (tmp_path / "d.mat").read_bytes(), "d.mat")
    assert "damaged" in refusal(tmp_path, (tmp_path / "a.mat").read_bytes()[:200], "e.mat")


@pytest.mark.parametrize("layout", ["dense", "csr", "csc"])
def test_h5ad_is_cells_by_genes_with_what_is_known_of_the_cells(tmp_path: Path, layout: str) -> None:
    import h5py
    from scipy import sparse

    x = np.random.default_rng(0).poisson(1.0, (20, 5)).astype(np.float32)
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        if layout == "dense":
            file["X"] = x
        else:
            made = sparse.csr_matrix(x) if layout == "csr" else sparse.csc_matrix(x)
            group = file.create_group("X")
            group.attrs["encoding-type"], group.attrs["shape"] = f"{layout}_matrix", x.shape
            group["data"], group["indices"], group["indptr"] = made.data, made.indices, made.indptr
        obs, var = file.create_group("obs"), file.create_group("var")
        obs.attrs["_index"], var.attrs["_index"] = "_index", "_index"
        obs["_index"], var["_index"] = [f"c{i}" for i in range(20)], [f"g{i}" for i in range(5)]
        kinds = obs.create_group("cell_type")
        kinds["codes"], kinds["categories"] = np.arange(20) % 2, ["T", "B"]
    raw = inspect(tmp_path / "a.h5ad")
    assert list(raw.rows) == ["cell", "cell_type", *(f"g{i}" for i in range(5))]
    np.testing.assert_array_equal(raw.rows.iloc[:, 2:].to_numpy(np.float64), x)
    assert raw.rows["cell_type"].tolist() == ["T", "B"] * 10


def test_matrix_market_counts_what_it_would_unpack_to(tmp_path: Path) -> None:
    head = "%%MatrixMarket matrix coordinate integer general\n"
    raw = read(tmp_path, head + "4 2 3\n1 1 5\n2 2 7\n4 1 1\n", "a.mtx")
    assert raw.rows.to_numpy().tolist() == [[5, 0], [0, 7], [0, 0], [1, 0]]
    assert len(read(tmp_path, head + "2 4 3\n1 1 5\n2 2 7\n1 4 1\n", "a.mtx", transpose=True)) == 4
    assert "bring a part" in refusal(tmp_path, head + "9000000 9000000 1\n1 1 5\n", "b.mtx")


@pytest.mark.parametrize("name", ["a.csv.bz2", "a.csv.xz", "a.csv.gz", "a.tar", "a.tar.gz", "a.tgz", "a.tar.xz"])
def test_what_is_packed_is_unpacked(tmp_path: Path, name: str) -> None:
    data = FRAME.to_csv(index=False).encode()
    if ".t" in name:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            info = tarfile.TarInfo("folder/a.csv")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        data = stream.getvalue()
    packers = {"bz2": bz2.compress, "xz": lzma.compress, "gz": gzip.compress, "tgz": gzip.compress}
    data = packers.get(name.rsplit(".", 1)[-1], bytes)(data)
    check(read(tmp_path, data, name))


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, pack) -> None:
    (tmp_path / "a.csv.xz").write_bytes(pack(b"0,0\n" * 2_000_000))
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        inspect(tmp_path / "a.csv.xz", limit=2**20)


def test_a_tar_that_points_out_of_itself_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("../../evil.csv"))
    assert "outside" in refusal(tmp_path, stream.getvalue(), "a.tar")
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        link = tarfile.TarInfo("a.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert "empty tar" in refusal(tmp_path, stream.getvalue(), "b.tar")


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.docx", zipped("word/document.xml"), "Word document"),
        ("a.pptx", zipped("ppt/presentation.xml"), "PowerPoint"),
        ("a.pt", zipped("archive/data.pkl"), "pickle"),
        ("a.numbers", zipped("Index/Document.iwa"), "Numbers"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.doc", b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "Word document"),
        ("a.csv", b"%PDF-1.4", "PDF"),
        ("a.fcs", b"FCS3.0    ", "damaged FCS file"),
        ("a.mkv", b"\x1aE\xdf\xa3" + bytes(60), "video"),
        ("a.rtf", b"{\\rtf1 hello}", "RTF"),
        ("a.py", b"import os\nprint(1)\nx = [1, 2, 3]\n", "not known"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    assert says in refusal(tmp_path, data, name)


def test_json_in_all_its_shapes(tmp_path: Path) -> None:
    records = json.loads(FRAME.to_json(orient="records"))
    for shape in (
        records,
        {"meta": 1, "rows": records},
        {"result": {"rows": records}},
        json.loads(FRAME.to_json(orient="split", index=False)),
        [list(FRAME), *FRAME.to_numpy().tolist()],
    ):
        check(read(tmp_path, json.dumps(shape), "a.json"))
        check(read(tmp_path, json.dumps(shape), "a.csv"))
    check(read(tmp_path, "\n".join(map(json.dumps, records)), "a.txt"))


def test_geojson(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"name": f"n{i}"}, "geometry": {"type": "Point", "coordinates": [i, -i]}}
        for i in range(4)
    ]
    raw = read(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), "a.geojson")
    assert list(raw.rows) == ["name", "longitude", "latitude"]
    assert raw.rows["latitude"].tolist() == [0, -1, -2, -3]


def test_logs_that_begin_with_a_bracket_are_no_json(tmp_path: Path) -> None:
    raw = read(tmp_path, "".join(f"[INFO] the job number {i} was done in time\n" for i in range(9)), "a.txt")
    assert raw.kind == "text"


def test_hostile_json(tmp_path: Path) -> None:
    assert "nested too deeply" in refusal(tmp_path, '[{"a": ' + "[" * 1200 + "]" * 1200 + "}]", "a.json")
    own = "[" + ",".join(f'{{"k{i}": 1}}' for i in range(20_000)) + "]"
    assert "different keys" in refusal(tmp_path, own, "b.json")


def test_dates_that_no_calendar_has_are_blank_and_said(tmp_path: Path) -> None:
    days = pa.array([0, 2**30, 19_000], pa.int32()).cast(pa.date32())
    far = pa.array([0, 2**62, 10**15], pa.int64()).cast(pa.timestamp("us"))
    pq.write_table(pa.table({"day": days, "far": far, "n": [1, 2, 4]}), tmp_path / "a.parquet")
    raw = inspect(tmp_path / "a.parquet")
    assert raw.rows["day"].isna().tolist() == raw.rows["far"].isna().tolist() == [False, True, False]
    assert sum("beyond the years 1 to 9999" in note for note in raw.notes) == 2


def test_parquet_has_the_limit_of_columns_that_csv_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table({f"c{i}": [1.0, i, 3] for i in range(30)}), tmp_path / "a.parquet")
    monkeypatch.setattr("engine.intake.layout.widths.WIDEST", 20)
    with pytest.raises(InputError, match="30 columns; at most 20"):
        inspect(tmp_path / "a.parquet")


def test_parquet_that_repeats_a_long_word_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 4096, pa.int32()), pa.array(["y" * 1_000_000]))
    pq.write_table(pa.table({"x": words}).replace_schema_metadata(None), tmp_path / "a.parquet", store_schema=False)
    assert (tmp_path / "a.parquet").stat().st_size < 2_000_000
    with pytest.raises(InputError, match="unpacks to more than"):
        inspect(tmp_path / "a.parquet", limit=2**28)


def test_equal_names_of_many_columns_are_numbered_at_once() -> None:
    from engine.intake.naming import unique_names

    names, notes = unique_names(["a"] * 20_000 + ["a (7)", ""])
    assert len(set(names)) == 20_002
    assert names[1] == "a (2)"
    assert len(notes) == 2
