"""Other cameras, simulated: what a map of patches is made from, as another instrument would have taken it.

Each is one property of an instrument or of the air, at a strength of 1 as strong as it is found between common
cameras, and at 0 without effect. Truth and place of every pixel stay as they are.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from helpers.models.segmenters.deeplab import resize_maps
from helpers.models.segmenters.predictor import PredictorVariant, Predicts
from helpers.show.words import percent

BLUR = 3.0  # times coarser
FARTHER = 1.6  # times more ground in each pixel
GAINS, GAMMA = np.array([0.80, 1.00, 1.22]), 1.25  # of red, green and blue; of all
VEIL, VEIL_COLOUR = 0.40, np.array([205.0, 214.0, 226.0])  # share of the light that haze adds, and its colour
NOISE, STRIPES = 14.0, 5.0  # standard deviations in grey levels: of pixels, and of whole rows of the sensor

ImageChange = Callable[[np.ndarray, float], np.ndarray]  # (H, W, 3) uint8 and a strength → the same


def coarser(image: np.ndarray, strength: float) -> np.ndarray:
    """Less resolution: as if each detector saw a larger spot of the ground."""
    height, width = image.shape[:2]
    times = BLUR**strength
    size = (max(1, round(width / times)), max(1, round(height / times)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def other_colours(image: np.ndarray, strength: float) -> np.ndarray:
    """Another response to colours: a gain for each channel, and a gamma."""
    values = (image / 255.0) ** (GAMMA**strength) * GAINS**strength
    return _bytes(255 * values)


def hazy(image: np.ndarray, strength: float) -> np.ndarray:
    """Haze: part of the light comes from the air and not from the ground (Koschmieder, 1924)."""
    share = 1 - (1 - VEIL) ** strength
    return _bytes((1 - share) * image + share * VEIL_COLOUR)


def noisy(image: np.ndarray, strength: float) -> np.ndarray:
    """Noise of the sensor, of single pixels and of whole rows; the same for the same image."""
    rng = np.random.default_rng(zlib.crc32(np.ascontiguousarray(image)))
    pixels = rng.normal(0, NOISE * strength, image.shape)
    rows = rng.normal(0, STRIPES * strength, (image.shape[0], 1, 1))
    return _bytes(image + pixels + rows)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Camera:
    """An instrument: changes of the picture in the order in which light meets them, and how much farther away."""

    name: str
    title: str
    what: str
    changes: tuple[ImageChange, ...] = ()
    farther: float = 1.0  # times more ground in each pixel, at a strength of 1


CAMERAS = (
    Camera("resolution", "Coarser", f"resolution {BLUR:g} times coarser, as many pixels", (coarser,)),
    Camera("zoom", "From farther away", f"{FARTHER:g} times more ground in each pixel", farther=FARTHER),
    Camera("colours", "Other colours", "red {:g}, green {:g}, blue {:g} times as bright, gamma {:g}".format(
        *GAINS, GAMMA), (other_colours,)),
    Camera("haze", "Hazy air", f"{percent(VEIL, 0)} of the light comes from the air", (hazy,)),
    Camera("noise", "Noisy sensor", f"noise of {NOISE:g} grey levels a pixel, {STRIPES:g} a row", (noisy,)),
    Camera("together", "All together", "all five at once", (hazy, other_colours, coarser, noisy), FARTHER),
)  # fmt: skip


def seen_by(image: np.ndarray, camera: Camera, strength: float = 1.0) -> np.ndarray:
    """An image (H, W, 3) uint8 as the camera would show it; smaller where it is farther away."""
    times = camera.farther**strength
    if times > 1:
        size = (max(1, round(image.shape[1] / times)), max(1, round(image.shape[0] / times)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    for change in camera.changes:
        image = change(image, strength)
    return image


class SeenBy(PredictorVariant):
    """Shows the predictor every image as another camera would, and brings its answer back to each pixel."""

    def __init__(self, predictor: Predicts, camera: Camera, strength: float = 1.0):
        super().__init__(predictor, camera=camera.name, strength=strength)
        self.camera, self.strength = camera, strength

    def __call__(self, images: Tensor) -> Tensor:
        shown = [seen_by(image, self.camera, self.strength) for image in images.permute(0, 2, 3, 1).cpu().numpy()]
        batch = torch.tensor(np.stack(shown)).permute(0, 3, 1, 2).to(images.device)
        return resize_maps(self.predictor(batch), images.shape[-2:])
