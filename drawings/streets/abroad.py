"""The second city, in the IDD layout: mixed traffic, unmarked edges, dust, hard light; driving on the left."""

from dataclasses import replace

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, mix, shade
from drawings.streets import buildings, fleet, furniture, greenery, ground, living
from drawings.streets.buildings import Houses
from drawings.streets.camera import RoadCamera
from drawings.streets.finish import Exposure
from drawings.streets.living import Gear
from drawings.streets.scene import City, Day
from drawings.streets.site import Light, Site
from drawings.streets.stage import Air, PaintLayer
from drawings.streets.vehicles import vehicle

LEAVES: tuple[Colour, ...] = ((62, 88, 42), (78, 98, 46), (54, 78, 40), (104, 108, 58), (70, 92, 54))
BARK: Colour = (92, 74, 56)
MUD: tuple[Colour, ...] = ((166, 134, 98), (150, 120, 90), (176, 150, 116), (142, 108, 80))
SCRUB: tuple[Colour, ...] = ((136, 150, 76), (150, 152, 90), (122, 142, 66))
ASPHALT: tuple[Colour, ...] = ((98, 97, 97), (88, 88, 91), (110, 106, 102), (92, 92, 94))
SLABS: tuple[Colour, ...] = ((168, 156, 142), (160, 148, 138), (176, 154, 136))
WHITE: Colour = (214, 208, 192)
BAZAAR = Houses(
    walls=((206, 190, 150), (192, 164, 126), (150, 176, 176), (206, 166, 150), (200, 190, 166)),
    floors=(1, 4), length=(5, 11), shops=0.95,
    awnings=((206, 50, 46), (236, 190, 40), (36, 110, 170), (60, 140, 80), (130, 50, 120), (226, 110, 30)),
)  # fmt: skip
VILLAGE = Houses(
    walls=((196, 168, 126), (150, 170, 176), (206, 196, 176), (184, 138, 102)), floors=(1, 2), length=(6, 12),
    roofs=((140, 84, 60), (120, 110, 100)), shops=0.3, awnings=((60, 100, 150), (206, 60, 50)), gap=0.5,
)  # fmt: skip
BLOCKS = Houses(
    walls=((222, 214, 190), (206, 180, 142), (190, 196, 190), (184, 152, 124)), floors=(3, 7), length=(10, 20),
    shops=0.6, awnings=((206, 50, 46), (36, 110, 170), (236, 190, 40)), gap=0.35,
)  # fmt: skip
GEAR = Gear(
    jackets=((206, 222, 44), (240, 130, 30), (226, 226, 220), (150, 60, 60), (70, 90, 130), (60, 60, 64)),
    crowns=((236, 236, 230), (200, 60, 40), (36, 30, 30), (60, 44, 36)),
    motorcycles=((176, 26, 30), (180, 34, 34), (34, 34, 38), (40, 60, 110)),
    bicycles=((30, 140, 146), (60, 60, 66), (120, 44, 40)),
)
CARS = tuple(replace(car, colours=fleet.BRIGHT_CARS) for car in (fleet.HATCHBACK, fleet.TALL_CAR, fleet.SALOON))
MODELS = {
    "car": CARS, "truck": (fleet.PAINTED_LORRY,), "bus": (fleet.COUNTRY_BUS,),
    "autorickshaw": (fleet.AUTORICKSHAW,), "tractor": (fleet.TRACTOR,),
}  # fmt: skip
MIX = {
    "car": 5.0, "motorcycle": 6.0, "autorickshaw": 4.5, "bus": 1.6, "truck": 2.0, "bicycle": 1.8, "tractor": 0.4,
    "animal": 0.8, "person": 0.8,
}  # fmt: skip


def _camera(rng: np.random.Generator, width: int, height: int) -> RoadCamera:
    bend = rng.normal(0, 4e-4) if chance(rng, 0.6) else 0.0
    return RoadCamera(width, height, width * rng.uniform(0.72, 0.92), height * rng.uniform(0.4, 0.52),
                  rng.uniform(1.3, 1.65), rng.normal(0, 0.04), bend)  # fmt: skip


def _day(rng: np.random.Generator) -> Day:
    dusty = chance(rng, 0.3)
    below = jitter(rng, (222, 214, 198) if dusty else (206, 214, 222), 0.05, 4)
    above = jitter(rng, (184, 186, 184) if dusty else (92, 130, 190), 0.1, 5)
    sides = (1.08, 0.68) if chance(rng, 0.5) else (0.68, 1.08)
    light = Light(*sides, rng.uniform(0.5, 1.0), 0.4)
    gains = (1.02, 1.0, 0.96) if dusty else (1.0, 1.0, 0.98)
    exposure = Exposure(gains, rng.uniform(0.95, 1.08), rng.uniform(-10, 8), rng.uniform(0.5, 0.9),
                        rng.uniform(1.2, 3.2))  # fmt: skip
    air = Air(below, rng.uniform(90, 200) if dusty else 350)
    return Day(above, below, rng.uniform(0, 1), air, light, exposure)


