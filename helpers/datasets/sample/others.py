"""Animals that none of the samples shows, for pretraining."""

from dataclasses import replace

import cv2
import numpy as np

from helpers.datasets.sample import coats
from helpers.datasets.sample.canvas import Colour, Figure, ellipse, generator, jitter, pick, smooth, tapered
from helpers.datasets.sample.photograph import photograph
from helpers.datasets.sample.quadrupeds import Build, Coat, Species, draw_quadruped
from helpers.datasets.sample.write import in_parallel


def _plain(back: Colour, side: Colour, belly: Colour, dark: Colour = (40, 34, 32), **parts: Colour) -> Coat:
    """A coat described by its main colours."""
    rest = {"leg": side, "muzzle": belly, "ear": back, "tail": back, "foot": dark} | parts
    return Coat(back=back, side=side, belly=belly, **rest)


_HORSE = Build(
    leg=0.85,
    hip=0.84,
    chest=0.46,
    loin=0.40,
    croup=0.46,
    limb=0.17,
    shank=0.065,
    foot=0.07,
    neck=0.52,
    neck_width=0.22,
    neck_angle=0.8,
    head=0.28,
    head_depth=0.22,
    muzzle=0.24,
    muzzle_depth=0.13,
    face=0.62,
    ear=0.1,
    ear_shape="leaf",
    tail=0.6,
    tail_width=0.11,
    tail_angle=-1.2,
    hoofed=True,
)
_COW = replace(
    _HORSE,
    leg=0.62,
    hip=0.64,
    chest=0.56,
    loin=0.52,
    croup=0.5,
    neck=0.32,
    neck_angle=0.3,
    neck_width=0.3,
    muzzle_depth=0.17,
    ear=0.15,
    tail_width=0.04,
)
_CAT = Build(
    leg=0.56,
    hip=0.58,
    chest=0.38,
    loin=0.32,
    croup=0.38,
    limb=0.15,
    shank=0.09,
    foot=0.085,
    neck=0.24,
    neck_width=0.24,
    neck_angle=0.6,
    head=0.26,
    head_depth=0.24,
    muzzle=0.09,
    muzzle_depth=0.13,
)
_LOW = Build(
    leg=0.34,
    hip=0.34,
    chest=0.40,
    loin=0.38,
    croup=0.38,
    limb=0.14,
    shank=0.09,
    foot=0.09,
    neck=0.2,
    neck_width=0.24,
    neck_angle=0.1,
    head=0.26,
    head_depth=0.2,
    muzzle=0.16,
    muzzle_depth=0.1,
    ear=0.08,
    tail=0.3,
    tail_width=0.12,
    shag=0.4,
)
_WHITE = (232, 230, 224)

