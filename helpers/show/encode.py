"""Pictures as data addresses: SVG for what is drawn, WebP for photographs, the same bytes each time."""

import base64
import io
import re

import cv2
import numpy as np
from matplotlib.figure import Figure

from helpers.base.errors import CourseError

PHOTO_QUALITY = 82
MOST_MARKS = 3000  # of one kind in a drawing: more become pixels, so that a page does not grow with the data


def svg_source(figure: Figure) -> str:
    """A figure as an SVG data address, without the date, so that equal figures give equal bytes."""
    for marks in (marks for axes in figure.axes for marks in axes.collections):
        marks.set_rasterized(len(marks.get_offsets()) > MOST_MARKS)
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return data_address("image/svg+xml", _without_preamble(file.getvalue()).encode())


def photo_source(pixels: np.ndarray, quality: int = PHOTO_QUALITY, least_width: int = 0) -> str:
    """Pixels (H, W, 3) uint8 RGB as a WebP data address.

    Images narrower than `least_width` are enlarged in whole steps without smoothing, so that a reader sees
    the pixels a network saw and not a browser's blur.
    """
    times = -(-least_width // pixels.shape[1]) if least_width > pixels.shape[1] else 1
    if times > 1:
        pixels = pixels.repeat(times, axis=0).repeat(times, axis=1)
    done, data = cv2.imencode(".webp", pixels[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not done:
        raise CourseError(f"A picture of {pixels.shape[1]} × {pixels.shape[0]} pixels cannot be stored as WebP.")
    return data_address("image/webp", data.tobytes())


def _without_preamble(svg: str) -> str:
    """From the <svg> tag on, without comments: they repeat every text, whatever characters it holds."""
    svg = svg[svg.index("<svg") :]
    return re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)


def data_address(kind: str, data: bytes) -> str:
    """The bytes as a `data:` address of the given media type."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
