"""Whether a sentence that was put together from numbers can stand on a page, whatever the numbers are."""

import re
from collections.abc import Iterable

REGULAR = (
    "scene", "image", "pixel", "sequence", "epoch", "pair", "confusion", "network", "model", "mosaic", "tile",
    "seed", "mistake", "point", "file", "group", "threshold", "neighbour", "prediction", "trial", "region",
    "segment", "sheet", "vote", "change", "camera", "reason", "question", "rule", "colour",
)  # fmt: skip
PLURALS = {name: name + "s" for name in REGULAR}
PLURALS |= {"class": "classes", "patch": "patches", "remedy": "remedies", "copy": "copies"}
ONE = r"(?<![\w.,–−%-])(?:1|one|One)"
MANY = r"(?<![\w.,–−-])(?:0|[2-9]|[1-9][\d,]*\d|no|two|three|four|five|six|seven|eight|nine|ten)"
NUMBER = r"[+−-]?\d[\d.,]*\d(?: ?%)?|\d(?: ?%)?"
AFTER = "".join(rf"(?<!\b{word} )" for word in ("of", "over", "in", "from", "to", "with", "than", "for", "by"))
TWICE_RIGHT = {"that", "had"}

FAULTS = {
    "what is not known is told as a number": r"\b(?:nan|NaN|inf|None(?! of\b)|unknown|True|False)\b",
    "a share of nothing": rf"\b(?:[Nn]one|0|no) of (?:0|no|none)\b|\bof 0 (?:{'|'.join(PLURALS.values())})\b",
    "a list of nothing": r"“”|''|\(\s*\)|\[\s*\]|: \.(?!/)|"
    r"(?<!taken )\b(?:for|with|of|by|and|or|under)[.,;:](?:\s|$)",
    "a gap": r"  | [.,;:!?)](?:\s|$)|\( |^\s|\s$",
    "two marks": r"[.,;:]{2}(?!\.)|\.\s*[,;]|\?\.|!\.",
    "a hyphen for a minus": r"(?<![\w–.])-\d",
    "a zero with a sign": r"[+−]0\.?0*(?![\d.])",
    "a number and the same again": rf"(?<![\d.,+−-])({NUMBER})(?: \w+)? (?:instead of|to|and not) \1(?![\d.,]*\d)",
    "Markdown": r"`|\*\*|\]\(|(?:^|\s)#+ ",
    "Python": r"\b(?:dict|list|array|tuple|object)\(|[{}]|<class",
    "a p of zero": r"p = 0\.0+(?!\d)",
    "a plural of one": rf"{ONE} (?:[a-z]+ )?(?:{'|'.join(PLURALS.values())})\b",
    "a singular of many": rf"(?!no){MANY} (?:{'|'.join(PLURALS)})\b(?! (?:{'|'.join(PLURALS.values())})\b)",
    "one that are": rf"{ONE} (?:{'|'.join(PLURALS)}) (?:are|have|were|come|do|lie|show|make|lose)\b",
    "many that is": rf"{AFTER}{MANY} (?:{'|'.join(PLURALS.values())}) (?:is|has|was|lies|shows|makes|loses)\b",
    "one times": r"(?<![\d.,])1(?:\.0)? times\b",
    "an untrue article": r"\ba [aeio]\w*\b(?<!a one)(?<!a once)|\ban [bcdfgjklmnpqrstvwxyz]\w+",
}  # fmt: skip


def faults(text: str) -> list[str]:
    """What is wrong with a text of one or several sentences, each with the words that show it."""
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    plain = re.sub(r"“[^”]+”", "“x”", text)  # names of classes and files are not the sentence's own
    found = [
        f"{what}: “{match[0].strip() or match[0]}”"
        for what, pattern in FAULTS.items()
        for match in [re.search(pattern, plain)]
        if match
    ]
    twice = [
        one[1]
        for one in re.finditer(r"\b([a-z]+) \1\b", plain, re.IGNORECASE)
        if one[1].lower() not in TWICE_RIGHT
    ]
    found += [f"a word twice: “{word}”" for word in twice]
    found += [f"not as many “{a}” as “{b}”" for a, b in ("()", "[]", "“”") if text.count(a) != text.count(b)]
    if not re.match(r"[A-Z0-9“+−(]", text) or not re.search(r"[.!?:”)]$", text):
        found.append("it does not begin or end as a sentence does")
    if starts := re.search(r"(?<!\be\.g)(?<!\bi\.e)[.!?] [a-z]", plain):
        found.append(f"a sentence begins small: “{starts[0]}”")
    return found


def assert_sound(*texts: str | Iterable[str]) -> None:
    """Raises AssertionError that names what is wrong with the first unsound text, and the text.

    A text is what a reading returns: a sentence, a paragraph, or a list of these.
    """
    for text in texts:
        for one in [text] if isinstance(text, str) else text:
            wrong = faults(one)
            assert not wrong, f"{'; '.join(wrong)}\nin: {one}"
