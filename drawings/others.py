"""Animals that none of the samples shows, for pretraining."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from drawings import coats, headgear
from drawings.canvas import generator, rgb
from drawings.cold_blooded import draw_crocodile, draw_fish, draw_tortoise
from drawings.photograph import photograph
from drawings.quadrupeds import draw_quadruped
from drawings.skeleton import Build, Coat, Species
from drawings.wildlife import BLACK_BEAR, BOAR, BROWN_BEAR, HUSKY, LEOPARD, ROE, SIKA
from drawings.write import in_parallel


def _plain(colours: str, dark: str = "#282220", **parts: str) -> Coat:
    """A coat described by the colours of its back, its side and its belly, and by what differs from them."""
    back, side, belly = colours.split()
    rest = {"leg": side, "muzzle": belly, "ear": back, "tail": back, "foot": dark} | parts
    return Coat.of(f"{back} {side} {belly}", **rest)


# Tables of proportions (see Build) and of colours.
# fmt: off
_HORSE = Build(leg=0.85, hip=0.84, chest=0.46, loin=0.4, croup=0.46, limb=0.17, shank=0.065, foot=0.07,
    neck=0.52, neck_width=0.22, neck_angle=0.8, head=0.28, head_depth=0.22, muzzle=0.24, muzzle_depth=0.13,
    face=0.62, ear=0.1, ear_shape="leaf", tail=0.6, tail_width=0.11, tail_angle=-1.2, hoofed=True)
_COW = replace(_HORSE, leg=0.62, hip=0.64, chest=0.56, loin=0.52, croup=0.5, neck=0.32, neck_angle=0.3,
    neck_width=0.3, muzzle_depth=0.17, ear=0.15, tail_width=0.04)
_CAT = Build(leg=0.56, hip=0.58, chest=0.38, loin=0.32, croup=0.38, limb=0.15, shank=0.09, foot=0.085,
    neck=0.24, neck_width=0.24, neck_angle=0.6, head=0.26, head_depth=0.24, muzzle=0.09, muzzle_depth=0.13)
_LOW = Build(leg=0.34, hip=0.34, chest=0.4, loin=0.38, croup=0.38, limb=0.14, shank=0.09, foot=0.09,
    neck=0.2, neck_width=0.24, neck_angle=0.1, head=0.26, head_depth=0.2, muzzle=0.16, muzzle_depth=0.1,
    ear=0.08, tail=0.3, tail_width=0.12, shag=0.4)
_WHITE = "#e8e6e0"

SPECIES: dict[str, Species] = {
    "zebra": Species(
        replace(_HORSE, leg=0.72, hip=0.72, neck=0.42),
        (_plain("#e8e6e0 #e8e6e0 #e8e6e0", muzzle="#46403e"),),
        (coats.stripes(rgb("#1e1c1e"), 15, 0.05), coats.mane(rgb("#282626"), 0.06, 0.06)),
    ),
    "giraffe": Species(
        replace(_HORSE, leg=1.1, hip=0.95, neck=1.1, neck_angle=1.05, neck_width=0.18, head=0.2,
            head_depth=0.16, muzzle=0.17, tail_width=0.04),
        (_plain("#e2c694 #e6cea0 #ecdab6"),),
        (coats.patches(rgb("#965c2e"), 4, 6, 0.09),),
        (headgear.horns(rgb("#785432"), 0.1, 0.3),),
    ),
    "cow": Species(
        _COW,
        (_plain("#e8e6e0 #e8e6e0 #e8e6e0", muzzle="#cea094"), _plain("#965834 #a0603c #ba825c")),
        (coats.patches(rgb("#2c2626"), 2, 3, 0.2),),
        (headgear.horns(rgb("#cec4aa"), 0.18, 0.8),),
    ),
    "horse": Species(
        _HORSE,
        (_plain("#76462a #824e30 #78482e", tail="#241e1c"), _plain("#3c322e #423630 #3a302c"),
            _plain("#c4beb6 #cec8c2 #c8c4be")),
        (coats.mane(rgb("#2c2420"), 0.1, 0.07),),
    ),
    "fox": Species(
        replace(_CAT, muzzle=0.17, muzzle_depth=0.08, ear=0.19, ear_shape="pointed", tail=0.75,
            tail_width=0.2, shag=0.3),
        (_plain("#c4622c #d07038 #ece2d6", leg="#46322a"),),
    ),
    "elephant": Species(
        replace(_COW, leg=0.75, hip=0.72, chest=0.7, loin=0.68, croup=0.62, limb=0.26, shank=0.2, foot=0.15,
            head=0.4, head_depth=0.42, muzzle=0.1, muzzle_depth=0.2, ear=0.5, ear_shape="floppy", neck=0.25,
            tail=0.4),
        (_plain("#7c7876 #847f7c #76716e"),),
        headgear=(headgear.tusks(length=0.3), headgear.trunk(rgb("#7c7774"))),
    ),
    "lynx": Species(
        replace(_CAT, leg=0.66, hip=0.68, ear=0.2, ear_shape="pointed", tail=0.15, tail_width=0.1, face=1.1,
            shag=0.3),
        (_plain("#a88a68 #b89c7a #e0d6c6"),),
        (coats.spots(rgb("#6e543c"), 0.02, 5, 9),),
    ),
    "hare": Species(
        replace(_CAT, leg=0.42, hip=0.5, croup=0.5, neck=0.15, ear=0.42, ear_shape="leaf", muzzle=0.08,
            tail=0.1, tail_width=0.12, sag=-0.06),
        (_plain("#927a5e #a0886c #ded6ca"), _plain("#e2e2e4 #ececee #f0f0f0")),
        stances={"stand": 2, "lie": 3, "sit": 4, "walk": 1},
    ),
    "camel": Species(
        replace(_HORSE, leg=0.95, hip=0.93, neck=0.65, neck_angle=0.6, muzzle_depth=0.15, head=0.24,
            tail_width=0.05, shag=0.5),
        (_plain("#b08656 #be9462 #c49e70"),),
        (coats.humps(rgb("#a87e50")),),
    ),
    "badger": Species(
        _LOW,
        (_plain("#807e7a #8c8a84 #322e2e", leg="#2c2828", muzzle=_WHITE, ear=_WHITE),),
        headgear=(headgear.face_bands(rgb("#221e1e")),),
    ),
    "sheep": Species(
        replace(_COW, leg=0.5, hip=0.5, neck=0.25, limb=0.1, shank=0.06, head=0.24, head_depth=0.2,
            muzzle=0.17, shag=1.4, tail=0.15, tail_width=0.1),
        (_plain("#d8d0c0 #e2dcce #cec6b8", leg="#3c3430", muzzle="#403834"),
            _plain("#60544a #6a5e54 #5c524a")),
    ),
    "goat": Species(
        replace(_COW, leg=0.6, hip=0.6, chest=0.44, loin=0.4, croup=0.4, limb=0.12, shank=0.06, neck=0.36,
            neck_angle=0.8, neck_width=0.2, head=0.23, head_depth=0.19, muzzle=0.17, muzzle_depth=0.1,
            tail=0.12),
        (_plain("#beb6aa #ccc4b8 #d6d0c6"), _plain("#5c4e42 #706052 #403832")),
        headgear=(headgear.horns(rgb("#60564a"), 0.32, -0.6),),
    ),
    "rhinoceros": Species(
        replace(_COW, chest=0.66, loin=0.64, croup=0.6, leg=0.55, hip=0.55, limb=0.24, shank=0.18,
            foot=0.14, neck_angle=-0.05, neck_width=0.44, head=0.36, head_depth=0.32, muzzle=0.3,
            muzzle_depth=0.22, ear=0.12),
        (_plain("#807c78 #8c8782 #76726e"),),
        headgear=(headgear.nose_horn(rgb("#605a54")),),
    ),
    "cheetah": Species(
        replace(_CAT, leg=0.72, hip=0.7, loin=0.27, limb=0.12, shank=0.075, head=0.21, head_depth=0.2,
            tail=0.8),
        (_plain("#d6ac68 #e2ba78 #f0e6d2", rings="#28201c"),),
        (coats.spots(rgb("#28201c"), 0.024, 8, 16),),
    ),
    "hyena": Species(
        replace(_CAT, leg=0.72, hip=0.58, chest=0.46, muzzle=0.17, muzzle_depth=0.14, head=0.28, neck=0.34,
            ear=0.14, tail=0.3, tail_width=0.09, shag=0.4),
        (_plain("#8c765a #9c8668 #a28e72", muzzle="#3c322e"),),
        (coats.spots(rgb("#46362c"), 0.032, 5, 8),),
    ),
    "raccoon": Species(
        replace(_LOW, ear=0.12, tail=0.55, tail_width=0.16, head=0.28, face=1.2),
        (_plain("#706a62 #827c72 #928c82", muzzle=_WHITE, rings="#2a2626"),),
        headgear=(headgear.eye_mask(rgb("#242020")),),
    ),
    "moose": Species(
        replace(_HORSE, leg=1.0, hip=0.96, hump=0.08, neck=0.36, neck_angle=0.35, muzzle=0.32,
            muzzle_depth=0.18, tail=0.06, tail_width=0.05),
        (_plain("#48362a #523e30 #423228", leg="#8e7c68"),),
        headgear=(headgear.antlers(rgb("#967c58"), 0.55, 5, 0.6, 1.0),),
    ),
    "wolf": Species(
        replace(HUSKY.build, tail_angle=-0.9, tail_curl=0.2, neck_angle=0.4, leg=0.68, hip=0.67, muzzle=0.22,
            shag=0.5),
        (_plain("#5e5a54 #847c70 #b4aa9a", muzzle="#c0b6a8"), _plain("#8e8a84 #a8a49c #ccc8c0")),
    ),
    "polar bear": Species(
        replace(BROWN_BEAR.build, hump=0.02, neck=0.4, head=0.3, head_depth=0.26, muzzle=0.2, ear=0.08),
        (_plain("#dcd6c4 #e6e0d0 #d8d0bc"), _plain("#e8e6e0 #eeece6 #dedad0")),
        stances=BROWN_BEAR.stances,
    ),
    "panda": Species(
        replace(BLACK_BEAR.build, head=0.36, head_depth=0.36, muzzle=0.1),
        (_plain("#dedcd6 #e6e4de #dcdad4", leg="#242224", ear="#201e20", foot="#201e20"),),
        (coats.leg_socks(rgb("#242224"), 0.5),),
        (headgear.eye_mask(rgb("#262426")),),
        BLACK_BEAR.stances,
    ),
    "snow leopard": Species(
        replace(LEOPARD.build, tail=1.05, tail_width=0.13, shag=0.4),
        (_plain("#a8a49c #bcb8b0 #e0deda", rings="#3a3836"),),
        (coats.spots(rgb("#3c3a38"), 0.05, 5, 9, rgb("#8c8880")),),
        stances=LEOPARD.stances,
    ),
    "fallow deer": Species(
        replace(SIKA.build, leg=0.7, hip=0.7, tail=0.22, neck=0.4),
        (_plain("#b07a44 #c08c56 #ecdcc0", rump="#f0ece4"), _plain("#e0dcd2 #e8e4dc #eceae4")),
        (coats.spots(rgb("#f0e6d0"), 0.026, 3, 7),),
        (headgear.antlers(rgb("#7a684e"), 0.5, 6, 0.5, 0.9),),
        SIKA.stances,
    ),
    "antelope": Species(
        replace(ROE.build, neck=0.42, head=0.2, tail=0.18),
        (_plain("#b08450 #c09660 #f0eade", rump="#f0eade"), _plain("#7e5a3c #8e6846 #b49474")),
        (coats.stripes(rgb("#e8dcc4"), 6, 0.018, legs=False),),
        (headgear.horns(rgb("#3a322c"), 0.4, 0.2),),
        ROE.stances,
    ),
    "warthog": Species(
        replace(BOAR.build, head=0.4, muzzle_depth=0.2, hump=0.0, leg=0.52, hip=0.5, tail=0.4),
        (_plain("#7a6a5c #8a796a #7c6c60"), _plain("#94725a #a48268 #907460")),
        (coats.mane(rgb("#86603c"), 0.05, 0.09),),
        (headgear.tusks(length=0.2),),
        BOAR.stances,
    ),
}
# fmt: on


_FIGURES = {"fish": draw_fish, "tortoise": draw_tortoise, "crocodile": draw_crocodile}
IN_A_STUDY = {"horse"}  # drawn for a study as well, so that no network may have learnt it before
PRETRAINING_CLASSES: tuple[str, ...] = (*(name for name in SPECIES if name not in IN_A_STUDY), *_FIGURES)


def draw_other(class_name: str, rng: np.random.Generator, size: int) -> np.ndarray:
    """One photograph of a pretraining class, (size, size, 3) uint8 RGB."""
    species = SPECIES.get(class_name)
    figure = draw_quadruped(species, rng) if species else _FIGURES[class_name](rng)
    return cv2.resize(
        photograph(figure, rng, size * 3 // 2, size * 3 // 2), (size, size), interpolation=cv2.INTER_AREA
    )


def draw_pretraining(
    images_per_class: int, size: int, seed: int, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images to pretrain on, of classes that no sample has.

    Returns:
        images (N, size, size, 3) uint8 RGB, labels (N,) int64, class names; N is images_per_class × classes.
    """
    return collected(PRETRAINING_CLASSES, draw_other, "pretraining", images_per_class, size, seed, threads)


def collected(
    names: tuple[str, ...],
    draw_one: Callable[[str, np.random.Generator, int], np.ndarray],
    key: str,
    images_per_class: int,
    size: int,
    seed: int,
    threads: int | None,
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """As many images of each class, drawn by `draw_one(class, random numbers, size)`; see `draw_pretraining`."""
    items = [(label, number) for label in range(len(names)) for number in range(images_per_class)]
    images = np.empty((len(items), size, size, 3), np.uint8)

    def draw(row: int) -> None:
        label, number = items[row]
        images[row] = draw_one(names[label], generator(seed, key, names[label], number), size)

    in_parallel(draw, range(len(items)), threads)
    return images, np.array([label for label, _ in items], np.int64), names
