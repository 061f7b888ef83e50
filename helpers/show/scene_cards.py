"""Scenes on a page: large pictures side by side, below each other on a phone."""

from dataclasses import dataclass
from html import escape

import numpy as np

from helpers.show.display import Card, Gallery, Photo, gallery_html
from helpers.show.scenes import colour_mask, confidence_map, error_map, overlay, shrunk

COLUMNS = "grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); grid-auto-flow: row"


@dataclass(frozen=True, repr=False)
class SceneCard(Card):
    """One scene: photos up to 480 pixels wide, two or more in a row where there is room, facts, a paragraph."""

    def html(self) -> str:
        facts = self.facts_html(' style="margin: 0"')
        photos = "".join(photo.html(0, ' style="max-width: 100%"') for photo in self.photos)
        parts = (
            f'<p class="ic-card-title">{escape(self.title)}</p>' if self.title else "",
            f'<div class="ic-photos" style="max-width: none; {COLUMNS}">{photos}{facts}</div>',
            f'<p style="max-width: 44rem">{escape(self.paragraph)}</p>' if self.paragraph else "",
        )
        return f'<li class="ic-card">{"".join(parts)}</li>'

    def text(self) -> str:
        return " · ".join(filter(None, [super().text(), self.paragraph]))


@dataclass(frozen=True, repr=False)
class SceneGallery(Gallery):
    """Scenes below each other, each as wide as the page allows."""

    def html(self) -> str:
        return gallery_html(self.cards, self.caption, " ic-wide", ' style="grid-template-columns: minmax(0, 1fr)"')


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
