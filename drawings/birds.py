"""Birds: perched songbirds and grouse, waders and cranes, ducks on water, owls, birds of prey in flight."""

from collections.abc import Mapping

import numpy as np

from drawings.canvas import Colour, Figure, ellipse, jitter, pick, ragged, shade, smooth, tapered, turn

PLUMAGES: tuple[tuple[Colour, Colour, Colour], ...] = (  # back, breast, wing
    ((70, 66, 62), (205, 200, 188), (52, 50, 50)),
    ((120, 92, 64), (214, 190, 150), (88, 66, 46)),
    ((40, 40, 46), (52, 52, 58), (26, 26, 32)),
    ((88, 110, 134), (222, 214, 196), (60, 78, 104)),
    ((150, 146, 138), (226, 224, 216), (98, 96, 94)),
    ((92, 70, 48), (176, 90, 56), (70, 54, 40)),
    ((228, 228, 226), (240, 240, 238), (196, 196, 198)),
)
KINDS = {"perched": 4, "grouse": 2, "crane": 2, "duck": 2, "owl": 2, "soaring": 4}  # how often
_BILL, _EYE, _LEG = (196, 152, 60), (14, 12, 12), (120, 96, 72)


def draw_bird(rng: np.random.Generator, kinds: Mapping[str, float] | None = None) -> Figure:
    """One bird facing right, of one of the kinds (with weights; all of them, see `KINDS`, if None)."""
    back, breast, wing = (jitter(rng, colour, 0.15) for colour in pick(rng, PLUMAGES))
    kinds, figure = kinds or KINDS, Figure()
    shape = pick(rng, tuple(kinds), tuple(kinds.values()))
    _SHAPES[shape](figure, rng, back, breast, wing)
    return figure


def _perched(figure: Figure, rng: np.random.Generator, back: Colour, breast: Colour, wing: Colour) -> None:
    tilt = -rng.uniform(0.3, 0.9)
    bark = jitter(rng, (92, 76, 58))
    figure.fill(
        tapered([(-0.9, 0.52), (0.1, 0.5), (0.9, 0.46 + rng.normal(0, 0.1))], (0.09, 0.08, 0.06)), bark, 60
    )
    for x in (-0.06, 0.08):
        figure.fill(tapered([(x, 0.25), (x + 0.02, 0.48)], (0.04, 0.03), 2), _LEG, 90)
    figure.fill(turn(tapered([(-0.35, 0), (-0.9, 0.05)], (0.16, 0.12), 3), tilt), wing, 120)
    body = smooth([(-0.5, 0.0), (-0.2, -0.27), (0.25, -0.3), (0.5, -0.1), (0.45, 0.2), (0.1, 0.33), (-0.3, 0.2)])
    figure.fill(turn(body, tilt), back, 150)
    figure.fill(turn(ellipse((0.18, 0.16), (0.32, 0.16)), tilt), breast)
    figure.soften(0.08)
    figure.fill(
        turn(smooth([(0.2, -0.15), (0.1, 0.12), (-0.5, 0.12), (-0.75, 0.0), (-0.3, -0.16)]), tilt), wing, 190
    )
    _bird_head(figure, rng, turn(np.array([(0.48, -0.12)]), tilt)[0], 0.22, back, breast, 0.16)


def _bird_head(figure, rng, centre, radius: float, back: Colour, cheek: Colour, bill: float) -> None:
    x, y = centre
    beak = np.array(
        [
            (x + 0.8 * radius, y - 0.3 * radius),
            (x + radius + bill, y + 0.1 * radius),
            (x + 0.8 * radius, y + 0.35 * radius),
        ]
    )
    figure.fill(beak, jitter(rng, _BILL, 0.4), 220)
    figure.fill(ellipse(centre, (radius * 1.05, radius)), back, 215)
    figure.fill(ellipse((x + 0.2 * radius, y + 0.45 * radius), (0.6 * radius, 0.4 * radius)), cheek)
    figure.fill(ellipse((x + 0.4 * radius, y - 0.15 * radius), (0.14 * radius + 0.012,) * 2), _EYE)


