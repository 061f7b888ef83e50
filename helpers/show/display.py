"""What a notebook shows: pictures, tables, readings, notes and galleries, as escaped HTML.

JupyterLab and the finished page get the same HTML. In JupyterLab each output brings its style with it; in a
page the shared `items.css` does that, so a headless run leaves the style out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from helpers.show.encode import photo_source
from helpers.show.item import Item
from helpers.show.picture import Picture
from helpers.show.scatter3d import Scatter3D
from helpers.show.table import Table, format_value, whole_sizes

__all__ = ["Banner", "Card", "Gallery", "Note", "Photo", "Picture", "Reading", "Scatter3D", "Table", "show"]

THUMBNAIL = 128  # CSS pixels; smaller images are enlarged to about twice this for sharp screens


@dataclass(frozen=True, repr=False)
class Reading(Item):
    """A sentence or two computed from results, set off from the prose that was written beforehand."""

    sentence: str

    def html(self) -> str:
        return _callout("reading", "Reading", self.sentence)

    def text(self) -> str:
        return self.sentence


@dataclass(frozen=True, repr=False)
class Note(Item):
    """A remark beside the argument: a caveat, a definition, a hint on how to read what follows."""

    sentence: str
    title: str = "Note"

    def html(self) -> str:
        return _callout("note", self.title, self.sentence)

    def text(self) -> str:
        return f"{self.title}: {self.sentence}"


@dataclass(frozen=True, repr=False)
class Banner(Item):
    """What a reader must know before anything else, for instance that the images are drawn."""

    sentence: str

    def html(self) -> str:
        return f'<div class="ic ic-banner"><p>{escape(self.sentence)}</p></div>'

    def text(self) -> str:
        return self.sentence


@dataclass(frozen=True, repr=False)
class Photo(Item):
    """One small image, (h, w, 3) uint8 RGB, in a card or a table cell. `label` is set below it."""

    image: np.ndarray
    alt: str
    label: str = ""

    def html(self, least_width: int = 2 * THUMBNAIL, style: str = "") -> str:
        source = photo_source(self.image, least_width=least_width)
        label = f"<span>{unbroken(escape(self.label))}</span>" if self.label else ""
        # The width counts where the style is taken away: in a notebook that its reader has not trusted yet.
        image = f'<img src="{source}" alt="{escape(self.alt)}" width="{THUMBNAIL}"{style}>'
        return f'<span class="ic-photo">{image}{label}</span>'

    def text(self) -> str:
        return self.alt


@dataclass(frozen=True, repr=False)
class Card(Item):
    """One case in a gallery: images side by side, facts as a list of definitions, a paragraph."""

    photos: Sequence[Photo]
    title: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    paragraph: str = ""

    def html(self) -> str:
        parts = (
            f'<p class="ic-card-title">{escape(self.title)}</p>' if self.title else "",
            f'<div class="ic-photos">{"".join(photo.html() for photo in self.photos)}</div>',
            self.facts_html(),
            f"<p>{escape(self.paragraph)}</p>" if self.paragraph else "",
        )
        return f'<li class="ic-card">{"".join(parts)}</li>'

    def facts_html(self, style: str = "") -> str:
        """The facts as a list of definitions; nothing where there are none."""
        facts = "".join(
            f"<div><dt>{escape(k)}</dt><dd>{escape(format_value(v))}</dd></div>" for k, v in self.facts.items()
        )
        return f"<dl{style}>{facts}</dl>" if facts else ""

    def text(self) -> str:
        facts = (f"{name}: {format_value(value)}" for name, value in self.facts.items())
        return " · ".join([self.title or self.photos[0].alt, *facts])


@dataclass(frozen=True, repr=False)
class Gallery(Item):
    """Cards in a grid that fits any width. A card may be given as (image, alt, caption lines)."""

    cards: Sequence[Card | tuple[np.ndarray, str, Sequence[str]]]
    caption: str = ""

    def html(self) -> str:
        cards = [_as_card(card) for card in self.cards]
        return gallery_html(cards, self.caption, " ic-wide" if any(len(card.photos) > 1 for card in cards) else "")

    def text(self) -> str:
        return "\n".join([*(_as_card(card).text() for card in self.cards), self.caption]).strip()


def gallery_html(cards: Sequence[Card], caption: str, kind: str = "", style: str = "") -> str:
    """Cards and their caption; `kind` and `style` are put into the tags of the gallery and of its list."""
    items = "".join(card.html() for card in cards)
    below = f'<p class="ic-caption">{escape(caption)}</p>' if caption else ""
    return f'<div class="ic ic-gallery{kind}"><ul{style}>{items}</ul>{below}</div>'


def show(*items: Item | str | Sequence[str]) -> None:
    """Display the items in order. Plain text, and each text of a list of texts, becomes a `Reading`."""
    from IPython.display import display

    for item in items:
        for part in item if isinstance(item, (list, tuple)) else [item]:
            display(Reading(part) if isinstance(part, str) else part)


def to_html(item: Item | str) -> str:
    """The escaped HTML of one item."""
    return Reading(item).html() if isinstance(item, str) else item.html()


def _callout(kind: str, title: str, sentence: str) -> str:
    return f'<div class="ic ic-callout ic-{kind}"><p><b>{escape(title)}</b> {unbroken(escape(sentence))}</p></div>'


def unbroken(text: str) -> str:
    """Keeps a number and its sign ("5 %", "× 5"), and a comparison such as "p < 0.05", on one line."""
    text = re.sub(r"(?<=\d) %", "\u00a0%", text)
    text = re.sub(r"(?<!\d )× (?=\d)", "×\u00a0", text)
    return whole_sizes(re.sub(r"\bp (=|&lt;) (?=\d)", "p\u00a0\\1\u00a0", text))


def _as_card(card: Card | tuple[np.ndarray, str, Sequence[str]]) -> Card:
    if isinstance(card, Card):
        return card
    image, alt, lines = card
    return Card([Photo(image, alt, "\n".join(lines))])