_SPECIES: dict[str, Species] = {
    "zebra": Species(
        replace(_HORSE, leg=0.72, hip=0.72, neck=0.42),
        (_plain(_WHITE, _WHITE, _WHITE, muzzle=(70, 64, 62)),),
        (coats.stripes((30, 28, 30), 15, 0.05), coats.mane((40, 38, 38), 0.06, 0.06)),
    ),
    "giraffe": Species(
        replace(
            _HORSE,
            leg=1.1,
            hip=0.95,
            neck=1.1,
            neck_angle=1.05,
            neck_width=0.18,
            head=0.2,
            head_depth=0.16,
            muzzle=0.17,
            tail_width=0.04,
        ),
        (_plain((226, 198, 148), (230, 206, 160), (236, 218, 182)),),
        (coats.patches((150, 92, 46), 4, 6, 0.09),),
        (coats.horns((120, 84, 50), 0.1, 0.3),),
    ),
    "cow": Species(
        _COW,
        (
            _plain(_WHITE, _WHITE, _WHITE, muzzle=(206, 160, 148)),
            _plain((150, 88, 52), (160, 96, 60), (186, 130, 92)),
        ),
        (coats.patches((44, 38, 38), 2, 3, 0.2),),
        (coats.horns((206, 196, 170), 0.18, 0.8),),
    ),
    "horse": Species(
        _HORSE,
        (
            _plain((118, 70, 42), (130, 78, 48), (120, 72, 46), tail=(36, 30, 28)),
            _plain((60, 50, 46), (66, 54, 48), (58, 48, 44)),
            _plain((196, 190, 182), (206, 200, 194), (200, 196, 190)),
        ),
        (coats.mane((44, 36, 32), 0.1, 0.07),),
    ),
    "fox": Species(
        replace(
            _CAT,
            muzzle=0.17,
            muzzle_depth=0.08,
            ear=0.19,
            ear_shape="pointed",
            tail=0.75,
            tail_width=0.2,
            shag=0.3,
        ),
        (_plain((196, 98, 44), (208, 112, 56), (236, 226, 214), leg=(70, 50, 42), foot=(44, 36, 34)),),
    ),
    "elephant": Species(
        replace(
            _COW,
            leg=0.75,
            hip=0.72,
            chest=0.7,
            loin=0.68,
            croup=0.62,
            limb=0.26,
            shank=0.2,
            foot=0.15,
            head=0.4,
            head_depth=0.42,
            muzzle=0.1,
            muzzle_depth=0.2,
            ear=0.5,
            ear_shape="floppy",
            neck=0.25,
            tail=0.4,
        ),
        (_plain((124, 120, 118), (132, 127, 124), (118, 113, 110)),),
        (),
        (coats.tusks(length=0.3), coats.trunk((124, 119, 116))),
    ),
    "lynx": Species(
        replace(
            _CAT, leg=0.66, hip=0.68, ear=0.2, ear_shape="pointed", tail=0.15, tail_width=0.1, face=1.1, shag=0.3
        ),
        (_plain((168, 138, 104), (184, 156, 122), (224, 214, 198)),),
        (coats.spots((110, 84, 60), 0.02, 5, 9),),
    ),
    "hare": Species(
        replace(
            _CAT,
            leg=0.42,
            hip=0.5,
            croup=0.5,
            neck=0.15,
            ear=0.42,
            ear_shape="leaf",
            muzzle=0.08,
            tail=0.1,
            tail_width=0.12,
            sag=-0.06,
        ),
        (
            _plain((146, 122, 94), (160, 136, 108), (222, 214, 202)),
            _plain((226, 226, 228), (236, 236, 238), (240, 240, 240)),
        ),
        stances={"stand": 2, "lie": 3, "sit": 4, "walk": 1},
    ),
    "camel": Species(
        replace(
            _HORSE,
            leg=0.95,
            hip=0.93,
            neck=0.65,
            neck_angle=0.6,
            muzzle_depth=0.15,
            head=0.24,
            tail_width=0.05,
            shag=0.5,
        ),
        (_plain((176, 134, 86), (190, 148, 98), (196, 158, 112)),),
        (coats.humps((168, 126, 80)),),
    ),
    "badger": Species(
        replace(_LOW),
        (_plain((128, 126, 122), (140, 138, 132), (50, 46, 46), leg=(44, 40, 40), muzzle=_WHITE, ear=_WHITE),),
        (),
        (coats.face_bands((34, 30, 30)),),
    ),
    "sheep": Species(
        replace(
            _COW,
            leg=0.5,
            hip=0.5,
            neck=0.25,
            limb=0.1,
            shank=0.06,
            head=0.24,
            head_depth=0.2,
            muzzle=0.17,
            shag=1.2,
            tail=0.15,
            tail_width=0.1,
        ),
        (
            _plain((216, 208, 192), (226, 220, 206), (206, 198, 184), leg=(60, 52, 48), muzzle=(64, 56, 52)),
            _plain((96, 84, 74), (106, 94, 84), (92, 82, 74)),
        ),
    ),
    "goat": Species(
        replace(
            _COW,
            leg=0.6,
            hip=0.6,
            chest=0.44,
            loin=0.4,
            croup=0.4,
            limb=0.12,
            shank=0.06,
            neck=0.36,
            neck_angle=0.8,
            neck_width=0.2,
            head=0.23,
            head_depth=0.19,
            muzzle=0.17,
            muzzle_depth=0.1,
            tail=0.12,
        ),
        (
            _plain((190, 182, 170), (204, 196, 184), (214, 208, 198)),
            _plain((92, 78, 66), (112, 96, 82), (64, 56, 50)),
        ),
        (),
        (coats.horns((96, 86, 74), 0.32, -0.6),),
    ),
    "rhinoceros": Species(
        replace(
            _COW,
            chest=0.66,
            loin=0.64,
            croup=0.6,
            leg=0.55,
            hip=0.55,
            limb=0.24,
            shank=0.18,
            foot=0.14,
            neck_angle=-0.05,
            neck_width=0.44,
            head=0.36,
            head_depth=0.32,
            muzzle=0.3,
            muzzle_depth=0.22,
            ear=0.12,
        ),
        (_plain((128, 124, 120), (140, 135, 130), (118, 114, 110)),),
        (),
        (coats.nose_horn((96, 90, 84)),),
    ),
    "cheetah": Species(
        replace(_CAT, leg=0.72, hip=0.7, loin=0.27, limb=0.12, shank=0.075, head=0.21, head_depth=0.2, tail=0.8),
        (_plain((214, 172, 104), (226, 186, 120), (240, 230, 210)),),
        (coats.spots((40, 32, 28), 0.024, 8, 16),),
    ),
    "hyena": Species(
        replace(
            _CAT,
            leg=0.72,
            hip=0.58,
            chest=0.46,
            muzzle=0.17,
            muzzle_depth=0.14,
            head=0.28,
            neck=0.34,
            ear=0.14,
            tail=0.3,
            tail_width=0.09,
            shag=0.4,
        ),
        (_plain((140, 118, 90), (156, 134, 104), (162, 142, 114), muzzle=(60, 50, 46)),),
        (coats.spots((70, 54, 44), 0.032, 5, 8),),
    ),
    "raccoon": Species(
        replace(_LOW, ear=0.12, tail=0.55, tail_width=0.16, head=0.28, face=1.2),
        (_plain((112, 106, 98), (130, 124, 114), (146, 140, 130), muzzle=_WHITE),),
        (),
        (coats.eye_mask((36, 32, 32)),),
    ),
    "moose": Species(
        replace(
            _HORSE,
            leg=1.0,
            hip=0.96,
            hump=0.08,
            neck=0.36,
            neck_angle=0.35,
            muzzle=0.32,
            muzzle_depth=0.18,
            tail=0.06,
            tail_width=0.05,
        ),
        (_plain((72, 54, 42), (82, 62, 48), (66, 50, 40), leg=(142, 124, 104)),),
        (),
        (coats.antlers((150, 124, 88), 0.55, 5, 0.6, 1.0),),
    ),
}


