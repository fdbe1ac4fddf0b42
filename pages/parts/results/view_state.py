"""Where the reader looks on a map, and what is picked there, in the page's address: a link shows what its sender saw."""

import base64
import binascii
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

from pages.parts.app import query_params
from pages.parts.components.map import Gaze, Selection

LONGEST = 1500
"""Characters of a selection in the address; messengers cut longer links. A shared view holds any selection."""
SHARED = "shared-selection"
"""Where a shared view leaves its selection, which may be longer than an address."""
_NAMES = ("color", "view", "group", "tab", "camera", "moment", "member")
Mask = npt.NDArray[np.bool_]


def gaze(space: str) -> Gaze:
    """What the address says of the camera, where it belongs to this space: `camera=umap2,0.51,0.48,2.5`."""
    camera_space, *numbers = st.query_params.get("camera", "").split(",")
    if camera_space != space or len(numbers) not in (3, 5):
        return Gaze(space)
    try:
        camera = tuple(float(number) for number in numbers)
    except ValueError:
        return Gaze(space)
    return Gaze(space, camera if np.isfinite(camera).all() else None)


def moment(frames: int) -> Gaze:
    """The moment of a play-back that the address names, counted from 1."""
    number = query_params.number("moment", lambda value: 1 <= value <= frames)
    return Gaze("play", frame=None if number is None else number - 1)


def remember(now: Gaze | None) -> None:
    """Put the camera into the address once the reader has moved it."""
    if now is not None:
        camera = "" if now.camera is None else ",".join([now.space, *(f"{number:g}" for number in now.camera)])
        query_params.remember("camera", camera, "")


def remember_moment(now: Gaze | None) -> None:
    """Put the moment of a play-back into the address."""
    if now is not None:
        query_params.remember("moment", "" if now.frame is None else str(now.frame + 1), "")


def asked(key: str, n: int) -> tuple[Mask | None, int | None]:
    """The members to select and the one to click, from the link or from another part, until the map has answered."""
    name = f"{key}-asked"
    if name not in st.session_state:
        mask = unpacked(st.session_state.get(SHARED) or st.query_params.get("selected"), n)
        number = query_params.number("member", lambda value: 1 <= value <= n)
        st.session_state[name] = mask, None if number is None else number - 1
    state: tuple[Mask | None, int | None] = st.session_state[name]
    return state


def select(key: str, mask: Mask) -> None:
    """Have the map select these members [n] when it is drawn next."""
    st.session_state[f"{key}-asked"] = mask, None


def remember_picked(key: str, picked: Selection) -> None:
    """Put what is selected and clicked into the address; a selection too long for it is left out there."""
    name, nothing = f"{key}-asked", picked.mask is None and picked.clicked is None
    if nothing and any(part is not None for part in st.session_state.get(name, ())):
        return  # the map was only asked: until it has answered, the address keeps what the link said
    st.session_state[name] = None, None  # from here on the reader has the last word
    text = "" if picked.mask is None else packed(picked.mask)
    st.session_state[f"{key}-selected"] = text
    query_params.remember("selected", text if len(text) <= LONGEST else "", "")
    query_params.remember("member", "" if picked.clicked is None else str(picked.clicked + 1), "")


def now(key: str) -> dict[str, str]:
    """What the page shows at this moment, by the names in the address, with a selection of any length."""
    view = {name: st.query_params[name] for name in _NAMES if name in st.query_params}
    selected = st.session_state.get(f"{key}-selected", "")
    return {**view, **({"selected": selected} if selected else {})}


def open_as(view: Mapping[str, str]) -> None:
    """Show what a link was made with."""
    for name in _NAMES:
        if name in view:
            st.query_params[name] = str(view[name])
    st.session_state[SHARED] = str(view.get("selected", ""))


def packed(mask: Mask) -> str:
    """Members [n] as text for an address: one bit each, deflated."""
    return base64.urlsafe_b64encode(zlib.compress(np.packbits(mask).tobytes(), 9)).decode().rstrip("=")


def unpacked(text: str | None, n: int) -> Mask | None:
    """What `packed` made; None where the text is not that of n members."""
    if not text:
        return None
    try:
        bits = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), n // 8 + 2)
    except (binascii.Error, ValueError, zlib.error):
        return None
    if len(bits) != -(-n // 8):
        return None
    mask = np.unpackbits(np.frombuffer(bits, np.uint8), count=n).astype(bool)
    return mask if mask.any() else None
