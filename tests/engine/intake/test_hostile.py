"""Files made to harm, and files broken beyond sense: each gives data or a sentence, soon and within bounded memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest
from engine.runs.workers.memory_limit import memory_limit
from tests.engine.intake.test_fuzz import soon

SECONDS = 120
MEMORY = 3 * 2**30
TOO_MUCH = "took more memory than it may"
SECRET = "a secret that lies outside"


def read(folder: Path, name: str, data: bytes, limit: int | None = None) -> Raw | str:
    """What a file holds, tried to be prepared as it is suggested, or the sentence with which it is refused."""
    path = folder / name
    path.write_bytes(data)
    refusal, raw = "", None
    try:
        with soon(SECONDS), memory_limit(MEMORY, TOO_MUCH):
            raw = inspect(path, limit=limit)
            assert np.isfinite(prepare(raw, suggest(raw)).x).all()
    except InputError as found:
        refusal = str(found)
    assert TOO_MUCH not in refusal
    assert raw is not None or len(refusal) > 15
    return refusal if raw is None else raw


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(*entries: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for entry in entries:
            archive.addfile(entry)
    return out.getvalue()


def picture(size: tuple[int, int] = (8, 8), color: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, color).save(out, "PNG")
    return out.getvalue()


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def npy(descr: str, shape: str) -> bytes:
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode()


def bomb(levels: int) -> bytes:
    data = zipped(("a.csv", b"0,0\n" * 100_000))
    for _ in range(levels):
        data = zipped(*[(f"{i}.zip", data) for i in range(10)])
    return data


def arrow(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return out.getvalue()


def database(folder: Path, *statements: str) -> bytes:
    path = folder / "made.sqlite"
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def far_workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    return written(book.save)


def repeated_ods(rows: str) -> bytes:
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="s"><table:table-row {rows}>'
        '<table:table-cell table:number-columns-repeated="1000" office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.encode()))


def small_ods() -> bytes:
    """Of two cells in a row that is said to come a million times."""
    return repeated_ods('table:number-rows-repeated="1000000"').replace(b'repeated="1000"', b'repeated="2"')


def repeated_words(stream: bool) -> bytes:
    """An Arrow table whose one long text stands in five million rows."""
    codes = pa.DictionaryArray.from_arrays(pa.array(np.zeros(5_000_000, np.int32)), pa.array(["x" * 100_000]))
    batch, out = pa.record_batch([codes], names=["t"]), io.BytesIO()
    maker, options = (pa.ipc.new_stream if stream else pa.ipc.new_file), pa.ipc.IpcWriteOptions(compression="zstd")
    with maker(out, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return out.getvalue()


def long_series() -> bytes:
    head = "@problemName x\n@univariate true\n@classLabel true a b\n@data\n"
    return (head + "1,2,3:a\n" * 20_000 + ",".join(["1"] * 200_000) + ":b\n").encode()


def large_parquet() -> bytes:
    table = pa.table({"a": pa.array(np.zeros(2_000_000)), "b": pa.array(np.zeros(2_000_000))})
    out = io.BytesIO()
    with pq.ParquetWriter(out, table.schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(table)
    return out.getvalue()


def sparse_arff() -> bytes:
    return b"@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n{0 1, 1000000000 5}\n{0 2}\n"


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip members": ("a.csv.gz", lambda: gzip.compress(b"") * 200_000),
    "traversal in a zip": ("a.zip", lambda: zipped(("../b.csv", b"x,y\n1,2\n3,4\n"))),
    "traversal in a tar": ("a.tar", lambda: tarred(tarfile.TarInfo("../b.csv"))),
    "zips in zips": ("a.zip", lambda: bomb(6)),
    "cell far away": ("a.xlsx", far_workbook),
    "rows repeated": ("a.ods", lambda: repeated_ods('table:number-rows-repeated="1000000"')),
    "rows repeated, other quotes": ("a.ods", lambda: repeated_ods("table:number-rows-repeated='1000000'")),
    "two cells repeated": ("a.ods", lambda: small_ods()),
    "words of Arrow repeated": ("a.arrow", lambda: repeated_words(stream=False)),
    "words of an Arrow stream repeated": ("a.arrows", lambda: repeated_words(stream=True)),
    "tiny files": ("a.zip", lambda: zipped(*[(f"f{i}.dat", b"x") for i in range(30_000)])),
    "pickle": ("a.pkl", lambda: pickle.dumps({"a": [1]})),
    "pickle of words": ("a.pkl", lambda: pickle.dumps({"a": [1]}, protocol=0)),
    "PyTorch": ("a.pt", lambda: zipped(("archive/data.pkl", pickle.dumps([1])), ("archive/version", b"3"))),
    "objects in NPY": ("a.npy", lambda: written(lambda out: np.save(out, np.array([{}, []], dtype=object)))),
    "objects in NPZ": ("a.npz", lambda: written(lambda out: np.savez(out, x=np.array([{}, []], dtype=object)))),
    "words without width": ("a.npz", lambda: zipped(("x.npy", npy("<U0", "(2000000000,)")))),
    "declared size of NPY": ("a.npy", lambda: npy("<f8", "(2000000000, 1000)")),
    "axis of length 0": ("a.idx", lambda: b"\0\0\x08\x02" + struct.pack(">II", 0, 5)),
    "declared size of IDX": ("a.idx", lambda: b"\0\0\x08\x03" + struct.pack(">III", 2**31, 2**31, 2**31)),
    "own keys": ("a.json", lambda: json.dumps([{f"k{i}": i} for i in range(20_000)]).encode()),
    "own keys by line": ("a.jsonl", lambda: "\n".join(json.dumps({f"k{i}": i}) for i in range(20_000)).encode()),
    "nested lists": ("a.json", lambda: b"[" * 1200 + b"]" * 1200),
    "nested objects": ("a.json", lambda: b'[{"x":1,"a":' + b'{"a":' * 1200 + b"1" + b"}" * 1200 + b"}]"),
    "nested without end": ("a.json", lambda: b'[{"a":' * 100_000),
    "one long series": ("a.ts", long_series),
    "a million names": ("a.csv", lambda: b",".join(b"%d" % i for i in range(1_000_000))),
    "30 million commas": ("a.csv", lambda: b"," * 30_000_000),
    "quotation mark at the top": ("a.csv", lambda: b'"' + b"4,5\n" * 10_000_000),
    "quotation mark below": ("a.csv", lambda: b"a,b\n" + b"4,5\n" * 100_000 + b'"x,3\n' + b"4,5\n" * 10_000_000),
    "sparse place": ("a.arff", sparse_arff),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    name, make = REFUSED[kind]
    refusal = read(tmp_path, name, make())
    assert isinstance(refusal, str)
    assert "a." in refusal


READ: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "gzip members with rows": ("a.csv.gz", lambda: gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n") * 20_000, 20_000),
    "long names": ("a.zip", lambda: zipped(*[(f"{'x' * 300}{i}.png", picture(color=i * 40)) for i in range(4)]), 4),
    "large pictures": ("a.zip", lambda: zipped(*[(f"{i}.png", picture((7700, 7700), i * 100)) for i in range(2)]), 2),
    "long cell": (
        "a.csv",
        lambda: b"a,b\n" + b"1,some words\n2,or more\n" * 20 + b"3," + b"x y " * 2_500_000 + b"\n",
        41,
    ),
    "long number": ("a.csv", lambda: b"a,b\n" + b"1,2\n3,4\n" * 20 + b"3," + b"1" * 10_000_000 + b"\n", 41),
    "long blank": ("a.csv", lambda: b"a,b\n" + b"1,2\n3,4\n" * 20 + b"3,-1" + b" " * 10_000_000 + b"x\n", 41),
    "long name of a column": ("a.csv", lambda: b"1" * 131_000 + b"x,b\n" + b"1,2\n4,3\n" * 25, 50),
}


@pytest.mark.parametrize("kind", READ)
def test_it_is_read(kind: str, tmp_path: Path) -> None:
    name, make, rows = READ[kind]
    raw = read(tmp_path, name, make())
    assert isinstance(raw, Raw), raw
    assert len(raw) == rows


def test_a_name_with_nul_keeps_what_comes_after_it(tmp_path: Path) -> None:
    pictures = [(f"{place}X{i}.png", picture(color=80 * i + 40 * j)) for j, place in enumerate("ab") for i in range(2)]
    data = zipped(*pictures).replace(b"aX", b"a\0").replace(b"bX", b"b\0")
    raw = read(tmp_path, "a.zip", data)
    assert isinstance(raw, Raw)
    assert sorted(raw.rows["file"]) == ["a_0.png", "a_1.png", "b_0.png", "b_1.png"]


def test_links_in_archives_and_folders_lead_nowhere(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside.txt", tmp_path / "folder"
    outside.write_text(f"{SECRET}\n" * 3)
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, str(outside))
        archive.writestr("own.csv", "x,y\n1,2\n3,4\n")
    raw = read(tmp_path, "a.zip", out.getvalue())
    assert isinstance(raw, Raw)
    assert list(raw.rows) == ["x", "y"]
    entries = [tarfile.TarInfo(f"{kind!r}.txt") for kind in (0, 1, 2, 3)]
    for entry, kind in zip(entries, (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE), strict=True):
        entry.type, entry.linkname = kind, str(outside)
    assert "empty tar" in str(read(tmp_path, "a.tar", tarred(*entries)))
    folder.mkdir()
    for i in range(3):
        (folder / f"{i}.txt").write_text(f"text {i} of several words")
    os.symlink(outside, folder / "link.txt")
    assert len(inspect(folder)) == 3


def test_a_file_beside_a_folder_of_its_name(tmp_path: Path) -> None:
    raw = read(
        tmp_path, "a.zip", zipped(*[(name, b"some words of " + name.encode()) for name in ("a.txt", "a.txt/b.txt")])
    )
    assert isinstance(raw, Raw)
    assert sorted(raw.rows["file"]) == ["a (2).txt", "a.txt/b.txt"]
    assert any("the name of a folder" in note for note in raw.notes)


ENTITIES = '<!DOCTYPE r [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(10)
)
ROWS = "<r><p><a>{0}</a><b>1</b></p><p><a>x</a><b>2</b></p><p><a>y</a><b>3</b></p></r>"
SHEET = (
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet ss:Name="a"><Table><Row><Cell><Data>n</Data></Cell><Cell><Data>m</Data></Cell></Row><Row><Cell><Data>{0}</Data>'
    "</Cell><Cell><Data>1</Data></Cell></Row><Row><Cell><Data>b</Data></Cell><Cell><Data>2</Data></Cell></Row></Table></Worksheet>"
    "</Workbook>"
)
PAGE = "<html><table><tr><th>a</th><th>b</th></tr><tr><td>{0}</td><td>1</td></tr><tr><td>x</td><td>2</td></tr></table></html>"


@pytest.mark.parametrize(
    ("name", "body"), [("a.xml", ROWS), ("a.xls", SHEET), ("a.html", PAGE), ("a.svg", "<svg>{0}</svg>")]
)
@pytest.mark.parametrize("outside", [False, True], ids=["laughs", "external"])
def test_entities_are_not_followed(name: str, body: str, outside: bool, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET)
    kind = f'<!DOCTYPE r [<!ENTITY k SYSTEM "file://{tmp_path / "secret.txt"}">' if outside else ENTITIES
    found = read(tmp_path, name, f'<?xml version="1.0"?>{kind}]>{body.format("&k;")}'.encode())
    if isinstance(found, Raw):
        assert SECRET not in found.rows.to_csv()
        assert len(found.rows.to_csv()) < 10_000


def test_entities_in_a_workbook_are_not_followed(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["a", "b"], ["x", 1], ["y", 2]):
        book.active.append(row)
    parts = zipfile.ZipFile(io.BytesIO(written(book.save)))
    strings = (
        f'<?xml version="1.0"?>{ENTITIES}]><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><t>&k;</t></si><si><t>b</t></si><si><t>x</t></si><si><t>y</t></si></sst>"
    )
    mixed = [(n, strings.encode() if n == "xl/sharedStrings.xml" else parts.read(n)) for n in parts.namelist()]
    found = read(tmp_path, "a.xlsx", zipped(*mixed))
    assert isinstance(found, str) or len(found.rows.to_csv()) < 10_000


@pytest.mark.parametrize("way", ["link", "raw", "virtual"])
@pytest.mark.parametrize("key", ["x", "X"])
def test_hdf5_opens_no_other_file(way: str, key: str, tmp_path: Path) -> None:
    import h5py

    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = np.random.default_rng(0).normal(size=(30, 3))
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file["own"] = np.random.default_rng(1).normal(size=(30, 2))
        if key == "X":
            file.create_group("obs"), file.create_group("var")
        if way == "link":
            file[key] = h5py.ExternalLink(str(other), "/x")
        elif way == "raw":
            file.create_dataset(key, shape=(30, 3), dtype="u1", external=[(str(other), 0, 90)])
        else:
            layout = h5py.VirtualLayout(shape=(30, 3), dtype="f8")
            layout[:] = h5py.VirtualSource(str(other), "x", shape=(30, 3))
            file.create_virtual_dataset(key, layout)
    assert "other files" in str(read(tmp_path, "a.h5", out.getvalue()))


@pytest.mark.parametrize("arrays", [1, 12])
def test_arrays_of_hdf5_that_fill_the_memory(arrays: int, tmp_path: Path) -> None:
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for i in range(arrays):
            file.create_dataset(f"x{i}", shape=(3 * 10**9 // arrays // 8000, 1000), dtype="f8", chunks=(1000, 100))
    assert "unpacks to more than" in str(read(tmp_path, "a.h5", out.getvalue()))


def test_parquet_that_fills_the_memory(tmp_path: Path) -> None:
    assert "unpacks to more than" in str(read(tmp_path, "a.parquet", large_parquet(), 2**26))


def test_calculated_columns_of_a_database_that_fill_the_memory(tmp_path: Path) -> None:
    rows = "insert into a(x) values " + ",".join(f"({i})" for i in range(100))
    for megabytes, said in ((40, "has more than"), (4, "unpacks to more than")):
        column = f"y generated always as (hex(zeroblob({megabytes}000000))) virtual, z generated always as (y) virtual"
        data = database(tmp_path, "drop table if exists a", f"create table a(x, {column})", rows)
        assert said in str(read(tmp_path, "a.sqlite", data, 2**26))


def test_views_of_a_database_are_not_run(tmp_path: Path) -> None:
    endless = (
        "create view v as with recursive t(n) as (select 1 union all select n + 1 from t) select n, n * 2 as m from t"
    )
    raw = read(
        tmp_path, "a.sqlite", database(tmp_path, "create table a(x, y)", "insert into a values (1, 2), (3, 4)", endless)
    )
    assert isinstance(raw, Raw)
    assert len(raw) == 2


def test_many_columns_of_one_name(tmp_path: Path) -> None:
    lines = [",".join(str(i * j % 7) for j in range(1500)) for i in range(1, 8)]
    raw = read(tmp_path, "a.csv", "\n".join([",".join(["a"] * 1500), *lines]).encode())
    assert isinstance(raw, Raw)
    assert raw.rows.shape == (7, 1500)
    assert raw.rows.columns.is_unique
    assert len(raw.notes) < 20