def _fish(rng: np.random.Generator) -> Figure:
    figure, (back, belly) = (
        Figure(),
        pick(
            rng,
            (((70, 96, 110), (206, 210, 206)), ((196, 96, 44), (236, 190, 130)), ((96, 104, 60), (206, 200, 150))),
        ),
    )
    back, belly, bend = jitter(rng, back), jitter(rng, belly), rng.normal(0, 0.12)
    figure.fill(np.array([(-0.7, bend), (-1.15, -0.35 + bend), (-1.0, bend), (-1.15, 0.35 + bend)]), back, 100)
    figure.fill(np.array([(-0.3, -0.25), (0.1, -0.62), (0.4, -0.28)]), back, 100)
    figure.fill(
        smooth([(-0.8, bend), (-0.3, -0.3), (0.4, -0.34), (0.95, 0.0), (0.4, 0.32), (-0.3, 0.26)]), back, 150
    )
    figure.fill(ellipse((0.15, 0.22), (0.65, 0.16)), belly)
    figure.soften(0.1)
    figure.fill(ellipse((0.66, -0.08), (0.07, 0.07)), (236, 226, 190), 180)
    figure.fill(ellipse((0.67, -0.08), (0.04, 0.04)), (16, 14, 14))
    figure.fill(tapered([(0.48, -0.26), (0.4, 0.0), (0.48, 0.24)], (0.03, 0.03, 0.03), 3), (40, 46, 46))
    return figure


