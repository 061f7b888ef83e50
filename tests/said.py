"""What the finished pages of a report say of the same thing, collected to be held against each other."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bs4 import BeautifulSoup

SCORES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "mean_iou": "Mean IoU",
    "pixel_accuracy": "Pixel accuracy",
}
NUMBER = r"[+−]?\d[\d,]*(?:\.\d+)?(?: %)?"

# What a sentence says: of what (a model's title, or else the page's own), which thing, and the number.
SENTENCES = {
    r"^(?P<title>.+?) gets (?P<right>N) of (?P<images>N) test images? right, (?P<accuracy>N)": {
        "accuracy": "Accuracy", "right": "right", "images": "test images"},
    r"^(?P<title>.+?) gets (?P<pixels>N) \(.+?\) of the pixels right; its mean IoU .+? is (?P<iou>N)": {
        "pixels": "Pixel accuracy", "iou": "Mean IoU"},
    r"(?:: |\), | and )(?P<title>[^:()]+?) N \(its own last layer: (?P<accuracy>N)\)": {"accuracy": "Accuracy"},
    r"always answering “(?P<class>.+?)”, the most frequent.+?would (?:be right for|give) (?P<share>N)": {
        "class": "class that is most frequent in training", "share": "share of that class"},
    r"together hold N of all (?P<mistakes>N) mistakes": {"mistakes": "mistakes"},
    r"lies N (?:above|below) the score of the whole set, (?P<iou>N)": {"iou": "Mean IoU"},
    r"labelled pixels in (?P<scenes>N) scenes? of .+?, (?P<wrong>N) are wrong": {
        "scenes": "scenes", "wrong": "pixels wrong"},
    r"would raise mean IoU from (?P<iou>N) to": {"iou": "Mean IoU"},
    r"(?:takes accuracy from|leaves accuracy at) (?P<pixels>N)": {"pixels": "Pixel accuracy"},
    r"the best single model reaches (?P<accuracy>N)\.": {"accuracy": "best accuracy"},
    r"where this set has (?P<images>N):": {"images": "test images"},
    r"plain random split, N of (?P<images>N) test images": {"images": "test images"},
}  # fmt: skip
OF_THE_DATA = {"test images", "class that is most frequent in training", "share of that class", "best accuracy"}
FILE = re.compile(r"[\w.()-]+(?:/[\w.()-]+)+\.(?:jpg|png)\b")


class Fact(NamedTuple):
    """Something that a page says: of what, which thing, how it is written (or its very value), and where."""

    of: str
    thing: str
    said: str | float
    where: str


class Page:
    """A chapter's page and what it keeps as JSON."""

    def __init__(self, path: Path):
        self.name = path.stem
        self.html = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        kept = path.with_suffix(".json")
        self.kept = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}

    @property
    def readings(self) -> list[str]:
        """The computed sentences, as they are read."""
        texts = [box.get_text().removeprefix("Reading ") for box in self.html.select(".ic-reading")]
        return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]

    @property
    def title(self) -> str:
        """The model that the page is about, as its headline calls it; '' where it is about several."""
        titles = {entry["title"] for entry in self.kept.get("headline", ())}
        return titles.pop() if len(titles) == 1 else ""

    def tables(self) -> Iterator[list[list[str]]]:
        """Rows of cells, the heads first."""
        for table in self.html.find_all("table"):
            rows = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]
            yield [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in rows]

    @property
    def files(self) -> set[str]:
        """Image files that sentences and tables name."""
        cells = [cell for table in self.tables() for row in table for cell in row]
        return {name for text in [*self.readings, *cells] for name in FILE.findall(text)}


def all_facts(pages: Sequence[Page]) -> tuple[list[Fact], set[str]]:
    """What the pages of a study say of scores and sizes, and the patterns of `SENTENCES` that were found."""
    found, used, title = [], set(), ""
    for page in pages:  # one that tells no headline goes on with what the one before was about
        title = page.title or title
        found += _facts(page, title, used)
    return found, used


def _facts(page: Page, title: str, used: set[str]) -> Iterator[Fact]:
    for entry in page.kept.get("headline", ()):
        if thing := SCORES.get(entry["metric"]):
            yield Fact(entry["title"], thing, entry["value"], f"{page.name}.json")
    for head, *rows in page.tables():
        for row in rows:
            cells = dict(zip(head, row, strict=False))
            if head[0] == "Model":
                found = [(row[0], thing, cells[thing]) for thing in SCORES.values() if thing in cells]
            elif head[:2] in (["Score", "Value"], ["Score", "Own resolution"]):
                found = [(title, row[0], row[1])] if row[0] in SCORES.values() else []
            else:
                continue
            for of, thing, cell in found:
                if number := re.match(NUMBER, cell):
                    yield Fact(of, thing, number[0], f"{page.name}, a table")
    for text in page.readings:
        for pattern, things in SENTENCES.items():
            for match in re.finditer(re.sub(r"\bN\b", lambda _: NUMBER, pattern), text, re.IGNORECASE):
                used.add(pattern)
                of = match.groupdict().get("title") or title
                of = title if title.startswith(f"{of}, on ") else of  # a segmenter, on the scenes of a set
                for group, thing in things.items():
                    yield Fact(
                        "" if thing in OF_THE_DATA else of, thing, match[group], f"{page.name}: {text[:60]}…"
                    )


def contradictions(found: list[Fact]) -> list[str]:
    """Pairs of facts that cannot both be so, in words; and facts that do not follow from others as they should."""
    by_thing: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in found:
        by_thing[fact.of, fact.thing].append(fact)
    wrong = []
    for facts_of_it in by_thing.values():
        first = facts_of_it[0]
        wrong += [_apart(first, other) for other in facts_of_it[1:] if not agree(first.said, other.said)]
    for (of, thing), ((_, _, said, where), *_) in by_thing.items():
        expected = None
        if thing == "mistakes":
            expected = (1 - number(by_thing[of, "Accuracy"][0].said)[0]) * number(
                by_thing["", "test images"][0].said
            )[0]
        if thing == "pixels wrong" and (right := by_thing.get((of, "Pixel accuracy"))):
            expected = 1 - number(right[0].said)[0]
        if thing == "best accuracy":
            expected = max(number(one.said)[0] for one in found if one.thing == "Accuracy")
        if expected is not None and not agree(expected, said):
            wrong.append(f"{thing} of “{of}” should be {expected:g}, where {where} has {said}")
    return wrong


def _apart(one: Fact, other: Fact) -> str:
    return f"{one.thing} of “{one.of}”: {one.said} ({one.where}), but {other.said} ({other.where})"


def number(said: str | float) -> tuple[float, float]:
    """The value of a number as it is written, and half a step of its last digit; percent are parts of 1."""
    if isinstance(said, (int, float)):
        return float(said), 0.0
    digits = said.replace(",", "").replace("−", "-").removesuffix(" %")
    scale = 100 if said.endswith("%") else 1
    return float(digits) / scale, 0.5 * 10.0 ** -len(digits.partition(".")[2]) / scale


def agree(one: str | float, other: str | float) -> bool:
    """Whether two numbers, or two names, can be the same but for rounding."""
    if not all(isinstance(said, float) or re.fullmatch(NUMBER, said) for said in (one, other)):
        return one == other
    (a, step), (b, other_step) = number(one), number(other)
    return abs(a - b) <= max(step, other_step) * 1.001 + 1e-9
