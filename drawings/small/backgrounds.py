"""Where vehicles and animals are photographed: sky, runway, sea, road, room, undergrowth, studio."""

from collections.abc import Callable

import cv2
import numpy as np

from drawings import scenery
from drawings.canvas import Colour, chance, jitter, mix, noise, pick, rgb, shade, tripled

Backdrop = Callable[[np.random.Generator, int, int], np.ndarray]  # random numbers, height, width → float32 RGB
_SKIES = (("#4a7ec0", "#a8c8e4"), ("#7aa4d0", "#d4e2ec"), ("#9aa4ae", "#c4cad0"), ("#2c5a9c", "#6c9cd0"),
          ("#d8dce0", "#eef0f2"), ("#6c6a86", "#e0a888"), ("#b4c4d4", "#e6e8e6"))  # fmt: skip
_SEAS = tuple(map(rgb, ("#3c5c78", "#2c4a5c", "#5a7c8c", "#4c746c", "#7c8c94", "#3c74a0")))
_ROADS = tuple(map(rgb, ("#707072", "#8c8a86", "#58585c", "#a09a90", "#9c8c74")))
_WALLS = tuple(map(rgb, ("#c8bca8", "#a0a4a0", "#8c6c58", "#d8d4cc", "#6c7470", "#5c6a4c", "#3c4c34", "#aebac4")))
_FLOORS = tuple(map(rgb, ("#9c7450", "#b8a488", "#8c3c34", "#d0ccc4", "#5c5048", "#50607c", "#c8b8a0", "#7c8068")))


