"""Images with transparent parts: one background for the whole set, on which what they show can be seen."""

from collections.abc import Iterable

import cv2
import numpy as np

BACKGROUNDS = {"white": 255, "mid-grey": 127, "black": 0}
SEEN = 32  # of 255: a picture that differs less from its background is hardly to be seen
PNG, PNG_DEPTH, PNG_KIND = b"\x89PNG\r\n\x1a\n", 24, 25  # how a PNG begins; where it says its bits and channels
ALPHA = (4, 6)  # kinds of PNG that have an opacity for every pixel


def contrasts(rgba: np.ndarray) -> np.ndarray | None:
    """(3,) of (H, W, 4) uint8: how far what is to be seen differs from each of the backgrounds it could lie on.

    The root mean square over the pixels that are not wholly transparent, and over red, green and blue: 0 to 255.
    None for an image that is opaque, or that shows nothing.
    """
    opacity = rgba[..., 3]
    shown = opacity > 0
    if opacity.min() == 255 or not shown.any():
        return None
    colours, share = rgba[shown][:, :3].astype(np.float64), opacity[shown][:, None] / 255
    return np.array([np.sqrt(np.mean((share * (colours - grey)) ** 2)) for grey in BACKGROUNDS.values()])


def common_background(found: Iterable[np.ndarray]) -> tuple[int, str]:
    """The grey behind images, given the `contrasts` of those with transparent parts, and a sentence on it.

    White, unless an image is hardly to be seen there; then the one on which the worst is seen best.
    """
    values = np.array([*found])
    if not len(values):
        return BACKGROUNDS["white"], ""
    worst, names = values.min(axis=0), [*BACKGROUNDS]
    chosen = 0 if worst[0] >= SEEN else int(worst.argmax())
    images = "1 image has" if len(values) == 1 else f"{len(values):,} images have"
    told = f"{images} transparent parts: what lies behind them became {names[chosen]}, in all alike"
    if chosen:
        hidden = int((values[:, 0] < SEEN).sum())
        told += f", since on white {hidden:,} would hardly be seen"
    if lost := int((values[:, chosen] < SEEN).sum()):
        told += f"; {lost:,} can hardly be seen there"
    return BACKGROUNDS[names[chosen]], f"{told}."


def laid_on(pixels: np.ndarray, opacity: np.ndarray, background: int) -> np.ndarray:
    """(H, W, 3) uint8 of an image (H, W, 3) uint8 with its opacity (H, W), 0 to 1, on a grey."""
    share = opacity[..., None]
    return np.rint(share * pixels + (1 - share) * background).astype(np.uint8)


def is_opaque_png(start: bytes) -> bool:
    """Whether a file is, by how it begins, a PNG of at most 8 bits a channel without any transparency."""
    if not start.startswith(PNG) or start[PNG_DEPTH : PNG_DEPTH + 1] > b"\x08" or b"IDAT" not in start:
        return False
    return start[PNG_KIND] not in ALPHA and b"tRNS" not in start[: start.index(b"IDAT")]


def deep_opacity(data: bytes) -> np.ndarray | None:
    """(H, W), 0 to 1, of a PNG of 16 bits a channel that tells it; None for any other file."""
    if not data.startswith(PNG) or data[PNG_KIND] not in ALPHA:
        return None
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return values[..., 3] / np.iinfo(values.dtype).max if values is not None and values.ndim == 3 else None
