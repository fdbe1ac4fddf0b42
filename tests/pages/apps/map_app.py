"""A page with nothing but the map, for the browser tests: `?case=` picks the data, what was picked is shown as JSON."""

import io
import json
import time
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from pages.parts.components import map as scatter

OKABE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A5195", "#8C8C8C", "#2F6B3A", "#B5485D"]
DARK = ["#4DA3DB", "#F2B233", "#33C29A", "#E29AC3", "#8AD0F5", "#F0804A", "#A98BC4", "#B0B0B0", "#7FB98A", "#E58A9B"]
CENTERS = np.array([[-10, -10], [10, -10], [-10, 10], [10, 10]], dtype=np.float32)


@st.cache_data
def digits(dims: int) -> tuple[NDArray[np.float32], NDArray[np.int64], bytes, list[str]]:
    bunch = load_digits()
    centered = bunch.data - bunch.data.mean(axis=0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    positions = (centered @ axes[:dims].T).astype(np.float32)
    tiles = np.zeros((43 * 8, 42 * 8), dtype=np.uint8)
    for i, image in enumerate(bunch.images):
        row, column = divmod(i, 42)
        tiles[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8] = 255 - image * 15.9
    png = io.BytesIO()
    Image.fromarray(tiles).save(png, "PNG")
    return positions, bunch.target.astype(np.int64), png.getvalue(), [f"Digit {d}" for d in range(10)]


def blobs(n: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    groups = np.arange(n) % 4
    return (CENTERS[groups] + random.normal(0, 1, (n, 2))).astype(np.float32), groups


def recording(f: int = 12, m: int = 300) -> scatter.Frames:
    random = np.random.default_rng(1)
    groups = np.arange(m) % 4
    start, end = random.normal(0, 2, (m, 2)), CENTERS[groups] + random.normal(0, 0.8, (m, 2))
    share = np.linspace(0, 1, f)[:, None, None]
    early = random.integers(0, 4, m)
    labels = np.stack([early if i < f // 2 else groups for i in range(f)])
    captions = [f"Epoch {i} of {f - 1}" for i in range(f)]
    return scatter.Frames((start * (1 - share) + end * share).astype(np.float32), labels, captions, np.arange(m) * 2)


def arguments(case: str) -> dict[str, Any]:
    if case in ("digits", "values", "three", "picture"):
        positions, groups, png, names = digits(3 if case == "three" else 2)
        values = (
            scatter.Values(np.linalg.norm(positions, axis=1), "Distance from the middle") if case == "values" else None
        )
        modes = () if case == "picture" else ("points", "box", "lasso")
        hover = scatter.Atlas(png, (8, 8), 42)
        return {
            "positions": positions,
            "groups": groups,
            "names": names,
            "values": values,
            "hover": hover,
            "selection_mode": modes,
        }
    if case == "many":
        positions, _ = blobs(6000)
        groups = np.arange(6000) % 40 - 1
        return {"positions": positions, "groups": groups, "names": [f"Topic {i}" for i in range(39)]}
    if case == "asked":
        positions, groups = blobs(600)
        asked = {"focus": [1, 2], "selected": np.isin(np.arange(600), [1, 5, 6])}
        return {"positions": positions, "groups": groups, "names": ["North", "East", "South", "West"], **asked}
    positions, groups = blobs(int(st.query_params.get("n", 600)), seed=int(time.time()) if case == "live" else 0)
    space = {}
    if case == "spaces":
        mirrored = st.session_state.get("run", 0) > 1
        positions = positions * -1000 if mirrored else positions
        space = {"space": "mirror" if mirrored else "plain"}
    lines = [f"<b>Row {i}</b> & co" for i in range(len(groups))] if len(groups) < 5000 else None
    frames = recording() if case == "film" else None
    if case == "blobs":
        groups = np.where(np.arange(len(groups)) % 97 == 5, -1, groups)
    return {
        "positions": positions,
        "groups": groups,
        "names": ["North", "East", "South", "West"],
        "hover": lines,
        "frames": frames,
        **space,
    }


def main() -> None:
    case = st.query_params.get("case", "digits")
    dark = st.query_params.get("dark") == "1"
    theme = "dark" if dark else "light"
    height = int(st.query_params.get("height", 480))
    started = time.perf_counter()
    picked = scatter.show(f"map-{case}", **arguments(case), colors=DARK if dark else OKABE, theme=theme, height=height)
    seconds = time.perf_counter() - started
    indices = picked.indices
    answer = {
        "selected": None if indices is None else [int(i) for i in indices[:5000]],
        "size": None if indices is None else len(indices),
        "clicked": picked.clicked,
        "focus": list(picked.focus),
        "run": st.session_state.setdefault("run", 0),
    }
    st.session_state["run"] += 1
    st.text(json.dumps(answer))
    st.caption(f"{seconds * 1000:.0f} ms")


st.set_page_config(page_title="Map", layout="wide")
if st.query_params.get("case") in ("live", "still"):
    st.fragment(run_every=1)(main)()
else:
    main()
st.button("Run again")
