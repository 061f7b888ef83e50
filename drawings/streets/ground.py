"""Sky, road, markings, kerbs and whatever lies beside the road."""

import cv2
import numpy as np

from drawings.canvas import Colour, jitter, shade
from drawings.streets.site import Site
from drawings.streets.stage import PaintLayer

FAR = 260.0  # metres; what lies beyond is skyline


def sky(site: Site, above: Colour, below: Colour, clouds: float) -> np.ndarray:
    """The picture before anything stands in it, (h, w, 3) uint8: a sky that pales downwards, with clouds."""
    camera, rng = site.camera, site.rng
    share = np.clip(np.linspace(0, camera.height / max(camera.horizon, 1), camera.height), 0, 1)[:, None] ** 0.8
    column = np.asarray(above) + (np.asarray(below) - above) * share
    image = np.repeat(column.astype(np.uint8)[:, None], camera.width, 1)
    if clouds:
        image = _clouded(image, rng, clouds)
    frame = np.array(
        [(0, 0), (camera.width - 1, 0), (camera.width - 1, camera.height - 1), (0, camera.height - 1)]
    )
    site.add("sky", 1e4, PaintLayer.SKY).solid(frame, None)
    return image


def _clouded(image: np.ndarray, rng: np.random.Generator, amount: float) -> np.ndarray:
    height, width = image.shape[:2]
    cover = np.zeros((height // 4, width // 4), np.uint8)
    for _ in range(int(3 + 9 * amount)):
        x, y = rng.uniform(0, width / 4), rng.uniform(-0.05, 0.4) * height / 4
        for _ in range(4):
            x, y = x + rng.uniform(-8, 12), y + rng.uniform(-2, 2)
            axes = int(rng.uniform(4, 16)), int(rng.uniform(2, 5))
            cv2.ellipse(cover, (int(x), int(y)), axes, 0, 0, 360, int(rng.uniform(90, 200)), -1)
    cover = cv2.resize(cv2.blur(cover, (9, 5)), (width, height))
    weight = cv2.cvtColor(cover, cv2.COLOR_GRAY2BGR)
    white = np.full_like(image, (244, 244, 242))
    return cv2.add(cv2.multiply(white, weight, scale=1 / 255), cv2.multiply(image, 255 - weight, scale=1 / 255))


def strip(
    site: Site, label: str, colour: Colour, left: float, right: float, near: float = 0, far: float = FAR
) -> None:
    """A stretch of ground along the road; later strips lie on earlier ones."""
    near = max(near, 0.7 * site.camera.nearest_ground())
    if far > near:
        site.add(label, 0.0, PaintLayer.GROUND).solid(site.camera.strip(left, right, near, far), colour)


def markings(site: Site, left: float, right: float, near: float, far: float, colour: Colour) -> None:
    """Paint on the ground without a label of its own."""
    near = max(near, 0.7 * site.camera.nearest_ground())
    if far > near:
        site.add("", 0.0, PaintLayer.GROUND).detail(site.camera.strip(left, right, near, far), colour)


def dashes(
    site: Site, across: float, colour: Colour, width: float = 0.14, dash: float = 3.0, gap: float = 6.0
) -> None:
    """A broken line along the road."""
    start = site.between(-dash, gap)
    for near in np.arange(start, 110, dash + gap):
        markings(site, across - width / 2, across + width / 2, near, near + dash, colour)


def zebra(site: Site, left: float, right: float, near: float, colour: Colour) -> None:
    """A crossing for people on foot."""
    for across in np.arange(left + 0.3, right - 0.3, 1.0):
        markings(site, across, across + 0.5, near, near + 3.2, colour)


def patches(site: Site, left: float, right: float, colour: Colour, count: int, sizes: tuple[float, float]) -> None:
    """Irregular darker and lighter places: repairs, puddles, mud."""
    for _ in range(count):
        ahead, across = site.between(5, 40), site.between(left, right)
        radii = site.between(*sizes), site.between(*sizes) * 1.8
        ring = np.linspace(0, 2 * np.pi, 10, False)
        spokes = site.rng.uniform(0.6, 1.0, 10)
        places = np.stack(
            [across + radii[0] * spokes * np.cos(ring), 0 * ring, ahead + radii[1] * spokes * np.sin(ring)], 1
        )
        places[:, 0] = np.clip(places[:, 0], left, right)
        site.add("", 0.0, PaintLayer.GROUND).detail(site.camera.project(places), jitter(site.rng, colour, 0.08, 2))


def kerb(site: Site, across: float, width: float, colour: Colour) -> None:
    """A row of stones at the edge of the road, part of the pavement."""
    strip(site, "sidewalk", colour, across - width / 2, across + width / 2)
    strip(site, "sidewalk", shade(colour, 0.72), across - width / 2, across - width / 4)


def ragged_strip(site: Site, label: str, colour: Colour, left: float, right: float, depth: float) -> None:
    """Ground whose edge towards the road wanders: `left` is the ragged edge, whichever side it is on."""
    camera = site.camera
    ahead = np.geomspace(0.7 * camera.nearest_ground(), FAR, 26)
    edge = left + depth * np.interp(np.arange(26), np.arange(0, 27, 2), site.rng.uniform(-1, 1, 14))
    edge += 0.35 * depth * site.rng.uniform(-1, 1, 26)
    sides = [np.stack([across, 0 * ahead, ahead], 1) for across in (edge, np.full(26, right))]
    outline = camera.project(np.concatenate([sides[0], sides[1][::-1]]))
    site.add(label, 0.0, PaintLayer.GROUND).solid(outline, colour)
