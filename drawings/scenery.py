"""Where and in what light an animal is seen: backdrops, what stands in front, weather, and the camera."""

from dataclasses import dataclass

import cv2
import numpy as np

from drawings.canvas import Colour, chance, ellipse, jitter, mix, noise, pick, ragged, saturated, shade, tripled


@dataclass(frozen=True)
class Landscape:
    """A kind of landscape: colours from far to near, what grows there, how rough the ground is."""

    far: Colour
    middle: Colour
    ground: Colour
    horizon: tuple[float, float]  # as a share of the height, from … to
    trunks: tuple[int, int] = (0, 0)
    grass: Colour | None = None
    stones: Colour | None = None
    water: Colour | None = None
    grain: float = 22.0


PLACES = {
    "taiga": Landscape((66, 82, 60), (52, 66, 42), (88, 84, 56), (0.35, 0.65), (4, 9), (96, 112, 58)),
    "autumn": Landscape((150, 118, 70), (120, 84, 48), (128, 92, 52), (0.35, 0.65), (3, 8), (158, 118, 58)),
    "steppe": Landscape((186, 204, 216), (168, 160, 108), (172, 152, 92), (0.2, 0.45), (0, 0), (190, 170, 104)),
    "meadow": Landscape((92, 122, 76), (104, 136, 66), (96, 128, 56), (0.2, 0.5), (0, 2), (122, 150, 70)),
    "snow": Landscape((150, 160, 166), (206, 212, 220), (226, 230, 238), (0.3, 0.55), (2, 7), (150, 140, 116)),
    "river": Landscape(
        (84, 100, 72), (96, 118, 124), (134, 124, 104), (0.2, 0.4), (0, 4), None, (128, 124, 116), (104, 128, 138)
    ),
    "rocks": Landscape(
        (120, 124, 120), (124, 118, 108), (132, 124, 112), (0.25, 0.6), (0, 2), (120, 124, 76), (126, 120, 112)
    ),
    "dusk": Landscape((70, 72, 92), (58, 58, 62), (66, 62, 54), (0.35, 0.6), (2, 7), (80, 78, 60)),
}


def backdrop(rng: np.random.Generator, height: int, width: int, place: Landscape | None = None) -> np.ndarray:
    """A landscape, (height, width, 3) float32 RGB, 0 to 255."""
    place = place or pick(rng, tuple(PLACES.values()))
    horizon = rng.uniform(*place.horizon)
    far, middle, ground = (jitter(rng, c, 0.18, 6) for c in (place.far, place.middle, place.ground))
    image = _ground(rng, (height + 1) // 2, (width + 1) // 2, place, horizon, (far, middle, ground))
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    _furnish(image, rng, place, horizon, ground)
    blur = rng.uniform(0.0, 2.2)
    image = cv2.GaussianBlur(image, (0, 0), blur) if blur > 0.4 else image
    return image + tripled(noise(rng, height, width, 1.5) * rng.uniform(2, 8))


def _ground(
    rng: np.random.Generator,
    height: int,
    width: int,
    place: Landscape,
    horizon: float,
    colours: tuple[Colour, ...],
) -> np.ndarray:
    """Sky or forest above the horizon, ground below, both rough; uint8."""
    far, middle, ground = colours
    stops, y = (0, horizon, horizon + 0.06, 1), np.linspace(0, 1, height)
    bands = np.float32([far, middle, mix(middle, ground, 0.5), ground]).T
    image = np.stack([np.interp(y, stops, band) for band in bands], 1).astype(np.float32)[:, None]
    rough = noise(rng, height, width, place.grain / 2, 1.6) * rng.uniform(6, 16)
    rough += noise(rng, height, width, 2.5, 1.5) * rng.uniform(4, 11)
    return saturated(image + tripled(rough) * rng.normal(1, 0.1, 3).astype(np.float32))


def _furnish(
    image: np.ndarray, rng: np.random.Generator, place: Landscape, horizon: float, ground: Colour
) -> None:
    height, width = image.shape[:2]
    if place.water is not None:
        _water(image, rng, place.water, horizon)
    for _ in range(rng.integers(0, 4)):
        _bush(image, rng, jitter(rng, place.middle, 0.3, 6), horizon)
    for _ in range(rng.integers(place.trunks[0], place.trunks[1] + 1)):
        _trunk(
            image, rng, rng.uniform(0, width), height * (horizon + rng.uniform(0, 0.25)), rng.uniform(0.02, 0.09)
        )
    if place.stones is not None:
        for _ in range(rng.integers(2, 7)):
            _stone(image, rng, jitter(rng, place.stones, 0.25), horizon)
    if place.grass is not None:
        blades(image, rng, jitter(rng, place.grass), horizon, 1.0, int(rng.integers(10, 40)), 0.12)


def _trunk(image: np.ndarray, rng: np.random.Generator, x: float, foot: float, thickness: float) -> None:
    birch = chance(rng, 0.25)
    colour = jitter(rng, (190, 188, 180) if birch else (78, 62, 48), 0.3)
    size, lean = thickness * image.shape[1], rng.normal(0, 0.08) * foot
    lit = x - 0.25 * size
    for middle, width, gain in ((x, size, 1.0), (lit, 0.3 * size, 1.25)):
        half, top = 0.5 * width, middle + lean
        outline = [(middle - half, foot), (middle + half, foot), (top + 0.75 * half, -5), (top - 0.75 * half, -5)]
        cv2.fillPoly(image, [np.array(outline, np.int32)], shade(colour, gain), cv2.LINE_AA)


def _bush(image: np.ndarray, rng: np.random.Generator, colour: Colour, horizon: float) -> None:
    height, width = image.shape[:2]
    centre = rng.uniform(0, width), height * (horizon - rng.uniform(0, 0.1))
    for gain, size in ((0.85, 1.0), (1.04, 0.7)):
        radii = width * size * np.array((rng.uniform(0.1, 0.25), rng.uniform(0.08, 0.2)))
        crown = ragged(ellipse(centre, radii), rng, 0.12 * radii[1])
        cv2.fillPoly(image, [crown.astype(np.int32)], shade(colour, gain), cv2.LINE_AA)


def _stone(image: np.ndarray, rng: np.random.Generator, colour: Colour, horizon: float) -> None:
    height, width = image.shape[:2]
    centre = rng.uniform(0, width), height * rng.uniform(horizon, 1.05)
    radius = width * rng.uniform(0.04, 0.2)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 8))
    ring = np.stack([np.cos(angles), 0.6 * np.sin(angles)], 1) * radius * rng.uniform(0.7, 1.2, (8, 1))
    cv2.fillPoly(image, [(ring + centre).astype(np.int32)], shade(colour, 0.7), cv2.LINE_AA)
    cv2.fillPoly(image, [(ring * 0.8 + centre - (0, 0.15 * radius)).astype(np.int32)], colour, cv2.LINE_AA)


