"""From a figure to a photograph: framing, shading, fur, shadow, and what the camera adds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from drawings import scenery
from drawings.canvas import Figure, chance, noise, pick, saturated, tripled

WEATHERS = {"clear": 0.72, "fog": 0.06, "rain": 0.1, "snowfall": 0.12}
LIGHT_WEIGHTS = {"noon": 0.3, "overcast": 0.28, "dawn": 0.15, "blue hour": 0.07, "dim": 0.07, "infrared": 0.13}
OCCLUDERS = {"nothing": 0.58, "grass": 0.2, "trunk": 0.06, "branches": 0.08, "drift": 0.08}


@dataclass(frozen=True)
class PhotographSetting:
    """Where the photographs are taken, and how hard they are; shares and ranges, see `photograph`."""

    fill: tuple[float, float] = (0.82, 1.04)  # how much of the frame the figure fills
    close_up: float = 0.07  # share of pictures in which only a part is in the frame
    off_centre: float = 0.045
    fur: float = 0.07  # strength of the coat's texture
    backdrop: Callable[[np.random.Generator, int, int], np.ndarray] = scenery.backdrop
    shadow: bool = True  # on the ground
    occluders: Mapping[str, float] = field(default_factory=lambda: OCCLUDERS)
    weathers: Mapping[str, float] = field(default_factory=lambda: WEATHERS)
    lights: Mapping[str, float] = field(default_factory=lambda: LIGHT_WEIGHTS)


def photograph(
    figure: Figure,
    rng: np.random.Generator,
    height: int,
    width: int,
    setting: PhotographSetting = PhotographSetting(),
) -> np.ndarray:
    """The figure in a landscape, in some light and weather, (height, width, 3) uint8 RGB."""
    matrix = _framing(figure, rng, height, width, setting)
    colours, relief, coverage = figure.render(matrix, width, height)
    image = setting.backdrop(rng, height, width)
    alpha = tripled(coverage) * np.float32(1 / 255)
    image = _shadow(image, figure, matrix, rng) if setting.shadow else image
    coat = _shaded(colours, relief, rng, setting.fur)
    image = saturated(image + (coat - image) * alpha)
    scenery.in_front(image, rng, _one_of(rng, setting.occluders))
    image = scenery.weather(image, rng, _one_of(rng, setting.weathers))
    return scenery.camera(image, rng, _one_of(rng, setting.lights))


def _one_of(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    return pick(rng, tuple(weights), tuple(weights.values()))


def _framing(
    figure: Figure, rng: np.random.Generator, height: int, width: int, setting: PhotographSetting
) -> np.ndarray:
    """A matrix (2, 3) from figure units to pixels: size, place, direction, slope."""
    low, high = figure.box()
    scale = rng.uniform(*setting.fill) * min(width / (high[0] - low[0]), height / (high[1] - low[1]))
    centre = (low + high) / 2
    if chance(rng, setting.close_up):  # look at the front half from nearer
        scale *= rng.uniform(1.4, 1.9)
        centre = centre + (high - low) * (rng.uniform(0.1, 0.25), rng.uniform(-0.25, -0.1))
    slope, facing = rng.normal(0, 0.05), pick(rng, (-1.0, 1.0))
    linear = scale * np.array([[np.cos(slope), -np.sin(slope)], [np.sin(slope), np.cos(slope)]]) * (facing, 1.0)
    target = np.array((width, height)) * (0.5 + rng.normal(0, setting.off_centre, 2))
    return np.concatenate([linear, (target - linear @ centre)[:, None]], 1)


def _shadow(image: np.ndarray, figure: Figure, matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Darken the ground under the figure's feet."""
    height, width = image.shape[:2]
    low, high = figure.box()
    x, y = matrix[:, :2] @ ((low[0] + high[0]) / 2, high[1]) + matrix[:, 2]
    mask = np.zeros((height, width), np.uint8)
    radius = 0.5 * (high[0] - low[0]) * np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    axes = (int(0.9 * radius), max(2, int(0.12 * radius)))
    cv2.ellipse(mask, (int(x), int(y)), axes, 0, 0, 360, 255, -1)
    mask = cv2.blur(mask, (9, 7))
    return image * tripled(1 - mask * np.float32(rng.uniform(0.15, 0.5) / 255))


def _shaded(colours: np.ndarray, relief: np.ndarray, rng: np.random.Generator, fur: float) -> np.ndarray:
    """Colours lit from above: slopes of the blurred relief that face the light are brighter. (h, w, 3) float32."""
    height, width = relief.shape
    across = rng.normal(0, 0.4)
    fine = _slope(cv2.GaussianBlur(relief, (0, 0), 0.018 * width + 0.6), across)
    coarse = _slope(cv2.blur(cv2.blur(relief, (21, 21)), (21, 21)), across)
    light = 3.2 * fine + 6.0 * coarse
    gain = 1 + np.clip(light * np.float32(rng.uniform(0.006, 0.013)), -0.5, 0.45)
    strands = noise(rng, height, width, 1.5, 2.0) + 0.6 * noise(rng, height, width, 4.0, 1.5)
    return colours * tripled(gain + np.float32(fur) * strands) + tripled(1.5 * strands)


def _slope(relief: np.ndarray, across: float) -> np.ndarray:
    """How fast the relief rises downwards (and across): positive where a surface faces up."""
    kernel = np.float32([[0, -0.5, 0], [-0.5 * across, 0, 0.5 * across], [0, 0.5, 0]])
    return cv2.filter2D(relief, cv2.CV_32F, kernel)
