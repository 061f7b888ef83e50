"""Trees, bushes and hedges."""

import numpy as np

from drawings.canvas import Colour, ellipse, ragged, shade
from drawings.streets.site import Site
from drawings.streets.stage import PaintLayer, Thing


def tree(
    site: Site, across: float, ahead: float, height: float, leaf: Colour, bark: Colour, layer=PaintLayer.ROADSIDE
) -> None:
    """A trunk and a crown of leaf clusters, the lower ones in shade."""
    foot, scale = site.camera.project((across, 0, ahead)), site.camera.scale(ahead)
    thing = site.add("vegetation", ahead, layer)
    crown_height, crown_width = height * site.between(0.5, 0.68), height * site.between(0.42, 0.75)
    trunk, lean = height * site.between(0.025, 0.04), height * site.rng.normal(0, 0.03)
    top = height - 0.7 * crown_height
    outline = np.array([(-trunk, 0), (-0.6 * trunk + lean, -top), (0.6 * trunk + lean, -top), (trunk, 0)])
    thing.solid(outline * scale + foot, shade(bark, site.light.front))
    centre = foot + np.array((lean, -(height - crown_height / 2))) * scale
    _crown(site, thing, centre, np.array((crown_width / 2, crown_height / 2)) * scale, leaf)
    site.shadow(across, ahead, 0.45 * crown_width, 0.35 * crown_width)


def _crown(site: Site, thing: Thing, centre: np.ndarray, radii: np.ndarray, leaf: Colour) -> None:
    rng = site.rng
    thing.solid(ragged(ellipse(centre, radii), rng, 0.08 * radii.min()), shade(leaf, 0.8))
    for _ in range(4):
        offset = rng.uniform(-0.75, 0.75, 2) * radii
        thing.solid(ragged(ellipse(centre + offset, 0.5 * radii), rng, 0.06 * radii.min()), shade(leaf, 0.85))
    if radii.min() > 5:
        clusters(thing, rng, centre, radii, leaf)


def clusters(thing: Thing, rng: np.random.Generator, centre: np.ndarray, radii: np.ndarray, leaf: Colour) -> None:
    """Leaves in light and in shade within an ellipse: bright above, dark below."""
    for gain, rise, count in ((0.55, 0.3, 16), (1.12, -0.25, 16), (1.35, -0.4, 10)):
        angle, distance = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 0.6, count))
        spots = np.stack([np.cos(angle) * distance, np.sin(angle) * distance * 0.7 + rise], 1) * radii + centre
        ring = np.stack([np.cos(np.arange(7) * 0.9), np.sin(np.arange(7) * 0.9)], 1)
        sizes = rng.uniform(0.06, 0.16, (count, 1, 1)) * radii * rng.uniform(0.7, 1.2, (count, 7, 1))
        thing.detail(spots[:, None] + ring * sizes, shade(leaf, gain))


def bush(
    site: Site, across: float, ahead: float, width: float, height: float, leaf: Colour, layer=PaintLayer.ROADSIDE
) -> None:
    """A low round plant."""
    foot, scale = site.camera.project((across, 0, ahead)), site.camera.scale(ahead)
    thing = site.add("vegetation", ahead, layer)
    radii = np.array((width / 2, height / 2)) * scale
    centre = foot - (0, radii[1])
    thing.solid(ragged(ellipse(centre, radii), site.rng, 0.1 * radii.min()), shade(leaf, 0.85))
    if radii.min() > 4:
        clusters(thing, site.rng, centre, radii, leaf)


def palm(site: Site, across: float, ahead: float, height: float, leaf: Colour, bark: Colour) -> None:
    """A bare stem with a tuft of long leaves."""
    foot, scale = site.camera.project((across, 0, ahead)), site.camera.scale(ahead)
    thing, lean = site.add("vegetation", ahead, PaintLayer.ROADSIDE), height * site.rng.normal(0, 0.06)
    stem = np.array([(-0.16, 0), (lean - 0.1, -height), (lean + 0.1, -height), (0.16, 0)])
    thing.solid(stem * scale + foot, bark)
    top = foot + np.array((lean, -height)) * scale
    for angle in np.linspace(-2.9, 0.2, 9) + site.rng.normal(0, 0.1, 9):
        reach = height * site.between(0.22, 0.3)
        tip = np.array((np.cos(angle), np.sin(angle) + 0.45)) * reach
        middle = np.array((np.cos(angle), np.sin(angle))) * 0.55 * reach
        side = np.array((-middle[1], middle[0])) * 0.22
        thing.solid(
            np.array([(0, 0), middle + side, tip, middle - side]) * scale + top,
            shade(leaf, site.between(0.7, 1.2)),
        )


def hedge(site: Site, side: int, across: float, near: float, far: float, height: float, leaf: Colour) -> None:
    """A clipped or wild hedge along the road."""
    near = max(near, 2.0)
    steps = int(min(14, max(2, (far - near) / 2)))
    ahead = np.geomspace(near, far, steps)
    top = height * site.rng.uniform(0.85, 1.12, steps)
    upper = np.stack([np.full(steps, across), top, ahead], 1)
    lower = np.stack([np.full(steps, across), 0 * ahead, ahead], 1)[::-1]
    thing = site.add("vegetation", near, PaintLayer.ROADSIDE)
    gain = 0.25 + 0.75 * site.light.of_side(side)
    thing.solid(site.camera.project(np.concatenate([upper, lower])), shade(leaf, 0.8 * gain))
    for tone, share in ((0.55, 0.35), (1.15, 0.75)):
        places = np.stack([np.full(40, across), height * site.rng.uniform(share - 0.3, share + 0.1, 40),
                           site.rng.uniform(near, far, 40)], 1)  # fmt: skip
        spots = site.camera.project(places)
        sizes = site.camera.focal / places[:, 2] * site.rng.uniform(0.08, 0.2, 40)
        ring = np.stack([np.cos(np.arange(6) * 1.05), np.sin(np.arange(6) * 1.05)], 1)
        thing.detail(spots[:, None] + ring * sizes[:, None, None], shade(leaf, tone * gain))