def _grouse(figure: Figure, rng: np.random.Generator, back: Colour, breast: Colour, wing: Colour) -> None:
    for x in (-0.1, 0.12):
        figure.fill(tapered([(x, 0.25), (x + rng.normal(0.03, 0.05), 0.6)], (0.09, 0.05), 2), _LEG, 80)
    fan = [
        (-0.4, 0.0),
        *[(-0.4 - 0.6 * np.cos(a), -0.1 - 0.6 * np.sin(a)) for a in np.linspace(-0.2, rng.uniform(0.5, 1.3), 6)],
    ]
    figure.fill(np.array(fan), wing, 100)
    figure.fill(
        smooth([(-0.55, -0.05), (-0.1, -0.32), (0.4, -0.25), (0.58, 0.05), (0.3, 0.36), (-0.2, 0.36)]), back, 150
    )
    figure.fill(ellipse((0.35, 0.12), (0.25, 0.2)), breast)
    figure.soften(0.08)
    figure.fill(smooth([(0.25, -0.1), (0.0, 0.18), (-0.5, 0.12), (-0.4, -0.1)]), wing, 185)
    figure.fill(tapered([(0.45, -0.1), (0.55, -0.4), (0.6, -0.55)], (0.3, 0.18, 0.15)), back, 170)
    _bird_head(figure, rng, (0.62, -0.6), 0.13, back, jitter(rng, (170, 50, 40)), 0.1)


def _crane(figure: Figure, rng: np.random.Generator, back: Colour, breast: Colour, wing: Colour) -> None:
    pale = jitter(rng, pick(rng, ((226, 226, 224), (150, 154, 158), (196, 192, 184))))
    for x in (-0.05, 0.1):
        foot = x + rng.uniform(-0.15, 0.15)
        figure.fill(
            tapered([(x, 0.2), ((x + foot) / 2 - 0.03, 0.6), (foot, 1.05)], (0.06, 0.045, 0.04), 3),
            (60, 52, 48),
            90,
        )
    figure.fill(
        smooth([(-0.65, 0.12), (-0.2, -0.24), (0.3, -0.2), (0.48, 0.02), (0.2, 0.26), (-0.3, 0.26)]), pale, 150
    )
    figure.fill(smooth([(-0.2, -0.02), (-0.4, 0.22), (-0.85, 0.35), (-0.7, 0.05)]), wing, 180)
    lean = rng.uniform(-0.1, 0.35)
    neck = [(0.38, -0.05), (0.6, -0.4), (0.5 + lean, -0.75), (0.62 + lean, -0.95)]
    figure.fill(tapered(neck, (0.2, 0.11, 0.09, 0.09)), pale, 170)
    _bird_head(figure, rng, (0.66 + lean, -0.97), 0.1, pick(rng, (pale, (40, 38, 40))), pale, 0.3)


def _duck(figure: Figure, rng: np.random.Generator, back: Colour, breast: Colour, wing: Colour) -> None:
    head = jitter(rng, pick(rng, ((32, 84, 60), (110, 82, 58), (40, 40, 44))))
    figure.fill(ellipse((0.0, 0.34), (0.95, 0.1)), jitter(rng, (92, 110, 120)), 20)
    figure.fill(
        smooth(
            [(-0.85, -0.12), (-0.45, -0.12), (0.1, -0.22), (0.5, -0.02), (0.5, 0.25), (0.0, 0.33), (-0.55, 0.25)]
        ),
        back,
        150,
    )
    figure.fill(ellipse((0.42, 0.1), (0.2, 0.2)), breast)
    figure.soften(0.06)
    figure.fill(smooth([(0.2, -0.08), (0.05, 0.16), (-0.5, 0.12), (-0.75, -0.06), (-0.2, -0.16)]), wing, 185)
    figure.fill(tapered([(0.42, 0.0), (0.52, -0.25), (0.55, -0.4)], (0.28, 0.18, 0.2)), head, 180)
    _bird_head(figure, rng, (0.58, -0.45), 0.17, head, shade(head, 1.2), 0.17)


