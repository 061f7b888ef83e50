"""The kinds of vehicles: side views in metres, from the lower rear corner over the roof to the front."""

from drawings.canvas import Colour, rgb
from drawings.streets.vehicles import Edge, Model


def edges(text: str) -> tuple[Edge, ...]:
    """From "along up material; …"; without a material the surface is painted."""
    parts = (edge.split() for edge in text.split(";"))
    return tuple(Edge(float(along), float(up), *material) for along, up, *material in parts)


def points(text: str) -> tuple[tuple[float, float], ...]:
    """From "along up; …"."""
    return tuple((float(along), float(up)) for along, up in (point.split() for point in text.split(";")))


def colours(text: str) -> tuple[Colour, ...]:
    """From "#rrggbb #rrggbb …"."""
    return tuple(rgb(colour) for colour in text.split())


def _box(length: float, low: float, high: float, nose: float, glass: float) -> tuple[Edge, ...]:
    """A body with an upright tail; the front leans by `nose`, above `glass` it is a windscreen."""
    half, middle = length / 2, (low + high) / 2
    rear = f"{-half} {low}; {-half} {middle} tail; {-half} {high} glass"
    return edges(f"{rear}; {half - nose} {high}; {half} {glass} glass; {half} {low} head")


CARS = colours("#222428 #3a3e44 #767a80 #a8acb0 #ced0d0 #4c5056 #2c2e34 #e2e4e4 #585452")
BRIGHT_CARS = colours("#e2e4e4 #ced0d0 #a8acb0 #3a3e44 #222428 #961e1e #b0a080")

