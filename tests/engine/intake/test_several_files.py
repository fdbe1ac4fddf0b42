"""Several files in a zip, a tar or a folder that are one data set: parts of a table, cells and genes, recordings."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, inspect


def zipped(folder: Path, files: Mapping[str, bytes | str], name: str = "files.zip", **options: object) -> Raw:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for inner, data in files.items():
            archive.writestr(inner, data)
    return inspect(folder / name, options=options)


def part(first: int, decimal: str = ".") -> str:
    rows = [f"{first + i};{i}{decimal}5;{'ab'[i % 2]}" for i in range(10)]
    return "\n".join(["number;size;kind", *rows])


def test_tables_with_the_same_columns_are_put_together(tmp_path: Path) -> None:
    raw = zipped(tmp_path, {f"export/2024-{month:02}.csv": part(100 * month, ",") for month in (1, 2, 3)})
    assert (raw.kind, len(raw), list(raw.rows)) == ("table", 30, ["file", "number", "size", "kind"])
    assert raw.rows["size"].tolist()[:2] == [0.5, 1.5]
    assert raw.rows["file"].iloc[-1] == "export/2024-03.csv"
    assert raw.column("file").role == "ignore"
    assert raw.column("number").role == "id"
    assert "3 tables in *files.zip* have the same columns" in raw.notes[0]


def test_numbers_of_parts_are_judged_from_all_of_them(tmp_path: Path) -> None:
    clear, open_ = "name;sum\n" + "a;1.250,50\n" * 9, "name;sum\n" + "b;2.500\n" * 9
    raw = zipped(tmp_path, {"one.csv": clear, "two.csv": open_})
    assert sorted(set(raw.rows["sum"])) == [1250.5, 2500.0]


def test_a_table_beside_its_readme_is_read(tmp_path: Path) -> None:
    raw = zipped(tmp_path, {"wine.names": "what the columns mean", "wine.csv": part(1), "README.pdf": b"%PDF-1.7 x"})
    assert len(raw) == 10
    assert "*wine.names* and *README.pdf* are no tables and were left out." in raw.notes


def test_of_unlike_tables_the_largest_is_read_and_another_can_be_chosen(tmp_path: Path) -> None:
    files = {"sample.csv": "number;kind\n1;a\n2;b\n", "train.csv": part(1)}
    raw = zipped(tmp_path, files)
    assert len(raw) == 10
    assert raw.alternatives["sheet"] == ("train.csv", "sample.csv")
    assert "*files.zip* holds 2 tables; *train.csv* was read." in raw.notes
    assert len(zipped(tmp_path, files, sheet="sample.csv")) == 2
    with pytest.raises(InputError, match="no table"):
        zipped(tmp_path, files, sheet="other.csv")


def test_tables_of_numbers_over_time_are_series(tmp_path: Path) -> None:
    def recording(i: int) -> str:
        return "time,acc\n" + "".join(f"{step / 10},{np.sin(step * (1 + i % 2)):.4f}\n" for step in range(20 + i))

    files = {f"{'ab'[i % 2]}/run{i}.csv": recording(i) for i in range(6)}
    raw = zipped(tmp_path, files)
    assert (raw.kind, raw.array.shape) == ("series", (6, 1, 25))
    assert raw.column("file").role == "id"
    assert raw.column("folder").role == "label"
    assert "moments ordered by *time*" in raw.notes[0]
    assert zipped(tmp_path, files, kind="table").kind == "table"


def test_months_that_go_on_are_no_series(tmp_path: Path) -> None:
    files = {f"{m}.csv": "day,sold\n" + "".join(f"{30 * m + d},{d}\n" for d in range(30)) for m in range(5)}
    assert zipped(tmp_path, files).kind == "table"


def test_text_files_of_numbers_are_channels_or_recordings(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(2, 12, 30))
    rows = ["\n".join("  ".join(f"{v:.5e}" for v in row) for row in channel) for channel in x]
    raw = zipped(tmp_path, {"body_x.txt": rows[0], "body_y.txt": rows[1]})
    assert raw.kind == "series"
    assert np.allclose(raw.array, x.transpose(1, 0, 2), atol=1e-4)
    files = {f"{'ZS'[i % 2]}/{i}.txt": "\n".join(str(v) for v in x[0, i]) for i in range(8)}
    raw = zipped(tmp_path, files)
    assert raw.array.shape == (8, 1, 30)
    assert raw.column("folder").role == "label"


def test_documents_stay_texts(tmp_path: Path) -> None:
    raw = zipped(tmp_path, {f"{i}.txt": f"1984 was a good year, number {i}" for i in range(6)})
    assert raw.kind == "text"


COUNTS = [[0, 3, 1], [2, 0, 0], [0, 1, 4], [5, 0, 1]]  # genes in rows, cells in columns


def _matrix() -> bytes:
    entries = [(i + 1, j + 1, n) for i, row in enumerate(COUNTS) for j, n in enumerate(row) if n]
    lines = [f"{i} {j} {n}" for i, j, n in entries]
    return "\n".join(["%%MatrixMarket matrix coordinate integer general", f"4 3 {len(lines)}", *lines]).encode()


def test_a_matrix_of_counts_with_cells_and_genes(tmp_path: Path) -> None:
    genes = "".join(f"ENSG{i}\tGENE{i}\tGene Expression\n" for i in range(4)).encode()
    files = {
        "out/matrix.mtx.gz": gzip.compress(_matrix()),
        "out/features.tsv.gz": gzip.compress(genes),
        "out/barcodes.tsv.gz": gzip.compress(b"AAAC-1\nCCGT-1\nTTTG-1\n"),
    }
    raw = zipped(tmp_path, files)
    assert list(raw.rows) == ["cell", "GENE0", "GENE1", "GENE2", "GENE3"]
    assert raw.rows.iloc[:, 1:].to_numpy().T.tolist() == COUNTS
    assert raw.column("cell").role == "id"
    assert raw.notes[0] == "*files.zip* holds 3 cells and 4 genes."


def test_a_matrix_that_does_not_fit_its_cells(tmp_path: Path) -> None:
    files = {"matrix.mtx": _matrix(), "genes.tsv": "a\nb\nc\nd\n", "barcodes.tsv": "x\ny\n"}
    with pytest.raises(InputError, match="4 genes and 3 cells, but 4 genes and 2 cells are named"):
        zipped(tmp_path, files)


def test_a_tar_of_tables(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "parts.tar.gz", "w:gz") as archive:
        for name in ("a.csv", "b.csv"):
            entry = tarfile.TarInfo(name)
            entry.size = len(part(1))
            archive.addfile(entry, io.BytesIO(part(1).encode()))
    assert len(inspect(tmp_path / "parts.tar.gz")) == 20
