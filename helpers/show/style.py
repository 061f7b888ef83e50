"""One look for every picture: colours that colour-blind readers can tell apart, text that a phone can show.

Importing this module sets matplotlib's defaults for the whole process, because matplotlib reads most of
them when a line or a label is made, not when a figure is.
"""

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

FONT = "DejaVu Sans"  # comes with matplotlib: the same everywhere; `scripts` adds others for names that it lacks
WIDTH = 5.8  # inches; on a phone (300 CSS pixels) the 11 point text is still about 8 pixels high

# Okabe and Ito's palette ("Color Universal Design", 2008) without its yellow, which is too pale on white,
# lengthened by colours of Tol's "muted" scheme (SRON/EPS/TN/09-002, 2021). Markers tell the rest.
CLASS_COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#3B3B3B", "#882255", "#8A8A1F", "#5B3FA0",
)  # fmt: skip
CLASS_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "p", "h", "8")

TRAIN, VALIDATION, TEST = CLASS_COLOURS[0], CLASS_COLOURS[1], CLASS_COLOURS[2]
PART_COLOURS = {"train": TRAIN, "val": VALIDATION, "test": TEST}

INK, MUTED, GRID = "#22252B", "#5A616E", "#D5D9E0"
SEQUENTIAL = LinearSegmentedColormap.from_list("course", ["#FFFFFF", "#9CC7E4", "#0072B2", "#062F4F"])
DIVERGING = LinearSegmentedColormap.from_list(
    "course_two", ["#B34700", "#F3C7A5", "#FFFFFF", "#9CC7E4", "#005A8F"]
)
HEAT = "inferno"  # class-activation maps

matplotlib.rcParams.update(
    {
        "font.family": FONT,
        "font.size": 11,
        "text.parse_math": False,  # names come from data: a dollar sign is a dollar sign
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 11,
        "xtick.labelsize": 10,
        "ytick.labelsize": 10,
        "legend.fontsize": 10,
        "legend.frameon": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "axes.edgecolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "lines.linewidth": 2.0,
        "lines.markersize": 5.5,
        "axes.prop_cycle": matplotlib.cycler(color=CLASS_COLOURS),
        "image.cmap": "cividis",
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "white",  # for dark pages that take the style away: notebooks not trusted yet
        "svg.fonttype": "path",  # the reader's machine need not have the font
        "svg.hashsalt": "image-course",  # ids inside an SVG do not change from run to run
    }
)


def new_figure(width: float = WIDTH, height: float = 3.6) -> Figure:
    """An empty figure (inches) in the course's style; made without pyplot, so nothing is shown twice."""
    return Figure(figsize=(width, height), layout="constrained")


def new_axes(width: float = WIDTH, height: float = 3.6) -> tuple[Figure, Axes]:
    """An empty figure with a single pair of axes."""
    figure = new_figure(width, height)
    return figure, figure.subplots()


def class_colour(number: int) -> str:
    """Colour of class `number`; repeats after ten, so draw `class_marker` with it."""
    return CLASS_COLOURS[number % len(CLASS_COLOURS)]


def class_marker(number: int) -> str:
    """Marker of class `number`: colour and marker together tell 130 classes apart."""
    return CLASS_MARKERS[number % len(CLASS_MARKERS)]


def quiet_grid(axes: Axes, axis: str = "y") -> None:
    """Light lines behind the data; `axis` is "x", "y" or "both"."""
    axes.grid(True, axis=axis)
    axes.tick_params(length=0)


def plain_numbers(*logarithmic: Axis) -> None:
    """Numbers such as 1e-03 and 200 beside logarithmic axes, where matplotlib would write powers as formulas."""
    for axis in logarithmic:
        axis.set_major_formatter(LogFormatter())
        axis.set_minor_formatter(LogFormatter())
