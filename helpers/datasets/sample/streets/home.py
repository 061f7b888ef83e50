"""The first city, in the Cityscapes layout: marked lanes, pavements with kerbs, even light."""

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

LEAVES: tuple[Colour, ...] = ((74, 96, 52), (88, 106, 58), (62, 84, 50), (104, 110, 60))
BARK: Colour = (78, 68, 58)
WHITE: Colour = (208, 208, 202)
TOWN = Houses(
    walls=((196, 186, 166), (176, 160, 138), (158, 150, 142), (206, 200, 188), (168, 134, 112), (146, 128, 112)),
    floors=(3, 6), length=(9, 18), roofs=((112, 66, 52), (92, 74, 66), (80, 80, 84)),
    awnings=((150, 40, 40), (40, 60, 110), (60, 90, 70), (200, 190, 170)),
)  # fmt: skip
SUBURB = Houses(
    walls=((212, 204, 190), (198, 186, 160), (168, 120, 96), (222, 218, 208)), floors=(1, 2), length=(9, 14),
    roofs=((128, 66, 50), (96, 62, 54), (84, 84, 90)), shops=0.05, gap=0.4,
)  # fmt: skip
OFFICES = Houses(
    walls=((150, 156, 162), (128, 132, 138), (182, 184, 184), (160, 146, 132)), floors=(4, 9), length=(14, 28),
    shops=0.5, awnings=((70, 76, 84), (180, 40, 44), (40, 80, 130)), gap=0.2,
)  # fmt: skip
TRAFFIC = {fleet.HATCHBACK: 5, fleet.SALOON: 5, fleet.TALL_CAR: 4, fleet.VAN: 2, fleet.LORRY: 2, fleet.BUS: 2}
PARKED = {fleet.HATCHBACK: 5, fleet.SALOON: 4, fleet.TALL_CAR: 3, fleet.VAN: 1.5, fleet.LORRY: 0.2}


def _camera(rng: np.random.Generator, width: int, height: int) -> Camera:
    bend = rng.normal(0, 2.5e-4) if chance(rng, 0.5) else 0.0
    return Camera(width, height, width * rng.uniform(0.92, 1.1), height * rng.uniform(0.42, 0.48),
                  rng.uniform(1.2, 1.35), rng.normal(0, 0.02), bend)  # fmt: skip


def _day(rng: np.random.Generator) -> Day:
    overcast = chance(rng, 0.6)
    below = jitter(rng, (206, 210, 212) if overcast else (200, 212, 222), 0.05, 3)
    above = jitter(rng, (172, 180, 188) if overcast else (112, 148, 190), 0.08, 4)
    bright, dull = (0.92, 0.82) if overcast else (1.1, 0.62)
    sides = (bright, dull) if chance(rng, 0.5) else (dull, bright)
    light = Light(*sides, 0.86 if overcast else rng.uniform(0.65, 1.0), 0.62 if overcast else 0.48)
    exposure = Exposure(
        (0.97, 1.0, 0.97), rng.uniform(0.88, 1.04), rng.uniform(-14, 6), rng.uniform(0.5, 0.8), 0.8
    )
    return Day(above, below, rng.uniform(0, 1), Air(below, rng.uniform(220, 500)), light, exposure)


def _compose(site: Site, day: Day) -> np.ndarray:
    image = ground.sky(site, day.above, day.below, day.clouds)
    kind = site.pick(("town", "avenue", "suburb", "offices"), (4, 3, 3, 3))
    left, right = -site.pick((5.2, 5.4, 8.6)), site.pick((1.9, 1.9, 4.4))  # edges of the road; our lane is at 0
    buildings.skyline(site, "building", site.tint(TOWN.walls, 0.1, 0.8), (0.02, 0.09), (12, 60))
    buildings.skyline(site, "vegetation", site.tint(LEAVES), (0.01, 0.06), (5, 14))
    _lay_ground(site, kind, left, right)
    for side, edge in ((-1, left), (1, right)):
        _line(site, kind, side, edge)
    _traffic(site, left, right)
    if site.chance(0.6):
        _bonnet(site)
    return image


