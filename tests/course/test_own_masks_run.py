"""Images and masks of one's own through the chapters: one set alone, and one looked at by another's network."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml
from grammar import assert_sound
from own_masks import leaves
from page_check import check_report
from said import Page

from helpers.base.paths import ROOT

SMALL = [f"segmentation.{key}" for key in ("epochs=1", "size=64", "crop=32", "batch_size=4", "crops_per_scene=1")]
CHAPTERS = {"garden": ["07", "08"], "two": ["07", "08", "09"]}
OF_STREETS = re.compile(r"\b(streets?|city|cities|drives?|cars?|roads?|cityscapes|indian?|idd)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The reports of a folder, and of a study file that adds a second one."""
    root = tmp_path_factory.mktemp("masks")
    leaves(root / "garden", 12)
    leaves(root / "field", 10, named=True)
    sets = {"here": {"folder": "garden"}, "there": {"folder": "field", "classes": ["Back-ground", "foliage"]}}
    part = {"sets": sets, "target": "there", "match": {"foliage": "garden"}}
    (root / "two.yaml").write_text(yaml.safe_dump({"title": "Two places", "segmentation": part}))
    places = {f"IMAGE_COURSE_{name.upper()}": str(root / name) for name in ("data", "runs", "reports")}
    (root / "data").mkdir()
    settings = [part for setting in SMALL for part in ("--set", setting)]
    command = [sys.executable, "-m", "runner", str(root / "garden"), str(root / "two.yaml"), "--jobs", "1"]
    done = subprocess.run(
        [*command, *settings], env=os.environ | places, cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return root / "reports"


def test_a_folder_has_two_chapters_and_a_second_set_makes_a_third(reports):
    for study, numbers in CHAPTERS.items():
        pages = sorted(path.stem[:2] for path in (reports / study).glob("*.html"))
        assert pages == numbers, study
        status = json.loads((reports / study / "status.json").read_text())
        assert {one["status"] for one in status["chapters"].values()} == {"ok"}
    assert not any(check_report(reports).values())


def test_the_pages_speak_of_what_there_is(reports):
    for study in CHAPTERS:
        for page in map(Page, sorted((reports / study).glob("*.html"))):
            assert_sound(page.readings)
            assert not [text for text in page.readings if OF_STREETS.search(text)], page.name
    (first,) = (reports / "garden").glob("07*.html")
    told = " ".join(Page(first).readings)
    assert "12 images have their masks" in told and "The masks hold 0 and 255" in told


def test_every_image_is_scored_once_and_by_a_network_that_has_not_seen_it(reports):
    found = json.loads((reports / "garden" / "07_segmentation.json").read_text())
    assert found["scenes"]["of"] == len(found["scenes"]["images"]) == found["target"]["images"]
    assert found["target"]["part"] == "test" and found["target"]["classes"] == ["background", "garden"]
