"""Fish, tortoises and crocodiles: animals that the four-legged skeleton cannot be bent into."""

import numpy as np

from drawings.canvas import Figure, ellipse, jitter, pick, smooth, tapered

_SCALES = (  # back, belly
    ((70, 96, 110), (206, 210, 206)),
    ((196, 96, 44), (236, 190, 130)),
    ((96, 104, 60), (206, 200, 150)),
)


def draw_fish(rng: np.random.Generator) -> Figure:
    """One fish, facing right."""
    figure = Figure()
    back, belly = pick(rng, _SCALES)
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


def draw_tortoise(rng: np.random.Generator) -> Figure:
    """One tortoise, facing right."""
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


def draw_crocodile(rng: np.random.Generator) -> Figure:
    """One crocodile, facing right."""
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