def _lay_ground(site: Site, kind: str, left: float, right: float) -> None:
    ground.strip(site, "terrain" if kind == "suburb" else "sidewalk", site.tint(((96, 108, 62), (108, 112, 70))) if
                 kind == "suburb" else site.tint(((142, 138, 134), (150, 142, 134))), -90, 90)  # fmt: skip
    asphalt = site.tint(((96, 97, 100), (84, 86, 90), (108, 106, 104)), 0.1, cast=3)
    slabs = site.tint(((158, 150, 144), (146, 142, 140), (164, 150, 136)), 0.08, cast=4)
    for side, edge in ((-1, left), (1, right)):
        parking = 2.2 if site.chance(0.4) else 0.0
        walk = edge + side * (parking + site.between(2.6, 4.2))
        ground.strip(site, "sidewalk", slabs, *sorted((edge, walk)))
        if parking:
            ground.strip(
                site,
                "parking",
                site.tint(((120, 112, 108), (104, 104, 106))),
                *sorted((edge, edge + side * parking)),
            )
        if kind != "town" and site.chance(0.7):
            verge = site.tint(((92, 112, 56), (106, 116, 62), (84, 98, 54)))
            ground.strip(site, "terrain", verge, *sorted((walk, walk + side * site.between(2.5, 6))))
    ground.strip(site, "road", asphalt, left, right)
    if site.chance(0.35):
        crossing = site.between(18, 45)
        ground.strip(site, "road", asphalt, -60, 60, crossing, crossing + site.between(7, 11))
        ground.zebra(site, left, right, crossing - 4.5, WHITE)
    ground.patches(site, left, right, tuple(0.85 * c for c in asphalt), int(site.between(0, 5)), (0.3, 1.2))
    ground.dashes(site, -1.75, WHITE)
    if left < -6:
        ground.dashes(site, -5.2, WHITE)
    if right > 3:
        ground.dashes(site, 1.75, WHITE)
    for edge in (left, right):
        ground.kerb(site, edge, 0.22, (168, 164, 158), "sidewalk")


def _line(site: Site, kind: str, side: int, edge: float) -> None:
    """One side of the road, from the houses to the kerb."""
    front = edge + side * site.between(4.5, 7.5) + (side * 5 if kind in ("suburb", "avenue") else 0)
    houses = {"town": TOWN, "avenue": TOWN, "suburb": SUBURB, "offices": OFFICES}[kind]
    buildings.row(site, side, front, site.between(4, 12), 150, houses)
    leaf = site.tint(LEAVES)
    border = front - side * 1.2
    if site.chance(0.8 if kind == "suburb" else 0.45):
        _borders(site, side, border, leaf)
    if site.chance({"town": 0.45, "avenue": 0.95, "suburb": 0.7, "offices": 0.5}[kind]):
        start, step = site.between(6, 16), site.between(7, 14)
        for ahead in np.arange(start, 110, step):
            across = (
                edge + side * site.between(2.2, 3.2) if kind != "suburb" else front - side * site.between(0, 3)
            )
            greenery.tree(
                site, across, ahead + site.between(-1, 1), site.between(5, 10), jitter(site.rng, leaf, 0.1), BARK
            )
    _posts(site, side, edge)
    _parked(site, side, edge)
    _walkers(site, side, edge)


def _borders(site: Site, side: int, across: float, leaf: Colour) -> None:
    near = site.between(3, 12)
    while near < 80:
        far, kind = near + site.between(8, 22), site.pick(("hedge", "fence", "wall", "none"), (2, 4, 4, 1))
        if kind == "hedge":
            greenery.hedge(site, side, across, near, far, site.between(0.9, 1.9), leaf)
        elif kind != "none":
            colours = (
                ((94, 84, 70), (70, 84, 74), (150, 150, 146))
                if kind == "fence"
                else ((150, 140, 128), (168, 152, 130))
            )
            buildings.barrier(site, kind, side, across, (near, far), site.between(1.0, 1.9), site.tint(colours))
        near = far


