"""Pages, index and result files: complete, self-contained, deterministic, honest about failure."""

import json
import re

import nbformat
import numpy as np
import pytest
import report_example as example
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from page_check import check_page, check_report

from helpers.base.errors import CourseError
from helpers.show.results import write_results
from helpers.study.chapters import chapter_called
from runner.pages.cells import course_errors
from runner.pages.index import build_index, duration, refresh_navigation
from runner.pages.markdown import Headings, markdown_html, mathml
from runner.pages.page import ChapterLink, Page, install_assets
from runner.pages.render import page_html, render_chapter
from runner.pages.results import headline_rows, headline_tables, read_all_results, read_timings

PAGE = Page("s", "Study", "02_cnn_from_scratch", "A CNN", facts=example.FACTS)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_whole_report_is_complete_and_self_contained(report):
    assert len(list(report.rglob("*.html"))) == 5
    assert check_report(report) == {}


def test_a_page_has_its_parts(report):
    html = (report / example.STUDY / "02_cnn_from_scratch.html").read_text()
    assert html.startswith("<!DOCTYPE html>") and '<html lang="en-GB">' in html
    assert len(re.findall(r"<h1", html)) == 1
    assert "<math" in html and "$" not in text_of(html)
    assert '<a href="#the-network">The network</a>' in html
    assert re.search(r'<a [^>]*rel="prev"', html) and html.count('href="01_data.html"') == 2
    assert "03_fine_tuning.html" in html and "05_feature_distances.html" not in html
    assert "Sample data" in html and "0123abc" in html
    assert "alert(" in html and '<script>alert("x")' not in html
    assert "\x1b" not in html and "epoch  1/10" not in html
    assert html.count('<details class="code">') == 3 and "plotly.min.js" in html


def test_code_to_be_read_is_open_and_what_it_draws_has_the_name_of_its_heading():
    drawn = new_output("display_data", {"image/png": "aGVsbG8="})
    own = new_output("display_data", {"image/png": "aGVsbG8="}, metadata={"alt": "A falling line"})
    cells = [
        new_markdown_cell("## By hand: a falling *line*"),
        new_code_cell("plt.show()", outputs=[drawn, own], execution_count=1, metadata={"tags": ["by-hand"]}),
        new_code_cell("show(line)", outputs=[], execution_count=2),
    ]
    html = page_html(new_notebook(cells=cells), PAGE)
    assert html.count('<details class="code" open') == 1 and html.count('<details class="code">') == 1
    assert 'alt="What the code above draws: By hand: a falling line"' in html and 'alt="A falling line"' in html


def test_a_page_of_real_data_has_no_banner(report):
    html = (report / "scenes" / "01_data.html").read_text()
    assert '<aside aria-label="Sample data"' not in html and 'class="sample"' not in html


def test_the_same_notebook_gives_the_same_bytes():
    notebook = example.good_notebook()
    assert page_html(notebook, PAGE) == page_html(notebook, PAGE)


def test_the_parameters_name_the_study_and_no_file_of_the_machine():
    given = new_code_cell('study = "wildlife"  # which\nsize = 3', metadata={"tags": ["parameters"]})
    injected = new_code_cell(
        '# Parameters\nstudy = "/home/me/runs/pets/study.yaml"', metadata={"tags": ["injected-parameters"]}
    )
    html = page_html(new_notebook(cells=[given, injected]), Page("pets", "Pets", "01_data", "The data"))
    assert "/home/me" not in html and '>"pets"<' in html and "wildlife" not in html


def test_failed_chapter_shows_the_sentence_and_marks_cells():
    html = page_html(example.failed_notebook(), PAGE)
    assert '<p class="sentence">No &lt;images&gt; in data/x: put some there.</p>' in html
    assert html.index('class="sentence"') < html.index("It ran this far")
    assert html.count("This cell failed.") == 1 and html.count("Not run:") == 1
    assert "papermill says" not in html
    assert 'href="#cell.2"' in html and 'id="cell.2"' in html


def test_other_errors_are_named():
    html = page_html(example.failed_notebook("KeyError", "'x'"), PAGE)
    assert "<p class=\"sentence\">KeyError: 'x'</p>" in html


def test_errors_derived_from_ours_are_known():
    assert "CourseError" in course_errors() and "ValueError" not in course_errors()


def test_a_chapter_cut_off_without_an_error_output():
    cells = [new_code_cell("a", execution_count=1), new_code_cell("b"), new_code_cell("c")]
    page = Page("s", "Study", "x", "X", error="The kernel died: the machine ran out of memory.")
    html = page_html(new_notebook(cells=cells), page)
    assert "ran out of memory" in html
    assert html.index("This cell failed.") > html.index('id="cell.2"')
    assert html.count("Not run:") == 1


