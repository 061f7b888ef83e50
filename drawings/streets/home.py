"""The first city, in the Cityscapes layout: marked lanes, pavements with kerbs, even light."""

import numpy as np

from drawings.canvas import Colour, chance, jitter, shade
from drawings.streets import buildings, fleet, furniture, greenery, ground, living
from drawings.streets.buildings import Houses
from drawings.streets.camera import RoadCamera
from drawings.streets.finish import Exposure
from drawings.streets.living import Gear
from drawings.streets.scene import City, Day
from drawings.streets.site import Light, Site
from drawings.streets.stage import Air, PaintLayer
from drawings.streets.vehicles import Model, vehicle

LEAVES: tuple[Colour, ...] = ((66, 94, 46), (76, 102, 50), (58, 86, 46), (84, 104, 50))
GRASS: tuple[Colour, ...] = ((126, 156, 62), (136, 162, 74), (118, 148, 58))
BARK: Colour = (72, 60, 48)
WHITE: Colour = (208, 208, 202)
ASPHALT: tuple[Colour, ...] = ((88, 90, 96), (80, 83, 89), (96, 97, 101))
SLABS: tuple[Colour, ...] = ((172, 158, 148), (164, 152, 144), (178, 160, 144))
TIMBER: tuple[Colour, ...] = ((142, 96, 54), (156, 110, 62), (128, 88, 52))
BRICK: tuple[Colour, ...] = ((140, 66, 56), (150, 76, 62), (128, 60, 54))
STEEL: Colour = (150, 153, 156)
SIGNS = ("warning", "order", "priority", "parking", "stop")
GEAR = Gear(
    jackets=((206, 222, 44), (222, 226, 70), (240, 130, 30)),
    crowns=((236, 236, 230), (240, 130, 30), (206, 222, 44)),
    motorcycles=((176, 26, 30), (190, 34, 34), (150, 22, 30)),
    bicycles=((30, 150, 156), (40, 164, 150), (24, 130, 150)),
)
TOWN = Houses(
    walls=((214, 198, 160), (204, 184, 142), (220, 206, 176), (206, 176, 132), (194, 172, 128)),
    floors=(3, 6), length=(9, 18), roofs=((84, 70, 66), (92, 74, 66), (80, 80, 84)),
    awnings=((112, 60, 60), (70, 76, 100), (80, 96, 84), (200, 190, 170)),
)  # fmt: skip
SUBURB = Houses(
    walls=((216, 206, 178), (208, 192, 152), (198, 172, 130), (224, 216, 196)), floors=(1, 2), length=(9, 14),
    roofs=((88, 70, 66), (96, 76, 70), (84, 84, 90)), shops=0.05, gap=0.4,
)  # fmt: skip
OFFICES = Houses(
    walls=((196, 182, 150), (182, 166, 136), (208, 198, 172), (176, 152, 118)), floors=(4, 9), length=(14, 28),
    shops=0.5, awnings=((70, 76, 84), (112, 60, 60), (70, 76, 100)), gap=0.2,
)  # fmt: skip
MODELS = {
    "car": (fleet.HATCHBACK, fleet.SALOON, fleet.TALL_CAR, fleet.VAN),
    "truck": (fleet.LORRY,),
    "bus": (fleet.BUS,),
}
TRAFFIC, PARKED = {"car": 10, "truck": 3, "bus": 3}, {"car": 10, "truck": 1, "bus": 0}


def _camera(rng: np.random.Generator, width: int, height: int) -> RoadCamera:
    bend = rng.normal(0, 2.5e-4) if chance(rng, 0.5) else 0.0
    return RoadCamera(width, height, width * rng.uniform(0.92, 1.1), height * rng.uniform(0.42, 0.48),
                  rng.uniform(1.2, 1.35), rng.normal(0, 0.02), bend)  # fmt: skip


