"""Scenes on a page: large pictures side by side, below each other on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from helpers.plots.scenes import colour_mask, confidence_map, error_map, overlay, shrunk
from helpers.report.display import Photo
from helpers.report.encode import photo_source
from helpers.report.table import format_value

COLUMNS = "grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); grid-auto-flow: row"


@dataclass(frozen=True)
class SceneCard:
    """One scene: photos up to 480 pixels wide, two or more in a row where there is room, facts, a paragraph."""

    photos: Sequence[Photo]
    title: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    paragraph: str = ""

    def html(self) -> str:
        rows = "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(format_value(value))}</dd></div>"
            for name, value in self.facts.items()
        )
        facts = f'<dl style="margin: 0">{rows}</dl>' if rows else ""
        photos = "".join(_photo_html(photo) for photo in self.photos)
        parts = (
            f'<p class="ic-card-title">{escape(self.title)}</p>' if self.title else "",
            f'<div class="ic-photos" style="max-width: none; {COLUMNS}">{photos}{facts}</div>',
            f'<p style="max-width: 44rem">{escape(self.paragraph)}</p>' if self.paragraph else "",
        )
        return f'<li class="ic-card">{"".join(parts)}</li>'

    def text(self) -> str:
        named = [f"{name}: {format_value(value)}" for name, value in self.facts.items()]
        return " · ".join([self.title or self.photos[0].alt, *named, *filter(None, [self.paragraph])])


@dataclass(frozen=True)
class SceneGallery:
    """Scenes below each other, each as wide as the page allows."""

    cards: Sequence[SceneCard]
    caption: str = ""

    def html(self) -> str:
        items = "".join(card.html() for card in self.cards)
        caption = f'<p class="ic-caption">{escape(self.caption)}</p>' if self.caption else ""
        columns = 'style="grid-template-columns: minmax(0, 1fr)"'
        return f'<div class="ic ic-gallery ic-wide"><ul {columns}>{items}</ul>{caption}</div>'

    def text(self) -> str:
        return "\n".join([*(card.text() for card in self.cards), self.caption]).strip()


def _photo_html(photo: Photo) -> str:
    label = f"<span>{escape(photo.label)}</span>" if photo.label else ""
    image = f'<img src="{photo_source(photo.image)}" alt="{escape(photo.alt)}" style="max-width: 100%">'
    return f'<span class="ic-photo">{image}{label}</span>'


def truth_photos(image: np.ndarray, label: np.ndarray, colours: np.ndarray, name: str) -> list[Photo]:
    """An image, its mask, and the one over the other. `name` says which scene it is."""
    image, label = shrunk(image), shrunk(label)
    return [
        Photo(image, f"Scene {name}", "image"),
        Photo(colour_mask(label, colours), f"Mask of {name}, a colour for each class", "mask (truth)"),
        Photo(overlay(image, label, colours), f"Scene {name} with its mask laid over it", "overlay"),
    ]


def result_photos(
    image: np.ndarray,
    label: np.ndarray,
    prediction: np.ndarray,
    confidence: np.ndarray,
    colours: np.ndarray,
    name: str,
) -> list[Photo]:
    """Image, truth, prediction, errors and confidence of one scene, all at the size of a page."""
    image, label, prediction = shrunk(image), shrunk(label), shrunk(prediction)
    confidence = shrunk(confidence.astype(np.float32))
    return [
        Photo(image, f"Scene {name}", "image"),
        Photo(overlay(image, label, colours), f"Truth laid over {name}", "truth"),
        Photo(overlay(image, prediction, colours), f"Prediction laid over {name}", "prediction"),
        Photo(error_map(label, prediction, image), f"Error map of {name}: wrong pixels are orange", "errors"),
        Photo(confidence_map(confidence), f"Confidence map of {name}: dark is unsure", "confidence"),
    ]