def _compose(site: Site, day: Day) -> np.ndarray:
    image = ground.sky(site, day.above, day.below, day.clouds)
    kind = site.pick(("bazaar", "artery", "village"), (4, 3, 3))
    left = -site.pick((2.2, 5.0) if kind == "artery" else (2.0, 2.4, 3.0))
    right = site.pick((5.2, 8.4)) if kind == "artery" else site.between(3.6, 5.5)
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
    mud = site.tint(SCRUB if site.chance(0.45) else MUD)
    ground.strip(site, "non-drivable fallback", mud, -90, 90)
    for side, edge in ((-1, left), (1, right)):
        _edge(site, side, edge, mud, 0.75 if kind == "bazaar" else 0.25)
    dirt = kind == "village" and site.chance(0.25)
    colour = site.tint(MUD, 0.06) if dirt else site.tint(ASPHALT, 0.1, cast=3)
    for edge in (left, right):
        ground.ragged_strip(site, "road", colour, edge, (left + right) / 2, 0.05 if kind == "artery" else 0.35)
    ground.patches(site, left, right, shade(colour, 0.8), int(site.between(2, 8)), (0.3, 1.4))
    ground.patches(site, left, right, mix(colour, site.tint(MUD), 0.5), 4, (0.3, 1.4))
    if kind == "artery" or (not dirt and site.chance(0.4)):
        ground.dashes(site, (left + right) / 2, WHITE if site.chance(0.7) else (206, 170, 70))
    if kind == "artery":
        _median(site, right)


def _edge(site: Site, side: int, edge: float, mud: Colour, paved: float) -> None:
    """A pavement, or earth that can be driven on, or nothing."""
    if site.chance(paved):
        ground.strip(site, "sidewalk", site.tint(SLABS), *sorted((edge, edge + side * site.between(1.8, 3.4))))
    elif site.chance(0.5):
        shoulder = jitter(site.rng, shade(mud, 0.9), 0.08, 4)
        far_edge = edge + side * site.between(0.8, 2.5)
        ground.ragged_strip(site, "drivable fallback", shoulder, far_edge, -side * 0.1, 0.5)


