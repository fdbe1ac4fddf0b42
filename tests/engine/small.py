"""Small settings under which every method trains in a second or two, and a shelf in memory."""

from typing import Any

from torch import Tensor

from engine.core.card import Card, knobs_of

SHORT = {
    "epochs": 2,
    "pretrain_epochs": 2,
    "steps": 8,
    "layers": "32-16",
    "latent": 5,
    "restarts": 2,
    "batch": 64,
    "tolerance": 0.0,
    "warmup": 0,
}


def short(card: Card, **more: Any) -> dict[str, Any]:
    """The knobs of a card, as quick as they go, with `more` of one's own."""
    known = {knob.name: knob for knob in knobs_of(card.knobs)}
    values = {name: knob.quick for name, knob in known.items()}
    return values | {name: value for name, value in SHORT.items() if name in known} | more


class Memory(dict[str, dict[str, Tensor]]):
    """A shelf in memory that counts what is put."""

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        self[key] = tensors