def sky(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Clear, clouded or grey."""
    top, bottom = (jitter(rng, rgb(colour), 0.15, 8) for colour in pick(rng, _SKIES))
    image = _shaded_down(height, width, top, bottom)
    if chance(rng, 0.6):
        cover = noise(rng, height, width, 22.0, 1.7) + 0.5 * noise(rng, height, width, 8.0, 1.6)
        veil = np.clip(0.5 * cover - rng.uniform(-0.3, 0.5), 0, 1) * np.float32(rng.uniform(0.3, 0.95))
        image += (np.float32(jitter(rng, (238, 238, 240), 0.12)) - image) * tripled(veil)
    return image


def runway(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Grass and tarmac under a sky."""
    image, horizon = sky(rng, height, width), int(height * rng.uniform(0.4, 0.65))
    grass, tarmac = jitter(rng, (112, 124, 78), 0.25), jitter(rng, (136, 136, 136), 0.25)
    cv2.rectangle(image, (0, horizon), (width, height), grass, -1)
    if chance(rng, 0.5):
        _skyline(image, rng, horizon)
    cv2.rectangle(image, (0, int(horizon + height * rng.uniform(0.02, 0.15))), (width, height), tarmac, -1)
    return _rough(image, rng, horizon)


def sea(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Waves below a sky, perhaps a coast."""
    image, horizon = sky(rng, height, width), int(height * rng.uniform(0.2, 0.62))
    water = jitter(rng, pick(rng, _SEAS), 0.2, 8)
    if chance(rng, 0.35):
        _skyline(image, rng, horizon)
    below = _shaded_down(
        height - horizon, width, mix(water, tuple(image[0, 0].tolist()), 0.35), shade(water, 0.85)
    )
    waves = (
        noise(rng, height - horizon, width, 2.5, 4.0)
        * np.linspace(3, 16, height - horizon, dtype=np.float32)[:, None]
    )
    image[horizon:] = below + tripled(waves)
    return image


def road(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Asphalt or gravel in front of houses, trees or a wall."""
    horizon = int(height * rng.uniform(0.25, 0.6))
    image = _shaded_down(height, width, *(jitter(rng, pick(rng, _WALLS), 0.2) for _ in range(2)))
    if chance(rng, 0.5):
        image[:horizon] = sky(rng, height, width)[:horizon]
        _skyline(image, rng, horizon)
    else:
        _windows(image, rng, horizon)
    ground = jitter(rng, pick(rng, _ROADS), 0.25)
    image[horizon:] = _shaded_down(height - horizon, width, shade(ground, rng.uniform(0.8, 1.1)), ground)
    if chance(rng, 0.4):
        y = int(horizon + rng.uniform(0.02, 0.2) * height)
        cv2.line(image, (0, y), (width, y), mix(ground, (230, 228, 220), rng.uniform(0.2, 1)), 2)
    return _rough(image, rng, 0)


def room(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A wall and a floor, a blanket or a sofa."""
    edge = int(height * rng.uniform(-0.2, 0.7))
    image = _shaded_down(height, width, *[jitter(rng, pick(rng, _WALLS), 0.25)] * 2)
    cv2.rectangle(image, (0, edge), (width, height), jitter(rng, pick(rng, _FLOORS), 0.25), -1)
    for _ in range(int(rng.integers(0, 4))):
        corner = rng.uniform(-0.2, 0.9, 2) * (width, height)
        far = corner + rng.uniform(0.1, 0.6, 2) * (width, height)
        colour = jitter(rng, pick(rng, _FLOORS + _WALLS), 0.3)
        cv2.rectangle(image, corner.astype(int).tolist(), far.astype(int).tolist(), colour, -1)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 3.0))
    return _rough(image, rng, 0)


def undergrowth(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Leaves, mud, moss or water from near."""
    grounds = ((74, 92, 44), (96, 78, 54), (58, 72, 50), (120, 112, 92), (46, 62, 48), (92, 120, 60), (70, 84, 88))
    colour = jitter(rng, pick(rng, grounds), 0.3)
    image = _shaded_down(height, width, shade(colour, rng.uniform(0.6, 1.1)), colour)
    for _ in range(int(rng.integers(4, 16))):
        scenery.blades(image, rng, jitter(rng, colour, 0.5, 16), 0.1, 1.1, 2, rng.uniform(0.1, 0.6))
    rough = noise(rng, height, width, pick(rng, (3.0, 5.0, 8.0)), 1.3) * rng.uniform(6, 24)
    return image + tripled(rough + noise(rng, height, width, 2.0) * rng.uniform(2, 8))


def studio(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """An even pale ground, as in catalogues."""
    pale = jitter(rng, pick(rng, ((250, 250, 250), (236, 236, 234), (214, 216, 220), (180, 184, 190))), 0.04)
    return _shaded_down(height, width, pale, shade(pale, rng.uniform(0.82, 1.0)))


def open_air(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """One of the landscapes of the wildlife sample."""
    return scenery.backdrop(rng, height, width)


def _shaded_down(height: int, width: int, top: Colour, bottom: Colour) -> np.ndarray:
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    rows = np.float32(top) + (np.float32(bottom) - np.float32(top)) * share
    return np.repeat(rows, width, 1)


def _skyline(image: np.ndarray, rng: np.random.Generator, horizon: int) -> None:
    """Trees, hills or houses far off, drawn in place."""
    height, width = image.shape[:2]
    colour = mix(jitter(rng, pick(rng, _WALLS), 0.3), tuple(image[0, 0].tolist()), rng.uniform(0.1, 0.5))
    if chance(rng, 0.5):
        x = np.linspace(-2, width + 2, 9)
        ridge = horizon - height * np.abs(rng.normal(0.08, 0.05, 9))
        outline = np.concatenate([np.stack([x, ridge], 1), [(width + 2, horizon), (-2, horizon)]])
        cv2.fillPoly(image, [outline.astype(np.int32)], colour)
        return
    for x in rng.uniform(-0.1, 1, int(rng.integers(3, 8))) * width:
        top = horizon - height * rng.uniform(0.05, 0.35)
        far = x + width * rng.uniform(0.1, 0.3)
        cv2.rectangle(image, (int(x), int(top)), (int(far), horizon), jitter(rng, colour, 0.3), -1)


def _windows(image: np.ndarray, rng: np.random.Generator, horizon: int) -> None:
    """A wall's doors, windows or posts, drawn in place."""
    width = image.shape[1]
    for x in rng.uniform(-0.1, 1, int(rng.integers(0, 6))) * width:
        top, bottom = sorted(rng.uniform(-0.1, 1, 2) * horizon)
        colour = jitter(rng, pick(rng, ((60, 66, 72), (200, 196, 188), (110, 84, 60))), 0.3)
        cv2.rectangle(
            image, (int(x), int(top)), (int(x + width * rng.uniform(0.05, 0.25)), int(bottom)), colour, -1
        )


def _rough(image: np.ndarray, rng: np.random.Generator, top: int) -> np.ndarray:
    """Grain below row `top`."""
    height, width = image.shape[:2]
    rough = noise(rng, height, width, 2.0, 1.6) * rng.uniform(1, 6) + noise(
        rng, height, width, 9.0, 1.6
    ) * rng.uniform(1, 7)
    rough[:top] = 0
    return image + tripled(rough)