HATCHBACK = Model(
    "car",
    outline=edges("-2 0.28; -2.02 0.95 tail; -1.7 1.42 glass; 0.35 1.46; 1.1 0.98 glass; 1.9 0.8; 2 0.28 head"),
    panes=(points("-1.5 1; -1.4 1.34; -0.55 1.38; -0.55 1"), points("-0.45 1; -0.45 1.38; 0.3 1.38; 0.85 1"),),
    width=1.75, wheels=(-1.25, 1.25), radius=0.32,
    colours=CARS,
)  # fmt: skip
SALOON = Model(
    "car",
    outline=edges(
        "-2.3 0.28; -2.3 0.95 tail; -1.65 1; -1.05 1.42 glass; "
        "0.4 1.44; 1.2 0.98 glass; 2.2 0.82; 2.3 0.28 head"
    ),
    panes=(
        points("-1.2 1.02; -0.9 1.34; -0.3 1.36; -0.3 1.02"),
        points("-0.2 1.02; -0.2 1.36; 0.35 1.36; 0.9 1.02"),
    ),
    width=1.8, wheels=(-1.4, 1.4), radius=0.32,
    colours=CARS,
)  # fmt: skip
TALL_CAR = Model(
    "car",
    outline=edges(
        "-2.2 0.32; -2.25 1.05 tail; -2.05 1.72 glass; 0.5 1.76; "
        "1.3 1.12 glass; 2.15 0.98; 2.25 0.32 head"
    ),
    panes=(
        points("-1.9 1.1; -1.85 1.62; -0.6 1.66; -0.6 1.1"),
        points("-0.5 1.1; -0.5 1.66; 0.45 1.66; 1 1.1"),
    ),
    width=1.85, wheels=(-1.4, 1.4), radius=0.36,
    colours=CARS,
)  # fmt: skip
VAN = Model(
    "car",
    outline=edges("-2.5 0.32; -2.5 1.15 tail; -2.45 1.95 glass; 1.2 1.98; 2 1.2 glass; 2.4 1.05; 2.5 0.32 head"),
    panes=(points("0.35 1.15; 0.35 1.8; 1.1 1.8; 1.65 1.15"),),
    width=1.95, wheels=(-1.6, 1.6), radius=0.34,
    colours=CARS,
)  # fmt: skip
LORRY = Model(
    "truck",
    outline=edges(
        "-3.6 0.7; -3.6 1.1 tail; -3.6 3.4 second; 1.5 3.4 second; "
        "1.5 2.7; 3.3 2.7; 3.6 1.6 glass; 3.6 0.45 head"
    ),
    panes=(points("2 1.7; 2 2.45; 3.1 2.45; 3.35 1.7"),),
    width=2.4, wheels=(-2.3, 2.6), radius=0.48,
    colours=colours("#284ea0 #345cb0 #22428c"),
    second=colours("#3460b8 #4670be #2850a0"),
    band=points("-3.6 0.95; -3.6 3.4; 1.5 3.4; 1.5 0.95"),
)  # fmt: skip
BUS = Model(
    "bus",
    outline=_box(10.5, 0.35, 3.05, 0.1, 1.25),
    panes=tuple(
        points(f"{a} 1.35; {a} 2.5; {a + 1.35} 2.5; {a + 1.35} 1.35")
        for a in (-4.9, -3.4, -1.9, -0.4, 1.1, 2.6)
    ),
    width=2.5, wheels=(-2.8, 3.2), radius=0.48,
    colours=colours("#e8b61e #e2aa1a #ecbe2c"),
    second=colours("#46484c #e2e2dc"),
    band=points("-5.25 0.5; -5.25 0.95; 5.25 0.95; 5.25 0.5"),
)  # fmt: skip
PAINTED_LORRY = Model(
    "truck",
    outline=edges(
        "-3.4 0.8; -3.4 1.2 tail; -3.4 2.5 second; 1.4 2.5 second; "
        "1.4 2.9; 2.9 2.9; 3.1 1.7 glass; 3.3 0.5 head"
    ),
    panes=(points("1.8 1.8; 1.8 2.6; 2.8 2.6; 2.95 1.8"),),
    width=2.4, wheels=(-2.1, 2.3), radius=0.5,
    colours=colours("#345cb0 #e28222 #be3c28 #2c50a0"),
    second=colours("#c47832 #3c64b4 #4670be #963c32"),
    band=points("-3.4 1.1; -3.4 2.5; 1.4 2.5; 1.4 1.1"),
)  # fmt: skip
COUNTRY_BUS = Model(
    "bus",
    outline=_box(9.5, 0.5, 3.1, 0.15, 1.5),
    panes=tuple(
        points(f"{a} 1.5; {a} 2.35; {a + 1} 2.35; {a + 1} 1.5")
        for a in (-4.4, -3.2, -2.0, -0.8, 0.4, 1.6, 2.8)
    ),
    width=2.45, wheels=(-2.6, 2.8), radius=0.5,
    colours=colours("#e8b61e #b02828 #e2aa1a #e2e2d6 #3c825a"),
    second=colours("#e2e2d6 #f0c846"),
    band=points("-4.75 0.9; -4.75 1.4; 4.75 1.4; 4.75 0.9"),
)  # fmt: skip
AUTORICKSHAW = Model(
    "autorickshaw",
    outline=edges("-1.3 0.3; -1.35 1 tail; -1.2 1.75 second; 0.5 1.8 second; 0.95 1 glass; 1.3 0.4 head"),
    panes=(points("-0.45 0.75; -0.5 1.55; 0.4 1.6; 0.65 0.75"),),
    width=1.35, wheels=(-0.85, 0.9), radius=0.24,
    colours=colours("#e2b21e #e2b21e #3c783c #d8a024"),
    second=colours("#1e1e1e #e2b21e #2c2824"),
    band=points("-1.2 1.5; -1.2 1.75; 0.5 1.8; 0.5 1.6"),
)  # fmt: skip
TRACTOR = Model(
    "vehicle fallback",
    outline=edges("-1.4 0.5; -1.4 1.1 tail; -0.2 1.1; -0.2 1.9 second; 0.2 1.9; 0.3 1.2; 1.6 1.15; 1.6 0.5 head"),
    width=1.5, wheels=(-0.9, 1.2), radius=0.6,
    colours=colours("#be2824 #3c5a96 #be3c28"),
    second=colours("#323234"),
)  # fmt: skip