def _water(image: np.ndarray, rng: np.random.Generator, colour: Colour, horizon: float) -> None:
    height, width = image.shape[:2]
    top, bottom = int(height * horizon), int(height * (horizon + rng.uniform(0.15, 0.5)))
    cv2.rectangle(image, (0, top), (width, bottom), jitter(rng, colour), -1)
    for y in rng.integers(top, bottom + 1, 8):
        x = int(rng.integers(-10, width))
        cv2.line(
            image, (x, int(y)), (x + int(rng.integers(8, 40)), int(y)), shade(colour, rng.uniform(0.8, 1.4)), 1
        )


def blades(image, rng, colour: Colour, top: float, bottom: float, count: int, length: float) -> None:
    """Grass: strokes that grow from between `top` and `bottom` (shares of the height), drawn in place."""
    height, width = image.shape[:2]
    roots = np.stack([rng.uniform(0, width, count), rng.uniform(top, bottom, count) * height], 1)
    tips = roots + np.stack([rng.normal(0, 0.35, count), -rng.uniform(0.4, 1.2, count)], 1) * length * height
    lines = np.stack([roots, tips], 1).astype(np.int32)
    for part, gain in ((lines[::2], 0.8), (lines[1::2], 1.15)):
        cv2.polylines(image, list(part), False, shade(colour, gain), 1, cv2.LINE_AA)


def in_front(image: np.ndarray, rng: np.random.Generator, kind: str) -> None:
    """What stands between the animal and the camera, drawn in place: grass, trunk, branches or drift."""
    height, width = image.shape[:2]
    if kind == "grass":
        colour = jitter(rng, pick(rng, ((110, 118, 62), (176, 154, 92), (84, 96, 52))), 0.2)
        blades(image, rng, colour, 0.92, 1.1, int(rng.integers(30, 70)), rng.uniform(0.12, 0.35))
    elif kind == "trunk":
        _trunk(image, rng, width * rng.uniform(0.1, 0.9), height * 1.1, rng.uniform(0.06, 0.14))
    elif kind == "branches":
        colour = jitter(rng, (70, 58, 44), 0.3)
        for _ in range(int(rng.integers(1, 5))):
            points = rng.uniform(-0.1, 1.1, (3, 2)) * (width, height)
            cv2.polylines(image, [points.astype(np.int32)], False, colour, 1, cv2.LINE_AA)
    elif kind == "drift":
        ridge = height * (rng.uniform(0.8, 0.93) + 0.03 * np.sin(np.linspace(0, 5, 8) + rng.uniform(0, 6)))
        points = np.stack([np.linspace(-5, width + 5, 8), ridge], 1)
        outline = np.concatenate([points, [(width + 5, height + 5), (-5, height + 5)]])
        cv2.fillPoly(image, [outline.astype(np.int32)], jitter(rng, (226, 230, 238), 0.08), cv2.LINE_AA)


