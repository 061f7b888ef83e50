"""Cars and lorries: the solids of the street scenes, seen from nearer, and some that drive nowhere else."""

from dataclasses import replace

import numpy as np

from drawings.canvas import Figure, pick
from drawings.streets.camera import RoadCamera
from drawings.streets.fleet import HATCHBACK, LORRY, PAINTED_LORRY, SALOON, TALL_CAR, VAN, colours, edges, points
from drawings.streets.site import Light, Site
from drawings.streets.vehicles import Model, vehicle

PAINTS = colours(
    "#a81c1c #c02020 #1c3c88 #e0e2e2 #c8cacc #26282c #54585e #8c9094 "
    "#d8b020 #24603c #7c1c28 #3c78b0 #d06020 #14161a #6c4c38"
)
SPORTS_CAR = Model(
    "car",
    outline=edges(
        "-2.1 0.25; -2.15 0.85 tail; -1.2 0.92; -0.6 1.18 glass; "
        "0.1 1.2; 0.8 0.85 glass; 1.95 0.65; 2.1 0.25 head"
    ),
    panes=(points("-0.6 0.9; -0.45 1.1; 0.1 1.12; 0.55 0.88"),),
    width=1.8, wheels=(-1.3, 1.3), radius=0.33, colours=PAINTS,
)  # fmt: skip
OLD_CAR = Model(
    "car",
    outline=edges(
        "-2 0.35; -2.05 0.9 tail; -1.5 1.5 glass; "
        "0.2 1.55; 0.6 1.05 glass; 1.8 1.0; 1.9 0.35 head"
    ),
    panes=(points("-1.3 1; -1.2 1.42; -0.45 1.45; -0.45 1"), points("-0.35 1; -0.35 1.45; 0.15 1.45; 0.4 1")),
    width=1.65, wheels=(-1.3, 1.3), radius=0.38, colours=PAINTS,
)  # fmt: skip
ARTICULATED = Model(
    "truck",
    outline=edges(
        "-6 0.9; -6 1.2 tail; -6 3.9 second; 2.6 3.9 second; "
        "2.6 3.3; 3 3.6; 4.6 3.3; 5 1.9 glass; 5.1 0.45 head"
    ),
    panes=(points("3.4 2; 3.4 2.9; 4.5 2.9; 4.75 2"),),
    width=2.5, wheels=(-5, -3.8, 2.2, 4.2), radius=0.5, colours=PAINTS,
    second=colours("#e6e6e2 #d0d2d4 #3c64a8 #b83c30 #e0b040 #5c8c5c #a8acb0"),
    band=points("-6 1.05; -6 3.9; 2.6 3.9; 2.6 1.05"),
)  # fmt: skip
TIPPER = Model(
    "truck",
    outline=edges(
        "-3.6 0.8; -3.8 1.3 tail; -3.9 2.5 second; 1.1 2.8 second; "
        "1.1 2.9; 2.7 2.9; 3 1.7 glass; 3.2 0.5 head"
    ),
    panes=(points("1.5 1.8; 1.5 2.6; 2.6 2.6; 2.8 1.8"),),
    width=2.5, wheels=(-2.6, -1.4, 2.1), radius=0.52, colours=PAINTS,
    second=colours("#d89020 #c87818 #8c8c88 #a83c28 #58605c"),
    band=points("-3.7 1.25; -3.9 2.5; 1.1 2.8; 0.9 1.25"),
)  # fmt: skip
FIRE_ENGINE = Model(
    "truck",
    outline=edges("-4 0.5; -4 1.2 tail; -4 2.9; 3.4 2.95; 3.7 1.6 glass; 3.75 0.5 head"),
    panes=(points("1.3 1.7; 1.3 2.6; 2.2 2.6; 2.2 1.7"), points("2.4 1.7; 2.4 2.6; 3.3 2.6; 3.5 1.7")),
    width=2.5, wheels=(-2.4, 2.6), radius=0.5, colours=colours("#c01c1c #b01818 #d02c20 #d8c020"),
    second=colours("#e8e8e4 #e8d040"),
    band=points("-4 1.05; -4 1.3; 3.7 1.3; 3.7 1.05"),
)  # fmt: skip
PICKUP = Model(
    "truck",
    outline=edges(
        "-2.7 0.55; -2.7 1.2 tail; -0.9 1.2; -0.8 1.85 glass; "
        "0.5 1.85; 1.1 1.25 glass; 2.6 1.15; 2.7 0.55 head"
    ),
    panes=(points("-0.6 1.25; -0.6 1.75; 0.4 1.75; 0.8 1.25"),),
    width=1.95, wheels=(-1.7, 1.8), radius=0.45, colours=PAINTS,
)  # fmt: skip
CARS = {HATCHBACK: 3, SALOON: 4, TALL_CAR: 3, VAN: 1, SPORTS_CAR: 3, OLD_CAR: 2}
LORRIES = {LORRY: 2, PAINTED_LORRY: 2, ARTICULATED: 4, TIPPER: 3, FIRE_ENGINE: 2, PICKUP: 2}


def draw_road_vehicle(rng: np.random.Generator, models: dict[Model, float]) -> Figure:
    """One vehicle seen from somewhere in front of it, behind it or beside it, in pixels of no particular scale."""
    model = pick(rng, tuple(models), tuple(models.values()))
    model = model if model is FIRE_ENGINE else replace(model, colours=PAINTS)
    ahead = rng.uniform(2.0, 4.0) * model.half_length + 2
    camera = RoadCamera(
        width=100, height=100, focal=100.0, horizon=50.0, eye=rng.uniform(0.9, 1.6) * rng.uniform(1, 2)
    )
    light = Light(*rng.uniform(0.65, 1.1, 3), 0.5)
    site = Site(camera, light, rng)
    turned = pick(
        rng, (rng.normal(0, 0.12), rng.uniform(0.3, 0.9), np.pi / 2 + rng.normal(0, 0.2)), (0.15, 0.5, 0.35)
    )
    yaw = turned * pick(rng, (-1, 1)) + pick(rng, (0.0, np.pi))
    vehicle(site, model, rng.uniform(-0.15, 0.15) * ahead, ahead, yaw)
    return _as_figure(site)


def _as_figure(site: Site) -> Figure:
    figure = Figure()
    for outlines, colour, solid in site.things[0].shapes:
        for outline in outlines:
            figure.fill(outline, colour, 150 if solid else None)
    return figure
