"""The map: one dot a member, drawn by WebGL2 in the browser, with zoom, lasso, legend, thumbnails and playback."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.parts.components.map.payload import group_codes, pack, quantize, scale_values

HERE = Path(__file__).parent
# One module in this order: each file only uses what stands before it.
SCRIPTS = (
    "payload.js",
    "geometry.js",
    "camera.js",
    "renderer.js",
    "canvas.js",
    "elements.js",
    "gestures.js",
    "picks.js",
    "overlay.js",
    "toolbar.js",
    "legend.js",
    "lookup.js",
    "tooltip.js",
    "playback.js",
    "gaze.js",
    "saving.js",
    "scene.js",
    "view.js",
    "component.js",
)
SEQUENTIAL = {
    "light": ("#B9D6F3", "#74B0E2", "#3584C8", "#1B5AA3", "#0B2E63"),
    "dark": ("#28487A", "#2F6BAA", "#4797D3", "#8CC6EE", "#E3F3FF"),
}
UNASSIGNED = {"light": "#8A90A0", "dark": "#8B93A7"}

Mode = Literal["points", "box", "lasso"]


@dataclass(frozen=True, eq=False)
class Values:
    """A number per member to color by: `numbers` float `[n]` (NaN = none), its `label`, a sequential scale of hex colors."""

    numbers: NDArray[np.floating[Any]]
    label: str
    colors: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Atlas:
    """Thumbnails in one PNG, `columns` a row, each `tile` = (width, height) pixels, in the order of the members."""

    png: bytes
    tile: tuple[int, int]
    columns: int


@dataclass(frozen=True)
class Lookup:
    """A route of this server that is asked who a member is when the pointer rests on it.

    `url` ends in a query, to which the browser adds `&member=`, a number from 0; the answer is JSON, `{"title": "Row 7", "lines":
    ["Age: 31"], "picture": "data:..."}`, the picture empty where there is none.
    """

    url: str


@dataclass(frozen=True, eq=False)
class Frames:
    """Playback of `m` members over `f` frames: `positions` `[f, m, 2]`, `labels` int `[f, m]`, one caption a frame.

    `sample` names the members shown (int `[m]`; needed when they are not simply all members).
    """

    positions: NDArray[np.floating[Any]]
    labels: NDArray[np.integer[Any]]
    captions: Sequence[str] = ()
    sample: NDArray[np.integer[Any]] | None = None
    autoplay: bool = False


@dataclass(frozen=True)
class Gaze:
    """Where the user looks: the `camera` in the `space` it belongs to (None = all of it), and the `frame` of the playback.

    A flat camera is (right, up, magnification), in shares of the data; one in three dimensions (yaw, pitch, zoom, right, up).
    """

    space: str = ""
    camera: tuple[float, ...] | None = None
    frame: int | None = None


@dataclass(frozen=True, eq=False)
class Selection:
    """What the user picked: `mask` bool `[n]` (None = nothing), the member `clicked`, the groups in `focus` (-1 unassigned)."""

    mask: NDArray[np.bool_] | None = None
    clicked: int | None = None
    focus: tuple[int, ...] = ()
    gaze: Gaze | None = None
    """None until the user has moved; reported only where `show` was given one."""

    @property
    def indices(self) -> NDArray[np.intp] | None:
        """The numbers of the selected members, or None."""
        return None if self.mask is None else np.flatnonzero(self.mask)


class Options(TypedDict, total=False):
    """What `show` takes beyond the points themselves."""

    theme: Literal["light", "dark"]
    unassigned: str  # color of members without a group
    values: Values | None  # color by a number instead of by group
    hover: Atlas | Lookup | Sequence[str] | None  # thumbnails, a route to ask, or one short line per member
    frames: Frames | None
    selection_mode: Sequence[Mode]  # empty: a picture to look at
    focus: Sequence[int] | None  # groups to bring forward; applied when it changes, as is the next
    selected: NDArray[np.bool_] | None  # members to select (a link, a cell of a table); all False lets go
    clicked: int | None  # a member to click
    gaze: Gaze | None  # where to look when the map is first drawn; any also asks to be told where the user looks
    space: str  # what the coordinates are ("pca2"): another space is shown whole, the same keeps zoom and glides
    legend: bool
    title: str  # what a screen reader calls the map
    height: int
    fill: bool  # the height is that of everything: the picture takes what legend and words leave


def show(
    key: str,
    *,
    positions: NDArray[np.floating[Any]],
    groups: NDArray[np.integer[Any]],
    colors: Sequence[str],
    names: Sequence[str],
    **options: Unpack[Options],
) -> Selection:
    """Draw `positions` (float `[n, 2]` or `[n, 3]`) colored by `groups` (int `[n]`, -1 = unassigned).

    Zoom, focus and selection belong to `key`: use one key per run. New positions under the same key glide into place.
    """
    if positions.ndim != 2 or positions.shape[1] not in (2, 3) or len(groups) != len(positions):
        raise ValueError(f"positions must be [n, 2] or [n, 3] beside groups [n], got {positions.shape}, {groups.shape}")
    header = {"key": key, "colors": list(colors), **_names(names, groups, options.get("frames"))}
    data = _payload(positions, groups, header, options)
    answer = _component()(key=key, data=data, on_picked_change=_nothing, on_seen_change=_nothing)
    picked = _selection(answer.get("picked"), len(positions))
    gaze = options.get("gaze")
    return picked if gaze is None else replace(picked, gaze=_gaze(answer.get("seen"), gaze.space))


def _names(names: Sequence[str], groups: NDArray[np.integer[Any]], frames: Frames | None) -> dict[str, object]:
    """The names given, and more where the labels know more groups (earlier frames of a method that merges groups)."""
    known = [groups] if frames is None else [groups, frames.labels]
    highest = max([-1, *(int(labels.max()) for labels in known if labels.size)])
    more = [f"Group {group + 1}" for group in range(len(names), highest + 1)]
    return {"names": [*names, *more], "named": len(names) or len(more)}


def _payload(
    positions: NDArray[np.floating[Any]], groups: NDArray[np.integer[Any]], header: dict[str, object], options: Options
) -> bytes:
    theme = options.get("theme", "light")
    codes, box = quantize(positions)
    parts = {"positions": codes.tobytes(), "labels": group_codes(groups).tobytes()}
    selected = options.get("selected")
    if selected is not None:
        parts["selected"] = np.packbits(selected, bitorder="little").tobytes()
    focus = options.get("focus")
    header |= {
        "n": len(positions),
        "dims": positions.shape[1],
        "bounds": {"low": box.low, "high": box.high},
        "unassigned": options.get("unassigned", UNASSIGNED[theme]),
        "modes": list(options.get("selection_mode", ("points", "box", "lasso"))),
        "focus": None if focus is None else [int(group) for group in focus],
        "clicked": options.get("clicked"),
        "gaze": None if (gaze := options.get("gaze")) is None else asdict(gaze),
        "space": options.get("space", ""),
        "legend": options.get("legend", True),
        "title": options.get("title", "Map of the members"),
        "height": options.get("height", 520),
        "fill": options.get("fill", False),
    }
    _add_values(header, parts, options.get("values"), SEQUENTIAL[theme])
    _add_hover(header, parts, options.get("hover"))
    _add_frames(header, parts, options.get("frames"))
    return pack(header, parts)


def _add_values(header: dict[str, object], parts: dict[str, bytes], values: Values | None, ramp: Sequence[str]) -> None:
    if values is None:
        return
    codes, scale = scale_values(values.numbers)
    parts["values"] = codes.tobytes()
    header["values"] = {**scale, "label": values.label, "colors": list(values.colors or ramp)}


def _add_hover(
    header: dict[str, object], parts: dict[str, bytes], hover: Atlas | Lookup | Sequence[str] | None
) -> None:
    if isinstance(hover, Atlas):
        parts["atlas"] = hover.png
        header["atlas"] = {"width": hover.tile[0], "height": hover.tile[1], "columns": hover.columns}
    elif isinstance(hover, Lookup):
        header["lookup"] = hover.url
    elif hover is not None:
        parts["lines"] = json.dumps(list(hover), ensure_ascii=False).encode()


def _add_frames(header: dict[str, object], parts: dict[str, bytes], frames: Frames | None) -> None:
    if frames is None or not len(frames.positions):
        return
    # Every frame has a box of its own: a latent space that grows a hundredfold stays sharp in its first frames.
    coded = [quantize(frame) for frame in frames.positions]
    parts["framePositions"] = b"".join(codes.tobytes() for codes, _ in coded)
    parts["frameLabels"] = group_codes(frames.labels).tobytes()
    if frames.sample is not None:
        parts["frameMembers"] = np.asarray(frames.sample, dtype=np.uint32).tobytes()
    header["frames"] = {
        "count": len(frames.positions),
        "members": frames.positions.shape[1],
        "bounds": [{"low": box.low, "high": box.high} for _, box in coded],
        "captions": list(frames.captions),
        "autoplay": frames.autoplay,
    }


def _selection(picked: object, n: int) -> Selection:
    """What the browser sent, checked: it is a client's word and may belong to data of another length."""
    if not isinstance(picked, Mapping) or picked.get("n") != n:
        return Selection()
    clicked = [member for member in _integers([picked.get("clicked")]) if 0 <= member < n]
    focus = _integers(picked.get("focus"))
    return Selection(_mask(picked.get("mask"), n), clicked[0] if clicked else None, focus)


