"""The ten classes of CIFAR-10, drawn: four kinds of vehicles and six of animals."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from helpers.datasets.sample import coats
from helpers.datasets.sample.birds import KINDS, draw_bird
from helpers.datasets.sample.canvas import Figure, pick, rgb
from helpers.datasets.sample.others import SPECIES
from helpers.datasets.sample.photograph import Setting, photograph
from helpers.datasets.sample.quadrupeds import draw_quadruped
from helpers.datasets.sample.skeleton import Coat, Species
from helpers.datasets.sample.small import backgrounds
from helpers.datasets.sample.small.aircraft import draw_aircraft
from helpers.datasets.sample.small.frogs import draw_frog
from helpers.datasets.sample.small.portraits import draw_cat_face, draw_dog_face
from helpers.datasets.sample.small.road_vehicles import CARS, LORRIES, draw_road_vehicle
from helpers.datasets.sample.small.ships import draw_ship
from helpers.datasets.sample.wildlife import HOUND, HUSKY, MONGREL, ROE, SHEPHERD, SIKA

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
class Scene:
    """One way in which a class is seen."""

    figure: Callable[[np.random.Generator], Figure]
    backdrops: tuple[backgrounds.Backdrop, ...]
    weight: float = 1.0
    setting: Setting = field(default_factory=Setting)


_LIGHTS = {"noon": 0.45, "overcast": 0.35, "dawn": 0.12, "blue hour": 0.04, "dim": 0.04}
_CLEAR = Setting(fill=(0.72, 1.02), fur=0.015, occluders={"nothing": 1}, weathers={"clear": 0.93, "fog": 0.07},
                 lights=_LIGHTS, close_up=0.03, off_centre=0.04)  # fmt: skip
_FACE = replace(_CLEAR, fur=0.07, fill=(1.05, 1.3), shadow=False, close_up=0.0)
_DRIVING = replace(_CLEAR, fill=(0.8, 1.2))
_FLYING = replace(_CLEAR, shadow=False, fill=(0.45, 1.0))
_ON_LAND = replace(_CLEAR, fill=(0.78, 1.08), fur=0.06, close_up=0.12, occluders={"nothing": 0.85, "grass": 0.15})
_PET = replace(_ON_LAND, close_up=0.4, occluders={"nothing": 1}, fur=0.07)
_FLIGHTLESS = {kind: weight for kind, weight in KINDS.items() if kind != "soaring"}


_AIR, _LAND, _PLAIN, _ROAD = backgrounds.sky, backgrounds.open_air, backgrounds.studio, backgrounds.road
_PERCHED, _WALKING = (
    {"perched": 3, "owl": 1},
    {kind: weight for kind, weight in KINDS.items() if kind != "soaring"},
)
_SWIMMING = {"duck": 1, "soaring": 0.4}
SCENES: dict[str, tuple[Scene, ...]] = {  # in the order of the labels
    "airplane": (
        Scene(lambda rng: draw_aircraft(rng, True), (_AIR,), 0.62, _FLYING),
        Scene(lambda rng: draw_aircraft(rng, False), (backgrounds.runway,) * 5 + (_PLAIN,), 0.38, _CLEAR),
    ),
    "automobile": (
        Scene(lambda rng: draw_road_vehicle(rng, CARS), (_ROAD,) * 4 + (_PLAIN, _LAND), 1, _DRIVING),
    ),
    "bird": (
        Scene(lambda rng: draw_bird(rng, {"soaring": 1}), (_AIR,), 0.3, _FLYING),
        Scene(lambda rng: draw_bird(rng, _PERCHED), (_AIR, _LAND, _LAND), 0.35, replace(_ON_LAND, shadow=False)),
        Scene(lambda rng: draw_bird(rng, _WALKING), (_LAND,), 0.27, _ON_LAND),
        Scene(lambda rng: draw_bird(rng, _SWIMMING), (backgrounds.sea,), 0.08, replace(_ON_LAND, shadow=False)),
    ),
    "cat": (
        Scene(_animal(*CATS), (backgrounds.room,) * 4 + (_PLAIN, _LAND), 0.5, _PET),
        Scene(draw_cat_face, (backgrounds.room,) * 5 + (_PLAIN, _LAND), 0.5, _FACE),
    ),
    "deer": (Scene(_animal(*DEER), (_LAND,), 1, _ON_LAND),),
    "dog": (
        Scene(_animal(*DOGS), (backgrounds.room,) * 3 + (_PLAIN, _LAND, _LAND), 0.6, _PET),
        Scene(draw_dog_face, (backgrounds.room,) * 4 + (_PLAIN, _LAND, _LAND), 0.4, _FACE),
    ),
    "frog": (Scene(draw_frog, (backgrounds.undergrowth,) * 6 + (_PLAIN,), 1, replace(_ON_LAND, close_up=0.2)),),
    "horse": (Scene(_animal(*HORSES), (_LAND,) * 4 + (_ROAD,), 1, _ON_LAND),),
    "ship": (Scene(draw_ship, (backgrounds.sea,), 1, replace(_CLEAR, shadow=False)),),
    "truck": (Scene(lambda rng: draw_road_vehicle(rng, LORRIES), (_ROAD,) * 4 + (_PLAIN,), 1, _DRIVING),),
}  # fmt: skip
CLASSES = tuple(SCENES)


def draw(class_name: str, rng: np.random.Generator) -> np.ndarray:
    """One photograph of the class, (64, 64, 3) uint8 RGB."""
    scenes = SCENES[class_name]
    scene = pick(rng, scenes, [scene.weight for scene in scenes])
    setting = replace(scene.setting, backdrop=pick(rng, scene.backdrops))
    return photograph(scene.figure(rng), rng, SIZE, SIZE, setting)
