"""A scatter in three dimensions that can be turned, without network; pointing at a mark shows its image."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np

from helpers.base.headless import headless
from helpers.show.encode import photo_source
from helpers.show.item import Item, read_asset
from helpers.show.style import CLASS_COLOURS

LARGEST_SPRITE = 12_000  # pixels a side; WebP itself ends at 16 383
MOST_SPRITE_PIXELS = 6_000_000  # so that the sheet stays well under the page's 5 MB
SYMBOLS = ("circle", "square", "diamond")  # plotly's other marks are hard to see in three dimensions
STATIC_INSTEAD = (
    "The picture that can be turned needs JavaScript and a screen; the static pictures show the same points."
)
_WAITING = f'<p class="ic-scatter3d-message">{STATIC_INSTEAD}</p>'


@dataclass(frozen=True, repr=False)
class Scatter3D(Item):
    """Points (n, 3), coloured by true class.

    labels, predicted: (n,) class numbers; without `predicted` only the truth is told.
    names: one file name a point. thumbnails: (n, h, w, 3) uint8 RGB, put on one sprite sheet.
    """

    points: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray | None
    classes: Sequence[str]
    names: Sequence[str]
    thumbnails: np.ndarray
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        lengths = {len(self.points), len(self.labels), len(self.names), len(self.thumbnails)}
        if self.predicted is not None:
            lengths.add(len(self.predicted))
        if len(lengths) != 1 or self.points.shape[1:] != (3,):
            raise ValueError(f"Points, labels, names and thumbnails must be equally many, not {sorted(lengths)}.")

    def html(self) -> str:
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        return (
            f'<figure class="ic ic-scatter3d"><div class="ic-scatter3d-stage">'
            f'<div class="ic-scatter3d-plot" role="group" aria-label="{escape(self.alt)}">{_WAITING}</div>'
            f'<div class="ic-scatter3d-tip" aria-hidden="true" hidden></div>'
            f'<script type="application/json">{_json_for_html(self.data())}</script>'
            f"</div>"
            f'<p class="ic-scatter3d-print">{STATIC_INSTEAD}</p>{caption}</figure>{_scripts()}'
        )

    def text(self) -> str:
        return f"[{self.alt}] {self.caption}".strip()

    def data(self) -> dict:
        """Everything the script needs; coordinates scaled to −1…1 and rounded to keep the page small."""
        sprite, columns, width, height = sprite_sheet(self.thumbnails)
        reach = float(np.abs(self.points).max(initial=0)) or 1.0
        return {
            "points": np.round(self.points.astype(np.float64) / reach, 4).tolist(),
            "labels": np.asarray(self.labels).tolist(),
            "predicted": None if self.predicted is None else np.asarray(self.predicted).tolist(),
            "classes": list(self.classes),
            "names": list(self.names),
            "colours": CLASS_COLOURS,
            "symbols": SYMBOLS,
            "sprite": {"source": sprite, "columns": columns, "width": width, "height": height},
        }


def sprite_sheet(thumbnails: np.ndarray) -> tuple[str, int, int, int]:
    """All thumbnails on one sheet: its data address, columns, and one image's width and height in pixels."""
    count, height, width = thumbnails.shape[:3]
    scale = min(1.0, math.sqrt(MOST_SPRITE_PIXELS / max(1, count * height * width)))
    width, height = max(8, int(width * scale)), max(8, int(height * scale))
    columns = max(1, min(count, LARGEST_SPRITE // width, math.ceil(math.sqrt(count))))
    sheet = np.full((max(1, -(-count // columns)) * height, columns * width, 3), 255, np.uint8)
    for number, image in enumerate(thumbnails):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + height, left : left + width] = cv2.resize(
            image, (width, height), interpolation=cv2.INTER_AREA
        )
    return photo_source(sheet, quality=70), columns, width, height


def _json_for_html(value: object) -> str:
    """JSON that no content can use to leave its script element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def _scripts() -> str:
    """In JupyterLab the scripts travel with the output; a page links to them instead."""
    if headless():
        return ""
    from plotly.offline import get_plotlyjs

    plotly = f"if (!window.Plotly) {{ {get_plotlyjs()}\n }}"
    return f"<script data-course>{plotly}</script><script data-course>{read_asset('scatter3d.js')}</script>"
