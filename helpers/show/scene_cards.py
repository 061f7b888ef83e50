"""Scenes on a page: large pictures side by side, below each other on a phone."""

from dataclasses import dataclass
from html import escape

from helpers.show.display import Card, Gallery, gallery_html

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
