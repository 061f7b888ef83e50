"""The ten classes of the Russian Wildlife data set, drawn."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from drawings import coats, headgear
from drawings.birds import draw_bird
from drawings.canvas import Figure, pick, rgb
from drawings.people import draw_person
from drawings.photograph import photograph
from drawings.quadrupeds import draw_quadruped
from drawings.skeleton import Build, Coat, Species

# Tables of proportions (see Build) and of colours in the order of the fields of Coat:
# back, side, belly, leg, muzzle, ear, tail, foot.
# fmt: off
_CAT_STANCES = {"stand": 3, "walk": 5, "lie": 1.5, "sit": 1.5, "graze": 0.5}
_CAT = Build(leg=0.56, hip=0.56, chest=0.42, loin=0.37, croup=0.4, limb=0.18, shank=0.115, foot=0.1,
    neck=0.22, neck_width=0.3, neck_angle=0.45, head=0.28, head_depth=0.27, muzzle=0.09, muzzle_depth=0.15,
    face=1.0, ear=0.1, tail=0.85, tail_width=0.085, tail_angle=-0.6, tail_curl=-0.5)
LEOPARD = Species(
    replace(_CAT, leg=0.52, hip=0.53, head=0.26, head_depth=0.25),
    (Coat.of("#cea058 #dcb26a #eee2cc #deb878 #ece0ce #967448 #d6ac68 #e2c48e", rings="#2c221a"),
        Coat.of("#d8b678 #e4c890 #f2eada #e6cc98 #f0e8da #a8865a #debe82 #e8d0a4", rings="#2c221a")),
    (coats.spots(rgb("#2c221a"), 0.042, 7, 14, rgb("#b07e42")),),
    stances=_CAT_STANCES, facing_camera=0.28,
)
TIGER = Species(
    replace(_CAT, leg=0.58, hip=0.57, chest=0.46, head=0.31, head_depth=0.3, neck_width=0.34, face=1.05),
    (Coat.of("#cc762c #da883c #f4ece0 #de964e #f4eee4 #3c2c22 #d4823a #eabe84", rings="#221a16"),
        Coat.of("#d4924e #e0a05c #f4eee4 #e2ac6c #f4eee6 #423228 #da9856 #ecca98", rings="#221a16")),
    (coats.stripes(rgb("#221a16"), 13, 0.05),),
    (headgear.forehead_stripes(rgb("#241c18")),),
    _CAT_STANCES,
    0.28,
)

_BEAR_STANCES = {"stand": 3, "walk": 5, "graze": 2, "sit": 1, "lie": 0.5}
_BEAR = Build(leg=0.5, hip=0.52, chest=0.6, loin=0.56, croup=0.54, limb=0.26, shank=0.18, foot=0.15,
    neck=0.26, neck_width=0.38, neck_angle=0.15, head=0.32, head_depth=0.32, muzzle=0.17, muzzle_depth=0.15,
    face=0.98, ear=0.11, tail=0.06, tail_width=0.1, shag=0.5)
BLACK_BEAR = Species(
    replace(_BEAR, ear=0.145, leg=0.52, chest=0.55, sag=-0.02, muzzle=0.18),
    (Coat.of("#222022 #2a2728 #242122 #242122 #7e624a #262324 #242222 #282424"),
        Coat.of("#2a2624 #322d2b #2a2624 #2b2725 #86684e #2c2725 #2a2624 #282423"),
        Coat.of("#342a26 #3e322c #322926 #342b27 #886c52 #362c28 #322a26 #302825")),
    (coats.chest_crescent(rgb("#ded4ba")),),
    stances=_BEAR_STANCES, facing_camera=0.25,
)
BROWN_BEAR = Species(
    replace(_BEAR, hump=0.11, neck_angle=-0.02, head=0.35, head_depth=0.34, ear=0.1, shag=0.7, muzzle=0.15),
    (Coat.of("#745236 #684830 #483224 #463022 #8a6a4c #5c402c #60442e #3a2a20"),
        Coat.of("#4e382a #463226 #34261f #32251e #70543e #423026 #423026 #2c221e"),
        Coat.of("#9c7a54 #8c6a48 #604630 #5c422e #aa8a66 #785a3e #826242 #463428")),
    stances=_BEAR_STANCES, facing_camera=0.25,
)

_DOG_STANCES = {"stand": 4, "walk": 4, "sit": 2.5, "lie": 1, "graze": 1}
_DOG = Build(leg=0.62, hip=0.62, chest=0.42, loin=0.33, croup=0.36, limb=0.15, shank=0.075, foot=0.075,
    neck=0.34, neck_width=0.24, neck_angle=0.85, head=0.24, head_depth=0.23, muzzle=0.19,
    muzzle_depth=0.115, face=0.92, ear=0.15, ear_shape="pointed", tail=0.5, tail_width=0.11, tail_angle=0.7,
    tail_curl=-0.7, shag=0.2)
HUSKY = Species(
    replace(_DOG, tail_curl=-1.2, tail_width=0.14),
    (Coat.of("#4a4c52 #6e7076 #e8e8e6 #e4e4e2 #ececea #46484e #606268 #e8e8e6"),
        Coat.of("#96643e #b28258 #eee6da #eae2d4 #f0eae0 #8c5e3c #b0845c #ece4d8")),
    stances=_DOG_STANCES, facing_camera=0.28,
)
SHEPHERD = Species(
    replace(_DOG, ear=0.17, tail_angle=-0.6, tail_curl=0.4, muzzle=0.21),
    (Coat.of("#3c3028 #aa7a4c #ba9264 #b28456 #5e4c40 #503e30 #46362c #aa8258"),),
    (coats.saddle(rgb("#2e2826")),),
    stances=_DOG_STANCES, facing_camera=0.28,
)
HOUND = Species(
    replace(_DOG, ear=0.16, ear_shape="floppy", tail_width=0.05, tail_angle=0.9, tail_curl=-0.3, shag=0.0),
    (Coat.of("#e2dcd2 #eae6de #eeece6 #eae6e0 #ece6de #7c4e30 #e0d8cc #ece8e2"),
        Coat.of("#38302c #403630 #504034 #6e523a #806042 #322a28 #362e2a #74583e"),
        Coat.of("#cea060 #d6ac6e #e4c692 #dab47a #debc88 #b2824c #d0a466 #debe8c")),
    (coats.patches(rgb("#825434"), 1, 3, 0.2),),
    stances=_DOG_STANCES, facing_camera=0.28,
)
MONGREL = Species(
    replace(_DOG, leg=0.5, hip=0.5, tail_curl=-0.9),
    (Coat.of("#242224 #2c2a2c #3a3634 #2e2b2c #46403c #222022 #282628 #3c3632"),
        Coat.of("#ac7642 #ba8650 #d6b080 #c0905c #cca474 #96663c #bc8a56 #cca472")),
    stances=_DOG_STANCES, facing_camera=0.28,
)

_DEER_STANCES = {"stand": 4, "walk": 3, "graze": 3, "lie": 1}
_DEER = Build(leg=0.8, hip=0.82, chest=0.42, loin=0.35, croup=0.4, limb=0.16, shank=0.05, foot=0.05,
    neck=0.48, neck_width=0.17, neck_angle=1.0, head=0.22, head_depth=0.19, muzzle=0.17, muzzle_depth=0.09,
    face=0.72, ear=0.2, ear_shape="leaf", tail=0.06, tail_width=0.05, hoofed=True)
ROE = Species(
    _DEER,
    (Coat.of("#8e6244 #9a6c4c #c0a282 #966e50 #66564c #866248 #9a7050 #2c2420", rump="#e8decc"),
        Coat.of("#746454 #806e5c #9e8c78 #786656 #544a42 #6e5e50 #7e6c5c #2a2422", rump="#ece6dc")),
    headgear=(headgear.antlers(rgb("#60503e"), 0.22, 2, 0.5, 0.25),), stances=_DEER_STANCES,
        facing_camera=0.28,
)
SIKA = Species(
    replace(_DEER, leg=0.74, hip=0.75, chest=0.47, loin=0.4, croup=0.44, neck=0.46, neck_width=0.21,
        limb=0.18, shank=0.06, head=0.235, muzzle=0.19, ear=0.17, tail=0.13),
    (Coat.of("#845638 #986848 #d0b898 #9c7454 #70594a #825e46 #ac8a6a #2c2420", rump="#eee6d6"),
        Coat.of("#5c4c3e #705c4a #927e6a #6c5a4a #5c4c40 #625042 #786452 #2a2422", rump="#ece6da")),
    (coats.spots(rgb("#e6d8bc"), 0.024, 4, 9, share=0.92),),
    (headgear.antlers(rgb("#705a42"), 0.52, 3, 0.5, 0.6),),
    _DEER_STANCES,
    0.28,
)
BOAR = Species(
    Build(leg=0.48, hip=0.46, chest=0.58, loin=0.46, croup=0.42, hump=0.05, limb=0.17, shank=0.075,
        foot=0.06, neck=0.2, neck_width=0.38, neck_angle=-0.1, head=0.34, head_depth=0.32, muzzle=0.3,
        muzzle_depth=0.13, face=0.75, ear=0.15, ear_shape="pointed", tail=0.28, tail_width=0.03,
        tail_angle=-1.1, shag=0.6, hoofed=True),
    (Coat.of("#3a302a #4a3e36 #423832 #342c28 #706054 #3c322e #3c322c #201c1a", nose="#604e48"),
        Coat.of("#62503e #76624c #645444 #463a30 #86725e #58483a #5c4c3c #28221e", nose="#68544c")),
    (coats.mane(rgb("#28211e"), 0.05, 0.045),),
    (headgear.tusks(),),
    {"stand": 3, "walk": 4, "graze": 3},
    0.2,
)
# fmt: on


def _animal(*species: Species) -> Callable[[np.random.Generator], Figure]:
    return lambda rng: draw_quadruped(pick(rng, species), rng)


CLASSES: dict[str, Callable[[np.random.Generator], Figure]] = {  # in the order of the labels
    "amur leopard": _animal(LEOPARD),
    "amur tiger": _animal(TIGER),
    "birds": draw_bird,
    "black bear": _animal(BLACK_BEAR),
    "brown bear": _animal(BROWN_BEAR),
    "dog": _animal(HUSKY, SHEPHERD, HOUND, MONGREL),
    "roe deer": _animal(ROE),
    "sika deer": _animal(SIKA),
    "wild boar": _animal(BOAR),
    "people": draw_person,
}
LOOK_ALIKES = {
    "black bear": "brown bear",
    "brown bear": "black bear",
    "roe deer": "sika deer",
    "sika deer": "roe deer",
    "amur leopard": "amur tiger",
    "amur tiger": "amur leopard",
    "wild boar": "black bear",
}


def draw(class_name: str, rng: np.random.Generator) -> np.ndarray:
    """One photograph of the class, sides of 96 to 144 pixels, uint8 RGB."""
    figure = CLASSES[class_name](rng)
    low, high = figure.box()
    wide = (high[0] - low[0]) / (high[1] - low[1])  # a crop follows the animal's shape, within limits
    side, aspect = rng.uniform(100, 136), wide**0.35 * rng.uniform(0.9, 1.1)
    width, height = np.clip(np.rint((side * aspect**0.5, side / aspect**0.5)), 96, 144).astype(int)
    return photograph(figure, rng, int(height), int(width))