def _tortoise(rng: np.random.Generator) -> Figure:
    figure, shell, skin = Figure(), jitter(rng, (112, 92, 52), 0.3), jitter(rng, (128, 124, 82), 0.2)
    for x in (-0.5, 0.45):
        figure.fill(tapered([(x, 0.1), (x + rng.normal(0, 0.1), 0.4)], (0.26, 0.2), 3), skin, 90)
    reach = rng.uniform(0.85, 1.15)
    figure.fill(tapered([(0.5, 0.1), (reach, -0.05 - rng.uniform(0, 0.2))], (0.24, 0.22), 3), skin, 120)
    figure.fill(ellipse((reach + 0.05, -0.14), (0.15, 0.12)), skin, 200)
    figure.fill(ellipse((reach + 0.1, -0.18), (0.025, 0.025)), (16, 14, 14))
    figure.fill(
        smooth([(-0.8, 0.18), (-0.6, -0.3), (0.0, -0.58), (0.55, -0.3), (0.75, 0.18), (0.0, 0.24)]), shell, 170
    )
    for x, y in ((-0.45, -0.1), (0.0, -0.28), (0.4, -0.1), (0.0, 0.04)):
        figure.fill(ellipse((x, y), (0.19, 0.14))[::3], jitter(rng, (176, 150, 84), 0.2))
    return figure


def _crocodile(rng: np.random.Generator) -> Figure:
    figure, skin = Figure(), jitter(rng, (84, 92, 62), 0.25)
    bend = rng.normal(0, 0.2)
    for x in (-0.35, 0.45):
        figure.fill(
            tapered([(x, 0.05), (x + 0.12, 0.22), (x + rng.normal(0.05, 0.1), 0.3)], (0.14, 0.1, 0.08)), skin, 90
        )
    spine = [(-1.6, 0.1 + bend), (-0.9, 0.08), (-0.3, 0.0), (0.4, -0.02), (0.8, -0.05)]
    figure.fill(tapered(spine, (0.04, 0.2, 0.36, 0.34, 0.22)), skin, 150)
    figure.fill(tapered([(0.7, -0.04), (1.1, 0.02), (1.5, 0.05)], (0.26, 0.17, 0.11)), skin, 180)
    figure.fill(tapered([(1.48, 0.09), (0.95, 0.11)], (0.03, 0.02), 3), (230, 224, 200))
    figure.fill(ellipse((0.85, -0.15), (0.07, 0.05)), skin, 200)
    for x in np.linspace(-1.3, 0.6, 12):
        y = -0.17 + 0.14 * (x < -0.6) + bend * max(0.0, -0.9 - x)
        figure.fill(np.array([(x - 0.06, y + 0.05), (x, y - 0.05), (x + 0.06, y + 0.05)]), skin, 140)
    return figure


_FIGURES = {"fish": _fish, "tortoise": _tortoise, "crocodile": _crocodile}
PRETRAINING_CLASSES: tuple[str, ...] = (*_SPECIES, *_FIGURES)


def draw_other(class_name: str, rng: np.random.Generator, size: int) -> np.ndarray:
    """One photograph of a pretraining class, (size, size, 3) uint8 RGB."""
    species = _SPECIES.get(class_name)
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
    names = PRETRAINING_CLASSES
    items = [(label, number) for label in range(len(names)) for number in range(images_per_class)]
    images = np.empty((len(items), size, size, 3), np.uint8)

    def draw(row: int) -> None:
        label, number = items[row]
        images[row] = draw_other(names[label], generator(seed, "pretraining", names[label], number), size)

    in_parallel(draw, range(len(items)), threads)
    return images, np.array([label for label, _ in items], np.int64), names