def _day(rng: np.random.Generator) -> Day:
    overcast = chance(rng, 0.6)
    below = jitter(rng, (206, 210, 212) if overcast else (200, 212, 222), 0.05, 3)
    above = jitter(rng, (172, 180, 188) if overcast else (112, 148, 190), 0.08, 4)
    bright, dull = (0.92, 0.82) if overcast else (1.1, 0.62)
    sides = (bright, dull) if chance(rng, 0.5) else (dull, bright)
    light = Light(*sides, 0.86 if overcast else rng.uniform(0.65, 1.0), 0.62 if overcast else 0.48)
    exposure = Exposure((0.97, 1.0, 0.97), rng.uniform(0.92, 1.06), rng.uniform(-8, 8), rng.uniform(0.5, 0.8), 0.8)
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
    suburb = kind == "suburb"
    ground.strip(site, "terrain" if suburb else "sidewalk", site.tint(GRASS if suburb else SLABS), -90, 90)
    asphalt, slabs = site.tint(ASPHALT, 0.08, cast=3), site.tint(SLABS, 0.06, cast=4)
    for side, edge in ((-1, left), (1, right)):
        walk = edge + side * site.between(2.8, 4.4)
        ground.strip(site, "sidewalk", slabs, *sorted((edge, walk)))
        if site.chance(0.25):
            bays = site.tint(((128, 112, 106), (112, 106, 104)))
            ground.strip(site, "parking", bays, *sorted((edge, edge + side * 2.2)))
        if kind != "town" and site.chance(0.8):
            ground.strip(site, "terrain", site.tint(GRASS), *sorted((walk, walk + side * site.between(3, 6))))
    ground.strip(site, "road", asphalt, left, right)
    if site.chance(0.35):
        crossing = site.between(18, 45)
        ground.strip(site, "road", asphalt, -60, 60, crossing, crossing + site.between(7, 11))
        ground.zebra(site, left, right, crossing - 4.5, WHITE)
    ground.patches(site, left, right, shade(asphalt, 0.88), int(site.between(0, 5)), (0.3, 1.2))
    for across in (-1.75, *[-5.2] * (left < -6), *[1.75] * (right > 3)):
        ground.dashes(site, across, WHITE)
    for edge in (left, right):
        ground.kerb(site, edge, 0.22, (188, 182, 172))


def _line(site: Site, kind: str, side: int, edge: float) -> None:
    """One side of the road, from the houses to the kerb."""
    front = edge + side * site.between(4.8, 7.5) + (side * 5 if kind in ("suburb", "avenue") else 0)
    houses = {"town": TOWN, "avenue": TOWN, "suburb": SUBURB, "offices": OFFICES}[kind]
    buildings.row(site, side, front, site.between(4, 12), 150, houses)
    leaf = site.tint(LEAVES)
    if site.chance(0.85 if kind == "suburb" else 0.55):
        _borders(site, side, front - side * 1.2, leaf)
    if site.chance({"town": 0.4, "avenue": 0.95, "suburb": 0.6, "offices": 0.5}[kind]):
        _trees(site, side, edge if kind != "suburb" else front - side * 4, leaf)
    _posts(site, side, edge)
    _parked(site, side, edge)
    for _ in range(site.rng.poisson(3)):
        living.person(site, edge + side * site.between(0.6, 3.6), site.near(5, 32))


def _trees(site: Site, side: int, edge: float, leaf: Colour) -> None:
    for ahead in np.arange(site.between(6, 16), 110, site.between(8, 15)):
        across, height = edge + side * site.between(2.2, 3.2), site.between(5, 10)
        greenery.tree(site, across, ahead + site.between(-1, 1), height, jitter(site.rng, leaf, 0.1), BARK)


def _borders(site: Site, side: int, across: float, leaf: Colour) -> None:
    """What stands between the pavement and the houses."""
    near = site.between(3, 10)
    while near < 80:
        far, kind = near + site.between(10, 26), site.pick(("hedge", "fence", "wall", "none"), (2, 5, 5, 1))
        if kind == "hedge":
            greenery.hedge(site, side, across, near, far, site.between(0.9, 1.9), leaf)
        elif kind != "none":
            colour = site.tint(TIMBER if kind == "fence" else BRICK)
            buildings.barrier(site, kind, side, across, (near, far), site.between(1.3, 2.3), colour)
        near = far