def _owl(figure: Figure, rng: np.random.Generator, back: Colour, breast: Colour, wing: Colour) -> None:
    figure.fill(tapered([(-0.8, 0.85), (0.8, 0.8)], (0.14, 0.1), 3), jitter(rng, (86, 70, 54)), 60)
    figure.fill(
        ragged(smooth([(-0.42, -0.1), (0, -0.5), (0.42, -0.1), (0.4, 0.5), (0, 0.85), (-0.4, 0.5)]), rng, 0.01),
        back,
        150,
    )
    figure.fill(ellipse((0, 0.25), (0.26, 0.45)), breast)
    for y in np.linspace(0.0, 0.6, 5):
        figure.fill_all(
            np.stack([ellipse((x + rng.normal(0, 0.03), y), (0.025, 0.06)) for x in (-0.14, 0.02, 0.15)]), wing
        )
    for side in (-1, 1):
        figure.fill(
            smooth([(side * 0.3, -0.1), (side * 0.48, 0.2), (side * 0.36, 0.75), (side * 0.26, 0.3)]), wing, 185
        )
    figure.fill(ellipse((0, -0.42), (0.42, 0.34)), back, 210)
    for side in (-1, 1):
        figure.fill(np.array([(side * 0.2, -0.66), (side * 0.4, -0.92), (side * 0.4, -0.55)]), back, 210)
        figure.fill(ellipse((side * 0.17, -0.42), (0.17, 0.19)), breast)
        figure.fill(ellipse((side * 0.16, -0.44), (0.085, 0.085)), (226, 170, 50), 225)
        figure.fill(ellipse((side * 0.16, -0.44), (0.045, 0.045)), _EYE)
    figure.fill(np.array([(-0.05, -0.36), (0.05, -0.36), (0.0, -0.22)]), (70, 62, 54), 230)


def _soaring(figure: Figure, rng: np.random.Generator, back: Colour, breast: Colour, wing: Colour) -> None:
    """Wings spread, seen from the side or from below."""
    beat, bank = rng.uniform(-0.6, 0.8), rng.normal(0, 0.25)
    for side, level in ((-1, 110), (1, 180)):
        root, elbow = np.array((0.0, 0.0)), np.array((side * 0.55, -0.32 * beat - 0.1))
        tip = np.array((side * 1.25, -0.8 * beat + rng.normal(0, 0.05)))
        trailing = [tip + (-side * 0.12, 0.22), elbow + (0.0, 0.38), root + (side * 0.1, 0.3)]
        outline = smooth([root + (0, -0.1), elbow, tip, *trailing], 4)
        figure.fill(turn(outline, bank), wing if side < 0 else back, level)
        for share in (0.35, 0.6, 0.85):
            feather = tapered(
                [root + share * (tip - root) + (0, 0.02), root + share * (tip - root) + (0, 0.3)], (0.04, 0.03), 2
            )
            figure.fill(turn(feather, bank), shade(wing, 0.8))
    figure.fill(
        turn(np.array([(-0.12, 0.25), (0.12, 0.25), (0.24, 0.72), (0.0, 0.66), (-0.24, 0.72)]), bank), wing, 120
    )
    figure.fill(turn(ellipse((0, 0.08), (0.16, 0.36)), bank), breast, 200)
    x, y = turn(np.array([(0.02, -0.34)]), bank)[0]
    _bird_head(figure, rng, (x, y), 0.12, pick(rng, (back, (232, 230, 224))), breast, 0.1)


_SHAPES = {
    "perched": _perched,
    "grouse": _grouse,
    "crane": _crane,
    "duck": _duck,
    "owl": _owl,
    "soaring": _soaring,
}