def test_raw_pictures_widgets_and_scripts_of_others():
    picture = new_output("display_data", data={"image/png": "aGk=\n"}, metadata={"alt": 'a "b"'})
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "Widget()"}
    carried = "<style data-course>.ic {}</style><script data-course>1</script><p>kept</p>"
    outputs = [
        picture,
        new_output("display_data", data=widget),
        new_output("display_data", data={"text/html": carried}),
        new_output("display_data", data={"application/javascript": "alert(1)"}),
        new_output("execute_result", data={"text/plain": "<b>3</b>"}, execution_count=1),
    ]
    html = page_html(new_notebook(cells=[new_code_cell("x", execution_count=1, outputs=outputs)]), PAGE)
    assert "data:image/png;base64,aGk=" in html and "alt='a \"b\"'" in html
    assert "Widget()" not in html and "alert(1)" not in html and "data-course" not in html
    assert "<p>kept</p>" in html and "&lt;b&gt;3&lt;/b&gt;" in html


def test_headings_get_anchors_of_their_own():
    contents = Headings()
    html = markdown_html("# Main\n\n## Data & *more*\n\n## Data & more\n\n## 鹿 `x<y`", contents)
    assert [heading.anchor for heading in contents.headings] == ["main-2", "data-more", "data-more-2", "鹿-x-y"]
    assert contents.headings[1].text == "Data & more"
    assert 'id="data-more-2"' in html


def test_formulas_become_mathml_and_a_broken_one_stays():
    assert "<mfrac>" in mathml(r"\frac{a}{b}")
    assert mathml(r"\frac{") == r"<code>\frac{</code>"
    html = markdown_html("costs \\$5 and $a<b$:\n\n$$x^2$$", Headings())
    assert "$5" in html and html.count("<math") == 2 and 'display="block"' in html


def test_page_too_large_is_reported(tmp_path, caplog):
    big = new_output("display_data", data={"text/html": f"<p>{'x' * 5_100_000}</p>"})
    path = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("x", execution_count=1, outputs=[big])]), path)
    render_chapter(path, tmp_path / "r" / "s" / "n.html", PAGE)
    assert "5.1 MB" in caplog.text


@pytest.mark.parametrize(
    ("html", "problem"),
    [('<img src="https://a.b/c.png" alt="x">', "outside"), ('<script src="//a.b/c.js"></script>', "outside"),
     ('<link href="http://a.b/c.css">', "outside"), ("<style>@import 'https://a.b';</style>", "outside"),
     ('<p style="background: url(http://a.b)">', "outside"), ('<img src="data:,">', "alternative"),
     ('<p id="a"></p><p id="a"></p>', "2 times"), ('<a href="none.html">x</a>', "nowhere"),
     ('<a href="../../x">x</a>', "out of the report"), ('<a href="#x">x</a>', "no such place"),
     ('<p onclick="x()">', "script in an attribute"), ('<img srcset="http://a.b/c 2x" alt="x">', "outside")],
)  # fmt: skip
def test_the_check_finds(tmp_path, html, problem):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "page.html").write_text(html)
    problems = check_page(folder / "page.html", folder)
    assert len(problems) == 1 and problem in problems[0]


def test_the_check_lets_good_pages_pass(tmp_path):
    (tmp_path / "b c.html").write_text('<h1 id="t">x</h1>')
    (tmp_path / "a.html").write_text('<a href="b%20c.html#t">x</a> <a href="https://a.b">source</a>')
    assert check_report(tmp_path) == {}


def test_index_shows_each_study(report):
    html = (report / "index.html").read_text()
    assert "wild &#39;life&#39; &amp; more &lt;b&gt;" in html
    assert html.count('class="study-card"') == 2 and html.count("Sample data") == 1
    assert "1 chapter failed" in html and "No &lt;images&gt; in data/x" in html
    assert "0.812 [0.790,\u00a00.834]" in html and "torch 2.11.0" in html and "3 min 7 s" in html
    assert "2025-03-01 14:05 UTC" in html and "9f2c51d0" in html
    assert html.count("cover.webp") == 2


def test_index_of_nothing_and_of_a_study_just_begun(tmp_path):
    assert "No study has been run yet" in build_index(tmp_path).read_text()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "status.json").write_text(
        '{"title": "New", "chapters": {"01_data": {"status": "pending"}}}'
    )
    assert "New" in build_index(tmp_path).read_text()
    assert check_report(tmp_path) == {}