def _posts(site: Site, side: int, edge: float) -> None:
    across = edge + side * site.between(0.5, 0.9)
    if site.chance(0.7):
        for ahead in np.arange(site.between(8, 25), 110, site.between(22, 32)):
            furniture.lamp(site, side, across, ahead)
    for _ in range(site.rng.poisson(1.5)):
        furniture.sign(site, across + side * site.between(0, 0.8), site.between(7, 40),
                       ("warning", "order", "priority", "parking", "stop", "town"))  # fmt: skip
    for _ in range(site.rng.poisson(0.8)):
        furniture.traffic_light(site, across, site.between(9, 38))
    for _ in range(site.rng.poisson(0.6)):
        furniture.pole(
            site, across, site.between(6, 30), site.between(0.8, 1.1), site.tint(((60, 60, 62), (150, 150, 150)))
        )
    if site.chance(0.25):
        furniture.bin_or_box(site, "static", across + side * 0.8, site.between(8, 30), site.between(0.9, 1.3),
                             site.tint(((70, 84, 74), (110, 112, 112), (160, 120, 60))))  # fmt: skip


def _parked(site: Site, side: int, edge: float) -> None:
    if site.chance(0.55):
        ahead = site.between(5, 14)
        while ahead < 90:
            if site.chance(0.7):
                model = site.pick(tuple(PARKED), tuple(PARKED.values()))
                vehicle(site, model, edge + side * 1.15, ahead, 0.0 if side > 0 or site.chance(0.2) else np.pi)
            ahead += site.between(5.5, 8)
    for _ in range(site.rng.poisson(0.9)):
        living.two_wheeler(site, site.pick(("bicycle", "motorcycle"), (3, 2)), edge + side * site.between(1.2, 3.2),
                           site.between(6, 24), 0, True)  # fmt: skip


def _walkers(site: Site, side: int, edge: float) -> None:
    for _ in range(site.rng.poisson(3.2)):
        living.person(site, edge + side * site.between(0.6, 4.0), site.between(5, 38))
    if site.chance(0.2):
        living.person(site, edge - side * site.between(0.5, 2.5), site.between(12, 40))


def _traffic(site: Site, left: float, right: float) -> None:
    if site.chance(0.22):  # a tram
        vehicle(site, fleet.TRAM, -3.5, site.between(17, 40), np.pi)
    lanes = (
        [(0.0, 0.0, 10.0), (-3.5, np.pi, 7.0)]
        + [(-6.9, np.pi, 9.0)] * (left < -6)
        + [(3.2, 0.0, 7.0)] * (right > 3)
    )
    for across, yaw, first in lanes:
        ahead = first + site.rng.exponential(14)
        while ahead < 130:
            model = site.pick(tuple(TRAFFIC), tuple(TRAFFIC.values()))
            vehicle(site, model, across + site.rng.normal(0, 0.2), ahead + model.half_length, yaw)
            ahead += 2 * model.half_length + 3 + site.rng.exponential(18)
    for _ in range(site.rng.poisson(1.0)):
        across = site.pick((right - 0.7, left + 0.8, right - 0.9))
        living.two_wheeler(site, site.pick(("bicycle", "motorcycle"), (3, 2)), across, site.between(6, 26), 1)
    if site.chance(0.12):
        living.two_wheeler(site, "bicycle", site.between(left, right), site.between(10, 25), 1, True)


def _bonnet(site: Site) -> None:
    """The front of the car that carries the camera."""
    camera = site.camera
    x = np.linspace(0.02, 0.98, 16)
    y = 1 - 0.07 * np.sin(np.pi * x) ** 0.5
    outline = np.stack([x * camera.width, y * camera.height], 1)
    outline = np.concatenate([outline, [(camera.width, camera.height + 2), (0, camera.height + 2)]])
    site.add("ego vehicle", 0.0, Layer.CAR_OF_OURS).solid(outline, (52, 54, 58))


HOME = City("home", (720, 360), _camera, _day, _compose)
