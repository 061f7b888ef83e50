"""The second city, in the IDD layout: mixed traffic, unmarked edges, dust and hard light; people drive on the left."""

from dataclasses import replace

import cv2
import numpy as np

from helpers.datasets.sample.canvas import Colour, chance, jitter
from helpers.datasets.sample.streets import buildings, fleet, furniture, greenery, ground, living
from helpers.datasets.sample.streets.buildings import Houses
from helpers.datasets.sample.streets.camera import Camera
from helpers.datasets.sample.streets.finish import Exposure
from helpers.datasets.sample.streets.scene import City, Day
from helpers.datasets.sample.streets.site import Light, Site
from helpers.datasets.sample.streets.stage import Air, Layer
from helpers.datasets.sample.streets.vehicles import vehicle

LEAVES: tuple[Colour, ...] = ((62, 84, 40), (84, 96, 44), (48, 70, 36), (112, 108, 58), (70, 92, 60))
BARK: Colour = (92, 74, 56)
MUD: tuple[Colour, ...] = ((166, 134, 98), (150, 120, 90), (176, 150, 116), (142, 108, 80))
WHITE: Colour = (214, 208, 192)
BAZAAR = Houses(
    walls=((206, 190, 150), (178, 150, 120), (150, 176, 176), (206, 166, 150), (190, 186, 176), (160, 140, 126)),
    floors=(1, 4), length=(5, 11), shops=0.95,
    awnings=((206, 50, 46), (236, 190, 40), (36, 110, 170), (60, 140, 80), (130, 50, 120), (226, 110, 30)), gap=0.12,
)  # fmt: skip
VILLAGE = Houses(
    walls=((190, 160, 120), (150, 170, 176), (206, 196, 176), (170, 120, 90)), floors=(1, 2), length=(6, 12),
    roofs=((140, 84, 60), (120, 110, 100)), shops=0.3, awnings=((60, 100, 150), (206, 60, 50)), gap=0.5,
)  # fmt: skip
BLOCKS = Houses(
    walls=((222, 214, 196), (206, 176, 140), (190, 196, 190), (176, 140, 120)), floors=(3, 7), length=(10, 20),
    shops=0.6, awnings=((206, 50, 46), (36, 110, 170), (236, 190, 40)), gap=0.35,
)  # fmt: skip


def _camera(rng: np.random.Generator, width: int, height: int) -> Camera:
    bend = rng.normal(0, 4e-4) if chance(rng, 0.6) else 0.0
    return Camera(width, height, width * rng.uniform(0.68, 0.88), height * rng.uniform(0.4, 0.54),
                  rng.uniform(1.35, 1.7), rng.normal(0, 0.05), bend)  # fmt: skip


def _day(rng: np.random.Generator) -> Day:
    dusty = chance(rng, 0.45)
    below = jitter(rng, (226, 214, 192) if dusty else (206, 216, 226), 0.05, 4)
    above = jitter(rng, (186, 186, 180) if dusty else (84, 122, 188), 0.1, 5)
    sides = (1.18, 0.48) if chance(rng, 0.5) else (0.48, 1.18)
    light = Light(*sides, rng.uniform(0.45, 1.05), 0.38)
    exposure = Exposure((1.05, 1.0, 0.9) if dusty else (1.0, 1.0, 0.97), rng.uniform(0.98, 1.28), rng.uniform(-26, 12),
                        rng.uniform(0.5, 1.0), rng.uniform(1.5, 4.5))  # fmt: skip
    return Day(
        above, below, rng.uniform(0, 1), Air(below, rng.uniform(70, 180) if dusty else 350), light, exposure
    )


def _compose(site: Site, day: Day) -> np.ndarray:
    image = ground.sky(site, day.above, day.below, day.clouds)
    kind = site.pick(("bazaar", "artery", "village"), (4, 3, 3))
    left = -site.pick((2.0, 2.4, 3.0)) if kind != "artery" else -site.pick((2.2, 5.0))
    right = site.between(3.6, 5.5) if kind != "artery" else site.pick((5.2, 8.4))
    if kind != "village":
        buildings.skyline(site, "building", site.tint(BLOCKS.walls, 0.1, 0.8), (0.01, 0.1), (10, 40))
    buildings.skyline(site, "vegetation", site.tint(LEAVES), (0.01, 0.07), (4, 14))
    _wires(site, image)
    _lay_ground(site, kind, left, right)
    for side, edge in ((-1, left), (1, right)):
        _line(site, kind, side, edge)
    _traffic(site, kind, left, right)
    return image


def _wires(site: Site, image: np.ndarray) -> None:
    """Cables before the sky: too thin for a label of their own."""
    width, horizon = site.camera.width, int(site.camera.horizon)
    for _ in range(int(site.between(0, 7))):
        left, right, sag = site.between(0, horizon), site.between(0, horizon), site.between(4, 24)
        x = np.linspace(0, width, 12)
        y = left + (right - left) * x / width + sag * np.sin(np.pi * x / width)
        cv2.polylines(image, [np.stack([x, y], 1).astype(np.int32)], False, (70, 70, 74), 1, cv2.LINE_AA)