def _median(site: Site, right: float) -> None:
    """Black and white kerb stones, and the other carriageway behind them."""
    ground.strip(site, "road", site.tint(ASPHALT), right + 1.2, right + 8)
    ground.strip(site, "non-drivable fallback", site.tint(MUD), right, right + 1.2)
    for near in np.arange(2, 70, 2.0):
        tone = (40, 40, 42) if (near // 2) % 2 else (216, 212, 200)
        site.add("curb", near).solid(site.camera.upright((right, near), (right, near + 2.0), 0, 0.35), tone)
    if site.chance(0.6):
        for ahead in np.arange(site.between(5, 14), 80, site.between(6, 12)):
            height = site.between(0.6, 1.3)
            greenery.bush(site, right + 0.7, ahead, 1.1, height, site.tint(LEAVES), PaintLayer.STREET)


def _line(site: Site, kind: str, side: int, edge: float) -> None:
    """One side of the road, from what is built to what lies on the edge."""
    edge += 8.5 if kind == "artery" and side > 0 else 0.0  # beyond the other carriageway
    front = edge + side * (site.between(2.4, 4.5) if kind == "bazaar" else site.between(5, 11))
    if kind != "village" or site.chance(0.6):
        houses = {"bazaar": BAZAAR, "artery": BLOCKS, "village": VILLAGE}[kind]
        buildings.row(site, side, front, site.between(3, 14), 120, houses)
    if site.chance(0.25 if kind == "bazaar" else 0.5):
        _borders(site, side, front - side * 1.0)
    _growth(site, kind, side, front)
    _posts(site, kind, side, edge + side * site.between(0.5, 1.4), front)
    _clutter(site, kind, side, edge)
    for _ in range(site.rng.poisson({"bazaar": 4, "artery": 1.2, "village": 1.4}[kind])):
        living.person(site, edge + side * site.between(-0.8, 2.4), site.near(4.5, 36))


def _growth(site: Site, kind: str, side: int, front: float) -> None:
    """Trees, palms and bushes wherever they came up."""
    for _ in range(site.rng.poisson({"bazaar": 1.8, "artery": 5, "village": 7}[kind])):
        across, ahead = front - side * site.between(-3, 2), site.between(7, 80)
        if site.chance(0.2):
            greenery.palm(site, across, ahead, site.between(5, 9), site.tint(LEAVES), BARK)
        else:
            greenery.tree(site, across, ahead, site.between(3.5, 9), site.tint(LEAVES), BARK)
    for _ in range(site.rng.poisson(4 if kind == "village" else 1)):
        across, ahead = front - side * site.between(-2, 2.5), site.between(6, 60)
        greenery.bush(site, across, ahead, site.between(1, 3), site.between(0.6, 1.6), site.tint(LEAVES))


def _borders(site: Site, side: int, across: float) -> None:
    """Compound walls and fences."""
    near = site.between(3, 14)
    while near < 70:
        far, kind = near + site.between(8, 25), site.pick(("wall", "fence", "none"), (4, 3, 2))
        if kind != "none":
            walls = ((206, 200, 186), (150, 80, 62), (160, 96, 76))
            colour = site.tint(walls if kind == "wall" else ((110, 116, 110), (146, 102, 62)))
            buildings.barrier(site, kind, side, across, (near, far), site.between(1.3, 2.3), colour)
        near = far


def _posts(site: Site, kind: str, side: int, across: float, front: float) -> None:
    """Power lines, advertisements, signs."""
    for ahead in np.arange(site.between(7, 22), 100, site.between(16, 30)):
        furniture.utility_pole(site, across + side * 0.4, ahead)
    for _ in range(site.rng.poisson(0.5)):
        furniture.billboard(site, side, across + side * 1.5, site.between(14, 45))
    if kind == "bazaar":
        _boards(site, side, front)
    for _ in range(site.rng.poisson(0.8)):
        furniture.sign(site, across, site.near(8, 36), ("direction", "warning", "order", "stop"))
    if site.chance(0.3):
        furniture.traffic_light(site, across, site.near(8, 34))


def _boards(site: Site, side: int, front: float) -> None:
    """Shop signs that stand out above the pavement."""
    for _ in range(site.rng.poisson(2.5)):
        ahead, low = site.between(7, 40), site.between(2.8, 5)
        start, end = (front - side * 0.1, ahead), (front - side * site.between(0.8, 1.6), ahead)
        thing, high = site.add("billboard", ahead), low + site.between(0.8, 2.2)
        thing.solid(site.camera.upright(start, end, low, high), (232, 228, 216))
        furniture.poster(site, thing, start, end, low, high)


def _clutter(site: Site, kind: str, side: int, edge: float) -> None:
    """Rubble, barricades, and whatever is parked there."""
    for _ in range(site.rng.poisson(1.0)):
        label, ahead = site.pick(("obs-str-bar-fallback", "non-drivable fallback")), site.between(6, 40)
        across = edge + side * site.between(0.5, 3.4)
        furniture.rubble(site, label, across, ahead, site.between(1, 3), site.tint(MUD, 0.2, 0.9))
    for _ in range(site.rng.poisson(0.5)):
        colour = site.tint(((206, 190, 60), (60, 110, 160), (150, 110, 80)))
        across, ahead = edge + side * site.between(0.5, 1.4), site.between(7, 30)
        furniture.bin_or_box(site, "obs-str-bar-fallback", across, ahead, site.between(0.9, 1.6), colour)
    for _ in range(site.rng.poisson(1.6 if kind == "bazaar" else 0.5)):
        what, across = site.pick(("motorcycle", "bicycle"), (4, 1.5)), edge + side * site.between(0.3, 1.6)
        living.two_wheeler(site, what, across, site.near(5, 28), 0, site.chance(0.6), GEAR)
    if site.chance(0.3):
        what = site.pick(("autorickshaw", "car"))
        vehicle(site, site.pick(MODELS[what]), edge + side, site.between(8, 30), site.pick((0.0, np.pi)))


def _traffic(site: Site, kind: str, left: float, right: float) -> None:
    """Whoever is on the road, anywhere on it."""
    for _ in range(site.rng.poisson({"bazaar": 7, "artery": 9, "village": 4}[kind])):
        ahead, across = 5.5 + site.rng.exponential(18), site.between(left + 0.8, right - 0.8)
        if abs(across) < 1.6 and ahead < 9:  # we keep our distance
            ahead += 6
        what = site.pick(tuple(MIX), tuple(MIX.values()))
        _road_user(site, what, across, ahead, kind == "artery" or across < (left + right) / 2)


def _road_user(site: Site, what: str, across: float, ahead: float, with_us: bool) -> None:
    if what in ("motorcycle", "bicycle"):
        riders = 1 + int(what == "motorcycle" and site.chance(0.3))
        living.two_wheeler(site, what, across, ahead, riders, site.chance(0.2), GEAR)
    elif what == "animal":
        living.animal(site, across, ahead)
    elif what == "person":
        living.person(site, across, ahead)
    else:
        model = site.pick(MODELS[what])
        yaw = (0.0 if with_us else np.pi) + site.rng.normal(0, 0.12)
        vehicle(site, model, across, ahead + model.half_length, yaw)


ABROAD = City("abroad", (640, 360), _camera, _day, _compose)