def _gaze(state: object, space: str) -> Gaze | None:
    """Where the user looks; a camera of another space than the one shown now is forgotten."""
    if not isinstance(state, Mapping):
        return None
    sent, frames = state.get("camera"), _integers([state.get("frame")])
    numbers = tuple(float(item) for item in sent if type(item) in (int, float)) if isinstance(sent, list) else ()
    camera = numbers if len(numbers) in (3, 5) and state.get("space") == space else None
    return Gaze(space, camera, frames[0] if frames else None)


def _integers(sent: object) -> tuple[int, ...]:
    # In JSON, true is no number; in Python it is one.
    return tuple(item for item in sent if type(item) is int) if isinstance(sent, list) else ()


def _mask(code: object, n: int) -> NDArray[np.bool_] | None:
    if not isinstance(code, str) or not code:
        return None
    try:
        packed = np.frombuffer(base64.b64decode(code, validate=True), dtype=np.uint8)
    except binascii.Error:
        return None
    if len(packed) != -(-n // 8):
        return None
    return np.unpackbits(packed, count=n, bitorder="little").astype(bool)


def _nothing() -> None:
    """Streamlit keeps a component's state only under names that have a callback."""


def _component() -> Any:
    # Registering the same text again costs nothing and keeps the map alive where a runtime was made anew (tests).
    return st.components.v2.component("constella.map", css=_text("map.css"), js=_scripts())


@cache
def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@cache
def _scripts() -> str:
    return "\n".join(_text(name) for name in SCRIPTS)