def _lay_ground(site: Site, kind: str, left: float, right: float) -> None:
    mud = site.tint(MUD)
    ground.strip(site, "non-drivable fallback", mud, -90, 90)
    for side, edge in ((-1, left), (1, right)):
        if kind == "bazaar" and site.chance(0.45):
            walk = edge + side * site.between(1.5, 3)
            ground.strip(
                site,
                "sidewalk",
                site.tint(((168, 156, 142), (150, 140, 132), (176, 150, 130))),
                *sorted((edge, walk)),
            )
        elif site.chance(0.6):
            shoulder = jitter(site.rng, tuple(0.9 * c for c in mud), 0.08, 4)
            ground.ragged_strip(
                site, "drivable fallback", shoulder, edge + side * site.between(0.8, 2.5), -side * 0.1, 0.5
            )
    dirt = kind == "village" and site.chance(0.35)
    colour = (
        jitter(site.rng, mud, 0.06, 3)
        if dirt
        else site.tint(((112, 108, 102), (92, 90, 88), (126, 118, 108)), 0.1)
    )
    ground.ragged_strip(site, "road", colour, left, (left + right) / 2, 0.35 if kind != "artery" else 0.05)
    ground.ragged_strip(site, "road", colour, right, (left + right) / 2, 0.35 if kind != "artery" else 0.05)
    ground.patches(site, left, right, tuple(0.8 * c for c in colour), int(site.between(2, 9)), (0.3, 1.4))
    ground.patches(
        site, left, right, tuple(0.5 * a + 0.5 * b for a, b in zip(colour, mud, strict=True)), 5, (0.3, 1.4)
    )
    if kind == "artery" or (not dirt and site.chance(0.3)):
        ground.dashes(site, (left + right) / 2, WHITE if site.chance(0.7) else (206, 170, 70))
        if kind == "artery":
            _median(site, right)


