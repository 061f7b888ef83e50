"""Which classes the outputs of a file of weights stand for, where it says so."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpers.datasets.layout import key_of_names
from helpers.datasets.plain_pickle import Noted
from helpers.models.checkpoint import plain_json, told_beside

# As PyTorch's courses, torchvision's ImageFolder, Hugging Face, Ultralytics, fastai, timm and OpenMMLab call them.
CLASS_KEYS = ("classes", "class_names", "class_to_idx", "idx_to_class", "id2label", "label2id", "names", "vocab",
              "labels", "label_names", "categories", "CLASSES")  # fmt: skip
HOLDERS = ("pretrained_cfg", "config", "meta", "dataset_meta", "hyper_parameters", "hparams", "args", "metadata")
NUMBERED = re.compile(r"(?:label|class)?[ _]?\d+", re.IGNORECASE)  # names that say nothing: LABEL_0


def outputs_named_in(path: Path) -> tuple[str, ...] | None:
    """The classes that a file of weights, or a configuration beside it, names: in the order of its outputs.

    None where it names none, or names some twice.
    """
    return next((found for source in told_beside(path) if (found := _classes_in(source))), None)


def order_of(named: Sequence[str], classes: Sequence[str]) -> list[int] | None:
    """For each of `classes` the place of the same name in `named`; None where one is not there.

    Capitals, blanks, hyphens and underscores do not count, unless that would make two names of a list the same.
    """
    key = key_of_names(named, classes)
    places = {key(name): place for place, name in enumerate(named)}
    found = [places.get(key(name)) for name in classes]
    return None if None in found else found


def say_nothing(named: Sequence[str]) -> bool:
    """Whether names are mere numbers, which a program gave that was told none."""
    return all(NUMBERED.fullmatch(name) for name in named)


def _classes_in(source: Any, levels: int = 3) -> tuple[str, ...] | None:
    source = plain_json(source.state if isinstance(source, Noted) else source)
    if not isinstance(source, Mapping) or not levels:
        return None
    for key in CLASS_KEYS:
        if found := _names(plain_json(source.get(key))):
            return found
    return next((found for key in HOLDERS if (found := _classes_in(source.get(key), levels - 1))), None)


def _names(value: Any, levels: int = 3) -> tuple[str, ...] | None:
    """Names in order: of a list, an array, a vocabulary of fastai, or a dictionary from or to numbers."""
    if isinstance(value, Mapping):
        value = _by_number(value)
    elif isinstance(value, Noted):
        value = value.state["items"] if isinstance(value.state, dict) and "items" in value.state else _array(value)
        if isinstance(value, Noted) and levels:  # fastai's list in its vocabulary
            return _names(value, levels - 1)
    if not isinstance(value, list | tuple) or len(value) < 2:
        return None
    names = [_text(one) for one in value]
    return tuple(names) if all(names) and len(set(names)) == len(names) else None


def _by_number(value: Mapping) -> list | None:
    pairs = [(number, name) if isinstance(name, str) else (name, number) for number, name in value.items()]
    try:
        numbers = {int(number): name for number, name in pairs}
    except (TypeError, ValueError):
        return None
    return [numbers[i] for i in range(len(numbers))] if set(numbers) == set(range(len(pairs))) else None


def _text(value: Any) -> str | None:
    if isinstance(value, Noted) and len(value.given) == 2 and isinstance(value.given[1], bytes):  # NumPy's scalar
        kind, data = value.given
        return next(iter(_decoded(kind, data)), None)
    return value if isinstance(value, str) and value.strip() else None


def _array(value: Noted) -> list | None:
    """The texts of an array of NumPy's, whose state is its version, shape, kind, order and content."""
    match value.state:
        case (_, (_,), _, _, list(items)):
            return items
        case (_, (_,), kind, _, bytes(data)):
            return _decoded(kind, data)
    return None


def _decoded(kind: Any, data: bytes) -> list[str]:
    code = kind.given[0] if isinstance(kind, Noted) and kind.given else ""
    return np.frombuffer(data, f"<{code}").tolist() if re.fullmatch(r"U[1-9]\d*", str(code)) else []
