"""Damaged files of every format end in data or in a sentence, never in another error."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from engine.core.errors import InputError
from engine.intake import inspect, prepare, suggest


def examples() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=30), "b": rng.choice(["x", "y"], 30), "c": ["some words, here"] * 30})
    files: dict[str, bytes] = {
        "a.csv": frame.to_csv(index=False).encode(),
        "a.json": frame.to_json(orient="records").encode(),
    }
    for name, write in (("a.parquet", frame.to_parquet), ("a.xlsx", frame.to_excel)):
        stream = io.BytesIO()
        write(stream, index=False)
        files[name] = stream.getvalue()
    for name, save in (("a.npy", np.save), ("a.npz", lambda out, x: np.savez_compressed(out, x=x, y=np.arange(30)))):
        stream = io.BytesIO()
        save(stream, rng.normal(size=(30, 4)))
        files[name] = stream.getvalue()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for i in range(4):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (9, 9, 3), np.uint8)).save(picture, "PNG")
            archive.writestr(f"{i % 2}/{i}.png", picture.getvalue())
    files["a.zip"] = stream.getvalue()
    files["a.ts"] = b"@problemName x\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n1,2,3:4,5,7:b\n"
    files["a.tsv"] = "\n".join("\t".join(["1"] + [str(v) for v in row]) for row in rng.normal(size=(9, 12))).encode()
    files["a.idx"] = b"\0\0\x08\x03" + (4).to_bytes(4) + (5).to_bytes(4) * 2 + bytes(range(100))
    return files


@pytest.mark.parametrize("name", sorted(examples()))
@pytest.mark.filterwarnings("ignore")
def test_no_damage_escapes_as_another_error(tmp_path, name: str) -> None:
    whole = examples()[name]
    rng = np.random.default_rng(1)
    path = tmp_path / name
    path.write_bytes(whole)
    prepare(raw := inspect(path), suggest(raw))
    outcomes = {"read": 0, "refused": 0}
    for _ in range(40):
        data = bytearray(whole)
        if rng.random() < 0.3:
            del data[int(rng.integers(len(data))) :]
        for _ in range(int(rng.integers(1, 6))):
            if data:
                data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(bytes(data))
        try:
            raw = inspect(path)
            prepare(raw, suggest(raw))
            outcomes["read"] += 1
        except InputError:
            outcomes["refused"] += 1
    assert sum(outcomes.values()) == 40
    assert outcomes["refused"] > 0 or name in ("a.csv", "a.tsv")


def test_a_carriage_return_inside_a_quoted_line_is_no_error(tmp_path):
    """Lines of words, one of them with quotation marks and a lone carriage return."""
    file = tmp_path / "input.txt"
    file.write_bytes(b'name 1 2\n"a b" 3 4\nc\rd "e" 5\nf 6 7\ng 8 9\n')
    assert len(inspect(file)) >= 4


def test_a_carriage_return_in_the_last_lines_or_among_attributes_is_no_raw_error(tmp_path):
    table = tmp_path / "input.csv"
    table.write_bytes(b"a,b\n" + b"1,2\n" * 30 + b"3,4\rx\n5,6\n")
    with pytest.raises(InputError, match=r"Row 33 of .* has 1 cell"):
        inspect(table)
    arff = tmp_path / "input.arff"
    arff.write_bytes(
        b"@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n" + b"1,x\n2,y\n" * 20 + b"3,'x\ry'\n"
    )
    assert len(inspect(arff)) == 41
