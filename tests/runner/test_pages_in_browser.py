"""Pages in headless Chromium: accessible, quiet, self-contained, as wide as the screen.

IMAGE_COURSE_CHECK_REPORT=<folder> checks every page of a real report as well.
"""

import itertools
import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import report_example as example

playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`: playwright is missing")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="needs the extra `browser`: axe is missing"
)

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
if CHROMIUM is None:
    pytest.skip("needs Chromium on the PATH", allow_module_level=True)

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SOFTWARE_WEBGL = ["--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader"]
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
WIDTHS = [360, 390, 768, 1280]


@pytest.fixture(scope="module")
def launch():
    """Starts Chromium with further flags."""
    with playwright.sync_playwright() as driver:
        yield lambda *flags: driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="module")
def chromium(launch):
    """Chromium without WebGL: the scatter shows its sentence, and everything is quick."""
    browser = launch("--disable-3d-apis")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def chromium_3d(launch):
    """Chromium that draws WebGL in software, which takes seconds a page."""
    browser = launch(*SOFTWARE_WEBGL)
    yield browser
    browser.close()


@pytest.fixture(params=["example", "given"])
def folder(request, report):
    """The example report, then the one named in the environment."""
    if request.param == "example":
        return report
    given = os.environ.get("IMAGE_COURSE_CHECK_REPORT")
    if not given:
        pytest.skip("IMAGE_COURSE_CHECK_REPORT names no report")
    return Path(given).resolve()


class Watched:
    """A tab that remembers what the page asked for and what it complained about."""

    def __init__(self, browser, width: int = 1280, scheme: str = "light", **options):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def open(self, path: Path):
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("load")
        if self.page.locator(".ic-scatter3d-stage").count():
            self.page.wait_for_selector(".ic-scatter3d-stage[data-ready]")
        return self.page

    def strangers(self, folder: Path) -> list[str]:
        """Requests that left the folder."""
        return [url for url in self.requests if not _is_inside(url, folder)]


def _is_inside(url: str, folder: Path) -> bool:
    parts = urlsplit(url)
    if parts.scheme in ("data", "blob"):
        return True
    return parts.scheme == "file" and Path(unquote(parts.path)).resolve().is_relative_to(folder.resolve())


def _violations(page) -> list[str]:
    """What axe-core finds, without its own fetching of style sheets, which the pages forbid."""
    found = axe.Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


def test_every_page_is_accessible_quiet_alone_and_as_wide_as_the_screen(chromium, folder):
    problems = {path.name: _problems(chromium, path, folder) for path in sorted(folder.rglob("*.html"))}
    assert {name: found for name, found in problems.items() if found} == {}


def _problems(browser, path: Path, folder: Path) -> list[str]:
    with Watched(browser) as tab:
        page, found = tab.open(path), []
        for width, scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found += [f"{width} {scheme}: {violation}" for violation in _violations(page)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{needed} pixels wide on a screen of {width}")
        return found + tab.strangers(folder) + tab.complaints


def chapter(report: Path) -> Path:
    return report / example.STUDY / "02_cnn_from_scratch.html"


def test_code_is_folded_and_one_button_opens_all(chromium, report):
    with Watched(chromium) as tab:
        page = tab.open(chapter(report))
        assert page.locator("details.code[open]").count() == 0
        page.get_by_role("button", name="Show all code").click()
        assert page.locator("details.code[open]").count() == page.locator("details.code").count() > 0
        page.get_by_role("button", name="Hide all code").click()
        assert page.locator("details.code[open]").count() == 0


def test_contents_are_folded_on_a_phone_only(chromium, report):
    for width, is_open in ((390, False), (1280, True)):
        with Watched(chromium, width) as tab:
            assert tab.open(chapter(report)).locator(".contents ol.chapters").is_visible() == is_open


def test_links_lead_from_the_index_through_the_chapters_and_back(chromium, report):
    with Watched(chromium) as tab:
        page = tab.open(report / "index.html")
        page.get_by_role("link", name="The data").last.click()
        page.locator('a[rel="next"]').click()
        assert page.locator("h1").inner_text() == "A CNN from scratch"
        page.locator(".masthead a").click()
        assert page.locator("h1").inner_text() == "Image classification: studies"


def test_the_scatter_is_accessible_and_pointing_at_a_mark_shows_its_image(chromium_3d, report):
    with Watched(chromium_3d) as tab:
        page = tab.open(chapter(report))
        page.locator(".ic-scatter3d-stage").scroll_into_view_if_needed()
        page.wait_for_function("() => document.querySelector('.ic-scatter3d-plot').on !== undefined")
        assert _violations(page) + tab.strangers(report) + tab.complaints == []
        tip = page.locator(".ic-scatter3d-tip")
        _sweep_until_visible(page, tip)
        words = tip.inner_text()
        assert "true: " in words and "predicted: " in words and ".jpg" in words
        assert "data:image/webp" in tip.locator("i").evaluate("box => box.style.backgroundImage")


def _sweep_until_visible(page, tip) -> None:
    """Move the mouse over the middle of the scatter, line by line, until it meets a mark."""
    box = page.locator(".ic-scatter3d-stage").bounding_box()
    for row, column in itertools.product(range(14), range(24)):
        x, y = 0.3 + 0.4 * column / 24, 0.25 + 0.5 * row / 14
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if tip.is_visible():
            return
    page.wait_for_timeout(500)
    assert tip.is_visible(), "no mark met"


def test_without_webgl_or_scripts_a_sentence_stands_instead(chromium, report):
    for options, words in (({}, "no WebGL"), ({"java_script_enabled": False}, "needs JavaScript")):
        with Watched(chromium, **options) as tab:
            tab.page.goto(chapter(report).as_uri())
            assert tab.page.get_by_text(words).first.is_visible()
            assert tab.complaints == []