def weather(image: np.ndarray, rng: np.random.Generator, kind: str) -> np.ndarray:
    """Fog, rain or snowfall over an (h, w, 3) uint8 image; another kind leaves it as it is."""
    height, width = image.shape[:2]
    if kind == "fog":
        veil = np.clip(0.5 + 0.15 * noise(rng, height, width, 22.0, 1.6), 0.2, 0.8) * np.float32(
            rng.uniform(0.6, 1.2)
        )
        grey = np.float32(jitter(rng, (196, 200, 204), 0.1))
        return saturated(image + (grey - image) * tripled(veil))
    if kind == "rain":
        starts = rng.uniform(0, 1, (60, 2)) * (width, height)
        ends = starts + (rng.uniform(-3, 3), rng.uniform(5, 12))
        over = image.copy()
        cv2.polylines(
            over, list(np.stack([starts, ends], 1).astype(np.int32)), False, (190, 196, 204), 1, cv2.LINE_AA
        )
        return cv2.addWeighted(over, 0.55, image, 0.4, 4)
    if kind == "snowfall":
        flakes = np.zeros((height, width), np.uint8)
        for x, y, radius in rng.uniform(0, 1, (int(rng.integers(20, 60)), 3)) * (width, height, 1.6):
            cv2.circle(flakes, (int(x * 16), int(y * 16)), int(8 + radius * 16), 255, -1, cv2.LINE_AA, 4)
        cover = tripled(cv2.GaussianBlur(flakes, (0, 0), 0.7)) * np.float32(1 / 255)
        return (image + (np.float32(238) - image) * cover).astype(np.uint8)
    return image


LIGHTS = {  # gains for red, green, blue; contrast; brightness
    "noon": ((1.0, 1.0, 1.0), 1.1, 8),
    "overcast": ((0.96, 0.99, 1.02), 0.85, 4),
    "dawn": ((1.10, 0.98, 0.85), 0.93, -4),
    "blue hour": ((0.78, 0.86, 1.02), 0.85, -22),
    "dim": ((0.78, 0.76, 0.72), 0.82, -24),
    "infrared": ((1.0, 1.0, 1.0), 1.15, 0),
}


def camera(image: np.ndarray, rng: np.random.Generator, light: str) -> np.ndarray:
    """The image as a camera in that light takes it: colour, contrast, vignette, blur, sensor noise."""
    height, width = image.shape[:2]
    gains, contrast, brightness = LIGHTS[light]
    if light == "infrared":
        image = cv2.merge([cv2.transform(image, np.float32([[0.45, 0.35, 0.2]]))] * 3)
        image = saturated(image * tripled(_flash(rng, height, width)))
    levels = np.arange(256)[:, None] * np.asarray(gains) * rng.normal(1, 0.025, 3)
    levels = (levels - 118) * contrast * rng.uniform(0.88, 1.08) + 118 + brightness + rng.normal(0, 5)
    image = cv2.LUT(image, np.clip(levels, 0, 255).astype(np.uint8)[None])
    if light == "infrared":
        image = cv2.merge([image[:, :, 1]] * 3)
    blur = pick(rng, (0.0, rng.uniform(0.4, 0.8), rng.uniform(0.8, 1.4)), (0.5, 0.35, 0.15))
    image = cv2.GaussianBlur(image, (0, 0), blur) if blur else image
    dark = light in ("infrared", "dim", "blue hour")
    speckle = noise(rng, height, width, 1.0) * np.float32(rng.uniform(2, 7) if dark else rng.uniform(1, 4))
    return saturated(image + tripled(speckle))


def _flash(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A lamp beside the lens: bright in the middle, dark at the edges, (h, w) float32."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] - np.float32(rng.uniform(-0.3, 0.3))
    x = np.linspace(-1, 1, width, dtype=np.float32)[None] - np.float32(rng.uniform(-0.3, 0.3))
    return np.float32(1.25) / (1 + np.float32(rng.uniform(0.4, 1.1)) * (x * x + y * y))