def test_navigation_is_brought_up_to_date_without_touching_the_time(tmp_path):
    page = Page("s", "S", "01_data", "The data", (ChapterLink("01_data", "The data", "ok"),))
    notebook = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# The data")]), notebook)
    html = tmp_path / "reports" / "s" / "01_data.html"
    render_chapter(notebook, html, page)
    before = html.stat().st_mtime_ns
    chapters = {"01_data": {"status": "ok"}, "02_cnn_from_scratch": {"status": "ok"}}
    (html.parent / "status.json").write_text(json.dumps({"title": "S", "chapters": chapters}))
    refresh_navigation(tmp_path / "reports", "s")
    assert html.read_text().count('href="02_cnn_from_scratch.html"') == 2
    assert html.stat().st_mtime_ns == before


def test_assets_are_written_once(tmp_path):
    assets = install_assets(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in assets.iterdir()}
    install_assets(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in assets.iterdir()} == before
    assert "plotly.min.js" in before and "page.css" in before


def entry(model: str, metric: str, value: float, **bounds: float) -> dict:
    return {"model": model, "metric": metric, "value": value, **bounds}


def test_numbers_of_a_chapter_that_is_no_longer_current_are_left_out(tmp_path):
    write_results(tmp_path, "s", "02_a", {"headline": [entry("CNN", "accuracy", 0.5)]})
    write_results(tmp_path, "s", "03_b", {"headline": [entry("R", "accuracy", 0.7)]})
    status = {"chapters": {"02_a": {"status": "skipped"}, "03_b": {"status": "ok"}}}
    (tmp_path / "s" / "status.json").write_text(json.dumps(status))
    assert [row["model"] for row in headline_rows(tmp_path, "s")] == ["R"]


def test_headline_prefers_the_comparison_and_else_the_first_report(tmp_path):
    write_results(tmp_path, "s", "02_a", {"headline": [entry("CNN", "accuracy", 0.5, low=0.4, high=0.6)]})
    write_results(tmp_path, "s", "04_b", {"headline": [entry("CNN", "accuracy", 0.9), entry("R", "F1", 0.7)]})
    rows = headline_rows(tmp_path, "s")
    assert [(row["model"], row["value"], row["chapter"]) for row in rows] == [
        ("CNN", 0.5, "02_a"),
        ("R", 0.7, "04_b"),
    ]
    assert headline_tables(rows) == [
        [{"Model": "CNN", "Accuracy": "0.500 [0.400, 0.600]"}],
        [{"Model": "R", "F1": "0.700"}],
    ]
    write_results(tmp_path, "s", "06_model_comparison", {"headline": [entry("CNN", "accuracy", 0.6)]})
    write_results(tmp_path, "s", "07_c", {"headline": [entry("Net", "mean_iou", 0.3)]})
    assert [row["value"] for row in headline_rows(tmp_path, "s")] == [0.6, 0.3]


def test_results_and_timings_are_apart(tmp_path):
    path = write_results(tmp_path, "s", "02_a", {"x": np.float32(0.5), "bad": float("nan")}, {"seconds": 3})
    assert json.loads(path.read_text()).items() >= {"x": 0.5, "bad": None}.items()
    assert read_all_results(tmp_path, "s") == {"02_a": {"x": 0.5, "bad": None}}
    assert read_timings(tmp_path, "s", "02_a") == {"seconds": 3}
    (tmp_path / "s" / "status.json").write_text("{}")
    assert list(read_all_results(tmp_path, "s")) == ["02_a"]


def test_bad_results_are_refused(tmp_path):
    with pytest.raises(ValueError, match="headline"):
        write_results(tmp_path, "s", "02_a", {"headline": [{"model": "x", "value": 1}]})
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "02_a.json").write_text("{")
    with pytest.raises(CourseError, match=r"02_a\.json"):
        headline_rows(tmp_path, "s")


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (3.21, "3.2 s"), (61, "1 min 1 s"), (59.7, "1 min 0 s"), (3700, "1 h 1 min")]
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_titles():
    assert chapter_called("01_data").title == "The data"
    assert chapter_called("12_my_own").title == "My own"


@pytest.mark.parametrize("fence", ["```python\nx = 1\n```", "```\nplain\n```"])
def test_code_in_prose_can_be_reached_by_keys(fence):
    assert 'tabindex="0"' in markdown_html(fence, Headings())


def test_answers_are_behind_a_fold_and_exercises_stand_out():
    fold = "### Check yourself\n\n<details><summary>Why?</summary>\n\nBecause of $a^2$, and **so**.\n\n</details>"
    cells = [new_markdown_cell("### Exercise 3: more"), new_markdown_cell(fold), new_markdown_cell("### More")]
    html = page_html(new_notebook(cells=cells), PAGE)
    assert html.count('<div class="exercises">') == 2
    answer = re.search(r"<details><summary>Why\?</summary>(.*?)</details>", html, re.DOTALL)[1]
    assert "<math" in answer and "<strong>so</strong>" in answer
