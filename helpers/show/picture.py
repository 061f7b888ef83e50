"""What every plot function returns: a figure or a photograph, and the words that go with it."""

from dataclasses import dataclass
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import helpers.show.style  # noqa: F401  (whatever makes a picture has the course's style in force)
from helpers.show.encode import photo_source, svg_source
from helpers.show.item import Item

CSS_PIXELS_PER_INCH = 96


@dataclass(frozen=True, repr=False)
class Picture(Item):
    """A picture with its alternative text.

    figure: a matplotlib `Figure`, or pixels (H, W, 3) uint8 RGB.
    alt: what somebody who cannot see the picture needs to know; never empty.
    caption: set below the picture; plain text.
    photo: True if it consists mostly of photographs, so that it is stored as WebP instead of SVG.
    """

    figure: Figure | np.ndarray
    alt: str
    caption: str = ""
    photo: bool = False

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("A picture needs alternative text: say in `alt` what it shows.")
        if isinstance(self.figure, np.ndarray):
            _check_pixels(self.figure)

    @property
    def is_drawn(self) -> bool:
        """True if the picture consists of lines and text, which SVG keeps sharp at any size."""
        return isinstance(self.figure, Figure) and not self.photo

    def html(self) -> str:
        """A figure with its caption; one too wide for a phone scrolls inside its own box, still legible."""
        source, width = self.source()
        image = f'<img src="{source}" alt="{escape(self.alt)}" width="{width}"'
        image += f' style="min-width: min({round(0.54 * width)}px, {width}px)">'
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        kind = "ic-drawn" if self.is_drawn else "ic-photograph"
        box = f'<div class="ic-scroll ic-plate" role="group" tabindex="0" aria-label="Picture">{image}</div>'
        return f'<figure class="ic ic-figure {kind}">{box}{caption}</figure>'

    def text(self) -> str:
        return f"[{self.alt}] {self.caption}".strip()

    def source(self) -> tuple[str, int]:
        """Its data address and its natural width in CSS pixels."""
        if not isinstance(self.figure, Figure):
            return photo_source(self.figure), self.figure.shape[1]
        width = round(self.figure.get_figwidth() * CSS_PIXELS_PER_INCH)
        return svg_source(self.figure) if self.is_drawn else photo_source(self.pixels()), width

    def pixels(self, dpi: int = 160) -> np.ndarray:
        """The picture as (H, W, 3) uint8 RGB, on white; `dpi` counts for figures only."""
        if not isinstance(self.figure, Figure):
            return self.figure
        before = self.figure.dpi
        self.figure.dpi = dpi
        try:
            canvas = FigureCanvasAgg(self.figure)
            canvas.draw()
            rgba = np.asarray(canvas.buffer_rgba()).astype(np.float32)
        finally:
            self.figure.dpi = before  # its own resolution is put back
        opacity = rgba[..., 3:] / 255
        return np.rint(rgba[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)


def _check_pixels(pixels: np.ndarray) -> None:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ValueError(f"Pixels must be (H, W, 3) uint8, not {pixels.shape} {pixels.dtype}.")
