"""Classes, files, models, a study and a folder whose names do harm: they are shown as text, and nothing runs."""

import html
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile_course import CLASSES, FILES, MODELS, TITLE, HostileCourse, hostile_course
from page_check import check_report

CHROMIUM = next((shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")), None)


@pytest.fixture(scope="module")
def course() -> HostileCourse:
    course = hostile_course()
    assert course.status == 0, course.output[-3000:]
    return course


class Elements(HTMLParser):
    """What a page consists of beside text."""

    def __init__(self, page: str):
        super().__init__()
        self.scripts: list[dict] = []
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag == "script":
            self.scripts.append(values)
        self.sources += [values[name] for name in ("src", "href") if values.get(name)]


def test_every_chapter_runs_and_no_command_in_a_name_does(course):
    assert len(course.pages) == 5 and course.harmed() == []
    assert not check_report(course.place / "reports")


def test_a_picture_under_two_labels_is_told(course):
    told = json.loads((course.place / "reports" / "hostile" / "01_data.json").read_text(encoding="utf-8"))
    assert told["duplicates"]["label_conflicts"] == [[f"{CLASSES[0]}/{FILES[0]}", f"{CLASSES[1]}/again.png"]]


def test_pages_hold_no_script_but_the_course_s_own(course):
    for page in course.pages:
        elements = Elements(page.read_text(encoding="utf-8"))
        for script in elements.scripts:
            assert script.get("type") == "application/json" or "assets/" in script["src"], page.name
        addresses = [source for source in elements.sources if not source.startswith(("data:image/", "https://"))]
        assert all(re.fullmatch(r"[\w./%#-]*", source) or source == "data:," for source in addresses), addresses


def test_names_stand_in_the_pages_as_they_are(course):
    def text(page: str) -> str:
        return html.unescape((course.place / "reports" / page).read_text(encoding="utf-8"))

    first = text("hostile/01_data.html")
    assert all(name in first for name in CLASSES) and any(name in first for name in FILES)
    assert all(title in text("hostile/06_model_comparison.html") for title in MODELS.values())
    assert TITLE in text("index.html")


def test_results_and_terminal_tell_them_too(course):
    results = json.loads((course.place / "reports" / "hostile" / "06_model_comparison.json").read_text())
    assert {row["model"] for row in results["headline"]} <= {*MODELS, *MODELS.values()}
    assert TITLE in course.output and "\x1b" not in course.output
    table = (course.place / "reports" / "hostile" / "cnn_variants.csv").read_text()
    assert "'=1+1" in table and ",=1+1" not in table


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`: playwright is missing")
    if CHROMIUM is None:
        pytest.skip("needs Chromium on the PATH")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
        )
        yield chromium
        chromium.close()


def test_in_a_browser_no_name_runs_and_all_are_to_be_read(course, browser):
    for path in course.pages:
        text = text_of(browser, path, course.place / "reports")
        shown = {"01_data": CLASSES, "06_model_comparison": MODELS.values(), "index": [TITLE]}.get(path.stem, [])
        assert all(name in text for name in shown), path.name


def text_of(browser, path: Path, folder: Path) -> str:
    """All of a page's text; it must have asked for nothing outside, complained of nothing and run no name."""
    page = browser.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if is_strange(request.url, folder) else None)
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    assert page.evaluate("typeof window.harmed") == "undefined" and told == []
    text = page.evaluate("document.body.textContent")
    page.close()
    return text


def is_strange(url: str, folder: Path) -> bool:
    return not url.startswith(("data:", "blob:", folder.as_uri()))
