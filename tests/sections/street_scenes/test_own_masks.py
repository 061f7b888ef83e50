"""Chapter 07 on images and masks of one's own: one set alone is no pair of sets, and no street is spoken of."""

import re

import pytest
from grammar import assert_sound
from own_masks import masks

from helpers.base.paths import ROOT
from helpers.segmentation.streets import Streets
from helpers.show.display import to_html
from helpers.study.study import Study
from runner import notebooks
from sections.errors import improvements
from sections.street_scenes import class_mix, learnt

# What is true of street scenes alone; names of modules are code, which nobody reads for its subject.
OF_STREETS = re.compile(r"\b(street|cit(y|ies)|drives?|cars?|roads?|cityscapes|indian?|idd)\b", re.IGNORECASE)
CHAPTERS = ("07_segmentation", "08_segmentation_analysis", "09_cross_domain")


@pytest.fixture
def streets(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))
    return Streets(Study.load(masks(tmp_path / "leaves", 3, count=20)))


def test_one_set_has_one_column_and_says_what_its_parts_are_for(streets):
    table = class_mix.tables.sets_table(streets).text()
    assert "train 14 (learnt from), val 2 (chooses the epoch), test 4 (scored)" in table
    assert "Home" not in table and "Licence" not in table and "None" not in table


def test_classes_are_told_of_the_parts_by_pixels_and_by_scenes(streets):
    mixes = class_mix.measured.mixes_of(streets)
    assert [mix.title for mix in mixes] == ["leaves (train)", "leaves (test)"]
    row = class_mix.tables.class_table(mixes).rows()[0]
    assert row["Pixels, leaves (test)"] == pytest.approx(6 / 16) and row["Scenes, leaves (train)"] == 1
    assert class_mix.tables.uncounted_table(streets.shown, mixes) == []
    assert class_mix.sentences.uncounted_share(mixes) == ["Every pixel has a class that counts."]
    picture = class_mix.pictures.class_shares(*mixes)
    assert "in leaves (train) and in leaves (test)" in picture.alt and to_html(picture)
    assert to_html(class_mix.pictures.class_shares(mixes[1]))
    assert_sound(class_mix.sentences.how_read(streets), class_mix.sentences.spread(*mixes))


def test_what_is_not_learnt_is_not_said_to_be_so_even_at_home(streets):
    assert learnt.unlearnt_classes({"leaf": 0.05}, is_abroad=False) == [
        "This class was not learnt, with an IoU below 0.1: “leaf” (0.050)."
    ]
    alone = improvements.tables.confusion_rule_table(is_abroad=False, is_debatable=False).text()
    assert "home" not in alone and "definition" not in alone
    assert "home" in improvements.tables.confusion_rule_table().text()


def test_no_cell_of_a_study_of_ones_own_masks_speaks_of_streets(tmp_path, streets):
    path = tmp_path / "two.yaml"
    path.write_text("segmentation: {sets: {a: {folder: leaves}, b: {folder: leaves}}, target: b}")
    for study in (streets.study, Study.load(path)):
        for name in CHAPTERS:
            notebook = notebooks.read_notebook(ROOT / "notebooks" / f"{name}.ipynb")
            for cell in notebooks.cells_of_page(notebook, study):
                if cell["cell_type"] == "markdown":
                    found = OF_STREETS.search("".join(cell["source"]))
                    assert not found, (name, found)
