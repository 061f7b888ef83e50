"""The ten classes of CIFAR-10, drawn: four kinds of vehicles and six of animals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from drawings import coats
from drawings.birds import KINDS, draw_bird
from drawings.canvas import Figure, chance, pick, rgb
from drawings.others import SPECIES
from drawings.photograph import PhotographSetting, photograph
from drawings.quadrupeds import draw_quadruped
from drawings.skeleton import Coat, Species
from drawings.small.aircraft import draw_aircraft
from drawings.small.arrays import SmallImages
from drawings.small.backgrounds import Backdrop, open_air, road, room, runway, sea, sky, studio, undergrowth
from drawings.small.formats import PythonBatches
from drawings.small.frogs import draw_frog
from drawings.small.portraits import draw_cat_face, draw_dog_face
from drawings.small.road_vehicles import CARS, LORRIES, draw_road_vehicle
from drawings.small.ships import draw_ship
from drawings.wildlife import HOUND, HUSKY, MONGREL, ROE, SHEPHERD, SIKA

SIZE = 64  # pixels of the picture before it is reduced
LOOK_ALIKES = {
    "airplane": "bird", "bird": "airplane", "automobile": "truck", "truck": "automobile", "cat": "dog",
    "dog": "cat", "deer": "horse", "horse": "deer", "ship": "airplane", "frog": "bird",
}  # fmt: skip
_CAT_COATS = tuple(
    Coat.of(colours)
    for colours in (
        "#5c5650 #7c7468 #a8a094 #80786c #b8b0a4 #6c645c #6c645a #a8a096",
        "#b86c30 #cc8444 #ecd8bc #d09450 #f0e4d4 #b87038 #c47c3c #f0e4d4",
        "#222024 #2a282c #302e30 #262428 #383438 #242226 #242226 #2a282a",
        "#dcdad6 #e8e6e2 #f0eeea #e8e6e2 #f2ece8 #e0c8c0 #e2e0dc #eeeae6",
        "#70747c #868a92 #a4a8ae #868a92 #b0b2b6 #70747a #787c84 #9498a0",
    )
)
_TABBY = replace(
    SPECIES["lynx"],
    build=replace(SPECIES["lynx"].build, leg=0.44, hip=0.46, ear=0.19, tail=0.5, tail_width=0.1, tail_curl=-1.2,
                  tail_angle=0.1, head=0.37, head_depth=0.35, muzzle=0.06, face=1.15, chest=0.44, loin=0.42,
                  shag=0.15),
    coats=_CAT_COATS, markings=(coats.stripes(rgb("#3c342e"), 9, 0.035),), headgear=(),
    stances={"stand": 2, "walk": 3, "sit": 4, "lie": 3}, facing_camera=0.5,
)  # fmt: skip
CATS = (
    _TABBY,
    replace(_TABBY, markings=()),
    replace(_TABBY, markings=(coats.patches(rgb("#2c2826"), 1, 3, 0.2),)),
)
DOGS = tuple(replace(species, facing_camera=0.45) for species in (HUSKY, SHEPHERD, HOUND, MONGREL)) + (
    replace(HOUND, build=replace(HOUND.build, leg=0.36, hip=0.36, shag=0.2, ear=0.2), facing_camera=0.45),
    replace(MONGREL, build=replace(MONGREL.build, shag=1.0, ear_shape="floppy", muzzle=0.12), facing_camera=0.5),
)
HORSES = (
    SPECIES["horse"],
    replace(SPECIES["horse"], markings=(*SPECIES["horse"].markings, coats.leg_socks(rgb("#dcd8d0")))),
)
DEER = (ROE, SIKA, SPECIES["fallow deer"])


def _animal(*species: Species) -> Callable[[np.random.Generator], Figure]:
    return lambda rng: draw_quadruped(pick(rng, species), rng)


@dataclass(frozen=True)
class Motif:
    """One way in which a class is seen."""

    figure: Callable[[np.random.Generator], Figure]
    backdrops: Mapping[Backdrop, float]  # with weights
    setting: PhotographSetting
    weight: float = 1.0


_LIGHTS = {"noon": 0.4, "overcast": 0.35, "dawn": 0.12, "blue hour": 0.06, "dim": 0.07}
_VEHICLE = PhotographSetting(
    fill=(0.72, 1.1), close_up=0.1, off_centre=0.045, fur=0.035, occluders={"nothing": 0.94, "grass": 0.06},
    weathers={"clear": 0.93, "fog": 0.07}, lights=_LIGHTS,
)  # fmt: skip
_AFLOAT = replace(_VEHICLE, shadow=False)
_FLYING = replace(_AFLOAT, fill=(0.35, 1.0), close_up=0.04, occluders={"nothing": 1})
_ANIMAL = replace(_VEHICLE, fill=(0.7, 1.08), fur=0.055, close_up=0.12, occluders={"nothing": 0.85, "grass": 0.15})
_PERCHING = replace(_ANIMAL, shadow=False)
_PET = replace(_ANIMAL, close_up=0.35)
_FACE = replace(_ANIMAL, fill=(1.05, 1.3), shadow=False, close_up=0.0)
_STREET = {road: 8, studio: 2, open_air: 3, room: 1}
_NATURE = {open_air: 10, road: 1, undergrowth: 2}
_HOME = {room: 6, open_air: 3, studio: 1, road: 2}
_PERCHED, _SWIMMING = {"perched": 3, "owl": 1}, {"duck": 2, "soaring": 1}
_WALKING = {kind: weight for kind, weight in KINDS.items() if kind != "soaring"}
SCENES: dict[str, tuple[Motif, ...]] = {  # in the order of the labels
    "airplane": (
        Motif(lambda rng: draw_aircraft(rng, flying=True), {sky: 10, sea: 1, runway: 1}, _FLYING, 0.62),
        Motif(lambda rng: draw_aircraft(rng, flying=False), {runway: 6, studio: 1, open_air: 1}, _VEHICLE, 0.38),
    ),
    "automobile": (Motif(lambda rng: draw_road_vehicle(rng, CARS), _STREET, _VEHICLE),),
    "bird": (
        Motif(lambda rng: draw_bird(rng, {"soaring": 1}), {sky: 10, sea: 1, runway: 1}, _FLYING, 0.32),
        Motif(lambda rng: draw_bird(rng, _PERCHED), {sky: 5, open_air: 8, room: 1}, _PERCHING, 0.33),
        Motif(lambda rng: draw_bird(rng, _WALKING), {open_air: 6, road: 2, runway: 1}, _ANIMAL, 0.25),
        Motif(lambda rng: draw_bird(rng, _SWIMMING), {sea: 1}, _PERCHING, 0.1),
    ),
    "cat": (Motif(_animal(*CATS), _HOME, _PET), Motif(draw_cat_face, _HOME, _FACE)),
    "deer": (Motif(_animal(*DEER), _NATURE, _ANIMAL),),
    "dog": (Motif(_animal(*DOGS), _HOME, _PET, 0.6), Motif(draw_dog_face, _HOME, _FACE, 0.4)),
    "frog": (Motif(draw_frog, {undergrowth: 8, studio: 1, open_air: 2, room: 1}, _PET),),
    "horse": (Motif(_animal(*HORSES), {open_air: 8, road: 3, studio: 1}, _ANIMAL),),
    "ship": (Motif(draw_ship, {sea: 10, road: 1, sky: 1}, _AFLOAT),),
    "truck": (Motif(lambda rng: draw_road_vehicle(rng, LORRIES), _STREET, _VEHICLE),),
}
CLASSES = tuple(SCENES)


def draw(class_name: str, rng: np.random.Generator) -> np.ndarray:
    """One photograph of the class, (64, 64, 3) uint8 RGB."""
    scenes = SCENES[class_name]
    scene = pick(rng, scenes, [scene.weight for scene in scenes])
    backdrop = pick(rng, tuple(scene.backdrops), tuple(scene.backdrops.values()))
    image = photograph(scene.figure(rng), rng, SIZE, SIZE, replace(scene.setting, backdrop=backdrop))
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(1.0, 2.2)) if chance(rng, 0.25) else image


SAMPLE = SmallImages(
    name="vehicles_animals",
    classes=CLASSES,
    draw=draw,
    look_alikes=LOOK_ALIKES,
    layout=PythonBatches(),
    test_share=1 / 6,
)
