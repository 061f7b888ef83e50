"""What light, dust, lens and sensor make of a painted scene."""

from dataclasses import dataclass

import cv2
import numpy as np

from drawings.canvas import noise, tripled

STEP = 5  # of grey levels: fewer of them make much smaller PNG files, and under the noise nobody sees it


@dataclass(frozen=True)
class Exposure:
    """How the camera takes the scene."""

    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    brightness: float = 0.0
    blur: float = 0.6  # pixels
    speckle: float = 2.0  # deviation of the sensor's noise, grey levels


ROUGHNESS = {  # texture by label: strength (share of the brightness)
    "vegetation": 0.13, "terrain": 0.1, "non-drivable fallback": 0.1, "drivable fallback": 0.07, "road": 0.03,
    "sidewalk": 0.035, "parking": 0.035, "building": 0.03, "wall": 0.05, "obs-str-bar-fallback": 0.08,
    "person": 0.04, "rider": 0.04, "animal": 0.05, "sky": 0.0,
}  # fmt: skip


def finished(image: np.ndarray, strength: np.ndarray, rng: np.random.Generator, exposure: Exposure) -> np.ndarray:
    """The photograph of a painted scene, (h, w, 3) uint8; `strength` (h, w) uint8: texture in 1/256."""
    height, width = image.shape[:2]
    coarse = noise(rng, height, width, 3.0, 1.6) + 0.8 * noise(rng, height, width, 12.0, 1.5)
    gain = 1 + coarse * strength * np.float32(1 / 256)
    textured = cv2.multiply(image, tripled(gain), dtype=cv2.CV_8U)
    blurred = cv2.GaussianBlur(textured, (0, 0), exposure.blur)
    grain = tripled(noise(rng, height, width, 1.0) * np.float32(exposure.speckle))
    return cv2.LUT(cv2.add(blurred, grain, dtype=cv2.CV_8U), _levels(rng, exposure))


def _levels(rng: np.random.Generator, exposure: Exposure) -> np.ndarray:
    """(1, 256, 3) uint8: colour cast, contrast and brightness in one table."""
    levels = np.arange(256)[:, None] * np.asarray(exposure.gains) * rng.normal(1, 0.015, 3)
    levels = (levels - 118) * exposure.contrast + 118 + exposure.brightness
    return (np.clip(np.rint(levels / STEP) * STEP, 0, 255)).astype(np.uint8)[None]