def _median(site: Site, right: float) -> None:
    """Black and white kerb stones, and the other carriageway behind them."""
    other = site.tint(((112, 108, 102), (96, 94, 90)))
    ground.strip(site, "road", other, right + 1.2, right + 8)
    ground.strip(site, "non-drivable fallback", site.tint(MUD), right, right + 1.2)
    for near in np.arange(2, 70, 2.0):
        thing = site.add("curb", near)
        tone = (40, 40, 42) if (near // 2) % 2 else (216, 212, 200)
        thing.solid(site.camera.upright((right, near), (right, near + 2.0), 0, 0.35), tone)
    if site.chance(0.6):
        for ahead in np.arange(site.between(5, 14), 80, site.between(6, 12)):
            greenery.bush(site, right + 0.7, ahead, 1.1, site.between(0.6, 1.3), site.tint(LEAVES), Layer.STREET)


def _line(site: Site, kind: str, side: int, edge: float) -> None:
    """One side of the road, from what is built to what lies on the edge."""
    beyond = 8.5 if kind == "artery" and side > 0 else 0
    edge = edge + beyond
    front = edge + side * (site.between(2.0, 4.5) if kind == "bazaar" else site.between(5, 12))
    houses = {"bazaar": BAZAAR, "artery": BLOCKS, "village": VILLAGE}[kind]
    if kind != "village" or site.chance(0.6):
        buildings.row(site, side, front, site.between(3, 14), 120, houses)
    if site.chance(0.5 if kind != "bazaar" else 0.2):
        _borders(site, side, front - side * 1.0)
    for _ in range(site.rng.poisson({"bazaar": 1.5, "artery": 4, "village": 7}[kind])):
        across, ahead = front - side * site.between(-3, 2), site.between(7, 80)
        if site.chance(0.2):
            greenery.palm(site, across, ahead, site.between(5, 9), site.tint(LEAVES), BARK)
        else:
            greenery.tree(site, across, ahead, site.between(3.5, 9), site.tint(LEAVES), BARK)
    for _ in range(site.rng.poisson(4 if kind == "village" else 1)):
        greenery.bush(
            site,
            front - side * site.between(-2, 2.5),
            site.between(6, 60),
            site.between(1, 3),
            site.between(0.6, 1.6),
            site.tint(LEAVES),
        )
    _clutter(site, kind, side, edge, front)
    for _ in range(site.rng.poisson({"bazaar": 4, "artery": 1.2, "village": 1.4}[kind])):
        living.person(site, edge + side * site.between(-0.8, 2.4), site.between(4.5, 36))


def _borders(site: Site, side: int, across: float) -> None:
    near = site.between(3, 14)
    while near < 70:
        far, kind = near + site.between(8, 25), site.pick(("wall", "fence", "none"), (4, 2, 2))
        if kind != "none":
            colours = (
                ((206, 200, 186), (190, 150, 110), (176, 120, 90))
                if kind == "wall"
                else ((110, 116, 110), (90, 70, 60))
            )
            buildings.barrier(site, kind, side, across, (near, far), site.between(1.2, 2.3), site.tint(colours))
        near = far


def _clutter(site: Site, kind: str, side: int, edge: float, front: float) -> None:
    across = edge + side * site.between(0.5, 1.4)
    for ahead in np.arange(site.between(7, 22), 100, site.between(16, 30)):
        furniture.utility_pole(site, across + side * 0.4, ahead)
    for _ in range(site.rng.poisson(0.55)):
        furniture.billboard(site, side, across + side * 1.5, site.between(14, 45))
    if kind == "bazaar":
        _boards(site, side, front)
    for _ in range(site.rng.poisson(0.7)):
        furniture.sign(site, across, site.between(8, 36), ("direction", "warning", "order", "direction"))
    if site.chance(0.12):
        furniture.traffic_light(site, across, site.between(12, 36))
    for _ in range(site.rng.poisson(1.2)):
        label = site.pick(("obs-str-bar-fallback", "non-drivable fallback"))
        furniture.rubble(
            site,
            label,
            across + side * site.between(0, 2),
            site.between(6, 40),
            site.between(1, 3),
            site.tint(MUD, 0.2, 0.9),
        )
    for _ in range(site.rng.poisson(0.6)):
        furniture.bin_or_box(site, "obs-str-bar-fallback", across, site.between(7, 30), site.between(0.9, 1.6),
                             site.tint(((206, 190, 60), (60, 110, 160), (150, 110, 80))))  # fmt: skip
    for _ in range(site.rng.poisson(1.6 if kind == "bazaar" else 0.5)):
        living.two_wheeler(
            site,
            site.pick(("motorcycle", "bicycle"), (4, 1)),
            edge + side * site.between(0.3, 1.6),
            site.between(5, 28),
            0,
            site.chance(0.6),
        )
    if site.chance(0.3):
        vehicle(
            site,
            site.pick((fleet.AUTORICKSHAW, *CARS)),
            edge + side * 1.0,
            site.between(8, 30),
            site.pick((0.0, np.pi)),
        )


def _boards(site: Site, side: int, front: float) -> None:
    """Shop signs that stand out above the pavement."""
    for _ in range(site.rng.poisson(2.5)):
        ahead, low = site.between(7, 40), site.between(2.8, 5)
        start, end = (front - side * 0.1, ahead), (front - side * site.between(0.8, 1.6), ahead)
        thing = site.add("billboard", ahead)
        high = low + site.between(0.8, 2.2)
        thing.solid(site.camera.upright(start, end, low, high), (232, 228, 216))
        furniture.poster(site, thing, start, end, low, high)


CARS = tuple(replace(car, colours=fleet.BRIGHT_CARS) for car in (fleet.HATCHBACK, fleet.TALL_CAR, fleet.SALOON))
MIX = {
    "car": 5.0, "motorcycle": 7.0, "autorickshaw": 4.5, "bus": 1.2, "truck": 1.6, "bicycle": 1.3, "tractor": 0.4,
    "animal": 0.8, "person": 0.8,
}  # fmt: skip


def _traffic(site: Site, kind: str, left: float, right: float) -> None:
    """Whoever is on the road, anywhere on it."""
    middle = (left + right) / 2
    count = site.rng.poisson({"bazaar": 7, "artery": 8, "village": 4}[kind])
    for _ in range(count):
        ahead = 5.5 + site.rng.exponential(18)
        what = site.pick(tuple(MIX), tuple(MIX.values()))
        across = site.between(left + 0.8, right - 0.8)
        if abs(across) < 1.6 and ahead < 9:
            ahead += 6
        _road_user(site, what, across, ahead, kind == "artery" or across < middle)


def _road_user(site: Site, what: str, across: float, ahead: float, with_us: bool) -> None:
    if what in ("motorcycle", "bicycle"):
        living.two_wheeler(
            site,
            what,
            across,
            ahead,
            int(site.chance(0.9)) + int(what == "motorcycle" and site.chance(0.3)),
            site.chance(0.2),
        )
    elif what == "animal":
        living.animal(site, across, ahead)
    elif what == "person":
        living.person(site, across, ahead)
    else:
        model = site.pick({
            "car": CARS, "autorickshaw": (fleet.AUTORICKSHAW,),
            "bus": (fleet.COUNTRY_BUS,), "truck": (fleet.PAINTED_LORRY,), "tractor": (fleet.TRACTOR,),
        }[what])  # fmt: skip
        yaw = (0.0 if with_us else np.pi) + site.rng.normal(0, 0.12)
        vehicle(site, model, across, ahead + model.half_length, yaw)


ABROAD = City("abroad", (640, 360), _camera, _day, _compose)