def _posts(site: Site, side: int, edge: float) -> None:
    across = edge + side * site.between(0.5, 0.9)
    if site.chance(0.7):
        for ahead in np.arange(site.between(7, 22), 110, site.between(18, 28)):
            furniture.lamp(site, side, across, ahead, STEEL)
    for _ in range(site.rng.poisson(1.5)):
        furniture.sign(site, across + side * site.between(0, 0.8), site.near(7, 34), SIGNS)
    for _ in range(site.rng.poisson(1.1)):
        furniture.traffic_light(site, across, site.near(8, 32))
    for _ in range(site.rng.poisson(0.6)):
        furniture.pole(site, across, site.near(6, 30), site.between(0.8, 1.1), STEEL)
    if site.chance(0.25):
        furniture.bin_or_box(site, "static", across + side * 0.8, site.between(8, 30), site.between(0.9, 1.3),
                             site.tint(((70, 84, 74), (110, 112, 112))))  # fmt: skip


def _parked(site: Site, side: int, edge: float) -> None:
    if site.chance(0.4):
        for ahead in np.arange(site.between(5, 14), 90, site.between(5.5, 8)):
            if site.chance(0.7):
                yaw = 0.0 if side > 0 or site.chance(0.2) else np.pi
                vehicle(site, _model(site, PARKED), edge + side * 1.15, ahead, yaw)
    for _ in range(site.rng.poisson(1.3)):
        _two_wheeler(site, edge + side * site.between(1.2, 3.2), site.near(5, 20), 0, True)


def _model(site: Site, shares: dict[str, float]) -> Model:
    return site.pick(MODELS[site.pick(tuple(shares), tuple(shares.values()))])


def _two_wheeler(site: Site, across: float, ahead: float, riders: int, sideways: bool = False) -> None:
    living.two_wheeler(site, site.pick(("bicycle", "motorcycle")), across, ahead, riders, sideways, GEAR)


def _traffic(site: Site, left: float, right: float) -> None:
    for _ in range(site.rng.poisson(1.4)):
        _two_wheeler(site, site.pick((right - 0.7, left + 0.8, right - 0.9)), site.near(5, 26), 1)
    for _ in range(site.rng.poisson(0.3)):
        _two_wheeler(site, site.between(left, right), site.between(8, 22), 1, True)
    for _ in range(site.rng.poisson(0.4)):
        living.person(site, site.between(left, right), site.between(9, 30))
    lanes = [(0.0, 0.0, 10.0), (-3.5, np.pi, 7.0), (-6.9, np.pi, 9.0), (3.2, 0.0, 7.0)]
    for across, yaw, first in lanes:
        if left < across < right:
            _lane(site, across, yaw, first)


def _lane(site: Site, across: float, yaw: float, first: float) -> None:
    """The vehicles in one lane, at safe distances."""
    ahead = first + site.rng.exponential(14)
    while ahead < 130:
        model = _model(site, TRAFFIC)
        vehicle(site, model, across + site.rng.normal(0, 0.2), ahead + model.half_length, yaw)
        ahead += 2 * model.half_length + 3 + site.rng.exponential(18)


def _bonnet(site: Site) -> None:
    """The front of the car that carries the camera."""
    camera = site.camera
    x = np.linspace(0.02, 0.98, 16)
    y = 1 - 0.07 * np.sin(np.pi * x) ** 0.5
    outline = np.stack([x * camera.width, y * camera.height], 1)
    outline = np.concatenate([outline, [(camera.width, camera.height + 2), (0, camera.height + 2)]])
    site.add("ego vehicle", 0.0, PaintLayer.CAR_OF_OURS).solid(outline, (52, 54, 58))


HOME = City("home", (720, 360), _camera, _day, _compose)
