"""Do two reports say the same? `python benchmarks/compare_reports.py BEFORE AFTER`.

BEFORE and AFTER are folders of reports, as `reports/`. Of every page the text is compared, without code cells; of
result files everything. Times, versions and commits may differ. Exit status 1 where anything else does.
"""

import difflib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

SILENT = {"script", "style", "svg", "template"}
CODE = "source"  # the class of what holds the code of a cell
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {
    "p",
    "div",
    "tr",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "section",
    "figcaption",
    "details",
    "summary",
    "td",
    "th",
}
# Seconds, minutes, megabytes; dates, times of day and commits.
AMOUNT = r"\d[\d.,\u202f\u2009 ]*\s?(?:ms|s|min|h|GB|MB)\b"
VARIES = re.compile(AMOUNT + r"|\d{4}-\d\d-\d\d[T ]?[\d:]*|\b\d+:\d\d\b|\b[0-9a-f]{7,40}\b")


class Text(HTMLParser):
    """The words of a page, a line for each block; alternative texts of pictures count."""

    def __init__(self):
        super().__init__()
        self.lines, self.open, self.silent = [""], [], 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        silent = tag in SILENT or CODE in (given.get("class") or "").split()
        if tag not in VOID:
            self.open.append((tag, silent))
            self.silent += silent
        if tag in BLOCKS:
            self.lines.append("")
        if not self.silent and given.get("alt"):
            self.lines += [f"[{given['alt']}]", ""]

    def handle_endtag(self, tag):
        while self.open:
            name, silent = self.open.pop()
            self.silent -= silent
            if name == tag:
                break

    def handle_data(self, data):
        if not self.silent:
            self.lines[-1] += data


def words(page: Path) -> list[str]:
    """The lines of a page, with what may differ left out."""
    text = Text()
    text.feed(page.read_text(encoding="utf-8"))
    lines = (" ".join(VARIES.sub("…", line).split()) for line in text.lines)
    return [line for line in lines if line]


def compare(before: Path, after: Path) -> list[str]:
    """What differs, a line each."""
    found = []
    for pattern, read in (("*/*.html", words), ("*/[01]*_*.json", results), ("*/*.csv", rows)):
        names = {path.relative_to(folder) for folder in (before, after) for path in folder.glob(pattern)}
        for name in sorted(name for name in names if not name.name.endswith(".timings.json")):
            if not (before / name).exists() or not (after / name).exists():
                found.append(f"{name}: only {'after' if (after / name).exists() else 'before'}")
            elif (old := read(before / name)) != (new := read(after / name)):
                changed = difflib.unified_diff(old, new, lineterm="", n=0)
                found += [f"{name}: {line}" for line in changed if not line.startswith(("---", "+++", "@@"))]
    return found


def results(path: Path) -> list[str]:
    """A result file, line by line, without its checksum."""
    found = json.loads(path.read_text(encoding="utf-8"))
    found.pop("checksum", None)
    return json.dumps(found, indent=1, sort_keys=True).splitlines()


def rows(path: Path) -> list[str]:
    """The lines of a table."""
    return path.read_text(encoding="utf-8").splitlines()


def main() -> int:
    """Print the differences."""
    before, after = map(Path, sys.argv[1:3])
    found = compare(before, after)
    pages = len(list(before.glob("*/*.html")))
    print("\n".join(found) or "no difference", f"\n{pages} pages, {len(found)} lines that differ", sep="")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
